export * from './index.js';
export * from './legacy/index.js';
