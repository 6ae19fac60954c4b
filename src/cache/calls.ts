// What a call of either kind needs. `cacheResource` has it at once, since its calls may be synchronous.
export { enter, refresh, resume } from './course.js';
export { refStateOf } from './ref-state.js';
