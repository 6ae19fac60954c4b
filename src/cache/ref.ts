// Refs of cached calls: one for equal arguments, there before its code is.
import { reportListenerError } from '../browser/report-error.js';
import type { Unsubscribe } from '../core/listeners.js';
import { createReadableRef, type ReadableRef } from '../core/ref.js';
import type { RefState } from './ref-state.js';
import { createWeakItems } from './weak-items.js';
import { type CallCode, type CallFacts, ownerOf } from './wrap.js';

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

/** The call of each ref, with its newest arguments: earlier ones may have been changed. */
const calls = new WeakMap<object, { args: CallFacts['args'] }>();

/** Listens as soon as there is a state to listen to. */
export type ListenLate = (code: CallCode, state: () => RefState, listener: RefListener) => Unsubscribe;
type RefListener = (now: Shown, before: Shown) => void;

/**
 * The same ref for equal arguments, as long as somebody holds it. Until its code is loaded it shows nothing.
 *
 * @param listenLate - for functions whose code comes late
 */
export function refOf(facts: CallFacts, listenLate?: ListenLate): ReadableRef<Shown> {
  const { w, self, key, args } = facts;
  const { refs } = w.identity;
  const owner = ownerOf(w, self) ?? refs;
  const index = refs.get(owner) ?? createWeakItems();
  refs.set(owner, index);
  const present = index.get(key) as ReadableRef<Shown> | undefined;
  if (present) {
    (calls.get(present) as { args: CallFacts['args'] }).args = args;
    return present;
  }
  let made: RefState | undefined;
  const state = (): RefState | undefined => (made ??= w.code.now()?.refStateOf(facts));
  const ref = createReadableRef<Shown>({
    get: () => state()?.get() ?? pending,
    listen(listener) {
      const now = state();
      return now ? now.listeners.add(listener) : (listenLate as ListenLate)(w.code, state as () => RefState, listener);
    },
    init: pending,
    report: reportListenerError,
  });
  calls.set(ref, facts);
  index.set(key, ref);
  return ref;
}
