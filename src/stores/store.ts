// What users implement to keep entries elsewhere.

/** One result as a {@link CacheStore} keeps it. Times in ms since 1970, `null`: never, so that JSON carries them. */
export interface StoredEntry {
  /** Of the other members; an entry of an unknown format is a miss. */
  format: number;
  /** The result: anything that `structuredClone` takes. */
  value: unknown;
  createdAt: number;
  /** From then on it is stale. */
  expiresAt: number | null;
  /** From then on it is gone. */
  staleUntil: number | null;
  /** Estimated size. */
  bytes: number;
  tags?: string[];
  /** What the function emitted, to be replayed. */
  messages?: unknown[];
}

/**
 * Where a cache keeps its entries: `memoryStore()`, `idbStore()`, `tieredStore()`, `unstorageStore()`, or one's own.
 *
 * A key is `<identity>/<argument key>`, both percent-encoded. A rejection, an exception and no answer within 2 s count as
 * trouble with storage: the function runs, and one warning says so. A store whose answer is late is passed over until it
 * comes.
 *
 * @example
 * const { cacheData } = createCache({ store: tieredStore(memoryStore(), myStore) });
 */
export interface CacheStore {
  /** `undefined`: there is none. */
  get(key: string): Promise<StoredEntry | undefined>;
  /** The same for several keys, in their order. Default: one `get` each. */
  getMany?(keys: string[]): Promise<(StoredEntry | undefined)[]>;
  /** Replaces what was there. */
  set(key: string, entry: StoredEntry): Promise<void>;
  /** A key that is not there is no error. */
  delete(key: string): Promise<void>;
  /** Deletes every key that begins with `prefix`: `<identity>/`, or `''` for all keys of this store. */
  clear(prefix: string): Promise<void>;
  /** Lets go of connections; a later call may open them again. */
  close?(): void;
}
