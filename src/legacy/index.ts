// The entry `tabstate/legacy`: Streamlit's deprecated names.
export type { HashFunc } from '../cache/key/hash-funcs.js';
export type { CacheHashFuncs } from '../cache/options.js';
export type { AnyClass } from '../core/values/class-registry.js';
export type { QueryInput, QueryInputs, QueryValue } from '../query-params/members.js';
export { cache, type LegacyCache, type LegacyCached, type LegacyCacheOptions } from './cache.js';
export { experimentalGetQueryParams, experimentalSetQueryParams } from './query-params.js';
