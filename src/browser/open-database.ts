// Opens a database as long as there is hope; one that is broken is made anew, once.
/** The `name` of whatever was thrown. */
export const nameOf = (error: unknown): unknown => (error as { name?: unknown } | null | undefined)?.name;

/** The stores of a database by name, with the key path of each index. */
export type Stores = Readonly<Record<string, Readonly<Record<string, string | string[]>>>>;

function openOnce(name: string, stores: Stores): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => {
      for (const [store, indexes] of Object.entries(stores)) {
        const made = request.result.createObjectStore(store);
        for (const [index, path] of Object.entries(indexes)) made.createIndex(index, path);
      }
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = (event) => {
      event.preventDefault(); // Firefox reports it to window.onerror otherwise
      reject(request.error);
    };
  });
}

/** Whether a store has these indexes: another program may have made it, or a browser lost some. */
export const hasIndexes = (store: IDBObjectStore, indexes: Readonly<Record<string, string | string[]>>): boolean =>
  store.keyPath === null &&
  Object.entries(indexes).every(
    ([index, path]) => store.indexNames.contains(index) && String(store.index(index).keyPath) === String(path),
  );

function remove(name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(name);
    request.onsuccess = () => resolve();
    request.onerror = request.onblocked = (event: Event) => {
      event.preventDefault();
      reject(request.readyState === 'done' ? request.error : new DOMException('blocked', 'AbortError'));
    };
  });
}

/** So many failures in a row, and a database is taken for broken. */
const mostFailures = 3;

/**
 * Opens a database again and again, as long as there is hope. One that is broken is deleted, once: it is a cache, and
 * worth less than an empty one.
 *
 * @returns a function that opens it; `hasOpened`: it was open before, `isBroken`: and lacked an index then. When it
 *   rejects, no further attempt is of use
 */
export function createOpener(
  name: string,
  stores: Stores,
): (hasOpened: boolean, isBroken: boolean) => Promise<IDBDatabase> {
  let wasDeleted = false;
  return async (hasOpened, isBroken) => {
    let failures = isBroken ? mostFailures : 0;
    for (;;) {
      let broken: unknown;
      if (failures < mostFailures)
        try {
          const db = await openOnce(name, stores);
          if (Object.keys(stores).every((store) => db.objectStoreNames.contains(store))) return db;
          db.close();
        } catch (error) {
          broken = error;
          if (!(error instanceof DOMException || error == null)) throw error;
          const reason = nameOf(error);
          if (reason === 'SecurityError' || reason === 'VersionError') throw error;
          if (reason === 'InvalidStateError' && !hasOpened) throw error;
          if (++failures < mostFailures) continue;
          if (reason !== 'UnknownError') throw error;
        }
      if (wasDeleted) throw broken;
      wasDeleted = true;
      await remove(name);
      failures = mostFailures - 1;
    }
  };
}
