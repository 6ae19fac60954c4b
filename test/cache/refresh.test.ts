// refreshMode, maxStale, staleIfError: what is served while a newer value is fetched.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { counted, deferred, failure, fakeTime, kinds, microtasks, testCache } from '../helpers/caches.js';

afterEach(() => vi.useRealTimers());

describe.each(kinds)("refreshMode: 'background' (%s)", (kind) => {
  const background = { ttl: 10, refreshMode: 'background' };

  it('[CAC-95] serves the stale value at once and refreshes behind', async () => {
    const time = fakeTime();
    let n = 0;
    const f = testCache().wrap(kind, () => ++n, background);
    await f();
    time.to(9.9);
    expect(await f()).toBe(1);
    time.to(10);
    expect(await f()).toBe(1);
    await microtasks();
    expect(n).toBe(2);
    expect(await f()).toBe(2);
    expect(n).toBe(2);
  });

  it('[CAC-96] waits when the value is older than maxStale', async () => {
    const time = fakeTime();
    let n = 0;
    const { wrap } = testCache();
    const f = wrap(kind, () => ++n, background);
    await f();
    time.to(20);
    expect(await f()).toBe(2);
    let m = 0;
    const g = wrap(kind, () => ++m, { ...background, maxStale: 0 });
    await g();
    time.to(30);
    expect(await g()).toBe(2);
  });

  it('[CAC-97] a failed refresh keeps the stale value and waits a minute', async () => {
    const time = fakeTime();
    const { wrap, codes } = testCache();
    const E = new Error('down');
    let n = 0;
    const f = wrap(
      kind,
      () => {
        if (++n > 1) throw E;
        return n;
      },
      { ...background, maxStale: '1h' },
    );
    const errors: unknown[] = [];
    f['subscribe'](({ type, error }: { type: string; error: unknown }) => type === 'error' && errors.push(error));
    await f();
    time.to(10);
    expect(await f()).toBe(1);
    await microtasks();
    expect([n, errors, codes()]).toEqual([2, [E], ['cache-refresh']]);
    time.to(11);
    expect(await f()).toBe(1);
    await microtasks();
    expect(n).toBe(2);
    time.to(70);
    expect(await f()).toBe(1);
    await microtasks();
    expect(n).toBe(3);
  });

  it('[CAC-97] tries again after a minute of either clock', async () => {
    let wall = 0;
    vi.spyOn(Date, 'now').mockImplementation(() => wall * 1000);
    let n = 0;
    const f = testCache().wrap(
      kind,
      () => {
        if (++n > 1) throw new Error('down');
        return n;
      },
      { ...background, maxStale: '1h' },
    );
    await f();
    for (const [at, runs] of [
      [10, 2],
      [69, 2],
      [70, 3],
    ] as const) {
      wall = at;
      expect(await f()).toBe(1);
      await microtasks();
      expect(n).toBe(runs);
    }
    vi.restoreAllMocks();
  });

  it('[CAC-98] runs at most four refreshes at once, one per key', async () => {
    const time = fakeTime();
    const gate = deferred();
    let isOpen = true;
    const fn = counted(async (x: number) => {
      if (!isOpen) await gate.promise;
      return x;
    });
    const f = testCache().wrap(kind, fn, { ...background, maxStale: '1h' });
    for (let x = 0; x < 5; x++) await f(x);
    fn.runs.length = 0;
    isOpen = false;
    time.to(10);
    for (let i = 0; i < 4; i++) for (let x = 0; x < 5; x++) expect(await f(x)).toBe(x);
    await microtasks();
    expect(fn.runs.flat()).toEqual([0, 1, 2, 3]);
    gate.resolve(0);
    await microtasks();
    await f(4);
    await microtasks();
    expect(fn.runs.flat()).toEqual([0, 1, 2, 3, 4]);
  });

  it('[CAC-99] drops a result that was cleared or evicted meanwhile', async () => {
    const time = fakeTime();
    const { wrap } = testCache();
    const gates = [deferred<number>(), deferred<number>()];
    let runs = 0;
    const f = wrap(kind, async (x: number) => (++runs === 1 ? x : gates[runs - 2]!.promise), background);
    await f(1);
    time.to(10);
    await f(1);
    await microtasks();
    expect(runs).toBe(2);
    await f['clear'](1);
    gates[0]!.resolve(7);
    await microtasks();
    expect(f['peek'](1)).toBeUndefined();

    const gate = deferred<number>();
    let isOpen = true;
    const g = wrap(kind, async (x: number) => (isOpen ? x : gate.promise), { ...background, maxEntries: 1 });
    await g(1);
    time.to(20);
    isOpen = false;
    await g(1);
    await microtasks();
    g['prime'](5, 2);
    gate.resolve(7);
    await microtasks();
    expect(g['peek'](1)).toBeUndefined();
    expect(g['peek'](2)).toBe(5);
  });

  it('[CAC-100] needs a positive ttl; modes and scopes are checked', () => {
    const { wrap } = testCache();
    const refreshMode = 'background';
    expect(() => wrap(kind, () => 1, { refreshMode })).toThrow(TypeError);
    expect(() => wrap(kind, () => 1, { refreshMode, ttl: 0 })).toThrow(TypeError);
    expect(() => wrap(kind, () => 1, { refreshMode: 'x' })).toThrow(RangeError);
    expect(() => wrap(kind, () => 1, { refreshMode: 'x' })).toThrow(/foreground.*background/);
    expect(() => wrap(kind, () => 1, { scope: 'xyz' })).toThrow(RangeError);
    expect(() => wrap(kind, () => 1, { scope: 'xyz' })).toThrow(/global.*session/);
  });

  it('[CAC-102] refresh replaces a fresh entry; the old one stays when it fails', async () => {
    let n = 0;
    const f = testCache().wrap(kind, async (_x: number) => {
      if (++n === 3) throw new Error('no');
      return n;
    });
    expect(await f(1)).toBe(1);
    expect(await f['refresh'](1)).toBe(2);
    expect(await f(1)).toBe(2);
    expect((await failure(() => f['refresh'](1))).message).toBe('no');
    expect(await f(1)).toBe(2);
    expect(n).toBe(3);
    await Promise.all([f['refresh'](1), f['refresh'](1)]);
    expect(n).toBe(4);
  });

  it('refresh refuses what cannot be a key', async () => {
    const f = testCache().wrap(kind, async (_x: unknown) => 1);
    expect((await failure(() => f['refresh'](new WeakMap()))).name).toBe('UnhashableParamError');
  });

  it('a refresh behind a stale value goes on when those who joined it have given up', async () => {
    const time = fakeTime();
    const gate = deferred<number>();
    let n = 0;
    const f = testCache().wrap(kind, (_options: object) => (++n === 1 ? Promise.resolve(1) : gate.promise), background);
    await f({});
    time.to(10);
    await f({});
    await microtasks();
    time.to(20);
    const joined = new AbortController();
    const call = f({ signal: joined.signal });
    joined.abort();
    await failure(() => call);
    const later = f({});
    gate.resolve(2);
    expect([await later, n]).toEqual([2, 2]);
  });

  it('[CAC-97][CAC-109] a refresh that cannot begin is told like one that fails', async () => {
    const time = fakeTime();
    const down = new Error('down');
    let fails = false;
    const tags = () => {
      if (fails) throw down;
      return [];
    };
    const { wrap, codes } = testCache();
    const f = wrap(kind, async () => 1, { ...background, tags });
    await f();
    const events: { type: string; error?: Error }[] = [];
    f['subscribe']((event: { type: string }) => events.push(event));
    time.to(10);
    fails = true;
    expect(await f()).toBe(1);
    await microtasks();
    expect(events).toMatchObject([
      { type: 'stale', tab: 'this', args: [] },
      { type: 'error', tab: 'this', args: [] },
    ]);
    expect([events[1]!.error!.cause, codes()]).toEqual([down, ['cache-refresh']]);
  });

  it('[CAC-97] a refresh that failed after a clear says nothing of what came after it', async () => {
    const time = fakeTime();
    const gate = deferred<number>();
    let n = 0;
    const f = testCache().wrap(kind, async () => (++n === 2 ? gate.promise : n), background);
    await f();
    time.to(10);
    await f();
    await microtasks();
    f['clear']();
    expect(await f()).toBe(3);
    gate.reject(new Error('down'));
    await microtasks();
    time.to(20);
    expect(await f()).toBe(3);
    await microtasks();
    expect(n).toBe(4);
  });

  it('a refresh beside a running call wins, whichever ends first', async () => {
    for (const isFirst of [true, false]) {
      const gates = [deferred<string>(), deferred<string>()];
      let n = 0;
      const f = testCache().wrap(kind, () => gates[n++]!.promise);
      const call = f();
      const refreshed = f['refresh']();
      expect(n).toBe(2);
      gates[isFirst ? 1 : 0]!.resolve(isFirst ? 'refresh' : 'call');
      await microtasks();
      gates[isFirst ? 0 : 1]!.resolve(isFirst ? 'call' : 'refresh');
      expect([await call, await refreshed]).toEqual(['call', 'refresh']);
      expect(await f()).toBe('refresh');
    }
  });
});

