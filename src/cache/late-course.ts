// What a call needs beyond a hit. `cacheResource` has it at once, `cacheData` loads it with the first call that needs it.
export { look, miss } from './course.js';
export { replay } from './messages.js';
export { RefState } from './ref-state.js';
