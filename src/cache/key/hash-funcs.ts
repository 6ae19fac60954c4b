// `hashFuncs`: which function says what counts of a value.
import type { AnyClass } from '../../core/values/class-registry.js';

/** Turns a value into what counts of it. */
// biome-ignore lint/suspicious/noExplicitAny: each function knows the class it stands beside
export type HashFunc = (value: any) => unknown;

/** How arguments of a class count: pairs of a class, or its name, and a function. */
export type HashFuncs = Iterable<readonly [AnyClass | string, HashFunc]>;

/** The same, read once. */
export type HashFuncList = readonly (readonly [AnyClass | string, HashFunc])[];

/** `undefined` if there are none: most caches skip the search. */
export function listHashFuncs(hashFuncs: HashFuncs | null | undefined): HashFuncList | undefined {
  const list = hashFuncs ? [...hashFuncs] : [];
  return list.length > 0 ? list : undefined;
}

/** Position of the function for this value's nearest class, but for those that are `off`; -1 for none. */
export function findHashFunc(list: HashFuncList | undefined, value: unknown, off: readonly number[] = []): number {
  if (!list || value === undefined || value === null) return -1;
  const isPrimitive = typeof value !== 'object' && typeof value !== 'function';
  let prototype = Object.getPrototypeOf(value) as object | null;
  for (; prototype !== null; prototype = Object.getPrototypeOf(prototype) as object | null) {
    const name = (Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value as Function | undefined)?.name;
    const at = list.findIndex(
      ([key], i) => (typeof key === 'string' ? key === name : key.prototype === prototype) && !off.includes(i),
    );
    // a primitive has its own class only, not Object
    if (at >= 0 || isPrimitive) return at;
  }
  return -1;
}
