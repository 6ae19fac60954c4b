// The steps of a sweep: expired rows, what clears have left, functions that nobody calls, orphaned pieces.
import type { Clock } from '../browser/clock.js';
import { type Database, resultOf } from '../browser/indexed-db.js';
import { withLock } from '../browser/other-tabs.js';
import { dropExpired, loadFor, removeRows } from './eviction.js';
import { Ledger } from './ledger.js';
import {
  chunksOf,
  functionKey,
  isFunctionRow,
  isMetaRow,
  metaRows,
  noRoot,
  type RootRow,
  rootKey,
  stampOf,
  tablesOf,
} from './tables.js';

export interface SweepStepsOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly chunksLock: string;
  isStopped(): boolean;
}

/** How a sweep changes the database. */
interface Slicer {
  /** Runs `work` in a transaction. */
  change<T>(work: (ledger: Ledger) => Promise<T>): Promise<T>;
  /**
   * One transaction after the other, the page's own work between them, until one finds fewer rows than it could take.
   * Each takes about as many as the storage managed in time before.
   */
  slices(work: (ledger: Ledger, most: number) => Promise<number>): Promise<void>;
}

interface Rest {
  readonly root: RootRow;
  readonly functions: readonly (readonly [key: string, row: unknown])[];
  readonly hasChunks: boolean;
}

const dayMs = 24 * 3600_000;
const unseenMs = 30 * dayMs;
const unseenNamedMs = 365 * dayMs;
/** A read that comes meanwhile waits for the slice's transaction: WebKit deletes 500 rows in 200 to 400 ms, Firefox in 50. */
const sliceMs = 100;
const rowsAtFirst = 100;
const fewestRows = 10;
const mostRows = 500;
/** Without locks a writer of chunks is taken for dead after this time. */
const deadWriterMs = 3600_000;

function createSlicer({ database, clock, isStopped }: SweepStepsOptions): Slicer {
  let rowsPerSlice = rowsAtFirst;
  const change: Slicer['change'] = (work) =>
    database.use('readwrite', async (store) => {
      const ledger = await Ledger.open(tablesOf(store), clock.now(), {});
      const result = await work(ledger);
      ledger.save();
      return result;
    });
  return {
    change,
    async slices(work) {
      for (;;) {
        await new Promise<void>((resolve) => clock.whenIdle(resolve, 1000));
        if (isStopped()) return;
        const most = rowsPerSlice;
        const begin = clock.monotonic();
        const found = await change((ledger) => work(ledger, most));
        const fitting = most * (sliceMs / Math.max(1, clock.monotonic() - begin));
        rowsPerSlice = Math.round(Math.min(mostRows, 2 * most, Math.max(fewestRows, fitting)));
        if (found < most) return;
      }
    },
  };
}

/**
 * Removes what is expired. Returns what else may be to do, seen in the last transaction: a sweep that finds nothing makes
 * this one only.
 */
async function removeExpired({ slices }: Slicer): Promise<Rest> {
  // an index keeps deleted rows for a while, so no slice looks through those of the slices before
  let from: number | undefined;
  let rest: Rest = { root: noRoot, functions: [], hasChunks: false };
  await slices(async (ledger, most) => {
    const { rows, upTo } = await dropExpired(ledger, most, from);
    from = upTo;
    if (rows < most) {
      const { functions, chunks } = ledger.tables;
      const [keys, all, pieces] = await Promise.all([
        resultOf(functions.getAllKeys()),
        resultOf<unknown[]>(functions.getAll()),
        resultOf(chunks.getAllKeys(null, 1)),
      ]);
      const { root } = ledger;
      rest = { root, functions: keys.map((key, i) => [String(key), all[i]]), hasChunks: pieces.length > 0 };
    }
    return rows;
  });
  return rest;
}

/**
 * Removes rows of older epochs.
 *
 * @param identity - of one function; `undefined`: of all
 * @param then - called in the transaction that takes the last of them
 */
