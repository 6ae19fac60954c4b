// What every cached function does: runs once, tells arguments apart, keeps errors out.
import { describe, expect, it } from 'vitest';
import { counted, failure, kinds, testCache } from '../helpers/caches.js';

describe.each(kinds)('a cached function (%s)', (kind) => {
  it('[CAC-1] runs once for equal calls', async () => {
    const fn = counted(() => 42);
    const f = testCache().wrap(kind, fn);
    expect([await f(), await f()]).toEqual([42, 42]);
    expect(fn.runs.length).toBe(1);
  });

  it('[CAC-2] runs when it is called, once per argument', async () => {
    const fn = counted((x: number) => x);
    const f = testCache().wrap(kind, fn);
    expect(fn.runs).toEqual([]);
    expect([await f(0), await f(0), await f(1)]).toEqual([0, 0, 1]);
    expect(fn.runs).toEqual([[0], [1]]);
  });

  it('[CAC-208] does not share with another function of the same text', async () => {
    const { wrap } = testCache();
    const make = (n: number) => counted(() => n);
    const [one, two] = [make(1), make(2)];
    const [f, g] = [wrap(kind, one), wrap(kind, two)];
    expect([await f(), await g(), await f(), await g()]).toEqual([1, 2, 1, 2]);
    expect([one.runs.length, two.runs.length]).toEqual([1, 1]);
  });

  it('[CAC-5] has the name, the length and the function', () => {
    const load = (a: number, b: number) => a + b;
    const f = testCache().wrap(kind, load);
    expect(f.name).toBe('load');
    expect(f.length).toBe(2);
    expect(f['wrapped']).toBe(load);
  });

  it('[CAC-6] refuses unknown options and what is no function', () => {
    const { wrap } = testCache();
    expect(() => wrap(kind, () => 1, { tll: 5 })).toThrow(TypeError);
    expect(() => wrap(kind, () => 1, { tll: 5 })).toThrow(/tll/);
    expect(() => wrap(kind, 42 as never)).toThrow(TypeError);
    expect(() => wrap(kind, class {} as never)).toThrow(TypeError);
    expect(() => wrap(kind, Map as never)).toThrow(TypeError);
    expect(() => wrap(kind, function* () {})).toThrow(TypeError);
    expect(() => wrap(kind, async function* () {})).toThrow(TypeError);
    const f = wrap(kind, () => 1) as unknown as new () => unknown;
    expect(() => new f()).toThrow(TypeError);
  });

  it('[CAC-8] passes the very error on and does not keep it', async () => {
    const E = new Error('no');
    let n = 0;
    const f = testCache().wrap(kind, () => {
      if (++n === 1) throw E;
      return n;
    });
    expect(await failure(() => f())).toBe(E);
    expect([await f(), await f()]).toEqual([2, 2]);
  });

  it.each([undefined, null, 0, '', false, Number.NaN, -0])('[CAC-9] keeps the result %s', async (value) => {
    const fn = counted(() => value);
    const f = testCache().wrap(kind, fn);
    expect(Object.is(await f(), value)).toBe(true);
    expect(Object.is(await f(), value)).toBe(true);
    expect(fn.runs.length).toBe(1);
  });

  it('[CAC-10] may call itself with other arguments', async () => {
    const { wrap } = testCache();
    let runs = 0;
    const fib = wrap(kind, async (n: number): Promise<number> => {
      runs++;
      return n < 2 ? n : (await fib(n - 1)) + (await fib(n - 2));
    });
    expect(await fib(20)).toBe(6765);
    expect(runs).toBe(21);
    const sum = counted((a: number, b: number) => a + b);
    const f = wrap(kind, sum);
    await f(2, 21);
    await f(2, 21);
    await f(2, 210);
    await f(2, 21);
    expect(sum.runs).toEqual([
      [2, 21],
      [2, 210],
    ]);
  });

  it('[CAC-11] makes the key before the run', async () => {
    const f = testCache().wrap(kind, (d: { answer: number }) => {
      d.answer += 1;
      return d.answer;
    });
    const d = { answer: 0 };
    expect([await f(d), await f(d), await f({ answer: 0 })]).toEqual([1, 2, 1]);
  });

  it('[CAC-12] does not run an inner function again, nor side effects on a hit', async () => {
    const { wrap } = testCache();
    const inner = counted(() => 1);
    const cachedInner = wrap(kind, inner);
    const state = { n: 0 };
    const outer = wrap(kind, async () => {
      state.n++;
      return cachedInner();
    });
    await outer();
    await outer();
    expect(state.n).toBe(1);
    await outer['clear']();
    await outer();
    expect(state.n).toBe(2);
    expect(inner.runs.length).toBe(1);
  });

  it('[CAC-13] a method gets its this, other functions none', async () => {
    const fn = function (this: { v: number } | undefined, n: number) {
      return (this?.v ?? 0) + n;
    };
    const f = testCache().wrap(kind, fn, { method: true });
    expect(await f.call({ v: 1 }, 2)).toBe(3);
    expect(await f.call({ v: 2 }, 2)).toBe(4);
    expect(await f.call(undefined, 2)).toBe(2);
    expect(await f.call({ v: 1 }, 2)).toBe(3);
    const g = testCache().wrap(kind, fn);
    expect([await g.call({ v: 1 }, 2), await g.apply({ v: 2 }, [2]), await g(2)]).toEqual([2, 2, 2]);
  });
});

describe('cacheData', () => {
  it.each([
    ['function', (fn: () => number) => testCache().cacheData(fn)],
    ['function and options', (fn: () => number) => testCache().cacheData(fn, { ttl: 5 })],
    ['options first', (fn: () => number) => testCache().cacheData({ ttl: 5 })(fn)],
    ['nothing first', (fn: () => number) => testCache().cacheData()(fn)],
  ])('[CAC-4] takes %s', async (_form, wrap) => {
    const fn = counted(() => 1);
    const f = wrap(fn);
    expect([await f(), await f()]).toEqual([1, 1]);
    expect(fn.runs.length).toBe(1);
  });

  it('[CAC-6] says what may stand first', () => {
    const { cacheData } = testCache() as any;
    for (const wrong of [42, 'x', null, true]) expect(() => cacheData(wrong)).toThrow(TypeError);
    expect(() => cacheData({ tll: 5 })(() => 1)).toThrow(/tll/);
    expect(() => cacheData(() => 1, 5)).toThrow(TypeError);
  });

  it('[CAC-7] always returns a promise', async () => {
    const { wrap } = testCache();
    const sync = wrap('data', (n: number) => {
      if (n < 0) throw new Error('negative');
      return n;
    });
    expect(sync(1)).toBeInstanceOf(Promise);
    await sync(1);
    expect(sync(1)).toBeInstanceOf(Promise);
    const rejected = sync(-1);
    expect(rejected).toBeInstanceOf(Promise);
    await expect(rejected).rejects.toThrow('negative');
    // biome-ignore lint/suspicious/noThenProperty: a thenable is the point
    const thenable = wrap('data', () => ({ then: (resolve: (value: number) => void) => resolve(7) }));
    expect([await thenable(), await thenable()]).toEqual([7, 7]);
  });
});
