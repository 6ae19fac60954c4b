// What is called before the code of calls is there: each test begins with a library that has loaded nothing.
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type * as Library from '../../src/index.js';
import type { CacheEvent } from '../../src/index.js';

type AnyCached = ((...args: any[]) => Promise<any>) & Record<string, any>;

let library: typeof Library;

// all of the library is read anew each time
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

beforeEach(async () => {
  vi.resetModules();
  library = await import('../../src/index.js');
});

/** In memory only, or stored in an own store. */
const wrap = (fn: (...args: any[]) => any, options: object = {}): AnyCached =>
  library
    .createCache({ name: `before ${Math.random()}`, onWarning: () => {} })
    .cacheData(fn, { persist: false, ...options }) as unknown as AnyCached;

describe.each([
  ['in memory', () => ({})],
  ['stored', () => ({ name: 'f', persist: true, store: library.memoryStore() })],
])('a function whose code is not loaded yet, %s', (_where, options) => {
  const make = (fn: (...args: any[]) => any, more: object = {}): AnyCached => wrap(fn, { ...options(), ...more });

  it('[CAC-103] primes the value as it is at the call', async () => {
    const fn = vi.fn((_id: number): unknown => 'run');
    const f = make(fn);
    const value: any = { list: [1, { deep: true }], bytes: new Uint8Array([1, 2]), at: new Date(5) };
    value.self = value;
    const args = { id: 1 };
    const done = f.prime(value, args);
    value.list[1].deep = false;
    value.bytes[0] = 9;
    args.id = 2;
    await done;
    const found = await f({ id: 1 });
    expect(found).toMatchObject({ list: [1, { deep: true }], bytes: new Uint8Array([1, 2]), at: new Date(5) });
    expect(found.self).toBe(found);
    expect(fn).not.toHaveBeenCalled();
    expect(await f({ id: 2 })).toBe('run');
  });

  it('[CAC-23][CAC-27] primes instances, proxies and objects without a prototype', async () => {
    class Point {
      constructor(readonly x: number) {}
    }
    library.registerClass(Point, `Point ${Math.random()}`);
    const f = make(() => 'run');
    const bare = Object.assign(Object.create(null), { point: new Point(1) });
    await Promise.all([f.prime(new Point(2), 1), f.prime(new Proxy({ a: [new Point(3)] }, {}), 2), f.prime(bare, 3)]);
    expect(await f(1)).toEqual(new Point(2));
    expect((await f(2)).a[0]).toBeInstanceOf(Point);
    expect((await f(3)).point).toBeInstanceOf(Point);
  });

  it('[CAC-25][CAC-26] refuses to prime what cannot be stored, with its path', async () => {
    class Own {}
    const f = make(() => 'run');
    const refused = [
      [{ a: { b: [1, () => {}] } }, 'a.b[1]', 'function'],
      [{ p: Promise.resolve() }, 'p', 'Promise'],
      [[new Own()], '[0]', 'Own'],
      [new WeakMap(), '', 'WeakMap'],
      [{ s: Symbol('s') }, 's', 'symbol'],
    ].map(async ([value, path, typeName], i) => {
      const error = await f.prime(value, i).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ name: 'UnserializableReturnValueError', path, typeName });
    });
    await Promise.all(refused);
    expect(await f(0)).toBe('run');
  });

  it('[CAC-29] primes the object itself where copies are shared', async () => {
    const f = make(() => 'run', { copy: 'share' });
    const value = { a: 1 };
    await f.prime(value);
    expect(await f()).toBe(value);
  });

  it('[CAC-11][CAC-112] takes the key at the call, and runs equal calls once', async () => {
    const fn = vi.fn(async ({ id }: { id: number }) => id);
    const f = make(fn);
    const calls = [f({ id: 1 }), f({ id: 1 }), f({ id: 2 })];
    expect(await Promise.all(calls)).toEqual([1, 1, 2]);
    expect(fn).toHaveBeenCalledTimes(2);
  });

  it('[CAC-223] keeps nothing of a run whose argument was changed while the code was loaded', async () => {
    const f = make(async ({ id }: { id: number }) => id);
    const query = { id: 1 };
    const called = f(query);
    query.id = 2;
    // in engines modules are loaded once, and this is a call like others
    expect([1, 2]).toContain(await called);
    expect(await f({ id: 1 })).toBe(1);
    expect(await f({ id: 2 })).toBe(2);
  });

  it('[CAC-58] refuses what cannot be a key: members that return promises reject, the others throw', async () => {
    const fn = vi.fn(() => 1);
    const f = make(fn);
    for (const member of ['refresh', 'has', 'prime', 'clear'])
      await expect(
        f[member](
          () => {},
          () => {},
        ),
        member,
      ).rejects.toThrow(library.UnhashableParamError);
    await expect(f(() => {})).rejects.toThrow(library.UnhashableParamError);
    for (const member of ['peek', 'ref'])
      expect(() => f[member](() => {}), member).toThrow(library.UnhashableParamError);
    expect(fn).not.toHaveBeenCalled();
  });

  it('[CAC-106][CAC-110] knows of nothing, and runs nothing', async () => {
    const fn = vi.fn(() => 1);
    const f = make(fn);
    expect(f.peek(1)).toBeUndefined();
    expect(f.ref(1).get()).toMatchObject({ status: 'pending' });
    expect(await f.has(1)).toBe(false);
    expect(await f.info()).toMatchObject({ entries: 0, bytes: 0, hits: 0, misses: 0, oldest: null });
    expect(fn).not.toHaveBeenCalled();
  });

  it('[CAC-107][CAC-108] gives the same ref before and after', async () => {
    const f = make(async (id: number) => id * 2);
    const ref = f.ref(4);
    const seen: unknown[] = [];
    const stop = ref.listen(({ value }: { value: unknown }) => seen.push(value));
    expect(await f(4)).toBe(8);
    await vi.waitFor(() => expect(ref.get()).toMatchObject({ status: 'success', value: 8 }));
    expect(f.ref(4)).toBe(ref);
    expect(f.ref(5)).not.toBe(ref);
    expect(seen.at(-1)).toBe(8);
    stop();
  });

  it('[CAC-107] a ref shows what was primed before its listener came', async () => {
    const fn = vi.fn(() => 'run');
    const f = make(fn);
    void f.prime('primed', 1);
    const ref = f.ref(1);
    const listeners = [vi.fn(), vi.fn()];
    const ends = listeners.map((listener) => ref.subscribe(listener));
    for (const listener of listeners)
      await vi.waitFor(() =>
        expect(listener.mock.lastCall?.[0]).toMatchObject({ status: 'success', value: 'primed', isFetching: false }),
      );
    expect(fn).not.toHaveBeenCalled();
    for (const end of ends) end();
  });

  it('[CAC-107] a ref loads, though its code takes longer than calls wait for it', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const ref = make((id: number) => id * 2).ref(4);
      const seen: unknown[] = [];
      const end = ref.listen(({ value }: { value: unknown }) => seen.push(value));
      // those for what is stored, and those for all
      for (let i = 0; i < 2; i++) {
        vi.advanceTimersByTime(2000);
        await Promise.resolve().then(() => {});
      }
      vi.useRealTimers();
      await vi.waitFor(() => expect(seen.at(-1)).toBe(8));
      end();
    } finally {
      vi.useRealTimers();
    }
  });

  it('[CAC-109] tells those who subscribed of what comes after, in order', async () => {
    const f = make((id: number) => id);
    const events: string[] = [];
    const stop = f.subscribe(({ type }: CacheEvent) => events.push(type));
    const left = f.subscribe(() => events.push('never'));
    left();
    const done = [f.clear(1), f(1)];
    await Promise.all(done);
    expect(events).toEqual(['clear', 'set']);
    stop();
    await f.refresh(1);
    expect(events).toEqual(['clear', 'set']);
  });

  it('[CAC-114] a clear between two calls leaves both their values', async () => {
    let runs = 0;
    const f = make(async () => ++runs);
    const first = f();
    const cleared = f.clear();
    const second = f();
    expect(await first).toBe(1);
    expect(await second).toBeLessThanOrEqual(2);
    await cleared;
    expect(await f()).toBe(await second);
  });

  it('[CAC-103][CAC-119] of a prime and a clear, the later one counts', async () => {
    for (const clear of [(f: AnyCached) => f['clear'](), (f: AnyCached) => f['clear'](1)]) {
      vi.resetModules();
      library = await import('../../src/index.js');
      const f = make((id: number) => `run ${id}`);
      const done = [f['prime']('primed', 1), clear(f), f['prime']('primed', 2)];
      const called = f(1);
      await Promise.all(done);
      expect(await called).toBe('run 1');
      expect(await f(1)).toBe('run 1');
      expect(await f(2)).toBe('primed');
    }
  });

  it('[CAC-102] refresh runs, and replaces what a call before it brings', async () => {
    let runs = 0;
    const f = make(async () => ++runs);
    const [, refreshed] = await Promise.all([f(), f.refresh()]);
    expect(refreshed).toBe(runs);
    expect(await f()).toBe(refreshed);
  });
});

describe('clear of everything, before the code is there', () => {
  it('[CAC-120] resolves, and is heard by those who subscribed', async () => {
    const { cacheData } = library.createCache({
      name: `before ${Math.random()}`,
      onWarning: () => {},
      store: library.memoryStore(),
    });
    const f = cacheData((id: number) => id, { name: 'f' });
    const events: string[] = [];
    f.subscribe(({ type }) => events.push(type));
    await cacheData.clear();
    await cacheData.clear({ tag: 't' });
    expect(await f(1)).toBe(1);
    expect(events).toEqual(['clear', 'set']);
    expect(await cacheData.info()).toMatchObject([{ name: 'f', entries: 1, misses: 1 }]);
  });
});
