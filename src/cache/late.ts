// What a page needs from its first stored call on, in one part that is loaded with it.
export { moveOut, readBack } from './big-results.js';
export { follow, forgetMemory } from './follow.js';
export { loadOrRun, write } from './load-or-run.js';
export { openTier } from './open-tier.js';
