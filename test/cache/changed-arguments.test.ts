// Arguments that change between the call and the run.
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { nextTask } from '../../src/browser/clock.js';
import { createCacheData } from '../../src/cache/cache-data.js';
import { createState } from '../../src/cache/cache-state.js';
import { loadStored } from '../../src/cache/late.js';
import type { Warning } from '../../src/core/warning.js';
import { createSessionState } from '../../src/session-state/session-state.js';
import { type AnyCached, counted, failure, fakeTime, kinds, microtasks, testCache } from '../helpers/caches.js';
import { type FakeDisk, fakeDisk } from '../helpers/fake-tier.js';

beforeAll(loadStored);
afterEach(() => vi.useRealTimers());

interface Query {
  page: number;
}

/** One page on this disk. */
function page(disk: FakeDisk) {
  const warnings: Warning[] = [];
  const cacheData = createCacheData(
    createState(1e6, (warning) => warnings.push(warning)),
    { openTier: () => disk.tier() },
  );
  return {
    warnings,
    codes: () => warnings.map(({ code }) => code),
    wrap: (fn: (...args: any[]) => any, options: object = {}) =>
      cacheData(fn, { name: 'load', ...options }) as unknown as AnyCached,
  };
}

/** Lets reads, runs and writes of the fake disk end. */
const settle = async (): Promise<void> => {
  for (let i = 0; i < 3; i++) {
    await microtasks();
    await nextTask();
  }
};

const textOf = ({ page }: Query): string => `page ${page}`;

/** What is kept for pages 1 to 4, read by another page. */
const keptOn = async (disk: FakeDisk, options: object = {}): Promise<unknown[]> => {
  const f = page(disk).wrap(() => 'none', options);
  return Promise.all([1, 2, 3, 4].map((at) => f({ page: at })));
};

describe('an argument that is changed between the call and the run', () => {
  it.each([
    ['copies', {}],
    ['one object for all', { copy: 'share' }],
    ['in this tab', { scope: 'session' }],
  ])('[CAC-223] goes to its caller, and is kept nowhere (%s)', async (_how, options) => {
    const disk = fakeDisk();
    const { wrap, codes } = page(disk);
    const load = wrap(textOf, options);
    const q = { page: 0 };
    const calls: Promise<unknown>[] = [];
    for (let i = 1; i <= 3; i++) {
      q.page = i;
      calls.push(load(q));
    }
    expect(await Promise.all(calls)).toEqual(['page 3', 'page 3', 'page 3']);
    await settle();
    expect(codes()).toEqual(['cache-argument-changed']);
    expect([load['peek']({ page: 1 }), load['peek']({ page: 2 }), load['peek']({ page: 3 })]).toEqual([
      undefined,
      undefined,
      'page 3',
    ]);
    expect(await keptOn(disk, options)).toEqual(['none', 'none', 'page 3', 'none']);
    expect(await load({ page: 1 })).toBe('page 1');
  });

  it('[CAC-223] whoever joined with equal arguments gets a run of those', async () => {
    const disk = fakeDisk();
    const fn = counted(textOf);
    const load = page(disk).wrap((q: Query) => fn(q));
    const q = { page: 1 };
    const [first, second, third] = [load(q), load({ page: 1 }), load({ page: 1 })];
    const same = load(q);
    q.page = 2;
    const fourth = load({ page: 1 });
    expect(await Promise.all([first, second, third, fourth])).toEqual(['page 2', 'page 1', 'page 1', 'page 1']);
    expect(await same).toBe('page 1');
    expect(fn.runs.length).toBe(2);
    expect(await load['info']()).toMatchObject({ misses: 2 });
    await settle();
    expect(await load({ page: 1 })).toBe('page 1');
    expect(await keptOn(disk)).toEqual(['page 1', 'none', 'none', 'none']);
  });

  it('[CAC-223] its failure is no failure of those who joined', async () => {
    const load = page(fakeDisk()).wrap((q: Query) => {
      if (q.page === 2) throw new Error('page 2');
      return textOf(q);
    });
    const types: string[] = [];
    load['subscribe'](({ type }: { type: string }) => types.push(type));
    const q = { page: 1 };
    const [first, second] = [load(q), load({ page: 1 })];
    q.page = 2;
    expect(String(await failure(() => first))).toContain('page 2');
    expect(await second).toBe('page 1');
    expect(types).toEqual(['set']);
  });

  it('[CAC-223] so is one that cannot be a key any more', async () => {
    const disk = fakeDisk();
    const { wrap, codes } = page(disk);
    const load = wrap((q: Query & { on?: unknown }) => `${textOf(q)} ${typeof q.on}`);
    const q: Query & { on?: unknown } = { page: 1 };
    const call = load(q);
    q.on = () => {};
    expect(await call).toBe('page 1 function');
    await settle();
    expect(codes()).toEqual(['cache-argument-changed']);
    expect(await keptOn(disk)).toEqual(['none', 'none', 'none', 'none']);
  });

  it('[CAC-223] also deep inside, in a Map, in what `key` and `deps` look at, and in live state', async () => {
    const state = createSessionState({ storage: () => sessionStorage, prefix: 'changed:' });
    state['filters'] = { page: 1 };
    const filters = state['filters'] as Query;
    const list = [3, 1, 2];
    const map = new Map([['page', { page: 1 }]]);
    const plain = { page: 1 };
    let outside = 1;
    const cases: [unknown, () => unknown, object?][] = [
      [filters, () => filters.page++],
      [list, () => list.sort()],
      [{ deep: [plain] }, () => (plain.page = 5)],
      [map, () => (map.get('page')!.page = 2)],
      [{ page: 1 }, () => outside++, { deps: () => [outside] }],
      [7, () => outside++, { deps: () => [outside] }],
      [7, () => outside++, { key: () => outside }],
    ];
    for (const [value, change, options] of cases) {
      const disk = fakeDisk();
      const { wrap, codes } = page(disk);
      const load = wrap((x: unknown) => JSON.stringify(x), options);
      const call = load(value);
      change();
      await call;
      await settle();
      expect(codes()).toEqual(['cache-argument-changed']);
      expect(disk.rows.size).toBe(0);
    }
  });

  it('[CAC-223] also beside one that cannot change', async () => {
    const disk = fakeDisk();
    const { wrap, codes, warnings } = page(disk);
    const load = wrap((q: Query, text: string) => text + q.page);
    const q = { page: 1 };
    const call = load(q, 'page ');
    q.page = 2;
    await call;
    await settle();
    expect(codes()).toEqual(['cache-argument-changed']);
    expect(warnings[0]!.message).toBe('load: an argument changed before the run. Pass a copy.');
    expect(disk.rows.size).toBe(0);
  });

  it('[CAC-223] what the body itself changes counts as it was before', async () => {
    const disk = fakeDisk();
    const { wrap, codes } = page(disk);
    const load = wrap((q: Query) => ++q.page);
    const q = { page: 0 };
    expect(await load(q)).toBe(1);
    expect(await load({ page: 0 })).toBe(1);
    expect(codes()).toEqual([]);
  });

  it('[CAC-223] by refresh', async () => {
    const disk = fakeDisk();
    const fn = counted(textOf);
    const load = page(disk).wrap((q: Query) => fn(q));
    await load({ page: 1 });
    const q = { page: 1 };
    const [call, equal] = [load['refresh'](q), load['refresh']({ page: 1 })];
    q.page = 2;
    expect([await call, await equal]).toEqual(['page 2', 'page 1']);
    expect(fn.runs.length).toBe(3);
    await settle();
    expect(await keptOn(disk)).toEqual(['page 1', 'none', 'none', 'none']);
  });

  it('[CAC-63][CAC-67] asks hash functions once where nothing can have changed', async () => {
    const hash = vi.fn((text: string) => text.length);
    const load = page(fakeDisk()).wrap((x: string) => x, { hashFuncs: [[String, hash]] });
    await load('x');
    expect(hash.mock.calls).toEqual([['x']]);
  });
});

