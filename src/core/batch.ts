// Who is told of changes, and when: subscriptions by key and of all keys, batches, one notification each.
import { createListeners, requireListener, type Unsubscribe } from './listeners.js';

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
  /** Those of everything have no key. */
  const { add, has, take } = createListeners<[never]>(report, onFirst);
  const isHeard = (key: string): boolean => has(key) || has();
  let pending = new Map<string, Recorded<V>>();
  let depth = 0;
  /** Delivering, or stopped because of a loop. */
  let isBusy = false;

  const deliver = (): void => {
    if (isBusy || depth > 0) return;
    isBusy = true;
    for (let round = 0; pending.size > 0; round++) {
      if (round === maxRounds) {
        onLoop([...pending.keys()]);
        // what changes until then is not told, either
        later(() => {
          pending = new Map();
          isBusy = false;
        });
        return;
      }
      const records = [...pending].filter(([, { value, previous }]) => !isSame(value, previous));
      pending = new Map();
      // taken before the first call: a listener that is added in this round waits for the next one
      const tellAll = take();
      const tell = records.map(([key]) => take(key));
      records.forEach(([, record], i) => {
        tell[i]?.(record as never);
      });
      if (records.length > 0)
        tellAll(
          records.map(([key, { value: now, previous: before }]) => ({
            key,
            value: shown(now),
            previous: shown(before),
          })) as never,
        );
    }
    isBusy = false;
  };

  return {
    subscribe(...args: unknown[]): Unsubscribe {
      const [key, listener] = args as [string, (value?: V, previous?: V) => void];
      if (typeof key === 'function') return add(key);
      requireListener(listener);
      return add(({ value, previous }: Recorded<V>) => listener(shown(value), shown(previous)), String(key));
    },
    listen: (key, hear) => add(hear, key),
    isHeard,
    changed(key, value, previous, shown) {
      // inside a batch somebody may subscribe before its end
      if (depth === 0 && !isHeard(key)) return;
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
