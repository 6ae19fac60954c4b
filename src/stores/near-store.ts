// The near part of a store may be this page's own: what other tabs change does not reach it by itself.
import type { CacheStore } from './store.js';

/** A change of one store. */
type Change = (store: CacheStore) => Promise<void>;

/** Under this symbol a store takes a change of its near part, also from another copy of the library. */
export const nearKey: unique symbol = Symbol.for('tabstate.near') as never;

export interface NearStore extends CacheStore {
  /** `change` is made before the store is read again. */
  [nearKey]?(change: Change): Promise<void>;
}

/** What another tab has changed is changed in the part of this store that is the page's own, where it has one. */
export const changeNear = async (store: NearStore, change: Change): Promise<void> => store[nearKey]?.(change);
