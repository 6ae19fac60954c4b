import { afterEach, describe, expect, it, vi } from 'vitest';
import type { CacheData } from '../../src/cache/cache-data.js';
import { createCache } from '../../src/cache/create-cache.js';
import { idbStore } from '../../src/stores/idb-store.js';
import { memoryStore } from '../../src/stores/memory-store.js';
import type { CacheStore } from '../../src/stores/store.js';
import { tieredStore } from '../../src/stores/tiered-store.js';
import { testCache } from '../helpers/caches.js';
import { entryOf, freshName, openTier } from './disk-helpers.js';

/** `VITE_MODEL_STEPS=10000` for a long run; `VITE_MODEL_SEED` for the seed that one of them named. */
const { VITE_MODEL_STEPS, VITE_MODEL_SEED } = import.meta.env as Record<string, string | undefined>;
const steps = Number(VITE_MODEL_STEPS ?? 600);
const perRound = 50;

type Random = (below: number) => number;
function randomOf(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));
async function pause(random: Random): Promise<void> {
  const kind = random(8);
  if (kind < 3) return;
  if (kind < 5) for (let i = random(20); i >= 0; i--) await Promise.resolve();
  else await sleep(random(6));
}

/** A store of one's own that takes its time. */
function slowStore(random: Random): CacheStore {
  const inner = memoryStore();
  const slow = async <T>(work: () => Promise<T>): Promise<T> => {
    await pause(random);
    const result = await work();
    await pause(random);
    return result;
  };
  return {
    get: (key) => slow(() => inner.get(key)),
    set: (key, entry) => slow(() => inner.set(key, entry)),
    delete: (key) => slow(() => inner.delete(key)),
    clear: (prefix) => slow(() => inner.clear(prefix)),
  };
}

interface Value {
  readonly made: number;
  readonly isPrimed: boolean;
}
interface Clear {
  readonly tab: number;
  readonly begun: number;
  covers(fn: string, key: number): boolean;
  /** When the other tab has certainly heard of it. */
  heard: number;
}

const places = ['disk', 'two tabs', 'own store', 'tiered store', 'session'] as const;
type Place = (typeof places)[number];
const names = ['f', 'g'];

