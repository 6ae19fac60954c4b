/** IndexedDB without a library: what every disk line is compared with. */
const done = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
/** Resolves after the commit. */
export const committed = (transaction: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
let database: Promise<IDBDatabase> | undefined;
export const raw = (): Promise<IDBDatabase> => {
  if (!database) {
    const request = indexedDB.open('raw');
    request.onupgradeneeded = () => {
      for (const store of ['values', 'meta']) request.result.createObjectStore(store).createIndex('x', 'x');
    };
    database = done(request);
  }
  return database;
};
export const rawGet = async (key: IDBValidKey): Promise<unknown> =>
  done((await raw()).transaction('values').objectStore('values').get(key));
export const rawPut = async (value: unknown, key: IDBValidKey): Promise<void> => {
  const transaction = (await raw()).transaction('values', 'readwrite', { durability: 'relaxed' });
  transaction.objectStore('values').put(value, key);
  await committed(transaction);
};

/**
 * Stores bytes as a Blob, or as they are where the engine refuses Blobs (WebKit's ephemeral sessions). Chromium has room for
 * so many Blobs, those of former lines included until they are collected: it is waited for.
 */
export async function rawPutBytes(bytes: ArrayBufferView<ArrayBuffer>, key: IDBValidKey): Promise<void> {
  for (let tries = 1; ; tries++)
    try {
      return await rawPut(new Blob([bytes]), key);
    } catch (error) {
      if (/preparing Blob/.test(String(error))) return rawPut(bytes.buffer, key);
      if (tries > 20) throw error;
      (globalThis as { gc?: () => void }).gc?.();
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
}

/** What `rawPutBytes` stored. */
export async function rawGetBytes(key: IDBValidKey): Promise<ArrayBuffer> {
  const found = (await rawGet(key)) as Blob | ArrayBuffer;
  return found instanceof Blob ? found.arrayBuffer() : found;
}
