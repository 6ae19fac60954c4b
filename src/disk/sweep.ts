// When rows that nobody can see are removed, and by which tab.
import type { Clock } from '../browser/clock.js';
import type { Database } from '../browser/indexed-db.js';
import { withLock } from '../browser/other-tabs.js';
import { loadRare } from './late.js';

export interface Sweep {
  /** 5 s from now, then every 10 min, when the page is idle and no other tab does it. */
  start(): void;
  stop(): void;
  /** Now, unless another tab is at it. */
  run(): Promise<void>;
}

export interface SweepOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly lockName: string;
  readonly chunksLock: string;
}

const firstMs = 5000;
const everyMs = 10 * 60_000;

/** Removes rows that nobody can see any more: no call depends on it, so its code comes when it is due. */
export function createSweep({ database, clock, lockName, chunksLock }: SweepOptions): Sweep {
  let cancel: (() => void) | undefined;
  let isStopped = false;

  const run = async (): Promise<void> => {
    try {
      const { removeDead } = await loadRare();
      await withLock(lockName, { ifAvailable: true }, async (held) => {
        if (held && !database.isAbsent) await removeDead({ database, clock, chunksLock, isStopped: () => isStopped });
      });
    } catch {
      // the storage is in trouble, the page is closing, or it is offline: the next sweep goes on
    }
  };

  const later = (ms: number): void => {
    cancel = clock.after(ms, () => {
      cancel = clock.whenIdle(() => {
        void run().finally(() => {
          if (!isStopped) later(everyMs);
        });
      }, 5000);
    });
  };

  return {
    start: () => later(firstMs),
    stop() {
      isStopped = true;
      cancel?.();
    },
    run,
  };
}
