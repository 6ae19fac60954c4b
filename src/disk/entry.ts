// What is handed to the disk and back.
import type { Snapshot } from '../core/values/snapshot.js';
import type { Kept } from './stored-value.js';

/** One result on its way to a place of storage, and back. Times in ms since 1970. */
export interface CacheEntry {
  /** The checked copy of the result; `readKept` makes a fresh one of it. */
  readonly snapshot: Kept;
  /** A copy that was made while the entry was read, for whoever asked. */
  readonly fresh?: { readonly value: unknown } | undefined;
  readonly createdAt: number;
  /** `Infinity`: never. */
  readonly expiresAt: number;
  readonly staleUntil: number;
  /**
   * The number of clears that its storage had seen when the run that made this entry began. `Infinity`: newer than every
   * clear that is committed when the entry is written (a value that the user hands in).
   */
  readonly epoch: number;
  readonly bytes: number;
  /** When it was made, in the order of all uses; default: when it is written. */
  readonly usedAt?: number;
  readonly tags?: readonly string[] | undefined;
  /** What the emitter recorded, to be replayed: a copy of `[function, message][]`. */
  readonly messages?: Snapshot | undefined;
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
  /** Absent: nobody said how big a value may be. */
  readonly maxBytes?: number | undefined;
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

/** What is stored of one function. */
export interface StoredInfo {
  readonly entries: number;
  readonly bytes: number;
  /** When the oldest entry was made; `null`: there is none, or it is not known. */
  readonly oldest: number | null;
  /** A reload would find the entries. */
  readonly persisted: boolean;
}
