// Entries on their way into rows, and changes of rows on their way into transactions. The way back stands in `reads.ts`.
import { type Clock, systemClock } from '../browser/clock.js';
import type { Database } from '../browser/indexed-db.js';
import { nameOf } from '../browser/open-database.js';
import type { Snapshot } from '../core/values/snapshot.js';
import type { SnapshotRecord } from '../core/values/snapshot-record.js';
import { apply, type Change, type Outcome } from './changes.js';
import type { CacheEntry, Limits, Note } from './entry.js';
import { loadRare } from './late.js';
import { isInBlobs } from './stored-value.js';
import { type Epochs, format, tablesOf, type ValueRow } from './tables.js';
import type { Touches } from './touches.js';

type Clear = Extract<Change, { type: 'clear' }>;

export interface Writer {
  /**
   * Changes of one microtask share a transaction, and so do puts that come while another one runs. Rejects when this one
   * could not be written.
   */
  write(change: Change): Promise<Outcome>;
  /**
   * Clears that are not committed: nothing that they cover may be served, though a transaction may see it. One that could
   * not be written is part of each transaction until one commits.
   */
  readonly clears: ReadonlySet<Clear>;
  /** Deletes expired rows, then least recently used ones of all functions: twice these bytes. */
  makeRoom(bytes: number): Promise<void>;
  /** Resolves when nothing is pending. */
  settled(): Promise<void>;
}

export interface WriterOptions {
  readonly database: Database;
  readonly epochs: Epochs;
  now(): number;
  readonly touches: Pick<Touches, 'pending' | 'checked'>;
  /** Called after the commit. */
  onCommit(notes: readonly Note[], epoch: number): void;
}

interface Job {
  readonly change: Change;
  resolve(outcome: Outcome): void;
  reject(error: unknown): void;
}

/** Changes of a transaction at most: none keeps the page, or other tabs, waiting for long. */
const maxTogether = 250;

const noteOf = (change: Change): Note | undefined => {
  if (change.type === 'clear') return { type: 'clear', target: change.target };
  if (change.type !== 'put' || change.limits.isSilent) return undefined;
  return { type: 'set', identity: change.identity, key: change.key };
};

const isFull = (error: unknown): boolean => nameOf(error) === 'QuotaExceededError';

/** Transactions that make changes, each all of its own or none. */
function createCommits(options: WriterOptions, clears: Set<Clear>, owed: Set<Clear>) {
  const { database, epochs, now, touches, onCommit } = options;

  async function commit(changes: readonly Change[]): Promise<Outcome[]> {
    const debts = [...owed].filter((clear) => !changes.includes(clear));
    const all = [...debts, ...changes];
    const { outcomes, epoch } = await database.use('readwrite', (store) => apply(tablesOf(store), all, now(), touches));
    for (const debt of debts) {
      owed.delete(debt);
      clears.delete(debt);
    }
    epochs.learn(epoch);
    const done = all.filter((_, i) => outcomes[i] === undefined);
    onCommit(done.map(noteOf).filter((note) => note !== undefined) as Note[], epoch);
    return outcomes.slice(debts.length);
  }

  const makeRoom = async (bytes: number): Promise<void> =>
    (await loadRare()).makeRoom(database, now(), bytes, touches.pending());

  return {
    commit,
    makeRoom,
    async commitWithRoom(change: Change): Promise<Outcome> {
      try {
        return (await commit([change]))[0];
      } catch (error) {
        if (!isFull(error)) throw error;
        try {
          await makeRoom(Math.max(change.type === 'put' ? change.row.bytes : 0, 1024));
          return (await commit([change]))[0];
        } catch (again) {
          if (change.type !== 'clear' || !isFull(again)) throw again;
          // Chromium above its quota takes nothing but deletes: all goes, as a clear that sets the counters right, too
          await (await loadRare()).dropAll(database);
          return (await commit([{ ...change, target: { all: true } }]))[0];
        }
      }
    },
  };
}

/** Changes that share transactions. `run` never rejects. */
function createQueue(run: (jobs: readonly Job[]) => Promise<void>) {
  const queue: Job[] = [];
  const running = new Set<Promise<void>>();
  let isDue = false;

  function start(): void {
    isDue = false;
    // in order: the browser runs them one after the other
    while (queue.length) {
      const alone = queue.slice(0, maxTogether).findIndex(({ change }) => change.type === 'put' && change.isAlone);
      const done = run(queue.splice(0, alone < 0 ? maxTogether : alone || 1));
      running.add(done);
      void done.finally(() => {
        running.delete(done);
        if (running.size === 0 && !isDue) start();
      });
    }
  }

  return {
    add: (change: Change): Promise<Outcome> =>
      new Promise((resolve, reject) => {
        queue.push({ change, resolve, reject });
        // A put has to wait for the transaction before it anyway, and shares the next one with all that came meanwhile.
        // Anything else is begun at once, so that reads which come later see it.
        if (isDue || (change.type === 'put' && running.size > 0)) return;
        isDue = true;
        void Promise.resolve().then(start);
      }),
    async settled(): Promise<void> {
      do {
        await Promise.all(running);
        await Promise.resolve();
      } while (queue.length || running.size);
    },
  };
}

