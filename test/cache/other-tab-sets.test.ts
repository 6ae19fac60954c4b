// Another tab stores something newer while a call of this one looks, asks or runs: what the call brings is not kept.
import { beforeAll, describe, expect, it } from 'vitest';
import { nextTask } from '../../src/browser/clock.js';
import { createCacheData } from '../../src/cache/cache-data.js';
import { createState } from '../../src/cache/cache-state.js';
import { loadStored } from '../../src/cache/late.js';
import type { Tier } from '../../src/tiers/tier.js';
import { type AnyCached, counted, deferred, microtasks } from '../helpers/caches.js';
import { type FakeDisk, fakeDisk } from '../helpers/fake-tier.js';

beforeAll(loadStored);

/** A function of a page on this disk; `change` stands between the two. */
function page(disk: FakeDisk, fn: () => unknown, options: object = {}, change = (tier: Tier): Tier => tier) {
  let tier: (Tier & { forget(): void }) | undefined;
  const cacheData = createCacheData(
    createState(1e6, () => {}),
    {
      openTier: (place) => {
        if (place === 'session') return fakeDisk().tier();
        tier = disk.tier();
        return change(tier);
      },
    },
  );
  const f = cacheData(fn, { name: 'f', ...options }) as unknown as AnyCached;
  return { f, comeBack: () => tier!.forget() };
}

const settle = async (): Promise<void> => {
  for (let i = 0; i < 3; i++) {
    await microtasks();
    await nextTask();
  }
};

/** What a tab does meanwhile that hears nothing of this one. */
const others = ['prime', 'refresh'] as const;
const makeNew = (f: AnyCached, how: (typeof others)[number]): Promise<unknown> =>
  how === 'prime' ? f['prime']('new') : f['refresh']();

/** A disk with `old`, and another tab on it. */
async function stored() {
  const disk = fakeDisk();
  const { f: other } = page(disk, () => 'new');
  await other['prime']('old');
  await settle();
  return { disk, other };
}

describe.each(others)('another tab stores by %s', (how) => {
  it.each([true, false])('[CAC-225] while an asynchronous validate is asked (answer %s)', async (answer) => {
    const { disk, other } = await stored();
    const asked = deferred<boolean>();
    const fn = counted(() => 'own');
    const { f } = page(disk, fn, { validate: (value: unknown) => value !== 'old' || asked.promise });
    const call = f();
    await settle();
    await makeNew(other, how);
    await settle();
    asked.resolve(answer);
    expect([await call, await f()]).toEqual(['new', 'new']);
    await settle();
    // nor is it deleted
    expect(await page(disk, () => 'gone').f()).toBe('new');
    expect(fn.runs).toEqual([]);
  });

  it('while a big value is on its way here', async () => {
    const { disk, other } = await stored();
    const arrived = deferred<void>();
    const { f } = page(
      disk,
      () => 'own',
      {},
      (tier) => ({
        ...tier,
        async read(...entry) {
          const found = await tier.read(...entry);
          await arrived.promise;
          return found;
        },
      }),
    );
    const shown: unknown[] = [];
    const stop = f['ref']().listen(({ value }: { value?: unknown }) => shown.push(value));
    const call = f();
    await settle();
    await makeNew(other, how);
    await settle();
    arrived.resolve();
    expect(await call).toBe('old');
    expect(await f()).toBe('new');
    await settle();
    expect(shown.at(-1)).toBe('new');
    stop();
  });

  it('while the function runs: the older result does not replace it', async () => {
    const disk = fakeDisk();
    const { f: other } = page(disk, () => 'new');
    const gate = deferred<unknown>();
    const { f } = page(disk, () => gate.promise);
    const call = f();
    await settle();
    await makeNew(other, how);
    await settle();
    expect(await f()).toBe('new');
    gate.resolve('old');
    expect(await call).toBe('old');
    await settle();
    expect([await f(), await other()]).toEqual(['new', 'new']);
    expect(await page(disk, () => 'gone').f()).toBe('new');
  });
});

it('a refresh replaces what another tab stored while it ran', async () => {
  const { disk, other } = await stored();
  const gate = deferred<unknown>();
  const { f } = page(disk, () => gate.promise);
  const refreshed = f['refresh']();
  await settle();
  await other['refresh']();
  await settle();
  gate.resolve('own');
  expect(await refreshed).toBe('own');
  await settle();
  expect([await f(), await other()]).toEqual(['own', 'own']);
});

it('staleIfError serves the stale value though another tab has stored meanwhile', async () => {
  const { disk, other } = await stored();
  const gate = deferred<unknown>();
  const { f } = page(disk, () => gate.promise, { ttl: 1e-3, maxStale: 100, staleIfError: true });
  await new Promise((resolve) => setTimeout(resolve, 5));
  const call = f();
  await settle();
  await other['refresh']();
  await settle();
  gate.reject(new Error('offline'));
  expect(await call).toBe('old');
});

it('[CAC-133] a page that comes back keeps nothing of what it read or ran for before', async () => {
  const { disk, other } = await stored();
  const asked = deferred<boolean>();
  const { f, comeBack } = page(disk, () => 'own', { validate: (value: unknown) => value !== 'old' || asked.promise });
  const call = f();
  await settle();
  disk.isDeaf = true;
  await other['prime']('new');
  disk.isDeaf = false;
  comeBack();
  asked.resolve(true);
  expect([await call, await f()]).toEqual(['new', 'new']);
});
