// `idbStore`: the database of a cache as a store.
import { readKept } from '../disk/blobs.js';
import { createReader, decodeEntry } from '../disk/reads.js';
import { createEpochs, openTables } from '../disk/tables.js';
import { createPutter, createWriter, write } from '../disk/writes.js';
import { nameIdbStore } from './idb-store-name.js';
import type { CacheStore, StoredEntry } from './store.js';
import { fromStored, toStored } from './stored-entry.js';

/** The text that was percent-encoded; for text that is no such encoding, one that none is encoded from. */
function decoded(text: string): string {
  let result: string | undefined;
  try {
    result = decodeURIComponent(text);
  } catch {
    // a foreign key
  }
  const isEncoding = result !== undefined && encodeURIComponent(result) === text && !result.startsWith('\0');
  return isEncoding ? (result as string) : `\0${text}`;
}

function parts(key: string): [identity: string, argument: string] {
  const at = key.indexOf('/');
  return [decoded(key.slice(0, Math.max(0, at))), decoded(key.slice(at + 1))];
}

/**
 * Keeps entries in IndexedDB, in the database `tabstate-cache:<name>`, shared by all tabs of the origin. It is what a
 * cache uses when it is given no store; to be named where it is combined with others.
 *
 * @param options - `name`: of the database; default: that of the default cache
 * @example
 * const { cacheData } = createCache({ store: tieredStore(memoryStore(), idbStore({ name: 'reports' })) });
 */
export function idbStore(options?: { name?: string | null } | null): CacheStore {
  const name = options?.name ?? '';
  const now = (): number => Date.now();
  // the caller gets the error
  const database = openTables(name, () => {});
  const epochs = createEpochs();
  const reader = createReader({ database, epochs, hearsClears: () => false });
  const writer = createWriter({
    database,
    epochs,
    now,
    touches: { pending: () => new Map(), checked() {} },
    onCommit() {},
  });
  const putter = createPutter({ database, writer, chunksLock: `tabstate-cache:${name}:chunks` });
  const get = async (key: string): Promise<StoredEntry | undefined> => {
    const found = await reader.read(...parts(key));
    if (!found || !('row' in found)) return undefined;
    const entry = await decodeEntry(found);
    const { fresh, snapshot } = entry;
    return toStored(fresh ? fresh.value : await readKept(snapshot), entry);
  };
  const store: CacheStore = {
    get,
    getMany: (keys) => Promise.all(keys.map(get)),
    async set(key, row) {
      const [identity, argument] = parts(key);
      const found = fromStored(row);
      if (!found) throw new TypeError('idbStore().set: this is no entry of this version.');
      const entry = { ...found, epoch: Infinity };
      await write(putter, { identity, key: argument, entry, limits: { maxBytes: Infinity }, usedAt: now() });
    },
    async delete(key) {
      const [identity, argument] = parts(key);
      await writer.write({ type: 'delete', identity, key: argument });
    },
    async clear(prefix) {
      const target = prefix === '' ? ({ all: true } as const) : { identity: parts(prefix)[0] };
      await writer.write({ type: 'clear', target, epoch: epochs.next() });
    },
    close: () => database.close(),
  };
  nameIdbStore(store, name);
  return store;
}
