// Weak references by key; an item drops out once nobody else holds it.

/** What somebody else holds, by key, for as long as they do. */
export interface WeakIndex<T> {
  get(key: string): T | undefined;
  set(key: string, item: T): void;
}

export function createWeakIndex<T extends object>(): WeakIndex<T> {
  const refs = new Map<string, WeakRef<T>>();
  let pruneAt = 64;
  return {
    get: (key) => refs.get(key)?.deref(),
    set(key, item) {
      // a look at all of them only when their number has doubled
      if (refs.size >= pruneAt) {
        for (const [other, ref] of refs) if (!ref.deref()) refs.delete(other);
        pruneAt = Math.max(64, 2 * refs.size);
      }
      refs.set(key, new WeakRef(item));
    },
  };
}
