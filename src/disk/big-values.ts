import { type Clock, nextTask, systemClock } from '../browser/clock.js';
import type { Database } from '../browser/indexed-db.js';
import { nameOf } from '../browser/open-database.js';
import { withLock } from '../browser/other-tabs.js';
import { isUnreadable } from './blobs.js';
import type { Outcome } from './changes.js';
import type { CacheEntry, Limits } from './entry.js';
import { mostInOneRow } from './stored-value.js';
import { entryKey, tablesOf, type ValueRow } from './tables.js';
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
enum Way {
  Blobs,
  BlobPieces,
  BytePieces,
}

// Chromium: "Failed to write blobs", "… too large"; WebKit: "Error preparing Blob/File data"
// https://github.com/jakearchibald/idb-keyval/issues/62
const isAboutBlobs = (error: unknown): boolean => {
  const { message } = (error ?? {}) as { message?: unknown };
  return /^(Unknown|Data)Error$/.test(String(nameOf(error))) && /blob|file|large|size/i.test(String(message));
};

/**
 * Writes entries in the way that this engine takes: big buffers as Blobs inside the row, which costs a third of a typed
 * array; above that in pieces; as bytes where Blobs are refused. `large`: it is not stored, because nobody asked for it.
 */
export function createPutter({ database, writer, chunksLock, clock = systemClock }: PutterOptions): Putter {
  let way = Way.Blobs;

  const store = ({ identity, key, entry, limits, usedAt }: Put, row: ValueRow): Promise<Outcome> =>
    writer.write({ type: 'put', identity, key, row, limits, usedAt, args: entry.args ?? '', isWanted: entry.isWanted });

  async function storePieces(put: Put, { record, buffers }: Parts, how: Way): Promise<Outcome> {
    const key = entryKey(put.identity, put.key);
    const revision = `${clock.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
    const save = (piece: Blob | ArrayBuffer, i: number): Promise<unknown> =>
      database.use('readwrite', (chunks) => void chunks.put(piece, [key, revision, i]), { stores: ['chunks'] });
    let isStored = false;
    return withLock(chunksLock, { waitMs: 10_000 }, async () => {
      try {
        let i = 0;
        for (const buffer of buffers) {
          const size = sizeOf(buffer);
          const isWhole = how === Way.Blobs && size <= wholeBlob;
          const step = isWhole ? size : how === Way.BytePieces ? bytesPiece : blobPiece;
          for (let from = 0; from < size; from += step) {
            const piece = await pieceOf(buffer, from, Math.min(from + step, size), how !== Way.BytePieces);
            try {
              await save(piece, i);
            } catch (error) {
              if (nameOf(error) !== 'QuotaExceededError') throw error;
              await writer.makeRoom(put.entry.bytes);
              await save(piece, i);
            }
            i++;
          }
        }
        const sizes = buffers.map(sizeOf);
        const outcome = await store(put, { ...rowOf(put.entry, record), sizes, revision });
        isStored = outcome === undefined;
        return outcome;
      } finally {
        if (!isStored)
          await database
            .use('readwrite', (store) => {
              tablesOf(store).chunks.delete(IDBKeyRange.bound([key, revision], [key, revision, []]));
            })
            .catch(() => {
              // the sweep removes them
            });
      }
    });
  }

  async function storeBig(put: Put, parts: Parts): Promise<Outcome | 'large'> {
    const { record, buffers } = parts;
    const total = buffers.reduce((sum, buffer) => sum + sizeOf(buffer), 0);
    if (total > mostUnasked && !((put.limits.maxBytes ?? 0) >= put.entry.bytes)) return 'large';
    let current = way;
    for (;;)
      try {
        if (current === Way.BytePieces) {
          const plain = await withoutBlobs(record);
          if (total > bytesPiece) return await storePieces(put, { record: plain, buffers }, current);
          const bytes = await Promise.all(buffers.map(bytesOf));
          return await store(put, { ...rowOf(put.entry, plain), ...(bytes.length && { buffers: bytes }) });
        }
        if (current === Way.BlobPieces || total > mostInOneRow) return await storePieces(put, parts, current);
        const blobs: Blob[] = [];
        for (const buffer of buffers) {
          if (blobs.length && total > 10 * blobPiece) await nextTask(); // a Blob copies its bytes
          blobs.push(asBlob(buffer));
        }
        return await store(put, { ...rowOf(put.entry, record), ...(blobs.length && { buffers: blobs }) });
      } catch (error) {
        if (current === Way.BytePieces) throw error;
        if (isAboutBlobs(error)) current = way = Math.max(way, current + 1);
        // Chromium has room for some Blobs only, those of all its pages together; there may be some for the next one
        else if (isUnreadable(error)) current = Way.BytePieces;
        else throw error;
      }
  }

  const write = (put: Put): Promise<Outcome | 'large'> => {
    const parts = partsOf(put.entry.snapshot);
    if (parts.buffers.length || way !== Way.Blobs) return storeBig(put, parts);
    return store(put, rowOf(put.entry, parts.record)).catch((error) => {
      if (!isAboutBlobs(error)) throw error;
      // it holds Blobs of its own, which is rare enough not to look for them first
      way = Way.BytePieces;
      return storeBig(put, parts);
    });
  };
  return {
    write,
    get usesBlobs() {
      return way !== Way.BytePieces;
    },
  };
}
