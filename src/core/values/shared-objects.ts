// What superjson gets wrong of objects that are met twice: marked before, repaired after.
import { isErrorClass } from './builtin-class.js';
import { errorPrototype } from './text-class.js';

/** What superjson writes. */
export interface Payload {
  json: unknown;
  version?: unknown;
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
  const steps = [''];
  for (const part of path.match(/\\?./gs) ?? [])
    if (part === '.') steps.push('');
    else steps.push(steps.pop() + part.at(-1)!);
  return steps;
}

/** A text is untrusted: only own properties are followed, never a prototype. */
function own(object: unknown, name: string): unknown {
  if (!Object.hasOwn(object as object, name)) throw new Error('no such path');
  return (object as Members)[name];
}

/**
 * superjson's own way back forgets objects that were met before inside instances, Sets and Maps. So marks are put into
 * the JSON where it left one out, and its list of them is taken away.
 *
 * @returns none, and nothing is touched, for texts that left nothing out
 */
export function mark({ json, meta }: Payload): Same[] {
  const { referentialEqualities: equalities, v } = meta!;
  if (!equalities || v !== 1) return [];
  const [whole, others = {}] = Array.isArray(equalities) ? equalities : [[], equalities];
  const places = [
    [[], whole] as const,
    ...Object.entries(others).map(([path, paths]) => [stepsOf(path), paths] as const),
  ].flatMap(([steps, paths]) =>
    paths.map((path) => {
      const way = stepsOf(path);
      const last = way.pop() as string;
      return { parent: way.reduce(own, json) as Members, last, same: new Same(steps as string[]) };
    }),
  );
  if (places.some(({ parent, last }) => own(parent, last) !== null)) return [];
  for (const { parent, last, same } of places) parent[last] = same;
  delete meta!.referentialEqualities;
  return places.map(({ same }) => same);
}

/**
 * Of types that are no tree superjson goes into each character for ever, and it makes a view of whatever stands there: of
 * a thousand million as a length.
 *
 * @param json - where the text names views: they are looked for
 * @throws Error for what superjson does not write
 */
export function checkTypes(types: unknown, json?: unknown): void {
  if (typeof types !== 'object' || types === null) throw new Error('no types');
  // a tree: `[type]`, `[type, those below]` or those below, by path
  const [type, below] = (Array.isArray(types) ? types : [undefined, types]) as [unknown[]?, unknown?];
  if (json !== undefined && type?.[0] === 'typed-array' && !Array.isArray(json)) throw new Error('no view');
  for (const [path, inner] of Object.entries(below ?? {}))
    checkTypes(inner, json === undefined ? json : stepsOf(path).reduce(own, json));
}

/** An error of superjson has an own name in place of its class. */
function restoreError(error: AggregateError): void {
  const { name, errors, cause } = error;
  const own = error as Partial<AggregateError>;
  delete own.stack;
  delete own.errors;
  if (cause === undefined) delete own.cause;
  if (!isErrorClass(name)) return;
  delete own.name;
  Object.setPrototypeOf(error, errorPrototype(name) ?? Error.prototype);
  if (name === 'AggregateError')
    Object.defineProperty(error, 'errors', { value: errors ?? [], writable: true, configurable: true });
}

/**
 * Puts the objects themselves where the marks are, and gives errors their class back.
 *
 * @throws Error for an invalid date: superjson makes one of any text that is called a date
 */
export function repair(whole: unknown, marks: Same[]): void {
  const lists = new Map<unknown, unknown>();
  /** As the JSON numbers its members. */
  const membersOf = (at: unknown): unknown => {
    if (!(at instanceof Set || at instanceof Map)) return at;
    if (!lists.has(at)) lists.set(at, [...at]);
    return lists.get(at);
  };
  for (const same of marks) same.target = same.steps.reduce<unknown>((at, step) => own(membersOf(at), step), whole);
  const done = new Set<unknown>();
  const real = (value: unknown): unknown => {
    if (value instanceof Same) return value.target;
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || done.has(value)) return value;
    done.add(value);
    if (value instanceof Date && Number.isNaN(Number(value))) throw new Error('no date');
    if (value instanceof Set || value instanceof Map) {
      const items: unknown[] = [...value];
      value.clear();
      for (const item of items)
        if (value instanceof Set) value.add(real(item));
        else value.set(real((item as unknown[])[0]), real((item as unknown[])[1]));
      return value;
    }
    for (const name of value instanceof Error ? ['cause', 'errors'] : Object.keys(value))
      (value as Members)[name] = real((value as Members)[name]);
    if (value instanceof Error) restoreError(value as AggregateError);
    return value;
  };
  real(whole);
}
