export type { CacheHashFuncs } from '../cache/options.js';
export type { AnyClass } from '../core/class-registry.js';
export type { HashFunc } from '../core/hash-funcs.js';
export type { QueryInput, QueryInputs, QueryValue } from '../query-params/members.js';
export { cache, type LegacyCache, type LegacyCached, type LegacyCacheOptions } from './cache.js';
export { experimentalGetQueryParams, experimentalSetQueryParams } from './query-params.js';
