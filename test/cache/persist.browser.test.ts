import { describe, expect, it } from 'vitest';
import { emitter } from '../../src/cache/emitter.js';
import { counted, deferred, failure, testCache } from '../helpers/caches.js';

let caches = 0;
/** Two caches on one database act like two tabs, or like a page before and after a reload. */
const pages = () => {
  const name = `persist-${Date.now()}-${++caches}`;
  return [testCache({ name }), testCache({ name }), testCache({ name })] as const;
};

describe('cacheData on disk', () => {
  it('[CAC-1][CAC-137] is found again by another page of this origin', async () => {
    const [a, b] = pages();
    const fn = counted((x: number) => ({ x, at: new Date(5), map: new Map([[1, [2]]]) }));
    const options = { name: 'found', persist: true };
    const f = a.wrap('data', fn, options);
    const value = await f(1);
    expect(await f['info']()).toMatchObject({ entries: 1, persisted: true, misses: 1 });
    const g = b.wrap('data', fn, options);
    expect(await g['has'](1)).toBe(true);
    expect(await g(1)).toEqual(value);
    expect(await g(1)).toEqual(value);
    expect(fn.runs.length).toBe(1);
    expect(await g['info']()).toMatchObject({ hits: 2, misses: 0, entries: 1 });
    expect([...a.codes(), ...b.codes()]).toEqual([]);
  });

  it('[CAC-178] replays messages that lay on disk', async () => {
    const [a, b] = pages();
    const log: unknown[] = [];
    const options = { name: 'told', persist: true, onMessage: (message: unknown) => log.push(message) };
    const fn = (x: number): number => {
      const emit = emitter();
      emit({ x });
      emit('end');
      return x;
    };
    const f = a.wrap('data', fn, options);
    await f(1);
    await f['info']();
    log.push('---');
    const g = b.wrap('data', fn, options);
    await Promise.all([g(1), g(1)]);
    await g(1);
    const told = [{ x: 1 }, 'end'];
    expect(log).toEqual([...told, '---', ...told, ...told, ...told]);
  });

  it('[CAC-103] prime is readable elsewhere when it resolves', async () => {
    const [a, b] = pages();
    const fn = counted((x: number) => x);
    const options = { name: 'primed', persist: true };
    await a.wrap('data', fn, options)['prime'](7, 1);
    expect(await b.wrap('data', fn, options)(1)).toBe(7);
    expect(fn.runs.length).toBe(0);
  });

  it('[CAC-122] clear is over everywhere when it resolves', async () => {
    const [a, b, c] = pages();
    const fn = counted(async (x: number) => x);
    const options = { name: 'cleared', persist: true };
    const f = a.wrap('data', fn, options);
    await Promise.all([f(1), f(2)]);
    await f['info']();
    await f['clear'](1);
    const g = b.wrap('data', fn, options);
    expect([await g['has'](1), await g['has'](2)]).toEqual([false, true]);
    await a.cacheData.clear();
    expect(await c.wrap('data', fn, options)['has'](2)).toBe(false);
  });

  it('[CAC-114] a clear during the flight keeps its result off the disk', async () => {
    const [a, b] = pages();
    const gate = deferred<number>();
    const options = { name: 'late', persist: true };
    const f = a.wrap('data', () => gate.promise, options);
    const call = f();
    await f['clear']();
    gate.resolve(1);
    expect(await call).toBe(1);
    expect(await f['has']()).toBe(false);
    expect(await b.wrap('data', () => 2, options)()).toBe(2);
  });

  it('[CAC-31] ambiguous functions leave nothing on disk', async () => {
    const [a, b] = pages();
    const mk = (n: number) =>
      async function inner(x: number) {
        return [n, x];
      };
    const [f, g] = [a.wrap('data', mk(1), { persist: true }), a.wrap('data', mk(2), { persist: true })];
    expect([await f(5), await g(5)]).toEqual([
      [1, 5],
      [2, 5],
    ]);
    expect((await f['info']()).persisted).toBe(false);
    const again = b.wrap('data', mk(2), { persist: true });
    expect(await again(5)).toEqual([2, 5]);
    expect(b.wrap('data', mk(1), { persist: true })).not.toBe(again);
  });

  it('[CAC-31] also when the second closure comes after the first was stored', async () => {
    const [a, b] = pages();
    const mk = (n: number) =>
      async function lateTwin(x: number) {
        return [n, x];
      };
    const f = a.wrap('data', mk(1), { persist: true });
    await f(5);
    expect((await f['info']()).persisted).toBe(true);
    const g = a.wrap('data', mk(2), { persist: true });
    expect(await g(5)).toEqual([2, 5]);
    expect(await b.wrap('data', mk(2), { persist: true })(5)).toEqual([2, 5]);
    expect(a.codes()).toEqual(['cache-ambiguous']);
  });

  it('[CAC-33] without a name a changed body is another function; changed back it finds the old entries', async () => {
    const [a, b, c] = pages();
    const runs: string[] = [];
    const first = () =>
      async function loader(x: number) {
        runs.push('first');
        return x;
      };
    const changed = async function loader(x: number) {
      runs.push('changed');
      return x + 1;
    };
    const call = async (page: typeof a, fn: (x: number) => Promise<number>) => {
      const f = page.wrap('data', fn, { persist: true });
      const value = await f(1);
      await f['info']();
      return value;
    };
    expect(await call(a, first())).toBe(1);
    expect(await call(b, changed)).toBe(2);
    expect(await call(c, first())).toBe(1);
    expect(runs).toEqual(['first', 'changed']);
  });

  it('[CAC-104] validate sees what lay on disk', async () => {
    const [a, b] = pages();
    let n = 0;
    const fn = () => ++n;
    await a.wrap('data', fn, { name: 'checked', persist: true })();
    await a.cacheData.info();
    const seen: number[] = [];
    const g = b.wrap('data', fn, { name: 'checked', persist: true, validate: (value: number) => seen.push(value) < 0 });
    expect(await g()).toBe(2);
    expect(seen).toEqual([1]);
    expect((await g['info']()).entries).toBe(1);
  });

  it('[CAC-8] an error passes through, and nothing is stored', async () => {
    const [a] = pages();
    const E = new Error('no');
    const f = a.wrap('data', () => Promise.reject(E), { name: 'fails', persist: true });
    expect(await failure(() => f())).toBe(E);
    expect(await f['has']()).toBe(false);
  });

  it('[CAC-136] persist is checked', () => {
    const [{ wrap }] = pages();
    for (const persist of [undefined, null, true, false, 'indexeddb', 'disk']) wrap('data', () => 1, { persist });
    expect(() => wrap('data', () => 1, { persist: 'yesplz' })).toThrow(RangeError);
    expect(() => wrap('data', () => 1, { persist: 'yesplz' })).toThrow(/indexeddb.*disk/);
    expect(() => wrap('data', () => 1, { persist: 1 })).toThrow(TypeError);
    expect(() => wrap('resource', () => 1, { persist: true })).toThrow(TypeError);
  });
});
