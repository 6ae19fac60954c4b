// Clears against a model, over each kind of tier.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createCache } from '../../src/cache/create-cache.js';
import { idbStore } from '../../src/stores/idb-store.js';
import { memoryStore } from '../../src/stores/memory-store.js';
import type { CacheStore } from '../../src/stores/store.js';
import { tieredStore } from '../../src/stores/tiered-store.js';
import { testCache } from '../helpers/caches.js';
import { playAll, playClears, type Random, randomOf } from '../helpers/clear-model.js';
import { entryOf, freshName, openTier } from './disk-helpers.js';

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

const places = ['disk', 'two tabs', 'own store', 'tiered store', 'session'] as const;
type Place = (typeof places)[number];

async function play(place: Place, seed: number): Promise<void> {
  const random = randomOf(seed);
  const name = `clears-${place}-${Date.now()}-${seed}`;
  const store =
    place === 'own store'
      ? slowStore(random)
      : place === 'tiered store'
        ? tieredStore(slowStore(random), idbStore({ name }))
        : null;
  const channel = new BroadcastChannel(`tabstate-cache:${name}`);
  const ear = new BroadcastChannel(`tabstate-cache:${name}`);
  let marks = 0;
  try {
    await playClears(
      {
        place,
        tabs: place === 'two tabs' ? 2 : 1,
        options: place === 'session' ? { scope: 'session' } : {},
        open: (memory) => createCache({ name, store, memory, onWarning() {} }),
        pause: () => pause(random),
        async heardAll() {
          const mark = `mark ${++marks}`;
          const came = new Promise<void>((resolve) =>
            ear.addEventListener('message', ({ data }) => data === mark && resolve()),
          );
          channel.postMessage(mark);
          await came;
          await sleep(0);
        },
      },
      random,
      seed,
    );
  } finally {
    channel.close();
    ear.close();
  }
}

describe('a clear covers reads from the moment it is called', () => {
  afterEach(() => {
    vi.restoreAllMocks();
    sessionStorage.clear();
  });

  it.each(places)(
    '[CAC-224] any interleaving on %s serves nothing that is older',
    (place) => playAll(600, 1 / places.length, (seed) => play(place, seed)),
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
