// Script tag without the cache: dist/tabstate.state.min.js.
export { bind } from './binding/bind.js';
export { computed } from './computed.js';
export { context, createContext } from './context/context.js';
export { removeCookie, setCookie } from './context/cookies.js';
export {
  KeyError,
  QueryParamValueError,
  ReservedKeyError,
  TabstateError,
  UnserializableValueError,
} from './errors.js';
export { param } from './query-params/param/param.js';
export { createQueryParams, queryParams } from './query-params/query-params.js';
export { registerClass } from './registered-classes.js';
export { createSessionState, sessionState } from './session-state/session-state.js';
export { spinner } from './spinner/spinner.js';
export { version } from './version.js';
