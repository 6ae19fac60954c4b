/** What decides whether a row stays. Times in ms since 1970. */
export interface EvictionRow {
  readonly usedAt: number;
  readonly bytes: number;
  /** From then on it serves nobody. */
  readonly uselessAt: number;
}

export interface EvictionLimits {
  readonly maxEntries?: number | undefined;
  readonly maxBytes?: number | undefined;
}

/**
 * Which rows go so that the rest keeps the limits: expired ones first, then the least recently used.
 * Nothing goes while the limits hold, expired rows neither.
 *
 * @param rows - all rows of a function, a new one included
 * @param keep - the row that was just written: never goes
 */
export function chooseEvictions<R extends EvictionRow>(
  rows: Iterable<R>,
  { maxEntries = Number.POSITIVE_INFINITY, maxBytes = Number.POSITIVE_INFINITY }: EvictionLimits,
  now: number,
  keep?: R,
): R[] {
  const all = [...rows];
  let entries = all.length;
  let bytes = all.reduce((sum, row) => sum + row.bytes, 0);
  const evicted: R[] = [];
  if (entries <= maxEntries && bytes <= maxBytes) return evicted;
  const isAlive = (row: R): number => (row.uselessAt <= now ? 0 : 1);
  for (const row of all.sort((a, b) => isAlive(a) - isAlive(b) || a.usedAt - b.usedAt)) {
    if (entries <= maxEntries && bytes <= maxBytes) break;
    if (row === keep) continue;
    evicted.push(row);
    entries--;
    bytes -= row.bytes;
  }
  return evicted;
}
