import { SuperJSON } from 'superjson';
import { globalOf } from './builtin-class.js';
import type { AnyClass, ClassRegistry } from './class-registry.js';
import { mark, type Payload, restore } from './shared-objects.js';
import { knownClass } from './text-class.js';
import { createTextWalk, type TextKind, type Unstorable } from './text-walk.js';

/** Values as text and back, in superjson's format. Also for a single leaf of another format. */
export interface ValueText {
  /** `{"json":…}` or `{"json":…,"meta":…}`; an {@link Unstorable} when no text keeps the value. */
  format(value: unknown): string | Unstorable;
  /** @throws Error if superjson did not write the text, or a class or type in it is unknown here. */
  parse(text: string): unknown;
}

const hasOwnProto = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (Object.hasOwn(value, '__proto__') || Object.values(value).some(hasOwnProto));

/** Gives `JSON.stringify` the values themselves where a `toJSON` would replace them. */
function itself(this: Record<string, unknown>, name: string): unknown {
  return this[name];
}

/** superjson makes one of any text that is called a date. */
const isInvalidDate = (found: TextKind | Unstorable): boolean =>
  typeof found === 'object' && found.typeName === 'invalid Date';

function registerTemporal(superjson: SuperJSON): void {
  const Temporal = globalOf<Record<string, { from(text: string): object }>>('Temporal') ?? {};
  for (const short of Object.getOwnPropertyNames(Temporal)) {
    const Class = Temporal[short]!;
    const name = `Temporal.${short}`;
    superjson.registerCustom<object, string>(
      {
        isApplicable: (value): value is object =>
          typeof value === 'object' && value !== null && knownClass(value) === name,
        serialize: String,
        deserialize: (text) => Class.from(text),
      },
      name,
    );
  }
}

function createValueText(classes: ClassRegistry): ValueText {
  /** The library's own, so that the application's default instance stays as it is. */
  let instance: SuperJSON | undefined;
  const register = (constructor: AnyClass, identifier: string): void => {
    // superjson ignores a second identifier of a class: a stand-in of the same prototype reads it
    const standIn = () => {};
    standIn.prototype = constructor.prototype;
    const isFirst = classes.identifierOf(Object.create(constructor.prototype as object)) === identifier;
    instance?.registerClass((isFirst ? constructor : standIn) as never, { identifier });
  };
  // before anybody who reads a text again when its class is there
  classes.onRegister(register);
  const superjson = (): SuperJSON => {
    if (!instance) {
      instance = new SuperJSON({ dedupe: true });
      // of an AggregateError; it writes `undefined` for others
      instance.allowErrorProps('errors');
      for (const [identifier, constructor] of classes.entries()) register(constructor, identifier);
    }
    return instance;
  };
  let hasTemporal = false;
  /** Only once one is met: superjson asks every custom type at every value. */
  const needTemporal = (): void => {
    if (!hasTemporal) registerTemporal(superjson());
    hasTemporal = true;
  };
  const walk = createTextWalk(classes, needTemporal);
  /** Some old libraries give arrays and objects a `toJSON` of their own, and so may another frame. */
  const stringify = (value: unknown, isForeign: boolean): string =>
    isForeign || 'toJSON' in Array.prototype ? JSON.stringify(value, itself) : JSON.stringify(value);

  return {
    format(value) {
      if (typeof value === 'number' && value - value === 0 && (value !== 0 || 1 / value > 0))
        return `{"json":${value}}`;
      const kind = walk(value);
      try {
        if (typeof kind === 'object') return kind;
        if (kind !== 'rich') return `{"json":${stringify(value, kind === 'foreign')}}`;
        return stringify(superjson().serialize(value), false);
      } catch {
        // a name that superjson refuses, otherwise want of stack
        const found = walk(value, true);
        return typeof found === 'object' ? found : { path: '', typeName: 'object that is nested too deeply' };
      }
    },
    parse(text) {
      const payload = JSON.parse(text) as Payload;
      if (typeof payload !== 'object' || payload === null || !Object.hasOwn(payload, 'json'))
        throw new Error('not ours');
      if ((text.includes('__proto__') || text.includes('\\u')) && hasOwnProto(payload)) throw new Error('__proto__');
      if (!payload.meta) return payload.json;
      if (text.includes('"Temporal.')) needTemporal();
      const marks = mark(payload);
      const value = superjson().deserialize(payload as never, { inPlace: true });
      if (marks.length > 0 || text.includes('"Error"')) restore(value, marks);
      if (text.includes('"Date"') && isInvalidDate(walk(value))) throw new Error('no date');
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
