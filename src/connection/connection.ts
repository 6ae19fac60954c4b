// connection(): a kept client by identity, and its cached queries with retries.
import { systemClock } from '../browser/clock.js';
import { reportListenerError } from '../browser/report-error.js';
import type { CachedData } from '../cache/cache-data.js';
import { cacheData } from '../cache/cache-data.js';
import { cacheResource } from '../cache/cache-resource.js';
import { type KeyRules, writeValue } from '../cache/key/writer.js';
import type { CacheDataOptions, Duration } from '../cache/options.js';
import { inFlight, running } from '../cache/running.js';
import { proxyOf, readonlyTraps, readUnknown } from '../core/dict.js';
import { hashText } from '../core/hash.js';
import { isPromise } from '../core/promises.js';
import { createWarner } from '../core/warning.js';
import { KeyError } from '../errors.js';
import { classes } from '../registered-classes.js';
import { resets, shared } from '../registry.js';
import { type ConfigValues, config } from './config.js';
import { type HttpClient, http } from './http.js';

/** How connections of one's own type are made, asked and closed. */
export interface ConnectionType<I = unknown> {
  /** `config` is a copy of `config.connections[name]`, `{}` without one; `options` are those of `connection()`. */
  connect(config: ConfigValues, options: ConfigValues): I;
  query?(instance: Awaited<I>, text: string, params: unknown): unknown;
  /** Called once when the instance goes: reset, closed, or its `ttl` over. */
  close?(instance: Awaited<I>): unknown;
  /** Default: `'global'`. A page has its own instances in both. */
  scope?: 'global' | 'session';
}

export interface ConnectionOptions {
  /** How long an instance counts. Default: it never expires. */
  ttl?: Duration;
  maxEntries?: number;
  /** For `connect`. `'http'` knows `url` and `headers`. */
  [option: string]: unknown;
}

export interface QueryOptions extends Omit<CacheDataOptions<[string, unknown], unknown>, 'name'> {
  /** Given to `query` of the type; counts for the cache. */
  params?: unknown;
}

/** A handle: connected when it is used first. */
export interface Connection<I = unknown> {
  readonly name: string;
  /** What `connect` returned; a promise if it did. */
  readonly instance: I;
  /**
   * Asks, or gives a fresh copy of what was answered before: one answer per `ttl`, text and params, in memory (with
   * `persist: true` on disk). Tries three times, a second apart, with `reset()` between.
   */
  query<T = unknown>(text: string, options?: QueryOptions | null): Promise<T>;
  /** Closes the instance; the next use connects again. Answers stay. */
  reset(): void;
  /** Closes the instance and forgets the answers. */
  close(): void;
}

const tries = 3;
const pauseMs = 1000;

interface Texts {
  /** Something counted as the object it is, which no other page knows. */
  isLive: boolean;
  serialOf(object: object): string;
  write(value: unknown): string;
}

/** One for all copies of the library, like the handles. */
const texts = (): Texts =>
  shared('connectionTexts', () => {
    const serials = new WeakMap<object, number>();
    let count = 0;
    const known: Texts = {
      isLive: false,
      serialOf(object: object): string {
        known.isLive = true;
        if (!serials.has(object)) serials.set(object, ++count);
        return `#${serials.get(object)}`;
      },
      write: (value) => writeValue(value, rules, ''),
    };
    const rules: KeyRules = {
      functionName: 'connection',
      classes,
      hashFuncs: [
        ['Function', (fn: Function) => known.serialOf(fn)],
        ['Headers', (headers: Headers) => [...headers]],
      ],
    };
    return known;
  });

/** Equal for equal content; functions and live objects (a client) count as the objects they are. */
function textOf(value: unknown): string {
  const known = texts();
  try {
    return known.write(value);
  } catch {
    // no plain data
    return typeof value === 'symbol' ? String(value) : known.serialOf(value as object);
  }
}

