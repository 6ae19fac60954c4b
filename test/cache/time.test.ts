// ttl: when an entry ends.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { counted, deferred, fakeTime, kinds, testCache } from '../helpers/caches.js';

afterEach(() => vi.useRealTimers());

const day = 86_400;

describe.each(kinds)('ttl (%s)', (kind) => {
  it('[CAC-75] ends at age = ttl', async () => {
    const time = fakeTime();
    let n = 0;
    const f = testCache().wrap(kind, () => ++n, { ttl: 10 });
    const seen: number[] = [];
    for (const t of [0, 9.999, 10, 19.9, 20]) {
      time.to(t);
      seen.push(await f());
    }
    expect(seen).toEqual([1, 1, 2, 2, 3]);
  });

  const durations: [string, (days: number) => unknown][] = [
    ['numbers', (days) => days * day],
    ['texts', (days) => `${days}d`],
  ];
  const { Temporal } = globalThis as unknown as { Temporal?: { Duration: { from(fields: object): unknown } } };
  durations.push([
    'Temporal.Duration',
    (days) =>
      Temporal ? Temporal.Duration.from({ days }) : { [Symbol.toStringTag]: 'Temporal.Duration', days, hours: 0 },
  ]);
  it.each(durations)('[CAC-76] takes %s', async (_form, of) => {
    const time = fakeTime();
    const { wrap } = testCache();
    const counts = { foo: 0, bar: 0 };
    const foo = wrap(kind, () => ++counts.foo, { ttl: of(1) });
    const bar = wrap(kind, () => ++counts.bar, { ttl: of(2) });
    const seen: number[][] = [[], []];
    for (const t of [0, 0.5 * day, 1.5 * day, 2 * day + 1, 2.5 * day + 1]) {
      time.to(t);
      seen[0]!.push(await foo());
      seen[1]!.push(await bar());
    }
    expect(seen).toEqual([
      [1, 1, 2, 2, 3],
      [1, 1, 1, 2, 2],
    ]);
  });

  it('[CAC-77] reading does not prolong, other keys and functions keep their own time', async () => {
    const time = fakeTime();
    const { wrap } = testCache();
    const fn = counted((x: number) => x);
    const other = counted(() => 1);
    const f = wrap(kind, fn, { ttl: 10 });
    const g = wrap(kind, other, { ttl: 100 });
    await f(1);
    await g();
    time.to(9);
    await f(1);
    await f(2);
    time.to(10);
    await f(1);
    await f(2);
    await g();
    expect(fn.runs).toEqual([[1], [2], [1]]);
    expect(other.runs.length).toBe(1);
  });

  it('[CAC-78] ttl 0 never hits, but calls at once share a run; without ttl it never ends', async () => {
    const time = fakeTime();
    const { wrap } = testCache();
    const none = counted(async () => 1);
    const f = wrap(kind, none, { ttl: 0 });
    await f();
    await f();
    expect(none.runs.length).toBe(2);
    await Promise.all([f(), f()]);
    expect(none.runs.length).toBe(3);
    const eternal = [undefined, null, Number.POSITIVE_INFINITY].map((ttl) => {
      const fn = counted(() => 1);
      return { fn, f: wrap(kind, fn, ttl === undefined ? {} : { ttl }) };
    });
    for (const each of eternal) await each.f();
    time.to(20 * 365 * day);
    for (const each of eternal) {
      await each.f();
      expect(each.fn.runs.length).toBe(1);
    }
  });

  it.each([
    '',
    'abc',
    '1 flecond',
    'nan',
    'inf',
    '1M',
    '1 year',
    '1month',
    '1e3s',
    '5',
    '-1d',
    -1,
    Number.NaN,
    true,
    {},
  ])('[CAC-80] refuses ttl %o when it is wrapped', (ttl) => {
    const wrap = (): unknown => testCache().wrap(kind, function load() {}, { ttl });
    expect(wrap).toThrow(/load.*ttl/);
    expect(wrap).toThrow(/string|number/.test(typeof ttl) ? RangeError : TypeError);
    expect(wrap).not.toThrow('flecond');
  });

  it.each([
    ['1d', 86400],
    ['1.5 days', 129600],
    ['1h23s', 3623],
    ['1h23m45s', 5025],
    ['90 seconds', 90],
    ['100ms', 0.1],
    [' 1d ', 86400],
  ])('[CAC-79] %o is %d seconds', async (ttl, seconds) => {
    const time = fakeTime();
    const fn = counted(() => 1);
    const f = testCache().wrap(kind, fn, { ttl });
    await f();
    time.to(seconds - 0.05);
    await f();
    expect(fn.runs.length).toBe(1);
    time.to(seconds);
    await f();
    expect(fn.runs.length).toBe(2);
  });

  it('[CAC-81] counts from the end of the run', async () => {
    const time = fakeTime();
    const gates = [deferred<number>(), deferred<number>()];
    let runs = 0;
    const f = testCache().wrap(kind, () => gates[runs++]!.promise, { ttl: 1 });
    const first = f();
    time.to(3);
    const joined = f();
    expect(runs).toBe(1);
    time.to(5);
    gates[0]!.resolve(1);
    expect([await first, await joined]).toEqual([1, 1]);
    time.to(5.9);
    expect(await f()).toBe(1);
    time.to(6);
    const next = f();
    gates[1]!.resolve(2);
    expect(await next).toBe(2);
    expect(runs).toBe(2);
  });

  it('[CAC-84] of several entries each leaves at its own time', async () => {
    const time = fakeTime();
    const f = testCache().wrap(kind, (x: number) => x, { ttl: 10 });
    for (const at of [0, 4, 8]) {
      time.to(at);
      await f(at);
    }
    const left: number[] = [];
    for (const at of [9, 10, 13, 14, 17, 18]) {
      time.to(at);
      left.push((await f['info']()).entries);
    }
    expect(left).toEqual([3, 2, 2, 1, 1, 0]);
  });

  it('[CAC-84] needs no timer; an expired entry leaves memory at the next call', async () => {
    const time = fakeTime();
    const { wrap } = testCache();
    const f = wrap(kind, (x: number) => x, { ttl: '30d' });
    await f(1);
    expect(vi.getTimerCount()).toBe(0);
    time.to(29 * day);
    expect(f['peek'](1)).toBe(1);
    time.to(30 * day);
    await f(2);
    expect((await f['info']()).entries).toBe(1);
  });
});

describe('clocks', () => {
  it('[CAC-82] an entry in memory ends by the monotonic clock when the wall clock goes back', async () => {
    vi.useFakeTimers();
    const fn = counted(() => 1);
    const f = testCache().wrap('data', fn, { ttl: 60 });
    await f();
    vi.advanceTimersByTime(30_000);
    vi.setSystemTime(Date.now() - 3_600_000);
    vi.advanceTimersByTime(31_000);
    await f();
    expect(fn.runs.length).toBe(2);
  });

  it('ends by the wall clock when only that goes on', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const fn = counted(() => 1);
    const f = testCache().wrap('data', fn, { ttl: 60 });
    await f();
    vi.setSystemTime(Date.now() + 61_000);
    await f();
    expect(fn.runs.length).toBe(2);
  });
});
