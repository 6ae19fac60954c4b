import { systemClock as clock } from '../browser/clock.js';
import { parseBytes } from '../core/bytes.js';
import { ageOf } from '../core/cache-entry.js';
import type { ClearTarget } from '../disk/entry.js';
import { shared } from '../registry.js';
import type { CacheStore } from '../stores/store.js';
import { Backing, clearStored, type OpenTier, type Place } from './backing.js';
import { type CacheState, defaultState, identitiesOf, isServer } from './cache-state.js';
import { createCopies } from './copies.js';
import { isInBlobs } from './entry.js';
import { bucketsOf, type Identity } from './identity.js';
import {
  type CacheInfo,
  type CommonMembers,
  clearHere,
  commonMembers,
  forgetHere,
  freshEntry,
  infoOf,
  isUsed,
  isWhole,
  primeHere,
  readTag,
  type Target,
} from './members.js';
import type { CacheableFunction, CacheDataOptions } from './options.js';
import { fn, oneOf, type Reader, readers, readStore } from './read-options.js';
import { createForms } from './wrap.js';
import { backingOf, locate, type Wrapped } from './wrapped.js';

/** A function whose results are kept; every caller gets a copy. */
export interface CachedData<A extends unknown[], R> extends CommonMembers<A, Promise<R>> {
  (...args: A): Promise<R>;
  /** Without arguments all entries of this function, else that of the call. Resolves when no reload finds them. */
  clear(...args: A | []): Promise<void>;
  /** Whether a fresh entry exists, here or on disk. */
  has(...args: A): Promise<boolean>;
  /** A fresh copy from memory, `undefined` where there is none (or only as a Blob); runs nothing. */
  peek(...args: A): R | undefined;
  /** Stores a value without running; resolves when a reload finds it. */
  prime(value: R, ...args: A): Promise<void>;
  /** Waits for what this tab is writing. */
  info(): Promise<CacheInfo>;
  /** The original function. */
  readonly wrapped: (...args: A) => R | Promise<R>;
  readonly name: string;
  readonly length: number;
}

export interface CacheData {
  <F extends CacheableFunction>(
    fn: F,
    options?: CacheDataOptions<Parameters<F>, ReturnType<F>>,
  ): CachedData<Parameters<F>, Awaited<ReturnType<F>>>;
  <A extends unknown[], R>(fn: (...args: A) => R, options?: CacheDataOptions<A, R>): CachedData<A, Awaited<R>>;
  /** Options first; also a decorator of methods. */
  (
    options?: CacheDataOptions,
  ): {
    <F extends CacheableFunction>(fn: F): CachedData<Parameters<F>, Awaited<ReturnType<F>>>;
    <This, A extends unknown[], R>(
      fn: (this: This, ...args: A) => R,
      context?: ClassMethodDecoratorContext<This, (this: This, ...args: A) => R>,
    ): CachedData<A, Awaited<R>>;
  };
  /** Clears all functions of this kind, in this tab and on disk, or the entries of a tag. */
  clear(target?: { tag: string }): Promise<void>;
  /** Of all functions that were used on this page. */
  info(): Promise<CacheInfo[]>;
}

const storage = oneOf(true, false, 'indexeddb', 'disk');

const dataReaders: Record<string, Reader> = {
  ...readers,
  persist: (value, call, option) => storage(value, call, option) !== false,
  maxSize: parseBytes,
  copy: oneOf('clone', 'freeze', 'share'),
  cacheIf: fn,
  store: readStore,
};

/** Where a cache stores, beyond the default. */
export interface CacheOfOptions {
  /** Of its database. */
  readonly name?: string | undefined;
  /** Instead of IndexedDB. */
  readonly store?: CacheStore | undefined;
  /** For tests. */
  readonly openTier?: OpenTier;
}

