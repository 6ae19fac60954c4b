// Weak references, by key or in a list; an item drops out once nobody else holds it.

/** What somebody else holds, for as long as they do. */
export interface WeakItems<T> {
  get(key: string): T | undefined;
  set(key: string, item: T): void;
  /** The same under a key that nobody has. */
  add(item: T): void;
  /** Those that still exist, in order of addition. */
  list(): T[];
}

export function createWeakItems<T extends object>(): WeakItems<T> {
  const refs = new Map<unknown, WeakRef<T>>();
  let pruneAt = 64;
  const list = (): T[] => {
    const items: T[] = [];
    for (const [key, ref] of refs) {
      const item = ref.deref();
      if (item) items.push(item);
      else refs.delete(key);
    }
    return items;
  };
  const set = (key: unknown, item: T): void => {
    // a look at all of them only when their number has doubled
    if (refs.size >= pruneAt) pruneAt = Math.max(64, 2 * list().length);
    refs.set(key, new WeakRef(item));
  };
  return { get: (key) => refs.get(key)?.deref(), set, add: (item) => set(Symbol(), item), list };
}
