// Entries of the cache as the public stores have them, and back.
import { readSnapshot, takeSnapshot } from '../core/values/snapshot.js';
import type { CacheEntry } from '../disk/entry.js';
import { classes } from '../registered-classes.js';
import type { StoredEntry } from './store.js';

const format = 1;

// JSON has no Infinity
const toTime = (at: number): number | null => (at === Infinity ? null : at);
const isTime = (at: unknown): at is number | null => at === null || (typeof at === 'number' && !Number.isNaN(at));

type Facts = Pick<CacheEntry, 'createdAt' | 'expiresAt' | 'staleUntil' | 'bytes' | 'tags' | 'messages'>;

/** An entry as stores get it; JSON carries all of it but perhaps the value. */
export const toStored = (
  value: unknown,
  { createdAt, expiresAt, staleUntil, bytes, tags, messages }: Facts,
): StoredEntry => ({
  format,
  value,
  createdAt,
  expiresAt: toTime(expiresAt),
  staleUntil: toTime(staleUntil),
  bytes,
  ...(tags?.length && { tags: [...tags] }),
  ...(messages && { messages: readSnapshot(messages) as unknown[] }),
});

/**
 * What a store gave back; `undefined` for all that `toStored` does not write.
 *
 * @throws NotStorable for a value that cannot be copied
 */
export function fromStored(row: unknown): CacheEntry | undefined {
  const { value, messages, tags, createdAt, expiresAt, staleUntil, bytes, ...rest } = (row ?? {}) as StoredEntry;
  if (rest.format !== format || !isTime(expiresAt) || !isTime(staleUntil)) return undefined;
  if (!Number.isFinite(createdAt) || !Number.isFinite(bytes)) return undefined;
  return {
    snapshot: takeSnapshot(value, { classes }),
    createdAt,
    expiresAt: expiresAt ?? Infinity,
    staleUntil: staleUntil ?? Infinity,
    bytes,
    epoch: 0,
    ...(Array.isArray(tags) && { tags }),
    ...(Array.isArray(messages) && { messages: takeSnapshot(messages, { classes }) }),
  };
}
