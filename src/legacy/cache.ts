// cache(), the original st.cache, over cacheResource and cacheData.
import type { CacheData, CachedData } from '../cache/cache-data.js';
import type { CachedResource, CacheResource } from '../cache/cache-resource.js';
import { createCache } from '../cache/create-cache.js';
import { findHashFunc, listHashFuncs } from '../cache/key/hash-funcs.js';
import { type KeyRules, writeValue } from '../cache/key/writer.js';
import type { CacheHashFuncs } from '../cache/options.js';
import { hashText } from '../core/hash.js';
import { isPromise } from '../core/promises.js';
import { classes } from '../registered-classes.js';
import { resets, shared } from '../registry.js';
import { legacyWarner, warnDeprecated } from './warner.js';

/** Options of {@link cache}. */
export interface LegacyCacheOptions {
  /** The object may be changed outside: it is not looked at again. Default: `false`. */
  allowOutputMutation?: boolean | null;
  /** No warning about messages that the function emits. Default: `false`. */
  suppressStWarning?: boolean | null;
  /** How values of a class count: of arguments, `deps` and results. */
  hashFuncs?: CacheHashFuncs | null;
  /** Seconds; default: never expires. */
  ttl?: number | null;
  /** Most entries, a positive integer; default: no limit. */
  maxEntries?: number | null;
  /** `true` or a text shows a spinner on a miss. Default: `false`. */
  showSpinner?: boolean | string | null;
  /** Values and functions from outside that count like arguments. */
  deps?: (() => readonly unknown[]) | null;
  /** Identity across page loads and builds, for `persist`. */
  name?: string | null;
  /** Another version never sees the old entries. */
  version?: number | string | null;
  /** The result survives a reload; the function always returns a promise then. Default: `false`. */
  persist?: boolean | 'disk' | null;
}

/** A function whose results are kept and handed to everyone as they are. */
export interface LegacyCached<A extends unknown[], R> {
  (...args: A): R;
  /** Without arguments all entries of this function, else that of the call. */
  clear(...args: A | []): unknown;
  /** The original function. */
  readonly wrapped: (...args: A) => unknown;
  readonly name: string;
  readonly length: number;
}

export interface LegacyCache {
  <A extends unknown[], R>(
    fn: (...args: A) => R,
    options: LegacyCacheOptions & { persist: true | 'disk' },
  ): LegacyCached<A, Promise<Awaited<R>>>;
  <A extends unknown[], R>(fn: (...args: A) => R, options?: LegacyCacheOptions): LegacyCached<A, R>;
  /** Options first. */
  (options?: LegacyCacheOptions): <A extends unknown[], R>(fn: (...args: A) => R) => LegacyCached<A, R>;
  /** Clears all functions that were given to `cache`. */
  clear(): Promise<void>;
}

type Func = (...args: unknown[]) => unknown;

const known =
  'allowOutputMutation suppressStWarning hashFuncs ttl maxEntries showSpinner deps name version persist'.split(' ');

function createLegacyCache(): LegacyCache {
  // made at the first use, apart from what cacheData and cacheResource of the page hold
  let made: { cacheData: CacheData; cacheResource: CacheResource } | undefined;
  const caches = (): NonNullable<typeof made> => (made ??= createCache({ name: 'legacy' }));
  const clear = async (): Promise<void> => {
    caches().cacheResource.clear();
    await caches().cacheData.clear();
  };
  resets().add(() => made && clear());

  const wrap = (fn: Func, options: LegacyCacheOptions): Func => {
    const name = options?.name;
    const label = (typeof name === 'string' && name) || fn?.name || 'anonymous';
    const call = `cache(${label})`;
    checkOptions(call, options);
    warnDeprecated(call, 'cacheData() for data, cacheResource() for live objects');
    const { allowOutputMutation, suppressStWarning, persist, deps, ...rest } = options;
    const common = {
      ...rest,
      onMessage: suppressStWarning ? () => {} : () => warnMessage(label),
      ...(deps ? { deps: hashedOnce(deps, options.hashFuncs) } : {}),
    };
    const inner = (
      persist ? caches().cacheData(fn, { ...common, copy: 'share' }) : caches().cacheResource(fn, common)
    ) as CachedData<unknown[], unknown> & CachedResource<unknown[], unknown>;
    const check = allowOutputMutation ? undefined : createCheck(label, options.hashFuncs);
    const { face } = {
      face(this: unknown, ...args: unknown[]): unknown {
        const result: unknown = inner.apply(this, args);
        if (!check) return result;
        return isPromise(result) ? result.then(check) : check(result);
      },
    };
    return Object.defineProperties(Object.assign(face, { clear: inner.clear }), {
      name: { value: fn.name, configurable: true },
      length: { value: fn.length, configurable: true },
      wrapped: { value: fn, configurable: true },
    });
  };

  const forms = (first?: Func | LegacyCacheOptions, options: LegacyCacheOptions = {}): unknown => {
    if (typeof first === 'function') return wrap(first, options);
    checkOptions('cache', first ?? {});
    return (fn: Func) => wrap(fn, first ?? {});
  };
  return Object.assign(forms as LegacyCache, { clear });
}

