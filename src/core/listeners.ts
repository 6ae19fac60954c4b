/** Ends a subscription. Calling it twice is harmless. */
export type Unsubscribe = () => void;

export interface Listeners<A extends unknown[]> {
  /** How many there are. */
  readonly size: number;
  add(listener: (...args: A) => void): Unsubscribe;
  /** Calls those that were there when it began and have not been removed since, in order of registration. */
  notify(...args: A): void;
  /** `notify` for those that are there now, to be called later. */
  take(): (...args: A) => void;
}

/** @throws TypeError for what cannot be called: found here, not at the first change */
export function requireListener<L>(listener: L): L {
  if (typeof listener !== 'function') throw new TypeError('The listener must be a function.');
  return listener;
}

/**
 * A list of listeners. Each `add` is a registration of its own, also of the same function. An error of a listener goes
 * to `report`; the others still run.
 *
 * @param onFirst - called before the first listener is added; what it returns is called after the last one left
 */
export function createListeners<A extends unknown[]>(
  report: (error: unknown) => void,
  onFirst?: () => Unsubscribe | undefined,
): Listeners<A> {
  type Entry = { listener: (...args: A) => void };
  const entries = new Set<Entry>();
  let onLast: Unsubscribe | undefined;
  const call = (chosen: Entry[], args: A): void => {
    for (const entry of chosen) {
      if (!entries.has(entry)) continue;
      try {
        entry.listener(...args);
      } catch (error) {
        report(error);
      }
    }
  };
  return {
    get size() {
      return entries.size;
    },
    add(listener) {
      requireListener(listener);
      if (entries.size === 0) onLast = onFirst?.();
      const entry = { listener };
      entries.add(entry);
      return () => {
        if (!entries.delete(entry) || entries.size > 0) return;
        const leave = onLast;
        onLast = undefined;
        leave?.();
      };
    },
    notify(...args) {
      if (entries.size > 0) call([...entries], args);
    },
    take() {
      const chosen = [...entries];
      return (...args) => call(chosen, args);
    },
  };
}
