// Reads entries: rows of values together with the stamps that say what they are worth, and what the rows say.
import { type Database, resultOf } from '../browser/indexed-db.js';
import { nameOf } from '../browser/open-database.js';
import { isOutOfMemory } from '../core/values/out-of-memory.js';
import type { Snapshot } from '../core/values/snapshot.js';
import type { SnapshotRecord } from '../core/values/snapshot-record.js';
import type { CacheEntry } from './entry.js';
import { loadRare } from './late.js';
import {
  chunksOf,
  type Epochs,
  entryKey,
  type FunctionRow,
  format,
  functionKey,
  isFunctionRow,
  isValueRow,
  noRoot,
  type RootRow,
  rootKey,
  rootOf,
  stampFor,
  stampOf,
  tablesOf,
  tagKey,
  type ValueRow,
} from './tables.js';

/** More transactions than this at once gain nothing; a thousand cost WebKit seconds on a busy machine. */
const mostRunning = 8;

export interface FoundRow {
  readonly row: ValueRow;
  readonly chunks: readonly unknown[];
  readonly seenAt: number;
}

/** What was found: a row, with its chunks if it has some; a row that nobody can read; or nothing. */
export type Found = FoundRow | { readonly damaged: true; readonly isOld: boolean };

export interface Reader {
  /**
   * Reads of one microtask share a transaction, and so do those that come while many others run. Rejects when the storage
   * does not answer. `isBrief`: the row is enough, whatever pieces it has.
   */
  read(identity: string, key: string, isBrief?: boolean): Promise<Found | undefined>;
  /** Something was cleared, here or in another tab. */
  forget(): void;
}

type Stamped = Pick<FunctionRow, 'cleared' | 'seenAt' | 'bytes'>;

interface Known {
  root: RootRow;
  readonly functions: Map<string, Stamped | undefined>;
  readonly tags: Map<string, number>;
  readonly generation: number;
}

const mostKnown = 2000;

/** A function that holds more bytes may have a row that a slow machine reads for seconds. */
const manyBytes = 10_000_000;
const moreMs = 8000;

interface Job {
  readonly identity: string;
  readonly key: string;
  readonly isBrief: boolean;
  resolve(found: Found | undefined): void;
  reject(error: unknown): void;
}

export interface ReaderOptions {
  readonly database: Database;
  readonly epochs: Epochs;
  /** Whether `forget` is called for every clear of every tab; then stamps need not be read each time. */
  hearsClears(): boolean;
}

/** What a row is worth under these stamps. */
function judge(job: Job, row: unknown, stamps: Known): Found | undefined {
  if (row === undefined) return undefined;
  const { root } = stamps;
  if (!isValueRow(row) || row.epoch > root.epoch) {
    const written = (row as { format?: unknown } | null)?.format;
    return { damaged: true, isOld: typeof written === 'number' && written < format };
  }
  const of = stamps.functions.get(job.identity);
  const tagged = (row.tags ?? []).map((tag) => stamps.tags.get(tag) ?? 0);
  if (stampFor(root, of, tagged) > row.epoch) return undefined;
  return { row, chunks: [], seenAt: of?.seenAt ?? 0 };
}

const valuesOf = async (values: IDBObjectStore, jobs: readonly Job[]): Promise<unknown[]> =>
  Promise.all(jobs.map(({ identity, key }) => resultOf<unknown>(values.get(entryKey(identity, key)))));

const tagsOf = (row: unknown): readonly string[] => (isValueRow(row) && row.tags) || [];

/** Rows and stamps in one transaction. */
async function readAll(store: IDBObjectStore, jobs: readonly Job[], stamps: Known): Promise<unknown[]> {
  const { functions, values } = tablesOf(store);
  const identities = [...new Set(jobs.map(({ identity }) => identity))];
  const [root, , rows] = await Promise.all([
    resultOf<unknown>(functions.get(rootKey)),
    // before the rows: these tell how large they may be
    Promise.all(
      identities.map(async (identity) => {
        const row: unknown = await resultOf(functions.get(functionKey(identity)));
        // the next write recounts a damaged one
        const isWhole = row === undefined || isFunctionRow(row);
        stamps.functions.set(identity, isWhole ? row : { cleared: stampOf(row), seenAt: 0, bytes: 0 });
      }),
    ),
    valuesOf(values, jobs),
  ]);
  stamps.root = rootOf(root) ?? noRoot;
  await Promise.all(
    [...new Set(rows.flatMap(tagsOf))].map(async (tag) =>
      stamps.tags.set(tag, stampOf(await resultOf<unknown>(functions.get(tagKey(tag))))),
    ),
  );
  return rows;
}

/** Pieces are read one by one: nobody else waits for them, and each has its own time. */
async function readPieces(database: Database, key: string, revision: string): Promise<unknown[]> {
  const use = <T>(ask: (chunks: IDBObjectStore) => IDBRequest<T>): Promise<T> =>
    database.use('readonly', (store) => resultOf(ask(store)), { stores: ['chunks'], waitMs: 10_000 });
  const keys = await use((chunks) => chunks.getAllKeys(chunksOf(key, revision)));
  const found: unknown[] = [];
  for (const piece of keys) found.push(await use<unknown>((chunks) => chunks.get(piece)));
  return found;
}

