import { parseBytes } from '../core/bytes.js';
import type { Warning } from '../core/warning.js';
import type { CacheStore } from '../stores/store.js';
import { type CacheData, createCacheData } from './cache-data.js';
import { type CacheResource, createCacheResource } from './cache-resource.js';
import { defaultMemory } from './default-core.js';
import { createCore } from './records.js';
import { tierMakers } from './tiers.js';

/** Options of {@link createCache}. */
export interface CreateCacheOptions {
  /** Of its database; two caches of one name share it like two tabs. Default: the one of `cacheData`. */
  name?: string;
  /** Where entries lie, instead of IndexedDB; works on servers, too. */
  store?: CacheStore;
  /** Budget of the memory tier: bytes, or text such as `'64MB'`, the default. Least recently used goes first. */
  memory?: number | string;
  /** Default: `console.warn`, once per code and function. */
  onWarning?: (warning: Warning) => void;
}

/**
 * A cache of its own: another database, another store, another budget.
 *
 * @throws TypeError, RangeError for a wrong option
 * @example
 * const { cacheData } = createCache({ name: 'maps', memory: '200MB' });
 */
export function createCache(options: CreateCacheOptions = {}): { cacheData: CacheData; cacheResource: CacheResource } {
  const { name, store, memory, onWarning, ...rest } = options;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined)
    throw new TypeError(`createCache: unknown option "${unknown}". There are name, store, memory, onWarning.`);
  const core = createCore(
    memory === undefined ? defaultMemory : parseBytes(memory, 'createCache', 'memory'),
    onWarning,
  );
  return {
    cacheData: createCacheData(core, tierMakers(core, name), store),
    cacheResource: createCacheResource(core),
  };
}
