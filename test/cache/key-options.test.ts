// The options key and ignore: what of a call counts.
import { describe, expect, it } from 'vitest';
import { UnhashableParamError, UserHashError } from '../../src/errors.js';
import { counted, failure, kinds, testCache } from '../helpers/caches.js';

describe.each(kinds)('what of a call counts (%s)', (kind) => {
  it('[CAC-69] key replaces the arguments', async () => {
    const { wrap } = testCache();
    const fn = counted((id: string, _other: unknown) => id);
    const f = wrap(kind, fn, { key: (id: string) => [id] });
    await f('a', {});
    await f('a', () => {});
    await f('b', 1);
    expect(fn.runs.length).toBe(2);
    expect(() => wrap(kind, fn, { key: () => 1, ignore: [1] })).toThrow(TypeError);
  });

  it('[CAC-218] ignore takes positions and properties', async () => {
    const runs: number[] = [];
    function foo(a: number, _b: number, { kw1 }: { kw1: number; kw2: number }, ...rest: number[]) {
      runs.push(a + kw1 + rest.length);
      return a;
    }
    const f = testCache().wrap(kind, foo, { ignore: [1, 'kw2'] });
    await f(1, 2, { kw1: 3, kw2: 4 }, 5);
    await f(1, 99, { kw1: 3, kw2: 4 }, 5);
    await f(1, 2, { kw1: 3, kw2: 99 }, 5);
    expect(runs.length).toBe(1);
    await f(99, 2, { kw1: 3, kw2: 4 }, 5);
    await f(1, 2, { kw1: 99, kw2: 4 }, 5);
    await f(1, 2, { kw1: 3, kw2: 4 }, 99);
    expect(runs.length).toBe(4);
    const g = testCache().wrap(kind, foo, { ignore: [3] });
    runs.length = 0;
    await g(1, 2, { kw1: 3, kw2: 4 }, 5, 6);
    await g(1, 2, { kw1: 3, kw2: 4 }, 99, 6);
    expect(runs.length).toBe(1);
    await g(1, 2, { kw1: 3, kw2: 4 }, 5, 99);
    expect(runs.length).toBe(2);
  });

  it('[CAC-219] names with a leading _ count like others', async () => {
    const ids: unknown[] = [];
    async function fetchData(_id: unknown, n: number) {
      ids.push(_id);
      return n;
    }
    const f = testCache().wrap(kind, fetchData);
    await f('ann', 1);
    await f('bob', 1);
    expect(ids).toEqual(['ann', 'bob']);
    const g = testCache().wrap(kind, fetchData, { ignore: [0] });
    ids.length = 0;
    await g({ socket: () => {} }, 1);
    await g({ socket: () => {} }, 1);
    expect(ids.length).toBe(1);
    await g['clear'](Symbol('another connection'), 1);
    await g(null, 1);
    expect(ids.length).toBe(2);
  });

  it('[CAC-211] counts parameters that compilers have made', async () => {
    const texts = [
      // esbuild and tsc, a destructured parameter with a rest
      'async function user(_a) { var _b = _a, { id } = _b; return "user " + id; }',
      // tsc and esbuild below ES2017
      'function user(_a) { return __awaiter(this, [_a], void 0, function* ({ id }) { return "user " + id; }); }',
      // Babel
      'function user(_x) { return _user.apply(this, arguments); }',
      'function user(_ref) { return Promise.resolve("user " + _ref.id); }',
      // SWC
      'function user(_0) { return _user.apply(this, arguments); }',
      'function user(_x, ..._rest) { return _user.apply(this, [_x, ..._rest]); }',
    ];
    const helpers = `
      async function _user({ id }) { return 'user ' + id; }
      function __awaiter(self, args, _, body) { return Promise.resolve(body.apply(self, args).next().value); }
    `;
    for (const text of texts)
      for (const options of [{}, { name: 'user' }]) {
        const user = new Function(`${helpers} return ${text}`)() as (user: object) => Promise<string>;
        const f = testCache().wrap(kind, user, options);
        expect([await f({ id: 'ann' }), await f({ id: 'bob' })]).toEqual(['user ann', 'user bob']);
        const one = testCache().wrap(kind, user, { ...options, ignore: [0] });
        expect([await one({ id: 'ann' }), await one({ id: 'bob' })]).toEqual(['user ann', 'user ann']);
      }
  });

  it('[CAC-220] ignore of what nobody gives changes nothing, without a warning', async () => {
    const { wrap, codes } = testCache();
    const fn = counted((a: number, b: number) => a + b);
    const f = wrap(kind, fn, { ignore: [5, 'nope', 'this'], ...(kind === 'data' ? { persist: false } : {}) });
    await f(1, 2);
    await f(1, 3);
    await f(1, 2);
    expect(fn.runs.length).toBe(2);
    expect(codes()).toEqual([]);
  });

  it('[CAC-220] ignore is checked', () => {
    const { wrap } = testCache();
    for (const ignore of ['a', 1, {}, [{}], [null], [['a']]])
      expect(() => wrap(kind, () => 1, { ignore, name: 'checked' })).toThrow(TypeError);
    for (const ignore of [[-1], [1.5], [Number.NaN], [0, Infinity]]) {
      expect(() => wrap(kind, () => 1, { ignore, name: 'checked' })).toThrow(RangeError);
      expect(() => wrap(kind, () => 1, { ignore, name: 'checked' })).toThrow(/checked.*`ignore`/);
    }
    for (const method of [1, 'yes', {}]) expect(() => wrap(kind, () => 1, { method })).toThrow(/`method`/);
    for (const method of [null, undefined, false]) wrap(kind, () => 1, { method, ignore: null });
  });

  it('[CAC-221] deps count like arguments; a plain function among them is refused', async () => {
    const { wrap } = testCache();
    let dep: unknown = 1;
    const fn = counted(() => 1);
    const f = wrap(kind, fn, { deps: () => [dep] });
    const runsAfter = async (value: unknown): Promise<number> => {
      dep = value;
      await f();
      return fn.runs.length;
    };
    expect(await runsAfter(1)).toBe(1);
    expect(await runsAfter(2)).toBe(2);
    expect(await runsAfter(1)).toBe(2);
    for (const refused of [(x: number) => x, new WeakMap()]) {
      dep = refused;
      const error = await failure(() => f());
      expect(error).toBeInstanceOf(UnhashableParamError);
      expect(error).toMatchObject({ param: 'deps[0]' });
    }
    expect(fn.runs.length).toBe(2);
  });

  it('[CAC-221] a cached function in deps counts by identity', async () => {
    const { wrap } = testCache();
    const same = () => 1;
    const [one, two, three] = [wrap(kind, () => 1), wrap(kind, () => 1), wrap(kind, same)];
    let dep = one;
    const fn = counted(() => 1);
    const f = wrap(kind, fn, { deps: () => [dep] });
    const runsAfter = async (value: typeof dep): Promise<number> => {
      dep = value;
      await f();
      return fn.runs.length;
    };
    expect(await runsAfter(one)).toBe(1);
    expect(await runsAfter(two)).toBe(2);
    expect(await runsAfter(one)).toBe(2);
    expect(await runsAfter(three)).toBe(3);
    expect(await runsAfter(wrap(kind, same))).toBe(3);
    expect(await runsAfter(wrap(kind, () => 5, { name: 'named' }))).toBe(4);
    expect(await runsAfter(wrap(kind, () => 5, { name: 'named' }))).toBe(4);
    expect(await runsAfter(wrap(kind, () => 5, { name: 'named', version: 2 }))).toBe(5);
  });

  it('[CAC-74] a signal does not count', async () => {
    const fn = counted((_x: number, _options?: unknown) => 1);
    const f = testCache().wrap(kind, fn);
    const { signal } = new AbortController();
    await f(1, {});
    await f(1, { signal });
    await f(2);
    await f(2, signal);
    expect(fn.runs.length).toBe(2);
  });

  it.each(['key', 'deps', 'tags'])('a throwing %s is a UserHashError', async (option) => {
    const cause = new Error('inside');
    const fn = counted(() => 1);
    const f = testCache().wrap(kind, fn, {
      [option]: () => {
        throw cause;
      },
      name: 'broken',
    });
    const error = await failure(() => f());
    expect(error).toBeInstanceOf(UserHashError);
    expect(error).toMatchObject({ cause, functionName: 'broken' });
    expect(error.message).not.toContain('inside');
    expect(fn.runs.length).toBe(0);
  });
});
