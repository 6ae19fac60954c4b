export { context, createContext } from './context/context.js';
export { removeCookie, setCookie } from './context/cookies.js';
export { param } from './core/param.js';
export {
  KeyError,
  QueryParamValueError,
  ReservedKeyError,
  TabstateError,
  UnserializableValueError,
} from './errors.js';
export { createQueryParams, queryParams } from './query-params/query-params.js';
export { registerClass } from './registered-classes.js';
export { createSessionState, sessionState } from './session-state/session-state.js';
export { spinner } from './spinner/spinner.js';
export { version } from './version.js';
