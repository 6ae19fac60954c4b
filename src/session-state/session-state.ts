import { createBind } from '../binding/bind.js';
import type { BindOptions, BindTarget } from '../binding/options.js';
import { systemClock } from '../browser/clock.js';
import { reportListenerError } from '../browser/report-error.js';
import { tabStorage } from '../browser/web-storage.js';
import type { Change } from '../core/batch.js';
import { createDict, toPlainObject } from '../core/dict.js';
import type { Unsubscribe } from '../core/listeners.js';
import { createRef, type Ref } from '../core/ref.js';
import { valueTextOf } from '../core/value-text.js';
import { createWarner, type Warner, type Warning } from '../core/warning.js';
import { KeyError, ReservedKeyError } from '../errors.js';
import { classes } from '../registered-classes.js';
import { createRunning, shared } from '../registry.js';
import { createValues } from './values.js';

export interface SessionStateOptions {
  /** Of the sessionStorage keys; another prefix is another state. Default: `'tabstate:'`. */
  prefix?: string;
  /** Asked once, at the first use that needs content. Default: this tab's sessionStorage. */
  storage?: () => Storage;
  /** Makes a value that cannot be stored throw when it is set. Default: `false`, a warning. */
  strict?: boolean;
  /** Hears of trouble once per code and key, until it is gone. Default: `console.warn`. */
  onWarning?: (warning: Warning) => void;
}

export type KeyOf<S extends object> = keyof S & string;
/** What `update` and `setDefaults` take. */
export type Several<S extends object> = Partial<S> | Iterable<readonly [KeyOf<S>, S[KeyOf<S>]]>;

/** The methods of a session state. All work unbound. */
export interface SessionStateMembers<S extends object = Record<string, unknown>> {
  /** The value; `undefined`, or `fallback`, when the key is missing. Never inserts. */
  get<K extends KeyOf<S>>(key: K): S[K] | undefined;
  get<K extends KeyOf<S>, F>(key: K, fallback: F): S[K] | F;
  /**
   * The value of a key that has to be there.
   * @throws {@link KeyError} when it is missing
   */
  require<K extends KeyOf<S>>(key: K): S[K];
  /**
   * Sets a key; reaches keys that are named like a method, too.
   * @throws {@link UnserializableValueError} with `strict`, if the value cannot be stored
   * @throws {@link ReservedKeyError} if the key is bound to a button or a file input
   */
  set<K extends KeyOf<S>>(key: K, value: S[K]): void;
  has(key: KeyOf<S>): boolean;
  /** Removes a key. @returns whether it was there */
  delete(key: KeyOf<S>): boolean;
  /** Sets the key only when it is missing. @returns what the key holds then */
  setDefault<K extends KeyOf<S>>(key: K, value: S[K]): S[K];
  /** Sets those of the keys that are missing, with one notification. @returns what these keys hold then */
  setDefaults<V extends Partial<S>>(values: V): V;
  /**
   * Removes a key and returns what it held.
   * @throws {@link KeyError} when it is missing and no fallback was given; `undefined` is a fallback, too
   */
  pop<K extends KeyOf<S>>(key: K): S[K];
  pop<K extends KeyOf<S>, F>(key: K, fallback: F): S[K] | F;
  /** Sets several keys with one notification; all or, when one of them throws, none. */
  update(values: Several<S>): void;
  /** Removes every key of this state and nothing else of the origin. */
  clear(): void;
  /** A fresh plain object of all keys; the values are the live ones. */
  toDict(): Partial<S>;
  /**
   * Hears of every change of one key, before the assignment returns; of changes in place in the microtasks after them.
   * `undefined` stands for a missing key.
   */
  subscribe<K extends KeyOf<S>>(
    key: K,
    listener: (value: S[K] | undefined, previous: S[K] | undefined) => void,
  ): Unsubscribe;
  /** Hears of all changes, once per round. */
  subscribe(listener: (changes: Change[]) => void): Unsubscribe;
  /** Tells listeners once, at the end. @returns what `fn` returns; a promise is not waited for */
  batch<R>(fn: () => R): R;
  /**
   * A handle of one key for `useStore` and its like; always the same one for a key.
   *
   * @param initial - stored by the first use of the ref while the key is missing, and again (a fresh copy) after a
   * delete; the first one given counts
   */
  ref<K extends KeyOf<S>>(key: K): Ref<S[K] | undefined>;
  ref<K extends KeyOf<S>, T extends S[K]>(key: K, initial: T): Ref<string extends KeyOf<S> ? T : S[K]>;
  /** How often the key, or any key, has changed on this page, changes in place included; not stored. */
  version(key?: KeyOf<S>): number;
  /** Looks at every object, tells of changes in place and writes, now. */
  flush(): void;
  /**
   * Keeps controls and keys equal. The state wins over the HTML, a missing key takes what the control shows. Containers
   * are live: controls that come later are bound, those that leave are let go and their value stays. Buttons, files,
   * passwords and the like are never stored.
   *
   * @param target - a selector, a control, a form, a container such as `document`, or several elements
   * @param options - `key` or the options. Default of `key`: the attribute `data-key`, else the control's `name`
   * @returns ends it; values stay
   * @throws TypeError for a control without key, or a target that is no node
   * @example
   * sessionState.bind(document);   // every <input data-key="name">
   * sessionState.bind('#volume', { key: 'volume', onChange: (volume) => player.setVolume(volume) });
   */
  bind(target: BindTarget, options?: BindOptions | string): Unsubscribe;
}

