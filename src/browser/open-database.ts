/** The `name` of whatever was thrown. */
export const nameOf = (error: unknown): unknown => (error as { name?: unknown } | null | undefined)?.name;

/** Stores by name, each made by its function when the database is new. */
export type Stores = Readonly<Record<string, (db: IDBDatabase) => void>>;

function openOnce(name: string, stores: Stores): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => {
      for (const make of Object.values(stores)) make(request.result);
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = (event) => {
      event.preventDefault(); // Firefox reports it to window.onerror otherwise
      reject(request.error);
    };
  });
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
        if (Object.keys(stores).every((store) => db.objectStoreNames.contains(store))) return db;
        db.close();
        failures = 3; // opening it again does not bring a store back
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
