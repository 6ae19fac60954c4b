import { describe, expect, it } from 'vitest';
import { createCache } from '../../src/cache/create-cache.js';
import type { CacheStore, StoredEntry } from '../../src/stores/store.js';

function recordingStore(): {
  store: CacheStore;
  calls: string[];
  rows: Map<string, StoredEntry>;
  fail(error?: Error): void;
} {
  const calls: string[] = [];
  const rows = new Map<string, StoredEntry>();
  let failure: Error | undefined;
  const told = async <T>(call: string, result: () => T): Promise<T> => {
    calls.push(call);
    if (failure) throw failure;
    return result();
  };
  return {
    calls,
    rows,
    fail: (error) => void (failure = error),
    store: {
      get: (key) => told(`get ${key}`, () => rows.get(key)),
      set: (key, entry) => told(`set ${key}`, () => void rows.set(key, entry)),
      delete: (key) => told(`delete ${key}`, () => void rows.delete(key)),
      clear: (prefix) =>
        told(`clear ${prefix}`, () => {
          for (const key of rows.keys()) if (key.startsWith(prefix)) rows.delete(key);
        }),
    },
  };
}

describe('createCache({ store })', () => {
  it('[CAC-205] calls an own store with its verbs; what it does not have is a miss', async () => {
    const { store, calls, rows } = recordingStore();
    let runs = 0;
    const make = () => createCache({ store }).cacheData(async (x: string) => ({ x, run: ++runs }), { name: 'own/f' });
    const f = make();
    const value = await f('a b');
    await f.info();
    const [key] = [...rows.keys()] as [string];
    expect(key.split('/')).toHaveLength(2);
    expect(decodeURIComponent(key.split('/')[0]!)).toBe('own/f');
    expect(rows.get(key)).toMatchObject({ format: 1, value, expiresAt: Infinity });
    expect(new Set(calls.map((call) => call.split(' ')[0]))).toEqual(new Set(['get', 'set']));
    expect(await make()('a b')).toEqual(value);
    expect(runs).toBe(1);
    await f.clear('a b');
    await f.clear();
    expect(calls.slice(-2)).toEqual([`delete ${key}`, 'clear own%2Ff/']);
    expect(rows.size).toBe(0);
    expect(await f('a b')).toEqual({ x: 'a b', run: 2 });
  });

  it('[CAC-205] computes when the store fails, with one warning', async () => {
    const { store, fail } = recordingStore();
    const codes: string[] = [];
    const { cacheData } = createCache({ store, onWarning: ({ code }) => codes.push(code) });
    const f = cacheData(async (x: number) => x * 2, { name: 'failing' });
    fail(new Error('down'));
    expect(await Promise.all([f(1), f(2), f(1)])).toEqual([2, 4, 2]);
    await f.info();
    expect(await f(1)).toBe(2);
    expect(codes).toEqual(['cache-storage']);
  });

  it('[CAC-123] remembers the clear of a tag in the store', async () => {
    const { store } = recordingStore();
    let runs = 0;
    const make = () => {
      const { cacheData } = createCache({ store });
      return { cacheData, f: cacheData(async (x: string) => `${x}${++runs}`, { name: 'tagged', tags: (x) => [x] }) };
    };
    const { cacheData, f } = make();
    await Promise.all([f('a'), f('b')]);
    await f.info();
    await cacheData.clear({ tag: 'a' });
    await new Promise((resolve) => setTimeout(resolve, 5));
    const later = make().f;
    expect(await later('b')).toBe('b2');
    expect(await later('a')).toBe('a3');
  });

  it('[CAC-122] clear of everything reaches a store whose function was not called on this page', async () => {
    const { store, rows } = recordingStore();
    const declare = () => {
      const { cacheData } = createCache({ name: 'declared' });
      return { cacheData, f: cacheData(async (x: string) => x, { name: 'declared', store, tags: ['all'] }) };
    };
    for (const target of [undefined, { tag: 'all' }]) {
      const before = declare();
      await before.f('a');
      await before.f.info();
      expect(rows.has('declared/%22a%22')).toBe(true);
      const after = declare();
      await after.cacheData.clear(target);
      let runs = 0;
      const { cacheData } = createCache({ name: 'declared' });
      const f = cacheData(async (x: string) => x + ++runs, { name: 'declared', store });
      await f('a');
      await f.info();
      expect(runs).toBe(1);
      rows.clear();
    }
  });
});
