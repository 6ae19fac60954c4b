// What the hooks of React, Vue and Solid take, checked and made a ref.
import type { Unsubscribe } from './listeners.js';
import type { ReadableRef } from './ref.js';

/** What the hooks need of a typed view of `queryParams.define`; `T` are its values. */
export interface ViewLike<T extends object> {
  toDict(): T;
  subscribe(listener: () => void): Unsubscribe;
  reset(): void;
  ref(name: never): { readonly init?: unknown };
}

/** What the hooks need of a cached function; `S` is what its ref shows. */
export interface CachedLike<A extends unknown[], S> {
  ref(...args: A): ReadableRef<S>;
  refresh(...args: A): unknown;
}

/** @throws TypeError where `value` has not what `hook` needs, instead of a missing function somewhere inside */
function need(hook: string, value: unknown, member: string, what: string): void {
  if (typeof (value as Record<string, unknown> | null | undefined)?.[member] !== 'function')
    throw new TypeError(`${hook}: its first argument must be ${what}.`);
}

/** @throws TypeError for what is no ref */
export function requireRef<R extends ReadableRef<unknown>>(hook: string, ref: R): R {
  need(hook, ref, 'listen', 'a ref, such as sessionState.ref(key)');
  return ref;
}

/** The ref of a call. @throws TypeError for what is no cached function */
export function refOfCall<A extends unknown[], S>(hook: string, fn: CachedLike<A, S>, args: A): ReadableRef<S> {
  need(hook, typeof fn === 'function' && fn, 'ref', 'a function wrapped by cacheData');
  return fn.ref(...args);
}

/** A view as one ref: the same dict until one of its values changes. */
export interface ViewRef<T> {
  readonly init: T;
  get(): T;
  listen(listener: (value: T) => void): Unsubscribe;
}

const viewRefs = new WeakMap<object, ViewRef<never>>();

/** One for each view. @throws TypeError for what is no view */
export function refOfView<T extends object>(hook: string, view: ViewLike<T>): ViewRef<T> {
  // states and queryParams have the other members, too
  need(hook, view, 'reset', 'a view of queryParams.define');
  let ref = viewRefs.get(view);
  if (!ref) {
    let last = view.toDict();
    const get = (): T => {
      const now = view.toDict();
      const isSame = Object.entries(now).every(([name, value]) => Object.is(value, last[name as keyof T]));
      return isSame ? last : (last = now);
    };
    ref = {
      // what stands in the URL of a server's process is nobody's
      init: Object.fromEntries(Object.keys(last).map((name) => [name, view.ref(name as never).init])) as T,
      get,
      listen: (listener) => view.subscribe(() => listener(get())),
    } as ViewRef<T> as ViewRef<never>;
    viewRefs.set(view, ref);
  }
  return ref;
}
