import type { Clock } from '../browser/clock.js';
import type { CacheStore, StoredEntry } from '../stores/store.js';

/** Longer than any store should take; a call never waits for ever. */
const waitMs = 10_000;

/** How a store of the user's is asked. */
export interface StoreCalls {
  /** The store's answer, in bounded time, whatever it throws; `settled` waits for it. */
  ask<T>(call: () => Promise<T>): Promise<T>;
  /** Reads of one microtask are one call, where the store can do it. */
  fetchRow(key: string): Promise<StoredEntry | undefined>;
  settled(): Promise<void>;
}

export function createStoreCalls(store: CacheStore, clock: Clock): StoreCalls {
  const pending = new Set<Promise<unknown>>();
  let reads: { key: string; resolve(entry: StoredEntry | undefined): void; reject(error: unknown): void }[] = [];

  const ask = <T>(call: () => Promise<T>): Promise<T> => {
    const answer = new Promise<T>((resolve, reject) => {
      const cancel = clock.after(waitMs, () => reject(new Error(`The store did not answer within ${waitMs} ms.`)));
      Promise.resolve()
        .then(call)
        .then(resolve, reject)
        .finally(() => cancel());
    });
    pending.add(answer);
    const over = (): unknown => pending.delete(answer);
    answer.then(over, over);
    return answer;
  };

  const fetchRow = (key: string): Promise<StoredEntry | undefined> => {
    const many = store.getMany?.bind(store);
    if (!many) return ask(() => store.get(key));
    return new Promise((resolve, reject) => {
      reads.push({ key, resolve, reject });
      if (reads.length > 1) return;
      queueMicrotask(() => {
        const jobs = reads;
        reads = [];
        ask(() => many(jobs.map((job) => job.key))).then(
          (rows) => jobs.forEach((job, i) => void job.resolve(rows[i])),
          (error) => jobs.forEach((job) => void job.reject(error)),
        );
      });
    });
  };

  return {
    ask,
    fetchRow,
    async settled() {
      while (pending.size) await Promise.allSettled(pending);
    },
  };
}
