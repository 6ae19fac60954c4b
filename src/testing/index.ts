// Entry `tabstate/testing`.
import { cacheData } from '../cache/cache-data.js';
import { cacheResource } from '../cache/cache-resource.js';
import { defaultState } from '../cache/cache-state.js';
import { withoutWarnings } from '../core/warning.js';
import { createQueryParams } from '../query-params/query-params.js';
import { resets } from '../registry.js';

/** The page's default cache: entries, counts and what is known of names. */
async function resetCache(): Promise<void> {
  cacheResource.clear();
  await cacheData.clear();
  const state = defaultState();
  state.byName.clear();
  for (const record of state.identities.list())
    Object.assign(record, { hits: 0, misses: 0, longestRun: 0, clearFailedAt: undefined });
}

/**
 * Makes the page's defaults as they are after a first import: `sessionState`, the parameters of the URL, the results of
 * cached functions here and on disk, the configuration and connections, and the warnings that were told once. Listeners and
 * bound elements stay: they end with what made them.
 *
 * @example
 * beforeEach(reset);
 */
export function reset(): Promise<void> {
  return withoutWarnings(async () => {
    const work = [...resets()].map((run) => run());
    // reserved keys, too
    const query = createQueryParams({ reserved: [] });
    query.clear();
    query.flush();
    await Promise.all([...work, resetCache()]);
  });
}

/**
 * An empty storage in memory, for `createSessionState({ storage })`: it is no other test's.
 *
 * @example
 * const storage = memoryStorage();
 * const state = createSessionState({ storage: () => storage });
 */
export function memoryStorage(): Storage {
  const items = new Map<string, string>();
  return {
    get length() {
      return items.size;
    },
    key: (index) => [...items.keys()][index] ?? null,
    getItem: (key) => items.get(`${key}`) ?? null,
    setItem: (key, value) => void items.set(`${key}`, `${value}`),
    removeItem: (key) => void items.delete(`${key}`),
    clear: () => items.clear(),
  };
}
