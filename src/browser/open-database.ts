/** The `name` of whatever was thrown. */
export const nameOf = (error: unknown): unknown => (error as { name?: unknown } | null | undefined)?.name;

/** The stores of a database by name, with the key path of each index. */
export type Stores = Readonly<Record<string, Readonly<Record<string, string | string[]>>>>;

/** `undefined`: it lacks something. */
function openOnce(name: string, stores: Stores): Promise<IDBDatabase | undefined> {
  return new Promise((resolve, reject) => {
    let isNew = false;
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => {
      isNew = true;
      for (const [store, indexes] of Object.entries(stores)) {
        const made = request.result.createObjectStore(store);
        for (const [index, path] of Object.entries(indexes)) made.createIndex(index, path);
      }
    };
    request.onsuccess = () => {
      const db = request.result;
      if (isNew) resolve(db);
      else
        isWhole(db, stores).then((whole) => {
          if (!whole) db.close();
          resolve(whole ? db : undefined);
        }, reject);
    };
    request.onerror = (event) => {
      event.preventDefault(); // Firefox reports it to window.onerror otherwise
      reject(request.error);
    };
  });
}

/** Whether it has all of these stores and indexes: another program may have made it, or a browser lost some. */
async function isWhole(db: IDBDatabase, stores: Stores): Promise<boolean> {
  const names = Object.keys(stores);
  if (!names.every((store) => db.objectStoreNames.contains(store))) return false;
  const transaction = db.transaction(names);
  const ended = new Promise((resolve) => {
    transaction.oncomplete = resolve;
  });
  const isRight = names.every((name) => {
    const store = transaction.objectStore(name);
    const hasIndex = ([index, path]: [string, string | string[]]): boolean =>
      store.indexNames.contains(index) && String(store.index(index).keyPath) === String(path);
    return store.keyPath === null && Object.entries(stores[name] as object).every(hasIndex);
  });
  // a database with a transaction cannot be deleted
  if (!isRight) await ended;
  return isRight;
}

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

/**
 * Opens a database again and again, as long as there is hope. One that is broken is deleted, once: it is a cache, and
 * worth less than an empty one.
 *
 * @param hasOpened - whether it was open before
 * @returns a function that opens it; when it rejects, no further attempt is of use
 */
export function createOpener(name: string, stores: Stores): (hasOpened: boolean) => Promise<IDBDatabase> {
  let wasDeleted = false;
  return async (hasOpened) => {
    for (let failures = 0; ; ) {
      let broken: unknown;
      try {
        const db = await openOnce(name, stores);
        if (db) return db;
        failures = 3; // opening it again does not bring anything back
      } catch (error) {
        broken = error;
        if (!(error instanceof DOMException || error == null)) throw error;
        const reason = nameOf(error);
        if (reason === 'SecurityError' || reason === 'VersionError') throw error;
        if (reason === 'InvalidStateError' && !hasOpened) throw error;
        if (++failures < 3) continue;
        if (reason !== 'UnknownError') throw error;
      }
      if (wasDeleted) throw broken;
      wasDeleted = true;
      await remove(name);
      failures = 2;
    }
  };
}
