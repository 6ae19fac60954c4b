// The door between the memory of a cache and what is stored, with a tier that is handed in.
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { nextTask } from '../../src/browser/clock.js';
import type { OpenTier } from '../../src/cache/backing.js';
import { createCacheData } from '../../src/cache/cache-data.js';
import { createState } from '../../src/cache/cache-state.js';
import { emitter } from '../../src/cache/emitter.js';
import { loadStored } from '../../src/cache/late.js';
import type { Snapshot } from '../../src/core/values/snapshot.js';
import type { Warning } from '../../src/core/warning.js';
import type { Tier } from '../../src/tiers/tier.js';
import { type AnyCached, counted, deferred, failure, microtasks } from '../helpers/caches.js';
import { type FakeDisk, fakeDisk } from '../helpers/fake-tier.js';

beforeAll(loadStored);
afterEach(() => vi.useRealTimers());

const valuesOf = ({ rows }: FakeDisk): unknown[] =>
  [...rows.values()].map(({ snapshot }) => (snapshot as Snapshot).data);

/** One page on this disk. */
function page(disk: FakeDisk) {
  const warnings: Warning[] = [];
  let tier: (Tier & { forget(): void }) | undefined;
  let made = 0;
  const session = fakeDisk();
  const openTier: OpenTier = (place) => {
    if (place === 'session') return session.tier();
    if (place === 'disk') made++;
    return (tier = disk.tier());
  };
  const cacheData = createCacheData(
    createState(1e6, (warning) => warnings.push(warning)),
    { openTier },
  );
  return {
    cacheData,
    session,
    warnings,
    made: () => made,
    forget: () => tier!.forget(),
    wrap: (fn: (...args: any[]) => any, options: object = {}) =>
      cacheData(fn, { name: 'f', ...options }) as unknown as AnyCached,
  };
}

/** Lets reads, runs and writes of the fake disk end. */
const settle = async (): Promise<void> => {
  for (let i = 0; i < 3; i++) {
    await microtasks();
    await nextTask();
  }
};

/** A row that somebody stored so many milliseconds ago, for ten seconds; the function returns how often it has run. */
async function oldRow(ms: number) {
  vi.useFakeTimers({ toFake: ['Date', 'performance'] });
  const disk = fakeDisk();
  const options = { ttl: 10, refreshMode: 'background' };
  const fn = vi.fn((): number => fn.mock.calls.length);
  await page(disk).wrap(fn, options)();
  await settle();
  vi.advanceTimersByTime(ms);
  return { disk, fn, options };
}