async function removeCleared(
  { slices }: Slicer,
  identity: string | undefined,
  then?: (ledger: Ledger) => void,
): Promise<void> {
  const prefix = identity === undefined ? '' : `${functionKey(identity)}/`;
  let after: string | undefined;
  await slices(async (ledger, most) => {
    const range = IDBKeyRange.bound(after ?? prefix, prefix ? `${prefix}\uffff` : [], after !== undefined, true);
    const rows = await metaRows(ledger.tables.meta, range, most);
    await loadFor(ledger, rows);
    await removeRows(
      ledger,
      rows.filter(([, row]) => !isMetaRow(row) || (row.e >= 0 && !ledger.isLive(row))),
      rows.map(([key]) => key),
    );
    after = rows.at(-1)?.[0];
    if (rows.length < most) {
      if (identity !== undefined) await ledger.load({ identities: [identity] });
      then?.(ledger);
    }
    return rows.length;
  });
}

/** Removes what clears have left, the stamps of tags, and functions that nobody has called for long. */
async function tidyFunctions(slicer: Slicer, { root, functions }: Rest, now: number): Promise<void> {
  const forget = (key: string): Promise<unknown> =>
    slicer.change(async ({ tables }) => void tables.functions.delete(key));
  const everything = Math.max(root.cleared, root.tags ?? 0);
  if (everything > (root.swept ?? 0))
    await removeCleared(slicer, undefined, (ledger) => ledger.changeRoot({ swept: everything }));
  for (const [key, row] of functions) {
    if (key === rootKey) continue;
    if (key.startsWith('#')) {
      // its rows are gone, and so are the runs that began before it
      const { at = 0 } = (row ?? {}) as { at?: number };
      if (stampOf(row) <= everything && now - at > dayMs) await forget(key);
      continue;
    }
    if (!isFunctionRow(row)) continue; // counted anew by the next write
    const identity = decodeURIComponent(key);
    if (now - row.seenAt > (row.named ? unseenNamedMs : unseenMs)) {
      await slicer.change(async (ledger) => {
        await ledger.load({ identities: [identity] });
        const epoch = ledger.root.epoch + 1;
        ledger.changeRoot({ epoch });
        ledger.clearFunction(identity, epoch);
      });
      await removeCleared(slicer, identity);
      await forget(key);
    } else if (row.cleared > Math.max(row.swept ?? 0, root.cleared)) {
      await removeCleared(slicer, identity, (ledger) => ledger.changeFunction(identity, { swept: row.cleared }));
    }
  }
}

/** Removes pieces of big values whose row was never written. */
const removeOrphans = ({ change }: Slicer, chunksLock: string): Promise<void> =>
  withLock(chunksLock, { ifAvailable: true }, async (held) => {
    if (!held) return;
    const hasLocks = Boolean(globalThis.navigator?.locks);
    await change(async ({ now, tables: { chunks, values } }) => {
      const revisions = new Map<string, [key: string, revision: string]>();
      for (const [key, revision] of (await resultOf(chunks.getAllKeys())) as [string, string][])
        revisions.set(`${revision} ${key}`, [key, revision]);
      for (const [key, revision] of revisions.values()) {
        const row = (await resultOf<unknown>(values.get(key))) as { revision?: unknown } | undefined;
        if (row?.revision === revision) continue;
        if (!hasLocks && now - Number.parseInt(revision, 36) < deadWriterMs) continue;
        chunks.delete(chunksOf(key, revision));
      }
    });
  });

/** Removes rows that nobody can see any more. Rejects when the storage is in trouble: the next sweep goes on. */
export async function removeDead(options: SweepStepsOptions): Promise<void> {
  const slicer = createSlicer(options);
  const rest = await removeExpired(slicer);
  await tidyFunctions(slicer, rest, options.clock.now());
  if (rest.hasChunks) await removeOrphans(slicer, options.chunksLock);
}
