import type { Unsubscribe } from './listeners.js';

/** One key's way from `previous` to `value`; `undefined` where it is missing. */
export interface Change<V = unknown> {
  readonly key: string;
  readonly value: V | undefined;
  readonly previous: V | undefined;
}

export interface Delivery<V> {
  /** Hears of changes of one key. */
  subscribe(key: string, listener: (value: V | undefined, previous: V | undefined) => void): Unsubscribe;
  /** Hears of all changes, once per round. */
  subscribe(listener: (changes: Change<V>[]) => void): Unsubscribe;
  /** Whether a change of this key would be told to anybody. */
  isHeard(key: string): boolean;
  /** Records a change that has already happened, and delivers it before it returns unless a batch or a round runs. */
  changed(key: string, value: V | undefined, previous: V | undefined): void;
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
  type Listener = { hear: (...told: unknown[]) => void };
  /** Those of everything stand under `undefined`. */
  const listeners = new Map<string | undefined, Set<Listener>>();
  let total = 0;
  let onLast: Unsubscribe | undefined;
  /** Calls those that are there now and have not been removed until then. */
  const take = (key?: string): ((...told: unknown[]) => void) => {
    const all = listeners.get(key);
    const chosen = [...(all ?? [])];
    return (...told) => {
      for (const listener of chosen)
        try {
          if (all?.has(listener)) listener.hear(...told);
        } catch (error) {
          report(error);
        }
    };
  };
  const isHeard = (key: string): boolean => total > 0 && (listeners.has(key) || listeners.has(undefined));
  let pending = new Map<string, { value: V | undefined; previous: V | undefined }>();
  let depth = 0;
  let isDelivering = false;
  let isStopped = false;

  const deliverRound = (): void => {
    const changes: Change<V>[] = [];
    for (const [key, { value, previous }] of pending)
      if (!isSame(value, previous)) changes.push({ key, value: shown(value), previous: shown(previous) });
    pending = new Map();
    if (changes.length === 0) return;
    // taken before the first call: a listener that is added in this round waits for the next one
    const tellAll = take();
    const tellKey = changes.map(({ key }) => take(key));
    changes.forEach(({ value, previous }, i) => {
      tellKey[i]?.(value, previous);
    });
    tellAll(changes);
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

  return {
    subscribe(...args: unknown[]): Unsubscribe {
      const key = typeof args[0] === 'function' ? undefined : String(args[0]);
      const hear = args[key === undefined ? 0 : 1];
      if (typeof hear !== 'function') throw new TypeError('The listener of subscribe() must be a function.');
      if (total++ === 0) onLast = onFirst?.();
      const all = listeners.get(key) ?? new Set();
      const listener = { hear } as Listener;
      listeners.set(key, all.add(listener));
      return () => {
        if (!all.delete(listener)) return;
        if (all.size === 0) listeners.delete(key);
        if (--total > 0) return;
        const last = onLast;
        onLast = undefined;
        last?.();
      };
    },
    isHeard,
    changed(key, value, previous) {
      // inside a batch somebody may subscribe before its end
      if (depth === 0 && !isHeard(key)) return;
      if (isStopped) return;
      const before = pending.get(key);
      if (before) before.value = value;
      else pending.set(key, { value, previous });
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
