// Refs of cached calls.
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/browser/clock.js';
import { createCacheData } from '../../src/cache/cache-data.js';
import { createState } from '../../src/cache/cache-state.js';
import { loadStored } from '../../src/cache/late.js';
import { createWeakItems } from '../../src/cache/weak-items.js';
import { type AnyCached, deferred, fakeTime, kinds, microtasks, testCache } from '../helpers/caches.js';
import { type FakeDisk, fakeDisk } from '../helpers/fake-tier.js';

beforeAll(loadStored);

describe.each(kinds)('many refs (%s)', (kind) => {
  /** How often anything looked whether a ref still exists, while n refs were made and loaded. */
  const looks = async (n: number): Promise<number> => {
    const deref = vi.spyOn(WeakRef.prototype, 'deref');
    const f = testCache().wrap(kind, async (x: number) => x);
    let heard = 0;
    for (let i = 0; i < n; i++) f['ref'](i).listen(() => heard++);
    await microtasks();
    expect(heard).toBe(n);
    const { length } = deref.mock.calls;
    deref.mockRestore();
    return length;
  };

  it('[CAC-237] cost what each of them costs', async () => {
    const few = await looks(500);
    expect(await looks(2000)).toBeLessThan(5 * few + 100);
  });

  it('[CAC-237] hear of their own entry only', async () => {
    const f = testCache().wrap(kind, async (x: number) => x);
    const heard: number[] = [];
    for (const x of [1, 2, 3]) f['ref'](x).listen(() => heard.push(x));
    await microtasks();
    heard.length = 0;
    await f['prime'](7, 2);
    await microtasks();
    expect(heard).toEqual([2]);
    await f['clear'](3);
    await microtasks();
    expect(new Set(heard)).toEqual(new Set([2, 3]));
    heard.length = 0;
    await f['clear']();
    await microtasks();
    expect(new Set(heard)).toEqual(new Set([1, 2, 3]));
  });

  it('[CAC-107][CAC-103] listeners that leave; what is primed while a ref loads is shown', async () => {
    const f = testCache().wrap(kind, async (x: number) => x);
    const ref = f['ref'](1);
    expect(f['ref'](1)).toBe(ref);
    const heard: string[] = [];
    const end = ref.listen(() => heard.push('a'));
    const stop = ref.listen(() => heard.push('b'));
    await microtasks();
    end();
    heard.length = 0;
    await f['prime'](7, 1);
    await microtasks();
    expect(heard).toEqual(['b']);
    stop();
    await f['prime'](8, 1);
    await microtasks();
    expect([heard, ref.get().value]).toEqual([['b'], 8]);
    ref.listen(() => heard.push('c'));
    await f['prime'](9, 1);
    await microtasks();
    expect([ref.get().value, heard.at(-1)]).toEqual([9, 'c']);
  });
});

