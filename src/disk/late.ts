// The one door to code that few calls of stored functions need.

/** Values that are not plain, limits and room, sweep, and what is told of all rows. */
export type Rare = typeof import('./rare.js');

/** Loaded by the first that needs it. Whoever asks says what becomes of it when it cannot be loaded. */
export const loadRare = async (): Promise<Rare> => import('./rare.js');
