// `cacheData`: options, members, and what is done before the code of its calls is there.
import { reportListenerError } from '../browser/report-error.js';
import { bytesText, parseBytes } from '../core/bytes.js';
import { requireListener, type Unsubscribe } from '../core/listeners.js';
import { copyGraph } from '../core/values/copy.js';
import type { ClearTarget } from '../disk/entry.js';
import { shared } from '../registry.js';
import type { CacheStore } from '../stores/store.js';
import type { Backing, Place, TierOptions } from './backing.js';
import { type CacheState, defaultState, identitiesOf, isServer } from './cache-state.js';
import { bucketsOf, type CacheInfo, type Identity, infoOf, isUsed } from './identity.js';
import {
  type Course,
  codeNow,
  courseNow,
  loadCode,
  loadedCode,
  loadStored,
  type Stored,
  storedNow,
  whenThere,
  within,
} from './late.js';
import type { CommonMembers, Target } from './members.js';
import type { CacheableFunction, CacheDataOptions } from './options.js';
import { fn, oneOf, type Reader, readers, readStore, readTag } from './read-options.js';
import { type ListenLate, pending, refOf } from './ref.js';
import { createForms, factsOf, keyOf, type Values, type Wrapped, type WrappedBase } from './wrap.js';

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

const [placeText, readPlace] = oneOf(true, false, 'indexeddb', 'disk');

const dataReaders: Record<string, Reader> = {
  ...readers,
  persist: [
    placeText,
    (value) => {
      const place = readPlace(value);
      return typeof place === 'string' || place;
    },
  ],
  maxSize: [bytesText, parseBytes],
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
      const { persist, scope, store } = base.settings;
      if (store) places.add(store);
      const place = scope === 'session' ? scope : (store ?? common);
      return complete(base, persist && base.identity.hasName ? place : undefined, options);
    },
    members: (w, bound) => dataMembers({ w, bound }, (key) => clearOf(w.place as Place, w.identity, key)),
  });

  state.stored = {
    rows: async () => storedNow()?.storedRows(state) ?? [],
    async clear(identity, key) {
      const cleared = identity.place && clearOf(identity.place, identity, key);
      whenThere((course) => course.forget(bucketsOf(identity), { key }, 'this'));
      await cleared;
    },
  };

  return Object.assign(forms as CacheData, {
    async clear(target?: { tag: string }) {
      const tag = readTag('cacheData.clear', target);
      // first what is stored: listeners that hear of the clear load again at once
      const cleared = clearStored(places, tag === undefined ? { all: true } : { tag }, identities());
      whenThere((course) => course.forget(identities().flatMap(bucketsOf), { tag }, 'this'));
      await cleared;
    },
    async info() {
      const used = identities().filter((identity) => isUsed(infoOf(identity)));
      return Promise.all(used.map((identity) => infoWith(identity, identity.backing)));
    },
  });
}

/** @param place - where its entries are stored; absent: nowhere */
function complete(base: WrappedBase, place: Place | undefined, options: CacheOfOptions): Wrapped {
  const { identity, settings, state } = base;
  if (place) identity.place = place;
  const isPassive = (): boolean => !settings.store && !options.store && isServer();
  // where nothing may be kept, nothing is loaded that stores
  const isStored = (): boolean => place !== undefined && !isPassive();
  const w: Wrapped = {
    ...base,
    isData: true,
    rejects: true,
    values: undefined as unknown as Values,
    enter: (_, self, args) => w.code.now()?.enter(w, self, args) ?? begin(w, self, args, false),
    code: {
      now() {
        const course = openWith(w);
        const stored = place && isStored() && storedNow();
        if (stored) identity.backing = w.backing = stored.backingAt(state, place, options);
        if (course && (stored || !place)) {
          w.code = loadedCode;
          w.enter = course.enter;
        }
        return codeNow(isStored());
      },
      load: () => loadCode(state, isStored()),
    },
    place,
    backing: undefined,
    isPassive,
  };
  return w;
}

