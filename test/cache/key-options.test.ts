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

  it('[CAC-70] ignore takes names, positions and properties', async () => {
    const runs: number[] = [];
    function foo(arg1: number, _arg2: number, { kw1, _kw2 }: { kw1: number; _kw2: number }, ...rest: number[]) {
      runs.push(arg1 + kw1 + rest.length + _kw2 * 0);
      return arg1;
    }
    for (const ignore of [
      ['_arg2', '_kw2'],
      [1, '_kw2'],
    ]) {
      runs.length = 0;
      const f = testCache().wrap(kind, foo, { ignore });
      await f(1, 2, { kw1: 3, _kw2: 4 }, 5);
      await f(1, 99, { kw1: 3, _kw2: 4 }, 5);
      await f(1, 2, { kw1: 3, _kw2: 99 }, 5);
      expect(runs.length).toBe(1);
      await f(99, 2, { kw1: 3, _kw2: 4 }, 5);
      await f(1, 2, { kw1: 99, _kw2: 4 }, 5);
      await f(1, 2, { kw1: 3, _kw2: 4 }, 99);
      expect(runs.length).toBe(4);
    }
  });

  it('[CAC-71] parameters with a leading _ do not count in readable text', async () => {
    const runs: number[] = [];
    async function fetchData(_conn: unknown, n: number) {
      runs.push(n);
      return n;
    }
    const f = testCache().wrap(kind, fetchData);
    await f({ socket: () => {} }, 1);
    await f({ socket: () => {} }, 1);
    expect(runs).toEqual([1]);
    await f['clear'](Symbol('another connection'), 1);
    await f(null, 1);
    expect(runs).toEqual([1, 1]);
    const all = testCache().wrap(kind, (_a: unknown, _b: unknown) => runs.push(0));
    await all(1, 2);
    await all(3, 4);
    expect((await all['info']()).entries).toBe(1);
  });

  it('[CAC-72] they count in minified text; an ignored name that matches nothing warns once', async () => {
    const { wrap, codes } = testCache();
    const runs: unknown[] = [];
    const minified = new Function('runs', 'return (e,_t)=>runs.push(e)')(runs) as (e: number, t: number) => number;
    const f = wrap(kind, minified);
    await f(1, 1);
    await f(1, 2);
    expect(runs.length).toBe(2);
    const g = wrap(kind, (a: number, b: number) => a + b, { ignore: ['nope'] });
    await g(1, 2);
    await g(1, 3);
    expect(codes()).toEqual(['cache-ignore']);
  });

  it('[CAC-73] deps count like arguments, functions by their text', async () => {
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
    expect(await runsAfter((x: number) => x + 1)).toBe(3);
    expect(await runsAfter((x: number) => x + 2)).toBe(4);
    expect(await runsAfter((x: number) => x + 1)).toBe(4);
    dep = new WeakMap();
    const error = await failure(() => f());
    expect(error).toBeInstanceOf(UnhashableParamError);
    expect(error).toMatchObject({ param: 'deps[0]' });
    expect(fn.runs.length).toBe(4);
  });

  it('[CAC-73] a cached function in deps counts by identity', async () => {
    const { wrap } = testCache();
    const [one, two] = [wrap(kind, () => 1), wrap(kind, () => 2)];
    let dep = one;
    const fn = counted(() => 1);
    const f = wrap(kind, fn, { deps: () => [dep] });
    await f();
    dep = two;
    await f();
    dep = one;
    await f();
    expect(fn.runs.length).toBe(2);
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
