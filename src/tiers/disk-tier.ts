// Entries in IndexedDB, shared by all tabs of the origin: what is asked of the database, and what becomes of its trouble.
import { type Clock, systemClock } from '../browser/clock.js';
import type { Database } from '../browser/indexed-db.js';
import { nameOf } from '../browser/open-database.js';
import type { Warning } from '../core/warning.js';
import type { CacheEntry, ClearTarget, Limits, StoredInfo } from '../disk/entry.js';
import { loadRare } from '../disk/late.js';
import { nothing } from '../disk/ledger.js';
import { createReader, decodeEntry, type Found, type FoundRow, isUnreadable, type Reader } from '../disk/reads.js';
import { createSweep, type Sweep } from '../disk/sweep.js';
import { createEpochs, entryKey, isCovered, openTables, readEpoch } from '../disk/tables.js';
import { createTouches, type Touches } from '../disk/touches.js';
import {
  asBytePieces,
  createPutter,
  createWriter,
  type Putter,
  type Writer,
  write as writeEntry,
} from '../disk/writes.js';
import { createTabs, type Tabs } from './tabs.js';
import type { DatabaseTier, Tier } from './tier.js';

export interface DiskTierOptions {
  /** Of the cache; its database is `tabstate-cache`, or `tabstate-cache:<name>`. */
  readonly name?: string | undefined;
  warn(warning: Warning): void;
  readonly clock?: Clock;
}

const dayMs = 24 * 3600_000;

const nothingStored: StoredInfo = { ...nothing, persisted: false };

// what the user hears of trouble

const advice = 'results stay in memory.';

const absent = (cause: unknown): Warning => ({
  code: 'cache-storage',
  message: `IndexedDB is denied, or does not answer: ${advice}`,
  cause,
});

/** @param how - the end of the sentence */
const unreadable = (key: string, how: string, cause: unknown): Warning => ({
  code: 'cache-entry',
  message: `${key}: a stored result cannot be read${how}. The function runs again.`,
  key,
  ...(cause === undefined ? {} : { cause }),
});

const tooLarge = (key: string, bytes: number): Warning => ({
  code: 'cache-size',
  message: `${key}: a result of ${bytes} bytes stays in memory. Above 512 MB give \`maxSize\`.`,
  key,
});

const unwritten = (cause: unknown): Warning =>
  nameOf(cause) === 'QuotaExceededError'
    ? {
        code: 'cache-quota',
        message: `no more room for this origin: ${advice} Give \`maxEntries\`, \`maxSize\` or \`ttl\`.`,
        cause,
      }
    : { code: 'cache-storage', message: `IndexedDB refused a write: ${advice}`, cause };

/** Touches nothing before it is used. */
export class DiskTier implements Tier {
  readonly #clock: Clock;
  readonly #warn: (warning: Warning) => void;
  readonly #disk: Database;
  readonly #epochs = createEpochs();
  readonly #touches: Touches;
  readonly #reader: Reader;
  readonly #writer: Writer;
  readonly #putter: Putter;
  readonly #sweep: Sweep;
  /** Writes of entries that go on, big values with all their transactions. */
  readonly #puts = new Set<Promise<unknown>>();
  readonly shared: Tabs;

