// Entries in sessionStorage, for this tab.
import { type Clock, systemClock } from '../browser/clock.js';
import { onLeave } from '../browser/page-life.js';
import { itemNames, openStorage, readItem, removeItem, tabStorage, writeItem } from '../browser/web-storage.js';
import type { Unsubscribe } from '../core/listeners.js';
import { readSnapshot } from '../core/values/snapshot.js';
import type { CacheEntry } from '../disk/entry.js';
import { isInBlobs } from '../disk/stored-value.js';
import { fromStored, toStored } from '../stores/stored-entry.js';
import { createClearLog } from './clear-log.js';
import { sumRows, type Tier } from './tier.js';

export interface SessionTierOptions {
  /** Of the cache. */
  readonly name?: string | undefined;
  readonly storage?: () => Storage | undefined;
  readonly clock?: Clock;
}

const mostPerEntry = 64_000;
const mostInAll = 1_000_000;

/** The text of an entry on its way into storage. */
interface Waiting {
  readonly text: string;
  /** What the items of the entry's function begin with, and how many it may have. */
  readonly own: string;
  readonly maxEntries: number;
  resolve(isStored: boolean): void;
}

/** Items of sessionStorage, written when the page is idle or left; least recently used ones make room. */
class Items {
  readonly #prefix: string;
  readonly #ask: () => Storage | undefined;
  readonly #clock: Clock;
  readonly #sizes = new Map<string, number>();
  /** The last uses on this page. */
  readonly #uses = new Map<string, number>();
  readonly #waiting = new Map<string, Waiting>();
  #storage: Storage | undefined;
  #isOpen = false;
  #inAll = 0;
  #cancel: (() => void) | undefined;
  #stop: Unsubscribe | undefined;

  constructor(prefix: string, ask: () => Storage | undefined, clock: Clock) {
    this.#prefix = prefix;
    this.#ask = ask;
    this.#clock = clock;
  }

