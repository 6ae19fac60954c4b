// Calls of a user's store: in bounded time, reads together, changes in order.
import type { Clock } from '../browser/clock.js';
import type { CacheStore, StoredEntry } from '../stores/store.js';

/** No call waits longer for a store. */
const waitMs = 2_000;

/** How a store of the user's is asked. */
export interface StoreCalls {
  /**
   * The store's answer, in bounded time, whatever it throws. A store whose answer is late is passed over until it comes.
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

type Ask = StoreCalls['ask'];

function createAsk(clock: Clock): Ask {
  let late = 0;
  return <T>(call: () => Promise<T>): Promise<T> => {
    if (late > 0) return Promise.reject(new Error('The store has not answered yet.'));
    return new Promise<T>((resolve, reject) => {
      let isLate = false;
      const cancel = clock.after(waitMs, () => {
        isLate = true;
        late++;
        reject(new Error(`The store did not answer within ${waitMs} ms.`));
      });
      const settle = (): void => {
        cancel();
        if (isLate) late--;
      };
      const answer = Promise.resolve().then(call);
      answer.then(resolve, reject);
      answer.then(settle, settle);
    });
  };
}

function createFetch(store: CacheStore, ask: Ask): StoreCalls['fetchRow'] {
  const many = store.getMany?.bind(store);
  if (!many) return (key) => ask(() => store.get(key));
  let keys: string[] = [];
  let rows: Promise<(StoredEntry | undefined)[]> | undefined;
  return async (key) => {
    const at = keys.push(key) - 1;
    rows ??= Promise.resolve().then(() => {
      const asked = keys;
      keys = [];
      rows = undefined;
      return ask(() => many(asked));
    });
    return (await rows)[at];
  };
}

export function createStoreCalls(store: CacheStore, clock: Clock): StoreCalls {
  const ask = createAsk(clock);
  const pending = new Set<Promise<unknown>>();
  const changes = new Map<string, Promise<unknown>>();
  /** The last change without a key. */
  let barrier: Promise<unknown> = Promise.resolve();
  return {
    ask,
    fetchRow: createFetch(store, ask),
    change(key, work) {
      const before =
        key === undefined ? Promise.allSettled([barrier, ...changes.values()]) : (changes.get(key) ?? barrier);
      const done = before.then(work, work);
      if (key === undefined) {
        changes.clear();
        barrier = done;
      } else changes.set(key, done);
      pending.add(done);
      const settle = (): void => {
        pending.delete(done);
        if (key !== undefined && changes.get(key) === done) changes.delete(key);
      };
      done.then(settle, settle);
      return done;
    },
    async settled() {
      while (pending.size) await Promise.allSettled(pending);
    },
  };
}
