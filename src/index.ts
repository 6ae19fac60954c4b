// The main entry, `tabstate`.
export { type BindableState, type BindOptions, type BindTarget, bind } from './binding/bind.js';
export type { HistoryMode } from './browser/address.js';
export type { CacheEvent } from './cache/bucket.js';
export type { CacheData, CachedData } from './cache/cache-data.js';
export { cacheData } from './cache/cache-data.js';
export { type CachedResource, type CacheResource, cacheResource } from './cache/cache-resource.js';
export { type CreateCacheOptions, createCache } from './cache/create-cache.js';
export { emitter } from './cache/emitter.js';
export type { CacheInfo } from './cache/identity.js';
export type { HashFunc } from './cache/key/hash-funcs.js';
export type { CommonMembers } from './cache/members.js';
export type {
  CacheableFunction,
  CacheDataOptions,
  CacheHashFuncs,
  CacheOptions,
  CacheResourceOptions,
  Duration,
} from './cache/options.js';
export type { CachedState } from './cache/ref.js';
export { type ComputedSource, computed } from './computed.js';
export { type Context, type ContextFacts, type ContextOptions, context, createContext } from './context/context.js';
export { type CookieAttributes, removeCookie, setCookie } from './context/cookies.js';
export type { ReadonlyDict, ReadonlyDictMembers } from './context/readonly-dict.js';
export type { Theme } from './context/theme.js';
export type { Change } from './core/batch.js';
export type { Codec } from './core/codec.js';
export type { Unsubscribe } from './core/listeners.js';
export type { ReadableRef, Ref } from './core/ref.js';
export type { SchemaResult, StandardSchema } from './core/standard-schema.js';
export type { AnyClass } from './core/values/class-registry.js';
export type { Warning } from './core/warning.js';
export {
  CacheReentryError,
  KeyError,
  QueryParamValueError,
  ReservedKeyError,
  TabstateError,
  UnhashableParamError,
  UnserializableReturnValueError,
  UnserializableValueError,
  UserHashError,
} from './errors.js';
export type {
  DefineOptions,
  ParamShape,
  ParamShapeValue,
  ParamValue,
  ParamValues,
  QueryInput,
  QueryInputs,
  QueryParams,
  QueryParamsMembers,
  QueryParamsOptions,
  QueryValue,
  TypedView,
  TypedViewMembers,
  WriteOptions,
} from './query-params/members.js';
export type { ParamCodec, ParamCodecWithDefault } from './query-params/param/codec.js';
export { type Param, param, type SchemaCodec } from './query-params/param/param.js';
export { createQueryParams, queryParams } from './query-params/query-params.js';
export { registerClass } from './registered-classes.js';
export type {
  KeyOf,
  SessionState,
  SessionStateMembers,
  SessionStateOptions,
  SessionValues,
  Several,
} from './session-state/members.js';
export { createSessionState, sessionState } from './session-state/session-state.js';
export { type SpinnerOptions, spinner } from './spinner/spinner.js';
export { idbStore } from './stores/idb-store.js';
export { memoryStore } from './stores/memory-store.js';
export type { CacheStore, StoredEntry } from './stores/store.js';
export { tieredStore } from './stores/tiered-store.js';
export { type UnstorageLike, type UnstorageStoreOptions, unstorageStore } from './stores/unstorage-store.js';