  /** Whether there is storage; opens it at the first call. */
  open(): boolean {
    if (!this.#isOpen) {
      this.#isOpen = true;
      const found = openStorage(this.#ask);
      if (typeof found !== 'string') {
        this.#storage = found;
        for (const item of itemNames(found, this.#prefix)) this.#count(item, readItem(found, item)?.length ?? 0);
        if (typeof document !== 'undefined') this.#stop = onLeave(() => this.flush());
      }
    }
    return this.#storage !== undefined;
  }

  /** Names of items that begin with this, written or not. */
  names(start: string): string[] {
    return [...new Set([...this.#sizes.keys(), ...this.#waiting.keys()])].filter((item) => item.startsWith(start));
  }

  read(item: string): string | undefined {
    return this.#waiting.get(item)?.text ?? (this.#storage && readItem(this.#storage, item));
  }

  used(item: string, at: number): void {
    this.#uses.set(item, at);
  }

  usedAt(item: string): number {
    return this.#uses.get(item) ?? 0;
  }

  /** Resolves with whether it was stored, once that is certain. */
  write(item: string, text: string, own: string, maxEntries = Infinity): Promise<boolean> {
    this.#cancel ??= this.#clock.whenIdle(() => this.flush(), 1000);
    return new Promise((resolve) => this.#waiting.set(item, { text, own, maxEntries, resolve }));
  }

  drop(item: string): void {
    this.#waiting.get(item)?.resolve(false);
    this.#waiting.delete(item);
    if (!this.#sizes.has(item) || !this.#storage) return;
    this.#count(item, undefined);
    removeItem(this.#storage, item);
  }

  flush(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    for (const [item, waiting] of this.#waiting) {
      this.#waiting.delete(item);
      waiting.resolve(this.#keep(item, waiting));
    }
  }

  close(): void {
    this.flush();
    this.#stop?.();
  }

  #count(item: string, size: number | undefined): void {
    this.#inAll += (size ?? 0) - (this.#sizes.get(item) ?? 0);
    this.#sizes.delete(item);
    if (size !== undefined) this.#sizes.set(item, size);
  }

  #keep(item: string, { text, own, maxEntries }: Waiting): boolean {
    if (!this.#storage) return false;
    const others = (): string[] =>
      [...this.#sizes.keys()].filter((other) => other !== item).sort((a, b) => this.usedAt(a) - this.usedAt(b));
    const siblings = others().filter((other) => other.startsWith(own));
    for (const other of siblings.slice(0, Math.max(0, siblings.length + 1 - maxEntries))) this.drop(other);
    for (const other of others()) {
      if (this.#inAll - (this.#sizes.get(item) ?? 0) + text.length <= mostInAll) break;
      this.drop(other);
    }
    if (writeItem(this.#storage, item, text)) {
      // storage is full or was taken away: the old text must not outlive its successor
      this.drop(item);
      return false;
    }
    this.#count(item, text.length);
    return true;
  }
}

const part = (text: string): string => text.replace(/[%/]/g, encodeURIComponent);
const entryText = async (): Promise<typeof import('../stores/entry-text.js')> => import('../stores/entry-text.js');

/** The entry of an item. One that cannot be read is dropped. */
async function parseItem(items: Items, item: string): Promise<CacheEntry | undefined> {
  const text = items.read(item);
  if (text === undefined) return undefined;
  try {
    const entry = fromStored((await entryText()).parseEntry(text));
    if (entry) return entry;
  } catch {
    // this build did not write it: a miss
  }
  items.drop(item);
  return undefined;
}

/**
 * Entries of this tab only: small ones also in sessionStorage, so that they survive a reload. No locks, no notes; a
 * duplicated tab starts with a copy, as the browser does it. What does not fit stays in memory, without a warning.
 */
export function createSessionTier(options: SessionTierOptions = {}): Tier {
  const { name = '', storage = tabStorage, clock = systemClock } = options;
  const prefix = `tabstate-cache:${part(name)}/`;
  const items = new Items(prefix, storage, clock);
  const clears = createClearLog(clock.monotonic);
  const ownOf = (identity: string): string => `${prefix}${part(identity)}/`;

  const parse = (item: string): Promise<CacheEntry | undefined> => parseItem(items, item);
  return {
    async read(identity, key) {
      if (!items.open()) return undefined;
      const isCleared = clears.covering();
      const entry = await parse(ownOf(identity) + key);
      return isCleared(identity, key, entry?.tags) ? undefined : entry;
    },
    async write(identity, key, entry, { maxBytes = Infinity, maxEntries }) {
      const { snapshot, createdAt, bytes, usedAt = createdAt, isWanted = () => true } = entry;
      if (bytes > maxBytes) return 'refused';
      // the text is never much shorter than the estimate, so that of a big value is not even made
      const isSmall = bytes <= 8 * mostPerEntry && !isInBlobs(snapshot) && items.open();
      const text = isSmall ? (await entryText()).formatEntry(toStored(readSnapshot(snapshot), entry)) : undefined;
      const own = ownOf(identity);
      const item = own + key;
      if (!isWanted()) return 'cleared';
      items.drop(item);
      items.used(item, Math.max(items.usedAt(item), usedAt));
      if (typeof text !== 'string' || text.length > mostPerEntry) return 'refused';
      if (await items.write(item, text, own, maxEntries)) return 'stored';
      return isWanted() ? 'refused' : 'cleared';
    },
    touch(identity, key, at) {
      items.used(ownOf(identity) + key, at);
    },
    async delete(identity, key) {
      items.open();
      items.drop(ownOf(identity) + key);
    },
    async clear(target) {
      items.open();
      await clears.run(target, async () => {
        const own = 'identity' in target ? ownOf(target.identity) : prefix;
        for (const item of items.names(own))
          if (
            'tag' in target
              ? (await parse(item))?.tags?.includes(target.tag)
              : !('key' in target) || item === own + target.key
          )
            items.drop(item);
      });
      return true;
    },
    async info(identity) {
      items.flush();
      items.open();
      const rows = await Promise.all(items.names(ownOf(identity)).map(parse));
      return sumRows(rows.filter((row) => row !== undefined));
    },
    close: () => items.close(),
  };
}
