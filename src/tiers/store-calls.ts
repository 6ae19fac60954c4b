import type { Clock } from '../browser/clock.js';
import type { CacheStore, StoredEntry } from '../stores/store.js';

/** No call waits longer for a store. */
const waitMs = 2_000;

/** How a store of the user's is asked. */
export interface StoreCalls {
  /**
   * The store's answer, in bounded time, whatever it throws. A store that owes an answer is passed over until it comes.
   */
  ask<T>(call: () => Promise<T>): Promise<T>;
  /** Reads of one microtask are one call, where the store can do it. */
  fetchRow(key: string): Promise<StoredEntry | undefined>;
  /**
   * Changes in their order: those of one key one after another; one without a key after all that came before it, and
   * before all that come later.
   */
  change<T>(key: string | undefined, work: () => Promise<T>): Promise<T>;
  settled(): Promise<void>;
}

export function createStoreCalls(store: CacheStore, clock: Clock): StoreCalls {
  const pending = new Set<Promise<unknown>>();
  const changes = new Map<string, Promise<unknown>>();
  /** The last change without a key. */
  let barrier: Promise<unknown> = Promise.resolve();
  let late = 0;
  let reads: { key: string; resolve(entry: StoredEntry | undefined): void; reject(error: unknown): void }[] = [];

  const track = <T>(work: Promise<T>, over: () => void): Promise<T> => {
    work.then(over, over);
    return work;
  };

  const ask = <T>(call: () => Promise<T>): Promise<T> => {
    if (late > 0) return Promise.reject(new Error('The store has not answered yet.'));
    return new Promise<T>((resolve, reject) => {
      let isLate = false;
      const cancel = clock.after(waitMs, () => {
        isLate = true;
        late++;
        reject(new Error(`The store did not answer within ${waitMs} ms.`));
      });
      const answer = Promise.resolve().then(call);
      answer.then(resolve, reject);
      void track(answer, () => {
        cancel();
        if (isLate) late--;
      });
    });
  };

  const fetchRow = (key: string): Promise<StoredEntry | undefined> => {
    const many = store.getMany?.bind(store);
    if (!many) return ask(() => store.get(key));
    return new Promise((resolve, reject) => {
      reads.push({ key, resolve, reject });
      if (reads.length > 1) return;
      void Promise.resolve().then(async () => {
        const jobs = reads;
        reads = [];
        try {
          const rows = await ask(() => many(jobs.map((job) => job.key)));
          jobs.forEach((job, i) => void job.resolve(rows[i]));
        } catch (error) {
          for (const job of jobs) job.reject(error);
        }
      });
    });
  };

  return {
    ask,
    fetchRow,
    change(key, work) {
      const before =
        key === undefined ? Promise.allSettled([barrier, ...changes.values()]) : (changes.get(key) ?? barrier);
      const done = before.then(work, work);
      if (key === undefined) {
        changes.clear();
        barrier = done;
      } else {
        changes.set(key, done);
        void track(done, () => {
          if (changes.get(key) === done) changes.delete(key);
        });
      }
      pending.add(done);
      return track(done, () => pending.delete(done));
    },
    async settled() {
      while (pending.size) await Promise.allSettled(pending);
    },
  };
}
