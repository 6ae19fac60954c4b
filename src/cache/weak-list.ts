// A list of weak references; an item drops out once nobody else holds it.

/** What somebody else holds, for as long as they do. */
export interface WeakList<T> {
  add(item: T): void;
  /** Those that still exist, in order of addition. */
  list(): T[];
}

export function createWeakList<T extends object>(): WeakList<T> {
  let refs: WeakRef<T>[] = [];
  let pruneAt = 64;
  const list = (): T[] => {
    const items = refs.map((ref) => ref.deref());
    refs = refs.filter((_ref, i) => items[i]);
    return items.filter((item) => item !== undefined);
  };
  return {
    add(item) {
      if (refs.length >= pruneAt) pruneAt = Math.max(64, 2 * list().length);
      refs.push(new WeakRef(item));
    },
    list,
  };
}
