export type { CacheHashFuncs } from '../cache/options.js';
export { cache, type LegacyCache, type LegacyCached, type LegacyCacheOptions } from './cache.js';
export { experimentalGetQueryParams, experimentalSetQueryParams } from './query-params.js';
