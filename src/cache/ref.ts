import { reportListenerError } from '../browser/report-error.js';
import type { Unsubscribe } from '../core/listeners.js';
import { createReadableRef, type ReadableRef } from '../core/ref.js';
import type { RefState } from './ref-state.js';
import type { Call } from './wrapped.js';

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

export type Shown = CachedState<unknown>;

export const pending: Shown = Object.freeze({ status: 'pending', isStale: false, isFetching: false });

/** Of each ref: takes newer arguments of its call, since earlier ones may have been changed. */
const renewals = new WeakMap<object, (call: Call) => void>();

/** The same ref for equal arguments, as long as somebody holds it. Until its code is loaded it shows nothing. */
export function refOf(call: Call): ReadableRef<Shown> {
  const { bucket, key, w } = call;
  const present = bucket.refs.get(key);
  if (present) {
    renewals.get(present)?.(call);
    return present as ReadableRef<Shown>;
  }
  let newest = call;
  let made: RefState | undefined;
  const state = (): RefState | undefined => {
    const course = made ? undefined : w.code.now();
    if (course) made = new course.RefState(() => newest);
    return made;
  };
  const listen = (listener: (value: Shown, previous: Shown) => void): Unsubscribe => {
    const now = state();
    if (now) return now.listeners.add(listener);
    let end: Unsubscribe | undefined;
    let isOver = false;
    void w.code.load().then(() => {
      if (!isOver) end = state()?.listeners.add(listener);
    });
    return () => {
      isOver = true;
      end?.();
    };
  };
  const ref = createReadableRef<Shown>({
    get: () => state()?.get() ?? pending,
    listen,
    init: pending,
    report: reportListenerError,
  });
  renewals.set(ref, (call) => (newest = call));
  bucket.refs.set(key, ref);
  return ref;
}
