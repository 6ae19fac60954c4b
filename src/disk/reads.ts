import { type Database, resultOf } from '../browser/indexed-db.js';
import { type Epochs, stampFor } from './epochs.js';
import {
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

type Stamped = Pick<FunctionRow, 'cleared' | 'seenAt'>;

interface Known {
  root: RootRow | undefined;
  readonly functions: Map<string, Stamped | undefined>;
  readonly tags: Map<string, number>;
  readonly generation: number;
}

const mostKnown = 2000;

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

export function createReader({ database, epochs, hearsClears }: ReaderOptions): Reader {
  let queue: Job[] = [];
  let isDue = false;
  let running = 0;
  /** The stamps as they were read last, until a clear is heard of. */
  let known: Known = { root: undefined, functions: new Map(), tags: new Map(), generation: 0 };

  const forget = (): void => {
    known = { root: undefined, functions: new Map(), tags: new Map(), generation: database.generation };
  };

  const judge = (job: Job, row: unknown, stamps: Known): Found | undefined => {
    const of = stamps.functions.get(job.identity);
    if (row === undefined) return undefined;
    const { root = noRoot } = stamps;
    if (!isValueRow(row) || row.epoch > root.epoch) {
      const written = (row as { format?: unknown } | null)?.format;
      return { damaged: true, isOld: typeof written === 'number' && written < format };
    }
    const tagged = (row.tags ?? []).map((tag) => stamps.tags.get(tag) ?? 0);
    if (stampFor(root, of, tagged) > row.epoch) return undefined;
    return { row, chunks: [], seenAt: of?.seenAt ?? 0 };
  };

  /** The rows alone: half the time of a single read goes into the stamps. */
  async function readRows(jobs: readonly Job[]): Promise<(Found | undefined)[] | undefined> {
    const stamps = known;
    if (!stamps.root || stamps.generation !== database.generation || !hearsClears()) return undefined;
    if (!jobs.every(({ identity }) => stamps.functions.has(identity))) return undefined;
    const rows = await database.use(
      'readonly',
      (values) => Promise.all(jobs.map(({ identity, key }) => resultOf<unknown>(values.get(entryKey(identity, key))))),
      { stores: ['values'] },
    );
    const { epoch } = stamps.root;
    const isCertain =
      known === stamps &&
      stamps.generation === database.generation &&
      rows.every((row) => !isValueRow(row) || (row.epoch <= epoch && !row.tags?.some((tag) => !stamps.tags.has(tag))));
    return isCertain ? jobs.map((job, i) => judge(job, rows[i], stamps)) : undefined;
  }

  /** Rows and stamps in one transaction. */
  async function readAll(jobs: readonly Job[]): Promise<(Found | undefined)[]> {
    const before = known;
    const stamps: Known = { root: noRoot, functions: new Map(), tags: new Map(), generation: 0 };
    const found = await database.use(
      'readonly',
      async (store) => {
        const { functions, values } = tablesOf(store);
        const requests = jobs.map(({ identity, key }) => resultOf<unknown>(values.get(entryKey(identity, key))));
        const [rootRow] = await Promise.all([
          resultOf<unknown>(functions.get(rootKey)),
          ...[...new Set(jobs.map(({ identity }) => identity))].map(async (identity) => {
            const row: unknown = await resultOf(functions.get(functionKey(identity)));
            // the next write counts a damaged one anew
            stamps.functions.set(
              identity,
              row === undefined || isFunctionRow(row) ? row : { cleared: stampOf(row), seenAt: 0 },
            );
          }),
        ]);
        stamps.root = rootOf(rootRow) ?? noRoot;
        epochs.learn(stamps.root.epoch);
        const rows = await Promise.all(requests);
        const tags = new Set(rows.flatMap((row) => (isValueRow(row) ? (row.tags ?? []) : [])));
        await Promise.all(
          [...tags].map(async (tag) =>
            stamps.tags.set(tag, stampOf(await resultOf<unknown>(functions.get(tagKey(tag))))),
          ),
        );
        return jobs.map((job, i) => judge(job, rows[i], stamps));
      },
      { stores: ['values', 'functions'] },
    );
    if (known === before) remember(stamps);
    return found;
  }

  function remember({ root, functions, tags }: Known): void {
    if (known.generation !== database.generation || known.functions.size + known.tags.size > mostKnown) forget();
    known.root = root;
    for (const [identity, row] of functions) known.functions.set(identity, row);
    for (const [tag, stamp] of tags) known.tags.set(tag, stamp);
  }

  /** Pieces are read one by one: nobody else waits for them, and each has its own time. */
  async function pieces({ identity, key }: Job, revision: string): Promise<unknown[]> {
    const row = entryKey(identity, key);
    const use = <T>(ask: (chunks: IDBObjectStore) => IDBRequest<T>): Promise<T> =>
      database.use('readonly', (store) => resultOf(ask(store)), { stores: ['chunks'], waitMs: 10_000 });
    const keys = await use((chunks) => chunks.getAllKeys(IDBKeyRange.bound([row, revision], [row, revision, []])));
    const found: unknown[] = [];
    for (const piece of keys) found.push(await use<unknown>((chunks) => chunks.get(piece)));
    return found;
  }

  async function run(jobs: readonly Job[]): Promise<void> {
    try {
      const found = (await readRows(jobs)) ?? (await readAll(jobs));
      jobs.forEach((job, i) => {
        const one = found[i];
        if (one && 'row' in one && one.row.revision !== undefined && !job.isBrief)
          pieces(job, one.row.revision).then((chunks) => job.resolve({ ...one, chunks }), job.reject);
        else job.resolve(one);
      });
    } catch (error) {
      // a row whose Blob is gone fails the whole transaction
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
