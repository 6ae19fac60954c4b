import { copyGraph } from '../core/values/copy.js';
import { fromRecord, type Leaf, type SnapshotRecord, toRecord } from '../core/values/snapshot-record.js';
import { classes } from '../registered-classes.js';
import { outOfBlobs, readBlob } from './blobs.js';
import type { CacheEntry } from './entry.js';
import type { FoundRow } from './reads.js';
import { type BlobSnapshot, isInBlobs, type Kept } from './stored-value.js';
import { format, type ValueRow } from './tables.js';

/** What is stored of a value: big buffers stand apart. */
export interface Parts {
  readonly record: SnapshotRecord;
  readonly buffers: readonly (Blob | ArrayBuffer)[];
}

export function partsOf(kept: Kept): Parts {
  if (isInBlobs(kept)) return { record: kept.record, buffers: kept.blobs };
  const { buffers = [], ...record } = toRecord(kept, { classes });
  return { record, buffers };
}

export const sizeOf = (part: Blob | ArrayBuffer): number => (part instanceof Blob ? part.size : part.byteLength);

export const bytesOf = async (part: Blob | ArrayBuffer): Promise<ArrayBuffer> =>
  part instanceof Blob ? readBlob(part) : part;

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
      const bytes = [await readBlob(blob)];
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

const inBlobs = (record: SnapshotRecord, blobs: readonly Blob[]): BlobSnapshot => ({
  record,
  blobs,
  bytes: record.bytes,
  largeBytes: blobs.reduce((sum, { size }) => sum + size, 0),
});

const recordOf = ({ plan, data, leaves, bytes }: ValueRow): SnapshotRecord => ({
  plan,
  data,
  bytes,
  ...(leaves && { leaves }),
});

/** The value of a row that was read, if all its buffers were stored as Blobs; those are not read. */
export function blobsOf({ row, chunks }: FoundRow): BlobSnapshot | undefined {
  const { buffers = [], sizes } = row;
  if (![...chunks, ...buffers].every((part) => part instanceof Blob)) return undefined;
  return inBlobs(recordOf(row), (sizes ? assemble(chunks, sizes) : buffers) as readonly Blob[]);
}

/** The entry of a row that was read. Throws when the row's parts do not fit together. */
export function decodeEntry({ row, chunks }: FoundRow): CacheEntry | Promise<CacheEntry> {
  const { buffers, sizes, createdAt, expiresAt, staleUntil, epoch, bytes, messages, tags } = row;
  const record = recordOf(row);
  const entry = (value: Pick<CacheEntry, 'snapshot' | 'fresh'>): CacheEntry => ({
    ...value,
    createdAt,
    expiresAt,
    staleUntil,
    epoch,
    bytes,
    ...(messages && { messages: fromRecord(messages, { classes }) }),
    ...(tags && { tags }),
  });
  const blobs = sizes ? assemble(chunks, sizes) : buffers;
  if (!blobs) return entry({ snapshot: fromRecord(record, { classes }) });
  if (!blobs.every((blob) => blob instanceof Blob))
    return Promise.all(blobs.map(bytesOf)).then((read) =>
      entry({ snapshot: fromRecord({ ...record, buffers: read }, { classes }) }),
    );
  const snapshot = inBlobs(record, blobs);
  // the caller gets the copy that is read now, which also shows whether the Blobs can be read
  return outOfBlobs(snapshot).then((read) => entry({ snapshot, fresh: { value: read.data } }));
}

/** Bytes in one buffer: a Blob of them would be written and read by another process. */
function join(pieces: readonly ArrayBuffer[], size: number): ArrayBuffer {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(new Uint8Array(piece), at);
    at += piece.byteLength;
  }
  return whole.buffer;
}

/** The buffers that were stored in pieces; those in Blobs without reading them. */
function assemble(chunks: readonly unknown[], sizes: readonly number[]): (Blob | ArrayBuffer)[] {
  const pieces = [...chunks];
  return sizes.map((size) => {
    const own: (Blob | ArrayBuffer)[] = [];
    let found = 0;
    while (found < size) {
      const piece = pieces.shift();
      if (!(piece instanceof Blob || piece instanceof ArrayBuffer) || sizeOf(piece) === 0) break;
      found += sizeOf(piece);
      own.push(piece);
    }
    if (found !== size) throw new RangeError('The pieces of a big value do not fit together.');
    if (own.length === 1) return own[0] as Blob | ArrayBuffer;
    return own.every((piece) => piece instanceof ArrayBuffer) ? join(own, size) : new Blob(own);
  });
}
