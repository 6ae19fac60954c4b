// maxEntries, maxSize and the budget of the memory.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { counted, deferred, fakeTime, kinds, testCache } from '../helpers/caches.js';

afterEach(() => vi.useRealTimers());

describe.each(kinds)('maxEntries (%s)', (kind) => {
  it('[CAC-85] holds per function', async () => {
    const { wrap } = testCache();
    const fooRuns = counted((x: number) => x);
    const barRuns = counted((x: number) => x);
    const foo = wrap(kind, fooRuns, { maxEntries: 2 });
    const bar = wrap(kind, barRuns, { maxEntries: 3 });
    for (const x of [0, 1, 0, 1, 2, 1, 0]) {
      await foo(x);
      await bar(x);
    }
    expect(fooRuns.runs.flat()).toEqual([0, 1, 2, 0]);
    expect(barRuns.runs.flat()).toEqual([0, 1, 2]);
  });

  it('[CAC-86] the least recently used goes', async () => {
    const { wrap } = testCache();
    const fn = counted((x: number) => x);
    const f = wrap(kind, fn, { maxEntries: 2 });
    for (const x of [0, 1, 0, 2]) await f(x);
    fn.runs.length = 0;
    await f(0);
    expect(fn.runs.length).toBe(0);
    await f(1);
    expect(fn.runs.length).toBe(1);
    const one = counted((x: number) => x);
    const g = wrap(kind, one, { maxEntries: 1 });
    for (const x of [0, 1, 0]) await g(x);
    expect(one.runs.length).toBe(3);
  });

  it('[CAC-87] is a positive integer; without it nothing goes', async () => {
    const { wrap } = testCache();
    for (const maxEntries of [0, -1, 1.5, Number.NaN])
      expect(() => wrap(kind, () => 1, { maxEntries })).toThrow(RangeError);
    expect(() => wrap(kind, () => 1, { maxEntries: '3' })).toThrow(TypeError);
    expect(() => wrap(kind, () => 1, { maxEntries: '3' })).toThrow(/maxEntries/);
    for (const options of [{ maxEntries: null }, {}]) {
      const fn = counted((x: number) => x);
      const f = wrap(kind, fn, options);
      for (let round = 0; round < 2; round++) for (let x = 0; x < 256; x++) await f(x);
      expect(fn.runs.length).toBe(256);
    }
  });

  it('[CAC-88] the expired goes first, the same key evicts nothing, a flight is no entry', async () => {
    const time = fakeTime();
    const { wrap } = testCache();
    const fn = counted(async (x: number) => x);
    const f = wrap(kind, fn, { maxEntries: 2, ttl: 10 });
    await f(0);
    time.to(5);
    await f(1);
    await f(0);
    time.to(10);
    await f(2);
    expect([await f['has'](0), await f['has'](1), await f['has'](2)]).toEqual([false, true, true]);
    await f['refresh'](1);
    expect([await f['has'](1), await f['has'](2)]).toEqual([true, true]);
    const gate = deferred<number>();
    const g = wrap(kind, (x: number) => (x === 9 ? gate.promise : Promise.resolve(x)), { maxEntries: 2 });
    await g(0);
    await g(1);
    const running = g(9);
    expect([await g['has'](0), await g['has'](1)]).toEqual([true, true]);
    gate.resolve(9);
    await running;
    expect([await g['has'](0), await g['has'](1), await g['has'](9)]).toEqual([false, true, true]);
  });
});

