// Entries as rows, and back. Most are plain: structured clone carries them as they are. Others have buffers of 1 MB and more,
// parts that it refuses, or Blobs in an engine that stores none; what these need comes late, see `rich-values.ts`.
import { type Clock, systemClock } from '../browser/clock.js';
import type { Database } from '../browser/indexed-db.js';
import { nameOf } from '../browser/open-database.js';
import { isOutOfMemory } from '../core/values/out-of-memory.js';
import type { Snapshot } from '../core/values/snapshot.js';
import type { SnapshotRecord } from '../core/values/snapshot-record.js';
import type { Outcome } from './changes.js';
import type { CacheEntry, Limits } from './entry.js';
import { loadRare } from './late.js';
import type { FoundRow } from './reads.js';
import { isInBlobs } from './stored-value.js';
import { format, type ValueRow } from './tables.js';
import type { Writer } from './writes.js';

/** An entry to be written. */
export interface Put {
  readonly identity: string;
  readonly key: string;
  readonly entry: CacheEntry;
  readonly limits: Limits;
  readonly usedAt: number;
}

/** How big buffers are stored; where an engine refuses one way, the next is tried. */
export const asBlobs = 0;
export const asBlobPieces = 1;
export const asBytePieces = 2;
export type Way = typeof asBlobs | typeof asBlobPieces | typeof asBytePieces;

/** What writes the entries of a database. */
export interface Putter {
  readonly database: Database;
  readonly writer: Writer;
  readonly clock: Clock;
  /** Held while pieces are written, so that no sweep takes them for orphans. */
  readonly chunksLock: string;
  /** The way that the browser has not refused. */
  way: Way;
}

export const createPutter = (
  options: Pick<Putter, 'database' | 'writer' | 'chunksLock'> & Partial<Putter>,
): Putter => ({
  clock: systemClock,
  way: asBlobs,
  ...options,
});

/**
 * Whether a Blob, or the code for a value, cannot be had at this time, which says nothing of what is stored: Chromium gives
 * this error where it has no memory for the bytes, and for a Blob that found no room when it was made.
 */
export const isUnreadable = (error: unknown): boolean => nameOf(error) === 'NotReadableError' || isOutOfMemory(error);

// Chromium: "Failed to write blobs", "… too large"; WebKit: "Error preparing Blob/File data"
// https://github.com/jakearchibald/idb-keyval/issues/62
export const isAboutBlobs = (error: unknown): boolean => {
  const { message } = (error ?? {}) as { message?: unknown };
  return /^(Unknown|Data)Error$/.test(String(nameOf(error))) && /blob|file|large|size/i.test(String(message));
};

/** A row of `values` for an entry whose value became this record; its buffers are added by the caller. */
export function rowOf(entry: CacheEntry, { plan, data, leaves }: SnapshotRecord, messages?: SnapshotRecord): ValueRow {
  const { createdAt, expiresAt, staleUntil, epoch, bytes, tags } = entry;
  return {
    format,
    plan,
    data,
    createdAt,
    expiresAt,
    staleUntil,
    epoch,
    bytes,
    ...(leaves && { leaves }),
    ...(messages && { messages }),
    ...(tags?.length && { tags }),
  };
}

const plainRecord = ({ plan, bytes, data }: Snapshot): SnapshotRecord => ({ plan, bytes, data });

const fromPlain = ({ plan, bytes, data }: Pick<SnapshotRecord, 'plan' | 'bytes' | 'data'>): Snapshot => ({
  plan,
  bytes,
  data,
  largeBytes: 0,
  hasLeaves: false,
});

export async function store({ writer }: Putter, put: Put, row: ValueRow): Promise<Outcome> {
  const { entry, limits } = put;
  const { args = '', isWanted } = entry;
  const { maxEntries = Infinity, maxBytes = Infinity } = limits;
  // before the transaction, which cannot wait for code
  const hold = Math.min(maxEntries, maxBytes) < Infinity ? (await loadRare()).holdLimits : undefined;
  return writer.write({ ...put, type: 'put', row, args, isWanted, hold });
}

/** Writes an entry. `large`: it is not stored, because nobody asked for it. */
export async function write(putter: Putter, put: Put): Promise<Outcome | 'large'> {
  const { snapshot, messages } = put.entry;
  if (putter.way === asBlobs && !isInBlobs(snapshot) && !snapshot.hasLeaves && !messages?.hasLeaves)
    try {
      return await store(putter, put, rowOf(put.entry, plainRecord(snapshot), messages && plainRecord(messages)));
    } catch (error) {
      if (!isAboutBlobs(error)) throw error;
      // the value holds Blobs of its own, which is too rare to look for them first
      putter.way = asBytePieces;
    }
  return (await loadRare()).writeRich(putter, put);
}

/** The entry of a row that was read. Throws when the row's parts do not fit together. */
export function decodeEntry(found: FoundRow): CacheEntry | Promise<CacheEntry> {
  const { row } = found;
  const { leaves, buffers, sizes, messages } = row;
  if (!leaves && !buffers && !sizes && !messages?.leaves)
    return { ...row, fresh: undefined, snapshot: fromPlain(row), messages: messages && fromPlain(messages) };
  return loadRare().then(
    (rare) => rare.decodeRich(found),
    (cause) => {
      throw new DOMException(`Its code could not be loaded. ${String(cause)}`, 'NotReadableError');
    },
  );
}
