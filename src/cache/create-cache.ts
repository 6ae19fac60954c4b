// `createCache`: a cache with a database, store, budget and warnings of its own.
import { bytesText, parseBytes } from '../core/bytes.js';
import type { Warning } from '../core/warning.js';
import type { CacheStore } from '../stores/store.js';
import { type CacheData, createCacheData } from './cache-data.js';
import { type CacheResource, createCacheResource } from './cache-resource.js';
import { createState, defaultMemory } from './cache-state.js';
import { ofType, type Reader, readGiven, readStore } from './read-options.js';

/** Options of {@link createCache}. `null` means: as if it were not given. */
export interface CreateCacheOptions {
  /** Of its database; two caches of one name share it like two tabs. Default: the one of `cacheData`. */
  name?: string | null;
  /** Where entries lie, instead of IndexedDB; works on servers, too. */
  store?: CacheStore | null;
  /** Budget of the memory tier: bytes, or text such as `'64MB'`, the default. Least recently used goes first. */
  memory?: number | string | null;
  /** Default: `console.warn`, once per code and function. */
  onWarning?: ((warning: Warning) => void) | null;
}

const readers: Record<string, Reader> = {
  name: ofType('a text', 'string'),
  store: readStore,
  memory: [bytesText, parseBytes],
  onWarning: ofType('a function', 'function'),
};

/**
 * A cache of its own: another database, another store, another budget.
 *
 * @throws TypeError, RangeError for a wrong option
 * @example
 * const { cacheData } = createCache({ name: 'maps', memory: '200MB' });
 */
export function createCache(options: CreateCacheOptions = {}): { cacheData: CacheData; cacheResource: CacheResource } {
  const { name, store, memory, onWarning } = readGiven('createCache', readers, options) as {
    name?: string;
    store?: CacheStore;
    memory?: number;
    onWarning?: (warning: Warning) => void;
  };
  const state = createState(memory ?? defaultMemory, onWarning);
  return {
    cacheData: createCacheData(state, { name, store }),
    cacheResource: createCacheResource(state),
  };
}
