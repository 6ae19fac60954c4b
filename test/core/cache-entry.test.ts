// How old an entry is.
import { describe, expect, it } from 'vitest';
import { ageOf, type EntryTimes, type Reader } from '../../src/core/cache-entry.js';

const s = 1000;
const forever = Infinity;
const entryTimes = (createdAt: number, { ttlMs, maxStaleMs }: Reader): EntryTimes => ({
  createdAt,
  expiresAt: createdAt + ttlMs,
  staleUntil: createdAt + ttlMs + maxStaleMs,
});

describe('ageOf', () => {
  it('[CAC-75] is no longer fresh at age = ttl', () => {
    const reader = { ttlMs: 10 * s, maxStaleMs: 0 };
    const entry = entryTimes(0, reader);
    expect([0, 9999, 10_000, 20_000].map((now) => ageOf(entry, reader, now))).toEqual([
      'fresh',
      'fresh',
      'expired',
      'expired',
    ]);
  });

  it('[CAC-96] is stale between ttl and ttl + maxStale', () => {
    const reader = { ttlMs: 10 * s, maxStaleMs: 10 * s };
    const entry = entryTimes(0, reader);
    expect([9.9, 10, 19.9, 20].map((t) => ageOf(entry, reader, t * s))).toEqual(['fresh', 'stale', 'stale', 'expired']);
    expect(ageOf(entry, { ttlMs: 10 * s, maxStaleMs: 0 }, 10 * s)).toBe('expired');
  });

  it('[CAC-78] never expires without ttl; ttl 0 is never fresh', () => {
    const reader = { ttlMs: forever, maxStaleMs: forever };
    expect(ageOf(entryTimes(0, reader), reader, 1e15)).toBe('fresh');
    const never = { ttlMs: 0, maxStaleMs: 0 };
    expect(ageOf(entryTimes(5, never), never, 5)).toBe('expired');
  });

  it("[CAC-83] ends by the earlier of the stored and the reader's times", () => {
    const long = { ttlMs: 100 * s, maxStaleMs: 0 };
    const short = { ttlMs: 10 * s, maxStaleMs: 0 };
    expect(ageOf(entryTimes(0, long), short, 50 * s)).toBe('expired');
    expect(ageOf(entryTimes(0, short), long, 50 * s)).toBe('expired');
    expect(ageOf(entryTimes(0, long), long, 50 * s)).toBe('fresh');
  });

  it('[CAC-82] follows whichever clock says later, and distrusts the future', () => {
    const reader = { ttlMs: 60 * s, maxStaleMs: 0 };
    const entry = entryTimes(3600 * s, reader);
    // the wall clock was set back by an hour
    expect(ageOf(entry, reader, 0, 61 * s)).toBe('expired');
    expect(ageOf(entry, reader, 0)).toBe('expired');
    expect(ageOf(entry, reader, 3600 * s - 60 * s)).toBe('fresh');
    expect(ageOf(entry, reader, 3600 * s - 59 * s, 61 * s)).toBe('expired');
    expect(ageOf(entry, reader, 3600 * s + 61 * s, 1 * s)).toBe('expired');
  });
});
