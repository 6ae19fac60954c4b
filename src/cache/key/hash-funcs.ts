import type { AnyClass } from '../../core/values/class-registry.js';

/** Turns a value into what counts of it. */
// biome-ignore lint/suspicious/noExplicitAny: each function knows the class it stands beside
export type HashFunc = (value: any) => unknown;

/** How arguments of a class count: pairs of a class, or its name, and a function. */
export type HashFuncs = Iterable<readonly [AnyClass | string, HashFunc]>;

export interface HashFuncTable {
  /** Position of the function for this value's nearest class, -1 for none. `isOff` skips positions. */
  find(value: unknown, isOff?: (position: number) => boolean): number;
  /** The class, for messages. */
  className(position: number): string;
  call(position: number, value: unknown): unknown;
}

/** `undefined` if there are none: most caches skip the search. */
export function createHashFuncTable(hashFuncs: HashFuncs | null | undefined): HashFuncTable | undefined {
  const entries = hashFuncs ? [...hashFuncs] : [];
  if (entries.length === 0) return undefined;
  return {
    find(value, isOff = () => false) {
      if (value === undefined || value === null) return -1;
      const isPrimitive = typeof value !== 'object' && typeof value !== 'function';
      let prototype = Object.getPrototypeOf(value) as object | null;
      for (; prototype !== null; prototype = Object.getPrototypeOf(prototype) as object | null) {
        const name = (Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value as Function | undefined)?.name;
        const at = entries.findIndex(
          ([key], i) => (typeof key === 'string' ? key === name : key.prototype === prototype) && !isOff(i),
        );
        // a primitive has its own class only, not Object
        if (at >= 0 || isPrimitive) return at;
      }
      return -1;
    },
    className(position) {
      const key = entries[position]![0];
      return typeof key === 'string' ? key : key.name;
    },
    call: (position, value) => entries[position]![1](value),
  };
}
