export { defineInspector } from './element.js';
