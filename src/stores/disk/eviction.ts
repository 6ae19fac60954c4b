import { resultOf } from '../../browser/indexed-db.js';
import type { Limits } from '../../cache/tier.js';
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

/** Rows that are useless at `now`, in the order of their end. */
export const expiredRows = (meta: IDBObjectStore, now: number, limit: number): Promise<[key: string, row: MetaRow][]> =>
  metaRows(meta.index('x'), IDBKeyRange.upperBound(now), limit);

/** Takes away rows that are useless now, at most `limit`; `chosen` picks by key. Returns how many bytes they had. */
export async function dropExpired(
  ledger: Ledger,
  now: number,
  limit: number,
  chosen?: (key: string) => boolean,
): Promise<{ rows: number; bytes: number }> {
  const { meta } = ledger.tables;
  let found: [string, unknown][];
  if (chosen) {
    const keys = await resultOf(meta.index('x').getAllKeys(IDBKeyRange.upperBound(now), limit));
    found = await Promise.all(
      keys
        .map(String)
        .filter(chosen)
        .map(async (key) => [key, await resultOf(meta.get(key))] as [string, unknown]),
    );
  } else found = await expiredRows(meta, now, limit);
  await loadFor(ledger, found);
  await ledger.removeAll(found);
  return { rows: found.length, bytes: bytesOf(found) };
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
  const prefix = `${functionKey(identity)}/`;
  await dropExpired(ledger, now, 500, (key) => key.startsWith(prefix));
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
