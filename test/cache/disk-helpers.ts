import { createDiskTier, type DiskTier } from '../../src/cache/disk-tier.js';
import type { CacheEntry } from '../../src/cache/tier.js';
import { readSnapshot, takeSnapshot } from '../../src/core/snapshot.js';
import type { Warning } from '../../src/core/warning.js';
import { classes } from '../../src/registered-classes.js';

let names = 0;
/** A database name of its own: connections of earlier tests may still be closing. */
export const freshName = (): string => `disk-${Date.now()}-${++names}`;

export interface Bench {
  readonly tier: DiskTier;
  readonly warnings: Warning[];
}

export function openTier(name: string, clock?: Parameters<typeof createDiskTier>[0]['clock']): Bench {
  const warnings: Warning[] = [];
  const tier = createDiskTier({ name, warn: (warning) => warnings.push(warning), ...(clock && { clock }) });
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

export const valueOf = (entry: CacheEntry | undefined): unknown => entry && readSnapshot(entry.snapshot);

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

export const rowCount = (name: string, store: 'values' | 'meta' | 'chunks'): Promise<number> =>
  inDatabase(name, 'readonly', (stores) => stores[store].count());
