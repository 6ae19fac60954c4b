// The types of stores.
import { createStorage, type Storage } from 'unstorage';
import { describe, expectTypeOf, it } from 'vitest';
import { type CacheStore, type UnstorageLike, unstorageStore } from '../../src/index.js';

describe('unstorageStore', () => {
  it("takes unstorage's Storage", () => {
    expectTypeOf<Storage>().toExtend<UnstorageLike>();
    expectTypeOf(unstorageStore(createStorage())).toEqualTypeOf<CacheStore>();
    // @ts-expect-error: a storage without getKeys cannot be cleared
    unstorageStore({ getItem: async () => null, setItem: async () => {}, removeItem: async () => {} });
  });
});
