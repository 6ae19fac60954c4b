// cacheData gives each caller a copy: of which values, and when.
import { describe, expect, it } from 'vitest';
import { UnserializableReturnValueError } from '../../src/errors.js';
import { memoryStore } from '../../src/stores/memory-store.js';
import { type AnyCached, counted, deferred, failure, testCache } from '../helpers/caches.js';

describe('cacheData copies', () => {
  const data = (fn: (...args: any[]) => any, options = {}) => testCache().wrap('data', fn, options);

  it('[CAC-14] gives each call a copy', async () => {
    const f = data(() => [0, 1]);
    const r1 = await f();
    r1[0] = 1;
    expect(r1).toEqual([1, 1]);
    expect(await f()).toEqual([0, 1]);
  });

  it('[CAC-15] never hands out what the function holds, nor its argument', async () => {
    const G = { n: [1] };
    const f = data(() => G);
    const result = await f();
    expect(result).not.toBe(G);
    result.n.push(2);
    expect(G).toEqual({ n: [1] });
    expect(await f()).toEqual({ n: [1] });
    const same = data((x: unknown) => x);
    const argument = { a: 1 };
    (await same(argument)).a = 2;
    expect(argument).toEqual({ a: 1 });
    expect(await same({ a: 1 })).toEqual({ a: 1 });
  });

  it('[CAC-16] keeps the value as it was returned', async () => {
    const held = [1];
    const f = data(async () => held);
    const first = f();
    await first;
    held.push(2);
    expect(await f()).toEqual([1]);
  });

  it('[CAC-17] gives two callers of one run two copies', async () => {
    const f = data(async () => ({ n: [1] }));
    const [a, b] = await Promise.all([f(), f()]);
    expect(a).toEqual(b);
    expect(a).not.toBe(b);
    a.n.push(2);
    expect(b).toEqual({ n: [1] });
  });

  it('[CAC-18] in-place changes stay with the caller', async () => {
    const f = data(() => [1]);
    const seen: number[] = [];
    for (let i = 0; i < 3; i++) {
      const l = await f();
      l[0] += 1;
      seen.push(l[0]);
    }
    expect(seen).toEqual([2, 2, 2]);
    const { wrap } = testCache();
    const resource = wrap('resource', () => [1]);
    const live: number[] = [];
    for (let i = 0; i < 3; i++) {
      const l = resource();
      l[0] += 1;
      live.push(l[0]);
    }
    expect(live).toEqual([2, 3, 4]);
  });

  it('[CAC-19] a deleted column is back for data, gone for a resource', async () => {
    const table = () => ({ lat: [1], lon: [2] }) as { lat?: number[]; lon: number[] };
    const f = data(table);
    delete (await f()).lat;
    expect((await f()).lat).toEqual([1]);
    const resource = testCache().wrap('resource', table);
    delete resource().lat;
    expect(resource().lat).toBeUndefined();
  });

  it("[CAC-28] copy: 'freeze' gives everyone one frozen object", async () => {
    const f = data(() => ({ a: { b: [1] } }), { copy: 'freeze' });
    const [one, two] = [await f(), await f()];
    expect(one).toBe(two);
    expect(() => {
      one.a.b[0] = 2;
    }).toThrow(TypeError);
    expect(() => one.a.b.push(2)).toThrow(TypeError);
    const { wrap, codes } = testCache();
    const g = wrap('data', () => new Map([[1, 2]]), { copy: 'freeze' });
    const [three, four] = [await g(), await g()];
    expect(three).not.toBe(four);
    expect(three).toEqual(four);
    expect(codes()).toEqual(['cache-freeze']);
  });

  it("[CAC-29] copy: 'share' gives everyone the object itself", async () => {
    class Point {
      x = 1;
    }
    const shared = data(() => ({ a: 1 }), { copy: 'share', persist: true });
    expect(await shared()).toBe(await shared());
    const unchecked = data(() => new Point(), { copy: 'share', persist: false });
    expect(await unchecked()).toBeInstanceOf(Point);
    expect(await unchecked()).toBe(await unchecked());
    expect(await failure(() => data(() => new Point(), { copy: 'share', persist: true })())).toBeInstanceOf(
      UnserializableReturnValueError,
    );
  });

  it.each([
    ['in memory', { persist: false }],
    ['stored', { persist: true, name: 'f' }],
  ])(
    '[CAC-28][CAC-29][CAC-212] wrappers of one function share entries, and each copies as it says, %s',
    async (_where, options) => {
      const wrapped: ['clone' | 'share' | 'freeze', 'clone' | 'share' | 'freeze'][] = [
        ['share', 'clone'],
        ['clone', 'share'],
        ['share', 'freeze'],
        ['freeze', 'share'],
      ];
      for (const [first, second] of wrapped) {
        const { wrap } = testCache({ store: memoryStore() });
        const fn = counted(() => ({ a: { n: 0 } }));
        const by = { [first]: wrap('data', fn, { ...options, copy: first }) } as Record<string, AnyCached>;
        by[second] = wrap('data', fn, { ...options, copy: second });
        for (const copy of [first, second, first]) await by[copy]!();
        const { clone, share, freeze } = by;
        const hint = `${first}, ${second}`;
        const object = await share!();
        expect(await share!(), hint).toBe(object);
        expect(Object.isFrozen(object), hint).toBe(false);
        if (clone) {
          (await clone()).a.n = 1;
          expect([await clone(), object], hint).toEqual([{ a: { n: 0 } }, { a: { n: 0 } }]);
        }
        if (freeze) {
          expect(Object.isFrozen((await freeze()).a), hint).toBe(true);
          expect(await freeze(), hint).toBe(await freeze());
        }
        expect(fn.runs.length, hint).toBe(1);
      }
    },
  );

  it('[CAC-26][CAC-29] what one wrapper shares unchecked is checked for another one that copies', async () => {
    class Point {}
    const { wrap } = testCache();
    const fn = () => new Point();
    const point = await wrap('data', fn, { copy: 'share' })();
    const error = await failure(() => wrap('data', fn)());
    expect(error).toBeInstanceOf(UnserializableReturnValueError);
    expect(await wrap('data', fn, { copy: 'share' })()).toBe(point);
  });

  it('[CAC-25] names what cannot be stored, and stores nothing', async () => {
    const body = counted(() => ({ a: { b: [1, 2, { fn() {} }] } }));
    const f = testCache().wrap('data', body, { name: 'loadAll' });
    for (let i = 0; i < 2; i++) {
      const error = await failure(() => f());
      expect(error).toBeInstanceOf(UnserializableReturnValueError);
      expect(error).toMatchObject({ path: 'a.b[2].fn', typeName: 'function', functionName: 'loadAll' });
      expect(error.message).toContain('cacheResource');
    }
    expect(body.runs.length).toBe(2);
    expect(await f['has']()).toBe(false);
  });

  it('[CAC-25] every caller of the run hears of it', async () => {
    const gate = deferred();
    const f = data(() => gate.promise);
    const calls = [f(), f()];
    gate.resolve(() => {});
    for (const call of calls) await expect(call).rejects.toBeInstanceOf(UnserializableReturnValueError);
  });
});
