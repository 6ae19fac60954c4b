// showSpinner: when a cached function shows it.
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { showSpinnerLate } from '../../src/spinner/late-spinner.js';
import { deferred, failure, fakeTime, kinds, microtasks, testCache } from '../helpers/caches.js';

// its code is loaded with the first one
beforeAll(async () => {
  const hide = showSpinnerLate('', {});
  await vi.waitFor(() => import('../../src/spinner/show-spinner.js'));
  hide();
});

let time: ReturnType<typeof fakeTime>;
beforeEach(() => {
  time = fakeTime();
});
afterEach(() => vi.useRealTimers());

const texts = (): (string | null)[] => {
  const lines = document.querySelectorAll('.tabstate-spinner > *');
  return [...lines].map((line) => line.textContent);
};

describe.each(kinds)('showSpinner (%s)', (kind) => {
  const run = async (fn: (...args: any[]) => any, options: object, args: unknown[] = [], at = 0.6) => {
    const gate = deferred();
    const named = Object.defineProperty(async (...given: unknown[]) => [fn(...given), await gate.promise], 'name', {
      value: fn.name,
    });
    const f = testCache().wrap(kind, named, options);
    const call = f(...args);
    await microtasks();
    const start = time;
    vi.advanceTimersByTime(at * 1000);
    void start;
    const shown = texts();
    gate.resolve(0);
    await call;
    expect(texts()).toEqual([]);
    return { shown, f };
  };

  it('[CAC-171] shows nothing by default, on a hit, for a short body or a refresh behind', async () => {
    expect((await run(() => 1, {})).shown).toEqual([]);
    expect((await run(() => 1, { showSpinner: false })).shown).toEqual([]);
    expect((await run(() => 1, { showSpinner: true }, [], 0.1)).shown).toEqual([]);
    const { f } = await run(() => 1, { showSpinner: true, ttl: 100, refreshMode: 'background' });
    const hit = f();
    vi.advanceTimersByTime(600);
    expect(texts()).toEqual([]);
    await hit;
    const gate = deferred();
    let isFirst = true;
    const behind = testCache().wrap(kind, async () => (isFirst ? 1 : gate.promise), {
      showSpinner: true,
      ttl: 100,
      refreshMode: 'background',
    });
    await behind();
    isFirst = false;
    vi.advanceTimersByTime(100_000);
    await behind();
    await microtasks();
    vi.advanceTimersByTime(1000);
    expect(texts()).toEqual([]);
    gate.resolve(1);
    await microtasks();
  });

  it('[CAC-172] has a text', async () => {
    const load = (_x?: number): number => 1;
    expect((await run(load, { showSpinner: true })).shown).toEqual(['Running `load()`.']);
    expect((await run(load, { showSpinner: true }, [1])).shown).toEqual(['Running `load(...)`.']);
    expect((await run(load, { showSpinner: 'Please wait' })).shown).toEqual(['Please wait']);
    expect((await run(load, { showSpinner: '' })).shown).toEqual(['']);
  });

  it('[CAC-173] knows minified names and names', async () => {
    const t = (): number => 1;
    expect((await run(t, { showSpinner: true })).shown).toEqual(['Running…']);
    expect((await run(t, { showSpinner: true, name: 'prices' })).shown).toEqual(['Running `prices()`.']);
  });

  it('[CAC-174] is one for outer, inner and joiners', async () => {
    const { wrap } = testCache();
    const gate = deferred();
    const inner = wrap(kind, async () => gate.promise, { showSpinner: 'inner' });
    const outer = wrap(kind, async () => inner(), { showSpinner: 'outer' });
    const calls = Array.from({ length: 10 }, () => outer());
    await microtasks();
    vi.advanceTimersByTime(600);
    expect(texts()).toEqual(['outer']);
    gate.resolve(0);
    await Promise.all(calls);
    expect(texts()).toEqual([]);
    const second = deferred();
    const innerOnly = wrap(kind, async () => second.promise, { showSpinner: 'inner only' });
    const quiet = wrap(kind, async () => innerOnly());
    const call = quiet();
    await microtasks();
    vi.advanceTimersByTime(600);
    expect(texts()).toEqual(['inner only']);
    second.resolve(0);
    await call;
  });

  it('[CAC-175] counts the time where it is asked to', async () => {
    const gate = deferred();
    const f = testCache().wrap(kind, async () => gate.promise, { showSpinner: 'x', showTime: true });
    const call = f();
    await microtasks();
    vi.advanceTimersByTime(600);
    const first = texts()[0];
    vi.advanceTimersByTime(200);
    expect(first).toMatch(/0\.[56]/);
    expect(texts()[0]).toMatch(/0\.[78]/);
    gate.resolve(0);
    await call;
  });

  it('goes when the run fails', async () => {
    const gate = deferred();
    const f = testCache().wrap(kind, async () => gate.promise, { showSpinner: 'x' });
    const call = failure(() => f());
    await microtasks();
    vi.advanceTimersByTime(600);
    expect(texts()).toEqual(['x']);
    gate.reject(new Error('no'));
    await call;
    expect(texts()).toEqual([]);
  });
});