async function play(place: Place, seed: number): Promise<void> {
  const random = randomOf(seed);
  const name = `clears-${place}-${Date.now()}-${seed}`;
  const store =
    place === 'own store'
      ? slowStore(random)
      : place === 'tiered store'
        ? tieredStore(slowStore(random), idbStore({ name }))
        : null;
  const memory = [64_000_000, 150][random(2)] as number;
  const options = {
    ...(random(3) === 0 ? { ttl: 0.02, refreshMode: 'background' as const, maxStale: 5 } : {}),
    ...(random(4) === 0 ? { maxEntries: 2 } : {}),
    ...(random(3) === 0
      ? { validate: () => (random(2) ? true : sleep(random(4)).then(() => random(4) > 0)) as boolean }
      : {}),
    ...(place === 'session' ? { scope: 'session' as const } : {}),
    tags: (key: number) => [`t${key % 2}`],
  };
  let now = 0;
  const log: string[] = [`${JSON.stringify(options)} memory ${memory}`];
  const sure = new Map<number, number>();
  const clears: Clear[] = [];
  const calls: Promise<unknown>[] = [];
  const tabs = Array.from({ length: place === 'two tabs' ? 2 : 1 }, () => {
    const cache = createCache({ name, store, memory, onWarning() {} });
    const functions = names.map((own) =>
      cache.cacheData(
        async (of: number): Promise<Value> => {
          const made = ++now;
          log.push(`${made} run of ${own}(${of})`);
          await pause(random);
          return { made, isPrimed: false };
        },
        { ...options, name: own },
      ),
    );
    return { cache, functions };
  });
  const channel = new BroadcastChannel(`tabstate-cache:${name}`);
  const ear = new BroadcastChannel(`tabstate-cache:${name}`);
  /** All notes that were sent before have been heard. */
  const heardAll = async (): Promise<void> => {
    const mark = `mark ${++now}`;
    const came = new Promise<void>((resolve) =>
      ear.addEventListener('message', ({ data }) => data === mark && resolve()),
    );
    channel.postMessage(mark);
    await came;
    await sleep(0);
  };

  const check = (tab: number, fn: string, key: number, at: number, value: Value | undefined, what: string): void => {
    if (!value) return;
    for (const clear of clears) {
      if (!clear.covers(fn, key)) continue;
      const made = clear.tab === tab || !value.isPrimed ? value.made : (sure.get(value.made) ?? Infinity);
      if ((clear.tab === tab ? clear.begun : clear.heard) < at && made < clear.begun)
        throw new Error(
          `${place}, seed ${seed}: ${what} ${fn}(${key}) of tab ${tab} at ${at} got ${made}, cleared at ${clear.begun} by tab ${clear.tab}; ${JSON.stringify(value)}\n${log.join('\n')}`,
        );
    }
  };
  const clear = (tab: number, covers: Clear['covers'], work: () => Promise<void>): void => {
    const made: Clear = { tab, begun: ++now, covers, heard: Infinity };
    clears.push(made);
    calls.push(
      work().then(async () => {
        if (tabs.length > 1) await heardAll();
        made.heard = ++now;
      }),
    );
  };
  const step = (): void => {
    const tab = random(tabs.length);
    const { cache, functions } = tabs[tab]!;
    const fn = random(2);
    const f = functions[fn] as CacheData extends never ? never : (typeof functions)[number];
    const own = names[fn]!;
    const key = random(3);
    const at = ++now;
    const kind = random(20);
    log.push(`${at} tab${tab} ${own}(${key}) kind ${kind}`);
    if (kind < 10)
      calls.push(
        f(key).then((value) => {
          log.push(`${now} call at ${at} ${own}(${key}) got ${value.made}`);
          check(tab, own, key, at, value, 'the call');
        }),
      );
    else if (kind === 10) calls.push(f.refresh(key).then((value) => check(tab, own, key, at, value, 'the refresh of')));
    else if (kind === 11) check(tab, own, key, at, f.peek(key), 'a peek at');
    else if (kind === 12) {
      const value = { made: at, isPrimed: true, ...(random(4) ? {} : { big: new Float64Array(200_000) }) };
      calls.push(f.prime(value, key).then(() => void sure.set(at, ++now)));
    } else if (kind < 15)
      clear(
        tab,
        (name) => name === own,
        () => f.clear(),
      );
    else if (kind < 17)
      clear(
        tab,
        (name, of) => name === own && of === key,
        () => f.clear(key),
      );
    else if (kind === 17)
      clear(
        tab,
        () => true,
        () => cache.cacheData.clear(),
      );
    else if (kind === 18)
      clear(
        tab,
        (_name, of) => of % 2 === key % 2,
        () => cache.cacheData.clear({ tag: `t${key % 2}` }),
      );
    else calls.push(f.info());
  };

  try {
    for (let i = 0; i < perRound; i++) {
      step();
      await pause(random);
      if (random(12) === 0) await Promise.all(calls);
    }
    await Promise.all(calls);
    // what lies behind the memory obeys as well
    const at = ++now;
    const page = createCache({ name, store, memory, onWarning() {} });
    await Promise.all(
      names.flatMap((own) =>
        [0, 1, 2].map(async (key) => {
          const run = async (of: number): Promise<Value> => ({ made: ++now + 0 * of, isPrimed: false });
          const value = await page.cacheData(run, { ...options, name: own })(key);
          check(99, own, key, at, value, 'after a reload');
        }),
      ),
    );
  } finally {
    await Promise.allSettled(calls);
    channel.close();
    ear.close();
    for (const { cache } of tabs) await cache.cacheData.clear();
  }
}

