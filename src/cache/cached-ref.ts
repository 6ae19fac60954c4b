import { systemClock as clock } from '../browser/clock.js';
import { reportListenerError } from '../browser/report-error.js';
import { createListeners } from '../core/listeners.js';
import { isPromise } from '../core/promises.js';
import { createReadableRef, type ReadableRef } from '../core/ref.js';
import { enterFor } from './calls.js';
import type { Held } from './memory-tier.js';
import { hearOfKey, type Room } from './records.js';
import { judge, type Wrapper } from './wrapper.js';

/** What a ref of a cached call shows. */
export interface CachedState<T> {
  /** `pending`: there is no value yet. `error`: the last run failed; an older `value` stays. */
  readonly status: 'pending' | 'success' | 'error';
  readonly value?: T;
  readonly error?: unknown;
  /** The value is older than `ttl`, or was cleared. */
  readonly isStale: boolean;
  readonly isFetching: boolean;
}

const pending: CachedState<never> = Object.freeze({ status: 'pending', isStale: false, isFetching: false });

/** Timers take 31 bits of ms. */
const maxTimer = 2 ** 31 - 1;

/** The ref of one call: loads with its first listener, and again whenever the entry is set or cleared anywhere. */
export function createCachedRef<T>(
  w: Wrapper,
  room: Room,
  key: string,
  self: unknown,
  args: readonly unknown[],
): ReadableRef<CachedState<T>> {
  let state: CachedState<T> = pending;
  /** The entry that `state` shows. */
  let shown: Held | undefined;
  let loading = 0;
  let cancelTimer: (() => void) | undefined;
  const listeners = createListeners<[CachedState<T>, CachedState<T>]>(reportListenerError, () => {
    const end = hearOfKey(room, key, (event) => {
      if (event.type === 'clear') {
        shown = undefined;
        if (state.status !== 'pending') show({ isStale: true });
        load();
      } else if (event.type === 'set') {
        if (event.tab === 'other') load();
        else if (!state.isFetching) follow();
      } else if (event.type === 'error' && !state.isFetching) show({ status: 'error', error: event.error });
    });
    // what memory has for certain need not be fetched: nobody is told of a load that is none
    const isCertain = get().status === 'success' && shown && !state.isStale && !w.settings.validate;
    if (isCertain && !w.isDoubtful?.(room, shown as Held)) watch(shown as Held);
    else load();
    return () => {
      end();
      cancelTimer?.();
      loading++;
      state = { ...state, isFetching: false };
    };
  });

  const show = (changes: Partial<CachedState<T>>): void => {
    const previous = state;
    const { error, ...rest } = { ...state, ...changes };
    state = rest.status === 'error' ? { ...rest, error } : rest;
    listeners.notify(state, previous);
  };
  /** Shows what memory holds; one copy per change. */
  const follow = (changes: Partial<CachedState<T>> = {}): void => {
    const entry = room.shelf.get(key);
    if (!entry || entry === shown) {
      if (Object.keys(changes).length > 0) show(changes);
      return;
    }
    if (w.isAway?.(entry)) {
      load();
      return;
    }
    shown = entry;
    show({
      status: 'success',
      value: w.give(room, entry) as T,
      isStale: judge(entry, w.settings) !== 'fresh',
      ...changes,
    });
    watch(entry);
  };
  /** Only somebody who listens hears of the expiry by a timer. */
  const watch = (entry: Held): void => {
    cancelTimer?.();
    cancelTimer = undefined;
    const left = Math.min(entry.expiresAt, entry.createdAt + w.settings.ttlMs) - clock.now();
    if (left <= 0 || left === Infinity) return;
    cancelTimer = clock.after(Math.min(left, maxTimer), () => {
      if (shown !== entry) return;
      if (judge(entry, w.settings) === 'fresh') watch(entry);
      else show({ isStale: true });
    });
  };
  const load = (): void => {
    const turn = ++loading;
    let newest = 0;
    if (!state.isFetching) show({ isFetching: true });
    const done = (value: unknown): void => {
      if (turn !== loading) return;
      const entry = room.shelf.get(key);
      // something newer than this load was put while it went on
      if (entry && (entry === shown || (entry.order > newest && !w.isAway?.(entry)))) {
        follow({ status: 'success', isFetching: false });
        return;
      }
      shown = entry;
      show({
        status: 'success',
        value: value as T,
        isStale: entry !== undefined && judge(entry, w.settings) !== 'fresh',
        isFetching: false,
      });
      if (entry) watch(entry);
    };
    const fail = (error: unknown): void => {
      if (turn === loading) show({ status: 'error', error, isFetching: false });
    };
    let value: unknown;
    try {
      value = enterFor({ w, room, key, self, args: latest.get(ref) ?? args });
      newest = w.core.order;
    } catch (error) {
      fail(error);
      return;
    }
    // a resource that is no promise, though perhaps a thenable
    if (isPromise(value)) value.then(done, fail);
    else done(value);
  };
  const get = (): CachedState<T> => {
    if (listeners.has()) return state;
    const entry = room.shelf.get(key);
    const isStale = entry !== undefined && judge(entry, w.settings) !== 'fresh';
    // what has to be waited for is seen by listeners only
    if (entry && (entry === shown ? isStale !== state.isStale : !w.isAway?.(entry))) {
      const value = entry === shown ? (state.value as T) : (w.give(room, entry) as T);
      shown = entry;
      state = { status: 'success', value, isStale, isFetching: false };
    } else if (!entry && shown) {
      // cleared or evicted: nobody listened
      shown = undefined;
      state = pending;
    }
    return state;
  };
  const ref = createReadableRef<CachedState<T>>({
    get,
    listen: listeners.add,
    init: pending,
    report: reportListenerError,
  });
  return ref;
}

/** The arguments by which a ref was asked for last: earlier ones may have been changed since. */
const latest = new WeakMap<object, readonly unknown[]>();

/** The same ref for equal arguments, as long as somebody holds it. */
export function refOf<T>(
  w: Wrapper,
  room: Room,
  key: string,
  self: unknown,
  args: readonly unknown[],
): ReadableRef<CachedState<T>> {
  const present = room.refs.get(key);
  if (present) {
    latest.set(present, args);
    return present as ReadableRef<CachedState<T>>;
  }
  const ref = createCachedRef<T>(w, room, key, self, args);
  room.refs.set(key, ref);
  return ref;
}
