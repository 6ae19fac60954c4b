/** Why there is no storage. */
export type NoStorage = 'storage-denied' | 'no-document';
/** Why a text was refused. */
export type Refusal = 'storage-full' | 'storage-failed';

/** This tab's sessionStorage. On a server and in a worker there is none: a `sessionStorage` global of Node is not used. */
export function tabStorage(): Storage | undefined {
  return typeof document === 'undefined' ? undefined : window.sessionStorage;
}

/** Asks for a storage, whose mere mention throws in sandboxed frames and with blocked cookies, and is null in Firefox with DOM storage off. */
export function openStorage(ask: () => Storage | null | undefined): Storage | NoStorage {
  try {
    const storage = ask();
    // length asks the browser for the content: blocked storage shows here at the latest
    if (storage && storage.length >= 0) return storage;
  } catch {
    // the engines' errors say no more than that access is denied
  }
  return ask === tabStorage && typeof document === 'undefined' ? 'no-document' : 'storage-denied';
}

/** Keeps the text, or removes the item for `undefined`; or tells why not, and the old text stays. */
export function writeItem(
  storage: Storage,
  key: string,
  text: string | undefined,
): { code: Refusal; cause: unknown } | undefined {
  try {
    if (text === undefined) storage.removeItem(key);
    else storage.setItem(key, text);
    return undefined;
  } catch (cause) {
    // classes and codes differ between engines, the name does not
    const isFull = (cause as Error | undefined)?.name === 'QuotaExceededError';
    return { code: isFull ? 'storage-full' : 'storage-failed', cause };
  }
}

/** The text; `undefined` when there is none, or when the storage has been taken away meanwhile. */
export function readItem(storage: Storage, key: string): string | undefined {
  try {
    return storage.getItem(key) ?? undefined;
  } catch {
    // as if empty: memory holds the truth of the page
    return undefined;
  }
}

export function removeItem(storage: Storage, key: string): void {
  writeItem(storage, key, undefined);
}

/** The names of the items that begin with `prefix`, sorted: storage has no order. */
export const itemNames = (storage: Storage, prefix: string): string[] => listNames(storage, prefix).sort();

/** The same in no order, for a third of the time. */
export function listNames(storage: Storage, prefix: string): string[] {
  const names: string[] = [];
  const { length } = storage;
  for (let i = 0; i < length; i++) {
    const name = storage.key(i);
    if (name?.startsWith(prefix)) names.push(name);
  }
  return names;
}
