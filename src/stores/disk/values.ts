import type { CacheEntry } from '../../cache/tier.js';
import { fromRecord, type SnapshotRecord, toRecord } from '../../core/snapshot-record.js';
import { classes } from '../../registered-classes.js';
import { format, type ValueRow } from './tables.js';

/** An entry as a row of `values`; its big buffers become Blobs, which engines store much faster. */
export function encodeEntry(entry: CacheEntry): ValueRow {
  const { snapshot, createdAt, expiresAt, staleUntil, epoch, bytes, messages, tags } = entry;
  const { plan, data, leaves, buffers } = toRecord(snapshot, { classes });
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
    ...(buffers && { buffers: buffers.map((buffer) => new Blob([buffer])) }),
    ...(messages && { messages: toRecord(messages, { classes }) }),
    ...(tags?.length ? { tags } : {}),
  };
}

/** The entry of a row that was read. Throws when the row's parts do not fit together. */
export function decodeEntry(row: ValueRow): CacheEntry | Promise<CacheEntry> {
  const { plan, data, leaves, buffers, createdAt, expiresAt, staleUntil, epoch, bytes, messages, tags } = row;
  const record: SnapshotRecord = { plan, data, bytes, ...(leaves && { leaves }) };
  const entry = (whole: SnapshotRecord): CacheEntry => ({
    snapshot: fromRecord(whole, { classes }),
    createdAt,
    expiresAt,
    staleUntil,
    epoch,
    bytes,
    ...(messages && { messages: fromRecord(messages, { classes }) }),
    ...(tags && { tags }),
  });
  if (!buffers) return entry(record);
  return Promise.all(buffers.map((buffer) => (buffer instanceof Blob ? buffer.arrayBuffer() : buffer))).then((read) =>
    entry({ ...record, buffers: read }),
  );
}