  constructor({ name = '', warn, clock = systemClock }: DiskTierOptions) {
    const channel = `tabstate-cache:${name}`;
    const epochs = this.#epochs;
    const database = openTables(name, (cause) => warn(absent(cause)));
    this.#clock = clock;
    this.#warn = warn;
    this.#disk = database;
    // a touch that cannot be written has another chance with the next use
    this.#touches = createTouches(clock, (touches) => this.#tryTo({ type: 'touch', touches }));
    this.#reader = createReader({ database, epochs, hearsClears: () => this.shared.hears });
    this.#writer = createWriter({
      database,
      epochs,
      now: clock.now,
      touches: this.#touches,
      onCommit: (notes, epoch) => {
        for (const note of notes) this.#hear(note);
        if (notes.length) this.shared.send({ notes, epoch });
      },
    });
    const chunksLock = `${channel}:chunks`;
    this.#putter = createPutter({ database, writer: this.#writer, chunksLock, clock });
    this.#sweep = createSweep({ database, clock, lockName: `${channel}:sweep`, chunksLock });
    this.shared = createTabs({
      name: channel,
      clock,
      entryKey,
      unpack(message) {
        const { notes, epoch } = (message ?? {}) as { notes?: unknown; epoch?: unknown };
        if (!Array.isArray(notes)) return [];
        epochs.learn(epoch as number);
        return notes;
      },
      onNote: (note) => this.#hear(note),
      onMissed: this.#reader.forget,
      onStart: () => {
        // opening takes another process as long as a channel takes this one
        database.open();
        this.#sweep.start();
      },
    });
  }

  /** Another tab, or this one, has cleared something. */
  #hear({ type }: { readonly type: string }): void {
    if (type === 'clear') this.#reader.forget();
  }

  /** What cannot be done now matters little: the next call does it. */
  #tryTo(change: Parameters<Writer['write']>[0]): Promise<unknown> {
    return this.#writer.write(change).catch(() => {});
  }

  /** A write failed, which is of no interest where there is no database. */
  readonly #failed = (cause: unknown): void => {
    if (!this.#disk.isLost(cause)) this.#warn(unwritten(cause));
  };

  /** A read that fails is repeated: only a row that cannot be read twice is to blame. */
  async #readRow(identity: string, key: string, isBrief: boolean | undefined): Promise<Found | undefined> {
    try {
      return await this.#reader.read(identity, key, isBrief);
    } catch (error) {
      if (this.#disk.isLost(error) || isUnreadable(error)) throw error;
      return this.#reader.read(identity, key, isBrief);
    }
  }

  /**
   * What `decode` makes of the row of an entry. Rows that a clear covers are not found; those that nobody can read are
   * deleted, with a warning.
   *
   * @param isBrief - pieces of a big value are not needed
   */
  async #find<T>(
    identity: string,
    key: string,
    decode: (found: FoundRow) => T | Promise<T>,
    isBrief?: boolean,
  ): Promise<T | undefined> {
    this.shared.start();
    // what these clears cover is gone, though the transaction may still see it
    const clears = [...this.#writer.clears];
    if (isCovered(clears, identity, key)) return undefined;
    let found: Found | undefined;
    let damage: unknown;
    try {
      found = await this.#readRow(identity, key, isBrief);
      if (!found) return undefined;
      if ('row' in found) {
        if (isCovered(clears, identity, key, found.row.tags)) return undefined;
        const decoded = await decode(found);
        // what the reader remembers of the function is older
        if (this.#clock.now() - found.seenAt > dayMs)
          void this.#tryTo({ type: 'seen', identity }).then(this.#reader.forget);
        return decoded;
      }
    } catch (cause) {
      if (this.#disk.isLost(cause)) return undefined;
      if (isUnreadable(cause)) {
        this.#warn(unreadable(identity, ' now', cause));
        return undefined;
      }
      damage = cause;
    }
    const tell = (): void => this.#warn(unreadable(identity, ', and is deleted', damage));
    const gone = this.#writer.write({ type: 'delete', identity, key });
    // where it could not be read at all, and cannot even be deleted, the trouble is not the row's
    if (!found) gone.then(tell, this.#failed);
    else {
      gone.catch(() => {}); // the next call does it
      if ('row' in found || !found.isOld) tell();
    }
    return undefined;
  }

  read(identity: string, key: string): Promise<CacheEntry | undefined> {
    return this.#find(identity, key, decodeEntry);
  }

  async write(
    identity: string,
    key: string,
    entry: CacheEntry,
    limits: Limits,
  ): Promise<'stored' | 'cleared' | 'refused'> {
    this.shared.start();
    if (entry.bytes > (limits.maxBytes ?? Infinity)) return 'refused';
    const { usedAt = this.#clock.now() } = entry;
    const written = writeEntry(this.#putter, { identity, key, entry, limits, usedAt });
    this.#puts.add(written);
    try {
      const outcome = await written;
      if (outcome !== 'large') return outcome ?? 'stored';
      this.#warn(tooLarge(identity, entry.bytes));
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#puts.delete(written);
    }
    return 'refused';
  }

  touch(identity: string, key: string, at: number): void {
    this.shared.start();
    this.#touches.add(identity, key, at);
  }

  async delete(identity: string, key: string): Promise<void> {
    this.shared.start();
    this.#touches.drop(identity, key);
    await this.#tryTo({ type: 'delete', identity, key });
  }

  async clear(target: ClearTarget): Promise<boolean> {
    this.shared.start();
    try {
      await this.#writer.write({ type: 'clear', target, epoch: this.#epochs.next() });
      return true;
    } catch (error) {
      this.#failed(error);
      return this.#disk.isAbsent;
    }
  }

  async #settled(): Promise<void> {
    while (this.#puts.size) await Promise.allSettled(this.#puts);
    await this.#writer.settled();
  }

  async info(identity: string): Promise<StoredInfo> {
    await this.#settled();
    if (this.#disk.isAbsent || isCovered([...this.#writer.clears], identity, '')) return nothingStored;
    try {
      return await (await loadRare()).infoOf(this.#disk, this.#clock.now(), identity);
    } catch {
      // storage that does not answer is reported as empty
      return nothingStored;
    }
  }

  readonly database: DatabaseTier = {
    epoch: this.#epochs.now,
    learnEpoch: async () => {
      this.shared.start();
      try {
        this.#epochs.learn(await readEpoch(this.#disk));
      } catch {
        // where the epoch cannot be read, nothing can be written either
      }
    },
    times: (identity, key) => this.#find(identity, key, ({ row }) => row, true),
    inBlobs: async (identity, key) => {
      if (this.#putter.way === asBytePieces) return undefined;
      return this.#find(identity, key, async (found) => {
        const snapshot = (await loadRare()).blobsOf(found);
        return snapshot && { snapshot, createdAt: found.row.createdAt };
      });
    },
    list: async () => {
      await this.#settled();
      try {
        return await (await loadRare()).listRows(this.#disk, this.#clock.now());
      } catch {
        return []; // as above
      }
    },
  };

  /** Removes what is dead: done by itself, 5 s after first use and then every 10 min. */
  sweep(): Promise<void> {
    return this.#sweep.run();
  }

  close(): void {
    this.#touches.flush();
    this.#sweep.stop();
    this.shared.close();
    void this.#settled().then(() => this.#disk.close());
  }
}
