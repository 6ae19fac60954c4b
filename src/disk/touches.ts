// Last uses of entries, written now and then.
import type { Clock } from '../browser/clock.js';
import { entryKey } from './tables.js';

export type Touch = readonly [identity: string, key: string, at: number];

/** Last uses of entries, as far as they are not on disk. */
export interface Touches {
  add(identity: string, key: string, at: number): void;
  drop(identity: string, key: string): void;
  /** By the key of the entry on disk; of one function, or of all. */
  pending(identity?: string): ReadonlyMap<string, number>;
  /** The row was looked at: no touch before `dueAt` is worth writing. */
  checked(identity: string, key: string, dueAt: number): void;
  /** Writes what is due now. */
  flush(): void;
}

/** At most one transaction per this time. */
const everyMs = 5000;
const most = 20_000;

export function createTouches(clock: Clock, write: (touches: readonly Touch[]) => Promise<unknown>): Touches {
  type Use = { at: number; dueAt: number };
  const byFunction = new Map<string, Map<string, Use>>();
  let size = 0;
  let cancel: (() => void) | undefined;

  const forget = (): void => {
    byFunction.clear();
    size = 0;
  };
  const flush = (): void => {
    cancel?.();
    cancel = undefined;
    const due: Touch[] = [];
    for (const [identity, keys] of byFunction)
      for (const [key, use] of keys)
        if (use.at >= use.dueAt) {
          due.push([identity, key, use.at]);
          use.dueAt = Infinity; // until the row was looked at
        }
    if (size > most) forget();
    if (due.length) void write(due);
  };

  return {
    add(identity, key, at) {
      let keys = byFunction.get(identity);
      if (!keys) byFunction.set(identity, (keys = new Map()));
      const use = keys.get(key);
      if (use) use.at = at;
      else {
        keys.set(key, { at, dueAt: 0 });
        size++;
      }
      if (!use || at >= use.dueAt) cancel ??= clock.after(everyMs, flush);
    },
    drop(identity, key) {
      if (byFunction.get(identity)?.delete(key)) size--;
    },
    pending(identity) {
      const chosen = identity === undefined ? byFunction : new Map([[identity, byFunction.get(identity) ?? new Map()]]);
      const found = new Map<string, number>();
      for (const [of, keys] of chosen)
        for (const [key, { at }] of keys as Map<string, Use>) found.set(entryKey(of, key), at);
      return found;
    },
    checked(identity, key, dueAt) {
      const use = byFunction.get(identity)?.get(key);
      if (use) use.dueAt = dueAt;
    },
    flush,
  };
}
