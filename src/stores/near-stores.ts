// The near part of a store may be this page's own: what other tabs change does not reach it by itself.
import type { CacheStore } from './store.js';

/** A change of one store. */
type Change = (store: CacheStore) => Promise<void>;

const nears = new WeakMap<CacheStore, (change: Change) => Promise<void>>();

/** `change` is made in the near part of this store, before it is read again. */
export const changeNear = async (store: CacheStore, change: Change): Promise<void> => nears.get(store)?.(change);

export const nameNear = (store: CacheStore, make: (change: Change) => Promise<void>): void =>
  void nears.set(store, make);
