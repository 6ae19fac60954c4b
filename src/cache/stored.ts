// What stored functions need beyond what all calls do: one part, loaded with the first of them that is called.
export { backingAt, clearStored, storedRows } from './backing.js';
export * from './late-course.js';
