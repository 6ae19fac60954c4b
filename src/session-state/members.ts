// The public types of sessionState.
import type { Change } from '../core/batch.js';
import type { Unsubscribe } from '../core/listeners.js';
import type { Ref } from '../core/ref.js';
import type { StandardSchema } from '../core/standard-schema.js';
import type { Warning } from '../core/warning.js';

/**
 * The keys of {@link sessionState} and their types, yours to augment:
 * `declare module 'tabstate' { interface SessionValues { count: number } }`.
 */
// biome-ignore lint/suspicious/noEmptyInterface: users fill it
export interface SessionValues {}

export interface SessionStateOptions<S extends object = Record<string, unknown>> {
  /** Of the sessionStorage keys; another prefix is another state. Default: `'tabstate:'`. */
  prefix?: string;
  /** Asked once, at the first use that needs content. Default: this tab's sessionStorage. */
  storage?: () => Storage;
  /**
   * Checks stored values by key, with any synchronous Standard Schema (zod, valibot, arktype): a value that its schema
   * refuses is missing, with one warning `storage-invalid`. What is set is not checked.
   */
  schemas?: { [K in keyof S]?: StandardSchema };
  /** The version of the shape of the values, stored with each text. Default: none. */
  version?: number;
  /**
   * Makes the present shape of a value of another version, or of none, which is stored then. If it throws or returns
   * `undefined`, or if there is no `migrate`, the key is missing, with one warning `storage-invalid`.
   */
  migrate?(key: string, value: unknown, from: number | undefined): unknown;
  /** Makes a value that cannot be stored throw when it is set. Default: `false`, a warning. */
  strict?: boolean;
  /** Hears of trouble once per code and key, until it is gone. Default: `console.warn`. */
  onWarning?: (warning: Warning) => void;
}

export type KeyOf<S extends object> = keyof S & string;
/** What `update` and `setDefaults` take. */
export type Several<S extends object> = Partial<S> | Iterable<readonly [KeyOf<S>, S[KeyOf<S>]]>;

/** The methods of a session state. All work unbound. */
export interface SessionStateMembers<S extends object = Record<string, unknown>> {
  /** The value; `undefined`, or `fallback`, when the key is missing. Never inserts. */
  get<K extends KeyOf<S>>(key: K): S[K] | undefined;
  get<K extends KeyOf<S>, F>(key: K, fallback: F): S[K] | F;
  /**
   * The value of a key that has to be there.
   * @throws {@link KeyError} when it is missing
   */
  require<K extends KeyOf<S>>(key: K): S[K];
  /**
   * Sets a key; reaches keys that are named like a method, too.
   * @throws {@link UnserializableValueError} with `strict`, if the value cannot be stored
   * @throws {@link ReservedKeyError} if the key is bound to a button or a file input
   */
  set<K extends KeyOf<S>>(key: K, value: S[K]): void;
  has(key: KeyOf<S>): boolean;
  /** Removes a key. @returns whether it was there */
  delete(key: KeyOf<S>): boolean;
  /** Sets the key only when it is missing. @returns what the key holds then */
  setDefault<K extends KeyOf<S>>(key: K, value: S[K]): S[K];
  /** Sets those of the keys that are missing, with one notification. @returns what these keys hold then */
  setDefaults<V extends Partial<S>>(values: V): V;
  /**
   * Removes a key and returns what it held.
   * @throws {@link KeyError} when it is missing and no fallback was given; `undefined` is a fallback, too
   */
  pop<K extends KeyOf<S>>(key: K): S[K];
  pop<K extends KeyOf<S>, F>(key: K, fallback: F): S[K] | F;
  /** Sets several keys with one notification; all or, when one of them throws, none. */
  update(values: Several<S>): void;
  /** Removes every key of this state and nothing else of the origin. */
  clear(): void;
  /** A fresh plain object of all keys; the values are the live ones. */
  toDict(): Partial<S>;
  /**
   * Hears of every change of one key, before the assignment returns; of changes in place in the microtasks after them.
   * `undefined` stands for a missing key.
   */
  subscribe<K extends KeyOf<S>>(
    key: K,
    listener: (value: S[K] | undefined, previous: S[K] | undefined) => void,
  ): Unsubscribe;
  /** Hears of all changes, once per round. */
  subscribe(listener: (changes: Change[]) => void): Unsubscribe;
  /** Tells listeners once, at the end. @returns what `fn` returns; a promise is not waited for */
  batch<R>(fn: () => R): R;
  /**
   * A handle of one key for `useStore` and its like; always the same one for a key.
   *
   * @param initial - stored by the first use of the ref while the key is missing, and again (a fresh copy) after a
   * delete; the first one given counts
   */
  ref<K extends KeyOf<S>>(key: K): Ref<S[K] | undefined>;
  ref<K extends KeyOf<S>, T extends S[K]>(key: K, initial: T): Ref<string extends KeyOf<S> ? T : S[K]>;
  /** How often the key, or any key, has changed on this page, changes in place included; not stored. */
  version(key?: KeyOf<S>): number;
  /** Looks at every object, tells of changes in place and writes, now. */
  flush(): void;
}

/**
 * State of one browser tab: `state.count ??= 0`, `state['count']`, `delete state.count`, `'count' in state`,
 * `for (const [key, value] of state)`, and methods for everything else. A missing key reads `undefined`.
 */
export type SessionState<S extends object = Record<string, unknown>> = SessionStateMembers<S> & {
  [K in keyof S as K extends keyof SessionStateMembers<S> ? never : K]?: S[K] | undefined;
} & Iterable<[KeyOf<S>, S[KeyOf<S>]]>;
