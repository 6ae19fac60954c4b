// Entry `tabstate/inspector`.
export { defineInspector } from './element.js';
