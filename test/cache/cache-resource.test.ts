// cacheResource: one object for all, its validation and its release.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { UnhashableParamError } from '../../src/errors.js';
import { counted, deferred, failure, fakeTime, microtasks, testCache } from '../helpers/caches.js';

afterEach(() => vi.useRealTimers());

const resource = (fn: (...args: any[]) => any, options = {}) => testCache().wrap('resource', fn, options);

describe('cacheResource', () => {
  it('[CAC-157] gives everyone the same object', () => {
    const f = resource(() => [0, 1]);
    const r1 = f();
    r1[0] = 1;
    const r2 = f();
    expect(r2).toBe(r1);
    expect(r2).toEqual([1, 1]);
  });

  it('[CAC-158] keeps functions, nodes, instances and thenables as they are', () => {
    class Client {}
    // biome-ignore lint/suspicious/noThenProperty: a client that has a method of this name
    const thenable = { then: () => 'not a promise' };
    for (const value of [() => 1, document.createElement('div'), new Client(), thenable, new WeakMap(), Symbol('s')])
      expect(resource(() => value)()).toBe(value);
    const f = resource(() => thenable);
    expect(f()).toBe(f());
  });

  it('[CAC-159] keeps what a promise brings, not a rejection', async () => {
    let n = 0;
    const f = resource(async () => {
      if (++n === 1) throw new Error('no');
      return { n };
    });
    await failure(() => f());
    const [a, b] = await Promise.all([f(), f()]);
    expect(a).toBe(b);
    expect(await f()).toBe(a);
    expect(f()).toBeInstanceOf(Promise);
    expect(n).toBe(2);
  });

  it('[CAC-160] validates on each hit', () => {
    let n = 0;
    const yes = counted((_value: number) => true);
    const f = resource(() => ++n, { validate: yes });
    expect([f(), f(), f(), f()]).toEqual([1, 1, 1, 1]);
    expect(yes.runs.length).toBe(3);
    n = 0;
    const no = counted((_value: number) => false);
    const g = resource(() => ++n, { validate: no });
    expect([g(), g(), g(), g()]).toEqual([1, 2, 3, 4]);
    expect(no.runs).toEqual([[1], [2], [3]]);
  });

  it('[CAC-161] drops the object when it becomes invalid', () => {
    const answers = [true, false];
    const validate = counted(() => answers.shift());
    let n = 0;
    const f = resource(() => ++n, { validate });
    expect([f(), f(), f()]).toEqual([1, 1, 2]);
    expect(validate.runs.length).toBe(2);
  });

  it('[CAC-162] an async validate needs a function that returns a promise', async () => {
    const f = resource(() => ({}), { validate: async () => true });
    f();
    expect(() => f()).toThrow(TypeError);
    let n = 0;
    const answers = [true, false];
    const g = resource(async () => ++n, { validate: async () => answers.shift() });
    expect([await g(), await g(), await g()]).toEqual([1, 1, 2]);
    n = 0;
    const { wrap, codes } = testCache();
    const h = wrap('resource', () => ++n, {
      validate() {
        throw new Error('in validate');
      },
    });
    expect([h(), h()]).toEqual([1, 2]);
    expect(codes()).toEqual(['cache-callback']);
  });

  const releasing = (fn: (...args: any[]) => any, options: object = {}) => {
    const released: unknown[] = [];
    const f = resource(fn, { onRelease: (value: unknown) => released.push(value), ...options });
    return { f, released };
  };

  it('[CAC-163] releases what is evicted before the new one is kept, then what is cleared', () => {
    const { f, released } = releasing((x: number) => x, { maxEntries: 1 });
    f(1);
    expect(released).toEqual([]);
    const seen: unknown[] = [];
    f['subscribe'](({ type }: { type: string }) => type === 'set' && seen.push(...released));
    f(2);
    expect(released).toEqual([1]);
    expect(seen).toEqual([1]);
    f['clear']();
    expect(released).toEqual([1, 2]);
  });

  it('[CAC-164] releases an expired object at the next call', () => {
    const time = fakeTime();
    const { f, released } = releasing((x: number) => ({ x }), { ttl: 10 });
    const first = f(1);
    f(2);
    time.to(11);
    expect(released).toEqual([]);
    f(1);
    expect(released.length).toBe(2);
    expect(released).toContain(first);
    f(2);
    expect(released.length).toBe(2);
  });

  it('[CAC-165] exactly once each', () => {
    const { f, released } = releasing((x: number) => ({ x }));
    const [one, two] = [f(1), f(2)];
    f['clear'](1);
    expect(released).toEqual([one]);
    f['clear']();
    f['clear']();
    expect(released).toEqual([one, two]);
    const three = f(3);
    const four = f['refresh'](3);
    expect(four).not.toBe(three);
    expect(released).toEqual([one, two, three]);
    let isValid = true;
    const checked = releasing(() => ({}), { validate: () => isValid });
    const old = checked.f();
    isValid = false;
    checked.f();
    expect(checked.released).toEqual([old]);
  });

  it('[CAC-165] nor twice, where validate refuses what was cleared while it was asked', async () => {
    const time = fakeTime();
    const asked = deferred<boolean>();
    const released: unknown[] = [];
    let isDown = false;
    const f = testCache().wrap(
      'resource',
      async () => {
        if (isDown) throw new Error('down');
        return 'thing';
      },
      {
        ttl: 10,
        staleIfError: true,
        validate: () => asked.promise,
        onRelease: (value: unknown) => released.push(value),
      },
    );
    await f();
    time.to(15);
    isDown = true;
    const call = f() as Promise<unknown>;
    await microtasks();
    f['clear']();
    asked.resolve(false);
    await expect(call).rejects.toThrow('down');
    expect(released).toEqual(['thing']);
  });

  it('[CAC-165] not while the object is held under another key, nor put back', () => {
    const same = { same: true };
    const { f, released } = releasing((_x: number) => same, { key: (x: number) => x });
    f(1);
    f(2);
    f['clear'](1);
    expect(released).toEqual([]);
    f['refresh'](2);
    expect(released).toEqual([]);
    f['prime'](same, 2);
    expect(released).toEqual([]);
    f['clear'](2);
    expect(released).toEqual([same]);
  });

  it('[CAC-166] a failing release is reported; the others go on', async () => {
    const { wrap, codes } = testCache();
    const released: unknown[] = [];
    const f = wrap('resource', (x: number) => x, {
      maxEntries: 2,
      onRelease(value: number) {
        released.push(value);
        if (value === 1) throw new Error('at 1');
        if (value === 2) return Promise.reject(new Error('at 2'));
        return undefined;
      },
    });
    for (const x of [1, 2, 3, 4]) expect(f(x)).toBe(x);
    f['clear']();
    await microtasks();
    expect(released).toEqual([1, 2, 3, 4]);
    expect(codes()).toEqual(['cache-release']);
  });

  it('[CAC-167] a flight that was cleared leaves its object to its callers', async () => {
    const gate = deferred<object>();
    const { f, released } = releasing(() => gate.promise);
    const call = f();
    f['clear']();
    const value = {};
    gate.resolve(value);
    expect(await call).toBe(value);
    expect(f['has']()).toBe(false);
    expect(released).toEqual([]);
  });

  it('[CAC-168] a background refresh releases what it replaces, or what nobody got', async () => {
    const time = fakeTime();
    const background = { ttl: 10, maxStale: '1h', refreshMode: 'background' };
    let n = 0;
    const { f, released } = releasing(() => ++n, background);
    f();
    time.to(10);
    expect(f()).toBe(1);
    await microtasks();
    expect(f()).toBe(2);
    expect(released).toEqual([1]);
    const same = {};
    const kept = releasing(() => same, background);
    kept.f();
    time.to(20);
    kept.f();
    await microtasks();
    expect(kept.released).toEqual([]);
    const gate = deferred<object>();
    let isFirst = true;
    const unused = releasing(async () => (isFirst ? 'first' : gate.promise), background);
    await unused.f();
    time.to(30);
    isFirst = false;
    await unused.f();
    await microtasks();
    unused.f['clear']();
    gate.resolve('nobody got it' as never);
    await microtasks();
    expect(unused.released).toEqual(['first', 'nobody got it']);
  });

  it('[CAC-169] pagehide releases, unless the page may come back', () => {
    const { f, released } = releasing(() => ({}));
    const value = f();
    const hide = (persisted: boolean): void => {
      const event = new Event('pagehide');
      Object.defineProperty(event, 'persisted', { value: persisted });
      window.dispatchEvent(event);
    };
    hide(true);
    expect(released).toEqual([]);
    expect(f()).toBe(value);
    hide(false);
    expect(released).toEqual([value]);
    expect(f()).not.toBe(value);
  });

  it('[CAC-170] key errors throw, or reject for an async function', async () => {
    expect(() => resource((x: unknown) => x)(() => {})).toThrow(UnhashableParamError);
    const promise = resource(async (x: unknown) => x)(() => {});
    expect(promise).toBeInstanceOf(Promise);
    await expect(promise).rejects.toBeInstanceOf(UnhashableParamError);
  });

  it('[CAC-135] scope session is this page, too', () => {
    const fn = counted(() => ({}));
    const f = resource(fn, { scope: 'session' });
    expect(f()).toBe(f());
    expect(fn.runs.length).toBe(1);
  });
});

describe('what is primed follows the function', () => {
  it('[CAC-103][CAC-159] a function that returns promises without being declared async: a hit is a promise', async () => {
    const validate = vi.fn(async () => true);
    const f = testCache().cacheResource((x: number) => Promise.resolve({ x }), { validate });
    const early = { x: 5 };
    f.prime(early, 5);
    await f(1);
    const primed = { x: 2 };
    f.prime(primed, 2);
    f.prime(primed, 1);
    for (const [x, value] of [
      [1, primed],
      [2, primed],
      [5, early],
    ] as const) {
      const hit = f(x);
      expect(hit).toBeInstanceOf(Promise);
      expect(await hit).toBe(value);
    }
    expect(validate).toHaveBeenCalledTimes(3);
  });

  it('[CAC-103] a synchronous function: a hit is the object', () => {
    const f = testCache().cacheResource((x: number) => ({ x }));
    f(1);
    const primed = { x: 2 };
    f.prime(primed, 2);
    expect(f(2)).toBe(primed);
  });
});
