import type { Kept } from '../disk/stored-value.js';
import type { Message } from './records.js';
import { createWeakList } from './weak-list.js';

/** One result as this page holds it. Times in ms since 1970; `heldAt` on the clock that never goes back. */
export interface Held {
  readonly key: string;
  /** Data: the checked copy. Resources: absent. */
  snapshot?: Kept | undefined;
  /** Of a value in Blobs: a copy that was made already, for the first caller. */
  fresh: { readonly value: unknown } | undefined;
  /** While its buffers are moved into Blobs. */
  moving: Promise<void> | undefined;
  /** While it is written behind the memory, or after that. */
  writing: Promise<void> | undefined;
  /** Resources, and data with `copy: 'share'`: the object itself. */
  live?: unknown;
  /** The object itself, because there was no memory for a copy. */
  readonly isUnkept?: boolean;
  /** For `copy: 'freeze'`: whether the copy could be frozen; decided at the first use. */
  isFrozen: boolean | undefined;
  /** The function returned a promise (resources); unknown of what was primed. */
  readonly isPromised: boolean | undefined;
  readonly createdAt: number;
  readonly heldAt: number;
  readonly expiresAt: number;
  readonly staleUntil: number;
  /** Grows with every flight and prime of this page: a result never replaces one that began later. */
  readonly order: number;
  readonly bytes: number;
  /** What it takes of the budget, in bytes. */
  weight: number;
  readonly tags: readonly string[] | undefined;
  readonly messages: readonly Message[] | undefined;
  /** Last told to the tier behind. */
  touchedAt: number;
  /** When the row behind was last known to be the same; `NaN`: there is none. */
  checkedAt: number;
  /** Of the memory tier: when it was last used (0: it is in no shelf), and its neighbours in that order. */
  used: number;
  older: Held | undefined;
  newer: Held | undefined;
}

/** The entries of one function in this page, least recently used first. */
export interface Shelf {
  readonly size: number;
  readonly bytes: number;
  /** What its entries take of the budget. */
  readonly weight: number;
  /** No entry is useless before this time. */
  readonly sweepAt: number;
  readonly oldest: Held | undefined;
  get(key: string): Held | undefined;
  /** Puts an entry as the most recently used one. What it replaces is dropped, unless it is the same. */
  put(entry: Held): void;
  /** Marks as the most recently used one, unless it went meanwhile. */
  use(entry: Held): void;
  /** It takes more or less of the budget from now on. */
  weigh(entry: Held, weight: number): void;
  drop(entry: Held): void;
  /** Drops what is useless at `now`. */
  sweep(now: number): void;
  /** Drops least recently used entries until these limits hold. */
  trim(maxEntries: number, maxBytes: number): void;
  /** Drops what is there now; what `onDrop` puts stays. */
  clear(): void;
  entries(): IterableIterator<Held>;
}

/** All shelves of a cache under one budget. */
export interface MemoryTier {
  /** What is used of the budget. Estimated; collected instances count until room is needed. */
  readonly weight: number;
  readonly budget: number;
  /** @param onDrop - called for each entry that goes, after it went */
  shelf(onDrop?: (entry: Held) => void): Shelf;
}

/**
 * Memory of this page for all functions of a cache: least recently used first out, over all of them. Shelves that
 * nobody holds any more (those of collected instances) are forgotten with their entries.
 */
export function createMemoryTier(budget: number): MemoryTier {
  const shelves = createWeakList<Shelf>();
  let total = 0;
  let uses = 0;

  const shrink = (): void => {
    if (total <= budget) return;
    // what weighs nothing, as resources do, makes no room
    const all = shelves.list().filter((shelf) => shelf.weight > 0);
    total = all.reduce((sum, shelf) => sum + shelf.weight, 0);
    while (total > budget) {
      let first: { shelf: Shelf; entry: Held } | undefined;
      for (const shelf of all) {
        const entry = shelf.oldest;
        if (entry && (!first || entry.used < first.entry.used)) first = { shelf, entry };
      }
      if (!first) return;
      first.shelf.drop(first.entry);
    }
  };

  return {
    get weight() {
      return total;
    },
    budget,
    shelf(onDrop) {
      const byKey = new Map<string, Held>();
      let oldest: Held | undefined;
      let newest: Held | undefined;
      let bytes = 0;
      let weight = 0;
      let sweepAt = Infinity;

      const unlink = (entry: Held): void => {
        if (entry.older) entry.older.newer = entry.newer;
        else oldest = entry.newer;
        if (entry.newer) entry.newer.older = entry.older;
        else newest = entry.older;
      };
      const link = (entry: Held): void => {
        entry.used = ++uses;
        entry.older = newest;
        entry.newer = undefined;
        if (newest) newest.newer = entry;
        else oldest = entry;
        newest = entry;
      };
      const count = (bytesMore: number, weightMore: number): void => {
        bytes += bytesMore;
        weight += weightMore;
        total += weightMore;
      };
      const remove = (entry: Held): boolean => {
        if (byKey.get(entry.key) !== entry) return false;
        byKey.delete(entry.key);
        unlink(entry);
        entry.used = 0;
        count(-entry.bytes, -entry.weight);
        return true;
      };
      /** All of them go before anybody hears of the first: who hears may put others. */
      const dropAll = (entries: Held[]): void => {
        const gone = entries.filter(remove);
        if (onDrop) for (const entry of gone) onDrop(entry);
      };
      const shelf: Shelf = {
        get size() {
          return byKey.size;
        },
        get bytes() {
          return bytes;
        },
        get weight() {
          return weight;
        },
        get sweepAt() {
          return sweepAt;
        },
        get oldest() {
          return oldest;
        },
        get: (key) => byKey.get(key),
        put(entry) {
          const before = byKey.get(entry.key);
          if (before) remove(before);
          byKey.set(entry.key, entry);
          link(entry);
          count(entry.bytes, entry.weight);
          if (entry.staleUntil < sweepAt) sweepAt = entry.staleUntil;
          if (before) onDrop?.(before);
          shrink();
        },
        use(entry) {
          if (byKey.get(entry.key) !== entry) return;
          if (entry === newest) {
            entry.used = ++uses;
            return;
          }
          if (entry.used === 0) return;
          unlink(entry);
          link(entry);
        },
        weigh(entry, now) {
          if (byKey.get(entry.key) !== entry) return;
          count(0, now - entry.weight);
          entry.weight = now;
          shrink();
        },
        drop(entry) {
          if (remove(entry)) onDrop?.(entry);
        },
        sweep(now) {
          if (now < sweepAt) return;
          sweepAt = Infinity;
          for (const entry of byKey.values())
            if (entry.staleUntil <= now) shelf.drop(entry);
            else if (entry.staleUntil < sweepAt) sweepAt = entry.staleUntil;
        },
        trim(maxEntries, maxBytes) {
          const gone: Held[] = [];
          let left = byKey.size;
          let bytesLeft = bytes;
          for (let entry = oldest; entry && (left > maxEntries || bytesLeft > maxBytes); entry = entry.newer) {
            gone.push(entry);
            left--;
            bytesLeft -= entry.bytes;
          }
          dropAll(gone);
        },
        clear: () => dropAll([...byKey.values()]),
        entries: () => byKey.values(),
      };
      shelves.add(shelf);
      return shelf;
    },
  };
}
