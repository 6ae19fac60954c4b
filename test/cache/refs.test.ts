// Refs of cached calls.
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/browser/clock.js';
import { createCacheData } from '../../src/cache/cache-data.js';
import { createState } from '../../src/cache/cache-state.js';
import { loadStored } from '../../src/cache/late.js';
import { createWeakIndex } from '../../src/cache/weak-index.js';
import { type AnyCached, kinds, microtasks, testCache } from '../helpers/caches.js';
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

describe('an index of what others hold', () => {
  it('[CAC-237] looks at all of it only when it has doubled', () => {
    let looked = 0;
    const deref = vi.spyOn(WeakRef.prototype, 'deref').mockImplementation(() => {
      looked++;
      return {};
    });
    const index = createWeakIndex<object>();
    for (let i = 0; i < 8192; i++) index.set(`${i}`, {});
    expect(looked).toBeLessThan(2 * 8192);
    deref.mockImplementation(() => undefined);
    for (let i = 0; i < 8192; i++) index.set(`again ${i}`, {});
    deref.mockRestore();
    expect(index.get('again 8191')).toBeDefined();
    expect(index.get('0')).toBe(undefined);
  });
});

describe('two tabs whose validate differs', () => {
  const tab = (disk: FakeDisk, validate: (value: { user: string }) => unknown, user: string) => {
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
      { name: 'me', validate: validate as () => boolean },
    ) as unknown as AnyCached;
    return state;
  };
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
