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
