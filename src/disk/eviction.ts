import { resultOf } from '../browser/indexed-db.js';
import type { Limits } from '../tiers/tier.js';
import type { Ledger } from './ledger.js';
import { functionKey, isMetaRow, type MetaRow, metaRows, rangeOf } from './tables.js';

/** Last uses that are not on disk yet: key of the entry to time. */
type Uses = ReadonlyMap<string, number>;

/** Takes away a row whatever its shape. */
function drop(ledger: Ledger, key: string, row: unknown): void {
  if (isMetaRow(row)) ledger.remove(key, row);
  else {
    ledger.tables.values.delete(key);
    ledger.tables.meta.delete(key);
  }
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
  now: number,
  limit: number,
  from?: number,
): Promise<{ rows: number; bytes: number; upTo: number | undefined }> {
  const found = await expiredRows(ledger.tables.meta, now, limit, from);
  await dropRows(ledger, found);
  return { rows: found.length, bytes: bytesOf(found), upTo: found.at(-1)?.[1].x };
}

/** The same for the rows of one function. */
async function dropExpiredOf(ledger: Ledger, identity: string, now: number, limit: number): Promise<void> {
  const { meta } = ledger.tables;
  const prefix = `${functionKey(identity)}/`;
  const keys = await resultOf(meta.index('x').getAllKeys(IDBKeyRange.upperBound(now), limit));
  const own = keys.map(String).filter((key) => key.startsWith(prefix));
  await dropRows(
    ledger,
    await Promise.all(own.map(async (key): Promise<[string, unknown]> => [key, await resultOf(meta.get(key))])),
  );
}

async function dropRows(ledger: Ledger, rows: readonly [string, unknown][]): Promise<void> {
  await loadFor(ledger, rows);
  await ledger.removeAll(rows);
}

/** Rows of all functions, least recently used first, until they add up to `bytes`. */
export async function dropLeastUsed(ledger: Ledger, bytes: number, touches: Uses): Promise<void> {
  await dropInOrder(ledger, 'u', null, touches, (freed) => freed < bytes);
}

/** What goes of a function so that its limits hold: useless entries first, then the least recently used ones. */
export async function holdLimits(
  ledger: Ledger,
  identity: string,
  limits: Limits,
  now: number,
  touches: () => Uses,
): Promise<void> {
  const { maxEntries = Infinity, maxBytes = Infinity } = limits;
  const isOver = (): boolean => {
    const { entries, bytes } = ledger.functionRow(identity);
    return entries > maxEntries || bytes > maxBytes;
  };
  if (!isOver()) return;
  await dropExpiredOf(ledger, identity, now, 500);
  if (isOver()) await dropInOrder(ledger, 'f,u', rangeOf(identity), touches(), isOver);
}

async function dropInOrder(
  ledger: Ledger,
  index: string,
  range: IDBKeyRange | null,
  touches: Uses,
  goesOn: (freed: number) => boolean,
): Promise<void> {
  let freed = 0;
  for (let limit = touches.size + 8; goesOn(freed); limit *= 2) {
    const rows = await metaRows(ledger.tables.meta.index(index), range, limit);
    if (rows.length === 0) return;
    await loadFor(ledger, rows);
    const usedAt = ([key, { u }]: [string, MetaRow]): number => Math.max(u, touches.get(key) ?? 0);
    // one with a late touch may have been used after rows that this round does not see
    const seenUpTo = rows.length < limit ? Infinity : (rows.at(-1) as [string, MetaRow])[1].u;
    for (const [key, row] of rows.sort((a, b) => usedAt(a) - usedAt(b))) {
      if (!goesOn(freed)) return;
      if (usedAt([key, row]) > seenUpTo) break;
      freed += isMetaRow(row) ? row.n : 0;
      drop(ledger, key, row);
    }
  }
}

const bytesOf = (rows: readonly [string, unknown][]): number =>
  rows.reduce((sum, [, row]) => sum + (isMetaRow(row) ? row.n : 0), 0);

export async function loadFor(ledger: Ledger, rows: readonly [string, unknown][]): Promise<void> {
  const known = rows.map(([, row]) => row).filter(isMetaRow);
  await ledger.load({ identities: new Set(known.map(({ f }) => f)), tags: new Set(known.flatMap(({ t }) => t ?? [])) });
}
