// The entry `tabstate/react`: hooks over refs, views and cached functions.
import { useMemo, useSyncExternalStore } from 'react';
import type { CachedState } from '../cache/ref.js';
import { type CachedLike, refOfCall, refOfView, requireRef, type ViewLike } from '../core/hook-inputs.js';
import type { ReadableRef } from '../core/ref.js';
import { sessionState } from '../session-state/session-state.js';

export type { CachedState } from '../cache/ref.js';
export type { CachedLike, ViewLike } from '../core/hook-inputs.js';
export type { Unsubscribe } from '../core/listeners.js';
export type { ReadableRef } from '../core/ref.js';

/**
 * The value of a ref. On a server, and in the first pass over what a server rendered, `ref.init`.
 *
 * @param select - what of it the component shows: it renders only when that changes (`Object.is`)
 * @throws TypeError for what is no ref
 * @example
 * const count = useValue(sessionState.ref('cart', [] as string[]), (cart) => cart.length);
 */
export function useValue<T>(ref: ReadableRef<T>): T;
export function useValue<T, R>(ref: ReadableRef<T>, select: (value: T) => R): R;
export function useValue<T>(ref: ReadableRef<T>, select: (value: T) => unknown = same): unknown {
  requireRef('useValue', ref);
  const [get, getInitial] = useMemo(() => {
    // selects once per value: a selection that is made anew stays the same until the value changes
    const reader = (read: () => T): (() => unknown) => {
      let last: [value: T, selection: unknown] | undefined;
      return () => {
        const value = read();
        if (!last || !Object.is(last[0], value)) last = [value, select(value)];
        return last[1];
      };
    };
    return [reader(ref.get), reader(() => ref.init as T)];
  }, [ref, select]);
  return useSyncExternalStore(ref.listen, get as () => unknown, getInitial);
}

const same = (value: unknown): unknown => value;

/**
 * One key of `sessionState`, used like `useState`; the setter stays the same function.
 *
 * @param initial - stored while the key is missing, and what a server renders
 * @example
 * const [count, setCount] = useSessionState('count', 0);
 */
export function useSessionState<T>(key: string, initial: T): [T, (next: T | ((value: T) => T)) => void] {
  // on a server neither is called: its state belongs to all visitors
  const [listen, get, set] = useMemo(() => {
    const ref = (): KeyRef<T> => sessionState.ref(key, initial) as unknown as KeyRef<T>;
    return [
      (listener: () => void) => ref().listen(listener),
      () => ref().get(),
      (next: T | ((value: T) => T)): void =>
        typeof next === 'function' ? ref().update(next as (value: T) => T) : ref().set(next),
    ] as const;
    // the first initial counts
  }, [key]);
  return [useSyncExternalStore(listen, get, () => initial), set];
}

interface KeyRef<T> extends ReadableRef<T> {
  set(value: T): void;
  update(change: (value: T) => T): void;
}

/**
 * The values of a typed view; they are changed through the view itself.
 *
 * @param initial - what a server read from its request, `view.parse(request.url)`. Default: the view's defaults
 * @throws TypeError for what is no view of `queryParams.define`
 * @example
 * const { page } = useParams(filters);
 * return <button onClick={() => { filters.page += 1; }}>Page {page}</button>;
 */
export function useParams<T extends object>(view: ViewLike<T>, initial?: T): T {
  const ref = refOfView('useParams', view);
  return useSyncExternalStore(ref.listen, ref.get, () => initial ?? ref.init);
}

/**
 * The state of a cached call, which the first component loads. On a server nothing runs: it shows `pending`.
 *
 * @throws TypeError for what is no cached function; UnhashableParamError if an argument cannot be a key
 * @example
 * const { value, error, isFetching } = useCached(getUser, '7');
 */
export function useCached<A extends unknown[], R>(fn: CachedLike<A, CachedState<R>>, ...args: A): CachedState<R> {
  return useValue(refOfCall('useCached', fn, args));
}

/** An error that was given to error boundaries. */
interface Failure {
  readonly times: number;
  /** The last time, ms since 1970. */
  readonly at: number;
}

/** By ref: what components wait for, or why they wait no more. */
const waits = new WeakMap<object, Promise<unknown> | Failure>();

/** Resolves when the load has ended, also by an error; with the ref, which lives as long as React waits. */
const load = (ref: ReadableRef<CachedState<unknown>>, again: () => unknown): Promise<unknown> =>
  new Promise((resolve) => {
    const finish = (): void => {
      end();
      waits.delete(ref);
      resolve([ref]);
    };
    const end = ref.listen(({ isFetching }) => isFetching || finish());
    const { isFetching, status } = ref.get();
    // loaded at once, or another component listens already to a call that has failed; while nothing is known of the call its
    // code is on the way
    if (!isFetching && status !== 'pending')
      Promise.resolve()
        .then(status === 'error' ? again : undefined)
        .then(finish, finish);
  });

/**
 * The value of a cached call. Suspends when there is none yet, never for a value that is only stale. An error of the first
 * load goes to the error boundary, whose reset tries again.
 *
 * @throws TypeError for what is no cached function; UnhashableParamError if an argument cannot be a key
 * @example
 * const user = useSuspenseCached(getUser, '7');
 */
export function useSuspenseCached<A extends unknown[], R>(fn: CachedLike<A, CachedState<R>>, ...args: A): R {
  const ref = refOfCall('useSuspenseCached', fn, args);
  // nothing for a server: React then shows the fallback there, where a promise that brings nothing would be asked for ever
  useSyncExternalStore(ref.listen, () => ref.get().value);
  const { status, value, error } = ref.get();
  if (status !== 'success' && value === undefined) {
    let wait = waits.get(ref);
    if (status === 'error' && !(wait instanceof Promise)) {
      const now = Date.now();
      const { times, at } = wait ?? { times: 0, at: now };
      // React renders twice before an error counts; whoever comes after that tries again
      if (now - at < (times < 2 ? 1000 : 20)) {
        waits.set(ref, { times: times + 1, at: now });
        throw error;
      }
    }
    if (!(wait instanceof Promise)) waits.set(ref, (wait = load(ref, () => fn.refresh(...args))));
    throw wait;
  }
  return value as R;
}
