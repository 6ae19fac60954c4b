import { reportListenerError } from '../browser/report-error.js';
import { createDelivery, type Delivery } from '../core/batch.js';
import type { Unsubscribe } from '../core/listeners.js';
import { isSameTexts, type Texts } from '../core/query-text.js';

export interface Notices extends Delivery<Texts> {
  /** Others may have changed something. Told in a microtask: it may have been seen by a read, during a rendering. */
  soon(): void;
  /** What waits to be told is told at once. */
  now(): void;
  /** This key has got other texts. */
  edited(key: string, list: Texts, before: Texts | undefined): void;
}

export interface NoticesOptions {
  /** What all keys read now. */
  all(): ReadonlyMap<string, Texts>;
  /** Begins to hear of changes of the address. */
  listen(): Unsubscribe;
  onLoop(keys: string[]): void;
  later(run: () => void): void;
}

/** Tells the listeners what has changed since they were last told. */
export function createNotices({ all, listen, onLoop, later }: NoticesOptions): Notices {
  /** None: nobody listens. */
  let told: Map<string, Texts> | undefined;
  let isQueued = false;
  const delivery = createDelivery<Texts>({
    report: reportListenerError,
    isSame: isSameTexts,
    onLoop,
    later,
    onFirst() {
      told = new Map(all());
      const stop = listen();
      return () => {
        told = undefined;
        stop();
      };
    },
  });
  const tell = (): void => {
    const before = told;
    isQueued = false;
    if (!before) return;
    const now = (told = new Map(all()));
    delivery.batch(() => {
      for (const key of new Set([...before.keys(), ...now.keys()]))
        if (before.get(key) !== now.get(key)) delivery.changed(key, now.get(key), before.get(key));
    });
  };
  return {
    ...delivery,
    soon() {
      if (!told || isQueued) return;
      isQueued = true;
      queueMicrotask(tell);
    },
    now() {
      if (isQueued) tell();
    },
    edited(key, list, before) {
      if (!told) return;
      const now = list.length > 0 ? list : undefined;
      if (now) told.set(key, now);
      else told.delete(key);
      delivery.changed(key, now, before?.length ? before : undefined);
    },
  };
}
