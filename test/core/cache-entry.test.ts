import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ageOf, entryTimes } from '../../src/core/cache-entry.js';
import { chooseEvictions } from '../../src/core/eviction.js';

const s = 1000;
const forever = Infinity;

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

describe('chooseEvictions', () => {
  const row = (id: number, usedAt: number, bytes = 1, uselessAt = forever) => ({ id, usedAt, bytes, uselessAt });
  const ids = (rows: { id: number }[]) => rows.map(({ id }) => id);

  it('[CAC-86] lets the least recently used go', () => {
    const rows = [row(0, 3), row(1, 2), row(2, 4)];
    expect(ids(chooseEvictions(rows, { maxEntries: 2 }, 10))).toEqual([1]);
    expect(ids(chooseEvictions(rows, { maxEntries: 1 }, 10, rows[2]))).toEqual([1, 0]);
    expect(chooseEvictions(rows, { maxEntries: 3 }, 10)).toEqual([]);
    expect(chooseEvictions(rows, {}, 10)).toEqual([]);
  });

  it('[CAC-88] lets expired ones go first, and only where the limit asks for it', () => {
    const rows = [row(0, 1), row(1, 9, 1, 5), row(2, 4)];
    expect(ids(chooseEvictions(rows, { maxEntries: 2 }, 5))).toEqual([1]);
    expect(ids(chooseEvictions(rows, { maxEntries: 2 }, 4))).toEqual([0]);
    expect(chooseEvictions(rows, { maxEntries: 3 }, 5)).toEqual([]);
  });

  it('[CAC-90] counts bytes', () => {
    const rows = Array.from({ length: 10 }, (_, i) => row(i, i, 300_000));
    expect(ids(chooseEvictions(rows, { maxBytes: 1e6 }, 0, rows[9]))).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it('leaves what keeps the limits, and no more than needed goes', () => {
    const arbitrary = fc.array(fc.record({ usedAt: fc.nat(20), bytes: fc.nat(50), uselessAt: fc.nat(40) }), {
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(
        arbitrary,
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 200 }),
        (rows, maxEntries, maxBytes) => {
          const keep = rows[0]!;
          const gone = new Set(chooseEvictions(rows, { maxEntries, maxBytes }, 20, keep));
          const left = rows.filter((one) => !gone.has(one));
          const fits = (list: typeof rows) =>
            list.length <= maxEntries && list.reduce((sum, one) => sum + one.bytes, 0) <= maxBytes;
          expect(gone.has(keep)).toBe(false);
          expect(fits(left) || left.length === 1).toBe(true);
          const last = [...gone].at(-1);
          if (last) expect(fits([...left, last])).toBe(false);
          const isDead = (one: (typeof rows)[0]) => one.uselessAt <= 20;
          if ([...gone].some((one) => !isDead(one)))
            expect(left.every((one) => one === keep || !isDead(one))).toBe(true);
        },
      ),
    );
  });
});
