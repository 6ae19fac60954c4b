// Entries in a store of the user's.
import { type Clock, systemClock } from '../browser/clock.js';
import { replaceLone } from '../core/lone-surrogates.js';
import type { Warning } from '../core/warning.js';
import { readKept } from '../disk/blobs.js';
import type { CacheEntry, ClearTarget, StoredInfo } from '../disk/entry.js';
import { covers } from '../disk/tables.js';
import { changeNear } from '../stores/near-store.js';
import type { CacheStore } from '../stores/store.js';
import { fromStored, toStored } from '../stores/stored-entry.js';
import { createClearLog } from './clear-log.js';
import { createStoreCalls, type StoreCalls } from './store-calls.js';
import { createTabs } from './tabs.js';
import { sumRows, type Tier } from './tier.js';

export interface StoreTierOptions {
  readonly store: CacheStore;
  /** Of the cache: tabs with the same name tell each other. */
  readonly name?: string | undefined;
  warn(warning: Warning): void;
  readonly clock?: Clock;
}

/** A clear that failed is tried again after this time. */
const retryClearMs = 5_000;

/** Text that any store takes as key; lone surrogates have no percent-encoding. */
const encoded = (text: string): string =>
  encodeURIComponent(replaceLone(text, (unit) => `%u${unit.charCodeAt(0).toString(16)}`));
// no identity is encoded as `#`, so this is the key of no entry
const tagKey = (tag: string): string => `#/${encoded(tag)}`;
const rowKey = (identity: string, key: string): string => `${encoded(identity)}/${encoded(key)}`;

/** Of a tag its stamp: with the old one its entries count again. */
const removeFrom = (store: CacheStore, target: ClearTarget): Promise<void> =>
  'all' in target
    ? store.clear('')
    : 'tag' in target
      ? store.delete(tagKey(target.tag))
      : 'key' in target
        ? store.delete(rowKey(target.identity, target.key))
        : store.clear(`${encoded(target.identity)}/`);

type Outcome = Awaited<ReturnType<Tier['write']>>;

/** What the store is asked for; each rejects when the store fails. */
function createRows(store: CacheStore, { ask, change, fetchRow }: StoreCalls, now: () => number) {
  /** The number of clears of everything, with which the stamps of tags go. */
  let wipes = 0;
  const remove = (row: string): Promise<void> => change(row, () => ask(() => store.delete(row)));
  return {
    remove,
    async read(row: string): Promise<CacheEntry | undefined> {
      const before = wipes;
      const entry = fromStored(await fetchRow(row));
      for (const tag of entry?.tags ?? []) {
        const stamp = await fetchRow(tagKey(tag));
        if (stamp && (entry as CacheEntry).createdAt <= stamp.createdAt) return undefined;
      }
      return entry?.tags && before !== wipes ? undefined : entry;
    },
    /** `cleared`: a clear came first. `onStored` is called before the next change. */
    async write(row: string, entry: CacheEntry, onStored: () => void): Promise<Outcome> {
      const { snapshot, isWanted = () => true } = entry;
      const value = await readKept(snapshot);
      return change(row, async () => {
        if (!isWanted()) return 'cleared';
        await ask(() => store.set(row, toStored(value, entry)));
        if (isWanted()) {
          onStored();
          return 'stored';
        }
        // another tab's clear may have run before the row was set
        await ask(() => store.delete(row));
        return 'cleared';
      });
    },
    async clear(target: ClearTarget): Promise<void> {
      if ('all' in target) wipes++;
      if ('tag' in target) {
        const stamp = { createdAt: now(), expiresAt: Infinity, staleUntil: Infinity, bytes: 0 };
        const row = tagKey(target.tag);
        await change(row, () => ask(() => store.set(row, toStored(null, stamp))));
      } else {
        const row = 'key' in target ? rowKey(target.identity, target.key) : undefined;
        await change(row, () => ask(() => removeFrom(store, target)));
      }
    },
  };
}

/** What this page has stored: a foreign store is not asked what it has. */
function createMine() {
  const mine = new Map<string, Map<string, Pick<CacheEntry, 'bytes' | 'createdAt'>>>();
  return {
    add(identity: string, key: string, { bytes, createdAt }: CacheEntry): void {
      let keys = mine.get(identity);
      if (!keys) mine.set(identity, (keys = new Map()));
      keys.set(key, { bytes, createdAt });
    },
    forget(target: ClearTarget): void {
      for (const [identity, keys] of mine)
        for (const key of keys.keys()) if (covers(target, identity, key, undefined)) keys.delete(key);
    },
    info: (identity: string): StoredInfo => sumRows([...(mine.get(identity)?.values() ?? [])]),
  };
}

/** Runs `work`; where the store fails, there is a warning, and `otherwise` is the result. */
const createGuard =
  (warn: (warning: Warning) => void) =>
  async <T>(otherwise: T, work: () => T | Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (cause) {
      const message = 'The store of this cache failed: results stay in memory.';
      warn({ code: 'cache-storage', message, cause });
      return otherwise;
    }
  };

/**
 * A store of the user's. It knows no epochs, counters or sweep: what a clear covers is deleted, clears hold for runs of
 * this page and of open tabs, and a tag's clear is remembered in the store.
 */
export function createStoreTier({ store, name = '', warn, clock = systemClock }: StoreTierOptions): Tier {
  const calls = createStoreCalls(store, clock);
  const rows = createRows(store, calls, () => clock.now());
  const mine = createMine();
  const clears = createClearLog(() => clock.monotonic());
  const tabs = createTabs({
    name: `tabstate-store:${name}`,
    clock,
    entryKey: rowKey,
    unpack: (message) => [message],
    onNote: (note) => {
      if (note.type === 'clear') mine.forget(note.target);
      const target = note.type === 'clear' ? note.target : note;
      void changeNear(store, (near) => removeFrom(near, target));
    },
    onMissed: () => void changeNear(store, (near) => near.clear('')),
  });
  const guarded = createGuard(warn);

  function clear(target: ClearTarget): Promise<boolean> {
    tabs.start();
    mine.forget(target);
    return guarded(false, async () => {
      await clears.run(target, () => rows.clear(target));
      tabs.send({ type: 'clear', target });
      return true;
    });
  }

  return {
    async read(identity, key) {
      tabs.start();
      const isCleared = clears.covering();
      if (isCleared(identity, key)) {
        for (const target of clears.takeFailed(retryClearMs)) void clear(target);
        return undefined;
      }
      const entry = await guarded(undefined, () => rows.read(rowKey(identity, key)));
      return isCleared(identity, key, entry?.tags) ? undefined : entry;
    },
    async write(identity, key, entry, { maxBytes = Infinity, isSilent }) {
      tabs.start();
      if (entry.bytes > maxBytes) return 'refused';
      const outcome = await guarded('refused', () =>
        rows.write(rowKey(identity, key), entry, () => mine.add(identity, key, entry)),
      );
      if (outcome === 'stored' && !isSilent) tabs.send({ type: 'set', identity, key });
      return outcome;
    },
    touch() {}, // a foreign store has no order of use
    delete(identity, key) {
      mine.forget({ identity, key });
      return guarded(undefined, () => rows.remove(rowKey(identity, key)));
    },
    clear,
    async info(identity) {
      await calls.settled();
      return mine.info(identity);
    },
    shared: tabs,
    close() {
      tabs.close();
      void guarded(undefined, () => store.close?.());
    },
  };
}