/** The same for options, in any order; one that is `undefined` was not given. */
const textOfOptions = (options: object): string =>
  Object.entries(options)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${textOf(value)}`)
    .join();

/** Callbacks are those of the call: what they return counts, not which function it is. */
const ofTheCall = ['key', 'deps', 'tags', 'validate', 'cacheIf', 'onMessage', 'showSpinner', 'showTime'] as const;
/** These make other keys, so that answers with and without them lie apart. */
const shapesKeys: readonly string[] = ['key', 'deps'];

const types: Record<string, (call: string) => ConnectionType> = { http: http as (call: string) => ConnectionType };

function typeByName(call: string, type: unknown): ConnectionType {
  if (typeof type !== 'string')
    throw new TypeError(
      `${call}: the type must be 'http', a function or an object with connect, not of type ${typeof type}.`,
    );
  if (!Object.hasOwn(types, type))
    throw new RangeError(`${call}: there is no type "${type}". Valid: 'http'; others are a function or an object.`);
  return (types[type] as (call: string) => ConnectionType)(call);
}

function readType(call: string, type: unknown): ConnectionType {
  if (typeof type === 'function') return { connect: type as ConnectionType['connect'] };
  if (typeof (type as ConnectionType | null)?.connect === 'function') return type as ConnectionType;
  return typeByName(call, type);
}

/** The configuration of a connection, as a plain copy. */
function configOf(name: string): Record<string, unknown> | undefined {
  const { connections } = config.toDict() as { connections?: Record<string, Record<string, unknown>> };
  return connections && Object.hasOwn(connections, name) ? connections[name] : undefined;
}

/** So many types under one name are made in a loop, or by a component that renders again. */
const mostTypes = 10;
const warner = shared('connectionWarner', () => createWarner(undefined, reportListenerError));
const warnOfTypes = (call: string): void =>
  warner.warn({
    code: 'connection-types',
    key: call,
    message: `${call}: ${mostTypes} types share this name. Declare its type once, outside of components.`,
  });

function ownQuery(call: string, instance: unknown): (text: string, params: unknown) => unknown {
  const { query } = (instance ?? {}) as { query?: (text: string, params: unknown) => unknown };
  if (typeof query === 'function') return query.bind(instance);
  const error = new TypeError(`${call}.query: neither its type nor its instance has a function "query".`);
  throw Object.assign(error, { retry: false });
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => void systemClock.after(ms, resolve));

/** An answer that will be the same the next time. */
function isFinal(error: unknown): boolean {
  const { retry, status } = (error ?? {}) as { retry?: unknown; status?: unknown };
  const isAnswer = typeof status === 'number' && status >= 100 && status < 500;
  return retry === false || (isAnswer && ![408, 425, 429].includes(status));
}

const isAborted = (params: unknown): boolean =>
  (params as { signal?: { aborted?: unknown } } | null | undefined)?.signal?.aborted === true;

interface Declared {
  readonly name: string;
  /** The type that was given; `undefined`: the configuration decides. */
  readonly type: unknown;
  readonly options: ConnectionOptions;
  /** Tells it apart from others of this name. */
  readonly id: string;
  /** Another page would find the same `id`. */
  readonly isLasting: boolean;
}

function createConnection({ name, type, options, id, isLasting }: Declared): Connection {
  const call = `connection("${name}")`;
  const { ttl, maxEntries, ...rest } = options;
  const typeNow = (): ConnectionType => readType(call, type ?? configOf(name)?.['type']);
  const first = typeNow();
  const { scope = 'global' } = first;
  const close = first.close?.bind(first);
  const answers = new Map<string, CachedData<[string, unknown], unknown>>();
  /** The number of times that somebody closed it. */
  let closings = 0;

  const connect = (): unknown => {
    const before = closings;
    const made = typeNow().connect(configOf(name) ?? {}, rest);
    if (close && isPromise(made))
      // closed before it was there: nobody else has it to close
      made.then((instance) => (before === closings ? undefined : close(instance))).catch(() => {});
    return made;
  };
  const open = cacheResource(connect, {
    name: call,
    version: id,
    scope,
    ...(ttl === undefined ? {} : { ttl }),
    ...(maxEntries === undefined ? {} : { maxEntries }),
    ...(close && { onRelease: (instance: unknown) => close(instance) }),
  });

  async function ask(text: string, params: unknown): Promise<unknown> {
    const { flight } = running;
    const before = closings;
    for (let left = tries; ; left--)
      try {
        const instance = await open();
        if (before !== closings) throw new Error(`${call} was closed.`);
        const now = typeNow();
        const query = now.query?.bind(now, instance) ?? ownQuery(call, instance);
        // what it emits belongs to the call that waits for it
        return await (flight ? inFlight(flight, () => query(text, params)) : query(text, params));
      } catch (error) {
        const isOver = (): boolean => before !== closings || isAborted(params);
        if (left === 1 || isOver() || isFinal(error)) throw error;
        open.clear();
        await wait(pauseMs);
        if (isOver()) throw error;
      }
  }

  const answersFor = (given: Omit<QueryOptions, 'params'>): CachedData<[string, unknown], unknown> => {
    const counted: Record<string, unknown> = { ...given };
    for (const option of ofTheCall) {
      const isGiven = counted[option] !== undefined && counted[option] !== null;
      counted[option] = shapesKeys.includes(option) && isGiven ? true : undefined;
    }
    const text = textOfOptions(counted);
    const persist = isLasting && given.persist;
    const all = {
      scope,
      ...given,
      persist: persist ?? false,
      name: `${call}.query`,
      version: hashText(`${id} ${text} ${configured}`),
    };
    // one per call, with its callbacks; they share what they keep
    const answer = cacheData(ask, all as never) as CachedData<[string, unknown], unknown>;
    answers.set(text, answer);
    return answer;
  };
  const forget = (): void => {
    for (const answer of answers.values()) void answer.clear();
    open.clear();
  };

  let configured = textOfOptions(configOf(name) ?? {});
  config.subscribe(() => {
    const now = textOfOptions(configOf(name) ?? {});
    if (now === configured) return;
    configured = now;
    forget();
  });

  const members = {
    query: async (text: string, options?: QueryOptions | null) => {
      const { params, ...queryOptions } = options ?? {};
      return answersFor(queryOptions)(text, params);
    },
    reset: () => open.clear(),
    close() {
      closings++;
      forget();
    },
  };
  const refuse = (key: string): never => {
    throw new TypeError(`${call} has no member "${key}". What its instance has is reached by ${call}.instance.`);
  };
  return proxyOf(
    readonlyTraps('Connection', `${call} is read-only.`, members, {
      get: (key) => (key === 'name' ? name : key === 'instance' ? open() : undefined),
      unknown: (key) => readUnknown(key, refuse),
      has: (key) => key === 'name' || key === 'instance',
      // looking at a handle does not connect it
      keys: () => ['name'],
    }),
  );
}

/** One for all copies of the library. */
function createKnown() {
  const handles = new Map<string, Connection>();
  /** The types of one's own, by the name of the connection. */
  const own = new Map<string, object[]>();
  resets().add(() => {
    for (const handle of handles.values()) handle.close();
    handles.clear();
    own.clear();
  });
  return { handles, own };
}

/**
 * A named connection of this page: to a server, a database, anything that is opened once and asked often. The same name,
 * type and options give the same handle; it connects when it is used first.
 *
 * A change of `config.connections[name]` resets it. A name `env:X` stands for the name that `config.X` holds.
 *
 * @param type - `'http'`, a function that makes the instance, or an object with `connect` and more; without it the
 *   configuration decides
 * @throws TypeError, RangeError for a wrong type; {@link KeyError} if neither the call nor the configuration names one
 * @example
 * const weather = connection('weather', 'http', { url: '/api/weather' });
 * const days = await weather.query('days', { params: { year: 2015 }, ttl: '10m' });
 */
export function connection(
  name: string,
  type?: 'http' | null,
  options?: ConnectionOptions | null,
): Connection<HttpClient>;
export function connection<I>(
  name: string,
  type: ConnectionType<I> | ((config: ConfigValues, options: ConfigValues) => I),
  options?: ConnectionOptions | null,
): Connection<I>;
export function connection(name: string, type?: unknown, given?: ConnectionOptions | null): Connection {
  const options = given ?? {};
  if (typeof name !== 'string' || name === '')
    throw new TypeError('connection(name): the name must be a text that is not empty.');
  const real = name.startsWith('env:') ? String(config.require(name.slice(4))) : name;
  const call = `connection("${real}")`;
  if (type === undefined || type === null) {
    const configured = configOf(real);
    if (!configured)
      throw new KeyError('config.connections', real, `Add it with a "type", or call ${call.slice(0, -1)}, type).`);
    if (configured['type'] === undefined)
      throw new KeyError(`config.connections.${real}`, 'type', "Add it: 'http' is a type.");
  }
  readType(call, type ?? configOf(real)?.['type']);
  // null means for these two: as if it were not given
  const counted = { ...options, ttl: options.ttl ?? undefined, maxEntries: options.maxEntries ?? undefined };
  const known = texts();
  known.isLive = false;
  const optionsText = textOfOptions(counted);
  const isPlain = !known.isLive;
  const { handles, own } = shared('connections', createKnown);
  const isOwn = typeof type === 'function' || typeof type === 'object';
  let typeText = String(type ?? 'of config');
  if (isOwn && type) {
    const types = own.get(real) ?? [];
    own.set(real, types);
    if (!types.includes(type)) types.push(type);
    if (types.length === mostTypes) warnOfTypes(call);
    typeText = `own ${types.indexOf(type)}`;
  }
  const id = hashText(`${typeText} ${optionsText}`);
  const place = `${real} ${id}`;
  let handle = handles.get(place);
  if (!handle) {
    const isLasting = isPlain && (!isOwn || !type || typeText === 'own 0');
    handle = createConnection({ name: real, type, options, id, isLasting });
    handles.set(place, handle);
  }
  return handle;
}