describe.each(kinds)('an argument that is changed before a later run (%s)', (kind) => {
  it('[CAC-223] behind a ref', async () => {
    const { wrap, codes } = testCache();
    const load = wrap(kind, async (q: Query) => textOf(q));
    const q = { page: 1 };
    const ref = load['ref'](q);
    q.page = 2;
    const stop = ref.subscribe(() => {});
    await microtasks();
    expect(ref.get()).toMatchObject({ status: 'success', value: 'page 2' });
    expect(codes()).toEqual(['cache-argument-changed']);
    expect([load['peek']({ page: 1 }), load['peek']({ page: 2 })]).toEqual([undefined, undefined]);
    expect(await load({ page: 1 })).toBe('page 1');
    stop();
  });

  it('[CAC-223] the ref of equal arguments loads by those that are still the same', async () => {
    const { wrap, codes } = testCache();
    const load = wrap(kind, async (q: Query) => textOf(q));
    const q = { page: 1 };
    const first = load['ref'](q);
    q.page = 2;
    const ref = load['ref']({ page: 1 });
    expect(ref).toBe(first);
    const stop = ref.subscribe(() => {});
    await microtasks();
    expect(ref.get()).toMatchObject({ status: 'success', value: 'page 1' });
    expect(codes()).toEqual([]);
    stop();
  });

  it('[CAC-223] behind a stale value', async () => {
    const time = fakeTime();
    const { wrap, codes } = testCache();
    const released: unknown[] = [];
    const load = wrap(kind, textOf, {
      ttl: 10,
      refreshMode: 'background',
      ...(kind === 'resource' ? { onRelease: (value: unknown) => released.push(value) } : {}),
    });
    const q = { page: 1 };
    await load(q);
    time.to(10);
    const call = load(q);
    q.page = 2;
    expect(await call).toBe('page 1');
    await microtasks();
    expect(codes()).toEqual(['cache-argument-changed']);
    expect(await load({ page: 1 })).toBe('page 1');
    await microtasks();
    expect([await load({ page: 1 }), await load({ page: 2 })]).toEqual(['page 1', 'page 2']);
    expect(released).toEqual(kind === 'resource' ? ['page 2'] : []);
  });

  it('[CAC-223] while `validate` is asked', async () => {
    const { wrap } = testCache();
    const load = wrap(kind, async (q: Query) => textOf(q), { validate: async () => false });
    const q = { page: 1 };
    await load({ page: 1 });
    const call = load(q);
    q.page = 2;
    expect(await call).toBe('page 2');
    expect(load['peek']({ page: 1 })).toBeUndefined();
  });
});
