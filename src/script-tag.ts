// Script tag with everything: dist/tabstate.min.js.
export * from './connection/index.js';
export * from './index.js';
export * from './legacy/index.js';
export { version } from './version.js';
