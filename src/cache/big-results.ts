// Results in memory that do not stay on the heap: into Blobs, and back. Loaded with the first of them.
import { nextTask } from '../browser/clock.js';
import { readSnapshot } from '../core/values/snapshot.js';
import { intoBlobs, outOfBlobs } from '../disk/blobs.js';
import { type BlobSnapshot, isInBlobs, mostInOneRow } from '../disk/stored-value.js';
import type { Bucket } from './bucket.js';
import { fits } from './copies.js';
import type { Entry } from './entry.js';

/**
 * Moves the buffers of a value that weighs less than it has into Blobs, one by one, in later tasks.
 *
 * @param onLost - there was no room for them, and nothing of the value is stored
 */
export async function moveOut(bucket: Bucket, entry: Entry, onLost: (cause: unknown) => void): Promise<void> {
  const { snapshot } = entry;
  if (!snapshot || isInBlobs(snapshot)) return;
  try {
    await nextTask();
    // What is stored in pieces is so from the heap, before it moves: Chromium may not have the room for Blobs of all of
    // it, and then neither memory nor disk would have it.
    if (snapshot.largeBytes > mostInOneRow) await Promise.allSettled([entry.writing]);
    // what was stored is held already
    if (entry.snapshot === snapshot) entry.snapshot = await intoBlobs(snapshot);
  } catch (cause) {
    // no room for them: it cannot stay in memory
    bucket.entries.drop(entry);
    if (Number.isNaN(entry.checkedAt) && !bucket.isUnwritten(entry)) onLost(cause);
  }
}

/** A fresh copy of a value in Blobs. A small one comes back to the heap with its second use. */
export async function readBack(bucket: Bucket, entry: Entry, budget: number): Promise<unknown> {
  const snapshot = entry.snapshot as BlobSnapshot;
  const { entries } = bucket;
  const read = await outOfBlobs(snapshot);
  if (!fits(entry.bytes, budget) || entry.snapshot !== snapshot || entries.get(entry.key) !== entry) return read.data;
  entry.snapshot = read;
  entries.weigh(entry, entry.bytes);
  return readSnapshot(read);
}
