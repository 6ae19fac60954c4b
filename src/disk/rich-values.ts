// Values that are not plain: with buffers of 1 MB and more, with parts that structured clone refuses, or with Blobs where the
// engine stores none.
import { nextTask } from '../browser/clock.js';
import { nameOf } from '../browser/open-database.js';
import { withLock } from '../browser/other-tabs.js';
import { copyGraph } from '../core/values/copy.js';
import { fromRecord, type Leaf, type SnapshotRecord, toRecord } from '../core/values/snapshot-record.js';
import { classes } from '../registered-classes.js';
import { outOfBlobs, readBlob } from './blobs.js';
import type { Outcome } from './changes.js';
import type { CacheEntry } from './entry.js';
import { type FoundRow, isUnreadable } from './reads.js';
import { type BlobSnapshot, isInBlobs, type Kept, mostInOneRow } from './stored-value.js';
import { chunksOf, entryKey, type ValueRow } from './tables.js';
import {
  asBlobPieces,
  asBlobs,
  asBytePieces,
  isAboutBlobs,
  type Put,
  type Putter,
  rowOf as plainRowOf,
  store,
  type Way,
} from './writes.js';

/** More than this is stored only for a function whose `maxSize` names at least its size. */
const mostUnasked = 512_000_000;
/** Up to here a buffer is one Blob: reading 320 MB in Blobs of 16 MB takes Chromium half as long again. */
const wholeBlob = 100_000_000;
const blobPiece = 16_000_000;
const bytesPiece = 32_000_000;

/** What is stored of a value: big buffers stand apart. */
interface Parts {
  readonly record: SnapshotRecord;
  readonly buffers: readonly (Blob | ArrayBuffer)[];
}

function partsOf(kept: Kept): Parts {
  if (isInBlobs(kept)) return { record: kept.record, buffers: kept.blobs };
  const { buffers = [], ...record } = toRecord(kept, { classes });
  return { record, buffers };
}

const sizeOf = (part: Blob | ArrayBuffer): number => (part instanceof Blob ? part.size : part.byteLength);

const bytesOf = async (part: Blob | ArrayBuffer): Promise<ArrayBuffer> =>
  part instanceof Blob ? readBlob(part) : part;

const rowOf = (entry: CacheEntry, record: SnapshotRecord): ValueRow =>
  plainRowOf(entry, record, entry.messages && toRecord(entry.messages, { classes }));

const asBlob = (part: Blob | ArrayBuffer | Uint8Array<ArrayBuffer>): Blob =>
  part instanceof Blob ? part : new Blob([part]);

/** A part of a buffer, as a Blob or as bytes. */
const pieceOf = (
  buffer: Blob | ArrayBuffer,
  from: number,
  to: number,
  isBlob: boolean,
): Blob | Promise<ArrayBuffer> => {
  const part = buffer instanceof Blob ? buffer.slice(from, to) : new Uint8Array(buffer, from, to - from);
  if (isBlob) return asBlob(part);
  return bytesOf(part instanceof Blob ? part : part.slice().buffer);
};

