import type { EntryTimes } from '../core/cache-entry.js';
import type { Unsubscribe } from '../core/listeners.js';
import type { Snapshot } from '../core/values/snapshot.js';
import type { Kept } from '../disk/stored-value.js';

/** One result as the memory tier holds it and as a tier behind it gives it back. Times in ms since 1970. */
export interface CacheEntry {
  /** The checked copy of the result; `readKept` makes a fresh one of it. */
  readonly snapshot: Kept;
  /** A copy that was made while the entry was read, for whoever asked. */
  readonly fresh?: { readonly value: unknown };
  readonly createdAt: number;
  /** `Infinity`: never. */
  readonly expiresAt: number;
  readonly staleUntil: number;
  /**
   * The number of clears that the tier had seen when the run that made this entry began. `Infinity`: newer than every
   * clear that is committed when the entry is written (a value that the user hands in).
   */
  readonly epoch: number;
  readonly bytes: number;
  /** When it was made, in the order of all uses; default: when it is written. */
  readonly usedAt?: number;
  readonly tags?: readonly string[];
  /** What the emitter recorded, to be replayed: a copy of `[function, message][]`. */
  readonly messages?: Snapshot;
  /** The arguments in short, for the inspector. */
  readonly args?: string;
  /** False as soon as it was cleared, or something newer took its place: then it must not be stored any more. */
  readonly isWanted?: () => boolean;
}

/** What a clear reaches: everything, a function, one entry, or all entries of a tag. */
export type ClearTarget =
  | { readonly all: true }
  | { readonly identity: string }
  | { readonly identity: string; readonly key: string }
  | { readonly tag: string };

/** What another tab did, after it was committed. Never a value. */
export type Note =
  | { readonly type: 'set'; readonly identity: string; readonly key: string }
  | { readonly type: 'clear'; readonly target: ClearTarget };

export interface Limits {
  readonly maxEntries?: number;
  readonly maxBytes?: number;
  /** The function has a `name`: its entries wait a year for it, not 30 days. */
  readonly named?: boolean;
  /** Other tabs are not told of the write. */
  readonly isSilent?: boolean;
}

/** One stored entry without its value, for the inspector. Times in ms since 1970. */
export interface EntryRow {
  readonly identity: string;
  readonly key: string;
  /** The arguments in short. */
  readonly args: string;
  readonly bytes: number;
  readonly usedAt: number;
  /** From then on nothing of it may be served; `Infinity`: never. */
  readonly uselessFrom: number;
  readonly tags?: readonly string[];
}

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
  info(identity: string): Promise<{ entries: number; bytes: number; oldest: number | null; persisted: boolean }>;
  /** What is stored, without values. */
  list(): Promise<EntryRow[]>;
  /** Whether memory entries can be trusted without a look (false: no notes arrive, compare after some seconds). */
  readonly hearsOtherTabs: boolean;
  onNote(listener: (note: Note) => void): Unsubscribe;
  /** Notes may have been missed (the page was in the back/forward cache): memory must be forgotten. */
  onForget(listener: () => void): Unsubscribe;
  close(): void;
}
