import { parseBytes } from '../core/bytes.js';
import type { AnyClass } from '../core/class-registry.js';
import { parseDuration } from '../core/duration.js';
import type { HashFunc } from '../core/hash-funcs.js';
import type { CacheStore } from '../stores/store.js';

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
  /** Identity across page loads, builds and tabs. Default: the function's name and text. */
  name?: string | null;
  /** Another version never sees the old entries. */
  version?: number | string | null;
  /** What of the arguments counts, instead of all of them. */
  key?: ((...args: A) => unknown) | null;
  /** Positions, parameter names, `'this'`, or properties of plain-object arguments that do not count. */
  ignore?: readonly (number | string)[] | null;
  /** Values and functions from outside that count like arguments; called for each key. */
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
  /** False: the result is returned and not stored. */
  cacheIf?: ((value: Awaited<R>, ...args: A) => boolean) | null;
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
  readonly deps?: () => readonly unknown[];
  readonly tags?: readonly string[] | Callback;
  readonly onMessage?: (message: unknown) => void;
  readonly validate?: Callback;
  readonly cacheIf?: Callback;
  readonly onRelease?: Callback;
  readonly store?: CacheStore;
}

type Reader = (value: unknown, call: string, option: string) => unknown;

const refuse = (
  call: string,
  option: string,
  what: string,
  ErrorClass: typeof TypeError | typeof RangeError = TypeError,
): never => {
  throw new ErrorClass(`${call}: \`${option}\` must be ${what}.`);
};
const check =
  (what: string, isValid: (value: unknown) => boolean): Reader =>
  (value, call, option) =>
    isValid(value) ? value : refuse(call, option, what);
const ofType = (what: string, ...types: string[]): Reader => check(what, (value) => types.includes(typeof value));
const fn: Reader = ofType('a function', 'function');
const boolean: Reader = ofType('true or false', 'boolean');
const oneOf =
  (...valid: unknown[]): Reader =>
  (value, call, option) =>
    valid.includes(value)
      ? value
      : refuse(
          call,
          option,
          `one of ${valid.map((item) => (typeof item === 'string' ? `'${item}'` : String(item))).join(', ')}`,
          typeof value === 'string' ? RangeError : TypeError,
        );
const isListOf = (value: unknown, ...types: string[]): boolean =>
  Array.isArray(value) && value.every((item) => types.includes(typeof item));
const isPair = (pair: unknown): boolean =>
  Array.isArray(pair) && /function|string/.test(typeof pair[0]) && typeof pair[1] === 'function';
const storage = oneOf(true, false, 'indexeddb', 'disk');

const readers: Record<string, Reader> = {
  ttl: parseDuration,
  maxStale: parseDuration,
  maxEntries: (value, call, option) =>
    Number.isInteger(value) && (value as number) > 0
      ? value
      : refuse(call, option, 'a positive integer', typeof value === 'number' ? RangeError : TypeError),
  showSpinner: ofType('true, false or a text', 'boolean', 'string'),
  showTime: boolean,
  hashFuncs: check(
    'a list of [class, function] pairs or a Map',
    (value) => (value instanceof Map || Array.isArray(value)) && [...value].every(isPair),
  ),
  scope: oneOf('global', 'session'),
  refreshMode: oneOf('foreground', 'background'),
  name: check('a text that is not empty', (value) => typeof value === 'string' && value !== ''),
  version: ofType('a number or a text', 'number', 'string'),
  key: fn,
  ignore: check('a list of positions and names', (value) => isListOf(value, 'number', 'string')),
  deps: fn,
  staleIfError: boolean,
  tags: check('a list of texts or a function', (value) => typeof value === 'function' || isListOf(value, 'string')),
  onMessage: fn,
  validate: fn,
};

const dataReaders: Record<string, Reader> = {
  ...readers,
  persist: (value, call, option) => storage(value, call, option) !== false,
  maxSize: parseBytes,
  copy: oneOf('clone', 'freeze', 'share'),
  cacheIf: fn,
  store: check(
    'an object with the methods get, set, delete and clear',
    (value) =>
      typeof value === 'object' && ['get', 'set', 'delete', 'clear'].every((verb) => verb in (value as object)),
  ),
};

const resourceReaders: Record<string, Reader> = { ...readers, onRelease: fn };

/**
 * Reads and checks the options of a cached function.
 *
 * @param call - how messages name the call, such as `cacheData(getUser)`
 * @throws TypeError for an unknown option, a wrong type or options that exclude each other; RangeError for an unknown
 *   text or a number out of range
 */
export function readOptions(call: string, kind: 'data' | 'resource', options: unknown): Settings {
  const known = kind === 'data' ? dataReaders : resourceReaders;
  if (options === null || typeof options !== 'object') throw new TypeError(`${call}: the options must be an object.`);
  const given: Record<string, unknown> = {};
  for (const [option, value] of Object.entries(options)) {
    const read = Object.hasOwn(known, option) ? known[option] : undefined;
    if (!read) throw new TypeError(`${call}: unknown option "${option}". There are ${Object.keys(known).join(', ')}.`);
    if (value !== undefined && value !== null) given[option] = read(value, call, option);
    else if (value === null && option === 'persist') given[option] = false;
  }
  const { refreshMode, ttl = Infinity, maxStale = ttl, version, ...rest } = given as Record<string, never>;
  const isBackground = refreshMode === 'background';
  if (isBackground && !(ttl > 0 && ttl < Infinity))
    throw new TypeError(`${call}: \`refreshMode: 'background'\` needs a \`ttl\` above 0.`);
  if (given['key'] && given['ignore'])
    throw new TypeError(`${call}: \`key\` and \`ignore\` exclude each other: \`key\` says all that counts.`);
  return {
    maxEntries: Infinity,
    maxSize: Infinity,
    showSpinner: false,
    showTime: false,
    scope: 'global',
    staleIfError: false,
    persist: kind === 'data',
    copy: 'clone',
    ...(rest as object),
    ...(version === undefined ? {} : { version: String(version) }),
    ttlMs: ttl,
    maxStaleMs: maxStale,
    isBackground,
  };
}
