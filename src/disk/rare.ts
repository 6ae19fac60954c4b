// What few calls of stored functions need, in one part that is loaded with the first of them, or with the first sweep.
export { dropAll, holdLimits, makeRoom } from './eviction.js';
export { infoOf, listRows } from './inventory.js';
export { blobsOf, decodeRich, writeRich } from './rich-values.js';
export { removeDead } from './sweep-steps.js';
