import { SuperJSON } from 'superjson';
import type { ClassRegistry } from './class-registry.js';
import { createTextWalk, temporalName, type Unstorable } from './text-walk.js';

/** Values as text and back, in superjson's format. Also for a single leaf of another format. */
export interface ValueText {
  /** `{"json":…}` or `{"json":…,"meta":…}`; an {@link Unstorable} when no text keeps the value. */
  format(value: unknown): string | Unstorable;
  /** @throws Error if superjson did not write the text, or a class or type in it is unknown here. */
  parse(text: string): unknown;
}

interface Payload {
  json: unknown;
  meta?: { values?: unknown; referentialEqualities?: Equalities; v?: number };
}
/** Path of the first place → paths of the others; for the whole value a list comes first. */
type Equalities = Record<string, string[]> | [string[], Record<string, string[]>?];
type Members = Record<string, unknown>;

/** Stands where superjson wrote `null` for an object that was written before. */
class Same {
  target: unknown;
  constructor(readonly steps: string[]) {}
}

/** superjson's path `a.b\.c` → `['a', 'b.c']`. */
function stepsOf(path: string): string[] {
  const steps: string[] = [];
  let step = '';
  for (let i = 0; i < path.length; i++)
    if (path[i] === '.') {
      steps.push(step);
      step = '';
    } else step += path[path[i] === '\\' ? ++i : i];
  return [...steps, step];
}

/** A text is untrusted: only own properties are followed, never a prototype. */
function own(object: unknown, name: string): unknown {
  if (!Object.hasOwn(object as object, name)) throw new Error('The text names a path that is not in it.');
  return (object as Members)[name];
}

/** Puts a mark where an object was left out because it was met before; `undefined` for texts that left nothing out. */
function mark(json: unknown, equalities: Equalities): Same[] | undefined {
  const marks: Same[] = [];
  const groups: [steps: string[], paths: string[]][] = [];
  const [whole, others] = Array.isArray(equalities) ? equalities : [undefined, equalities];
  if (whole) groups.push([[], whole]);
  for (const [path, paths] of Object.entries(others ?? {})) groups.push([stepsOf(path), paths]);
  const places = groups.flatMap(([steps, paths]) =>
    paths.map((path) => {
      const way = stepsOf(path);
      const last = way.pop() as string;
      return { parent: way.reduce(own, json) as Members, last, steps };
    }),
  );
  if (places.some(({ parent, last }) => own(parent, last) !== null)) return undefined;
  for (const { parent, last, steps } of places) marks.push((parent[last] = new Same(steps)));
  return marks;
}

/** Puts the objects themselves where the marks are. superjson's own way forgets those inside instances, Sets and Maps. */
function unmark(whole: unknown, marks: Same[]): void {
  const lists = new Map<object, unknown[]>();
  const listOf = (collection: Iterable<unknown>): unknown[] => {
    let list = lists.get(collection);
    if (!list) lists.set(collection, (list = [...collection]));
    return list;
  };
  for (const same of marks)
    same.target = same.steps.reduce<unknown>(
      (at, step) => own(at instanceof Set || at instanceof Map ? listOf(at) : at, step),
      whole,
    );
  const done = new Set<unknown>();
  const real = (value: unknown): unknown => {
    if (value instanceof Same) return value.target;
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || done.has(value)) return value;
    done.add(value);
    if (value instanceof Set) {
      const items = [...value];
      value.clear();
      for (const item of items) value.add(real(item));
    } else if (value instanceof Map) {
      const entries = [...value];
      value.clear();
      for (const [key, item] of entries) value.set(real(key), real(item));
    } else {
      const names = value instanceof Error ? ['cause'] : Object.keys(value);
      for (const name of names) (value as Members)[name] = real((value as Members)[name]);
    }
    return value;
  };
  real(whole);
}

function hasOwnProto(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    (Object.hasOwn(value, '__proto__') || Object.values(value).some(hasOwnProto))
  );
}

const temporalNames = [
  'Instant',
  'PlainDate',
  'PlainTime',
  'PlainDateTime',
  'PlainYearMonth',
  'PlainMonthDay',
  'ZonedDateTime',
  'Duration',
];

function createValueText(classes: ClassRegistry): ValueText {
  let instance: SuperJSON | undefined;
  let hasTemporal = false;
  const walk = createTextWalk(classes, () => {
    if (!hasTemporal) registerTemporal();
  });

  /** The library's own, so that the application's default instance stays as it is. */
  function superjson(): SuperJSON {
    if (instance) return instance;
    const made = (instance = new SuperJSON({ dedupe: true }));
    const register: Parameters<ClassRegistry['onRegister']>[0] = (constructor, identifier) => {
      // superjson ignores a second identifier of a class: a stand-in of the same prototype reads it
      const standIn = () => {};
      standIn.prototype = constructor.prototype;
      const isFirst =
        classes.identifierOf(constructor.prototype === null ? {} : Object.create(constructor.prototype)) === identifier;
      made.registerClass((isFirst ? constructor : standIn) as never, { identifier });
    };
    for (const [identifier, constructor] of classes.entries()) register(constructor, identifier);
    classes.onRegister(register);
    return made;
  }

  /** Only once one is met: superjson asks every custom type at every value. */
  function registerTemporal(): void {
    hasTemporal = true;
    for (const short of temporalNames) {
      const name = `Temporal.${short}`;
      superjson().registerCustom<object, string>(
        {
          isApplicable: (value): value is object =>
            typeof value === 'object' && value !== null && temporalName(value) === name,
          serialize: String,
          deserialize: (text) =>
            (globalThis as unknown as { Temporal: Record<string, { from(text: string): object }> }).Temporal[
              short
            ]!.from(text),
        },
        name,
      );
    }
  }

  return {
    format(value) {
      if (typeof value === 'number' && value - value === 0 && (value !== 0 || 1 / value > 0))
        return `{"json":${value}}`;
      const kind = walk(value);
      try {
        if (kind === 'safe') return `{"json":${JSON.stringify(value)}}`;
        return typeof kind === 'object' ? kind : JSON.stringify(superjson().serialize(value));
      } catch {
        // what the walk let through fails for want of stack only
        return { path: '', typeName: 'object that is nested too deeply' };
      }
    },
    parse(text) {
      const payload = JSON.parse(text) as Payload;
      if (typeof payload !== 'object' || payload === null || !Object.hasOwn(payload, 'json'))
        throw new Error('The text is not in the format of superjson.');
      if ((text.includes('__proto__') || text.includes('\\u')) && hasOwnProto(payload))
        throw new Error('The text has an own property __proto__.');
      const { json, meta } = payload;
      if (!meta) return json;
      if (!hasTemporal && text.includes('"Temporal.')) registerTemporal();
      const { values, referentialEqualities, v } = meta;
      const marks = referentialEqualities && v === 1 ? mark(json, referentialEqualities) : undefined;
      const value = superjson().deserialize(
        (marks ? { json, meta: values ? { values, v } : undefined } : payload) as never,
        { inPlace: true },
      );
      if (marks) unmark(value, marks);
      return value;
    },
  };
}

const made = new WeakMap<ClassRegistry, ValueText>();

/** One for each registry of classes. */
export function valueTextOf(classes: ClassRegistry): ValueText {
  let text = made.get(classes);
  if (!text) made.set(classes, (text = createValueText(classes)));
  return text;
}
