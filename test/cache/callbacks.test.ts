// cacheIf, validate and the slots of background refreshes: what callbacks may do, and what becomes of their errors.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { counted, deferred, failure, fakeTime, microtasks, testCache } from '../helpers/caches.js';

afterEach(() => vi.useRealTimers());

/** Not a promise, though `await` waits for it. */
// biome-ignore lint/suspicious/noThenProperty: that is the point
const thenable = (value: boolean) => ({ then: (done: (is: boolean) => void) => done(value) });

describe('cacheIf', () => {
  const down = new Error('down');
  it.each([
    ['a promise of false', async () => false, []],
    ['a thenable of false', () => thenable(false), []],
    ['a rejection', () => Promise.reject(down), ['cache-callback']],
    [
      'a throw',
      () => {
        throw down;
      },
      ['cache-callback'],
    ],
  ])('[CAC-232] %s: returned, not stored', async (_name, cacheIf, expected) => {
    const { cacheData, codes } = testCache();
    let n = 0;
    const f = cacheData(async (_x: number) => ++n, { persist: false, cacheIf: cacheIf as () => Promise<boolean> });
    expect([await f(1), await f(1), await f.has(1), f.peek(1)]).toEqual([1, 2, false, undefined]);
    expect(await f.refresh(1)).toBe(3);
    expect([f.peek(1), codes()]).toEqual([undefined, expected]);
  });

  it('[CAC-232] while its promise is pending the call goes on, and a clear reaches it', async () => {
    const answer = deferred<boolean>();
    const run = counted(async () => 1);
    const f = testCache().cacheData(run, { persist: false, cacheIf: () => answer.promise });
    const calls = [f(), f()];
    await microtasks();
    expect([f.peek(), run.runs.length]).toEqual([undefined, 1]);
    void f.clear();
    answer.resolve(true);
    expect(await Promise.all(calls)).toEqual([1, 1]);
    expect(f.peek()).toBe(undefined);
    expect([await f(), f.peek(), run.runs.length]).toEqual([1, 1, 2]);
  });

  it('[CAC-232][CAC-225] one that clears', async () => {
    let n = 0;
    const f = testCache().cacheData(async () => ++n, {
      persist: false,
      cacheIf: () => {
        void f.clear();
        return true;
      },
    });
    expect([await f(), await f()]).toEqual([1, 2]);
  });

  it('[CAC-232] resources have none', () => {
    expect(() => testCache().wrap('resource', () => 1, { cacheIf: () => true })).toThrow(TypeError);
  });
});

describe('validate', () => {
  it('[CAC-104] a thenable counts as a promise', async () => {
    let n = 0;
    const validate = (() => thenable(false)) as unknown as () => boolean;
    const { wrap } = testCache();
    const f = wrap('data', async () => ++n, { validate });
    expect([await f(), await f()]).toEqual([1, 2]);
    const g = wrap('resource', () => ({}), { validate });
    g();
    expect(() => g()).toThrow(TypeError);
  });
});

describe('the four slots of background refreshes', () => {
  it('[CAC-97][CAC-98] are free again, whatever threw', async () => {
    const time = fakeTime();
    const { wrap, codes } = testCache();
    let isBad = false;
    const options = { ttl: 10, maxStale: '1h', refreshMode: 'background' };
    const tags = (): string[] => {
      if (isBad) throw new Error('in tags');
      return [];
    };
    const f = wrap('data', (x: number) => x, { ...options, tags });
    const wrong = wrap('data', (x: number) => x, { ...options, tags: () => (isBad ? ('text' as never) : []) });
    const errors: unknown[] = [];
    f['subscribe'](({ type, error }: { type: string; error: unknown }) => type === 'error' && errors.push(error));
    let n = 0;
    const g = wrap('data', () => ++n, options);
    await g();
    for (const x of [1, 2, 3, 4, 5]) await Promise.all([f(x), wrong(x)]);
    time.to(11);
    isBad = true;
    for (const x of [1, 2, 3, 4, 5]) expect([await f(x), await wrong(x)]).toEqual([x, x]);
    await microtasks();
    expect(errors.length).toBe(5);
    expect(codes()).toContain('cache-refresh');
    expect(await g()).toBe(1);
    await microtasks();
    expect(await g()).toBe(2);
    // not for the same keys: they wait a minute
    isBad = false;
    const before = errors.length;
    await f(1);
    await microtasks();
    expect(errors.length).toBe(before);
  });

  it('[CAC-97] also where the run, its result or its callbacks throw', async () => {
    const time = fakeTime();
    const { wrap } = testCache();
    let isBad = false;
    const fail = (): never => {
      throw new Error('bad');
    };
    const options = { ttl: 10, maxStale: '1h', refreshMode: 'background' };
    const functions = [
      wrap('data', () => (isBad ? fail() : 1), options),
      wrap('data', async () => (isBad ? fail() : 1), options),
      wrap('data', () => (isBad ? () => {} : 1), options),
      wrap('data', () => 1, { ...options, cacheIf: () => !isBad || fail() }),
      wrap('resource', () => (isBad ? fail() : 1), options),
    ];
    let n = 0;
    const g = wrap('data', () => ++n, options);
    for (const f of [g, ...functions]) await f();
    time.to(11);
    isBad = true;
    for (const f of functions) expect(await f()).toBe(1);
    await microtasks();
    await g();
    await microtasks();
    expect(await g()).toBe(2);
  });

  it('[CAC-97] a call without a stale value rejects with what tags threw', async () => {
    const f = testCache().wrap('data', () => 1, {
      tags: () => {
        throw new Error('in tags');
      },
    });
    expect((await failure(() => f())).name).toBe('UserHashError');
  });
});

describe('a callback that calls its own function', () => {
  it('[CAC-232][CAC-117] cacheIf: the call gets its value and is not kept, instead of waiting for itself', async () => {
    const { cacheData, codes } = testCache();
    let n = 0;
    const f = cacheData(async (_x: number) => ++n, {
      persist: false,
      cacheIf: async (value: number, x: number): Promise<boolean> => (await f(x)) === value,
    });
    expect([await f(1), await f(1)]).toEqual([1, 2]);
    expect(codes()).toEqual(['cache-callback']);
  });

  it('[CAC-225][CAC-117] validate: it is asked once, and the function runs again', async () => {
    for (const isAsync of [true, false]) {
      const { cacheData, codes } = testCache();
      let asked = 0;
      let n = 0;
      const f: (x: number) => Promise<number> = cacheData(async (_x: number) => ++n, {
        persist: false,
        validate: (value: number, x: number) => {
          asked++;
          const own = f(x).then((again) => again === value);
          own.catch(() => {});
          return isAsync ? own : true;
        },
      });
      expect([await f(1), await f(1), asked]).toEqual(isAsync ? [1, 2, 1] : [1, 1, 1]);
      expect(codes()).toEqual(isAsync ? ['cache-callback'] : []);
    }
  });

  it('[CAC-225][CAC-117] validate of a resource', () => {
    const { cacheResource, codes } = testCache();
    let asked = 0;
    const f = cacheResource((x: number): { x: number } => ({ x }), {
      validate: (value, x): boolean => {
        asked++;
        return f(x) === value;
      },
    });
    const first = f(1);
    expect(f(1)).not.toBe(first);
    expect([asked, codes()]).toEqual([1, ['cache-callback']]);
  });
});
