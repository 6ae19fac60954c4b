// The clears of a tier that has no transaction to compare stamps in: sessionStorage, a store of the user's.
import type { ClearTarget } from '../disk/entry.js';
import { isCovered } from '../disk/tables.js';

/** Clears of a tier without a database that were called and are not certain. */
export interface ClearLog {
  /** Returns what tells whether one of the clears of now covers an entry: it is gone, though the storage may still have it. */
  covering(): (identity: string, key: string, tags?: readonly string[]) => boolean;
  /** Runs a clear, and forgets it and those of the same target that failed once it is done. Rejects when it failed. */
  run(target: ClearTarget, work: () => Promise<unknown>): Promise<void>;
  /** Takes out those that failed longer ago than this, to be tried again. */
  takeFailed(ms: number): ClearTarget[];
}

export function createClearLog(monotonic: () => number): ClearLog {
  const open = new Set<{ readonly target: ClearTarget; failedAt?: number }>();
  return {
    covering() {
      const clears = [...open];
      return (...entry) => isCovered(clears, ...entry);
    },
    async run(target, work) {
      const one: { target: ClearTarget; failedAt?: number } = { target };
      open.add(one);
      try {
        await work();
      } catch (error) {
        one.failedAt = monotonic();
        throw error;
      }
      for (const other of open)
        if (other === one || (other.failedAt !== undefined && JSON.stringify(other.target) === JSON.stringify(target)))
          open.delete(other);
    },
    takeFailed(ms) {
      const failed = [...open].filter(({ failedAt = Infinity }) => monotonic() - failedAt > ms);
      for (const one of failed) open.delete(one);
      return failed.map(({ target }) => target);
    },
  };
}
