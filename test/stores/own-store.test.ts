// A store of the user's, by the protocol alone.
import { describe, expect, it, vi } from 'vitest';
import { type CacheStore, createCache, memoryStore, type StoredEntry, tieredStore } from '../../src/index.js';

describe('a store of one’s own', () => {
  it('[CAC-205] hears the verbs of the protocol', async () => {
    const calls: [verb: string, key: string][] = [];
    const rows = new Map<string, StoredEntry>();
    const store: CacheStore = {
      async get(key) {
        calls.push(['get', key]);
        return rows.get(key);
      },
      async set(key, entry) {
        calls.push(['set', key]);
        rows.set(key, entry);
      },
      async delete(key) {
        calls.push(['delete', key]);
        rows.delete(key);
      },
      async clear(prefix) {
        calls.push(['clear', prefix]);
        for (const key of rows.keys()) if (key.startsWith(prefix)) rows.delete(key);
      },
    };
    const run = vi.fn((id: number) => ({ id }));
    const load = createCache({ store }).cacheData(run, { name: 'my load' });
    expect(await load(1)).toEqual({ id: 1 });
    await vi.waitFor(() => expect(rows.size).toBe(1));
    const [key] = rows.keys();
    expect(key).toMatch(/^my%20load(@[^/]*)?\/[^/]+$/);
    expect(rows.get(key as string)).toMatchObject({ format: 1, value: { id: 1 }, expiresAt: null });
    expect(calls.map(([verb]) => verb)).toEqual(expect.arrayContaining(['get', 'set']));

    // another page load
    const again = createCache({ store }).cacheData(run, { name: 'my load' });
    expect(await again(1)).toEqual({ id: 1 });
    expect(run).toHaveBeenCalledTimes(1);

    calls.length = 0;
    await again.clear(1);
    expect(calls).toContainEqual(['delete', key]);
    await again.clear();
    expect(calls).toContainEqual(['clear', (key as string).replace(/\/.*/, '/')]);
    expect(await again(1)).toEqual({ id: 1 });
    expect(run).toHaveBeenCalledTimes(2);
  });

  it('[CAC-205] may fail in every way: the value is computed, one warning', async () => {
    const failures: (() => never)[] = [
      () => {
        throw new Error('down');
      },
    ];
    for (const fail of [...failures, () => Promise.reject(new Error('down')) as never]) {
      const onWarning = vi.fn();
      const store: CacheStore = { get: fail, set: fail, delete: fail, clear: fail, close: fail };
      const run = vi.fn((id: number) => id * 2);
      const load = createCache({ store, onWarning }).cacheData(run, { name: `failing ${failures.indexOf(fail)}` });
      expect(await load(1)).toBe(2);
      expect(await load(2)).toBe(4);
      await load.clear();
      expect(await load(1)).toBe(2);
      await vi.waitFor(() => expect(onWarning).toHaveBeenCalled());
      expect(onWarning.mock.calls.map(([{ code }]) => code)).toEqual(['cache-storage']);
    }
  });

  it('[CAC-206] is not asked on a hit in memory', async () => {
    const near = memoryStore();
    const far = memoryStore();
    const gets = [vi.spyOn(near, 'get'), vi.spyOn(near, 'getMany'), vi.spyOn(far, 'get'), vi.spyOn(far, 'getMany')];
    const load = createCache({ store: tieredStore(near, far) }).cacheData((id: number) => [id], { name: 'hit' });
    await load(1);
    for (const get of gets) get.mockClear();
    expect(await load(1)).toEqual([1]);
    expect(await load(1)).not.toBe(await load(1));
    for (const get of gets) expect(get).not.toHaveBeenCalled();
  });
});