/**
 * State of one browser tab: `state.count ??= 0`, `state['count']`, `delete state.count`, `'count' in state`,
 * `for (const [key, value] of state)`, and methods for everything else. A missing key reads `undefined`.
 */
export type SessionState<S extends object = Record<string, unknown>> = SessionStateMembers<S> & {
  [K in keyof S as K extends keyof SessionStateMembers<S> ? never : K]?: S[K] | undefined;
} & Iterable<[KeyOf<S>, S[KeyOf<S>]]>;

const serverWarner = createWarner(undefined, reportListenerError);

/** A key as text. @throws TypeError for a symbol */
function textOf(key: unknown): string {
  if (typeof key === 'string') return key;
  if (typeof key === 'symbol') throw new TypeError('sessionState takes texts as keys, not symbols.');
  return String(key);
}

/** The pairs of `update` and its like. */
function pairsOf(call: string, values: unknown): [string, unknown][] {
  if (typeof values !== 'object' || values === null)
    throw new TypeError(
      `sessionState.${call}(values) takes an object or an iterable of pairs, not ${values === null ? 'null' : typeof values}.`,
    );
  if (!(Symbol.iterator in values) && typeof (values as Iterable<unknown>)[Symbol.iterator] !== 'function')
    return Object.entries(values);
  return Array.from(values as Iterable<unknown>, (pair) => {
    if (typeof pair !== 'object' || pair === null)
      throw new TypeError(`sessionState.${call}(pairs) takes pairs of key and value.`);
    const [key, value] = pair as [unknown, unknown];
    return [textOf(key), value];
  });
}

/**
 * A state of this tab with a prefix, a storage or rules of its own.
 *
 * @param options - `prefix`: of the sessionStorage keys, default `'tabstate:'`. `storage`: default this tab's
 * sessionStorage. `strict`: default `false`. `onWarning`: default `console.warn`.
 * @throws TypeError if the prefix is empty: `clear()` would own every item of the origin
 * @example
 * const wizard = createSessionState<{ step: number }>({ prefix: 'wizard:' });
 * wizard.step ??= 1;
 */
