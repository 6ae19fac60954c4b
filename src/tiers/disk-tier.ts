import { type Clock, systemClock } from '../browser/clock.js';
import type { Warning } from '../core/warning.js';
import { createPutter } from '../disk/big-values.js';
import { isUnreadable } from '../disk/blobs.js';
import type { Change } from '../disk/changes.js';
import type { Note } from '../disk/entry.js';
import { createEpochs } from '../disk/epochs.js';
import { createInventory, nothingStored } from '../disk/inventory.js';
import { createReader, type Found, type FoundRow } from '../disk/reads.js';
import { createSweep } from '../disk/sweep.js';
import { entryKey, openTables } from '../disk/tables.js';
import { createTouches } from '../disk/touches.js';
import { blobsOf, decodeEntry } from '../disk/values.js';
import { createWriter } from '../disk/writes.js';
import { isCovered } from './clears.js';
import { createDiskWarnings } from './disk-warnings.js';
import { createTabs } from './tabs.js';
import type { DatabaseTier, SharedTier, Tier } from './tier.js';

export interface DiskTierOptions {
  /** Of the cache; its database is `tabstate-cache`, or `tabstate-cache:<name>`. */
  readonly name?: string | undefined;
  warn(warning: Warning): void;
  readonly clock?: Clock;
}

export interface DiskTier extends Tier {
  readonly shared: SharedTier;
  readonly database: DatabaseTier;
  /** Removes what is dead: done by itself, 5 s after first use and then every 10 min. */
  sweep(): Promise<void>;
}

const dayMs = 24 * 3600_000;

