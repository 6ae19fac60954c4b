// The read-only dicts of context: cookies and headers.
import type { Lists } from '../browser/cookie-text.js';
import { proxyOf, readonlyTraps } from '../core/dict.js';
import { KeyError } from '../errors.js';

/** What a {@link ReadonlyDict} can do besides reading by property. */
export interface ReadonlyDictMembers {
  /** The first value; `undefined`, or `fallback`, when there is none. */
  get(name: string): string | undefined;
  get<F>(name: string, fallback: F): string | F;
  /** The first value. @throws {@link KeyError} when there is none. */
  require(name: string): string;
  /** A fresh array of all values of this name, `[]` when there are none. */
  getAll(name: string): string[];
  has(name: string): boolean;
  /** A fresh plain object: the first value of each name. */
  toDict(): Record<string, string>;
  [Symbol.iterator](): IterableIterator<[name: string, value: string]>;
}

/** Texts by name, to be read only: `dict.name` or `dict['name']` is the first value, or `undefined`. */
export type ReadonlyDict = { readonly [name: string]: string | undefined } & ReadonlyDictMembers;

export interface ReadonlyDictSource {
  all(): Lists;
  /** The first value of a name; default: from `all()`. */
  first?: ((name: string) => string | undefined) | undefined;
  /** How a name is listed. Default: as it is. */
  keyOf?(name: string): string;
}

/** How a dict is called, and what its messages advise. */
export interface ReadonlyDictText {
  owner: string;
  tag: string;
  /** Ends the message of a write. */
  readonly: string;
  /** Ends the message of a missing name. */
  hint: string;
}

export function createReadonlyDict(
  { owner, tag, readonly, hint }: ReadonlyDictText,
  { all, keyOf = (name) => name, first = (name) => all().get(keyOf(name))?.[0] }: ReadonlyDictSource,
): ReadonlyDict {
  const entries = (): [string, string][] => [...all()].map(([name, values]) => [name, values[0] as string]);
  const has = (name: string): boolean => first(name) !== undefined;
  const members = {
    get: (name: string, fallback?: unknown) => first(name) ?? fallback,
    require(name: string) {
      const value = first(name);
      if (value === undefined) throw new KeyError(owner, name, hint);
      return value;
    },
    getAll: (name: string) => [...(all().get(keyOf(name)) ?? [])],
    has,
    toDict: () => Object.fromEntries(entries()),
    [Symbol.iterator]: () => entries()[Symbol.iterator](),
  };
  return proxyOf(
    readonlyTraps(tag, `${owner} is read-only: ${readonly}`, members, { get: first, has, keys: () => all().keys() }),
  );
}

/** The same text for the same names and values, in whatever order the names come. */
const textOf = (lists: Lists): string => JSON.stringify([...lists].sort());

/** Fixed dicts of moments: the same one until a name or value differs. */
export function createMoments(text: ReadonlyDictText, source: ReadonlyDictSource): (moment: Lists) => ReadonlyDict {
  let last: Lists;
  let dict: ReadonlyDict;
  return (moment) => {
    if (!dict || (moment !== last && textOf(moment) !== textOf(last)))
      dict = createReadonlyDict(text, { ...source, first: undefined, all: () => moment });
    last = moment;
    return dict;
  };
}
