import { type Clock, systemClock } from '../browser/clock.js';
import type { Warning } from '../core/warning.js';
import { readKept } from '../disk/blobs.js';
import type { ClearTarget } from '../disk/entry.js';
import type { CacheStore } from '../stores/store.js';
import { fromStored, toStored } from '../stores/stored-entry.js';
import { covers, isCovered } from './clears.js';
import { sumRows } from './row-sums.js';
import { createStoreCalls } from './store-calls.js';
import { createTabs } from './tabs.js';
import type { Tier } from './tier.js';

export interface StoreTierOptions {
  readonly store: CacheStore;
  /** Of the cache: tabs with the same name tell each other. */
  readonly name?: string | undefined;
  warn(warning: Warning): void;
  readonly clock?: Clock;
}

/** A clear that failed is tried again after this time. */
const mendMs = 5_000;

/** Text that any store takes as key; lone surrogates have no percent-encoding. */
const encoded = (text: string): string =>
  encodeURIComponent(text.replace(/\p{Surrogate}/gu, (unit) => `%u${unit.charCodeAt(0).toString(16)}`));
// no identity looks like this
const tagKey = (tag: string): string => `#/${encoded(tag)}`;

/** A clear that was called and is not certain; `failedAt`: it could not be done. */
interface OpenClear {
  readonly target: ClearTarget;
  failedAt?: number;
}

/**
 * A store of the user's. It knows no epochs, counters or sweep: what a clear covers is deleted, clears hold for runs of
 * this page and of open tabs, and a tag's clear is remembered in the store.
 */
export function createStoreTier({ store, name = '', warn, clock = systemClock }: StoreTierOptions): Tier {
  const { ask, fetchRow, change, settled } = createStoreCalls(store, clock);
  const mine = new Map<string, Map<string, { bytes: number; createdAt: number }>>();
  const open = new Set<OpenClear>();
  /** The number of clears of everything, with which the stamps of tags go. */
  let wipes = 0;

  const forget = (target: ClearTarget): void => {
    for (const [identity, keys] of mine)
      for (const key of keys.keys()) if (covers(target, identity, key, undefined)) keys.delete(key);
  };

  const failed = (cause: unknown): void =>
    warn({
      code: 'cache-storage',
      message: 'The store of this cache failed: results are computed, and kept in memory only.',
      cause,
    });

  const rowKey = (identity: string, key: string): string => `${encoded(identity)}/${encoded(key)}`;

  const tabs = createTabs({
    name: `tabstate-store:${name}`,
    clock,
    entryKey: rowKey,
    unpack: (message) => [message],
    onNote: (note) => {
      if (note.type === 'clear') forget(note.target);
    },
  });
  const { start } = tabs;

  const clear = (target: ClearTarget): Promise<void> => {
    if ('all' in target) return change(undefined, () => ask(() => store.clear('')));
    if ('tag' in target) {
      const stamp = { createdAt: clock.now(), expiresAt: Infinity, staleUntil: Infinity, bytes: 0 };
      return change(tagKey(target.tag), () => ask(() => store.set(tagKey(target.tag), toStored(null, stamp))));
    }
    const { identity } = target;
    if (!('key' in target)) return change(undefined, () => ask(() => store.clear(`${encoded(identity)}/`)));
    const row = rowKey(identity, target.key);
    return change(row, () => ask(() => store.delete(row)));
  };

  const tier: Tier = {
    async read(identity, key) {
      start();
      // the store may still have what such a clear covers
      const clears = [...open];
      const before = wipes;
      if (isCovered(clears, identity, key)) {
        for (const one of clears)
          if (clock.monotonic() - (one.failedAt ?? Infinity) > mendMs) {
            open.delete(one);
            void tier.clear(one.target);
          }
        return undefined;
      }
      try {
        const entry = fromStored(await fetchRow(rowKey(identity, key)));
        for (const tag of entry?.tags ?? []) {
          const stamp = await fetchRow(tagKey(tag));
          if (stamp && (entry as { createdAt: number }).createdAt <= stamp.createdAt) return undefined;
        }
        if (entry?.tags && before !== wipes) return undefined;
        return isCovered(clears, identity, key, entry?.tags) ? undefined : entry;
      } catch (error) {
        failed(error);
        return undefined;
      }
    },
    async write(identity, key, entry, { maxBytes = Infinity, isSilent }) {
      start();
      const { snapshot, createdAt, bytes, isWanted = () => true } = entry;
      if (bytes > maxBytes) return 'refused';
      const row = rowKey(identity, key);
      try {
        const value = await readKept(snapshot);
        const isStored = await change(row, async () => {
          if (!isWanted()) return false;
          await ask(() => store.set(row, toStored(value, entry)));
          if (isWanted()) {
            let keys = mine.get(identity);
            if (!keys) mine.set(identity, (keys = new Map()));
            keys.set(key, { bytes, createdAt });
            return true;
          }
          // another tab's clear may have come before the row
          await ask(() => store.delete(row));
          return false;
        });
        if (!isStored) return 'cleared';
      } catch (error) {
        failed(error);
        return 'refused';
      }
      if (!isSilent) tabs.send({ type: 'set', identity, key });
      return 'stored';
    },
    touch() {}, // a foreign store has no order of use
    async delete(identity, key) {
      mine.get(identity)?.delete(key);
      const row = rowKey(identity, key);
      await change(row, () => ask(() => store.delete(row))).catch(failed);
    },
    async clear(target) {
      start();
      forget(target);
      if ('all' in target) wipes++;
      const one: OpenClear = { target };
      open.add(one);
      try {
        await clear(target);
      } catch (error) {
        one.failedAt = clock.monotonic();
        failed(error);
        return false;
      }
      // an earlier one that failed is made up for
      const isSame = (other: OpenClear): boolean => JSON.stringify(other.target) === JSON.stringify(target);
      for (const other of open)
        if (other === one || (other.failedAt !== undefined && isSame(other))) open.delete(other);
      tabs.send({ type: 'clear', target });
      return true;
    },
    async info(identity) {
      await settled();
      return sumRows([...(mine.get(identity)?.values() ?? [])]);
    },
    shared: tabs,
    close() {
      tabs.close();
      try {
        store.close?.();
      } catch (error) {
        failed(error);
      }
    },
  };
  return tier;
}
