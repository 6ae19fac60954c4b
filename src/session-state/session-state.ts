import { createBind } from '../binding/bind.js';
import { systemClock } from '../browser/clock.js';
import { reportListenerError } from '../browser/report-error.js';
import { tabStorage } from '../browser/web-storage.js';
import { createDict, toPlainObject } from '../core/dict.js';
import { valueTextOf } from '../core/value-text.js';
import { createWarner, type Warner } from '../core/warning.js';
import { KeyError, ReservedKeyError } from '../errors.js';
import { classes } from '../registered-classes.js';
import { createRunning, resets, shared } from '../registry.js';
import { isObject } from './entry.js';
import { createKeyRef, type KeyRef } from './key-ref.js';
import type { SessionState, SessionStateOptions } from './members.js';
import { createValues } from './values.js';

const serverWarner = createWarner(undefined, reportListenerError);

/** A key as text. @throws TypeError for a symbol */
function textOf(key: unknown): string {
  if (typeof key === 'symbol') throw new TypeError('sessionState takes texts as keys, not symbols.');
  return String(key);
}

/** The pairs of `update` and its like. */
function pairsOf(call: string, values: unknown): [string, unknown][] {
  const check = (value: unknown): void => {
    if (!isObject(value))
      throw new TypeError(`sessionState.${call}() takes an object or an iterable of pairs of key and value.`);
  };
  check(values);
  if (typeof (values as Iterable<unknown>)[Symbol.iterator] !== 'function') return Object.entries(values as object);
  return Array.from(values as Iterable<[unknown, unknown]>, (pair) => {
    check(pair);
    return [textOf(pair[0]), pair[1]];
  });
}

/**
 * A state of this tab with a prefix, a storage or rules of its own.
 *
 * @param options - `prefix`: of the sessionStorage keys, default `'tabstate:'`. `storage`: default this tab's
 * sessionStorage. `strict`: default `false`. `onWarning`: default `console.warn`.
 * @throws TypeError if the prefix is empty: `clear()` would own every item of the origin; or `storage` no function
 * @example
 * const wizard = createSessionState<{ step: number }>({ prefix: 'wizard:' });
 * wizard.step ??= 1;
 */
export function createSessionState<S extends object = Record<string, unknown>>(
  options: SessionStateOptions = {},
): SessionState<S> {
  return create(options);
}

/** @param onReset - gets what makes the state as after a first import */
function create<S extends object = Record<string, unknown>>(
  { prefix = 'tabstate:', storage = tabStorage as () => Storage, strict = false, onWarning }: SessionStateOptions,
  onReset?: (reset: () => void) => void,
): SessionState<S> {
  if (typeof prefix !== 'string' || prefix === '')
    throw new TypeError(
      'createSessionState({ prefix }): the prefix must be a non-empty text, or clear() would own all of the storage.',
    );
  if (typeof storage !== 'function')
    throw new TypeError(
      'createSessionState({ storage }): give a function that returns the storage: () => localStorage.',
    );
  // a state per request is the advice for servers: it is told once, not at every request
  const own = createWarner(onWarning, reportListenerError);
  // asked late: importing the module, which makes the default state, reads no global
  const pick = (): Warner => (onWarning || typeof document === 'object' ? own : serverWarner);
  const warner: Warner = {
    warn: (warning) => pick().warn(warning),
    reset: (code, key) => pick().reset(code, key),
  };
  const valueText = valueTextOf(classes);
  const values = createValues({
    prefix,
    isMember: (key) => key in members,
    ask: storage,
    isStrict: strict,
    valueText,
    onRegister: classes.onRegister,
    warner,
    clock: systemClock,
  });
  const { batch, flush, subscribe, clear } = values;
  const reserved = new Map<string, Set<(value: unknown) => boolean>>();
  const refs = new Map<string, KeyRef>();
  onReset?.(() => {
    refs.clear();
    values.reset();
  });

  /** Throws what would keep this value from being set. */
  function check(key: string, value: unknown): void {
    for (const allows of reserved.get(key) ?? [])
      if (!allows(value))
        throw new ReservedKeyError(
          'sessionState.set()',
          key,
          'for the button or file input that it is bound to. Only false, or null to empty a file input, can be assigned.',
        );
  }
  const set = (name: unknown, value: unknown): void => {
    const key = typeof name === 'string' ? name : textOf(name);
    if (reserved.size > 0) check(key, value);
    values.set(key, value);
  };
  const has = (key: unknown): boolean => typeof key !== 'symbol' && values.has(String(key));
  const get = (key: unknown, fallback?: unknown): unknown => {
    const value = typeof key === 'symbol' ? undefined : values.get(typeof key === 'string' ? key : String(key));
    return value === undefined && fallback !== undefined && !has(key) ? fallback : value;
  };
  const requireKey = (name: unknown): unknown => {
    const key = textOf(name);
    if (!values.has(key)) throw new KeyError('sessionState', key);
    return values.get(key);
  };
  const remove = (key: unknown): boolean => values.delete(textOf(key));
  const setAll = (pairs: [string, unknown][]): void => {
    for (const [key, value] of pairs) {
      check(key, value);
      values.check(key, value);
    }
    batch(() => {
      for (const [key, value] of pairs) values.set(key, value);
    });
  };
  const dictOf = (keys: string[]): Record<string, unknown> => toPlainObject(keys.map((key) => [key, values.get(key)]));

  const bind = createBind({
    owner: 'sessionState',
    attribute: 'data-key',
    has: ({ key }) => values.has(key),
    get: ({ key }) => values.get(key),
    // past the reservations: they hold for everybody else
    set: ({ key }, value) => values.set(key, value),
    subscribe,
    batch,
    warn: warner.warn,
    running: () => shared('running', createRunning).functionName,
    keepInMemory: values.keepInMemory,
    reserve(key, allows) {
      const all = reserved.get(key) ?? new Set();
      reserved.set(key, all.add(allows));
      return () => {
        all.delete(allows);
      };
    },
  });

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
      const pairs = pairsOf('setDefaults', defaults);
      setAll(pairs.filter(([key]) => !values.has(key)));
      return dictOf(pairs.map(([key]) => key));
    },
    pop(name: unknown, ...fallback: unknown[]) {
      if (fallback.length > 0 && !has(name)) return fallback[0];
      const value = requireKey(name);
      remove(name);
      return value;
    },
    update: (several: unknown) => setAll(pairsOf('update', several)),
    clear,
    toDict: () => dictOf(values.keys()),
    subscribe,
    batch,
    ref(name: unknown, ...initial: unknown[]) {
      const key = textOf(name);
      let made = refs.get(key);
      if (!made) refs.set(key, (made = createKeyRef(key, values, valueText, set)));
      if (initial.length > 0) made.offer(initial[0]);
      return made.ref;
    },
    version: (key?: unknown) => values.version(key === undefined ? undefined : textOf(key)),
    flush,
    bind,
  };
  return createDict<SessionState<S>>({ owner: 'sessionState', tag: 'SessionState' }, members, {
    get: values.get,
    getOther: values.getOther,
    has: values.has,
    keys: values.keys,
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
export const sessionState: SessionState = shared('sessionState', () => create({}, (reset) => resets().add(reset)));