/** Stores the pieces first, a transaction each, and the row last. */
async function storePieces(
  putter: Putter,
  put: Put,
  { record, buffers, way }: Parts & { readonly way: Way },
): Promise<Outcome> {
  const { database, writer, clock, chunksLock } = putter;
  const key = entryKey(put.identity, put.key);
  const revision = `${clock.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
  const change = (work: (chunks: IDBObjectStore) => unknown): Promise<unknown> =>
    database.use('readwrite', (chunks) => void work(chunks), { stores: ['chunks'] });
  let count = 0;
  const save = async (piece: Blob | ArrayBuffer): Promise<void> => {
    const at = [key, revision, count++];
    try {
      await change((chunks) => chunks.put(piece, at));
    } catch (error) {
      if (nameOf(error) !== 'QuotaExceededError') throw error;
      await writer.makeRoom(put.entry.bytes);
      await change((chunks) => chunks.put(piece, at));
    }
  };
  return withLock(chunksLock, { waitMs: 10_000 }, async () => {
    let isStored = false;
    try {
      for (const buffer of buffers) {
        const size = sizeOf(buffer);
        const isWhole = way === asBlobs && size <= wholeBlob;
        const step = isWhole ? size : way === asBytePieces ? bytesPiece : blobPiece;
        for (let from = 0; from < size; from += step)
          await save(await pieceOf(buffer, from, Math.min(from + step, size), way !== asBytePieces));
      }
      const outcome = await store(putter, put, { ...rowOf(put.entry, record), sizes: buffers.map(sizeOf), revision });
      isStored = outcome === undefined;
      return outcome;
    } finally {
      if (!isStored)
        await change((chunks) => chunks.delete(chunksOf(key, revision))).catch(() => {
          // the sweep removes the pieces
        });
    }
  });
}

/** Stores a value in this way; rejects where the engine refuses it. */
async function storeIn(
  putter: Putter,
  put: Put,
  { record, buffers, way }: Parts & { readonly way: Way },
  total: number,
): Promise<Outcome> {
  const isBytes = way === asBytePieces;
  const parts = { record: isBytes ? await withoutBlobs(record) : record, buffers, way };
  if (way === asBlobPieces || total > (isBytes ? bytesPiece : mostInOneRow)) return storePieces(putter, put, parts);
  const whole: (Blob | ArrayBuffer)[] = [];
  for (const buffer of buffers) {
    if (whole.length) await nextTask(); // a Blob copies its bytes, so each has a task of its own
    whole.push(isBytes ? await bytesOf(buffer) : asBlob(buffer));
  }
  return store(putter, put, { ...rowOf(put.entry, parts.record), ...(whole.length && { buffers: whole }) });
}

/**
 * Writes an entry in the way that this engine takes: big buffers as Blobs inside the row, which costs a third of a typed
 * array; above that in pieces; as bytes where Blobs are refused. `large`: it is not stored, because nobody asked for it.
 */
export async function writeRich(putter: Putter, put: Put): Promise<Outcome | 'large'> {
  const parts = partsOf(put.entry.snapshot);
  const total = parts.buffers.reduce((sum, buffer) => sum + sizeOf(buffer), 0);
  if (total > mostUnasked && !((put.limits.maxBytes ?? 0) >= put.entry.bytes)) return 'large';
  for (let { way } = putter; ; )
    try {
      return await storeIn(putter, put, { ...parts, way }, total);
    } catch (error) {
      if (way === asBytePieces) throw error;
      // where no buffer is refused, it is a Blob of the value's own
      if (isAboutBlobs(error)) way = putter.way = total > 0 ? (Math.max(putter.way, way + 1) as Way) : asBytePieces;
      // Chromium has room for some Blobs only, those of all its pages together; there may be some for the next one
      else if (isUnreadable(error)) way = asBytePieces;
      else throw error;
    }
}

/** The record with Blobs and Files as bytes, for databases that refuse them. The same one if it holds none. */
async function withoutBlobs(record: SnapshotRecord): Promise<SnapshotRecord> {
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
export async function decodeRich({ row, chunks }: FoundRow): Promise<CacheEntry> {
  const { buffers, sizes, messages } = row;
  const record = recordOf(row);
  const entry = { ...row, messages: messages && fromRecord(messages, { classes }) };
  const blobs = sizes ? assemble(chunks, sizes) : buffers;
  if (!blobs?.every((blob) => blob instanceof Blob)) {
    const read = blobs && (await Promise.all(blobs.map(bytesOf)));
    return {
      ...entry,
      fresh: undefined,
      snapshot: fromRecord({ ...record, ...(read && { buffers: read }) }, { classes }),
    };
  }
  const snapshot = inBlobs(record, blobs);
  // the caller gets the copy that is read now, which also shows whether the Blobs can be read
  return { ...entry, snapshot, fresh: { value: (await outOfBlobs(snapshot)).data } };
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
