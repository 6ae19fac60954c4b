import { type Clock, systemClock } from '../browser/clock.js';
import { onLeave } from '../browser/page-life.js';
import { itemNames, openStorage, readItem, removeItem, tabStorage, writeItem } from '../browser/web-storage.js';
import type { Unsubscribe } from '../core/listeners.js';
import { readSnapshot, takeSnapshot } from '../core/snapshot.js';
import { classes } from '../registered-classes.js';
import { isInBlobs } from '../stores/kept.js';
import type { StoredEntry } from '../stores/store.js';
import { covers } from './clears.js';
import { sumRows } from './row-sums.js';
import type { CacheEntry, ClearTarget, Limits, Tier } from './tier.js';

export interface SessionTierOptions {
  /** Of the cache. */
  readonly name?: string | undefined;
  readonly storage?: () => Storage | undefined;
  readonly clock?: Clock;
}

const mostPerEntry = 64_000;
const mostInAll = 1_000_000;
const format = 1;

const part = (text: string): string => text.replace(/[%/]/g, encodeURIComponent);

/**
 * Entries of this tab only: small ones also in sessionStorage, so that they survive a reload. No locks, no notes; a
 * duplicated tab starts with a copy, as the browser does it. What does not fit stays in memory, without a warning.
 */
export function createSessionTier({
  name = '',
  storage: ask = tabStorage,
  clock = systemClock,
}: SessionTierOptions = {}): Tier {
  const prefix = `tabstate-cache:${part(name)}/`;
  const stamps: { readonly target: ClearTarget; readonly epoch: number }[] = [];
  const sizes = new Map<string, number>();
  /** The last uses on this page. */
  const uses = new Map<string, number>();
  /** Least recently used first. */
  const inOrder = (): string[] => [...sizes.keys()].sort((a, b) => (uses.get(a) ?? 0) - (uses.get(b) ?? 0));
  const waiting = new Map<
    string,
    { identity: string; text: string; limits: Limits; resolve(isStored: boolean): void }
  >();
  let storage: Storage | undefined;
  let isOpen = false;
  let inAll = 0;
  let epoch = 0;
  let cancel: (() => void) | undefined;
  let stop: Unsubscribe | undefined;

  const entryText = (): Promise<typeof import('../stores/entry-text.js')> => import('../stores/entry-text.js');
  const itemKey = (identity: string, key: string): string => `${prefix}${part(identity)}/${key}`;

  function open(): Storage | undefined {
    if (isOpen) return storage;
    isOpen = true;
    const found = openStorage(ask);
    if (typeof found === 'string') return undefined;
    storage = found;
    for (const item of itemNames(storage, prefix)) count(item, readItem(storage, item)?.length ?? 0);
    if (typeof document !== 'undefined') stop = onLeave(flush);
    return storage;
  }

  function count(item: string, size: number | undefined): void {
    inAll += (size ?? 0) - (sizes.get(item) ?? 0);
    sizes.delete(item);
    if (size !== undefined) sizes.set(item, size);
  }

  function drop(item: string): void {
    waiting.get(item)?.resolve(false);
    waiting.delete(item);
    if (!sizes.has(item) || !storage) return;
    count(item, undefined);
    removeItem(storage, item);
  }

  function flush(): void {
    cancel?.();
    cancel = undefined;
    for (const [item, { identity, text: written, limits, resolve }] of waiting) {
      waiting.delete(item);
      resolve(keep(item, identity, written, limits));
    }
  }

  function keep(item: string, identity: string, written: string, { maxEntries = Infinity }: Limits): boolean {
    if (!storage) return false;
    const own = `${prefix}${part(identity)}/`;
    const others = inOrder().filter((other) => other !== item && other.startsWith(own));
    for (const other of others.slice(0, Math.max(0, others.length + 1 - maxEntries))) drop(other);
    for (const other of inOrder()) {
      if (inAll - (sizes.get(item) ?? 0) + written.length <= mostInAll) break;
      if (other !== item) drop(other);
    }
    if (writeItem(storage, item, written)) {
      // full, or taken away: an old text must not outlive its successor
      drop(item);
      return false;
    }
    count(item, written.length);
    return true;
  }

  async function parse(item: string): Promise<StoredEntry | undefined> {
    const written = waiting.get(item)?.text ?? (storage && readItem(storage, item));
    if (written === undefined) return undefined;
    try {
      const row = (await entryText()).parseEntry(written);
      const numbers = [row.createdAt, row.expiresAt, row.staleUntil, row.bytes];
      if (row.format === format && numbers.every((number) => typeof number === 'number' && !Number.isNaN(number)))
        return row;
    } catch {
      // not what this build writes: a miss
    }
    drop(item);
    return undefined;
  }

  const isCleared = (identity: string, key: string, tags: readonly string[] | undefined, began: number): boolean =>
    stamps.some((stamp) => stamp.epoch > began && covers(stamp.target, identity, key, tags));

  const tier: Tier = {
    async read(identity, key) {
      if (!open()) return undefined;
      const item = itemKey(identity, key);
      const row = await parse(item);
      if (!row) return undefined;
      const { value, messages, createdAt, expiresAt, staleUntil, bytes, tags } = row;
      const began = epoch;
      return {
        snapshot: takeSnapshot(value, { classes }),
        createdAt,
        expiresAt,
        staleUntil,
        bytes,
        epoch: began,
        ...(tags && { tags }),
        ...(messages !== undefined && { messages: takeSnapshot(messages, { classes }) }),
      } satisfies CacheEntry;
    },
    async write(identity, key, entry, limits) {
      const began = Math.min(entry.epoch, epoch);
      const { snapshot, createdAt, expiresAt, staleUntil, bytes, tags, messages } = entry;
      if (bytes > (limits.maxBytes ?? Infinity)) return 'refused';
      // a text is never much shorter than the estimate
      const written =
        bytes > 8 * mostPerEntry || isInBlobs(snapshot) || !open()
          ? undefined
          : (await entryText()).formatEntry({
              format,
              value: readSnapshot(snapshot),
              createdAt,
              expiresAt,
              staleUntil,
              bytes,
              ...(tags?.length && { tags: [...tags] }),
              ...(messages && { messages: readSnapshot(messages) as unknown[] }),
            });
      const item = itemKey(identity, key);
      if (isCleared(identity, key, tags, began)) return 'cleared';
      drop(item);
      uses.set(item, Math.max(uses.get(item) ?? 0, entry.usedAt ?? createdAt));
      if (typeof written !== 'string' || written.length > mostPerEntry) return 'refused';
      cancel ??= clock.whenIdle(flush, 1000);
      const isStored = await new Promise<boolean>((resolve) =>
        waiting.set(item, { identity, text: written, limits, resolve }),
      );
      return isStored ? 'stored' : isCleared(identity, key, tags, began) ? 'cleared' : 'refused';
    },
    touch(identity, key, at) {
      uses.set(itemKey(identity, key), at);
    },
    async delete(identity, key) {
      open();
      drop(itemKey(identity, key));
    },
    async clear(target) {
      stamps.push({ target, epoch: ++epoch });
      if (stamps.length > 1000) stamps.shift();
      open();
      const items = new Set([...sizes.keys(), ...waiting.keys()]);
      if ('tag' in target) {
        for (const item of items) if ((await parse(item))?.tags?.includes(target.tag)) drop(item);
      } else {
        const own = 'all' in target ? prefix : `${prefix}${part(target.identity)}/`;
        for (const item of items) if ('key' in target ? item === own + target.key : item.startsWith(own)) drop(item);
      }
      return true;
    },
    epoch: () => epoch,
    learnEpoch: async () => {},
    lock: (_identity, _key, _options, work) => work(true),
    async info(identity) {
      flush();
      open();
      const own = `${prefix}${part(identity)}/`;
      const rows = (await Promise.all([...sizes.keys()].filter((item) => item.startsWith(own)).map(parse))).filter(
        (row) => row !== undefined,
      );
      return sumRows(rows);
    },
    list: async () => [],
    hearsOtherTabs: true, // there are none
    onNote: () => () => {},
    onForget: () => () => {},
    close() {
      flush();
      stop?.();
    },
  };
  return tier;
}
