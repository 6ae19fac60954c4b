// `unstorageStore`: entries in any storage of unstorage.
import { reportListenerError } from '../browser/report-error.js';
import { createWarner, type Warning } from '../core/warning.js';
import { formatEntry, parseEntry } from './entry-text.js';
import type { CacheStore, StoredEntry } from './store.js';

/** What `unstorageStore` calls; unstorage's `Storage` fits. */
export interface UnstorageLike {
  /** The text, or what unstorage parsed it into; `null` when it is missing. */
  getItem(key: string): Promise<unknown>;
  setItem(key: string, value: string): Promise<void>;
  removeItem(key: string): Promise<void>;
  getKeys(base?: string): Promise<string[]>;
}

export interface UnstorageStoreOptions {
  /** Everything is kept below this key: letters, digits, `-` and `_`. Default: `'tabstate'`. */
  name?: string;
  /** Gets `cache-entry` for results that no text can hold. Default: `console.warn`, once per function. */
  onWarning?: (warning: Warning) => void;
}

// drivers normalise keys, cut them at "?", and may not tell upper case from lower: hex survives all of them
const toHex = (text: string): string =>
  Array.from(new TextEncoder().encode(text), (byte) => byte.toString(16).padStart(2, '0')).join('');
const fromHex = (hex: string): string =>
  new TextDecoder().decode(Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16)));

/** File names end at 255 bytes; the sign keeps a folder apart from a file of the same name. */
const toPart = (text: string): string => toHex(text).replace(/.{200}(?=.)/g, '$&-:') || '_';

const split = (key: string): [identity: string, rest: string | undefined] => {
  const at = key.indexOf('/');
  return at < 0 ? [key, undefined] : [key.slice(0, at), key.slice(at + 1)];
};

/** Keys of entries as keys of the storage, and back. */
const createKeys = (base: string) => ({
  keyOf(key: string): string {
    const [identity, rest] = split(key);
    return `${base}${toPart(identity)}:${rest === undefined ? '-' : toPart(rest)}`;
  },
  /** The key again, of what the driver lists. */
  fromKey(stored: string): string {
    const [identity = '', rest = ''] = stored
      .slice(base.length)
      .replaceAll('-:', '')
      .split(':')
      .map((part) => (part === '_' ? '' : part));
    return rest === '-' ? fromHex(identity) : `${fromHex(identity)}/${fromHex(rest)}`;
  },
});

/** Whether the storage lists what was set; without that nothing but single keys can be cleared. */
function createListing(storage: UnstorageLike, base: string, warn: (message: string) => void) {
  let lists: Promise<boolean> | undefined;
  /** @param stored - a key that is set now */
  const check = (stored: string): Promise<boolean> => {
    lists ??= Promise.resolve(storage.getKeys(base)).then((keys) => {
      if (keys.includes(stored)) return true;
      warn(
        `unstorageStore: the storage does not list its keys below "${base}", so clear() cannot work. Use a driver without a base.`,
      );
      return false;
    });
    lists.catch(() => (lists = undefined)); // it may answer the next time
    return lists;
  };
  return {
    check,
    async isComplete(): Promise<boolean> {
      if (lists) return lists;
      const probe = `${base}probe:-`;
      await storage.setItem(probe, '0');
      return check(probe).finally(() => storage.removeItem(probe));
    },
  };
}

/**
 * A cache in any storage of unstorage (file system, HTTP, Redis and more), which users may share. Results are kept as
 * superjson text with buffers in base64; a result that this cannot hold (a Blob, say) is left out, with a warning.
 *
 * @example
 * import { createStorage } from 'unstorage';
 * import httpDriver from 'unstorage/drivers/http';
 * createCache({ store: unstorageStore(createStorage({ driver: httpDriver({ base: '/cache' }) })) });
 * @throws TypeError if the name has other characters
 */
export function unstorageStore(
  storage: UnstorageLike,
  { name = 'tabstate', onWarning }: UnstorageStoreOptions = {},
): CacheStore {
  if (!/^[\w-]+$/.test(name))
    throw new TypeError('unstorageStore(storage, { name }): the name may have letters, digits, "-" and "_" only.');
  const warner = createWarner(onWarning, reportListenerError);
  const base = `${name}:`;
  const { keyOf, fromKey } = createKeys(base);
  const listing = createListing(storage, base, (message) => warner.warn({ code: 'cache-store', message }));

  return {
    async get(key) {
      const item = await storage.getItem(keyOf(key));
      if (item === null || item === undefined) return undefined;
      // unstorage parses what looks like JSON
      const written = typeof item === 'string' ? item : JSON.stringify(item);
      let entry: StoredEntry;
      try {
        entry = parseEntry(written);
      } catch (cause) {
        const message = 'unstorageStore: an entry cannot be read, and counts as missing.';
        warner.warn({ code: 'cache-entry', message, key: decodeURIComponent(split(key)[0]), cause });
        return undefined;
      }
      return entry;
    },
    async set(key, entry) {
      const written = formatEntry(entry);
      if (typeof written === 'string') {
        await storage.setItem(keyOf(key), written);
        void listing.check(keyOf(key)).catch(() => {});
        return;
      }
      const { path, typeName } = written;
      const what = path.replace(/^\.value/, '') || 'it';
      warner.warn({
        code: 'cache-entry',
        message: `unstorageStore: a result stays out of the storage, because ${what} is of type ${typeName}, which no text can hold.`,
        key: decodeURIComponent(split(key)[0]),
      });
      // an older result must not come back
      await storage.removeItem(keyOf(key));
    },
    delete: (key) => storage.removeItem(keyOf(key)),
    async clear(prefix) {
      if (!(await listing.isComplete())) throw new Error('unstorageStore: the storage does not list its keys.');
      const [identity, rest] = split(prefix);
      const stored = await storage.getKeys(rest === undefined ? base : `${base}${toPart(identity)}:`);
      await Promise.all(
        stored
          .filter((key) => key.startsWith(base) && fromKey(key).startsWith(prefix))
          .map((key) => storage.removeItem(key)),
      );
    },
  };
}
