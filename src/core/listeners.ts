/** Ends a subscription. Calling it twice is harmless. */
export type Unsubscribe = () => void;

export interface Listeners<A extends unknown[]> {
  /** Whether somebody listens. */
  has(key?: string): boolean;
  /** @param key - default: none, which is a key of its own */
  add(listener: (...args: A) => void, key?: string): Unsubscribe;
  /** Calls those without a key that were there when it began and have not left since, in order of registration. */
  notify(...args: A): void;
  /** `notify` for those of a key that are there now, to be called later. */
  take(key?: string): (...args: A) => void;
}

/** @throws TypeError for what cannot be called: found here, not at the first change */
export function requireListener<L>(listener: L): L {
  if (typeof listener !== 'function') throw new TypeError('The listener must be a function.');
  return listener;
}

/**
 * A list of listeners, or one for each key. Each `add` is a registration of its own, also of the same function. An error
 * of a listener goes to `report`; the others still run.
 *
 * @param onFirst - called before the first listener is added; what it returns is called after the last one left
 */
export function createListeners<A extends unknown[]>(
  report: (error: unknown) => void,
  onFirst?: () => Unsubscribe | undefined,
): Listeners<A> {
  type Entry = { listener?: (...args: A) => void };
  const lists = new Map<string | undefined, Set<Entry>>();
  let onLast: Unsubscribe | undefined;
  const take = (key?: string): ((...args: A) => void) => {
    const chosen = [...(lists.get(key) ?? [])];
    return (...args) =>
      chosen.forEach((entry) => {
        try {
          entry.listener?.(...args);
        } catch (error) {
          report(error);
        }
      });
  };
  return {
    has: (key) => lists.has(key),
    add(listener, key) {
      const entry: Entry = { listener: requireListener(listener) };
      if (lists.size === 0) onLast = onFirst?.();
      const list = lists.get(key) ?? new Set();
      lists.set(key, list.add(entry));
      return () => {
        delete entry.listener;
        if (!list.delete(entry) || list.size > 0) return;
        lists.delete(key);
        if (lists.size === 0) onLast?.();
      };
    },
    notify: (...args) => take()(...args),
    take,
  };
}