describe('a clear covers reads from the moment it is called', () => {
  afterEach(() => {
    vi.restoreAllMocks();
    sessionStorage.clear();
  });

  it.each(places)(
    '[CAC-224] any interleaving on %s serves nothing that is older',
    async (place) => {
      if (VITE_MODEL_SEED) return play(place, Number(VITE_MODEL_SEED));
      const rounds = Math.max(1, Math.round(steps / perRound / places.length));
      const first = VITE_MODEL_STEPS ? Date.now() % 1e9 : 1;
      for (let i = 0; i < rounds; i++) await play(place, first + i);
    },
    600_000,
  );

  it('[CAC-224] when a read, the clear and a call begin in one task', async () => {
    const { wrap, cacheData } = testCache();
    let runs = 0;
    const f = wrap('data', (x: number) => [x, ++runs], { name: 'kept', persist: true, tags: ['a'] });
    await f(1);
    await f['info']();
    const clears = [
      () => f['clear'](),
      () => f['clear'](1),
      () => cacheData.clear(),
      () => cacheData.clear({ tag: 'a' }),
    ];
    for (const [i, clear] of clears.entries()) {
      const before = ++runs;
      const other = f(100 + i); // it opens the transaction that the next read joins
      const cleared = clear();
      expect((await f(1))[1]).toBeGreaterThan(before);
      await Promise.all([other, cleared, f['info']()]);
    }
  });

  it('[CAC-224] when what was primed is still on its way to the disk', async () => {
    const { tier } = openTier(freshName());
    for (const value of [1, { one: new Float64Array(300_000), two: new Float64Array(300_000) }]) {
      let isWanted = true;
      const written = tier.write('f', '1', entryOf(value, { epoch: Infinity, isWanted: () => isWanted }), {});
      isWanted = false; // as the clear of the memory says
      expect(await tier.clear({ identity: 'f' })).toBe(true);
      expect(await written).toBe('cleared');
      expect(await tier.read('f', '1')).toBe(undefined);
    }
    tier.close();
  });

  it('[CAC-224] when the store of one’s own is slow to clear, or to write what was before', async () => {
    const inner = memoryStore();
    const waits = { set: 0, clear: 0, delete: 0 };
    const store: CacheStore = {
      get: inner.get,
      set: (key, entry) => {
        const ms = waits.set;
        waits.set = 0;
        return sleep(ms).then(() => inner.set(key, entry));
      },
      delete: (key) => sleep(waits.delete).then(() => inner.delete(key)),
      clear: (prefix) => sleep(waits.clear).then(() => inner.clear(prefix)),
    };
    let runs = 0;
    const make = () => createCache({ store }).cacheData(async (x: number) => [x, ++runs], { name: 'slow' });
    const f = make();
    await f(1);
    await f.info();
    waits.clear = waits.delete = 60;
    for (const clear of [() => f.clear(), () => f.clear(1)]) {
      const before = runs;
      const over = clear();
      expect((await f(1))[1]).toBeGreaterThan(before);
      await over;
      await f.info();
      expect((await make()(1))[1]).toBeGreaterThan(before);
    }
    // the write of what was before the clear ends after that of what came later
    const g = make();
    await g.clear();
    waits.clear = waits.delete = 0;
    waits.set = 60;
    await g(2);
    await sleep(5);
    void g.clear();
    const [, later] = await g(2);
    await g.info();
    await sleep(80);
    const [, found] = await make()(2);
    expect(found).toBeGreaterThanOrEqual(later as number);
  });

  it('[CAC-224] when a tag is cleared in this tab’s storage', async () => {
    const { wrap, cacheData } = testCache();
    let runs = 0;
    const f = wrap('data', (x: number) => [x, ++runs], {
      name: 'tab',
      persist: true,
      scope: 'session',
      tags: ['a'],
      maxEntries: 2,
    });
    await f(1);
    await f['info']();
    void cacheData.clear({ tag: 'a' });
    expect(await f(1)).toEqual([1, 2]);
  });
});
