import { reportListenerError } from '../browser/report-error.js';
import { createRef, type Ref } from '../core/ref.js';
import type { ValueText } from '../core/value-text.js';
import { type Entry, isObject } from './entry.js';
import type { Values } from './values.js';

/** The ref of one key, and what to give it while the key is missing. */
export interface KeyRef {
  readonly ref: Ref<unknown>;
  /** The first one offered counts. */
  offer(initial: unknown): void;
}

/** @param set - what assigning does */
export function createKeyRef(
  key: string,
  values: Values,
  { format, parse }: ValueText,
  set: (key: string, value: unknown) => void,
): KeyRef {
  let initial: unknown;
  let isOffered = false;
  /** Of `initial` before anybody could change it; `undefined`: not used yet. */
  let pristine: ReturnType<typeof format> | null | undefined;
  let known: Entry | undefined;
  /** Not before the first use: a ref by itself touches no storage. */
  const entry = (): Entry => {
    known ??= values.entry(key);
    if (isOffered && !values.isPresent(known)) {
      let value = initial;
      if (pristine === undefined) pristine = isObject(initial) ? format(initial) : null;
      else if (typeof pristine === 'string') value = parse(pristine);
      values.init(known, value);
    }
    return known;
  };
  const source = {
    get init() {
      return initial;
    },
    get() {
      // the same object as long as the tick has not looked at it
      if (known?.isTouched && known.shown !== undefined && known.nextLookAt >= 0) return known.shown;
      // a server shows what a page begins with, and keeps it for nobody
      if (typeof document === 'undefined' && !values.isKnown(key)) return initial;
      return values.show(entry());
    },
    live: () => values.read(entry()),
    listen: (listener: (value: unknown, previous: unknown) => void) =>
      values.subscribe(key, (_value, previous) => listener(source.get(), previous)),
    report: reportListenerError,
    set: (value: unknown) => set(key, value),
    update(change: (value: unknown) => unknown) {
      const live = source.live();
      const result = change(live);
      // nothing returned: the object was changed in place
      set(key, result === undefined && typeof live === 'object' ? live : result);
    },
  };
  return {
    ref: createRef(source),
    offer(value) {
      if (isOffered) return;
      isOffered = true;
      initial = value;
    },
  };
}
