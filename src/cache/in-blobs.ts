import { nextTask } from '../browser/clock.js';
import { readSnapshot } from '../core/values/snapshot.js';
import { type BlobSnapshot, isInBlobs, type Kept, mostInOneRow } from '../disk/stored-value.js';
import type { Held } from './memory-tier.js';
import { track } from './pending.js';
import type { Room } from './records.js';
import type { Wrapper } from './wrapper.js';

const blobs = (): Promise<typeof import('../disk/blobs.js')> => import('../disk/blobs.js');

/** Blobs are not in the heap, but they lie somewhere: so many bytes of them count as one. */
const blobShare = 16;

/** Whether a value of this size stays on the heap. */
const fits = (bytes: number, budget: number): boolean => bytes <= 0.75 * budget;

/** What an entry takes of the memory's budget: big values are moved into Blobs. */
export function weightOf({ bytes, largeBytes }: Pick<Kept, 'bytes' | 'largeBytes'>, budget: number): number {
  const rest = bytes - largeBytes;
  // what would not be small without its buffers, either, has to go
  if (fits(bytes, budget) || !fits(rest, budget)) return bytes;
  return Math.min(rest + largeBytes / blobShare, 0.75 * budget);
}

/** Whether a value can be had in a later task only. */
export const isAway = ({ snapshot, live }: Held): boolean =>
  snapshot !== undefined && isInBlobs(snapshot) && live === undefined;

/**
 * Moves the buffers of a value that weighs less than it has into Blobs, one by one, in later tasks.
 *
 * @param onLost - there was no room for them, and nothing of the value lies on disk
 */
export function moveOut({ record, shelf, unwritten }: Room, entry: Held, onLost: (cause: unknown) => void): void {
  const { snapshot } = entry;
  if (!snapshot || isInBlobs(snapshot) || entry.weight >= entry.bytes || entry.moving) return;
  // What is stored in pieces is so from the heap, before it moves: Chromium may not have the room for Blobs of all of it, and
  // then neither memory nor disk would have it.
  const isHuge = snapshot.largeBytes > mostInOneRow;
  const move = async (): Promise<void> => {
    try {
      await nextTask();
      if (isHuge) await Promise.allSettled([entry.writing]);
      // what was stored is held already
      if (entry.snapshot !== snapshot) return;
      const { intoBlobs } = await blobs();
      entry.snapshot = await intoBlobs(snapshot);
    } catch (cause) {
      // no room for them: it cannot stay in memory
      shelf.drop(entry);
      if (Number.isNaN(entry.checkedAt) && unwritten.get(entry.key) !== entry) onLost(cause);
    }
    entry.moving = undefined;
  };
  const moving = track(record, move());
  // what is written waits for its Blobs, which it shares
  if (!isHuge) entry.moving = moving;
}

/** A fresh copy of a value in Blobs. A small one comes back to the heap with its second use. */
export async function readBack({ core }: Wrapper, { shelf }: Room, entry: Held): Promise<unknown> {
  const { snapshot, fresh } = entry as { snapshot: BlobSnapshot; fresh: Held['fresh'] };
  if (fresh) {
    entry.fresh = undefined;
    return fresh.value;
  }
  const { outOfBlobs } = await blobs();
  const read = await outOfBlobs(snapshot);
  if (!fits(entry.bytes, core.memory.budget) || entry.snapshot !== snapshot || shelf.get(entry.key) !== entry)
    return read.data;
  entry.snapshot = read;
  shelf.weigh(entry, entry.bytes);
  return readSnapshot(read);
}
