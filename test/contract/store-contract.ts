// What every store must do; tests of stores call it.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CacheStore, StoredEntry } from '../../src/index.js';

export const entry = (value: unknown, more: Partial<StoredEntry> = {}): StoredEntry => ({
  format: 1,
  value,
  createdAt: 1_700_000_000_000,
  expiresAt: null,
  staleUntil: null,
  bytes: 8,
  ...more,
});

/** Values that every store holds. */
export const values: Record<string, unknown> = {
  undefined: undefined,
  null: null,
  'negative zero': -0,
  NaN: Number.NaN,
  bigint: 2n ** 70n,
  text: 'ü "%2F" \u0000 \ud83d\ude00',
  list: [1, [2, { a: [] }], null],
  'own __proto__': JSON.parse('{"__proto__": {"a": 1}, "constructor": 2}'),
  date: new Date(1_700_000_000_000),
  map: new Map<unknown, unknown>([
    ['a', new Set([1, 'b'])],
    [2, new Date(0)],
  ]),
  bytes: new Uint8Array([0, 1, 255]),
  floats: new Float64Array([0.1, -0, Number.NaN, Number.POSITIVE_INFINITY]),
  buffer: new Uint8Array([7, 8, 9]).buffer,
  nested: { deep: { bytes: new Uint16Array([1, 65535]), at: new Date(5), big: 7n } },
};

/** Keys as a cache makes them: identity and argument key, percent-encoded. */
export const keys = [
  'load/1',
  'Load/1',
  'load/"a"',
  'load/%22a%22',
  'load/%22A%22',
  'load/',
  'other%2Fname/1',
  'lo%61d/..%2F..',
  `long/${'x'.repeat(600)}`,
  `long/${'x'.repeat(200)}`,
];

/**
 * The contract of {@link CacheStore}, the same for all.
 */
export function storeContract(name: string, make: () => CacheStore | Promise<CacheStore>): void {
  describe(`[CAC-206] ${name}`, () => {
    let store: CacheStore;
    const many = (wanted: string[]): Promise<(StoredEntry | undefined)[]> =>
      store.getMany ? store.getMany(wanted) : Promise.all(wanted.map((key) => store.get(key)));

    beforeEach(async () => {
      store = await make();
      await store.clear('');
    });
    afterEach(async () => {
      await store.clear('');
      store.close?.();
    });

    it('has undefined for a missing key', async () => {
      expect(await store.get('load/1')).toBe(undefined);
      expect(await many(['load/1', 'load/2'])).toEqual([undefined, undefined]);
    });

    it.each(Object.keys(values))('gives back what was set: %s', async (kind) => {
      const stored = entry(values[kind], {
        expiresAt: 1_800_000_000_000,
        staleUntil: 1_900_000_000_000,
        bytes: 42,
        tags: ['a', 'b c'],
        messages: [{ at: new Date(3) }, 'text'],
      });
      await store.set('load/1', stored);
      const found = await store.get('load/1');
      expect(found).toStrictEqual(stored);
    });

    it('keeps times without an end', async () => {
      await store.set('load/1', entry(1));
      const found = await store.get('load/1');
      expect([found?.expiresAt, found?.staleUntil]).toEqual([null, null]);
    });

    it('keeps every key apart', async () => {
      for (const [i, key] of keys.entries()) await store.set(key, entry(i));
      for (const [i, key] of keys.entries()) expect((await store.get(key))?.value, key).toBe(i);
      expect((await many(keys)).map((found) => found?.value)).toEqual(keys.map((_key, i) => i));
      await store.delete(keys[0] as string);
      expect((await many(keys)).map((found) => found?.value)).toEqual([
        undefined,
        ...keys.slice(1).map((_k, i) => i + 1),
      ]);
    });

    it('replaces', async () => {
      await store.set('load/1', entry('old', { tags: ['a'] }));
      await store.set('load/1', entry('new'));
      expect(await store.get('load/1')).toStrictEqual(entry('new'));
    });

    it('misses after delete, and deletes twice', async () => {
      await store.set('load/1', entry(1));
      await store.delete('load/1');
      await store.delete('load/1');
      expect(await store.get('load/1')).toBe(undefined);
    });

    it('clears one function, and everything', async () => {
      const all = ['a/1', 'a/2', 'ab/1', 'A/1', 'b/a%2F1'];
      for (const key of all) await store.set(key, entry(key));
      await store.clear('a/');
      expect((await many(all)).map((found) => found?.value)).toEqual([undefined, undefined, 'ab/1', 'A/1', 'b/a%2F1']);
      await store.clear('none/');
      await store.clear('');
      expect(await many(all)).toEqual(all.map(() => undefined));
    });

    it('works on after close', async () => {
      await store.set('load/1', entry(1));
      store.close?.();
      await store.set('load/2', entry(2));
      expect((await store.get('load/2'))?.value).toBe(2);
    });
  });
}
