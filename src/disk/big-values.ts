import { type Clock, nextTask, systemClock } from '../browser/clock.js';
import type { Database } from '../browser/indexed-db.js';
import { nameOf } from '../browser/open-database.js';
import { withLock } from '../browser/other-tabs.js';
import { isUnreadable } from './blobs.js';
import type { Outcome } from './changes.js';
import type { CacheEntry, Limits } from './entry.js';
import { mostInOneRow } from './stored-value.js';
import { chunksOf, entryKey, type ValueRow } from './tables.js';
import { bytesOf, type Parts, partsOf, rowOf, sizeOf, withoutBlobs } from './values.js';
import type { Writer } from './writes.js';

export interface Put {
  readonly identity: string;
  readonly key: string;
  readonly entry: CacheEntry;
  readonly limits: Limits;
  readonly usedAt: number;
}

export interface Putter {
  write(put: Put): Promise<Outcome | 'large'>;
  /** Big buffers become Blobs: the browser has not refused them. */
  readonly usesBlobs: boolean;
}

export interface PutterOptions {
  readonly database: Database;
  readonly writer: Writer;
  /** Held while pieces are written, so that no sweep takes them for orphans. */
  readonly chunksLock: string;
  readonly clock?: Clock;
}

/** More than this is stored only for a function whose `maxSize` names at least its size. */
const mostUnasked = 512_000_000;
/** Up to here a buffer is one Blob: reading 320 MB in Blobs of 16 MB takes Chromium half as long again. */
const wholeBlob = 100_000_000;
const blobPiece = 16_000_000;
const bytesPiece = 32_000_000;

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

/** How big buffers are stored; where an engine refuses one, the next is tried. */
type Way = 0 | 1 | 2;
const asBlobs: Way = 0;
const asBlobPieces: Way = 1;
const asBytePieces: Way = 2;

// Chromium: "Failed to write blobs", "… too large"; WebKit: "Error preparing Blob/File data"
// https://github.com/jakearchibald/idb-keyval/issues/62
const isAboutBlobs = (error: unknown): boolean => {
  const { message } = (error ?? {}) as { message?: unknown };
  return /^(Unknown|Data)Error$/.test(String(nameOf(error))) && /blob|file|large|size/i.test(String(message));
};

type Store = (put: Put, row: ValueRow) => Promise<Outcome>;

/** Stores the pieces first, a transaction each, and the row last. */
async function storePieces(
  { database, writer, clock = systemClock, chunksLock }: PutterOptions,
  store: Store,
  put: Put,
  { record, buffers, way }: Parts & { readonly way: Way },
): Promise<Outcome> {
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
      const outcome = await store(put, { ...rowOf(put.entry, record), sizes: buffers.map(sizeOf), revision });
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

/**
 * Writes entries in the way that this engine takes: big buffers as Blobs inside the row, which costs a third of a typed
 * array; above that in pieces; as bytes where Blobs are refused. `large`: it is not stored, because nobody asked for it.
 */
export function createPutter(options: PutterOptions): Putter {
  const { writer } = options;
  let way: Way = asBlobs;

  const store: Store = ({ identity, key, entry, limits, usedAt }, row) =>
    writer.write({ type: 'put', identity, key, row, limits, usedAt, args: entry.args ?? '', isWanted: entry.isWanted });

  /** Stores a value in this way; rejects where the engine refuses it. */
  async function storeIn(how: Way, put: Put, { record, buffers }: Parts, total: number): Promise<Outcome> {
    const isBytes = how === asBytePieces;
    const parts = { record: isBytes ? await withoutBlobs(record) : record, buffers, way: how };
    if (how === asBlobPieces || total > (isBytes ? bytesPiece : mostInOneRow))
      return storePieces(options, store, put, parts);
    const whole: (Blob | ArrayBuffer)[] = [];
    for (const buffer of buffers) {
      if (whole.length && total > 10 * blobPiece) await nextTask(); // a Blob copies its bytes
      whole.push(isBytes ? await bytesOf(buffer) : asBlob(buffer));
    }
    return store(put, { ...rowOf(put.entry, parts.record), ...(whole.length && { buffers: whole }) });
  }

  async function storeBig(put: Put, parts: Parts): Promise<Outcome | 'large'> {
    const total = parts.buffers.reduce((sum, buffer) => sum + sizeOf(buffer), 0);
    if (total > mostUnasked && !((put.limits.maxBytes ?? 0) >= put.entry.bytes)) return 'large';
    for (let current = way; ; )
      try {
        return await storeIn(current, put, parts, total);
      } catch (error) {
        if (current === asBytePieces) throw error;
        if (isAboutBlobs(error)) current = way = Math.max(way, current + 1) as Way;
        // Chromium has room for some Blobs only, those of all its pages together; there may be some for the next one
        else if (isUnreadable(error)) current = asBytePieces;
        else throw error;
      }
  }

  return {
    async write(put) {
      const parts = partsOf(put.entry.snapshot);
      if (parts.buffers.length || way !== asBlobs) return storeBig(put, parts);
      try {
        return await store(put, rowOf(put.entry, parts.record));
      } catch (error) {
        if (!isAboutBlobs(error)) throw error;
        // the value holds Blobs of its own, which is too rare to look for them first
        way = asBytePieces;
        return storeBig(put, parts);
      }
    },
    get usesBlobs() {
      return way !== asBytePieces;
    },
  };
}
