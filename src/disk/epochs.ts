// The count of clears, as this tab knows it.
import { type Database, resultOf } from '../browser/indexed-db.js';
import { isEpoch, rootKey, rootOf } from './tables.js';

/** The number of clears that this tab knows of: those it has read of, and its own at once. */
export interface Epochs {
  now(): number;
  /** A clear of this tab begins. */
  next(): number;
  /** The database, or a note, names this epoch. */
  learn(epoch: number): void;
}

export function createEpochs(): Epochs {
  let epoch = 0;
  return {
    now: () => epoch,
    next: () => ++epoch,
    learn(seen) {
      // a note may name garbage
      if (isEpoch(seen) && seen > epoch) epoch = seen;
    },
  };
}

/** The number of clears in the database. Rejects when it does not answer. */
export const readEpoch = (database: Database): Promise<number> =>
  database.use('readonly', async (functions) => rootOf(await resultOf<unknown>(functions.get(rootKey)))?.epoch ?? 0, {
    stores: ['functions'],
  });
