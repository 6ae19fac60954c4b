// config and setConfig: settings that a page gives as JSON, and code on top.
import { reportListenerError } from '../browser/report-error.js';
import { proxyOf, readonlyTraps, readUnknown } from '../core/dict.js';
import { createListeners, type Listeners, type Unsubscribe } from '../core/listeners.js';
import { KeyError } from '../errors.js';
import { resets, shared } from '../registry.js';

/** Values of the configuration: as JSON knows them. */
export interface ConfigValues {
  readonly [key: string]: unknown;
}

export interface ConfigMembers {
  /** The value; `undefined`, or `fallback`, when it is missing. */
  get(key: string, fallback?: unknown): unknown;
  /** @throws {@link KeyError} when it is missing. */
  require(key: string): unknown;
  /** A fresh plain copy. */
  toDict(): Record<string, unknown>;
  /** Calls the listener after each `setConfig` that changed something. */
  subscribe(listener: () => void): Unsubscribe;
}

/** Read-only and nested: `config.a.b`, `config['a']['b']`, `'a' in config`. A missing key is a {@link KeyError}. */
// biome-ignore lint/suspicious/noExplicitAny: what a page configures has no type here, and every step may be an object
export type Config = { readonly [key: string]: any } & ConfigMembers;

type Values = Map<string, unknown>;

const selector = 'script[type="application/json"][data-tabstate-config]';
const hint = `Add it to <${selector.replace('[', ' ').replace('][', ' ').replace(']', '>')} or call setConfig().`;

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' &&
  value !== null &&
  [Object.prototype, null].includes(Object.getPrototypeOf(value) as null);

/** Private and unchangeable; Maps, because a key may be called `__proto__`. */
function take(value: unknown): unknown {
  if (Array.isArray(value)) return freeze(value);
  return isPlain(value) ? merge(new Map(), value) : value;
}

/** A list is handed out as it is: nothing in it can be changed. */
function freeze(value: unknown): unknown {
  if (Array.isArray(value)) return Object.freeze(value.map(freeze));
  if (!isPlain(value)) return value;
  return Object.freeze(Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, freeze(inner)])));
}

/** A plain copy. */
function give(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(give);
  if (value instanceof Map) return Object.fromEntries([...(value as Values)].map(([key, inner]) => [key, give(inner)]));
  return isPlain(value) ? give(take(value)) : value;
}

/** A private copy of what `setConfig` got, `undefined` included. */
function keep(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(keep);
  return isPlain(value) ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, keep(inner)])) : value;
}

/** A new Map in which `values` lie over `below`; `undefined` removes. */
function merge(below: Values, values: Record<string, unknown>): Values {
  const result = new Map(below);
  for (const [key, value] of Object.entries(values)) {
    const present = result.get(key);
    if (value === undefined) result.delete(key);
    else if (isPlain(value) && present instanceof Map) result.set(key, merge(present as Values, value));
    else result.set(key, take(value));
  }
  return result;
}

const isSameObject = (a: Record<string, unknown>, b: Record<string, unknown>): boolean => {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && isSame(a[key], b[key]));
};

/** Whether two values say the same, whatever the order of their keys; live objects and functions by themselves. */
function isSame(a: unknown, b: unknown): boolean {
  if (a instanceof Map && b instanceof Map)
    return a.size === b.size && [...(a as Values)].every(([key, value]) => b.has(key) && isSame(value, b.get(key)));
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, i) => isSame(item, b[i]));
  return isPlain(a) && isPlain(b) ? isSameObject(a, b) : Object.is(a, b);
}

interface Source {
  values(): Values;
  set(values: ConfigValues): void;
  readonly listeners: Listeners<[]>;
}

function createSource(): Source {
  const listeners = createListeners<[]>(reportListenerError);
  const given: Record<string, unknown>[] = [];
  let text = '';
  let known: Values = new Map();
  resets().add(() => {
    given.length = 0;
    listeners.notify();
  });
  return {
    listeners,
    values() {
      const elements = typeof document === 'undefined' ? [] : [...document.querySelectorAll(selector)];
      // a later element lies over an earlier one, and what setConfig got over both
      const now = elements.map((element) => element.textContent);
      const read = JSON.stringify([now, given.length]);
      if (read === text) return known;
      let values: Values = new Map();
      for (const json of now) {
        let next: Values | undefined;
        try {
          const parsed: unknown = JSON.parse(json);
          if (isPlain(parsed)) next = merge(values, parsed);
        } catch {
          // the engine's message would quote the text; or it is nested more deeply than the stack allows
        }
        if (!next) throw new TypeError(`config: the text of <${selector}> is not a JSON object.`);
        values = next;
      }
      for (const one of given) values = merge(values, one);
      text = read;
      known = values;
      return known;
    },
    set(values) {
      if (!isPlain(values)) throw new TypeError('setConfig(values): the values must be a plain object.');
      const before = this.values();
      const { length } = given;
      let isNew: boolean;
      try {
        given.push(keep(values) as Record<string, unknown>);
        isNew = !isSame(before, this.values());
      } catch (cause) {
        given.length = length;
        throw new TypeError('setConfig(values): the values cannot be read, or are nested too deeply.', { cause });
      }
      if (isNew) listeners.notify();
    },
  };
}

const source = (): Source => shared('configSource', createSource);

/** The part of the configuration below `path`. */
function createConfig(path: string, find: () => Values): Config {
  const proxies = new Map<string, Config>();
  const read = (key: string): unknown => {
    const value = find().get(key);
    if (!(value instanceof Map)) return value;
    let proxy = proxies.get(key);
    if (!proxy) {
      const inner = (): Values => {
        const now = find().get(key);
        return now instanceof Map ? (now as Values) : new Map();
      };
      proxies.set(key, (proxy = createConfig(`${path}.${key}`, inner)));
    }
    return proxy;
  };
  const has = (key: string): boolean => find().has(key);
  const require = (key: string): unknown => {
    if (!has(key)) throw new KeyError(path, key, hint);
    return read(key);
  };
  const members = {
    get: (key: string, fallback?: unknown) => (has(key) ? read(key) : fallback),
    require,
    toDict: () => give(find()),
    subscribe: (listener: () => void) => source().listeners.add(listener),
  };
  return proxyOf(
    readonlyTraps('Config', `${path} is read-only: use setConfig(values).`, members, {
      get: read,
      unknown: (key) => readUnknown(key, require),
      has,
      keys: () => find().keys(),
    }),
  );
}

/**
 * What the page configures: the JSON of `<script type="application/json" data-tabstate-config>`, with what `setConfig` got
 * over it. Everybody who can open the page can read it: it is no place for secrets.
 *
 * @example
 * const { url } = config.connections.weather;
 */
export const config: Config = shared('config', () => createConfig('config', () => source().values()));

/**
 * Lays values over the configuration: objects are merged, other values replaced, `undefined` removes.
 *
 * @throws TypeError if `values` is not a plain object, or is nested too deeply
 * @example
 * setConfig({ connections: { weather: { type: 'http', url: '/api/weather' } } });
 */
export function setConfig(values: ConfigValues): void {
  source().set(values);
}
