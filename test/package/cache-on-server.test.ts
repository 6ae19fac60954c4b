// The cache without a browser.
import { describe, expect, it, vi } from 'vitest';
import { isServer } from '../../src/cache/cache-state.js';
import { counted, failure, kinds, testCache } from '../helpers/caches.js';

describe.each(kinds)('on a server (%s)', (kind) => {
  it('[CAC-203] the function runs each time and nothing is kept', async () => {
    expect(isServer()).toBe(true);
    const fn = counted(async (x: number) => ({ x }));
    const { wrap, codes } = testCache();
    const f = wrap(kind, fn, kind === 'data' ? { persist: true } : {});
    expect(await f(1)).toEqual({ x: 1 });
    expect(await f(1)).toEqual({ x: 1 });
    await Promise.all([f(2), f(2)]);
    expect(fn.runs.length).toBe(4);
    await f['prime']({ x: 9 }, 1);
    expect(await f(1)).toEqual({ x: 1 });
    expect([await f['has'](1), f['peek'](1)]).toEqual([false, undefined]);
    expect((await f['info']()).entries).toBe(0);
    await f['clear']();
    const error = await failure(() => f(() => {}));
    expect(error.name).toBe('UnhashableParamError');
    expect(codes()).toEqual([]);
  });
});

describe('on a server', () => {
  it('[CAC-212] one name with two texts is told of nothing: servers build a module several times', async () => {
    const { wrap, codes } = testCache();
    for (const kind of kinds) {
      wrap(kind, async () => 1, { name: 'built' });
      wrap(kind, async () => 2, { name: 'built' });
    }
    expect(codes()).toEqual([]);
  });

  it('[CAC-203] a cache with a store of its own works', async () => {
    const rows = new Map<string, never>();
    const store = {
      get: async (key: string) => rows.get(key),
      set: async (key: string, entry: never) => void rows.set(key, entry),
      delete: async (key: string) => void rows.delete(key),
      clear: async () => rows.clear(),
    };
    const fn = counted(async (x: number) => ({ x }));
    const f = testCache({ store }).cacheData(fn, { name: 'stored' });
    expect([await f(1), await f(1)]).toEqual([{ x: 1 }, { x: 1 }]);
    expect(fn.runs.length).toBe(1);
    await f.info();
    expect(rows.size).toBe(1);
  });
});

describe('two copies of the library', () => {
  it('[CAC-204] share one cache: the default objects meet in the registry', async () => {
    const first = await import('../../src/cache/cache-data.js');
    vi.resetModules();
    const second = await import('../../src/cache/cache-data.js');
    const resources = await import('../../src/cache/cache-resource.js');
    vi.resetModules();
    const others = await import('../../src/cache/cache-resource.js');
    expect(second.cacheData).toBe(first.cacheData);
    expect(others.cacheResource).toBe(resources.cacheResource);
    const name = `copies ${Math.random()}`;
    const fn = counted(async () => 1);
    const rows = new Map<string, never>();
    const store = {
      get: async (key: string) => rows.get(key),
      set: async (key: string, entry: never) => void rows.set(key, entry),
      delete: async (key: string) => void rows.delete(key),
      clear: async () => rows.clear(),
    };
    const options = { name, store };
    await first.cacheData(fn, options)();
    await second.cacheData(fn, options)();
    expect(fn.runs.length).toBe(1);
  });
});
