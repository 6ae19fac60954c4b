import type { Clock } from '../browser/clock.js';
import { type Entry, isObject } from './entry.js';
import type { InPlace } from './in-place.js';
import type { Persistence } from './persistence.js';

export interface TicksOptions extends Pick<InPlace, 'textOf' | 'look' | 'isResting'> {
  clock: Clock;
  persistence: Pick<Persistence, 'write' | 'isWaiting'>;
  isHeard(key: string): boolean;
  /** The first object was handed out or set. */
  onFirst(): void;
  /** Tells listeners of these, once. */
  tellAll(found: readonly Found[]): void;
  /** Listeners change what they get, tick after tick. */
  onLoop(keys: string[]): void;
}

export interface Found {
  readonly entry: Entry;
  readonly previous: unknown;
}

/** What happens in the microtasks after the running code: objects are looked at, texts written, listeners told. */
export interface Ticks {
  /** The object was handed out or set: it is looked at in the tick, and at every flush from now on. */
  touch(entry: Entry): void;
  /** What was touched since the last tick. */
  touched(): readonly Entry[];
  schedule(): void;
  /** Looks, writes and tells; `isForced`: at every object that was ever handed out or set. */
  settle(isForced: boolean): void;
  /** Looks at every object that was ever handed out or set, under the cost control. */
  lookAtAll(): void;
  /** What changed, or was found changed, inside a read is told in the tick; with the previous value. */
  readonly late: Map<Entry, unknown>;
}

const settled = Promise.resolve();
/** Ticks in a row with in-place changes after which listeners count as a loop. */
const maxTicks = 100;

export function createTicks(options: TicksOptions): Ticks {
  const { clock, persistence, textOf, look, isResting, isHeard, onFirst, tellAll, onLoop } = options;
  let touched: Entry[] = [];
  /** Those that are `isOut`. */
  let out: Entry[] = [];
  const late = new Map<Entry, unknown>();
  const deferred = new Set<Entry>();
  let hasFirst = false;
  let isScheduled = false;
  let ticksInRow = 0;

  function schedule(): void {
    if (isScheduled) return;
    isScheduled = true;
    // in Chromium a third of the cost of queueMicrotask
    settled.then(tick);
  }

  function tick(): void {
    isScheduled = false;
    settle(false);
  }

  function noteOut(entry: Entry): void {
    if (entry.isOut) return;
    entry.isOut = true;
    if (!hasFirst) {
      hasFirst = true;
      onFirst();
    }
    out.push(entry);
  }

  function touch(entry: Entry): void {
    if (entry.isTouched) return;
    entry.isTouched = true;
    noteOut(entry);
    touched.push(entry);
    schedule();
  }

  function settle(isForced: boolean): void {
    const list = touched;
    if (isForced || list.length > 0) touched = [];
    if (isForced) {
      for (const entry of out) {
        entry.isOut = false;
        if (!entry.isTouched) list.push(entry);
      }
      // those that still hold objects come back below
      out = [];
    }
    const found: Found[] = [];
    for (const entry of list) {
      entry.isTouched = false;
      if (!isObject(entry.value)) continue;
      noteOut(entry);
      if (entry.text === null) textOf(entry);
      else if (isForced || !isResting(entry)) {
        const change = look(entry);
        if (change) found.push(change);
      } else defer(entry);
    }
    persistence.write(isForced);
    if (found.length === 0 && late.size === 0) return;
    if (!isForced && found.some(({ entry }) => isHeard(entry.key)) && isLooping(found)) return;
    for (const [entry, previous] of late)
      if (!found.some((one) => one.entry === entry)) found.push({ entry, previous });
    tellAll(found);
    // what listeners set during a forced flush is part of it
    if (isForced && persistence.isWaiting()) settle(false);
  }

  function isLooping(found: Found[]): boolean {
    if (ticksInRow++ === 0)
      clock.after(0, () => {
        ticksInRow = 0;
      });
    if (ticksInRow === maxTicks) onLoop(found.map(({ entry }) => entry.key));
    return ticksInRow >= maxTicks;
  }

  /** Looks later, when the page has nothing else to do: looking at it took long. */
  function defer(entry: Entry): void {
    deferred.add(entry);
    if (deferred.size > 1) return;
    clock.after(entry.nextLookAt - clock.monotonic(), () =>
      clock.whenIdle(() => {
        deferred.forEach(touch);
        deferred.clear();
      }, 1000),
    );
  }

  return {
    touch,
    touched: () => touched,
    schedule,
    settle,
    lookAtAll() {
      out.forEach(touch);
      settle(false);
    },
    late,
  };
}
