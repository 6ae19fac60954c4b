// Which database an idbStore is, so that a cache can use it as its own disk.
import type { CacheStore } from './store.js';

const names = new WeakMap<CacheStore, string>();

/** The name of an `idbStore`; `undefined` for every other store. A cache uses its database with all that it can do. */
export const nameOfIdbStore = (store: CacheStore): string | undefined => names.get(store);

export const nameIdbStore = (store: CacheStore, name: string): void => void names.set(store, name);
