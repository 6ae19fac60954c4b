// Tiers, entries and rows for the tests of the disk.
import { vi } from 'vitest';
import { readSnapshot, type Snapshot, takeSnapshot } from '../../src/core/values/snapshot.js';
import type { Warning } from '../../src/core/warning.js';
import type { CacheEntry } from '../../src/disk/entry.js';
import { classes } from '../../src/registered-classes.js';
import { DiskTier } from '../../src/tiers/disk-tier.js';

let names = 0;
/** A database name of its own: connections of earlier tests may still be closing. */
export const freshName = (): string => `disk-${Date.now()}-${++names}`;

/** The fields of the rows of each table. */
export const rowFields = {
  values: [
    'format',
    'plan',
    'data',
    'leaves',
    'createdAt',
    'expiresAt',
    'staleUntil',
    'epoch',
    'bytes',
    'messages',
    'tags',
    'buffers',
    'sizes',
    'revision',
  ],
  meta: ['f', 'x', 'u', 'n', 'e', 'c', 't', 'a', 'cleared', 'revision'],
  functions: ['cleared', 'entries', 'bytes', 'oldest', 'seenAt', 'tagsUpTo', 'swept', 'named'],
};

export interface Bench {
  readonly tier: DiskTier;
  readonly warnings: Warning[];
}

export function openTier(name: string, clock?: ConstructorParameters<typeof DiskTier>[0]['clock']): Bench {
  const warnings: Warning[] = [];
  const tier = new DiskTier({ name, warn: (warning) => warnings.push(warning), ...(clock && { clock }) });
  return { tier, warnings };
}

export function entryOf(value: unknown, more: Partial<CacheEntry> = {}): CacheEntry {
  const snapshot = takeSnapshot(value, { classes });
  return {
    snapshot,
    createdAt: Date.now(),
    expiresAt: Infinity,
    staleUntil: Infinity,
    epoch: 0,
    bytes: snapshot.bytes,
    ...more,
  };
}

/** What was read in Blobs comes with a copy. */
export const valueOf = (entry: CacheEntry | undefined): unknown =>
  entry?.fresh ? entry.fresh.value : entry && readSnapshot(entry.snapshot as Snapshot);

/** Reads and changes rows behind the tier's back, as the developer tools do. */
export async function inDatabase<T>(
  name: string,
  mode: IDBTransactionMode,
  work: (stores: Record<'values' | 'meta' | 'functions' | 'chunks', IDBObjectStore>) => IDBRequest<T> | void,
): Promise<T> {
  const db = await new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(`tabstate-cache:${name}`);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  try {
    return await new Promise<T>((resolve, reject) => {
      const transaction = db.transaction(['values', 'meta', 'functions', 'chunks'], mode);
      const store = (of: string): IDBObjectStore => transaction.objectStore(of);
      const request = work({
        values: store('values'),
        meta: store('meta'),
        functions: store('functions'),
        chunks: store('chunks'),
      });
      transaction.oncomplete = () => resolve(request ? request.result : (undefined as T));
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    db.close();
  }
}

/** Gives a stored row other fields. */
export const patchRow = (
  name: string,
  store: 'values' | 'meta' | 'functions',
  key: string,
  fields: object,
): Promise<unknown> =>
  inDatabase(name, 'readwrite', (stores) => {
    stores[store].get(key).onsuccess = ({ target }) =>
      stores[store].put({ ...(target as IDBRequest<object>).result, ...fields }, key);
  });

export const rowCount = (name: string, store: 'values' | 'meta' | 'chunks'): Promise<number> =>
  inDatabase(name, 'readonly', (stores) => stores[store].count());

/** Compares the bytes; a test's own comparison of millions of members takes seconds. */
export function isSame(one: ArrayBufferView, other: ArrayBufferView): boolean {
  const [a, b] = [one, other].map((view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength)) as [
    Uint8Array,
    Uint8Array,
  ];
  return a.length === b.length && indexedDB.cmp(a, b) === 0;
}

/** Makes the database refuse Blobs, as WebKit's ephemeral sessions do. */
export function refuseBlobs(name = 'UnknownError'): { refused(): number; end(): void } {
  const put = IDBObjectStore.prototype.put;
  const holdsBlob = (value: unknown): boolean =>
    value instanceof Blob ||
    (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) && Object.values(value).some(holdsBlob));
  let refused = 0;
  const spy = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, value, key) {
    if (!holdsBlob(value)) return put.call(this, value, key);
    refused++;
    throw new DOMException('Error preparing Blob/File data to be stored in object store', name);
  });
  return { refused: () => refused, end: () => spy.mockRestore() };
}

/** Calls `before` whenever a Blob is made. */
export function onBlob(before: () => void): { end(): void } {
  const Real = Blob;
  globalThis.Blob = new Proxy(Real, {
    construct(target, args) {
      before();
      return Reflect.construct(target, args) as object;
    },
  });
  return { end: () => void (globalThis.Blob = Real) };
}
