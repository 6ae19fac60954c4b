// `cacheResource`: options, members, and who releases an object when.
import { on } from '../browser/page-life.js';
import { requireListener } from '../core/listeners.js';
import { isThenable } from '../core/promises.js';
import type { ReadableRef } from '../core/ref.js';
import { shared } from '../registry.js';
import { forget } from './bucket.js';
import { type CacheState, defaultState, identitiesOf, isServer } from './cache-state.js';
import * as calls from './calls.js';
import type { Entry } from './entry.js';
import { bucketsOf, type CacheInfo, type Holders, type Identity, infoOf, isUsed } from './identity.js';
import { type CommonMembers, clearHere, freshEntry, primeHere, subscribe, type Target } from './members.js';
import type { CacheableFunction, CacheResourceOptions } from './options.js';
import { fn, readers, readTag } from './read-options.js';
import { type CachedState, refOf } from './ref.js';
import { type CallCode, createForms, factsOf, keyOf, type Values, type Wrapped } from './wrap.js';

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

/** Counts the entries that hold each object, and gives it to `onRelease` once, with the last one. */
class ResourceHolders implements Holders {
  readonly #counts = new Map<unknown, number>();
  /** Of the newest wrapper that has one. What it throws, or rejects with, is reported and reaches nobody. */
  #onRelease: ((value: unknown) => unknown) | undefined;
  #report: (cause: unknown) => void = () => {};

  releaseWith(onRelease: (value: unknown) => unknown, report: (cause: unknown) => void): void {
    this.#onRelease = onRelease;
    this.#report = report;
  }

  add(value: unknown): void {
    this.#counts.set(value, (this.#counts.get(value) ?? 0) + 1);
  }

  takeBack(value: unknown): void {
    const left = (this.#counts.get(value) ?? 1) - 1;
    if (left > 0) this.#counts.set(value, left);
    else this.#counts.delete(value);
  }

  remove(value: unknown): void {
    this.takeBack(value);
    this.discard(value);
  }

  discard(value: unknown): void {
    if (this.#counts.has(value)) return;
    try {
      const answer = this.#onRelease?.(value);
      if (isThenable(answer)) answer.then(undefined, this.#report);
    } catch (error) {
      this.#report(error);
    }
  }

  isReleased(value: unknown): boolean {
    return this.#onRelease !== undefined && !this.#counts.has(value);
  }
}

/** A call of a resource may be synchronous, so nothing of its course comes late. */
const code: CallCode = { now: () => calls, load: async () => {} };

/** Resources are kept and given as they are. */
const valuesWith = (holders: Holders): Values => ({
  keep: (live) => ({ live, bytes: 0, weight: 0 }),
  give: (_bucket, { live }) => live,
  added: (_bucket, { live }) => holders.add(live),
});

/** Makes the `cacheResource` of a cache. */
export function createCacheResource(state: CacheState): CacheResource {
  let isWatching = false;
  const identities = (): Identity[] => identitiesOf(state, 'resource');
  const releaseOnLeave = (): void => {
    if (isWatching || typeof window === 'undefined') return;
    isWatching = true;
    // a page in the back/forward cache keeps its objects
    on<PageTransitionEvent>(window, 'pagehide', ({ persisted }) => {
      if (!persisted) for (const { entries } of identities().flatMap(bucketsOf)) entries.clear();
    });
  };
  const forms = createForms(state, {
    kind: 'resource',
    call: 'cacheResource',
    options: { ...readers, onRelease: fn },
    complete(base): Wrapped {
      const { identity, settings, isDeclaredAsync } = base;
      identity.holders ??= new ResourceHolders();
      const holders = identity.holders as ResourceHolders;
      if (settings.onRelease) {
        const { label } = identity;
        holders.releaseWith(settings.onRelease, (cause) =>
          state.warn('cache-release', label, '`onRelease` failed.', cause),
        );
        releaseOnLeave();
      }
      return {
        ...base,
        isData: false,
        rejects: isDeclaredAsync,
        values: valuesWith(holders),
        enter: calls.enter,
        code,
        place: undefined,
        backing: undefined,
        isPassive: isServer,
      };
    },
    members(w, bound) {
      const target: Target = { w, bound };
      const find = (args: unknown[]): Entry | undefined => freshEntry(target, keyOf(w, bound, args))?.entry;
      return {
        refresh: (...args: unknown[]) => calls.refresh(w, bound, args),
        ref: (...args: unknown[]) => refOf(factsOf(w, bound, args)),
        subscribe: (listener: Parameters<typeof subscribe>[1]) => subscribe(target, requireListener(listener)),
        clear: (...args: unknown[]) => clearHere(target, args.length > 0 ? keyOf(w, bound, args) : undefined, args),
        has: (...args: unknown[]) => find(args) !== undefined,
        peek: (...args: unknown[]) => find(args)?.live,
        prime: (value: unknown, ...args: unknown[]) => void primeHere(target, keyOf(w, bound, args), value, args),
        info: () => infoOf(w.identity),
      };
    },
  });
  return Object.assign(forms as CacheResource, {
    clear: (target?: { tag: string }) =>
      forget(identities().flatMap(bucketsOf), { tag: readTag('cacheResource.clear', target) }, 'this'),
    info: () => identities().map(infoOf).filter(isUsed),
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
export const cacheResource: CacheResource = shared('cacheResource', () => createCacheResource(defaultState()));
