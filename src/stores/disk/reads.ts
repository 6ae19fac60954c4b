import { type Database, resultOf } from '../../browser/indexed-db.js';
import { type Epochs, stampFor } from './stamps.js';
import {
  entryKey,
  type FunctionRow,
  functionKey,
  isFunctionRow,
  isValueRow,
  noRoot,
  rootKey,
  rootOf,
  stampOf,
  tablesOf,
  tagKey,
  type ValueRow,
} from './tables.js';

/** What was found: a row, with its chunks if it has some; a row that nobody can read; or nothing. */
export type Found =
  | { readonly row: ValueRow; readonly chunks: readonly unknown[]; readonly seenAt: number }
  | { readonly damaged: true; readonly isOld: boolean };

export interface Reader {
  /** Reads of one microtask share a transaction. Rejects when the storage does not answer. */
  read(identity: string, key: string): Promise<Found | undefined>;
}

interface Job {
  readonly identity: string;
  readonly key: string;
  resolve(found: Found | undefined): void;
  reject(error: unknown): void;
}

export function createReader(database: Database, epochs: Epochs, now: () => number): Reader {
  let queue: Job[] = [];

  const readAll = (jobs: readonly Job[]): Promise<(Found | undefined)[]> =>
    database.use('readonly', async (store) => {
      const { functions, values } = tablesOf(store);
      const functionRows = new Map<string, FunctionRow | undefined>();
      const requests = jobs.map(({ identity, key }) => resultOf<unknown>(values.get(entryKey(identity, key))));
      const [rootRow] = await Promise.all([
        resultOf<unknown>(functions.get(rootKey)),
        ...[...new Set(jobs.map(({ identity }) => identity))].map(async (identity) => {
          const row: unknown = await resultOf(functions.get(functionKey(identity)));
          functionRows.set(identity, isFunctionRow(row) ? row : undefined);
        }),
      ]);
      const root = rootOf(rootRow) ?? noRoot;
      epochs.learn(root.epoch);
      return Promise.all(
        jobs.map(async ({ identity }, i): Promise<Found | undefined> => {
          const row = await requests[i];
          const of = functionRows.get(identity);
          if (row === undefined || (of?.ambiguousUntil ?? 0) > now()) return undefined;
          if (!isValueRow(row)) {
            const written = (row as { format?: unknown } | null)?.format;
            return { damaged: true, isOld: typeof written === 'number' && written < 1 };
          }
          const stamps = await Promise.all(
            (row.tags ?? []).map(async (tag) => stampOf(await resultOf(functions.get(tagKey(tag))))),
          );
          if (stampFor(root, of, stamps) > row.epoch) return undefined;
          return { row, chunks: [], seenAt: of?.seenAt ?? 0 };
        }),
      );
    });

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
      const found = await readAll(jobs);
      jobs.forEach((job, i) => {
        const one = found[i];
        if (one && 'row' in one && one.row.revision !== undefined)
          pieces(job, one.row.revision).then((chunks) => job.resolve({ ...one, chunks }), job.reject);
        else job.resolve(one);
      });
    } catch (error) {
      // a row whose Blob is gone fails the whole transaction
      if (jobs.length > 1 && !database.isAbsent && (error as Error | null)?.name !== 'TimeoutError')
        for (const job of jobs) await run([job]);
      else for (const job of jobs) job.reject(error);
    }
  }

  return {
    read: (identity, key) =>
      new Promise((resolve, reject) => {
        queue.push({ identity, key, resolve, reject });
        if (queue.length > 1) return;
        queueMicrotask(() => {
          const jobs = queue;
          queue = [];
          void run(jobs);
        });
      }),
  };
}
