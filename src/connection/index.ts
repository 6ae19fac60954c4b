// The entry `tabstate/connection`.
export type { HashFunc } from '../cache/key/hash-funcs.js';
export type { CacheDataOptions, CacheHashFuncs, CacheOptions, Duration } from '../cache/options.js';
export type { Unsubscribe } from '../core/listeners.js';
export type { AnyClass } from '../core/values/class-registry.js';
export type { CacheStore, StoredEntry } from '../stores/store.js';
export { type Config, type ConfigMembers, type ConfigValues, config, setConfig } from './config.js';
export {
  type Connection,
  type ConnectionOptions,
  type ConnectionType,
  connection,
  type QueryOptions,
} from './connection.js';
export type { HttpClient } from './http.js';
