// idbStore with the browser's own database.
import { describe, expect, it } from 'vitest';
import { createCache, idbStore, memoryStore, tieredStore } from '../../src/index.js';
import { entry, storeContract } from '../contract/store-contract.js';
import { freshName, inDatabase, isSame, rowCount } from '../tiers/disk-helpers.js';

storeContract('idbStore', () => idbStore({ name: freshName() }));
storeContract('tieredStore over idbStore', () => tieredStore(memoryStore(), idbStore({ name: freshName() })));
storeContract('tieredStore of two idbStores', () =>
  tieredStore(idbStore({ name: freshName() }), idbStore({ name: freshName() })),
);

describe('[CAC-206] idbStore', () => {
  it('gives fresh copies of big values, which it keeps as Blobs', async () => {
    const name = freshName();
    const store = idbStore({ name });
    const numbers = Float64Array.from({ length: 200_000 }, (_, i) => i);
    await store.set('f/1', entry({ numbers }, { bytes: 1_600_000 }));
    expect(await inDatabase(name, 'readonly', ({ values }) => values.get('f/1'))).toMatchObject({
      buffers: [expect.any(Blob)],
    });
    const read = async (): Promise<Float64Array> =>
      ((await store.get('f/1'))!.value as { numbers: Float64Array }).numbers;
    const [one, other] = await Promise.all([read(), read()]);
    for (const found of [one, other]) expect(isSame(found, numbers)).toBe(true);
    expect(one.buffer).not.toBe(other.buffer);
    store.close?.();
  });

  it('is the disk of a cache that is given it: epochs, counters and all', async () => {
    const name = freshName();
    const { cacheData } = createCache({ store: idbStore({ name }) });
    const square = cacheData(async (x: number) => x * x, { name: 'square' });
    await square(3);
    expect(await square.info()).toMatchObject({ entries: 1, persisted: true });
    expect(await rowCount(name, 'meta')).toBe(1);
    await square.clear();
    expect(await square.has(3)).toBe(false);
  });
});
