// createSessionState and the default sessionState: dict notation and members over a state.
import type { SessionPort } from '../binding/port.js';
import { reportListenerError } from '../browser/report-error.js';
import { tabStorage } from '../browser/web-storage.js';
import { dictTraps, keyText, proxyOf, proxyOfLate } from '../core/dict.js';
import { pairsOf } from '../core/pairs.js';
import { createWarner } from '../core/warning.js';
import { KeyError } from '../errors.js';
import { bindKey, resets, shared } from '../registry.js';
import { createKeyRef, type KeyRef } from './key-ref.js';
import type { SessionState, SessionStateOptions, SessionValues } from './members.js';
import { createShape, type Shape } from './shape.js';
import { createState, type StateOptions } from './state.js';

/** Of the page's own state. A state per request is the advice for servers: trouble is told once, not at every request. */
const ownWarner = createWarner(undefined, reportListenerError);

const owner = 'sessionState';
const defaultPrefix = 'tabstate:';
const textOf = (key: unknown): string => keyText(owner, key);

/** The pairs of `update` and its like. */
const toPairs = (call: string, values: unknown): [string, unknown][] =>
  pairsOf(`sessionState.${call}()`, values).map(([key, value]) => [textOf(key), value]);

/**
 * A state of this tab with a prefix, a storage or rules of its own.
 *
 * @param options - `prefix`: of the sessionStorage keys, default `'tabstate:'`. `storage`: default this tab's
 * sessionStorage. `schemas`, `version` and `migrate`: what stored values have to look like. `strict`: default `false`.
 * `onWarning`: default `console.warn`.
 * @throws TypeError if the prefix is empty: `clear()` would own every item of the origin; or another option has a wrong type
 * @example
 * const wizard = createSessionState<{ step: number }>({ prefix: 'wizard:' });
 * wizard.step ??= 1;
 */
export function createSessionState<S extends object = Record<string, unknown>>(
  options: SessionStateOptions<S> = {},
): SessionState<S> {
  const { prefix = defaultPrefix, storage = tabStorage as () => Storage, onWarning } = options;
  const { schemas, version, migrate, strict } = options;
  const need = (isRight: boolean, option: string, what: string): void => {
    if (!isRight) throw new TypeError(`createSessionState({ ${option} }): give a ${what}.`);
  };
  need(typeof prefix === 'string' && prefix !== '', 'prefix', 'non-empty text');
  need(typeof storage === 'function', 'storage', 'function, () => localStorage');
  need(version === undefined || Number.isFinite(version), 'version', 'number');
  const warner = onWarning || typeof document === 'object' ? createWarner(onWarning, reportListenerError) : ownWarner;
  const shape = createShape(schemas as Parameters<typeof createShape>[0], version, migrate);
  return proxyOf(createTraps({ prefix, ask: storage, warner }, shape, strict));
}

/** @param onReset - gets what makes the state as after a first import */
function createTraps(
  options: Omit<StateOptions, 'isMember'>,
  shape?: Shape,
  isStrict?: boolean,
  onReset?: (reset: () => void) => void,
): ProxyHandler<object> {
  const { warner } = options;
  const state = createState({ ...options, isMember: (key) => key in members }, shape, isStrict);
  const { batch, flush, subscribe, clear } = state;
  const guards: SessionPort['guards'] = new Set();
  const refs = new Map<string, KeyRef>();
  onReset?.(() => {
    refs.clear();
    state.reset();
  });

  /** Throws what would keep this value from being set. */
  function check(key: string, value: unknown): void {
    for (const guard of guards) guard(key, value);
  }
  const set = (name: unknown, value: unknown): void => {
    const key = typeof name === 'string' ? name : textOf(name);
    check(key, value);
    state.set(key, value);
  };
  const has = (key: unknown): boolean => typeof key !== 'symbol' && state.has(String(key));
  const get = (key: unknown, fallback?: unknown): unknown => {
    const value = typeof key === 'symbol' ? undefined : state.get(typeof key === 'string' ? key : String(key));
    return value === undefined && fallback !== undefined && !has(key) ? fallback : value;
  };
  const requireKey = (name: unknown): unknown => {
    const key = textOf(name);
    if (!state.has(key)) throw new KeyError(owner, key);
    return state.get(key);
  };
  const remove = (key: unknown): boolean => state.delete(textOf(key));
  const setAll = (pairs: [string, unknown][]): void => {
    for (const [key, value] of pairs) {
      check(key, value);
      state.check(key, value);
    }
    batch(() => {
      for (const [key, value] of pairs) state.set(key, value);
    });
  };
  const dictOf = (keys: string[]): Record<string, unknown> =>
    Object.fromEntries(keys.map((key) => [key, state.get(key)]));

  const port: SessionPort = {
    owner,
    has: state.has,
    get: state.get,
    // past the reservations: they hold for everybody else
    set: state.set,
    subscribe,
    batch,
    warn: warner.warn,
    keepInMemory: state.keepInMemory,
    guards,
  };

  // without a prototype, so that no other name is taken for a member
  const members = {
    __proto__: null,
    get,
    require: requireKey,
    set,
    has,
    delete: remove,
    setDefault(name: unknown, value: unknown) {
      if (!has(name)) set(name, value);
      return get(name);
    },
    setDefaults(defaults: unknown) {
      const pairs = toPairs('setDefaults', defaults);
      setAll(pairs.filter(([key]) => !state.has(key)));
      return dictOf(pairs.map(([key]) => key));
    },
    pop(name: unknown, ...fallback: unknown[]) {
      if (fallback.length > 0 && !has(name)) return fallback[0];
      const value = requireKey(name);
      remove(name);
      return value;
    },
    update: (several: unknown) => setAll(toPairs('update', several)),
    clear,
    toDict: () => dictOf(state.keys()),
    subscribe,
    batch,
    ref(name: unknown, ...initial: unknown[]) {
      const key = textOf(name);
      let made = refs.get(key);
      if (!made) refs.set(key, (made = createKeyRef(key, state, set)));
      if (initial.length > 0) made.offer(initial[0]);
      return made.ref;
    },
    version: (key?: unknown) => state.version(key === undefined ? undefined : textOf(key)),
    flush,
    [bindKey]: port,
  };
  return dictTraps(owner, 'SessionState', members, {
    get: state.get,
    getOther: state.getOther,
    has: state.has,
    keys: state.keys,
    set,
    delete: remove,
  });
}

/**
 * The state of this browser tab: it survives reload and back/forward. Changes inside objects are kept, and Dates, Maps,
 * Sets, BigInts and registered classes come back as themselves.
 *
 * @example
 * sessionState.count ??= 0;
 * sessionState.list ??= [];
 * sessionState.list.push({ when: new Date() });
 */
export const sessionState: SessionState<SessionValues & Record<string, unknown>> = shared('sessionState', () =>
  proxyOfLate(() => {
    const options = { prefix: defaultPrefix, ask: tabStorage, warner: ownWarner };
    return createTraps(options, undefined, false, (reset) => resets().add(reset));
  }),
);