describe('maxSize and memory', () => {
  const kb = (n: number): string => 'x'.repeat(n * 1000);

  it('[CAC-90] counts bytes', async () => {
    const f = testCache().wrap('data', (x: number) => kb(300) + x, { maxSize: '1MB' });
    for (let x = 0; x < 10; x++) await f(x);
    const full = await f['info']();
    expect(full.entries).toBeLessThanOrEqual(3);
    expect(full.entries).toBeGreaterThan(0);
    await f['refresh'](9);
    expect((await f['info']()).bytes).toBe(full.bytes);
    await f['clear']();
    expect(await f['info']()).toMatchObject({ entries: 0, bytes: 0, oldest: null });
  });

  it('[CAC-90] no more goes than has to', async () => {
    const { wrap } = testCache();
    const one = wrap('data', (x: number) => kb(1) + x);
    await one(0);
    const { bytes } = await one['info']();
    const f = wrap('data', (x: number) => kb(1) + x, { maxSize: Math.ceil(bytes * 3.5) });
    for (let x = 0; x < 5; x++) {
      await f(x);
      expect((await f['info']()).entries).toBe(Math.min(x + 1, 3));
    }
    expect([f['peek'](1), f['peek'](2)]).toEqual([undefined, `${kb(1)}2`]);
  });

  it('[CAC-91] a larger value is returned and not stored; the others stay', async () => {
    const fn = counted((n: number) => kb(n));
    const f = testCache().wrap('data', fn, { maxSize: '500kB' });
    await f(100);
    expect((await f(600)).length).toBe(600_000);
    await f(600);
    await f(100);
    expect(fn.runs.flat()).toEqual([100, 600, 600]);
  });

  it('[CAC-91][CAC-103] an older value is not served after a larger one was primed or refreshed', async () => {
    const { wrap } = testCache();
    let size = 100;
    const fn = counted((_x: number) => kb(size));
    const f = wrap('data', fn, { maxSize: '500kB' });
    await Promise.all([f(1), f(2), f(3)]);
    await f['prime'](kb(600), 1);
    expect([f['peek'](1), f['peek'](2)]).toEqual([undefined, kb(100)]);
    size = 700;
    expect((await (f['refresh'](2) as Promise<string>)).length).toBe(700_000);
    expect([f['peek'](2), f['peek'](3)]).toEqual([undefined, kb(100)]);
    size = 50;
    expect(await Promise.all([f(1), f(2), f(3)])).toEqual([kb(50), kb(50), kb(100)]);
    expect(fn.runs.flat()).toEqual([1, 2, 3, 2, 1, 2]);
  });

  it('[CAC-91][CAC-95] a larger value of a background refresh ends the stale one', async () => {
    fakeTime();
    let size = 100;
    const fn = counted(() => kb(size));
    const f = testCache().wrap('data', fn, { maxSize: '500kB', ttl: 10, refreshMode: 'background' });
    await f();
    size = 600;
    await vi.advanceTimersByTimeAsync(10_000);
    expect((await f()).length).toBe(100_000);
    await vi.advanceTimersByTimeAsync(1);
    expect((await f()).length).toBe(600_000);
  });

  it('[CAC-92] is for data only, and readable', () => {
    const { wrap } = testCache();
    expect(() => wrap('resource', () => 1, { maxSize: '1MB' })).toThrow(TypeError);
    expect(() => wrap('data', () => 1, { maxSize: 'much' })).toThrow(RangeError);
  });

  it('[CAC-93] the memory budget spans functions, least recently used first', async () => {
    const { wrap } = testCache({ memory: '1MB' });
    const fn = counted((x: number) => kb(300) + x);
    const [f, g] = [wrap('data', fn, { name: 'f' }), wrap('data', fn, { name: 'g' })];
    for (const x of [1, 2]) {
      await f(x);
      await g(x);
    }
    fn.runs.length = 0;
    expect(f['peek'](1)).toBeUndefined();
    expect(g['peek'](2)).toBeDefined();
    await f(1);
    expect(fn.runs.length).toBe(1);
  });

  it('[CAC-93] what was used last stays, in whichever function it is', async () => {
    for (const used of [0, 1]) {
      const { wrap } = testCache({ memory: '1MB' });
      const both = [0, 1].map(() => wrap('data', (x: number) => kb(400) + x));
      for (const f of both) await f(1);
      await both[used]!(1);
      await both[1 - used]!(2);
      expect(both.map((f) => f['peek'](1) !== undefined)).toEqual([used === 0, used === 1]);
    }
  });
});