export function createWriter(options: WriterOptions): Writer {
  const { database } = options;
  const clears = new Set<Clear>();
  const owed = new Set<Clear>();
  const { commit, commitWithRoom, makeRoom } = createCommits(options, clears, owed);
  const { add, settled } = createQueue(async (jobs) => {
    if (jobs.length > 1) {
      try {
        const outcomes = await commit(jobs.map(({ change }) => change));
        for (const [i, job] of jobs.entries()) job.resolve(outcomes[i]);
        return;
      } catch (error) {
        if (database.isLost(error)) {
          for (const job of jobs) job.reject(error);
          return;
        }
        // one that cannot be stored does not keep the others out: each is tried alone
      }
    }
    for (const job of jobs) await commitWithRoom(job.change).then(job.resolve, job.reject);
  });

  async function clear(change: Clear): Promise<Outcome> {
    clears.add(change);
    try {
      return await add(change);
    } catch (error) {
      if (!database.isAbsent) owed.add(change);
      throw error;
    } finally {
      if (!owed.has(change)) clears.delete(change);
    }
  }

  return { write: (change) => (change.type === 'clear' ? clear(change) : add(change)), clears, makeRoom, settled };
}

/** An entry to be written. */
export interface Put {
  readonly identity: string;
  readonly key: string;
  readonly entry: CacheEntry;
  readonly limits: Limits;
  readonly usedAt: number;
}

/*
 * Most values are plain: structured clone carries them as they are. Others have buffers of 1 MB and more, parts that it
 * refuses, or Blobs in an engine that stores none; what these need comes late, see `rich-values.ts`.
 */

/** How big buffers are stored; where an engine refuses one way, the next is tried. */
export const asBlobs = 0;
export const asBlobPieces = 1;
export const asBytePieces = 2;
export type Way = typeof asBlobs | typeof asBlobPieces | typeof asBytePieces;

/** What writes the entries of a database. */
export interface Putter {
  readonly database: Database;
  readonly writer: Writer;
  readonly clock: Clock;
  /** Held while pieces are written, so that no sweep takes them for orphans. */
  readonly chunksLock: string;
  /** The way that the browser has not refused. */
  way: Way;
}

export const createPutter = (
  options: Pick<Putter, 'database' | 'writer' | 'chunksLock'> & Partial<Putter>,
): Putter => ({
  clock: systemClock,
  way: asBlobs,
  ...options,
});

// Chromium: "Failed to write blobs", "… too large"; WebKit: "Error preparing Blob/File data"
// https://github.com/jakearchibald/idb-keyval/issues/62
export const isAboutBlobs = (error: unknown): boolean => {
  const { message } = (error ?? {}) as { message?: unknown };
  return /^(Unknown|Data)Error$/.test(String(nameOf(error))) && /blob|file|large|size/i.test(String(message));
};

/** A row of `values` for an entry whose value became this record; its buffers are added by the caller. */
export function rowOf(entry: CacheEntry, { plan, data, leaves }: SnapshotRecord, messages?: SnapshotRecord): ValueRow {
  const { createdAt, expiresAt, staleUntil, epoch, bytes, tags } = entry;
  return {
    format,
    plan,
    data,
    createdAt,
    expiresAt,
    staleUntil,
    epoch,
    bytes,
    ...(leaves && { leaves }),
    ...(messages && { messages }),
    ...(tags?.length && { tags }),
  };
}

const plainRecord = ({ plan, bytes, data }: Snapshot): SnapshotRecord => ({ plan, bytes, data });

export async function store({ writer }: Putter, put: Put, row: ValueRow): Promise<Outcome> {
  const { entry, limits } = put;
  const { args = '', isWanted, snapshot, messages } = entry;
  const { maxEntries = Infinity, maxBytes = Infinity } = limits;
  // before the transaction, which cannot wait for code
  const hold = Math.min(maxEntries, maxBytes) < Infinity ? (await loadRare()).holdLimits : undefined;
  // WebKit never ends a transaction that writes a Blob which it refuses after anything else, and all tabs wait for it
  const isAlone = !!(row.buffers || (snapshot as Snapshot).hasClonables || messages?.hasClonables);
  return writer.write({ ...put, type: 'put', row, args, isWanted, isAlone, hold });
}

/** Writes an entry. `large`: it is not stored, because nobody asked for it. */
export async function write(putter: Putter, put: Put): Promise<Outcome | 'large'> {
  const { snapshot, messages } = put.entry;
  if (putter.way === asBlobs && !isInBlobs(snapshot) && !snapshot.hasLeaves && !messages?.hasLeaves)
    try {
      return await store(putter, put, rowOf(put.entry, plainRecord(snapshot), messages && plainRecord(messages)));
    } catch (error) {
      if (!isAboutBlobs(error)) throw error;
      // the value holds Blobs of its own, which is too rare to look for them first
      putter.way = asBytePieces;
    }
  return (await loadRare()).writeRich(putter, put);
}
