// A fact: one value of the page that can be read, and watched while somebody listens.
import { all, onShow } from '../browser/page-life.js';
import { reportListenerError } from '../browser/report-error.js';
import { createListeners, type Unsubscribe } from '../core/listeners.js';
import { createReadableRef, type ReadableRef } from '../core/ref.js';

/** A document's window, with the globals that belong to it. */
export type View = Window & typeof globalThis;

/**
 * Calls `use` with the document that facts are read from and its window; `inWorkers`: in a worker with its global scope and
 * no document. Elsewhere the result is `otherwise`.
 */
export type OnPage = <T>(use: (page: Document, view: View) => T, otherwise: T, inWorkers: boolean) => T;

/** Attaches what may tell of a change, and calls `look` then; `look` returns whether there was one. */
export type Watch = (page: Document, view: View, look: () => boolean) => Unsubscribe;

/** How one fact is read and watched. */
export interface Fact<T> {
  /** The same identity until the value changes. */
  get(): T;
  /** What a read gives. Default: `get`. */
  live?: () => T;
  /** What a server renders. */
  init: T;
  watch?: Watch | undefined;
  /** Known to workers, too: `watch` and reads get no document there. */
  inWorkers?: boolean;
}

export interface Observed<T> {
  read(): T;
  /** Tells listeners of a change in the microtask, if there is one. */
  lookSoon(): void;
  subscribe(listener: (value: T, previous: T) => void): Unsubscribe;
  ref(): ReadableRef<T>;
}

/** Rounds in one go after which a listener that changes what it listens to waits for the next event. */
const maxRounds = 100;

/** Browser listeners exist while somebody subscribes. */
export function observe<T>({ get, live, init, watch, inWorkers = false }: Fact<T>, onPage: OnPage): Observed<T> {
  let last: T;
  let isLooking = false;
  let isDue = false;
  let handle: ReadableRef<T> | undefined;

  const listeners = createListeners<[T, T]>(reportListenerError, () => {
    last = get();
    return onPage<Unsubscribe | undefined>(
      // what happened while the page was in the back/forward cache sent no event
      (page, view) => all(watch?.(page, view, look), onShow(look, view)),
      undefined,
      inWorkers,
    );
  });

  const look = (): boolean => {
    if (isLooking || !listeners.has()) return false;
    isLooking = true;
    let rounds = 0;
    try {
      for (let now = get(); now !== last && rounds < maxRounds; now = get(), rounds++) {
        const previous = last;
        last = now;
        listeners.notify(now, previous);
      }
    } finally {
      isLooking = false;
    }
    return rounds > 0;
  };

  const lookSoon = (): void => {
    if (isDue || isLooking || !listeners.has()) return;
    isDue = true;
    queueMicrotask(() => {
      isDue = false;
      look();
    });
  };

  const getAndTell = (): T => {
    const now = get();
    if (now !== last) lookSoon();
    return now;
  };

  return {
    read: live ?? getAndTell,
    lookSoon,
    subscribe: listeners.add,
    ref: () =>
      (handle ??= createReadableRef({ get: getAndTell, listen: listeners.add, init, report: reportListenerError })),
  };
}
