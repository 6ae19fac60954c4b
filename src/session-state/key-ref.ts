// sessionState.ref(key).
import { reportListenerError } from '../browser/report-error.js';
import { absent } from '../core/batch.js';
import { createRef, lookNow, type Ref } from '../core/ref.js';
import type { ValueText } from '../core/values/text.js';
import { type Entry, isObject, type State } from './state.js';

/** The ref of one key, and what to give it while the key is missing. */
export interface KeyRef {
  readonly ref: Ref<unknown>;
  /** The first one offered counts. */
  offer(initial: unknown): void;
}

/** @param set - what assigning does */
export function createKeyRef(key: string, state: State, set: (key: string, value: unknown) => void): KeyRef {
  const { format, parse } = state.text;
  let initial: unknown;
  let isOffered = false;
  /** Of `initial` before anybody could change it; `undefined`: not used yet. */
  let pristine: ReturnType<ValueText['format']> | null | undefined;
  let known: Entry | undefined;
  /** Not before the first use: a ref by itself touches no storage. */
  const entry = (): Entry => {
    known ??= state.entry(key);
    if (!state.isPresent(known) && isOffered) state.init(known, freshInitial());
    return known;
  };
  /** The initial value itself the first time, copies then. */
  const freshInitial = (): unknown => {
    if (typeof pristine === 'string') return parse(pristine);
    if (pristine === undefined) pristine = isObject(initial) ? format(initial) : null;
    return initial;
  };
  /** What listeners receive for a missing key. */
  const givenForMissing = (): unknown => {
    if (!isOffered) return undefined;
    return state.isPresent(state.entry(key)) ? freshInitial() : source.get();
  };
  const source = {
    get init() {
      return initial;
    },
    get() {
      // the same object as long as the tick has not looked at it
      if (known?.isTouched && known.shown !== undefined && known.nextLookAt >= 0) return known.shown;
      // a server shows what a page begins with, and keeps it for nobody
      if (typeof document === 'undefined' && !state.isKnown(key)) return initial;
      return state.show(entry());
    },
    live: () => state.read(entry()),
    listen: (listener: (value: unknown, previous: unknown) => void) =>
      state.listen(key, ({ value, previous, shown }) =>
        listener(
          value === absent ? givenForMissing() : (shown ?? value),
          previous !== absent ? previous : isOffered ? freshInitial() : undefined,
        ),
      ),
    report: reportListenerError,
    set(value: unknown) {
      // the first use, which stores the initial value: listeners receive it as the previous one
      entry();
      set(key, value);
    },
    update(change: (value: unknown) => unknown) {
      const live = source.live();
      const result = change(live);
      // nothing returned: the object was changed in place
      set(key, result === undefined && typeof live === 'object' ? live : result);
    },
  };
  return {
    ref: Object.assign(createRef(source), {
      [lookNow]() {
        if (known) state.lookNow(known);
      },
    }),
    offer(value) {
      if (isOffered) return;
      isOffered = true;
      initial = value;
    },
  };
}
