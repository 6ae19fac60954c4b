export { type Context, type ContextFacts, type ContextOptions, context, createContext } from './context/context.js';
export { type CookieAttributes, removeCookie, setCookie } from './context/cookies.js';
export type { ReadonlyDict, ReadonlyDictMembers } from './context/readonly-dict.js';
export type { Theme } from './context/theme.js';
export type { Change } from './core/batch.js';
export type { Unsubscribe } from './core/listeners.js';
export type { ReadableRef, Ref } from './core/ref.js';
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
export { registerClass } from './registered-classes.js';
export { type SpinnerOptions, spinner } from './spinner/spinner.js';
export type { CacheStore, StoredEntry } from './stores/store.js';
