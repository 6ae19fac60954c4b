import { type Clock, systemClock } from '../browser/clock.js';
import type { Warning } from '../core/warning.js';
import type { StoredInfo } from '../disk/entry.js';
import { createEpochs, readEpoch } from '../disk/epochs.js';
import { loadRare } from '../disk/late.js';
import { nothing } from '../disk/ledger.js';
import { createReader } from '../disk/reads.js';
import { createSweep } from '../disk/sweep.js';
import { entryKey, openTables } from '../disk/tables.js';
import { createTouches } from '../disk/touches.js';
import { asBytePieces, createPutter, decodeEntry, write as writeEntry } from '../disk/values.js';
import { createWriter } from '../disk/writes.js';
import { isCovered } from './clears.js';
import { createDiskWarnings } from './disk-warnings.js';
import { createLookUp, type LookUp } from './look-up.js';
import { createTabs, type Tabs } from './tabs.js';
import type { DatabaseTier, SharedTier, Tier } from './tier.js';

const nothingStored: StoredInfo = { ...nothing, persisted: false };

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

/** The parts that the tier is made of; none does anything before it is used. */
function createParts({ name = '', warn, clock = systemClock }: DiskTierOptions) {
  const now = (): number => clock.now();
  const warnings = createDiskWarnings(warn);
  const database = openTables(name, warnings.absent);
  const epochs = createEpochs();
  const touches = createTouches(
    clock,
    (touched) => writer.write({ type: 'touch', touches: touched }).catch(() => {}), // the next use is another chance
  );
  const reader = createReader({ database, epochs, hearsClears: () => tabs.hears });
  const tabs: Tabs = createTabs({
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
    onStart() {
      // opening takes another process as long as a channel takes this one
      database.open();
      sweep.start();
    },
  });
  const writer = createWriter({
    database,
    epochs,
    now,
    touches,
    onCommit(notes, epoch) {
      if (notes.some(({ type }) => type === 'clear')) reader.forget();
      if (notes.length) tabs.send({ notes, epoch });
    },
  });
  const chunksLock = `tabstate-cache:${name}:chunks`;
  const putter = createPutter({ database, writer, chunksLock, clock });
  const sweep = createSweep({ database, clock, lockName: `tabstate-cache:${name}:sweep`, chunksLock });
  /** A write failed, which is of no interest where there is no database. */
  const failed = (cause: unknown): void => {
    if (!database.isLost(cause)) warnings.unwritten(cause);
  };
  const found = createLookUp({ database, reader, writer, warnings, now, failed });
  const lookUp: LookUp = (...asked) => {
    tabs.start();
    return found(...asked);
  };
  return { clock, database, epochs, failed, lookUp, putter, sweep, tabs, touches, warnings, writer };
}

type Parts = ReturnType<typeof createParts>;

/** What only a database has; `settled`: this tab's writes are over. */
const createDatabasePart = (
  { clock, database, epochs, lookUp, putter, tabs }: Parts,
  settled: () => Promise<void>,
): DatabaseTier => ({
  epoch: epochs.now,
  async learnEpoch() {
    tabs.start();
    try {
      epochs.learn(await readEpoch(database));
    } catch {
      // where the epoch cannot be read, nothing can be written either
    }
  },
  times: (identity, key) => lookUp(identity, key, ({ row }) => row, true),
  async inBlobs(identity, key) {
    if (putter.way === asBytePieces) return undefined;
    return lookUp(identity, key, async (found) => {
      const snapshot = (await loadRare()).blobsOf(found);
      return snapshot && { snapshot, createdAt: found.row.createdAt };
    });
  },
  async list() {
    await settled();
    return loadRare()
      .then((rare) => rare.listRows(database, clock.now()))
      .catch(() => []);
  },
});

/** Writes of entries; `settled` waits for all that were begun, big values with all their transactions. */
function createWrites({ clock, failed, putter, tabs, touches, warnings, writer }: Parts) {
  const puts = new Set<Promise<unknown>>();
  const write: Tier['write'] = async (identity, key, entry, limits) => {
    tabs.start();
    if (entry.bytes > (limits.maxBytes ?? Infinity)) return 'refused';
    const usedAt = entry.usedAt ?? touches.tick(clock.now());
    const put = writeEntry(putter, { identity, key, entry, limits, usedAt });
    puts.add(put);
    try {
      const outcome = await put;
      if (outcome !== 'large') return outcome ?? 'stored';
      warnings.large(identity, entry.bytes);
    } catch (error) {
      failed(error);
    } finally {
      puts.delete(put);
    }
    return 'refused';
  };
  return {
    write,
    async settled(): Promise<void> {
      while (puts.size) await Promise.allSettled(puts);
      await writer.settled();
    },
  };
}

/** Entries in IndexedDB, shared by all tabs of the origin. Touches nothing before it is used. */
export function createDiskTier(options: DiskTierOptions): DiskTier {
  const parts = createParts(options);
  const { clock, database, epochs, failed, lookUp, sweep, tabs, touches, writer } = parts;
  const { write, settled } = createWrites(parts);

  return {
    read: (identity, key) => lookUp(identity, key, decodeEntry),
    write,
    touch(identity, key, at) {
      tabs.start();
      touches.add(identity, key, touches.tick(at));
    },
    async delete(identity, key) {
      tabs.start();
      touches.drop(identity, key);
      // the row is useless anyway: the next call deletes it
      await writer.write({ type: 'delete', identity, key }).catch(() => {});
    },
    async clear(target) {
      tabs.start();
      try {
        await writer.write({ type: 'clear', target, epoch: epochs.next() });
        return true;
      } catch (error) {
        failed(error);
        return database.isAbsent;
      }
    },
    async info(identity) {
      await settled();
      if (database.isAbsent || isCovered([...writer.clears], identity, '')) return nothingStored;
      // storage that does not answer is reported as empty
      return loadRare()
        .then((rare) => rare.infoOf(database, clock.now(), identity))
        .catch(() => nothingStored);
    },
    shared: tabs,
    database: createDatabasePart(parts, settled),
    sweep: sweep.run,
    close() {
      touches.flush();
      sweep.stop();
      tabs.close();
      void settled().then(() => database.close());
    },
  };
}
