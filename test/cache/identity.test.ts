import { afterEach, describe, expect, it, vi } from 'vitest';
import { counted, kinds, testCache } from '../helpers/caches.js';

/** Functions with the same text at each call, readable and named. */
const closure = (n: number) =>
  async function inner(x: number) {
    return [n, x];
  };

describe('which function is it', () => {
  it('[CAC-31] two closures of one factory never share', async () => {
    const { cacheData, codes } = testCache();
    const mk = (n: number) => cacheData((x: number) => [n, x]);
    expect(await mk(1)(5)).toEqual([1, 5]);
    expect(await mk(2)(5)).toEqual([2, 5]);
    expect(codes()).toEqual(['cache-unnamed']);
  });

  it('[CAC-31] nor do named ones; one warning asks for a name', async () => {
    const { cacheData, codes, warnings } = testCache();
    const [f, g] = [cacheData(closure(1)), cacheData(closure(2))];
    expect(await f(5)).toEqual([1, 5]);
    expect(await g(5)).toEqual([2, 5]);
    expect(await f(5)).toEqual([1, 5]);
    cacheData(closure(3));
    expect(codes()).toEqual(['cache-ambiguous']);
    expect(warnings[0]).toMatchObject({ key: 'inner' });
    expect((await f.info()).persisted).toBe(false);
  });

  it('[CAC-32] an unnamed function is kept on this page, with one warning at the first call', async () => {
    const { cacheData, codes } = testCache();
    const fn = counted(async (x: number) => x);
    const f = cacheData((x: number) => fn(x));
    expect(codes()).toEqual([]);
    await f(1);
    await f(1);
    await f(2);
    expect(fn.runs.length).toBe(2);
    expect(codes()).toEqual(['cache-unnamed']);
    const quiet = testCache();
    await quiet.cacheData((x: number) => x, { persist: false })(1);
    expect(quiet.codes()).toEqual([]);
  });

  it.each(kinds)('[CAC-35] a name declared again is one function (%s)', async (kind) => {
    const { wrap } = testCache();
    const runs: number[] = [];
    const declare = (options: object) =>
      wrap(
        kind,
        (x: number) => {
          runs.push(x);
          return x;
        },
        { name: 'again', ...options },
      );
    await declare({})(1);
    await declare({})(1);
    expect(runs).toEqual([1]);
  });

  it('[CAC-35] each declaration judges the entries by its own ttl', async () => {
    vi.useFakeTimers();
    const { wrap } = testCache();
    const fn = counted((x: number) => x);
    const f = wrap('data', (x: number) => fn(x), { name: 'judged' });
    await f(1);
    vi.advanceTimersByTime(5000);
    const g = wrap('data', (x: number) => fn(x), { name: 'judged', ttl: 10 });
    await g(1);
    expect(fn.runs.length).toBe(1);
    vi.advanceTimersByTime(5000);
    await f(1);
    expect(fn.runs.length).toBe(1);
    await g(1);
    expect(fn.runs.length).toBe(2);
  });

  it('[CAC-36] two texts under one name share, with one warning', async () => {
    const { wrap, codes } = testCache();
    const f = wrap('data', () => 1, { name: 'shared' });
    const g = wrap('data', () => 2, { name: 'shared' });
    wrap('data', () => 3, { name: 'shared' });
    expect([await f(), await g()]).toEqual([1, 1]);
    expect(codes()).toEqual(['cache-name-shared']);
  });

  it.each(kinds)('[CAC-36] one function object wrapped twice is one function (%s)', async (kind) => {
    const { wrap, codes } = testCache();
    const fn = counted(closure(1));
    await wrap(kind, fn)(1);
    await wrap(kind, fn)(1);
    expect(fn.runs.length).toBe(1);
    expect(codes()).toEqual([]);
  });

  it('[CAC-34] another version is another function', async () => {
    const { wrap } = testCache();
    const runs: string[] = [];
    const declare = (version: unknown) => wrap('data', () => runs.push(String(version)), { name: 'v', version });
    await declare(1)();
    await declare(2)();
    await declare('1')();
    expect(runs).toEqual(['1', '2']);
  });

  it('[CAC-34] a name with @ is no version of another name', async () => {
    const { wrap } = testCache();
    const runs: string[] = [];
    const declare = (name: string, version?: string) =>
      wrap('data', () => runs.push(`${name} ${version}`), { name, version: version ?? null });
    const pairs: [string, string?][] = [
      ['v@1'],
      ['v', '1'],
      ['v', '@1'],
      ['v\\', '1'],
      ['v\\@1'],
      ['v@', '1'],
      ['v@@1'],
    ];
    for (const pair of pairs) await declare(...pair)();
    expect(runs).toEqual(pairs.map(([name, version]) => `${name} ${version}`));
    await declare('v@1')();
    expect(runs).toHaveLength(pairs.length);
  });

  it('[CAC-37] deps share equal texts', async () => {
    const { wrap, codes } = testCache();
    let runs = 0;
    const declare = (n: number) =>
      wrap(
        'data',
        async function scaled(x: number) {
          runs++;
          return n * x;
        },
        { deps: () => [n] },
      );
    expect(await declare(1)(5)).toBe(5);
    expect(await declare(2)(5)).toBe(10);
    expect(await declare(1)(5)).toBe(5);
    expect(runs).toBe(2);
    expect(codes()).toEqual([]);
  });

  it('[CAC-38] bound, native and minified functions never share', async () => {
    const { cacheData, codes } = testCache();
    function scale(this: { n: number }, x: number) {
      return this.n * x;
    }
    const [f, g] = [cacheData(scale.bind({ n: 1 })), cacheData(scale.bind({ n: 2 }))];
    expect([await f(5), await g(5)]).toEqual([5, 10]);
    const [max, min] = [cacheData(Math.max as (a: number, b: number) => number), cacheData(Math.min)];
    expect([await max(1, 2), await min(1, 2)]).toEqual([2, 1]);
    const minified = (n: number) => new Function('n', 'return async function t(e){return e*n}')(n);
    const [h, i] = [cacheData(minified(1)), cacheData(minified(2))] as any[];
    expect([await h(5), await i(5)]).toEqual([5, 10]);
    expect(new Set(codes())).toEqual(new Set(['cache-unnamed']));
    for (const each of [f, max, h]) expect((await each.info()).persisted).toBe(false);
  });

  it('[CAC-39] a method that uses this keeps one cache per instance', async () => {
    const { cacheData, codes } = testCache();
    const runs: number[] = [];
    class Box {
      constructor(readonly v: number) {}
      declare m: (n: number) => Promise<number>;
    }
    Box.prototype.m = cacheData(
      function m(this: Box, n: number) {
        runs.push(this.v);
        return this.v + n;
      },
      { name: 'Box.m' },
    ) as never;
    const [x, y] = [new Box(1), new Box(2)];
    expect([await x.m(1), await y.m(1), await x.m(1), await y.m(1)]).toEqual([2, 3, 2, 3]);
    expect(runs).toEqual([1, 2]);
    expect(codes()).toEqual(['cache-this']);
  });

  it('[CAC-42] hashFuncs for the class make this an argument; ignore leaves it out', async () => {
    class Shop {
      constructor(readonly id: string) {}
    }
    const { wrap } = testCache();
    const fn = counted((id: string) => id);
    const price = wrap(
      'data',
      function price(this: Shop) {
        return fn(this.id);
      },
      { hashFuncs: [[Shop, (shop: Shop) => shop.id]] },
    );
    expect(await price.call(new Shop('a'))).toBe('a');
    expect(await price.call(new Shop('a'))).toBe('a');
    expect(await price.call(new Shop('b'))).toBe('b');
    expect(fn.runs.length).toBe(2);
    const ignoring = wrap(
      'data',
      function price2(this: Shop) {
        return fn(this.id);
      },
      { ignore: ['this'] },
    );
    expect(await ignoring.call(new Shop('c'))).toBe('c');
    expect(await ignoring.call(new Shop('d'))).toBe('c');
  });

  it('[CAC-43] an arrow function in a class field belongs to its instance, whatever its name', async () => {
    const { cacheData, codes } = testCache();
    class Box {
      constructor(readonly v: number) {}
      m = cacheData(async () => this.v, { name: 'Box.field' });
    }
    const [x, y] = [new Box(1), new Box(2)];
    expect([await x.m(), await y.m(), await x.m()]).toEqual([1, 2, 1]);
    expect(codes()).toEqual(['cache-this']);
  });

  it('[CAC-44] a function that does not use this is one function, on whatever object', async () => {
    const { wrap } = testCache();
    const fn = counted((n: number) => n);
    const f = wrap('data', (n: number) => fn(n), { name: 'plain' });
    await { f }.f(1);
    await { f }.f(1);
    await f(1);
    expect(fn.runs.length).toBe(1);
  });

  it('counts a module namespace and the global object as no object', async () => {
    const { wrap } = testCache();
    const fn = counted(() => 1);
    const f = wrap('data', function free(this: unknown) {
      void this;
      return fn();
    });
    await f.call(globalThis);
    await f.call(undefined);
    await f.call(Object.freeze({ __proto__: null, [Symbol.toStringTag]: 'Module' }));
    expect(fn.runs.length).toBe(1);
  });

  afterEach(() => vi.useRealTimers());
});
