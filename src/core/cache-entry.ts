/** When an entry was made and how long its writer meant it to serve. Times in ms since 1970; `Infinity`: for ever. */
export interface EntryTimes {
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly staleUntil: number;
}

/** The options of the function that reads. */
export interface Reader {
  readonly ttlMs: number;
  readonly maxStaleMs: number;
}

export type Age = 'fresh' | 'stale' | 'expired';

/** Entries from the future are the work of a clock that was set back; so much is a difference between clocks. */
const clockTolerance = 60_000;

/**
 * Whether an entry is fresh, stale or expired for this reader: the earlier of the stored times and of creation plus
 * the reader's own options counts. At age = ttl it is no longer fresh.
 *
 * @param now - the wall clock
 * @param elapsedMs - time since creation by the monotonic clock, where it is known: the later of both clocks counts
 */
export function ageOf(entry: EntryTimes, reader: Reader, now: number, elapsedMs = 0): Age {
  const { createdAt } = entry;
  if (createdAt - now > clockTolerance) return 'expired';
  const at = Math.max(now, createdAt + elapsedMs);
  if (at < Math.min(entry.expiresAt, createdAt + reader.ttlMs)) return 'fresh';
  return at < Math.min(entry.staleUntil, createdAt + reader.ttlMs + reader.maxStaleMs) ? 'stale' : 'expired';
}
