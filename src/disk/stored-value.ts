// The checked copy of a result, wherever its big buffers lie.
import type { Snapshot } from '../core/values/snapshot.js';
import type { SnapshotRecord } from '../core/values/snapshot-record.js';

/**
 * A checked copy whose buffers of 1 MB and more lie in Blobs: outside of the heap, and readable for as long as somebody
 * holds this, whatever becomes of the row that they were read from.
 */
export interface BlobSnapshot {
  /** Without buffers. To be read, never changed. */
  readonly record: SnapshotRecord;
  /** In the order of the record's buffers. */
  readonly blobs: readonly Blob[];
  readonly bytes: number;
  /** Of these, in the Blobs. */
  readonly largeBytes: number;
}

/** More than this in buffers, in bytes, is stored in pieces, a transaction each. */
export const mostInOneRow = 256_000_000;

/** The checked copy of a result, wherever its big buffers lie. */
export type Kept = Snapshot | BlobSnapshot;

export const isInBlobs = (kept: Kept): kept is BlobSnapshot => 'blobs' in kept;
