// Which functions share their entries.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { counted, failure, kinds, testCache } from '../helpers/caches.js';

/** Functions with the same text at each call, readable and named. */
const closure = (n: number) =>
  async function inner(x: number) {
    return [n, x];
  };

const persisted = (kind: string) => (kind === 'data' ? { persist: true } : {});

describe('which function is it', () => {
  it.each(kinds)('[CAC-208] two functions with one text and no name never share (%s)', async (kind) => {
    const { wrap, codes, warnings } = testCache();
    const [f, g] = [wrap(kind, closure(1), persisted(kind)), wrap(kind, closure(2), persisted(kind))];
    expect([await f(5), await g(5), await f(5)]).toEqual([
      [1, 5],
      [2, 5],
      [1, 5],
    ]);
    expect(codes()).toEqual(kind === 'data' ? ['cache-unnamed'] : []);
    for (const { key } of warnings) expect(key).toBe('inner');
    expect((await f['info']()).persisted).toBe(false);
  });

  it('[CAC-209] closures of one factory never share', async () => {
    const { cacheData } = testCache();
    const mk = (n: number) => cacheData((x: number) => [n, x]);
    expect(await mk(1)(5)).toEqual([1, 5]);
    expect(await mk(2)(5)).toEqual([2, 5]);
  });

  it('[CAC-210] whatever has no name is kept on this page, with one warning at its first call', async () => {
    const object = {
      method(x: number) {
        return x;
      },
    };
    function declaration(x: number) {
      return x;
    }
    const fns = {
      arrow: (x: number) => x,
      declaration,
      method: object.method,
      bound: declaration.bind(null),
      abs: Math.abs,
    };
    for (const fn of Object.values(fns)) {
      const { cacheData, codes } = testCache();
      const runs = counted(fn);
      const f = cacheData((x: number) => runs(x));
      const bare = cacheData(fn);
      expect(codes()).toEqual([]);
      await f(1);
      await f(1);
      await f(2);
      expect(runs.runs.length).toBe(2);
      expect([await bare(3), await bare(3)]).toEqual([3, 3]);
      expect(codes().filter((code) => code !== 'cache-unnamed')).toEqual([]);
      expect((await bare.info()).persisted).toBe(false);
      const quiet = testCache();
      await quiet.cacheData(fn, { persist: false })(1);
      expect(quiet.codes()).toEqual([]);
    }
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

  it('[CAC-212] two texts under one name share, with one warning', async () => {
    const { wrap, codes } = testCache();
    const f = wrap('data', () => 1, { name: 'shared' });
    const g = wrap('data', () => 2, { name: 'shared' });
    wrap('data', () => 3, { name: 'shared' });
    expect([await f(), await g()]).toEqual([1, 1]);
    expect(codes()).toEqual(['cache-name-shared']);
  });

  it.each(kinds)('[CAC-212] one function object wrapped twice is one function (%s)', async (kind) => {
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

  it('[CAC-213] deps count, with a name', async () => {
    const { wrap, codes } = testCache();
    let runs = 0;
    const declare = (n: number) =>
      wrap(
        'data',
        async function scaled(x: number) {
          runs++;
          return n * x;
        },
        { name: 'scaled', deps: () => [n] },
      );
    expect(await declare(1)(5)).toBe(5);
    expect(await declare(2)(5)).toBe(10);
    expect(await declare(1)(5)).toBe(5);
    expect(runs).toBe(2);
    expect(codes()).toEqual([]);
  });

  it('[CAC-210] bound, native and minified functions without a name never share', async () => {
    const { cacheData } = testCache();
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
  });

  it.each(kinds)('[CAC-215] a method keeps one cache per instance; a plain function has no this (%s)', async (kind) => {
    const { wrap, codes } = testCache();
    const runs: number[] = [];
    class Box {
      constructor(readonly v: number) {}
      declare m: (n: number) => Promise<number>;
      declare plain: (n: number) => Promise<number>;
    }
    const m = function m(this: Box, n: number) {
      runs.push(this.v);
      return this.v + n;
    };
    Box.prototype.m = wrap(kind, m, { name: 'Box.m', method: true, ...persisted(kind) }) as never;
    Box.prototype.plain = wrap(kind, m, { name: 'Box.plain' }) as never;
    const [x, y] = [new Box(1), new Box(2)];
    expect([await x.m(1), await y.m(1), await x.m(1), await y.m(1)]).toEqual([2, 3, 2, 3]);
    expect(runs).toEqual([1, 2]);
    expect(codes()).toEqual(kind === 'data' ? ['cache-this'] : []);
    expect((await (Box.prototype.m as any).info()).persisted).toBe(false);
    expect(await failure(() => x.plain(1))).toBeInstanceOf(TypeError);
  });

  it('[CAC-215] counts a primitive this as an argument', async () => {
    const double = testCache().wrap(
      'data',
      function double(this: string) {
        return this + this;
      },
      { method: true },
    );
    expect([await double.call('a'), await double.call('b'), await double.call('a')]).toEqual(['aa', 'bb', 'aa']);
    expect((await double['info']()).entries).toBe(2);
  });

  it('[CAC-42] hashFuncs for the class make this an argument; ignore leaves it out', async () => {
    class Shop {
      constructor(readonly id: string) {}
    }
    const { wrap } = testCache();
    const fn = counted((id: string) => id);
    const method = () =>
      function price(this: Shop) {
        return fn(this.id);
      };
    const price = wrap('data', method(), { method: true, hashFuncs: [[Shop, (shop: Shop) => shop.id]] });
    expect(await price.call(new Shop('a'))).toBe('a');
    expect(await price.call(new Shop('a'))).toBe('a');
    expect(await price.call(new Shop('b'))).toBe('b');
    expect(fn.runs.length).toBe(2);
    const ignoring = wrap('data', method(), { method: true, ignore: ['this'] });
    expect(await ignoring.call(new Shop('c'))).toBe('c');
    expect(await ignoring.call(new Shop('d'))).toBe('c');
  });

  it('[CAC-216] words in comments and texts change nothing', async () => {
    const helpers = 'const __awaiter = (self, fn) => fn.call(self);';
    for (const text of [
      'async function f(id) { /* this may be slow */ return id; }',
      'function f(id) { return "this super " + id; }',
      'function f(id) { return __awaiter(this, async () => id); }',
      '(id) => "this"',
    ]) {
      const { wrap, codes } = testCache();
      const run = counted(new Function(`${helpers} return ${text}`)() as (id: number) => unknown);
      const api = { f: wrap('data', (id: number) => run(id), { name: 'api.f', persist: true }) };
      const other = { f: api.f };
      await api.f(1);
      await other.f(1);
      expect(run.runs.length).toBe(1);
      expect(codes().filter((code) => code === 'cache-this')).toEqual([]);
      expect(await wrap('data', run)['has'](1)).toBe(false);
    }
  });

  it('[CAC-217] a function of an object literal is one function, on whatever object', async () => {
    const { wrap } = testCache();
    const fn = counted((n: number) => n);
    const f = wrap('data', (n: number) => fn(n), { name: 'plain' });
    await { f }.f(1);
    await { f }.f(1);
    await f(1);
    expect(fn.runs.length).toBe(1);
  });

  afterEach(() => vi.useRealTimers());
});