/** Entries in IndexedDB, shared by all tabs of the origin. Touches nothing before it is used. */
export function createDiskTier({ name = '', warn, clock = systemClock }: DiskTierOptions): DiskTier {
  const now = (): number => clock.now();
  const warnings = createDiskWarnings(warn);
  const database = openTables(name, warnings.absent);
  const inventory = createInventory(database, now);
  const epochs = createEpochs();
  /** Clears that were called and are not committed, and those that could not be. */
  const open = new Set<Pick<Change & { type: 'clear' }, 'target'>>();
  const owed = new Set<Extract<Change, { type: 'clear' }>>();
  const touches = createTouches(clock, (touched) => change({ type: 'touch', touches: touched }));
  const reader = createReader({ database, epochs, hearsClears: () => tabs.hears });
  const writer = createWriter({ database, epochs, now, owed, touches, onCommit: tell });
  const chunksLock = `tabstate-cache:${name}:chunks`;
  const putter = createPutter({ database, writer, chunksLock, clock });
  const sweep = createSweep({ database, clock, lockName: `tabstate-cache:${name}:sweep`, chunksLock });
  const tabs = createTabs({
    name: `tabstate-cache:${name}`,
    clock,
    entryKey,
    unpack(message) {
      const { notes, epoch } = (message ?? {}) as { notes?: unknown; epoch?: unknown };
      if (!Array.isArray(notes)) return [];
      epochs.learn(epoch as number);
      return notes;
    },
    onNote: ({ type }) => {
      if (type === 'clear') reader.forget();
    },
    onMissed: reader.forget,
    onStart: sweep.start,
  });
  const { start } = tabs;

  function tell(committed: readonly Note[], epoch: number): void {
    if (committed.some(({ type }) => type === 'clear')) reader.forget();
    if (committed.length) tabs.send({ notes: committed, epoch });
  }

  /** Puts of big values take several transactions. */
  const puts = new Set<Promise<unknown>>();
  const tracked = <T>(promise: Promise<T>): Promise<T> => {
    puts.add(promise);
    const over = (): unknown => puts.delete(promise);
    promise.then(over, over);
    return promise;
  };
  async function settled(): Promise<void> {
    while (puts.size) await Promise.allSettled(puts);
    await writer.settled();
  }

  const change = (one: Change): Promise<unknown> =>
    writer.write(one).catch(() => {
      // a touch, or a row that is useless anyway: the next one will do
    });

  /** What `decode` makes of the row, unless a clear covers it. */
  async function lookUp<T>(
    identity: string,
    key: string,
    isBrief: boolean,
    decode: (found: FoundRow) => T | Promise<T>,
  ): Promise<T | undefined> {
    start();
    // what such a clear covers is not there, though the transaction may see it
    const clears = [...open, ...owed];
    if (isCovered(clears, identity, key)) return undefined;
    let found: Found | undefined;
    try {
      found = await reader.read(identity, key, isBrief);
      if (!found) return undefined;
      if ('row' in found) {
        if (isCovered(clears, identity, key, found.row.tags)) return undefined;
        const entry = await decode(found);
        if (now() - found.seenAt > dayMs) void change({ type: 'seen', identity });
        return entry;
      }
      if (!found.isOld) warnings.damaged(identity, undefined);
    } catch (cause) {
      if (database.isAbsent || (cause as Error | null)?.name === 'TimeoutError') return undefined;
      if (isUnreadable(cause)) {
        warnings.unread(identity, cause);
        return undefined;
      }
      // a row that cannot even be deleted is not what is wrong
      if (!found) {
        void writer.write({ type: 'delete', identity, key }).then(() => warnings.damaged(identity, cause), failed);
        return undefined;
      }
      warnings.damaged(identity, cause);
    }
    void change({ type: 'delete', identity, key });
    return undefined;
  }

  const failed = (cause: unknown): void => {
    if (database.isAbsent || (cause as Error | null)?.name === 'TimeoutError') return;
    warnings.unwritten(cause);
  };

  return {
    read: (identity, key) => lookUp(identity, key, false, decodeEntry),
    async write(identity, key, entry, limits) {
      start();
      if (entry.bytes > (limits.maxBytes ?? Infinity)) return 'refused';
      try {
        const outcome = await tracked(
          putter.write({ identity, key, entry, limits, usedAt: entry.usedAt ?? touches.tick(now()) }),
        );
        if (outcome === 'large') {
          warnings.large(identity, entry.bytes);
          return 'refused';
        }
        return outcome ?? 'stored';
      } catch (error) {
        failed(error);
        return 'refused';
      }
    },
    touch(identity, key, at) {
      start();
      touches.add(identity, key, touches.tick(at));
    },
    async delete(identity, key) {
      start();
      touches.drop(identity, key);
      await change({ type: 'delete', identity, key });
    },
    async clear(target) {
      start();
      const clear = { type: 'clear', target, epoch: epochs.next() } as const;
      open.add(clear);
      try {
        await writer.write(clear);
        return true;
      } catch (error) {
        failed(error);
        if (!database.isAbsent) owed.add(clear);
        return database.isAbsent;
      } finally {
        open.delete(clear);
      }
    },
    async info(identity) {
      await settled();
      if (database.isAbsent || isCovered([...owed], identity, '')) return nothingStored;
      // where the storage does not answer nothing is certain to be there
      return inventory.info(identity).catch(() => nothingStored);
    },
    shared: tabs,
    database: {
      epoch: epochs.now,
      async learnEpoch() {
        start();
        try {
          epochs.learn(await inventory.epoch());
        } catch {
          // what cannot be read cannot be written either
        }
      },
      times: (identity, key) => lookUp(identity, key, true, ({ row }) => row),
      async inBlobs(identity, key) {
        if (!putter.usesBlobs) return undefined;
        return lookUp(identity, key, false, (found) => {
          const snapshot = blobsOf(found);
          return snapshot && { snapshot, createdAt: found.row.createdAt };
        });
      },
      async list() {
        await settled();
        return inventory.list().catch(() => []);
      },
    },
    sweep: sweep.run,
    close() {
      touches.flush();
      sweep.stop();
      tabs.close();
      void settled().then(() => database.close());
    },
  };
}
