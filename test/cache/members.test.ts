// What a cached function has beside its call: prime, peek, has, info, refresh, subscribe.
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { loadStored } from '../../src/cache/late.js';
import { counted, deferred, failure, fakeTime, kinds, microtasks, testCache } from '../helpers/caches.js';

beforeAll(loadStored);

afterEach(() => vi.useRealTimers());

describe.each(kinds)('members (%s)', (kind) => {
  it('[CAC-103] prime stores without a run, and wins over a flight begun before', async () => {
    const gate = deferred<object>();
    const fn = counted((_x: number) => gate.promise);
    const f = testCache().wrap(kind, fn);
    const early = f(1);
    const value = { n: [1] };
    await f['prime'](value, 1);
    if (kind === 'data') value.n.push(2);
    expect(await f(1)).toEqual({ n: [1] });
    expect(fn.runs.length).toBe(1);
    gate.resolve({ n: [99] });
    expect(await early).toEqual({ n: [99] });
    expect(await f(1)).toEqual({ n: [1] });
    expect(fn.runs.length).toBe(1);
  });

  it('[CAC-104] validate sees stored values only', async () => {
    const { wrap, codes } = testCache();
    for (const [name, validate, runs] of [
      ['true', () => true, 1],
      ['false', () => false, 3],
      [
        'throws',
        () => {
          throw new Error('in validate');
        },
        3,
      ],
      ['async false', async () => false, 3],
      ['async true', async () => true, 1],
    ] as const) {
      const fn = counted(async (x: number) => ({ x }));
      const seen = counted(validate as (value: unknown, x: number) => unknown);
      const f = wrap(kind, fn, { validate: seen, name });
      for (let i = 0; i < 3; i++) expect(await f(5)).toEqual({ x: 5 });
      expect([name, fn.runs.length]).toEqual([name, runs]);
      expect(seen.runs).toEqual([
        [{ x: 5 }, 5],
        [{ x: 5 }, 5],
      ]);
    }
    expect(codes()).toEqual(['cache-callback']);
  });

  it('[CAC-106] has and peek run nothing and count as no use', async () => {
    const time = fakeTime();
    const fn = counted((x: number) => ({ x }));
    const f = testCache().wrap(kind, fn, { ttl: 10, maxEntries: 2 });
    expect([await f['has'](1), f['peek'](1)]).toEqual([false, undefined]);
    const made = await f(1);
    expect([await f['has'](1), f['peek'](1)]).toEqual([true, { x: 1 }]);
    if (kind === 'data') expect(f['peek'](1)).not.toBe(f['peek'](1));
    else expect(f['peek'](1)).toBe(made);
    await f(2);
    await f['has'](1);
    f['peek'](1);
    await f(3);
    expect([await f['has'](1), await f['has'](2)]).toEqual([false, true]);
    time.to(10);
    expect([await f['has'](2), f['peek'](2)]).toEqual([false, undefined]);
    expect(fn.runs.length).toBe(3);
  });

  it('[CAC-110] info counts entries, hits and misses', async () => {
    const cache = testCache();
    const kindOf = kind === 'data' ? cache.cacheData : cache.cacheResource;
    expect(await kindOf.info()).toEqual([]);
    const foo = cache.wrap(kind, function foo(x: number) {
      return `${x}`.repeat(1000);
    });
    const bar = cache.wrap(kind, function bar() {
      return 'y'.repeat(5000);
    });
    expect(await kindOf.info()).toEqual([]);
    await foo(1);
    await foo(53);
    await bar();
    await bar();
    const [first, second] = await kindOf.info();
    expect(first).toMatchObject({ name: 'foo', entries: 2, hits: 0, misses: 2, persisted: false });
    expect(second).toMatchObject({ name: 'bar', entries: 1, hits: 1, misses: 1 });
    expect(typeof first!.oldest).toBe('number');
    if (kind === 'resource') return expect([first!.bytes, second!.bytes]).toEqual([0, 0]);
    const real = 2 * (1000 + 2000 + 5000);
    const sum = first!.bytes + second!.bytes;
    expect(sum).toBeGreaterThan(real / 4);
    expect(sum).toBeLessThan(real * 2);
    await foo['refresh'](1);
    expect((await foo['info']()).bytes).toBe(first!.bytes);
  });

  it('[CAC-123] a clear of a tag passes runs without tags', async () => {
    const { wrap, cacheData, cacheResource } = testCache();
    const gate = deferred<number>();
    const fn = counted(() => gate.promise);
    const f = wrap(kind, fn);
    const call = f();
    await (kind === 'data' ? cacheData : cacheResource).clear({ tag: 't' });
    gate.resolve(1);
    expect([await call, await f(), fn.runs.length]).toEqual([1, 1, 1]);
  });

  it('works unbound', async () => {
    const f = testCache().wrap(kind, (x: number) => x);
    const { clear, has, peek, refresh, prime, ref, subscribe, info } = f as any;
    await f(1);
    expect([await has(1), peek(1), await refresh(1)]).toEqual([true, 1, 1]);
    await prime(5, 2);
    expect(await f(2)).toBe(5);
    expect((await info()).entries).toBe(2);
    subscribe(() => {})();
    expect(ref(2).get().value).toBe(5);
    await clear(1);
    expect(await has(1)).toBe(false);
  });
});