describe.each(kinds)('the states of a ref (%s)', (kind) => {
  type State = { status: string; value?: unknown; error?: unknown; isStale: boolean; isFetching: boolean };
  const ready = (value: unknown, more: object = {}) => ({
    status: 'success',
    value,
    isStale: false,
    isFetching: false,
    ...more,
  });
  /** A function whose runs end when a test says so, and a ref of it with all states that its listener got. */
  const setUp = (options: object = {}) => {
    const runs: ReturnType<typeof deferred<unknown>>[] = [];
    const cache = testCache();
    const f = cache.wrap(
      kind,
      async () => {
        const run = deferred<unknown>();
        runs.push(run);
        return run.promise;
      },
      options,
    );
    const states: State[] = [];
    const pairs: [State, State][] = [];
    const ref = f['ref']();
    const listen = () =>
      ref.listen((state: State, before: State) => {
        states.push(state);
        pairs.push([state, before]);
      });
    const end = async (value: unknown) => {
      runs.shift()!.resolve(value);
      await microtasks();
    };
    return { ...cache, f, ref, runs, states, pairs, listen, end };
  };
  afterEach(() => vi.useRealTimers());

  it('[CAC-107] are told once each, with the one before', async () => {
    const { f, ref, states, pairs, listen, end } = setUp();
    listen();
    const loading = { status: 'pending', isStale: false, isFetching: true };
    expect(ref.get()).toEqual(loading);
    await end(1);
    expect(ref.get()).toEqual(ready(1));
    void f['clear']();
    await microtasks();
    expect(ref.get()).toEqual(ready(1, { isStale: true, isFetching: true }));
    await end(2);
    expect(ref.get()).toEqual(ready(2));
    for (const [i, [, before]] of pairs.entries()) if (i > 0) expect(before).toBe(states[i - 1]);
    expect(states.slice(-3)).toEqual([
      ready(1, { isStale: true }),
      ready(1, { isStale: true, isFetching: true }),
      ready(2),
    ]);
  });

  it('[CAC-108] an error is shown until a value comes', async () => {
    const { f, ref, runs, states, listen, end } = setUp();
    listen();
    await end(1);
    const E = new Error('down');
    const refreshed = f['refresh']();
    runs.shift()!.reject(E);
    await expect(refreshed).rejects.toBe(E);
    expect(ref.get()).toEqual(ready(1, { status: 'error', error: E }));
    await f['prime'](2);
    expect(ref.get()).toEqual(ready(2));
    expect('error' in ref.get()).toBe(false);
    states.length = 0;
    void f['clear']();
    await microtasks();
    runs.shift()!.reject(E);
    await microtasks();
    expect(ref.get()).toEqual(ready(2, { status: 'error', error: E, isStale: true }));
  });

  it('an error of somebody else is not shown while it loads by itself', async () => {
    const { f, ref, runs, states, listen, end } = setUp();
    listen();
    const E = new Error('down');
    const refreshed = f['refresh']();
    runs.pop()!.reject(E);
    await expect(refreshed).rejects.toBe(E);
    expect(ref.get()).toEqual({ status: 'pending', isStale: false, isFetching: true });
    await end(1);
    expect([ref.get(), states.some(({ status }) => status === 'error')]).toEqual([ready(1), false]);
  });

  it('[CAC-107] memory that has a value is not asked for it', async () => {
    const { f, ref, runs, states, listen } = setUp();
    await f['prime'](1);
    const stop = listen();
    await microtasks();
    expect([ref.get(), states, runs.length]).toEqual([ready(1), [], 0]);
    stop();
    void f['clear']();
    expect(ref.get()).toEqual({ status: 'pending', isStale: false, isFetching: false });
  });

  it('[CAC-107] with validate it is asked', async () => {
    const validate = vi.fn(() => true);
    const { f, ref, runs, listen } = setUp({ validate });
    await f['prime'](1);
    listen();
    await microtasks();
    expect([ref.get(), runs.length, validate.mock.calls.length]).toEqual([ready(1), 0, 1]);
  });

  it('what ends after the last listener left is not told', async () => {
    const { ref, states, listen, end } = setUp();
    const stop = listen();
    states.length = 0;
    stop();
    expect(ref.get()).toEqual({ status: 'pending', isStale: false, isFetching: false });
    await end(1);
    expect([states, ref.get()]).toEqual([[], ready(1)]);
  });

  it('what a cleared load brings is not shown', async () => {
    const { f, ref, states, listen, runs, end } = setUp();
    listen();
    void f['clear']();
    await microtasks();
    const [early] = runs.splice(0, 1);
    await end('new');
    early!.resolve('old');
    await microtasks();
    expect([ref.get(), states.some(({ value }) => value === 'old')]).toEqual([ready('new'), false]);
  });

  it('[CAC-107] expiry is told at its time, however far, and not of what was replaced', async () => {
    const time = fakeTime();
    const { f, ref, states, listen } = setUp({ ttl: '30d' });
    const day = 86_400;
    await f['prime'](1);
    listen();
    time.to(10 * day);
    await f['prime'](2);
    states.length = 0;
    time.to(40 * day - 1);
    expect([ref.get(), states]).toEqual([ready(2), []]);
    time.to(40 * day);
    expect(states).toEqual([ready(2, { isStale: true })]);
  });

  it('[CAC-107] without a listener age shows when it is read', async () => {
    const time = fakeTime();
    const { f, ref } = setUp({ ttl: 10, maxStale: 100, staleIfError: true });
    await f['prime'](1);
    expect(ref.get()).toEqual(ready(1));
    time.to(10);
    expect(ref.get()).toEqual(ready(1, { isStale: true }));
    expect(ref.get()).toBe(ref.get());
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('an index of what others hold', () => {
  it('[CAC-237] looks at all of it only when it has doubled', () => {
    let looked = 0;
    const deref = vi.spyOn(WeakRef.prototype, 'deref').mockImplementation(() => {
      looked++;
      return {};
    });
    const index = createWeakItems<object>();
    for (let i = 0; i < 8192; i++) index.set(`${i}`, {});
    expect(looked).toBeLessThan(2 * 8192);
    deref.mockImplementation(() => undefined);
    for (let i = 0; i < 8192; i++) index.set(`again ${i}`, {});
    deref.mockRestore();
    expect(index.get('again 8191')).toBeDefined();
    expect(index.get('0')).toBe(undefined);
  });
});

describe('two tabs that refuse what the other stores', () => {
  const tabWith = (disk: FakeDisk, options: object, user: string) => {
    const cacheData = createCacheData(
      createState(1e6, () => {}),
      { openTier: (place) => (place === 'session' ? fakeDisk() : disk).tier() },
    );
    const state = { runs: 0, f: undefined as unknown as AnyCached };
    state.f = cacheData(
      async () => {
        state.runs++;
        return { user };
      },
      { name: 'me', ...options },
    ) as unknown as AnyCached;
    return state;
  };
  const tab = (disk: FakeDisk, validate: (value: { user: string }) => unknown, user: string) =>
    tabWith(disk, { validate }, user);
  const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

  it.each([
    ['each its own', (user: string) => (value: { user: string }) => value.user === user],
    ['later', (user: string) => async (value: { user: string }) => value.user === user],
    ['never', () => () => false],
    [
      'throws',
      () => () => {
        throw new Error('in validate');
      },
    ],
  ])('[CAC-229] run a handful of times, not in turn (%s)', async (_name, validateOf) => {
    await loadStored();
    const disk = fakeDisk();
    const [a, b] = ['ann', 'bob'].map((user) => tab(disk, validateOf(user), user)) as [
      ReturnType<typeof tab>,
      ReturnType<typeof tab>,
    ];
    const shown: string[][] = [[], []];
    for (const [i, { f }] of [a, b].entries())
      f['ref']().listen(({ value }: { value?: { user: string } }) => value && shown[i]!.push(value.user));
    await wait(200);
    for (const { runs } of [a, b]) {
      expect(runs).toBeGreaterThan(0);
      // in turn there are hundreds
      expect(runs).toBeLessThan(8);
    }
    // each shows its own
    expect(shown.map((values) => values.at(-1))).toEqual(['ann', 'bob']);
    // a value that the user hands in is told at once
    const before = b.runs;
    await a.f['prime']({ user: 'bob' });
    await wait(50);
    expect(b.runs - before).toBeLessThan(8);
    expect(shown[1]!.at(-1)).toBe('bob');
  });

  it.each([
    ['1h', '0.001ms'],
    ['0.001ms', '0.001ms'],
  ])('[CAC-229] run a handful of times where it is too old at once (ttl %s, %s)', async (...ttls) => {
    await loadStored();
    const disk = fakeDisk();
    const tabs = ttls.map((ttl) => tabWith(disk, { ttl }, ttl));
    for (const { f } of tabs) f['ref']().listen(() => {});
    await wait(300);
    for (const { runs } of tabs) {
      expect(runs).toBeGreaterThan(0);
      // in turn there are dozens
      expect(runs).toBeLessThan(8);
    }
    // what is called, and not followed, is told each time
    const heard: string[] = [];
    tabs[0]!.f['subscribe'](({ type, tab }: { type: string; tab: string }) => tab === 'other' && heard.push(type));
    for (let i = 0; i < 3; i++) {
      await wait(20);
      await tabs[1]!.f();
      await tabs[1]!.f['info']();
    }
    expect(heard.length).toBeGreaterThanOrEqual(3);
  });

  it('[CAC-229] an answer is told again after 5 s', async () => {
    // not by fake timers: WebKit's compiler goes on calling the real performance.now() in code that is hot
    let now = 0;
    const time = vi.spyOn(systemClock, 'monotonic').mockImplementation(() => now);
    try {
      await loadStored();
      const disk = fakeDisk();
      const a = tab(disk, ({ user }) => user === 'ann', 'ann');
      const b = tab(disk, ({ user }) => user === 'bob', 'bob');
      const heard: string[] = [];
      a.f['subscribe'](({ type, tab: from }: { type: string; tab: string }) => from === 'other' && heard.push(type));
      for (const seconds of [0, 1, 6]) {
        now = seconds * 1000;
        await a.f['refresh']();
        await a.f['info']();
        await b.f();
        await b.f['info']();
        expect([seconds, heard.splice(0)]).toEqual([seconds, seconds === 1 ? [] : ['set']]);
      }
    } finally {
      time.mockRestore();
    }
  });
});
