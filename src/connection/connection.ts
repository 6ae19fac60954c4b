import { systemClock } from '../browser/clock.js';
import { cacheData } from '../cache/cache-data.js';
import { cacheResource } from '../cache/cache-resource.js';
import type { CachedData } from '../cache/cached-data.js';
import type { CacheDataOptions, Duration } from '../cache/options.js';
import { hashText } from '../core/key-hash.js';
import { createKeyWriter } from '../core/key-writer.js';
import { createReadonlyProxy, readUnknown } from '../core/readonly-proxy.js';
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

/** One for all copies of the library, like the handles. */
const texts = () =>
  shared('connectionTexts', () => ({
    write: createKeyWriter({ classes }),
    serials: new WeakMap<object, number>(),
    count: 0,
  }));

/** Equal for equal content; functions and live objects (a client) count by themselves. */
function textOf(value: unknown): string {
  const known = texts();
  try {
    return known.write(value);
  } catch {
    // no plain data
    if (typeof value === 'symbol') return String(value);
    const { serials } = known;
    const object = value as object;
    if (!serials.has(object)) serials.set(object, ++known.count);
    return `#${serials.get(object)}`;
  }
}

/** The same for options, in any order; one that is `undefined` was not given. */
const textOfOptions = (options: object): string =>
  Object.entries(options)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${textOf(value)}`)
    .join();

const types: Record<string, ConnectionType> = { http: http as ConnectionType };

function typeByName(call: string, type: unknown): ConnectionType {
  if (typeof type !== 'string')
    throw new TypeError(
      `${call}: the type must be 'http', a function or an object with connect, not of type ${typeof type}.`,
    );
  if (!Object.hasOwn(types, type))
    throw new RangeError(`${call}: there is no type "${type}". Valid: 'http'; others are a function or an object.`);
  return types[type] as ConnectionType;
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

const wait = (ms: number): Promise<void> => new Promise((resolve) => void systemClock.after(ms, resolve));

function createConnection(name: string, id: string, given: unknown, options: ConnectionOptions): Connection {
  const call = `connection("${name}")`;
  const { ttl, maxEntries, ...rest } = options;
  const typeNow = (): ConnectionType => readType(call, given ?? configOf(name)?.['type']);
  const { scope = 'global', close } = typeNow();
  const answers = new Map<string, CachedData<[string, unknown], unknown>>();

  const open = cacheResource(() => typeNow().connect(configOf(name) ?? {}, rest), {
    name: `${call} ${id}`,
    scope,
    ...(ttl === undefined ? {} : { ttl }),
    ...(maxEntries === undefined ? {} : { maxEntries }),
    ...(close && { onRelease: (instance: unknown) => close(instance) }),
  });

  async function ask(text: string, params: unknown): Promise<unknown> {
    for (let left = tries; ; left--) {
      try {
        const instance = await open();
        const { query } = typeNow();
        if (query) return await query(instance, text, params);
        const own = instance as { query?: (text: string, params: unknown) => unknown } | undefined;
        if (typeof own?.query !== 'function') break;
        return await own.query(text, params);
      } catch (error) {
        if (left === 1) throw error;
        open.clear();
        await wait(pauseMs);
      }
    }
    throw new TypeError(`${call}.query: neither its type nor its instance has a function "query".`);
  }

  const answersFor = (queryOptions: Omit<QueryOptions, 'params'>): CachedData<[string, unknown], unknown> => {
    const key = textOfOptions(queryOptions);
    let answer = answers.get(key);
    if (!answer) {
      const showSpinner =
        queryOptions.showSpinner === true ? `Running \`${call}.query(...)\`.` : (queryOptions.showSpinner ?? false);
      const all = { persist: false, scope, ...queryOptions, showSpinner, name: `${call} ${id} ${hashText(key)}` };
      answer = cacheData(ask, all as never) as typeof answer & {};
      answers.set(key, answer);
    }
    return answer;
  };
  const forget = (): void => {
    for (const answer of answers.values()) void answer.clear();
    open.clear();
  };

  let before = textOfOptions(configOf(name) ?? {});
  config.subscribe(() => {
    const now = textOfOptions(configOf(name) ?? {});
    if (now === before) return;
    before = now;
    forget();
  });

  const members = {
    query: async (text: string, options?: QueryOptions | null) => {
      const { params, ...queryOptions } = options ?? {};
      return answersFor(queryOptions)(text, params);
    },
    reset: () => open.clear(),
    close: forget,
  };
  const refuse = (key: string): never => {
    throw new TypeError(`${call} has no member "${key}". What its instance has is reached by ${call}.instance.`);
  };
  return createReadonlyProxy<Connection>('Connection', `${call} is read-only.`, members, {
    get: (key) => (key === 'name' ? name : key === 'instance' ? open() : readUnknown(key, refuse)),
    has: (key) => key === 'name' || key === 'instance',
    // looking at a handle does not connect it
    keys: () => ['name'],
  });
}

function createHandles(): Map<string, Connection> {
  const handles = new Map<string, Connection>();
  resets().add(() => {
    for (const handle of handles.values()) handle.close();
    handles.clear();
  });
  return handles;
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
  const { connect, query, close, scope } = readType(call, type ?? configOf(real)?.['type']);
  const parts = type === undefined || type === null ? ['config'] : [connect, query, close, scope];
  // null means for these two: as if it were not given
  const counted = { ...options, ttl: options.ttl ?? undefined, maxEntries: options.maxEntries ?? undefined };
  const id = hashText(`${textOf(real)} ${parts.map(textOf).join()} ${textOfOptions(counted)}`);
  const handles = shared('connections', createHandles);
  let handle = handles.get(id);
  if (!handle) handles.set(id, (handle = createConnection(real, id, type, options)));
  return handle;
}
