// Buffers in Blobs, and back.
import { nextTask } from '../browser/clock.js';
import { copyTree } from '../core/values/copy.js';
import { readSnapshot, type Snapshot } from '../core/values/snapshot.js';
import { fromRecord, toRecord } from '../core/values/snapshot-record.js';
import { classes } from '../registered-classes.js';
import { type BlobSnapshot, isInBlobs, type Kept } from './stored-value.js';

/** All bytes of a Blob: of one too large for its memory Firefox gives what it has read so far, as if that were all. */
export async function readBlob(blob: Blob): Promise<ArrayBuffer> {
  const bytes = await blob.arrayBuffer();
  if (bytes.byteLength !== blob.size) throw new RangeError('Out of memory: a part of a Blob was read.');
  return bytes;
}

/**
 * Each Blob copies a buffer, so each has a task of its own. Rejects where the browser has no room for them: Chromium makes
 * such a Blob without a word, and refuses to read it.
 */
export async function intoBlobs(snapshot: Snapshot): Promise<BlobSnapshot> {
  const { buffers = [], ...record } = toRecord(snapshot, { classes });
  const blobs: Blob[] = [];
  for (const buffer of buffers) {
    if (blobs.length > 0) await nextTask();
    const blob = new Blob([buffer]);
    await blob.slice(-1).arrayBuffer();
    blobs.push(blob);
  }
  return { record, blobs, bytes: snapshot.bytes, largeBytes: snapshot.largeBytes };
}

/** Nobody else holds any part of the result. Rejects when a Blob cannot be read any more. */
export async function outOfBlobs({ record, blobs }: BlobSnapshot): Promise<Snapshot> {
  const buffers = await Promise.all(blobs.map(readBlob));
  // the record is read again and again, so nobody gets its own leaves
  const leaves = record.leaves?.map((leaf) =>
    leaf.type === '=' ? { ...leaf, content: copyTree(leaf.content) } : leaf,
  );
  return fromRecord({ ...record, ...(leaves && { leaves }), buffers }, { classes });
}

/** A fresh copy of what was stored. */
export const readKept = async (kept: Kept): Promise<unknown> =>
  isInBlobs(kept) ? (await outOfBlobs(kept)).data : readSnapshot(kept);
