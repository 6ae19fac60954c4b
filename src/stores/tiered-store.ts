// tieredStore(near, far): two stores as one.
import { nameOfIdbStore } from './idb-store-name.js';
import { changeNear, type NearStore, nearKey } from './near-store.js';
import type { CacheStore, StoredEntry } from './store.js';

const getMany = async (store: CacheStore, keys: string[]): Promise<(StoredEntry | undefined)[]> =>
  store.getMany ? store.getMany(keys) : Promise.all(keys.map((key) => store.get(key)));

/** From then on it is stale. */
const endOf = (entry: StoredEntry | undefined): number => (entry ? (entry.expiresAt ?? Infinity) : 0);

/**
 * Reads `near`, then `far`, and keeps in `near` what it found in `far`. Sets, deletes, clears and closes both.
 *
 * An entry of `near` that is stale gives way to a newer one of `far`. Trouble of `near` never hides what `far` has; it
 * shows when something is set.
 *
 * @example
 * createCache({ store: tieredStore(memoryStore(), unstorageStore(storage)) });
 */
export function tieredStore(near: CacheStore, far: CacheStore): CacheStore {
  // grows with every change: what was read before one is not put into `near` after it
  let changes = 0;

  const fills = new Set<Promise<void>>();
  /** What other tabs have changed goes from `near`. */
  const forgets = new Set<Promise<void>>();

  /** Does it in `near`, and is in `list` meanwhile. A failure shows when something is set. */
  const track = async (list: Set<Promise<void>>, work: () => Promise<void>): Promise<void> => {
    const done = (async () => work())().catch(() => {});
    list.add(done);
    await done;
    list.delete(done);
  };

  async function readMany(keys: string[]): Promise<(StoredEntry | undefined)[]> {
    if (forgets.size > 0) await Promise.all(forgets);
    const before = changes;
    const found = await getMany(near, keys).catch(() => keys.map(() => undefined));
    const asked = keys.filter((_key, i) => !(Date.now() < endOf(found[i])));
    if (asked.length === 0) return found;
    const farEntries = await getMany(far, asked);
    const byKey = new Map(asked.map((key, i) => [key, farEntries[i]]));
    return Promise.all(
      keys.map(async (key, i) => {
        const entry = byKey.get(key);
        const present = found[i];
        if (!entry || (present && present.createdAt >= entry.createdAt)) return present;
        if (before === changes) await track(fills, () => near.set(key, entry));
        return entry;
      }),
    );
  }
  /** Both are tried; then the first error is passed on. */
  const change = async (work: (store: CacheStore) => Promise<void>): Promise<void> => {
    changes++;
    // what was read before must not arrive after it
    if (fills.size > 0) await Promise.all(fills);
    const results = await Promise.allSettled([near, far].map(async (store) => work(store)));
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  };

  return {
    get: async (key) => (await readMany([key]))[0],
    getMany: readMany,
    set: (key, entry) => change((store) => store.set(key, entry)),
    delete: (key) => change((store) => store.delete(key)),
    clear: (prefix) => change((store) => store.clear(prefix)),
    close() {
      try {
        near.close?.();
      } finally {
        far.close?.();
      }
    },
    [nearKey](work) {
      changes++;
      return track(forgets, async () => {
        await Promise.all(fills);
        // all tabs share that one
        if (nameOfIdbStore(near) === undefined) await work(near);
        await changeNear(far, work);
      });
    },
  } satisfies NearStore as CacheStore;
}