/** The code of calls, if it is there, with which results are kept and given. */
function openWith(w: Wrapped): Course | undefined {
  const course = courseNow();
  if (course) w.values ??= course.createCopies(w);
  return course;
}

/** A call that comes before its code: what counts is taken now. Without the code of calls the function just runs. */
function begin(w: Wrapped, self: unknown, args: readonly unknown[], isRefresh: boolean): Promise<unknown> {
  try {
    const facts = factsOf(w, self, args);
    return w.code.load().then(() => {
      const code = w.code.now();
      return code ? code.resume({ ...facts, isLate: true }, isRefresh) : w.fn.apply(self, args);
    });
  } catch (error) {
    return Promise.reject(error);
  }
}

/** A copy made now, to be checked when the code for that is there; what cannot be copied is what the check will refuse. */
function copyAtOnce(value: unknown): unknown {
  try {
    return copyGraph(value);
  } catch {
    return value;
  }
}

/** What a function holds here and where its entries are stored. */
const infoWith = (identity: Identity, backing: Backing | undefined): CacheInfo | Promise<CacheInfo> =>
  courseNow()?.info(identity, backing) ?? infoOf(identity);

/** Code that takes longer than a call waits for it is not too late for who listens on. */
const listenLate: ListenLate = (code, state, listener) => {
  let end: Unsubscribe | undefined;
  let isOver = false;
  const listen = (): void => {
    if (isOver) return;
    const late = state();
    end = late.listeners.add(listener);
    // until now it showed nothing: a load that begins, or what memory has
    try {
      listener(late.get(), pending);
    } catch (error) {
      reportListenerError(error);
    }
  };
  void code.load().then(() => whenThere(listen));
  return () => {
    isOver = true;
    end?.();
  };
};

function dataMembers(target: Target, clearStored: (key: string | undefined) => Promise<void>): object {
  const { w, bound } = target;
  const { identity } = w;
  const isWhole = !bound || !w.usesThis;
  /** Whether the entries that the members mean are stored; an instance keeps its own in memory. */
  const isStored = (): boolean => w.place !== undefined && (isWhole || w.makeKey.covers(bound));
  /** The way to what is stored, as soon as its code is there. */
  const connect = async (): Promise<Backing | undefined> => {
    await w.code.load();
    w.code.now();
    return isStored() ? w.backing : undefined;
  };
  const keyFor = (args: readonly unknown[]): string => keyOf(w, bound, args);
  return {
    refresh: (...args: unknown[]) => w.code.now()?.refresh(w, bound, args) ?? begin(w, bound, args, true),
    ref: (...args: unknown[]) => refOf(factsOf(w, bound, args), listenLate),
    subscribe(listener: Parameters<Course['subscribe']>[1]) {
      requireListener(listener);
      // the other tabs are heard from now on, whatever is called here
      void connect().then((backing) => backing?.connect());
      let end: (() => void) | undefined;
      const cancel = whenThere((course) => {
        end = course.subscribe(target, listener);
      });
      return () => {
        cancel();
        end?.();
      };
    },
    async clear(...args: unknown[]) {
      const key = args.length > 0 ? keyFor(args) : undefined;
      const cleared = isStored() && (key !== undefined || isWhole) && clearStored(key);
      whenThere((course) => course.clearHere(target, key, args));
      await cleared;
    },
    async has(...args: unknown[]) {
      const key = keyFor(args);
      const backing = await connect();
      return courseNow()?.has(target, key, backing) ?? false;
    },
    peek(...args: unknown[]) {
      const key = keyFor(args);
      return openWith(w)?.peek(target, key);
    },
    async prime(value: unknown, ...args: unknown[]) {
      const key = keyFor(args);
      if (!courseNow() && w.settings.copy !== 'share') value = copyAtOnce(value);
      const loaded = w.code.load();
      let done: Promise<void> | undefined;
      const cancel = whenThere((course) => {
        openWith(w);
        done = course.prime(target, { key, value, args }, connect);
      });
      if (!done) await loaded;
      cancel();
      await done;
    },
    async info() {
      return infoWith(identity, await connect());
    },
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
