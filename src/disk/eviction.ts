// Which rows go: what is useless, and what was used least recently, so that limits hold or that there is room.
import { type Database, resultOf } from '../browser/indexed-db.js';
import type { Limits } from './entry.js';
import { Ledger } from './ledger.js';
import { functionKey, isMetaRow, type MetaRow, metaRows, rangeOf, tablesOf } from './tables.js';

/** Last uses that are not on disk yet: key of the entry to time. */
type Uses = ReadonlyMap<string, number>;

type Rows = readonly (readonly [key: string, row: unknown])[];

/** Useless rows of a function that go at once, at most, when its limits are exceeded. */
const mostExpired = 500;
/** Least recently used rows that are looked at first; twice as many each time that this was not enough. */
const fewest = 8;

const bytesOf = (row: unknown): number => (isMetaRow(row) ? row.n : 0);

export async function loadFor(ledger: Ledger, rows: Rows): Promise<void> {
  const known = rows.map(([, row]) => row).filter(isMetaRow);
  await ledger.load({ identities: new Set(known.map(({ f }) => f)), tags: new Set(known.flatMap(({ t }) => t ?? [])) });
}

/** Fewer keys are not worth a look at what lies between them. */
const fewestInRun = 8;

/**
 * Keys to delete, neighbours as one range: a request that takes hundreds of rows costs little more than one that takes
 * a single row. What expires or is cleared together mostly lies together.
 *
 * @param all - all keys of the store from the first to the last of these, in order, if they are known
 */
async function runsOf(
  store: IDBObjectStore,
  keys: readonly string[],
  all?: readonly unknown[],
): Promise<(string | IDBKeyRange)[]> {
  if (keys.length < fewestInRun) return [...keys];
  const left = new Set([...keys].sort());
  const [first, last] = [[...left][0], [...left].at(-1)];
  const runs: (string | IDBKeyRange)[] = [];
  let run: string[] = [];
  const end = (): void => {
    if (run.length > 1) runs.push(IDBKeyRange.bound(run[0], run.at(-1)));
    else runs.push(...run);
    run = [];
  };
  for (const key of all ?? (await resultOf(store.getAllKeys(IDBKeyRange.bound(first, last), 2 * keys.length))))
    if (left.delete(key as string)) run.push(key as string);
    else end();
  end();
  // `left` has the keys behind the last one that was looked at
  return [...runs, ...left];
}

/**
 * Takes many rows away, whatever their shape.
 *
 * @param all - all keys of `meta` from the first to the last of them, in order, if they are known
 */
export async function removeRows(ledger: Ledger, rows: Rows, all?: readonly string[]): Promise<void> {
  const { meta, values } = ledger.tables;
  for (const [key, row] of rows) if (isMetaRow(row)) ledger.forget(key, row);
  const keys = rows.map(([key]) => key);
  for (const run of await runsOf(meta, keys, all)) {
    values.delete(run);
    meta.delete(run);
  }
}

async function dropRows(ledger: Ledger, rows: Rows): Promise<void> {
  await loadFor(ledger, rows);
  await removeRows(ledger, rows);
}

/** Rows that are useless at `now`, in the order of their end, which is not before `from`. */
export const expiredRows = (
  meta: IDBObjectStore,
  now: number,
  limit: number,
  from: number = -Infinity,
): Promise<[key: string, row: MetaRow][]> => metaRows(meta.index('x'), IDBKeyRange.bound(from, now), limit);

/** Takes away rows that are useless now, at most `limit`. Returns how many, their bytes and the end of the last one. */
export async function dropExpired(
  ledger: Ledger,
  limit: number,
  from?: number,
): Promise<{ rows: number; bytes: number; upTo: number | undefined }> {
  const found = await expiredRows(ledger.tables.meta, ledger.now, limit, from);
  await dropRows(ledger, found);
  return {
    rows: found.length,
    bytes: found.reduce((sum, [, row]) => sum + bytesOf(row), 0),
    upTo: found.at(-1)?.[1].x,
  };
}

/** The same for the rows of one function. */
async function dropExpiredOf(ledger: Ledger, identity: string): Promise<void> {
  const { meta } = ledger.tables;
  const prefix = `${functionKey(identity)}/`;
  const keys = await resultOf(meta.index('x').getAllKeys(IDBKeyRange.upperBound(ledger.now), mostExpired));
  const own = keys.map(String).filter((key) => key.startsWith(prefix));
  await dropRows(
    ledger,
    await Promise.all(own.map(async (key) => [key, await resultOf<unknown>(meta.get(key))] as const)),
  );
}

/** Deletes expired rows, then least recently used ones of all functions: twice these bytes. */
export const makeRoom = (database: Database, now: number, bytes: number, uses: Uses): Promise<void> =>
  database.use('readwrite', async (store) => {
    const ledger = await Ledger.open(tablesOf(store), now, {});
    const expired = await dropExpired(ledger, 5000);
    const wanted = 2 * bytes - expired.bytes;
    if (wanted > 0) await dropInOrder(ledger, undefined, uses, (freed) => freed < wanted);
    ledger.save();
  });

/** Deletes all entries, and writes nothing: where there is no room for a single byte, only that is taken. */
export const dropAll = (database: Database): Promise<void> =>
  database.use('readwrite', (store) => {
    const { values, meta, chunks } = tablesOf(store);
    for (const table of [values, meta, chunks]) table.clear();
  });

/** What goes of a function so that its limits hold: useless entries first, then the least recently used ones. */
export async function holdLimits(ledger: Ledger, identity: string, limits: Limits, uses: () => Uses): Promise<void> {
  const { maxEntries = Infinity, maxBytes = Infinity } = limits;
  const isOver = (): boolean => {
    const { entries, bytes } = ledger.functionRow(identity);
    return entries > maxEntries || bytes > maxBytes;
  };
  if (!isOver()) return;
  await dropExpiredOf(ledger, identity);
  if (isOver()) await dropInOrder(ledger, identity, uses(), isOver);
}

/** Takes away rows of one function or of all, least recently used first, as long as `goesOn` says so. */
async function dropInOrder(
  ledger: Ledger,
  identity: string | undefined,
  uses: Uses,
  goesOn: (freed: number) => boolean,
): Promise<void> {
  const { meta, values } = ledger.tables;
  const [index, range] = identity === undefined ? [meta.index('u'), null] : [meta.index('f,u'), rangeOf(identity)];
  const usedAt = ([key, { u }]: [string, MetaRow]): number => Math.max(u, uses.get(key) ?? 0);
  let freed = 0;
  for (let limit = uses.size + fewest; goesOn(freed); limit *= 2) {
    const rows = await metaRows(index, range, limit);
    const last = rows.at(-1);
    if (!last) return;
    await loadFor(ledger, rows);
    // an entry with a pending touch may have been used after rows that this round does not see
    const seenUpTo = rows.length < limit ? Infinity : last[1].u;
    for (const [key, row] of rows.sort((a, b) => usedAt(a) - usedAt(b))) {
      if (!goesOn(freed)) return;
      if (usedAt([key, row]) > seenUpTo) break;
      freed += bytesOf(row);
      if (isMetaRow(row)) ledger.remove(key, row);
      else {
        values.delete(key);
        meta.delete(key);
      }
    }
  }
}