/** Makes the `cacheData` of a cache. */
export function createCacheData(
  state: CacheState,
  { name, store: cacheStore, openTier }: CacheOfOptions = {},
): CacheData {
  const open: OpenTier = openTier ?? ((late, place) => late.openTier(state, place, name));
  const backings = new Map<Place, Backing>();
  const backingAt = (place: Place): Backing => {
    let backing = backings.get(place);
    if (!backing) backings.set(place, (backing = new Backing(state, place, open)));
    return backing;
  };
  const common = backingAt(cacheStore ?? 'disk');
  const session = backingAt('session');
  const identities = (): Identity[] => identitiesOf(state, 'data');

  const forms = createForms(state, {
    kind: 'data',
    call: 'cacheData',
    options: dataReaders,
    complete(base): Wrapped {
      const { identity, settings } = base;
      const { persist, scope, store } = settings;
      const stored = scope === 'session' ? session : store ? backingAt(store) : common;
      const backing = persist && identity.hasName ? stored : undefined;
      if (backing) identity.backing = backing;
      const isPassive = (): boolean => !store && !cacheStore && isServer();
      const w = { ...base, isData: true, rejects: true, backing, isPassive };
      return { ...w, values: createCopies(w) };
    },
    members(w, bound) {
      return dataMembers({ w, bound });
    },
  });

  state.stored = {
    rows: async () => (await Promise.all([...backings.values()].map((backing) => backing.rows()))).flat(),
    async clear(identity, key) {
      const { id, backing } = identity;
      const target = key === undefined ? { identity: id } : { identity: id, key };
      const cleared = backing && clearStored([backing], target, [identity]);
      for (const bucket of bucketsOf(identity))
        if (key === undefined) bucket.forgetAll('this');
        else bucket.forget(key, 'this');
      await cleared;
    },
  };

  return Object.assign(forms as CacheData, {
    async clear(target?: { tag: string }) {
      const tag = readTag('cacheData.clear', target);
      const reach: ClearTarget = tag === undefined ? { all: true } : { tag };
      // first what is stored: listeners that hear of the clear load again at once
      const cleared = clearStored([...backings.values()], reach, identities());
      forgetHere(identities(), tag);
      await cleared;
    },
    async info() {
      const used = identities().filter((identity) => isUsed(infoOf(identity)));
      return Promise.all(used.map((identity) => info(identity, identity.backing)));
    },
  });
}

/** What a function holds here and in its place of storage. */
async function info(identity: Identity, backing: Backing | undefined): Promise<CacheInfo> {
  await identity.main.settled();
  const here = infoOf(identity);
  const stored = await backing?.info(identity);
  if (!stored?.persisted) return here;
  // on disk is what memory has evicted, in memory what the disk refused
  return {
    ...here,
    entries: Math.max(here.entries, stored.entries),
    bytes: Math.max(here.bytes, stored.bytes),
    oldest: here.oldest === null ? stored.oldest : Math.min(here.oldest, stored.oldest ?? Infinity),
    persisted: true,
  };
}

function dataMembers(target: Target): object {
  const { w, bound } = target;
  const { identity, settings } = w;
  const { main, id } = identity;
  /** What lies behind the members' entries; an instance keeps its own in memory. */
  const backing = (): Backing | undefined => (isWhole(target) || w.makeKey.covers(bound) ? w.backing : undefined);
  const common = commonMembers(target);
  return {
    ...common,
    subscribe(listener: Parameters<typeof common.subscribe>[0]) {
      const end = common.subscribe(listener);
      // the other tabs are heard from now on, whatever is called here
      backing()?.connect();
      return end;
    },
    async clear(...args: unknown[]) {
      let cleared: Promise<void> | undefined;
      clearHere(target, args, (key) => {
        const stored = backing();
        if (!stored || (key === undefined && !isWhole(target))) return;
        cleared = clearStored([stored], key === undefined ? { identity: id } : { identity: id, key }, [identity]);
      });
      await cleared;
    },
    async has(...args: unknown[]) {
      const { key } = locate(w, bound, args);
      await main.settled();
      if (freshEntry(target, args)) return true;
      const times = await backing()?.times(identity, key);
      return times !== undefined && ageOf(times, settings, clock.now()) === 'fresh';
    },
    peek(...args: unknown[]) {
      const found = freshEntry(target, args);
      return found && !isInBlobs(found.entry) ? w.values.give(found.bucket, found.entry) : undefined;
    },
    async prime(value: unknown, ...args: unknown[]) {
      const { bucket, entry, isPut } = primeHere(target, value, args);
      if (isPut) await backingOf(w, bucket)?.write(w, bucket, entry, args);
    },
    info: () => info(identity, backing()),
  };
}

/**
 * Keeps what `fn` returned in memory and in IndexedDB, one result per list of arguments.
 *
 * Equal calls share one run. Every caller gets a copy of its own. `clear()` also keeps a run under way from storing its
 * result.
 *
 * @param options - `ttl`: seconds, or text such as `'1h23s'`; default: never expires. `name`: identity across builds and
 *   tabs.
 * @returns A function with `fn`'s parameters and a promise of a fresh copy, with `clear()`, `refresh()` and more.
 * @throws UnhashableParamError (rejects) if an argument cannot be a key; UnserializableReturnValueError (rejects) if the
 *   result cannot be stored. Errors of `fn` pass through and are not stored.
 * @example
 * const getUser = cacheData(async (id: number) => (await fetch(`/users/${id}`)).json(), { name: 'getUser', ttl: 60 });
 */
export const cacheData: CacheData = shared('cacheData', () => createCacheData(defaultState()));
