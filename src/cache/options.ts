// The options of cached functions, as users give them and as they are used inside.
import type { AnyClass } from '../core/values/class-registry.js';
import type { CacheStore } from '../stores/store.js';
import type { HashFunc } from './key/hash-funcs.js';

/**
 * Any function, and no class. The second signature differs by its type parameter, so that TypeScript takes neither for
 * the type of an arrow function's parameters: those with a default and no annotation have the type of their default.
 */
export interface CacheableFunction {
  (...args: never[]): unknown;
  <_>(...args: never[]): unknown;
}

/** `[[Class, value => …], …]` or a Map; instead of a class its name as text. */
export type CacheHashFuncs =
  | readonly (readonly [AnyClass | string, HashFunc])[]
  | ReadonlyMap<AnyClass | string, HashFunc>;

/** Seconds as a number, a `Temporal.Duration`, or text such as `'90s'`, `'1h23s'`, `'1.5 days'`. */
export type Duration = number | string | { total(unit: 'milliseconds'): number };

/** Options of both kinds of cached functions. `null` means: as if it were not given. */
export interface CacheOptions<A extends unknown[] = never[]> {
  /** How long a result counts, from the end of the run. Default: it never expires. */
  ttl?: Duration | null;
  /** Most entries of this function, a positive integer; least recently used goes first. Default: no limit. */
  maxEntries?: number | null;
  /** `true` or a text: a miss that takes longer than half a second shows a spinner. Default: `false`. */
  showSpinner?: boolean | string | null;
  /** The spinner counts the seconds. Default: `false`. */
  showTime?: boolean | null;
  /** How arguments of a class count: by what the function returns for them. */
  hashFuncs?: CacheHashFuncs | null;
  /** `'global'`: all tabs of this origin (resources: this page). `'session'`: this tab. Default: `'global'`. */
  scope?: 'global' | 'session' | null;
  /** `'background'`: serves the stale value and refreshes behind; needs a `ttl`. Default: `'foreground'`. */
  refreshMode?: 'foreground' | 'background' | null;
  /** Identity across page loads, builds and tabs. Without it results stay in the memory of this page. */
  name?: string | null;
  /** Another version never sees the old entries. */
  version?: number | string | null;
  /** What of the arguments counts, instead of all of them. */
  key?: ((...args: A) => unknown) | null;
  /** Positions of arguments, names of properties of plain-object arguments, or `'this'`, that do not count. */
  ignore?: readonly (number | string)[] | null;
  /** The function is for a prototype: it runs with its object, which counts. Default: `false`; decorators set it. */
  method?: boolean | null;
  /** Values from outside, and cached functions, that count like arguments; called for each key. */
  deps?: (() => readonly unknown[]) | null;
  /** How long after `ttl` a stale value may be served. Default: `ttl` again. */
  maxStale?: Duration | null;
  /** A failing run serves the stale value, within `maxStale`. Default: `false`. */
  staleIfError?: boolean | null;
  /** Names by which `clear({ tag })` reaches entries. */
  tags?: readonly string[] | ((...args: A) => readonly string[]) | null;
  /** Gets what the function emitted, on the miss and replayed on every hit. */
  onMessage?: ((message: unknown) => void) | null;
}

/** Options of `cacheData`. */
export interface CacheDataOptions<A extends unknown[] = never[], R = never> extends CacheOptions<A> {
  /** `true`, `'indexeddb'`, `'disk'`: entries survive a reload. `false`: memory only. Default: `true`. */
  persist?: boolean | 'indexeddb' | 'disk' | null;
  /** Most bytes of this function's entries: a number, or text such as `'50MB'`. Default: no limit. */
  maxSize?: number | string | null;
  /** `'clone'`: a copy per call. `'freeze'`: one frozen copy for all. `'share'`: the object itself. Default: `'clone'`. */
  copy?: 'clone' | 'freeze' | 'share' | null;
  /** Sees every stored value before it is served; false drops it and runs the function. */
  validate?: ((value: Awaited<R>, ...args: A) => boolean | Promise<boolean>) | null;
  /** False, or a promise of false: the result is returned and not stored. Callers wait for the promise. */
  cacheIf?: ((value: Awaited<R>, ...args: A) => boolean | Promise<boolean>) | null;
  /** Where entries lie, instead of IndexedDB. */
  store?: CacheStore | null;
}

/** Options of `cacheResource`. */
export interface CacheResourceOptions<A extends unknown[] = never[], R = never> extends CacheOptions<A> {
  /** Sees the object at every hit; false drops it and runs the function. A promise only where the function returns one. */
  validate?: ((value: Awaited<R>, ...args: A) => boolean | Promise<boolean>) | null;
  /** Called exactly once when the last entry that holds the object goes. */
  onRelease?: ((value: Awaited<R>) => unknown) | null;
}

type Callback = (...args: unknown[]) => unknown;

/** Options as the engine uses them: ms, bytes, no `null`. */
export interface Settings {
  readonly ttlMs: number;
  readonly maxStaleMs: number;
  readonly maxEntries: number;
  /** Bytes. */
  readonly maxSize: number;
  readonly showSpinner: boolean | string;
  readonly showTime: boolean;
  readonly hashFuncs?: Iterable<readonly [AnyClass | string, HashFunc]>;
  readonly scope: 'global' | 'session';
  readonly isBackground: boolean;
  readonly staleIfError: boolean;
  readonly persist: boolean;
  readonly copy: 'clone' | 'freeze' | 'share';
  readonly name?: string;
  readonly version?: string;
  readonly key?: Callback;
  readonly ignore?: readonly (number | string)[];
  readonly method: boolean;
  readonly deps?: () => readonly unknown[];
  readonly tags?: readonly string[] | Callback;
  readonly onMessage?: (message: unknown) => void;
  readonly validate?: Callback;
  readonly cacheIf?: Callback;
  readonly onRelease?: Callback;
  readonly store?: CacheStore;
}