describe('staleIfError', () => {
  it('[CAC-101] serves the stale value while the run fails', async () => {
    const time = fakeTime();
    const { wrap } = testCache();
    let n = 0;
    const fn = async () => {
      if (++n > 1) throw new Error('down');
      return 'value';
    };
    const f = wrap('data', fn, { ttl: 10, maxStale: 20, staleIfError: true });
    const events: unknown[] = [];
    f['subscribe'](({ error, ...event }: { error: unknown }) => events.push(event));
    await f();
    time.to(15);
    expect(await f()).toBe('value');
    await microtasks();
    expect(n).toBe(2);
    expect(events).toEqual(['set', 'error', 'stale'].map((type) => ({ type, tab: 'this', args: [] })));
    expect((await failure(() => f['refresh']())).message).toBe('down');
    time.to(30);
    expect((await failure(() => f())).message).toBe('down');
    n = 0;
    const g = wrap('data', () => fn(), { ttl: 10, maxStale: 20 });
    await g();
    time.to(45);
    expect((await failure(() => g())).message).toBe('down');
  });

  it('[CAC-101] not what expires while the run goes on', async () => {
    const time = fakeTime();
    const gate = deferred<number>();
    let n = 0;
    const f = testCache().wrap('data', async () => (++n === 1 ? 1 : gate.promise), { ttl: 10, staleIfError: true });
    await f();
    time.to(15);
    const call = f();
    time.to(21);
    gate.reject(new Error('down'));
    expect((await failure(() => call)).message).toBe('down');
  });

  describe.each(kinds)('(%s)', (kind) => {
    /** One that has a stale value, and fails from now on. */
    const setUp = async (options: object = {}) => {
      const time = fakeTime();
      let isDown = false;
      const fn = async () => {
        if (isDown) throw new Error('down');
        return 'value';
      };
      const f = testCache().wrap(kind, fn, { ttl: 10, maxStale: 20, staleIfError: true, ...options });
      await f(1);
      time.to(15);
      isDown = true;
      return { f, time };
    };

    it('[CAC-101][CAC-109] serves it again and again, and tells so', async () => {
      const { f } = await setUp({ validate: async () => true });
      const events: object[] = [];
      f['subscribe']((event: { type: string }) => event.type === 'stale' && events.push(event));
      expect([await f(1), await f(1)]).toEqual(['value', 'value']);
      expect(events).toEqual(Array.from({ length: 2 }, () => ({ type: 'stale', tab: 'this', args: [1] })));
    });

    it('[CAC-102] is nothing for refresh', async () => {
      const { f } = await setUp();
      expect((await failure(() => f['refresh'](1))).message).toBe('down');
    });

    it.each(['is cleared', 'expires'])('[CAC-101][CAC-225] not what %s while validate is asked', async (what) => {
      const asked = deferred<boolean>();
      const { f, time } = await setUp({ validate: () => asked.promise });
      const call = failure(() => f(1));
      await microtasks();
      if (what === 'expires') time.to(30);
      else f['clear']();
      asked.resolve(true);
      expect((await call).message).toBe('down');
    });
  });

  it('[CAC-101] also for a synchronous resource', () => {
    const time = fakeTime();
    let n = 0;
    const f = testCache().wrap(
      'resource',
      () => {
        if (++n > 1) throw new Error('down');
        return 'value';
      },
      { ttl: 10, staleIfError: true },
    );
    f();
    time.to(10);
    expect(f()).toBe('value');
    time.to(20);
    expect(() => f()).toThrow('down');
  });
});
