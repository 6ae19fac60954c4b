// The one reactive handle: readable and writable refs over a source.
import { requireListener, type Unsubscribe } from './listeners.js';

/**
 * One reactive handle for every framework: the contract of nanostores' stores and of Svelte's store contract, and what
 * React's `useSyncExternalStore(ref.listen, ref.get)` asks for. All methods work unbound.
 */
export interface ReadableRef<T> {
  /** May be the live object (sessionState). */
  readonly value: T;
  /** What a server renders: `useStore(ref, { ssr: 'initial' })`. */
  readonly init: T | undefined;
  /** A snapshot: stable identity until the value changes, a new one then. */
  get(): T;
  /** Calls the listener now and after every change. */
  subscribe(listener: (value: T) => void): Unsubscribe;
  /** Calls the listener after every change only. */
  listen(listener: (value: T, previous: T) => void): Unsubscribe;
  /**
   * This and the next three are in the type of nanostores' stores, which `useStore` of @nanostores/react, /preact, /vue and
   * /solid asks for. None of them exists: those functions use `get`, `listen` and `init`.
   */
  readonly eq: never;
  readonly lc: never;
  readonly notify: never;
  readonly off: never;
}

export interface Ref<T> extends ReadableRef<T> {
  value: T;
  set(value: T): void;
  /** Sets what `change` makes of the value. */
  update(change: (value: T) => T): void;
}

/** On refs of objects that change in place, also for another copy: finds the changes that `get` would not show yet. */
export const lookNow: unique symbol = Symbol.for('tabstate.look') as never;

export interface RefSource<T> {
  get(): T;
  listen(listener: (value: T, previous: T) => void): Unsubscribe;
  init?: T | undefined;
  /** Gets what a listener throws when `subscribe` calls it at once. */
  report(error: unknown): void;
}

export interface WritableRefSource<T> extends RefSource<T> {
  set(value: T): void;
  /** What `value` reads; default: `get`. */
  live?: () => T;
  /** Default: `set(change(live()))`. */
  update?: (change: (value: T) => T) => void;
}

/** A read-only ref over `get` and `listen`. */
export function createReadableRef<T>(source: RefSource<T>): ReadableRef<T> {
  const { get, report } = source;
  const listen: ReadableRef<T>['listen'] = (listener) => source.listen(requireListener(listener));
  return {
    get value() {
      return get();
    },
    get init() {
      return source.init;
    },
    get,
    listen,
    subscribe(listener: (value: T) => void) {
      requireListener(listener);
      const end = source.listen((value) => listener(value));
      try {
        listener(get());
      } catch (error) {
        report(error);
      }
      return end;
    },
  } as Omit<ReadableRef<T>, 'eq' | 'lc' | 'notify' | 'off'> as ReadableRef<T>;
}

/** A ref over `get`, `set` and `listen`. */
export function createRef<T>(source: WritableRefSource<T>): Ref<T> {
  const { get, live = get, set, update = (change) => set(change(live())) } = source;
  const ref = Object.assign(createReadableRef(source), { set, update });
  return Object.defineProperty(ref, 'value', { get: live, set });
}
