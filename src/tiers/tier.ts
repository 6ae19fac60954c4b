import type { EntryTimes } from '../core/cache-entry.js';
import type { Unsubscribe } from '../core/listeners.js';
import type { CacheEntry, ClearTarget, EntryRow, Limits, Note, StoredInfo } from '../disk/entry.js';

/**
 * What lies behind the memory tier of a cache: IndexedDB shared by all tabs (`disk-tier.ts`), this tab's sessionStorage
 * (`session-tier.ts`), or a store of the user's (`store-tier.ts`). No member ever rejects because of trouble with
 * storage: a read is a miss then, a write says what became of it, and the tier warns by itself.
 *
 * `identity` names a function, `key` its arguments; both are any text.
 */
export interface Tier {
  /** Resolves when its code is there, or when that takes too long. Default: it is. */
  readonly ready?: () => Promise<void>;
  /** The entry, unless a clear covers it that was called before the read. Expired ones are given too: the caller knows the options. */
  read(identity: string, key: string): Promise<CacheEntry | undefined>;
  /** Whether `read` would find an entry, and its times: without its value, which may be big. Default: `read`. */
  readonly times?: (identity: string, key: string) => Promise<EntryTimes | undefined>;
  /** An entry whose buffers lie in Blobs there, without reading them. Default: there are none. */
  readonly inBlobs?: (identity: string, key: string) => Promise<Pick<CacheEntry, 'snapshot' | 'createdAt'> | undefined>;
  /**
   * Stores the entry unless a clear that covers it came after `entry.epoch`, evicts what the limits ask for, and
   * tells other tabs after the commit.
   * `stored`: a reload finds it. `cleared`: a clear was newer. `refused`: it is not on disk (quota, size, trouble).
   */
  write(identity: string, key: string, entry: CacheEntry, limits: Limits): Promise<'stored' | 'cleared' | 'refused'>;
  /** The entry was used: batched, written late. */
  touch(identity: string, key: string, at: number): void;
  /** One entry is useless (refused by `validate`, unreadable); not a clear: running flights may store. */
  delete(identity: string, key: string): Promise<void>;
  /** Resolves when it is certain (true) or could not be written (false): then nothing of it may be served again. */
  clear(target: ClearTarget): Promise<boolean>;
  /**
   * The epoch that a flight which begins now carries; grows with each clear of this tab at once. To be asked after the
   * disk was read, which learns of other tabs' clears.
   */
  epoch(): number;
  /** Lets `epoch` know of all clears up to now, for a run that reads nothing first. */
  learnEpoch(): Promise<void>;
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
  /** Of what is stored of a function now; waits for this tab's pending writes. */
  info(identity: string): Promise<StoredInfo>;
  /** What is stored, without values. */
  list(): Promise<EntryRow[]>;
  /** Whether memory entries can be trusted without a look (false: no notes arrive, compare after some seconds). */
  readonly hearsOtherTabs: boolean;
  onNote(listener: (note: Note) => void): Unsubscribe;
  /** Notes may have been missed (the page was in the back/forward cache): memory must be forgotten. */
  onForget(listener: () => void): Unsubscribe;
  close(): void;
}
