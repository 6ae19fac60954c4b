// What the cache asks of a place where entries are stored.
import type { EntryTimes } from '../core/cache-entry.js';
import type { Unsubscribe } from '../core/listeners.js';
import type { CacheEntry, ClearTarget, EntryRow, Limits, Note, StoredInfo } from '../disk/entry.js';

/**
 * What lies behind the memory of a cache: IndexedDB shared by all tabs (`disk-tier.ts`), this tab's sessionStorage
 * (`session-tier.ts`), or a store of the user's (`store-tier.ts`). No member ever rejects because of trouble with
 * storage: a read is a miss then, a write says what became of it, and the tier warns by itself.
 *
 * `identity` names a function, `key` its arguments; both are any text.
 */
export interface Tier {
  /** The entry, unless a clear covers it that was called before the read. Expired ones are given too: the caller knows the options. */
  read(identity: string, key: string): Promise<CacheEntry | undefined>;
  /**
   * Stores the entry unless a clear that covers it came after `entry.epoch`, evicts what the limits ask for, and
   * tells other tabs after the commit.
   * `stored`: a reload finds it. `cleared`: a clear was newer. `refused`: it is not stored (quota, size, trouble).
   */
  write(identity: string, key: string, entry: CacheEntry, limits: Limits): Promise<'stored' | 'cleared' | 'refused'>;
  /** Notes that the entry was used; written late, if at all. */
  touch(identity: string, key: string, at: number): void;
  /** One entry is useless (refused by `validate`, unreadable); not a clear: running flights may store. */
  delete(identity: string, key: string): Promise<void>;
  /** Resolves when it is certain (true) or could not be written (false): then nothing of it may be served again. */
  clear(target: ClearTarget): Promise<boolean>;
  /** Tells what is stored of a function now; waits for this tab's pending writes. */
  info(identity: string): Promise<StoredInfo>;
  close(): void;
  /** Absent: no other tab uses this storage, so no lock and no note is needed. */
  readonly shared?: SharedTier;
  /** Absent: this storage counts no clears and cannot tell more of an entry than `read` does. */
  readonly database?: DatabaseTier;
}

/** The part of a tier whose storage other tabs use, too. */
export interface SharedTier {
  /**
   * Runs `work` while this tab holds the key's lock. Bounded: after `waitMs` it runs without the lock. With
   * `ifAvailable`, `work` gets `false` and should do nothing when another tab holds it.
   * Without it `false` only says that the wait ran out.
   */
  lock<T>(
    identity: string,
    key: string,
    options: { waitMs?: number; ifAvailable?: boolean },
    work: (held: boolean) => Promise<T>,
  ): Promise<T>;
  /** Whether memory entries can be trusted without a look (false: no notes arrive, compare after some seconds). */
  readonly hears: boolean;
  onNote(listener: (note: Note) => void): Unsubscribe;
  /** Notes may have been missed (the page was in the back/forward cache): memory must be forgotten. */
  onForget(listener: () => void): Unsubscribe;
}

/** The part of a tier that is a database of this library's own. */
export interface DatabaseTier {
  /**
   * The epoch that a flight which begins now carries; grows with each clear of this tab at once. To be asked after the
   * disk was read, which learns of other tabs' clears.
   */
  epoch(): number;
  /** Lets `epoch` know of all clears up to now, for a run that reads nothing first. */
  learnEpoch(): Promise<void>;
  /** Whether `read` would find an entry, and its times: without its value, which may be big. */
  times(identity: string, key: string): Promise<EntryTimes | undefined>;
  /** An entry whose buffers lie in Blobs there, without reading them. */
  inBlobs(identity: string, key: string): Promise<Pick<CacheEntry, 'snapshot' | 'createdAt'> | undefined>;
  /** What is stored, without values. */
  list(): Promise<EntryRow[]>;
}

/** What `Tier.info` tells of these entries. */
export function sumRows(rows: readonly { readonly bytes: number; readonly createdAt: number }[]): StoredInfo {
  return {
    entries: rows.length,
    bytes: rows.reduce((sum, { bytes }) => sum + bytes, 0),
    oldest: rows.length ? Math.min(...rows.map(({ createdAt }) => createdAt)) : null,
    persisted: rows.length > 0,
  };
}
