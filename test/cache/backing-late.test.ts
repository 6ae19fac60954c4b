// The door to a tier while the tier's code is still being loaded.
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createCacheData } from '../../src/cache/cache-data.js';
import { createState } from '../../src/cache/cache-state.js';
import { loadStored } from '../../src/cache/late.js';
import type { Warning } from '../../src/core/warning.js';
import type { Tier } from '../../src/tiers/tier.js';
import { type AnyCached, counted, deferred, failure, microtasks } from '../helpers/caches.js';
import { type FakeDisk, fakeDisk } from '../helpers/fake-tier.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
});
beforeAll(loadStored);
afterEach(() => vi.useRealTimers());

/** A page whose tiers arrive when `arrive` is called. */
function page(disk: FakeDisk = fakeDisk()) {
  const warnings: Warning[] = [];
  const state = createState(1e6, (warning) => warnings.push(warning));
  const code = deferred<Tier>();
  let loads = 0;
  const cacheData = createCacheData(state, {
    openTier: () => {
      loads++;
      return code.promise;
    },
  });
  return {
    disk,
    cacheData,
    warnings,
    loads: () => loads,
    arrive: async () => {
      code.resolve(disk.tier());
      await microtasks();
    },
    refuse: async () => {
      code.reject(new TypeError('Failed to fetch dynamically imported module'));
      await microtasks();
    },
    wrap: (fn: (...args: any[]) => any, options: object = {}) =>
      cacheData(fn, { name: 'f', ...options }) as unknown as AnyCached,
  };
}

/** Lets reads, runs and writes end. */
const settle = async (): Promise<void> => {
  for (let i = 0; i < 5; i++) {
    await microtasks();
    await new Promise<void>((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage(0);
    });
  }
};

describe('a tier whose code is loaded late', () => {
  it('is not loaded before a call needs it', async () => {
    const a = page();
    const f = a.wrap((x: number) => x);
    expect(a.loads()).toBe(0);
    const call = f(1);
    await a.arrive();
    expect(a.loads()).toBe(1);
    expect(await call).toBe(1);
    await settle();
    expect(a.disk.log).toEqual(['read 1', 'lock 1', 'read 1', 'write 1']);
  });

  it('finds what was stored, in the first call', async () => {
    const disk = fakeDisk();
    const first = page(disk);
    const made = first.wrap(() => 'stored')();
    await first.arrive();
    await made;
    await settle();
    const second = page(disk);
    const fn = counted(() => 'run');
    const call = second.wrap(fn)();
    await second.arrive();
    expect(await call).toBe('stored');
    expect(fn.runs.length).toBe(0);
  });

  it('is asked in the order of the calls', async () => {
    const a = page();
    const f = a.wrap((x: number) => x);
    const all = [f.clear(), f(1), f.prime(2, 2)];
    await a.arrive();
    await Promise.all(all);
    await settle();
    expect(a.disk.log.slice(0, 2)).toEqual(['clear', 'read 1']);
    expect(await f.info()).toMatchObject({ entries: 2, persisted: true });
  });

  it('takes a value that is primed before', async () => {
    const disk = fakeDisk();
    const a = page(disk);
    const done = a.wrap(() => 0).prime(7);
    expect(await a.wrap(() => 0)()).toBe(7);
    expect(disk.rows.size).toBe(0);
    await a.arrive();
    await done;
    expect(disk.rows.size).toBe(1);
  });

  it('hears other tabs from then on', async () => {
    const disk = fakeDisk();
    const [a, b] = [page(disk), page(disk)];
    const fn = counted(() => 1);
    const f = a.wrap(fn);
    const call = f();
    await a.arrive();
    await call;
    await settle();
    const cleared = b.cacheData.clear();
    await b.arrive();
    await cleared;
    await f();
    expect(fn.runs.length).toBe(2);
  });

  it('leaves the results in memory where its code cannot be loaded, with one warning', async () => {
    const a = page();
    const fn = counted((x: number) => x);
    const f = a.wrap(fn);
    const calls = [f(1), f(2)];
    await a.refuse();
    expect(await Promise.all(calls)).toEqual([1, 2]);
    expect(await f(1)).toBe(1);
    expect(fn.runs.length).toBe(2);
    await f.prime(5, 5);
    expect(await f(5)).toBe(5);
    expect(await f.has(1)).toBe(true);
    expect(await f.info()).toMatchObject({ entries: 3, persisted: false });
    await f.clear();
    await f(1);
    await a.cacheData.clear();
    expect(await f(1)).toBe(1);
    expect(fn.runs.length).toBe(4);
    const g = a.wrap(() => Promise.reject(new Error('own')), { name: 'g' });
    expect((await failure(() => g())).message).toBe('own');
    expect(a.warnings.map(({ code }) => code)).toEqual(['cache-storage']);
    expect(a.warnings[0]?.cause).toBeInstanceOf(TypeError);
  });

  it('is waited for two seconds, once', async () => {
    const a = page();
    const f = a.wrap((x: number) => x);
    const first = f(1);
    const seen = vi.fn();
    void first.then(seen);
    await vi.advanceTimersByTimeAsync(1900);
    expect(seen).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(200);
    expect(seen).toHaveBeenCalledWith(1);
    expect(await f(2)).toBe(2);
    expect(await f(1)).toBe(1);
    await settle();
    await a.arrive();
    await settle();
    // what ran without it does not know of clears: it stays in memory
    expect(a.disk.rows.size).toBe(0);
    expect(await f(1)).toBe(1);
    await f(3);
    await settle();
    expect(a.disk.rows.size).toBe(1);
  });

  it('is cleared when it comes, though the caller was told that it is not certain', async () => {
    const disk = fakeDisk();
    const before = page(disk);
    const stored = before.wrap(() => 'old')();
    await before.arrive();
    await stored;
    await settle();
    const a = page(disk);
    const f = a.wrap(() => 'new');
    const cleared = f.clear();
    await vi.advanceTimersByTimeAsync(11_000);
    await cleared;
    expect(disk.rows.size).toBe(1);
    expect(await f()).toBe('new');
    await a.arrive();
    expect(disk.rows.size).toBe(0);
  });
});
