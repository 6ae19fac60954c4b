import { requireListener, type Unsubscribe } from './listeners.js';

/** One key's way from `previous` to `value`; `undefined` where it is missing. */
export interface Change<V = unknown> {
  readonly key: string;
  readonly value: V | undefined;
  readonly previous: V | undefined;
}

/** A change as it was recorded: a missing key is what the owner passed for it, such as {@link absent}. */
export interface Recorded<V> {
  value: V | undefined;
  readonly previous: V | undefined;
  /** What refs show of the value, where that is another object. */
  shown: unknown;
}

export interface Delivery<V> {
  /** Hears of changes of one key. */
  subscribe(key: string, listener: (value: V | undefined, previous: V | undefined) => void): Unsubscribe;
  /** Hears of all changes, once per round. */
  subscribe(listener: (changes: Change<V>[]) => void): Unsubscribe;
  /** Hears of changes of one key as they were recorded. */
  listen(key: string, hear: (change: Recorded<V>) => void): Unsubscribe;
  /** Whether a change of this key would be told to anybody. */
  isHeard(key: string): boolean;
  /** Records a change that has already happened, and delivers it before it returns unless a batch or a round runs. */
  changed(key: string, value: V | undefined, previous: V | undefined, shown?: unknown): void;
  /** One delivery at the end of the outermost batch; returns what `fn` returns, also a promise, without waiting for it. */
  batch<R>(fn: () => R): R;
}

export interface DeliveryOptions<V> {
  /** Gets the errors of listeners. */
  report: (error: unknown) => void;
  /** Whether a key is back where a batch began, and so is not told. Default: `Object.is`. */
  isSame?: (value: V | undefined, previous: V | undefined) => boolean;
  /** Listeners change each other's keys for ever: delivery has stopped until the next task. */
  onLoop: (keys: string[]) => void;
  /** Runs a function in a later task. */
  later: (run: () => void) => void;
  /** The first listener is about to be added; what it returns is called after the last one left. */
  onFirst?: () => Unsubscribe | undefined;
}

/** The value of a missing key where `undefined` is a value, too. Listeners get `undefined`. */
export const absent = {} as unknown as undefined;
const shown = <V>(value: V): V | undefined => (value === absent ? undefined : value);

/** One registration; a function may have several. */
interface Entry {
  hear(told: never): void;
}

/** Rounds of delivery in one go after which listeners count as a loop. */
const maxRounds = 100;

/**
 * Who hears of which change, and when: synchronously, per key in order of change, then the listeners of everything.
 * What a listener changes is delivered in a next round; listeners never nest.
 */
export function createDelivery<V>({
  report,
  isSame = Object.is,
  onLoop,
  later,
  onFirst,
}: DeliveryOptions<V>): Delivery<V> {
  /** Those of everything stand under `undefined`. */
  const lists = new Map<string | undefined, Set<Entry>>();
  let total = 0;
  let onLast: Unsubscribe | undefined;
  const isHeard = (key: string): boolean => total > 0 && (lists.has(key) || lists.has(undefined));
  let pending = new Map<string, Recorded<V>>();
  let depth = 0;
  let isDelivering = false;
  let isStopped = false;

  /** Those that listen now are told later, unless they have left by then. */
  const take = (key?: string): ((told: unknown) => void) => {
    const list = lists.get(key);
    const chosen = list && [...list];
    return (told) =>
      chosen?.forEach((entry) => {
        if (!list?.has(entry)) return;
        try {
          entry.hear(told as never);
        } catch (error) {
          report(error);
        }
      });
  };

  const deliverRound = (): void => {
    const records = [...pending].filter(([, { value, previous }]) => !isSame(value, previous));
    pending = new Map();
    // taken before the first call: a listener that is added in this round waits for the next one
    const tellAll = take();
    const tell = records.map(([key]) => take(key));
    records.forEach(([, record], i) => {
      tell[i]?.(record);
    });
    if (records.length > 0)
      tellAll(records.map(([key, { value, previous }]) => ({ key, value: shown(value), previous: shown(previous) })));
  };

  const deliver = (): void => {
    if (isDelivering || isStopped || depth > 0) return;
    isDelivering = true;
    try {
      for (let round = 0; pending.size > 0; round++) {
        if (round === maxRounds) {
          const keys = [...pending.keys()];
          pending = new Map();
          isStopped = true;
          later(() => {
            isStopped = false;
          });
          onLoop(keys);
          return;
        }
        deliverRound();
      }
    } finally {
      isDelivering = false;
    }
  };

  const add = <T>(key: string | undefined, hear: (told: T) => void): Unsubscribe => {
    if (total++ === 0) onLast = onFirst?.();
    const list = lists.get(key) ?? new Set();
    const entry = { hear };
    lists.set(key, list.add(entry));
    return () => {
      if (!list.delete(entry)) return;
      if (list.size === 0) lists.delete(key);
      if (--total > 0) return;
      const last = onLast;
      onLast = undefined;
      last?.();
    };
  };

  return {
    subscribe(...args: unknown[]): Unsubscribe {
      const [key, listener] = args as [string, (value?: V, previous?: V) => void];
      if (typeof key === 'function') return add(undefined, key as (changes: Change<V>[]) => void);
      requireListener(listener);
      return add<Recorded<V>>(String(key), ({ value, previous }) => listener(shown(value), shown(previous)));
    },
    listen: add,
    isHeard,
    changed(key, value, previous, shown) {
      // inside a batch somebody may subscribe before its end
      if (depth === 0 && !isHeard(key)) return;
      if (isStopped) return;
      const before = pending.get(key);
      if (before) Object.assign(before, { value, shown });
      else pending.set(key, { value, previous, shown });
      deliver();
    },
    batch(fn) {
      depth++;
      try {
        return fn();
      } finally {
        depth--;
        deliver();
      }
    },
  };
}
