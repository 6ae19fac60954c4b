import type { CacheEntry } from '../../cache/tier.js';
import { fromRecord, type Leaf, type SnapshotRecord, toRecord } from '../../core/snapshot-record.js';
import { copyGraph } from '../../core/value-copy.js';
import { classes } from '../../registered-classes.js';
import type { Found } from './reads.js';
import { format, type ValueRow } from './tables.js';

/** The record of an entry's value: big buffers stand apart. */
export const recordOf = ({ snapshot }: CacheEntry): SnapshotRecord => toRecord(snapshot, { classes });

/** A row of `values` for an entry whose value became this record; its buffers are added by the caller. */
export function rowOf(entry: CacheEntry, { plan, data, leaves }: SnapshotRecord): ValueRow {
  const { createdAt, expiresAt, staleUntil, epoch, bytes, messages, tags } = entry;
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
    ...(messages && { messages: toRecord(messages, { classes }) }),
    ...(tags?.length && { tags }),
  };
}

/** The record with Blobs and Files as bytes, for databases that refuse them. The same one if it holds none. */
export async function withoutBlobs(record: SnapshotRecord): Promise<SnapshotRecord> {
  const { data, leaves = [] } = record;
  const blobs = new Map<Blob, object>();
  copyGraph([data, leaves], new Map(), (value) => {
    if (!(value instanceof Blob)) return undefined;
    blobs.set(value, {});
    return value;
  });
  if (blobs.size === 0) return record;
  const made = await Promise.all(
    [...blobs].map(async ([blob, at]): Promise<Leaf> => {
      const bytes = [await blob.arrayBuffer()];
      const { type } = blob;
      return blob instanceof File
        ? { at, type: 'File', content: [bytes, blob.name, { type, lastModified: blob.lastModified }] }
        : { at, type: 'Blob', content: [bytes, { type }] };
    }),
  );
  const places = new Map<object, unknown>([...blobs.entries(), ...leaves.map(({ at }) => [at, at] as const)]);
  const copy = copyGraph({ data, leaves }, places) as { data: unknown; leaves: Leaf[] };
  return { ...record, data: copy.data, leaves: [...made, ...copy.leaves] };
}

/** The entry of a row that was read. Throws when the row's parts do not fit together. */
export function decodeEntry({ row, chunks }: Extract<Found, { row: ValueRow }>): CacheEntry | Promise<CacheEntry> {
  const { plan, data, leaves, buffers, sizes, createdAt, expiresAt, staleUntil, epoch, bytes, messages, tags } = row;
  const entry = (read?: readonly ArrayBuffer[]): CacheEntry => ({
    snapshot: fromRecord({ plan, data, bytes, ...(leaves && { leaves }), ...(read && { buffers: read }) }, { classes }),
    createdAt,
    expiresAt,
    staleUntil,
    epoch,
    bytes,
    ...(messages && { messages: fromRecord(messages, { classes }) }),
    ...(tags && { tags }),
  });
  if (sizes) return assemble(chunks, sizes).then(entry);
  if (!buffers) return entry();
  return Promise.all(buffers.map((buffer) => (buffer instanceof Blob ? buffer.arrayBuffer() : buffer))).then(entry);
}

/** The buffers that were stored in pieces. */
async function assemble(chunks: readonly unknown[], sizes: readonly number[]): Promise<ArrayBuffer[]> {
  const pieces = [...(chunks as (Blob | ArrayBuffer)[])];
  const buffers: ArrayBuffer[] = [];
  for (const size of sizes) {
    const own: (Blob | ArrayBuffer)[] = [];
    for (let found = 0; found < size; ) {
      const piece = pieces.shift();
      const length = piece instanceof Blob ? piece.size : piece?.byteLength;
      if (!piece || !length) throw new RangeError('A piece of a big value is missing.');
      found += length;
      own.push(piece);
    }
    const buffer = await new Blob(own).arrayBuffer();
    if (buffer.byteLength !== size) throw new RangeError('The pieces of a big value do not fit together.');
    buffers.push(buffer);
  }
  return buffers;
}
