import { on } from '../browser/page-life.js';
import { isThenable } from '../core/promises.js';
import type { ReadableRef } from '../core/ref.js';
import { shared } from '../registry.js';
import type { CacheableFunction } from './cacheable-function.js';
import type { CachedState } from './cached-ref.js';
import { defaultCore, isServer } from './default-core.js';
import { forgetFunction, forgetTag, readTag } from './forget.js';
import {
  type CacheInfo,
  type CommonMembers,
  clearHere,
  commonMembers,
  freshEntry,
  infoOf,
  type Place,
  primeHere,
} from './members.js';
import type { CacheResourceOptions } from './options.js';
import { fn, readers } from './read-options.js';
import { type CacheCore, type FunctionRecord, letGo, recordsOf, roomsOf } from './records.js';
import { createForms } from './wrap.js';
import type { Wrapper } from './wrapper.js';

/** A function whose results are live objects, kept on this page and given to everyone. */
export interface CachedResource<A extends unknown[], R> extends CommonMembers<A, R> {
  (...args: A): R;
  /** Without arguments all entries of this function, else that of the call; what goes is released. */
  clear(...args: A | []): void;
  /** Whether a fresh entry exists. */
  has(...args: A): boolean;
  /** The object, `undefined` where there is no fresh one; runs nothing. */
  peek(...args: A): Awaited<R> | undefined;
  /** Stores an object without running. */
  prime(value: Awaited<R>, ...args: A): void;
  info(): CacheInfo;
  /** The original function. */
  readonly wrapped: (...args: A) => R;
  readonly name: string;
  readonly length: number;
}

export interface CacheResource {
  <F extends CacheableFunction>(
    fn: F,
    options?: CacheResourceOptions<Parameters<F>, ReturnType<F>>,
  ): CachedResource<Parameters<F>, ReturnType<F>>;
  <A extends unknown[], R>(fn: (...args: A) => R, options?: CacheResourceOptions<A, R>): CachedResource<A, R>;
  /** Options first; also a decorator of methods. */
  (
    options?: CacheResourceOptions,
  ): {
    <F extends CacheableFunction>(fn: F): CachedResource<Parameters<F>, ReturnType<F>>;
    <This, A extends unknown[], R>(
      fn: (this: This, ...args: A) => R,
      context?: ClassMethodDecoratorContext<This, (this: This, ...args: A) => R>,
    ): CachedResource<A, R>;
  };
  /** Clears all functions of this kind, or the entries of a tag. */
  clear(target?: { tag: string }): void;
  /** Of all functions that were used on this page. */
  info(): CacheInfo[];
}

/** Gives `onRelease` each object once. What it throws, or rejects with, is reported and reaches nobody. */
function releaser(
  core: CacheCore,
  record: FunctionRecord,
  onRelease: (value: unknown) => unknown,
): (value: unknown) => void {
  const report = (cause: unknown): void =>
    core.warn('cache-release', record.label, `${record.label}: its \`onRelease\` function failed.`, cause);
  return (value) => {
    try {
      const answer = onRelease(value);
      if (isThenable(answer)) answer.then(undefined, report);
    } catch (error) {
      report(error);
    }
  };
}

/** Makes the `cacheResource` of a cache. */
export function createCacheResource(core: CacheCore): CacheResource {
  let isWatching = false;
  const records = (): FunctionRecord[] => recordsOf(core, 'resource');
  const forms = createForms(core, {
    kind: 'resource',
    call: 'cacheResource',
    options: { ...readers, onRelease: fn },
    complete(base): Wrapper {
      const { record, settings, isDeclaredAsync } = base;
      if (settings.onRelease) {
        record.release = releaser(core, record, settings.onRelease);
        if (!isWatching && typeof window !== 'undefined') {
          isWatching = true;
          // a page in the back/forward cache keeps its objects
          on<PageTransitionEvent>(window, 'pagehide', ({ persisted }) => {
            if (!persisted) for (const each of records()) for (const { shelf } of roomsOf(each)) shelf.clear();
          });
        }
      }
      return {
        ...base,
        isData: false,
        rejects: isDeclaredAsync,
        isPassive: isServer,
        keep: (live) => ({ live, bytes: 0, weight: 0 }),
        give: (_room, { live }) => live,
        onMiss() {},
        onPut: (_room, { live }) => void record.holders.set(live, (record.holders.get(live) ?? 0) + 1),
        // not released: the callers have it
        onUnput({ live }) {
          const left = (record.holders.get(live) ?? 0) - 1;
          if (left > 0) record.holders.set(live, left);
          else record.holders.delete(live);
        },
        isReleased: ({ live }) => record.release !== undefined && !record.holders.has(live),
        onUnused({ live }) {
          if (!record.holders.has(live)) letGo(record, live);
        },
      };
    },
    members(w, bound) {
      const place: Place = { w, bound };
      return {
        ...commonMembers(place),
        clear: (...args: unknown[]) => void clearHere(place, args),
        has: (...args: unknown[]) => freshEntry(place, args) !== undefined,
        peek: (...args: unknown[]) => freshEntry(place, args)?.entry.live,
        prime: (value: unknown, ...args: unknown[]) => void primeHere(place, value, args),
        info: () => infoOf(w.record),
      };
    },
  });
  return Object.assign(forms as CacheResource, {
    clear(target?: { tag: string }) {
      const tag = readTag('cacheResource.clear', target);
      for (const record of records())
        tag === undefined ? forgetFunction(record, 'this') : forgetTag(record, tag, 'this');
    },
    info: () =>
      records()
        .map(infoOf)
        .filter(({ hits, misses, entries }) => hits + misses + entries > 0),
  });
}

export type { CachedState, ReadableRef };

/**
 * Keeps the live object that `fn` returned, one per list of arguments, on this page: a socket, a worker, a database.
 *
 * Everyone gets the same object. Nothing is copied, checked or persisted. A function that returns a promise is cached
 * as one; a rejection is not kept.
 *
 * @param options - `validate` looks at the object on each hit, `onRelease` gets it once when it goes.
 * @returns A function with `fn`'s parameters and result, with `clear()`, `refresh()` and more.
 * @throws UnhashableParamError if an argument cannot be a key (rejects for an `async` function). Errors of `fn` pass
 *   through and are not stored.
 * @example
 * const socket = cacheResource((url: string) => new WebSocket(url), { validate: (s) => s.readyState < 2, onRelease: (s) => s.close() });
 */
export const cacheResource: CacheResource = shared('cacheResource', () => createCacheResource(defaultCore()));
