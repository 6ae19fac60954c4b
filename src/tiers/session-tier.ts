import { type Clock, systemClock } from '../browser/clock.js';
import { onLeave } from '../browser/page-life.js';
import { itemNames, openStorage, readItem, removeItem, tabStorage, writeItem } from '../browser/web-storage.js';
import type { Unsubscribe } from '../core/listeners.js';
import { readSnapshot } from '../core/values/snapshot.js';
import type { CacheEntry, Limits } from '../disk/entry.js';
import { isInBlobs } from '../disk/stored-value.js';
import { fromStored, toStored } from '../stores/stored-entry.js';
import { sumRows } from './row-sums.js';
import type { Tier } from './tier.js';

export interface SessionTierOptions {
  /** Of the cache. */
  readonly name?: string | undefined;
  readonly storage?: () => Storage | undefined;
  readonly clock?: Clock;
}

const mostPerEntry = 64_000;
const mostInAll = 1_000_000;
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
  /** Tags that are being cleared: their entries have to be looked for. */
  const clearing = new Set<{ readonly tag: string }>();
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

  async function parse(item: string): Promise<CacheEntry | undefined> {
    const written = waiting.get(item)?.text ?? (storage && readItem(storage, item));
    if (written === undefined) return undefined;
    try {
      const entry = fromStored((await entryText()).parseEntry(written));
      if (entry) return entry;
    } catch {
      // not what this build writes: a miss
    }
    drop(item);
    return undefined;
  }

  const tier: Tier = {
    async read(identity, key) {
      if (!open()) return undefined;
      const tags = [...clearing];
      const entry = await parse(itemKey(identity, key));
      return tags.some(({ tag }) => entry?.tags?.includes(tag)) ? undefined : entry;
    },
    async write(identity, key, entry, limits) {
      const { snapshot, createdAt, bytes, isWanted = () => true } = entry;
      if (bytes > (limits.maxBytes ?? Infinity)) return 'refused';
      // a text is never much shorter than the estimate
      const written =
        bytes > 8 * mostPerEntry || isInBlobs(snapshot) || !open()
          ? undefined
          : (await entryText()).formatEntry(toStored(readSnapshot(snapshot), entry));
      const item = itemKey(identity, key);
      if (!isWanted()) return 'cleared';
      drop(item);
      uses.set(item, Math.max(uses.get(item) ?? 0, entry.usedAt ?? createdAt));
      if (typeof written !== 'string' || written.length > mostPerEntry) return 'refused';
      cancel ??= clock.whenIdle(flush, 1000);
      const isStored = await new Promise<boolean>((resolve) =>
        waiting.set(item, { identity, text: written, limits, resolve }),
      );
      return isStored ? 'stored' : isWanted() ? 'refused' : 'cleared';
    },
    touch(identity, key, at) {
      uses.set(itemKey(identity, key), at);
    },
    async delete(identity, key) {
      open();
      drop(itemKey(identity, key));
    },
    async clear(target) {
      open();
      const items = new Set([...sizes.keys(), ...waiting.keys()]);
      if ('tag' in target) {
        clearing.add(target);
        for (const item of items) if ((await parse(item))?.tags?.includes(target.tag)) drop(item);
        clearing.delete(target);
      } else {
        const own = 'all' in target ? prefix : `${prefix}${part(target.identity)}/`;
        for (const item of items) if ('key' in target ? item === own + target.key : item.startsWith(own)) drop(item);
      }
      return true;
    },
    async info(identity) {
      flush();
      open();
      const own = `${prefix}${part(identity)}/`;
      const rows = (await Promise.all([...sizes.keys()].filter((item) => item.startsWith(own)).map(parse))).filter(
        (row) => row !== undefined,
      );
      return sumRows(rows);
    },
    close() {
      flush();
      stop?.();
    },
  };
  return tier;
}
