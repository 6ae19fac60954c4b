// `memoryStore`: entries in this object.
import type { CacheStore, StoredEntry } from './store.js';

/**
 * Keeps entries in memory, as they are, for as long as this object lives. On a server its entries belong to all users.
 *
 * @example
 * const { cacheData } = createCache({ store: memoryStore() });
 */
export function memoryStore(): CacheStore {
  const entries = new Map<string, StoredEntry>();
  return {
    get: async (key) => entries.get(key),
    getMany: async (keys) => keys.map((key) => entries.get(key)),
    async set(key, entry) {
      entries.set(key, entry);
    },
    async delete(key) {
      entries.delete(key);
    },
    async clear(prefix) {
      for (const key of entries.keys()) if (key.startsWith(prefix)) entries.delete(key);
    },
  };
}
