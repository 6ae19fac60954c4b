// What calls of data need, loaded with the first of them: entries in memory, copies, flights, refs, messages.
export * from './calls.js';
export { createCopies } from './copies.js';
export * from './data-members.js';
