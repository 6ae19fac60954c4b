import { parseBytes } from '../core/bytes.js';
import type { ClearTarget } from '../disk/entry.js';
import { shared } from '../registry.js';
import type { CacheStore } from '../stores/store.js';
import type { Backing, Place, TierOptions } from './backing.js';
import { forget } from './bucket.js';
import { type CacheState, defaultState, identitiesOf, isServer } from './cache-state.js';
import { createCopies } from './copies.js';
import { isInBlobs } from './entry.js';
import { bucketsOf, type Identity } from './identity.js';
import { courseCode, type LateCode, loadStored, type Stored, storedCode, storedNow, within } from './late.js';
import {
  type CacheInfo,
  type CommonMembers,
  clearHere,
  commonMembers,
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
import { locate, type Wrapped } from './wrapped.js';

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
export interface CacheOfOptions extends TierOptions {
  /** Instead of IndexedDB. */
  readonly store?: CacheStore | undefined;
}

/** A clear waits this long for the code that clears what is stored. */
const clearMs = 10_000;

/** Makes the `cacheData` of a cache. */
export function createCacheData(state: CacheState, options: CacheOfOptions = {}): CacheData {
  const common = options.store ?? 'disk';
  const places = new Set<Place>([common, 'session']);
  const identities = (): Identity[] => identitiesOf(state, 'data');
  /** Clears what is stored in these places, at once or as soon as the code for that is there. */
  const clearStored = async (wanted: Iterable<Place>, reach: ClearTarget, those: Identity[]): Promise<void> => {
    const found = [...wanted].filter((place) => typeof place === 'object' || !isServer());
    const clear = (code: Stored): Promise<void> =>
      code.clearStored(
        found.map((place) => code.backingAt(state, place, options)),
        reach,
        those,
      );
    const code = storedNow();
    if (found.length > 0) await (code ? clear(code) : within(loadStored().then(clear), clearMs, state));
  };
  /** Clears what is stored of a function, or of one key. */
  const clearOf = (place: Place, identity: Identity, key: string | undefined): Promise<void> => {
    const { id } = identity;
    return clearStored([place], key === undefined ? { identity: id } : { identity: id, key }, [identity]);
  };

  const forms = createForms(state, {
    kind: 'data',
    call: 'cacheData',
    options: dataReaders,
    complete(base): Wrapped {
      const { identity, settings } = base;
      const { persist, scope, store } = settings;
      const place = scope === 'session' ? scope : (store ?? common);
      if (store) places.add(store);
      const isPassive = (): boolean => !store && !options.store && isServer();
      const isStored = persist && identity.hasName;
      if (isStored) identity.place = place;
      // where nothing may be kept, nothing is loaded that stores
      const own = (): LateCode => (isPassive() ? courseCode : storedCode);
      const code: LateCode = {
        now() {
          const stored = own() === storedCode && storedNow();
          if (stored) {
            identity.backing = w.backing = stored.backingAt(state, place, options);
            w.code = storedCode;
          }
          return own().now();
        },
        load: () => own().load(state),
      };
      const w: Wrapped = {
        ...base,
        isData: true,
        rejects: true,
        values: createCopies(base),
        code: isStored ? code : courseCode,
        place: isStored ? place : undefined,
        backing: undefined,
        isPassive,
      };
      return w;
    },
    members: (w, bound) => dataMembers({ w, bound }, (key) => clearOf(w.place as Place, w.identity, key)),
  });

  state.stored = {
    rows: async () => storedNow()?.storedRows(state) ?? [],
    async clear(identity, key) {
      const cleared = identity.place && clearOf(identity.place, identity, key);
      forget(bucketsOf(identity), { key }, 'this');
      await cleared;
    },
  };

  return Object.assign(forms as CacheData, {
    async clear(target?: { tag: string }) {
      const tag = readTag('cacheData.clear', target);
      // first what is stored: listeners that hear of the clear load again at once
      const cleared = clearStored(places, tag === undefined ? { all: true } : { tag }, identities());
      forget(identities().flatMap(bucketsOf), { tag }, 'this');
      await cleared;
    },
    async info() {
      const used = identities().filter((identity) => isUsed(infoOf(identity)));
      return Promise.all(used.map((identity) => info(identity, identity.backing)));
    },
  });
}

/** What a function holds here and where its entries are stored. */
async function info(identity: Identity, backing: Backing | undefined): Promise<CacheInfo> {
  await identity.main.settled();
  const here = infoOf(identity);
  return backing ? backing.info(identity, here) : here;
}

function dataMembers(target: Target, clearStored: (key: string | undefined) => Promise<void>): object {
  const { w, bound } = target;
  const { identity } = w;
  const { main } = identity;
  /** Whether the entries that the members mean are stored; an instance keeps its own in memory. */
  const isStored = (): boolean => w.place !== undefined && (isWhole(target) || w.makeKey.covers(bound));
  /** The way to what is stored, as soon as its code is there. */
  const backing = async (): Promise<Backing | undefined> => {
    if (!isStored()) return undefined;
    await w.code.load(w.state);
    w.code.now();
    return w.backing;
  };
  const common = commonMembers(target);
  return {
    ...common,
    subscribe(listener: Parameters<typeof common.subscribe>[0]) {
      const end = common.subscribe(listener);
      // the other tabs are heard from now on, whatever is called here
      void backing().then((way) => way?.connect());
      return end;
    },
    async clear(...args: unknown[]) {
      let cleared: Promise<void> | undefined;
      clearHere(target, args, (key) => {
        if (isStored() && (key !== undefined || isWhole(target))) cleared = clearStored(key);
      });
      await cleared;
    },
    async has(...args: unknown[]) {
      const { key } = locate(w, bound, args);
      await main.settled();
      return freshEntry(target, args) !== undefined || (await (await backing())?.has(w, key)) === true;
    },
    peek(...args: unknown[]) {
      const found = freshEntry(target, args);
      return found && !isInBlobs(found.entry) ? w.values.give(found.bucket, found.entry) : undefined;
    },
    async prime(value: unknown, ...args: unknown[]) {
      const { bucket, entry, isPut } = primeHere(target, value, args);
      if (!isPut || bucket !== main || !w.place) return;
      bucket.willWrite(entry);
      const write = async (): Promise<void> => {
        const way = await backing();
        if (way) await way.write(w, bucket, entry, args);
        else bucket.wrote(entry);
      };
      await (entry.writing = bucket.track(write()));
    },
    info: async () => info(identity, await backing()),
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