describe('what lies behind the memory', () => {
  it('stores nothing of arguments that do not count', async () => {
    const disk = fakeDisk();
    const { wrap } = page(disk);
    await wrap((user: string) => user, { name: 'ignoring', ignore: [1, 'token'] })('ann', 'secret', {
      token: 'secret',
    });
    await wrap((user: string) => user, { name: 'keyed', key: (user: string) => [user] })('ann', 'secret');
    await settle();
    expect([...disk.rows.values()].map(({ args }) => args)).toEqual(['"ann", {token}', 'key:["ann"]']);
  });

  it('[CAC-202] is made by the first call, and asked in one order', async () => {
    const disk = fakeDisk();
    const a = page(disk);
    const f = a.wrap((x: number) => x);
    expect(a.made()).toBe(0);
    await f(1);
    expect(disk.log).toEqual(['read 1', 'lock 1', 'read 1']);
    await settle();
    expect(disk.log).toEqual(['read 1', 'lock 1', 'read 1', 'write 1']);
    await f(1);
    expect(disk.log.length).toBe(4);
    expect(a.made()).toBe(1);
  });

  it('[CAC-127] another tab may have been faster: looked up again under the lock', async () => {
    const disk = fakeDisk();
    const gate = deferred<number>();
    const fn = counted(() => gate.promise);
    const [f, g] = [page(disk).wrap(fn), page(disk).wrap(fn)];
    const calls = [f()];
    await microtasks();
    disk.held.clear();
    gate.resolve(7);
    await settle();
    calls.push(g());
    expect(await Promise.all(calls)).toEqual([7, 7]);
    expect(fn.runs.length).toBe(1);
  });

  it('keeps the caller from waiting for the write', async () => {
    const disk = fakeDisk();
    const f = page(disk).wrap(() => 1);
    await f();
    expect(disk.log).not.toContain('write ');
    expect(disk.rows.size).toBe(0);
    await settle();
    expect(disk.rows.size).toBe(1);
  });

  it('[CAC-109][CAC-128] hears what other tabs set and clear', async () => {
    const disk = fakeDisk();
    const [a, b] = [page(disk), page(disk)];
    let n = 0;
    const fn = () => ++n;
    const heard = vi.fn();
    a.wrap(fn, { name: 'other' })['subscribe'](heard);
    const [f, g] = [a.wrap(fn), b.wrap(fn)];
    await f(1);
    await settle();
    const events: unknown[] = [];
    f['subscribe']((event: unknown) => events.push(event));
    expect(await g(1)).toBe(1);
    await g['refresh'](1);
    await settle();
    expect(events).toEqual([{ type: 'set', tab: 'other' }]);
    expect(await f(1)).toBe(2);
    await g['clear'](1);
    await settle();
    expect(events.at(-1)).toEqual({ type: 'clear', tab: 'other' });
    expect(heard).not.toHaveBeenCalled();
    expect(f['peek'](1)).toBeUndefined();
    await b.cacheData.clear();
    await b.cacheData.clear({ tag: 'x' });
    expect(await f(1)).toBe(3);
  });

  it('[CAC-107] a ref loads again when another tab clears or sets', async () => {
    const disk = fakeDisk();
    const [a, b] = [page(disk), page(disk)];
    let n = 0;
    const fn = () => ++n;
    const [f, g] = [a.wrap(fn), b.wrap(fn)];
    const ref = f['ref'](1);
    ref.listen(() => {});
    await settle();
    expect(ref.value).toMatchObject({ status: 'success', value: 1 });
    await g['clear'](1);
    await settle();
    expect(ref.value).toMatchObject({ status: 'success', value: 2, isFetching: false });
    await g['prime'](99, 1);
    await settle();
    expect(ref.value).toMatchObject({ value: 99 });
  });

  it('[CAC-129] a clear in another tab keeps a running call from storing', async () => {
    const disk = fakeDisk();
    const [a, b] = [page(disk), page(disk)];
    const gate = deferred<string>();
    let n = 0;
    const f = a.wrap(() => (++n === 1 ? gate.promise : 'new'));
    const g = b.wrap(() => 'other');
    const call = f();
    await settle();
    await g['clear']();
    gate.resolve('old');
    expect(await call).toBe('old');
    await settle();
    expect(disk.rows.size).toBe(0);
    expect(await f()).toBe('new');
  });

  it('[CAC-123] by tag, too, also what a flight here will bring', async () => {
    const disk = fakeDisk();
    const [a, b] = [page(disk), page(disk)];
    const tags = (id: number): string[] => [`u${id}`];
    const f = a.wrap(async (id: number) => id, { tags });
    const g = b.wrap(async (id: number) => id, { tags });
    await Promise.all([f(1), f(2)]);
    await settle();
    await b.cacheData.clear({ tag: 'u1' });
    await settle();
    expect(f['peek'](2)).toBe(2);
    expect([await f['has'](1), await f['has'](2)]).toEqual([false, true]);
    expect([await g['has'](1), await g['has'](2)]).toEqual([false, true]);
  });

  it('[CAC-125] a clear that cannot be written leaves the function in memory, until it can', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    const disk = fakeDisk();
    const a = page(disk);
    let n = 0;
    const f = a.wrap(() => ++n);
    await f();
    await settle();
    disk.refusesClears = true;
    await f['clear']();
    expect(disk.rows.size).toBe(1);
    expect(await f['has']()).toBe(false);
    expect([await f(), await f()]).toEqual([2, 2]);
    await settle();
    expect(valuesOf(disk)).toEqual([1]);
    expect(disk.log.filter((step) => step === 'clear').length).toBe(1);
    await f['clear']();
    disk.refusesClears = false;
    vi.advanceTimersByTime(6000);
    expect(await f()).toBe(3);
    await settle();
    expect(disk.rows.size).toBe(0);
    await f['refresh']();
    await settle();
    expect(valuesOf(disk)[0]).toBe(4);
  });

  it('[CAC-129] runs that read nothing first know of earlier clears, so that they may store', async () => {
    for (const options of [{}, { validate: () => false }]) {
      const disk = fakeDisk();
      const [a, b] = [page(disk), page(disk)];
      let n = 0;
      const fn = () => ++n;
      const f = a.wrap(fn, options);
      await f();
      await settle();
      await b.wrap(fn, { name: 'another' })['clear']();
      await b.wrap(fn)['clear']();
      await f['prime'](99);
      await settle();
      const value = await ('validate' in options ? f() : f['refresh']());
      await settle();
      expect(valuesOf(disk)).toEqual([value]);
    }
  });

  it('[CAC-133] what a returning page forgot is read again', async () => {
    const disk = fakeDisk();
    const [a, b] = [page(disk), page(disk)];
    let n = 0;
    const fn = () => ++n;
    const [f, g] = [a.wrap(fn), b.wrap(fn)];
    await f();
    await settle();
    disk.isDeaf = true;
    await g['refresh']();
    await settle();
    expect(await f()).toBe(1);
    const events: unknown[] = [];
    f['subscribe']((event: unknown) => events.push(event));
    a.forget();
    expect(events).toEqual([{ type: 'set', tab: 'other' }]);
    expect(await f()).toBe(2);
    expect(n).toBe(2);
  });

  it('[CAC-134] without notes an entry of 5 s is compared with its row', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    const disk = fakeDisk();
    disk.isDeaf = true;
    const [a, b] = [page(disk), page(disk)];
    let n = 0;
    const fn = () => ++n;
    const [f, g] = [a.wrap(fn), b.wrap(fn)];
    await f();
    await settle();
    await g['refresh']();
    await settle();
    vi.advanceTimersByTime(4000);
    expect(await f()).toBe(1);
    vi.advanceTimersByTime(2000);
    expect(await f()).toBe(2);
    expect(n).toBe(2);
    await g['clear']();
    vi.advanceTimersByTime(6000);
    expect(await f()).toBe(3);
  });

  it('what the disk refused stays in memory, and is not doubted', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    const disk = fakeDisk();
    disk.isDeaf = disk.refusesWrites = true;
    let n = 0;
    const f = page(disk).wrap(() => ++n);
    await f();
    await settle();
    vi.advanceTimersByTime(60_000);
    expect(await f()).toBe(1);
    expect(await f['info']()).toMatchObject({ entries: 1, persisted: false });
  });

  it('[CAC-95][CAC-98] serves a stale row at once; one tab refreshes it', async () => {
    const { disk, fn, options } = await oldRow(11_000);
    const tab = page(disk);
    const b = tab.wrap(fn, options);
    const c = page(disk).wrap(fn, options);
    disk.held.add('');
    expect(await b()).toBe(1);
    await settle();
    expect([fn.mock.calls.length, tab.warnings]).toEqual([1, []]);
    disk.held.clear();
    expect(await c()).toBe(1);
    await settle();
    expect(fn).toHaveBeenCalledTimes(2);
    expect([await b(), await c()]).toEqual([2, 2]);
    expect(fn).toHaveBeenCalledTimes(2);
  });

  it('[CAC-101] staleIfError serves a stale row', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    const disk = fakeDisk();
    const options = { ttl: 10, staleIfError: true };
    await page(disk).wrap(() => 1, options)();
    await settle();
    vi.advanceTimersByTime(15_000);
    const down = () => Promise.reject(new Error('down'));
    expect(await page(disk).wrap(down, options)()).toBe(1);
    vi.advanceTimersByTime(10_000);
    expect((await failure(() => page(disk).wrap(down, options)())).message).toBe('down');
  });

  it('[CAC-83] the reader judges a row by its own ttl, too', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    const disk = fakeDisk();
    let n = 0;
    const fn = () => ++n;
    await page(disk).wrap(fn, { ttl: 100 })();
    await settle();
    vi.advanceTimersByTime(20_000);
    expect(await page(disk).wrap(fn, { ttl: 100 })()).toBe(1);
    expect(await page(disk).wrap(fn, { ttl: 10 })()).toBe(2);
  });

  it('[CAC-82] an entry from the future is expired', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    const disk = fakeDisk();
    let n = 0;
    const fn = () => ++n;
    await page(disk).wrap(fn, { ttl: 60 })();
    await settle();
    vi.setSystemTime(Date.now() - 3_600_000);
    expect(await page(disk).wrap(fn, { ttl: 60 })()).toBe(2);
  });

  it('[CAC-103] what was primed is not overwritten by an older write', async () => {
    const disk = fakeDisk();
    const f = page(disk).wrap(() => 'run');
    await f();
    await f['prime']('primed');
    await settle();
    expect(valuesOf(disk)).toEqual(['primed']);
    expect(disk.log.filter((step) => step.startsWith('write')).length).toBe(1);
  });

  it('[CAC-93] what memory evicted is found behind', async () => {
    const disk = fakeDisk();
    const fn = counted((x: number) => String(x).repeat(300_000));
    const f = page(disk).wrap(fn);
    for (let x = 1; x <= 5; x++) await f(x);
    await settle();
    expect(f['peek'](1)).toBeUndefined();
    fn.runs.length = 0;
    expect((await f(1)).length).toBe(300_000);
    expect(fn.runs.length).toBe(0);
  });

  it("[CAC-135] scope 'session' has a place of its own, which a global clear reaches", async () => {
    const disk = fakeDisk();
    const a = page(disk);
    const f = a.wrap((x: number) => x, { scope: 'session' });
    const g = a.wrap((x: number) => x);
    await f(1);
    await g(1);
    await settle();
    expect([disk.rows.size, a.session.rows.size]).toEqual([1, 1]);
    await a.cacheData.clear();
    expect([disk.rows.size, a.session.rows.size]).toEqual([0, 0]);
  });

  it('[CAC-106] has looks behind and fills nothing', async () => {
    const disk = fakeDisk();
    const fn = counted((x: number) => x);
    await page(disk).wrap(fn)(1);
    await settle();
    const g = page(disk).wrap(fn);
    expect([await g['has'](1), await g['has'](2)]).toEqual([true, false]);
    expect(g['peek'](1)).toBeUndefined();
  });

  it('[CAC-106] has judges a row by its age', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    const disk = fakeDisk();
    const options = { ttl: 10, refreshMode: 'background' };
    await page(disk).wrap(() => 1, options)();
    await settle();
    vi.advanceTimersByTime(9_999);
    expect(
      await page(disk)
        .wrap(() => 1, options)
        ['has'](),
    ).toBe(true);
    vi.advanceTimersByTime(1);
    expect(
      await page(disk)
        .wrap(() => 1, options)
        ['has'](),
    ).toBe(false);
  });

  it('[CAC-110] info has the larger of what is here and what is stored, and the oldest of both', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    const disk = fakeDisk();
    const fn = (x: number) => String(x).repeat(300_000);
    const f = page(disk).wrap(fn);
    const start = Date.now();
    for (let x = 1; x <= 5; x++) {
      await f(x);
      vi.advanceTimersByTime(1000);
    }
    await settle();
    const bytes = [...disk.rows.values()].reduce((sum, row) => sum + row.bytes, 0);
    const stored = { entries: 5, bytes, oldest: start, persisted: true };
    expect(await f['info']()).toMatchObject({ ...stored, misses: 5 });
    expect(await page(disk).wrap(fn)['info']()).toMatchObject({ ...stored, hits: 0, misses: 0 });
    disk.refusesWrites = disk.isDeaf = true;
    const [first, ...others] = disk.rows.keys();
    for (const row of others) disk.rows.delete(row);
    Object.assign(disk.rows.get(first!)!, { bytes: 1 });
    const here = await f['info']();
    expect(here).toMatchObject({ oldest: start, persisted: true });
    expect([here.entries > 1, here.bytes > 300_000]).toEqual([true, true]);
    Object.assign(disk.rows.get(first!)!, { createdAt: start + 60_000 });
    expect((await f['info']()).oldest).toBeLessThan(start + 60_000);
  });

  it('reports uses to the tier: each where a limit needs them, else in a minute or a tenth of ttl', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    for (const [options, touches] of [
      [{}, [0, 0, 0, 1]],
      [{ ttl: 100 }, [0, 1, 2, 2]],
      [{ maxEntries: 9 }, [1, 2, 3, 4]],
      [{ maxSize: '1MB' }, [1, 2, 3, 4]],
    ] as const) {
      const disk = fakeDisk();
      const f = page(disk).wrap(() => 1, options);
      await f();
      await settle();
      const seen: number[] = [];
      for (const ms of [9_999, 1, 49_999, 1]) {
        vi.advanceTimersByTime(ms);
        await f();
        seen.push(disk.log.filter((step) => step.startsWith('touch')).length);
      }
      expect([options, seen]).toEqual([options, touches]);
    }
  });

  it('[CAC-117] sees a circle although bodies run later', async () => {
    const disk = fakeDisk();
    const f: AnyCached = page(disk).wrap(async (x: number) => f(x));
    expect((await failure(() => f(1))).name).toBe('CacheReentryError');
  });

  it('[CAC-117] also over two functions', async () => {
    const { wrap } = page(fakeDisk());
    const g: AnyCached = wrap(async (x: number) => h(x), { name: 'g' });
    const h: AnyCached = wrap(async (x: number) => between(x), { name: 'h' });
    const between: AnyCached = wrap(async (x: number) => (x > 1 ? x : g(x)), { name: 'between' });
    expect((await failure(() => g(1))).name).toBe('CacheReentryError');
    expect(await g(2)).toBe(2);
  });

  it('[CAC-129] a run that was cleared holds the lock no longer', async () => {
    const disk = fakeDisk();
    const gate = deferred<number>();
    const { wrap } = page(disk);
    const f = wrap((x: number) => (x > 0 ? gate.promise : 0));
    const calls = [f(1)];
    await settle();
    expect([...disk.held]).toEqual(['1']);
    await f['clear'](1);
    await settle();
    expect([...disk.held]).toEqual([]);
    // cleared before it began to run
    calls.push(f(2));
    await f['clear'](2);
    await settle();
    expect([...disk.held]).toEqual([]);
    gate.resolve(7);
    expect(await Promise.all(calls)).toEqual([7, 7]);
  });

  it('[CAC-116] nothing runs when all callers gave up before', async () => {
    const disk = fakeDisk();
    const fn = counted((_signal: AbortSignal) => 1);
    const f = page(disk).wrap(fn);
    const controller = new AbortController();
    const call = f(controller.signal);
    controller.abort();
    expect((await failure(() => call)).name).toBe('AbortError');
    await settle();
    expect([fn.runs.length, disk.rows.size]).toEqual([0, 0]);
  });

  it('[CAC-98] a call that joined a refresh which another tab makes looks again', async () => {
    const { disk, fn, options } = await oldRow(15_000);
    const b = page(disk);
    const f = b.wrap(fn, options);
    disk.held.add('');
    expect(await f()).toBe(1);
    vi.advanceTimersByTime(6000);
    expect(await f()).toBe(2);
    await settle();
    expect([fn.mock.calls.length, b.warnings]).toEqual([2, []]);
  });

  it('[CAC-225] a row that is cleared while validate is asked about it is not used', async () => {
    const disk = fakeDisk();
    let n = 0;
    const fn = () => ++n;
    await page(disk).wrap(fn)();
    await settle();
    const asked = deferred<boolean>();
    const f = page(disk).wrap(fn, { validate: () => asked.promise });
    const call = f();
    await settle();
    void f['clear']();
    asked.resolve(true);
    expect(await call).toBe(2);
  });

  it('[CAC-109] subscribe hears other tabs though nothing is called here', async () => {
    const disk = fakeDisk();
    const events: unknown[] = [];
    const f = page(disk).wrap(() => 1);
    f['subscribe']((event: unknown) => events.push(event));
    await settle();
    await page(disk).wrap(() => 1)();
    await settle();
    expect(events).toEqual([{ type: 'set', tab: 'other' }]);
  });

  it('[CAC-78] stores nothing with ttl: 0', async () => {
    const disk = fakeDisk();
    const f = page(disk).wrap(() => 1, { ttl: 0 });
    expect(await f()).toBe(1);
    await f['prime'](2);
    await settle();
    expect([disk.rows.size, disk.log.filter((step) => step.startsWith('write'))]).toEqual([0, []]);
  });

  it('[CAC-178] a row brings its messages', async () => {
    const disk = fakeDisk();
    const fn = async () => {
      emitter()({ step: 1 });
      return 1;
    };
    await page(disk).wrap(fn)();
    await settle();
    const { wrap } = page(disk);
    const onMessage = vi.fn();
    const f = wrap(fn, { onMessage });
    expect([await f(), await f()]).toEqual([1, 1]);
    expect(onMessage.mock.calls).toEqual([[{ step: 1 }], [{ step: 1 }]]);
    expect(await f['info']()).toMatchObject({ hits: 2, misses: 0 });
  });

  it('[CAC-129] what a clear of another tab kept from being stored is not kept here either', async () => {
    const disk = fakeDisk();
    disk.isDeaf = true;
    const gate = deferred<string>();
    const f = page(disk).wrap(() => gate.promise);
    const call = f();
    await settle();
    await page(disk)
      .wrap(() => 'other')
      ['clear']();
    gate.resolve('old');
    expect(await call).toBe('old');
    await settle();
    expect([f['peek'](), disk.rows.size]).toEqual([undefined, 0]);
  });

  it('[CAC-225] a row that expires while validate is asked about it is not used', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    const disk = fakeDisk();
    let n = 0;
    const fn = () => ++n;
    await page(disk).wrap(fn, { ttl: 10 })();
    await settle();
    vi.advanceTimersByTime(9_000);
    const asked = deferred<boolean>();
    const call = page(disk).wrap(fn, { ttl: 10, validate: () => asked.promise })();
    await settle();
    vi.advanceTimersByTime(2_000);
    asked.resolve(true);
    expect(await call).toBe(2);
  });

  it('[CAC-127] a lock that another tab holds is waited for, and what is stored is looked at again', async () => {
    const disk = fakeDisk();
    const f = page(disk).wrap((x: number) => x);
    await f(1);
    await settle();
    disk.held.add('2');
    disk.log.length = 0;
    await f(2);
    await settle();
    expect(disk.log).toEqual(['read 2', 'lock 2', 'lock 2', 'read 2', 'write 2']);
  });

  it('what is not stored asks no tier', async () => {
    const disk = fakeDisk();
    const { cacheData } = page(disk);
    for (const f of [cacheData(async () => 1, { persist: false }), cacheData(async () => 1)]) {
      await f();
      await f.clear();
      await f.prime(2);
      expect([await f.has(), (await f.info()).persisted]).toEqual([true, false]);
    }
    expect(disk.log).toEqual([]);
  });

  it('[CAC-178] a row without messages brings none', async () => {
    const disk = fakeDisk();
    await page(disk).wrap(() => 1)();
    await settle();
    const reported = vi.fn();
    vi.stubGlobal('reportError', reported);
    const onMessage = vi.fn();
    const f = page(disk).wrap(() => 1, { onMessage });
    expect(await Promise.all([f(), f()])).toEqual([1, 1]);
    vi.unstubAllGlobals();
    expect([onMessage.mock.calls, reported.mock.calls]).toEqual([[], []]);
  });

  it('a slow write leaves what was primed meanwhile to its own', async () => {
    const gates: (() => void)[] = [];
    let isSlow = false;
    const disk = fakeDisk(() => (isSlow ? new Promise((resolve) => gates.push(resolve)) : Promise.resolve()));
    const f = page(disk).wrap(() => 'run');
    await f();
    isSlow = true;
    await settle();
    const primed = f['prime']('primed');
    await settle();
    isSlow = false;
    for (const open of gates) {
      open();
      await settle();
    }
    await primed;
    expect(valuesOf(disk)).toEqual(['primed']);
  });

  it('a clear asks each place once', async () => {
    const disk = fakeDisk();
    const { cacheData, wrap } = page(disk);
    await wrap(() => 1)();
    await settle();
    disk.log.length = 0;
    await cacheData.clear();
    expect(disk.log).toEqual(['clear']);
  });

  it('[CAC-116] nothing is stored when all callers gave up', async () => {
    const disk = fakeDisk();
    const gate = deferred();
    const f = page(disk).wrap((_signal: AbortSignal) => gate.promise);
    const controller = new AbortController();
    const call = f(controller.signal);
    await settle();
    controller.abort();
    await failure(() => call);
    gate.resolve(1);
    await settle();
    expect(disk.rows.size).toBe(0);
  });

  it('[CAC-97] a failed refresh pauses the next one, also of an entry that memory has lost and read again', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
    const a = page(fakeDisk());
    let runs = 0;
    const f = a.wrap(
      async () => {
        if (++runs > 1) throw new Error('down');
        return runs;
      },
      { ttl: 10, refreshMode: 'background', maxStale: '1h' },
    );
    await f();
    await settle();
    vi.advanceTimersByTime(10_000);
    for (const [ms, expected] of [
      [0, 2],
      [1, 2],
      [59_000, 2],
      [1000, 3],
    ] as const) {
      vi.advanceTimersByTime(ms);
      expect(await f()).toBe(1);
      await settle();
      expect(runs).toBe(expected);
      a.forget();
    }
    // after a clear it is another entry
    runs = 0;
    await f['clear']();
    await f();
    await settle();
    vi.advanceTimersByTime(10_000);
    await f();
    await settle();
    expect(runs).toBe(2);
  });
});
