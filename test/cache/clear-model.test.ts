// clear against a model, with calls, refreshes and tabs beside it.
import { afterEach, beforeAll, beforeEach, describe, it, vi } from 'vitest';
import { createCacheData } from '../../src/cache/cache-data.js';
import { createCacheResource } from '../../src/cache/cache-resource.js';
import { createState } from '../../src/cache/cache-state.js';
import { loadStored } from '../../src/cache/late.js';
import { playAll, playClears, playResources, type Random, randomOf, type Stage } from '../helpers/clear-model.js';
import { fakeDisk } from '../helpers/fake-tier.js';

/** All promises that can settle have settled then. */
const task = (): Promise<void> =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(0);
  });

async function pause(random: Random): Promise<void> {
  const kind = random(8);
  if (kind < 3) return;
  if (kind < 6) for (let i = random(12); i >= 0; i--) await Promise.resolve();
  else {
    // a write in the background may outlast its test
    if (vi.isFakeTimers()) vi.advanceTimersByTime(random(12));
    await task();
  }
}

async function tasks(random: Random): Promise<void> {
  for (let i = random(3); i >= 0; i--) {
    vi.advanceTimersByTime(random(8));
    await task();
  }
}

function stageOf(place: string, tabs: number, random: Random): Stage {
  const disk = fakeDisk(() => pause(random));
  return {
    place,
    tabs,
    options: place === 'memory' ? { persist: false } : {},
    open(memory) {
      const state = createState(memory, () => {});
      return {
        cacheData: createCacheData(state, { openTier: () => disk.tier() }),
        cacheResource: createCacheResource(state),
      };
    },
    pause: () => pause(random),
    heardAll: disk.heardAll,
  };
}

describe('a clear, whatever goes on beside it', () => {
  beforeAll(loadStored);
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it.each([
    ['memory', 1],
    ['a disk', 1],
    ['a disk of two tabs', 2],
  ] as const)(
    '[CAC-224] covers all calls after it (%s)',
    (place, tabs) =>
      playAll(6000, 1 / 4, (seed) => {
        const random = randomOf(seed);
        return playClears(stageOf(place, tabs, random), random, seed);
      }),
    600_000,
  );

  it(
    '[CAC-225][CAC-224] hands no released resource out',
    () =>
      playAll(6000, 1 / 4, (seed) => {
        const random = randomOf(seed);
        return playResources({ ...stageOf('resources', 1, random), pause: () => tasks(random) }, random, seed);
      }),
    600_000,
  );
});
