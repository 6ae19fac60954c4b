import { type Clock, systemClock } from '../browser/clock.js';
import { type Channel, openChannel, withLock } from '../browser/other-tabs.js';
import { onShow } from '../browser/page-life.js';
import { reportListenerError } from '../browser/report-error.js';
import { hashText } from '../core/key-hash.js';
import { createListeners, type Unsubscribe } from '../core/listeners.js';
import { readSnapshot, takeSnapshot } from '../core/snapshot.js';
import type { Warning } from '../core/warning.js';
import { classes } from '../registered-classes.js';
import { readKept } from '../stores/blob-snapshot.js';
import type { CacheStore, StoredEntry } from '../stores/store.js';
import { covers, noteOf } from './clears.js';
import { sumRows } from './row-sums.js';
import { createStoreCalls } from './store-calls.js';
import type { CacheEntry, ClearTarget, Note, Tier } from './tier.js';

export interface StoreTierOptions {
  readonly store: CacheStore;
  /** Of the cache: tabs with the same name tell each other. */
  readonly name?: string | undefined;
  warn(warning: Warning): void;
  readonly clock?: Clock;
}

const format = 1;

/** Text that any store takes as key; lone surrogates have no percent-encoding. */
const encoded = (text: string): string =>
  encodeURIComponent(text.replace(/\p{Surrogate}/gu, (unit) => `%u${unit.charCodeAt(0).toString(16)}`));
// no identity looks like this
const tagKey = (tag: string): string => `#/${encoded(tag)}`;

/**
 * A store of the user's. It knows no epochs, counters or sweep: what a clear covers is deleted, clears hold for runs of
 * this page and of open tabs, and a tag's clear is remembered in the store.
 */
export function createStoreTier({ store, name = '', warn, clock = systemClock }: StoreTierOptions): Tier {
  type Stamp = { readonly target: ClearTarget; readonly epoch: number };
  const notes = createListeners<[Note]>(reportListenerError);
  const forgets = createListeners<[]>(reportListenerError);
  const { ask, fetchRow, settled } = createStoreCalls(store, clock);
  const mine = new Map<string, Map<string, { bytes: number; createdAt: number }>>();
  let stamps: Stamp[] = [];
  let epoch = 0;
  let channel: Channel | undefined;
  let stop: Unsubscribe | undefined;

  const start = (): void => {
    if (channel) return;
    channel = openChannel(`tabstate-store:${name}`, (message) => {
      const note = noteOf(message);
      if (note?.type === 'clear') stamp(note.target);
      if (note) notes.notify(note);
    });
    if (typeof document !== 'undefined')
      stop = onShow((persisted) => {
        if (persisted) forgets.notify();
      });
  };

  const stamp = (target: ClearTarget): void => {
    stamps = [...stamps.slice(-999), { target, epoch: ++epoch }];
    for (const [identity, keys] of mine)
      for (const key of keys.keys()) if (covers(target, identity, key, undefined)) keys.delete(key);
  };
  const isCleared = (identity: string, key: string, { tags, epoch: began }: CacheEntry): boolean =>
    stamps.some((one) => one.epoch > began && covers(one.target, identity, key, tags));

  const failed = (cause: unknown): void =>
    warn({
      code: 'cache-storage',
      message: 'The store of this cache failed: results are computed, and kept in memory only.',
      cause,
    });

  const rowKey = (identity: string, key: string): string => `${encoded(identity)}/${encoded(key)}`;
  const isRow = (row: unknown): row is StoredEntry => {
    const { format: written, createdAt, expiresAt, staleUntil, bytes } = row as StoredEntry;
    return (
      written === format &&
      [createdAt, expiresAt, staleUntil, bytes].every((number) => typeof number === 'number' && !Number.isNaN(number))
    );
  };

  const tier: Tier = {
    async read(identity, key) {
      start();
      const began = epoch;
      try {
        const row = await fetchRow(rowKey(identity, key));
        if (typeof row !== 'object' || row === null || !isRow(row)) return undefined;
        const { value, messages, tags, createdAt, expiresAt, staleUntil, bytes } = row;
        for (const tag of tags ?? []) {
          const cleared = await fetchRow(tagKey(tag));
          if (cleared && createdAt <= cleared.createdAt) return undefined;
        }
        const entry: CacheEntry = {
          snapshot: takeSnapshot(value, { classes }),
          createdAt,
          expiresAt,
          staleUntil,
          bytes,
          epoch: began,
          ...(tags && { tags }),
          ...(messages && { messages: takeSnapshot(messages, { classes }) }),
        };
        return isCleared(identity, key, entry) ? undefined : entry;
      } catch (error) {
        failed(error);
        return undefined;
      }
    },
    async write(identity, key, entry, { maxBytes = Infinity }) {
      start();
      if (entry.bytes > maxBytes) return 'refused';
      const began = entry.epoch === Infinity ? { ...entry, epoch } : entry;
      if (isCleared(identity, key, began)) return 'cleared';
      const { snapshot, createdAt, expiresAt, staleUntil, bytes, tags, messages } = entry;
      try {
        const value = await readKept(snapshot);
        await ask(() =>
          store.set(rowKey(identity, key), {
            format,
            value,
            createdAt,
            expiresAt,
            staleUntil,
            bytes,
            ...(tags?.length && { tags: [...tags] }),
            ...(messages && { messages: readSnapshot(messages) as unknown[] }),
          }),
        );
        if (isCleared(identity, key, began)) {
          // the clear may have come before the row
          await ask(() => store.delete(rowKey(identity, key)));
          return 'cleared';
        }
      } catch (error) {
        failed(error);
        return 'refused';
      }
      let keys = mine.get(identity);
      if (!keys) mine.set(identity, (keys = new Map()));
      keys.set(key, { bytes, createdAt });
      channel?.send({ type: 'set', identity, key });
      return 'stored';
    },
    touch() {}, // a foreign store has no order of use
    async delete(identity, key) {
      mine.get(identity)?.delete(key);
      await ask(() => store.delete(rowKey(identity, key))).catch(failed);
    },
    async clear(target) {
      start();
      stamp(target);
      try {
        const now = clock.now();
        await ask(() =>
          'all' in target
            ? store.clear('')
            : 'tag' in target
              ? store.set(tagKey(target.tag), {
                  format,
                  value: null,
                  createdAt: now,
                  expiresAt: Infinity,
                  staleUntil: Infinity,
                  bytes: 0,
                })
              : 'key' in target
                ? store.delete(rowKey(target.identity, target.key))
                : store.clear(`${encoded(target.identity)}/`),
        );
      } catch (error) {
        failed(error);
        return false;
      }
      channel?.send({ type: 'clear', target });
      return true;
    },
    epoch: () => epoch,
    learnEpoch: async () => {},
    lock(identity, key, options, work) {
      const entry = rowKey(identity, key);
      return withLock(`tabstate-store:${name}:${entry.length > 200 ? hashText(entry) : entry}`, options, work, clock);
    },
    async info(identity) {
      await settled();
      return sumRows([...(mine.get(identity)?.values() ?? [])]);
    },
    list: async () => [],
    get hearsOtherTabs() {
      start();
      return channel?.isOpen ?? false;
    },
    onNote: notes.add,
    onForget: forgets.add,
    close() {
      stop?.();
      channel?.close();
      try {
        store.close?.();
      } catch (error) {
        failed(error);
      }
    },
  };
  return tier;
}