function checkOptions(call: string, options: LegacyCacheOptions): void {
  if (options === null || typeof options !== 'object')
    throw new TypeError(`${call}: a function and an object of options are expected.`);
  for (const option of Object.keys(options))
    if (!known.includes(option))
      throw new TypeError(`${call}: unknown option "${option}". There are ${known.join(', ')}.`);
  if (typeof (options.ttl ?? 0) !== 'number') throw new TypeError(`${call}: \`ttl\` must be a number of seconds.`);
}

function warnMessage(label: string): void {
  legacyWarner().warn({
    code: 'cached-message',
    key: label,
    message: `emitter() in cache(${label}): messages are not replayed. Use cacheData() with onMessage, or suppressStWarning: true.`,
  });
}

/** Hash functions look at the objects in `deps` once: those stand for something that lasts. */
function hashedOnce(deps: () => readonly unknown[], hashFuncs: CacheHashFuncs | null | undefined): () => unknown[] {
  const list = listHashFuncs(hashFuncs);
  const results = new WeakMap<object, unknown>();
  return () =>
    deps().map((value) => {
      if (typeof value !== 'object' || value === null) return value;
      const position = findHashFunc(list, value);
      if (position < 0) return value;
      if (!results.has(value)) results.set(value, list![position]![1](value));
      return [position, results.get(value)];
    });
}

/** Looks whether somebody changed a result since it was handed out the last time; returns it in any case. */
function createCheck(label: string, hashFuncs: CacheHashFuncs | null | undefined): <T>(value: T) => T {
  const rules: KeyRules = { functionName: label, classes, hashFuncs: listHashFuncs(hashFuncs) };
  const remedy = 'Give hashFuncs for its class, or allowOutputMutation: true, or use cacheResource().';
  const texts = new WeakMap<object, string>();
  const textOf = (value: unknown): string => {
    const text = writeValue(value, rules, 'the result', remedy);
    return text.length > 200 ? hashText(text) : text;
  };
  return (value) => {
    const isObject = typeof value === 'object' && value !== null;
    if (!isObject && typeof value !== 'function') return value;
    const text = textOf(value);
    const before = texts.get(value as object);
    texts.set(value as object, text);
    if (before !== undefined && before !== text) {
      const warner = legacyWarner();
      warner.warn({
        code: 'cached-object-mutation',
        key: label,
        message:
          `The result of ${label} was changed after it was cached: everyone gets the changed object. ` +
          'Use cacheData(), which hands out copies, or allowOutputMutation: true.',
      });
      // the next change is another one
      warner.reset('cached-object-mutation', label);
    }
    return value;
  };
}

/**
 * The original cache: keeps what `fn` returned, per list of arguments, and gives everyone the same object. A result that
 * was changed outside is noticed at the next call.
 *
 * @deprecated Use `cacheData` for data, `cacheResource` for live objects.
 * @example
 * const load = cache(() => parse(text), { ttl: 60 });
 */
export const cache: LegacyCache = shared('legacyCache', createLegacyCache);