export function createSessionState<S extends object = Record<string, unknown>>({
  prefix = 'tabstate:',
  storage = tabStorage as () => Storage,
  strict = false,
  onWarning,
}: SessionStateOptions = {}): SessionState<S> {
  if (typeof prefix !== 'string' || prefix === '')
    throw new TypeError(
      'createSessionState({ prefix }): the prefix must be a non-empty text, or clear() would own all of the storage.',
    );
  // a state per request is the advice for servers: it is told once, not at every request
  const own = createWarner(onWarning, reportListenerError);
  // asked late: importing the module, which makes the default state, reads no global
  const pick = (): Warner => (onWarning || typeof document === 'object' ? own : serverWarner);
  const warner: Warner = {
    warn: (warning) => pick().warn(warning),
    reset: (code, key) => pick().reset(code, key),
  };
  const values = createValues({
    prefix,
    ask: storage,
    isStrict: strict,
    valueText: valueTextOf(classes),
    onRegister: classes.onRegister,
    warner,
    clock: systemClock,
  });
  const { batch, flush, subscribe } = values;
  const reserved = new Map<string, ((value: unknown) => boolean)[]>();
  const refs = new Map<string, { ref: Ref<unknown>; offer(initial: unknown): void }>();

  /** Throws what would keep this value from being set. */
  function check(key: string, value: unknown): void {
    if (reserved.size > 0 && reserved.get(key)?.some((allows) => !allows(value)))
      throw new ReservedKeyError(
        'sessionState.set()',
        key,
        'for the button or file input that it is bound to. Only false, or null to empty a file input, can be assigned.',
      );
  }
  const set = (name: unknown, value: unknown): void => {
    const key = textOf(name);
    if (reserved.size > 0) check(key, value);
    values.set(key, value);
  };
  const get = (key: unknown, fallback?: unknown): unknown => {
    if (typeof key !== 'string') return typeof key === 'symbol' ? fallback : get(String(key), fallback);
    const value = values.get(key);
    return value === undefined && fallback !== undefined && !values.has(key) ? fallback : value;
  };
  const has = (key: unknown): boolean => typeof key !== 'symbol' && values.has(String(key));
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

  function makeRef(key: string): { ref: Ref<unknown>; offer(initial: unknown): void } {
    let initial: unknown;
    let isOffered = false;
    /** Of `initial` before anybody could change it. */
    let pristine: string | undefined;
    let isUsed = false;
    const fresh = (): unknown => (pristine === undefined ? initial : valueTextOf(classes).parse(pristine));
    const ensure = (): void => {
      if (!isOffered || values.has(key)) return;
      if (!isUsed && typeof initial === 'object' && initial !== null) {
        const text = valueTextOf(classes).format(initial);
        if (typeof text === 'string') pristine = text;
      }
      values.init(key, isUsed ? fresh() : initial);
      isUsed = true;
    };
    const source = {
      get init() {
        return initial;
      },
      get() {
        ensure();
        return values.show(key);
      },
      live() {
        ensure();
        return values.get(key);
      },
      listen: (listener: (value: unknown, previous: unknown) => void) =>
        subscribe(key, (_value, previous) => listener(source.get(), previous)),
      report: reportListenerError,
      set: (value: unknown) => set(key, value),
      update(change: (value: unknown) => unknown) {
        const live = source.live();
        const result = change(live);
        // nothing returned: the object was changed in place
        set(key, result === undefined && typeof live === 'object' ? live : result);
      },
    };
    return {
      ref: createRef(source),
      offer(value) {
        if (isOffered) return;
        isOffered = true;
        initial = value;
      },
    };
  }

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
      reserved.set(key, [...(reserved.get(key) ?? []), allows]);
      return () => {
        const rest = reserved.get(key)?.filter((other) => other !== allows) ?? [];
        if (rest.length > 0) reserved.set(key, rest);
        else reserved.delete(key);
      };
    },
  });

  const members = {
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
      return toPlainObject(pairs.map(([key]) => [key, values.get(key)]));
    },
    pop(name: unknown, ...fallback: unknown[]) {
      if (fallback.length > 0 && !has(name)) return fallback[0];
      const value = requireKey(name);
      remove(name);
      return value;
    },
    update: (several: unknown) => setAll(pairsOf('update', several)),
    clear: () => values.clear(),
    toDict: () => toPlainObject(values.keys().map((key) => [key, values.get(key)])),
    subscribe,
    batch,
    ref(name: unknown, ...initial: unknown[]) {
      const key = textOf(name);
      let made = refs.get(key);
      if (!made) refs.set(key, (made = makeRef(key)));
      if (initial.length > 0) made.offer(initial[0]);
      return made.ref;
    },
    version: (key?: unknown) => values.version(key === undefined ? undefined : textOf(key)),
    flush,
    bind,
  };
  return createDict<SessionState<S>>({ owner: 'sessionState', tag: 'SessionState' }, members, {
    get: values.get,
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
export const sessionState: SessionState = shared('sessionState', () => createSessionState());