/** How much longer these rows may take: their functions tell before the rows come. */
const patience = (jobs: readonly Job[], { functions }: Pick<Known, 'functions'>): number =>
  jobs.some(({ identity }) => (functions.get(identity)?.bytes ?? 0) > manyBytes) ? moreMs : 0;

const nothingKnown = (generation: number): Known => ({
  root: noRoot,
  functions: new Map(),
  tags: new Map(),
  generation,
});

/** Reads rows together with the stamps that say what they are worth. */
function createLookups({ database, epochs, hearsClears }: ReaderOptions) {
  /** The stamps as they were read last, until a clear is heard of. */
  let known = nothingKnown(0);
  const forget = (): void => void (known = nothingKnown(database.generation));

  /** The rows alone: half the time of a single read goes into the stamps. `undefined`: they are not enough. */
  async function rowsAlone(jobs: readonly Job[]): Promise<(Found | undefined)[] | undefined> {
    const stamps = known;
    const isKnown = (): boolean => known === stamps && stamps.generation === database.generation;
    // a function without a row gets one with its first entry
    if (!isKnown() || !hearsClears() || !jobs.every(({ identity }) => stamps.functions.get(identity))) return undefined;
    const rows = await database.use('readonly', (values) => valuesOf(values, jobs), {
      stores: ['values'],
      moreMs: () => patience(jobs, stamps),
    });
    const isCovered = rows.every(
      (row) => !isValueRow(row) || (row.epoch <= stamps.root.epoch && tagsOf(row).every((tag) => stamps.tags.has(tag))),
    );
    return isKnown() && isCovered ? jobs.map((job, i) => judge(job, rows[i], stamps)) : undefined;
  }

  async function rowsAndStamps(jobs: readonly Job[]): Promise<(Found | undefined)[]> {
    const before = known;
    let stamps = nothingKnown(0);
    const rows = await database.use(
      'readonly',
      (store) => {
        stamps = nothingKnown(0); // it may run twice
        return readAll(store, jobs, stamps);
      },
      { stores: ['values', 'functions'], moreMs: () => patience(jobs, stamps) },
    );
    epochs.learn(stamps.root.epoch);
    if (known === before) {
      if (known.generation !== database.generation || known.functions.size + known.tags.size > mostKnown) forget();
      known.root = stamps.root;
      for (const [identity, row] of stamps.functions) known.functions.set(identity, row);
      for (const [tag, stamp] of stamps.tags) known.tags.set(tag, stamp);
    }
    return jobs.map((job, i) => judge(job, rows[i], stamps));
  }

  return { forget, look: async (jobs: readonly Job[]) => (await rowsAlone(jobs)) ?? rowsAndStamps(jobs) };
}

export function createReader(options: ReaderOptions): Reader {
  const { database } = options;
  const { forget, look } = createLookups(options);
  let queue: Job[] = [];
  let isDue = false;
  let running = 0;

  async function run(jobs: readonly Job[]): Promise<void> {
    try {
      const found = await look(jobs);
      for (const [i, { identity, key, isBrief, resolve, reject }] of jobs.entries()) {
        const one = found[i];
        if (one && 'row' in one && one.row.revision !== undefined && !isBrief)
          readPieces(database, entryKey(identity, key), one.row.revision).then(
            (chunks) => resolve({ ...one, chunks }),
            reject,
          );
        else resolve(one);
      }
    } catch (error) {
      // a row whose Blob is gone fails the whole transaction, so each is read alone
      if (jobs.length > 1 && !database.isLost(error)) for (const job of jobs) await run([job]);
      else for (const job of jobs) job.reject(error);
    }
  }

  function start(): void {
    isDue = false;
    const jobs = queue;
    if (jobs.length === 0) return;
    queue = [];
    running++;
    void run(jobs).finally(() => {
      running--;
      if (!isDue) start();
    });
  }

  return {
    forget,
    read: (identity, key, isBrief = false) =>
      new Promise((resolve, reject) => {
        queue.push({ identity, key, isBrief, resolve, reject });
        if (isDue || running >= mostRunning) return;
        isDue = true;
        void Promise.resolve().then(start);
      }),
  };
}

/**
 * Whether a Blob, or the code for a value, cannot be had at this time, which says nothing of what is stored: Chromium gives
 * this error where it has no memory for the bytes, and for a Blob that found no room when it was made.
 */
export const isUnreadable = (error: unknown): boolean => nameOf(error) === 'NotReadableError' || isOutOfMemory(error);

const fromPlain = ({ plan, bytes, data }: Pick<SnapshotRecord, 'plan' | 'bytes' | 'data'>): Snapshot => ({
  plan,
  bytes,
  data,
  largeBytes: 0,
  hasLeaves: false,
});

/** The entry of a row that was read. Throws when the row's parts do not fit together. */
export function decodeEntry(found: FoundRow): CacheEntry | Promise<CacheEntry> {
  const { row } = found;
  const { leaves, buffers, sizes, messages } = row;
  if (!leaves && !buffers && !sizes && !messages?.leaves)
    return { ...row, fresh: undefined, snapshot: fromPlain(row), messages: messages && fromPlain(messages) };
  return loadRare().then(
    (rare) => rare.decodeRich(found),
    (cause) => {
      throw new DOMException(`Its code could not be loaded. ${String(cause)}`, 'NotReadableError');
    },
  );
}