describe('cacheIf', () => {
  it('[CAC-105] false returns without storing; a throw counts as false', async () => {
    const { wrap, codes } = testCache();
    const fn = counted((_x: number) => [] as number[]);
    const cacheIf = counted((value: unknown[], _x: number) => value.length > 0);
    const f = wrap('data', fn, { cacheIf });
    expect([await f(7), await f(7)]).toEqual([[], []]);
    expect(fn.runs.length).toBe(2);
    expect(cacheIf.runs).toEqual([
      [[], 7],
      [[], 7],
    ]);
    const g = wrap('data', () => 1, {
      cacheIf() {
        throw new Error('in cacheIf');
      },
    });
    expect(await g()).toBe(1);
    expect(await g['has']()).toBe(false);
    expect(codes()).toEqual(['cache-callback']);
  });
});

describe('ref', () => {
  it('[CAC-107] loads with its first listener, and again after a clear', async () => {
    const fn = counted(async (x: number) => ({ x, n: fn.runs.length }));
    const f = testCache().wrap('data', fn);
    const ref = f['ref'](1);
    expect(ref.get()).toEqual({ status: 'pending', isStale: false, isFetching: false });
    await microtasks();
    expect(fn.runs.length).toBe(0);
    const seen: any[] = [];
    const ends = [ref.subscribe((state: any) => seen.push(state)), ref.listen(() => {})];
    await microtasks();
    expect(fn.runs.length).toBe(1);
    expect(ref.value).toEqual({ status: 'success', value: { x: 1, n: 1 }, isStale: false, isFetching: false });
    expect(ref.get()).toBe(ref.get());
    expect(ref.get().value).toBe(ref.value.value);
    const before = ref.get();
    await f['clear']();
    await microtasks();
    expect(fn.runs.length).toBe(2);
    expect(ref.get()).not.toBe(before);
    expect(ref.get()).toMatchObject({ status: 'success', value: { n: 2 }, isStale: false });
    expect(seen.at(-1)).toBe(ref.get());
    for (const end of ends) end();
    await f['clear']();
    await microtasks();
    expect(fn.runs.length).toBe(2);
  });

  it('[CAC-107] shows what prime and refresh set, one copy per change', async () => {
    const f = testCache().wrap('data', async (x: number) => ({ x }));
    const ref = f['ref'](1);
    const states: any[] = [];
    ref.listen((state: any) => states.push(state));
    await microtasks();
    states.length = 0;
    await f['prime']({ x: 9 }, 1);
    expect(ref.value.value).toEqual({ x: 9 });
    expect(states.length).toBe(1);
    await f['refresh'](1);
    expect(ref.value.value).toEqual({ x: 1 });
  });

  it('[CAC-107] expiry turns isStale on and runs nothing', async () => {
    const time = fakeTime();
    const fn = counted(async () => 1);
    const f = testCache().wrap('data', fn, { ttl: 10 });
    const ref = f['ref']();
    const states: any[] = [];
    const end = ref.listen((state: any) => states.push(state));
    await microtasks();
    time.to(9);
    expect(ref.value.isStale).toBe(false);
    time.to(10);
    expect(ref.value).toMatchObject({ status: 'success', value: 1, isStale: true });
    expect(states.at(-1)).toBe(ref.get());
    expect(fn.runs.length).toBe(1);
    end();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('[CAC-108] is the same for equal arguments; an error keeps the old value', async () => {
    let isDown = false;
    const E = new Error('down');
    const f = testCache().wrap('data', async (x: number) => {
      if (isDown) throw E;
      return x;
    });
    expect(f['ref'](1)).toBe(f['ref'](1));
    expect(f['ref'](1)).not.toBe(f['ref'](2));
    const ref = f['ref'](1);
    ref.listen(() => {});
    await microtasks();
    isDown = true;
    await f['clear'](1);
    await microtasks();
    expect(ref.value).toMatchObject({ status: 'error', error: E, value: 1, isFetching: false });
    isDown = false;
    await f['refresh'](1);
    expect(ref.value).toEqual({ status: 'success', value: 1, isStale: false, isFetching: false });
  });

  it('reads the memory without a listener, and never counts as a hit', async () => {
    const f = testCache().wrap('data', async (x: number) => x, { maxEntries: 2 });
    await f(1);
    await f(2);
    const ref = f['ref'](1);
    expect(ref.get()).toMatchObject({ status: 'success', value: 1 });
    expect(ref.get()).toBe(ref.get());
    ref.subscribe(() => {})();
    await microtasks();
    expect((await f['info']()).hits).toBe(0);
    await f(3);
    expect(f['peek'](1)).toBeUndefined();
  });

  it('shows that a resource throws', () => {
    const E = new Error('no');
    const ref = testCache()
      .wrap('resource', () => {
        throw E;
      })
      ['ref']();
    ref.listen(() => {});
    expect(ref.value).toMatchObject({ status: 'error', error: E, isFetching: false });
  });

  it('holds a live resource', () => {
    const f = testCache().wrap('resource', () => ({ live: true }));
    const ref = f['ref']();
    ref.listen(() => {});
    expect(ref.value.value).toBe(f());
  });
});

describe('subscribe', () => {
  it('refuses a listener that is none at once', () => {
    const { cacheData } = testCache();
    expect(() => cacheData(() => 1).subscribe(undefined as never)).toThrow('The listener must be a function.');
  });

  it('[CAC-109] tells set, clear, stale and error, with args; a throwing listener stops nobody', async () => {
    const time = fakeTime();
    const reported: unknown[] = [];
    vi.stubGlobal('reportError', (error: unknown) => reported.push(error));
    let isDown = false;
    const E = new Error('down');
    const f = testCache().wrap(
      'data',
      async (x: number) => {
        if (isDown) throw E;
        return x;
      },
      { ttl: 10, refreshMode: 'background' },
    );
    const events: unknown[] = [];
    f['subscribe'](() => {
      throw new Error('in the listener');
    });
    const end = f['subscribe']((event: unknown) => events.push(event));
    f['subscribe'](({ type }: { type: string }) => type === 'set' && events.push(f['peek'](1)));
    await f(1);
    time.to(10);
    isDown = true;
    await f(1);
    await microtasks();
    await f['clear'](1);
    await f['clear']();
    expect(events).toEqual([
      { type: 'set', tab: 'this', args: [1] },
      1,
      { type: 'stale', tab: 'this', args: [1] },
      { type: 'error', tab: 'this', args: [1], error: E },
      { type: 'clear', tab: 'this', args: [1] },
      { type: 'clear', tab: 'this' },
    ]);
    expect(reported.length).toBe(5);
    end();
    end();
    isDown = false;
    await f(1);
    expect(events.length).toBe(7);
    vi.unstubAllGlobals();
  });

  it('a failing call is an error event', async () => {
    const E = new Error('no');
    const f = testCache().wrap('data', async () => {
      throw E;
    });
    const events: unknown[] = [];
    f['subscribe']((event: unknown) => events.push(event));
    expect(await failure(() => f())).toBe(E);
    expect(events).toEqual([{ type: 'error', tab: 'this', args: [], error: E }]);
  });
});
