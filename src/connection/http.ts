// The type 'http' of a connection: fetch with a base URL, headers and parameters.
import queryString from 'query-string';
import { isAbortSignal } from '../core/abort-signal.js';
import { tagOf } from '../core/tag.js';
import { typeNameOf } from '../core/values/builtin-class.js';
import type { ConfigValues } from './config.js';
import type { ConnectionType } from './connection.js';

/** The instance of a connection of type `'http'`. */
export interface HttpClient {
  /** Where paths begin. */
  readonly url: string;
  /** As the global `fetch`, with a path below `url`, and with the connection's headers. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /**
   * JSON, or text where the server sends something else. `params`: a plain object, a Map, URLSearchParams or pairs; an
   * AbortSignal as its `signal` is none of them, and ends the request. Rejects unless the answer is a success, with
   * `status`, `url` and `response`.
   *
   * @throws TypeError (rejects) for nested params
   */
  get(path: string, params?: unknown): Promise<unknown>;
}

type Param = string | null | undefined;

/** Something that trying again does not mend. */
const refusal = (message: string): TypeError => Object.assign(new TypeError(message), { retry: false });

function paramOf(call: string, name: string, value: unknown): Param {
  if (value === null || value === undefined) return value;
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toISOString();
  if (/^(object|function|symbol)$/.test(typeof value))
    throw refusal(
      `${call}.query: param "${name}" is of type ${typeNameOf(value)}. Give a text, number, boolean or Date.`,
    );
  return String(value);
}

/** All values of each name, in their order. */
function paramsOf(call: string, params: object): Record<string, Param[]> {
  const lists = new Map<string, Param[]>();
  const isList = Symbol.iterator in params;
  if (!isList && tagOf(params) !== 'Object') throw wrongParams(call, params);
  for (const pair of isList ? (params as Iterable<unknown>) : Object.entries(params)) {
    if (!Array.isArray(pair) || pair.length !== 2 || typeof pair[0] !== 'string') throw wrongParams(call, pair);
    const [name, value] = pair as [string, unknown];
    const list = lists.get(name) ?? [];
    lists.set(name, list);
    for (const one of Array.isArray(value) ? value : [value]) list.push(paramOf(call, name, one));
  }
  return Object.fromEntries(lists);
}

const wrongParams = (call: string, value: unknown): TypeError =>
  refusal(`${call}.query: params must be an object, a Map or pairs of name and value, not ${typeNameOf(value)}.`);

/** Address and signal of a request. */
function requestOf(call: string, path: string, given: unknown): { url: string; signal?: AbortSignal } {
  if (given === undefined || given === null) return { url: path };
  if (typeof given !== 'object') throw wrongParams(call, given);
  const { signal, ...params } = given as { signal?: AbortSignal };
  const isSteered = isAbortSignal(signal);
  const query = paramsOf(call, isSteered ? params : given);
  const url = Object.keys(query).length ? queryString.stringifyUrl({ url: path, query }, { sort: false }) : path;
  return { url, ...(isSteered && { signal: signal as AbortSignal }) };
}

/** `url` and `headers` of the options, else of the configuration. Without a url, paths begin at the page. */
function connect(call: string, config: ConfigValues, options: ConfigValues): HttpClient {
  const base = String(options['url'] ?? config['url'] ?? '');
  const withHeaders = (below: unknown, above: unknown): Headers => {
    const headers = new Headers((below ?? {}) as HeadersInit);
    new Headers((above ?? {}) as HeadersInit).forEach((value, name) => void headers.set(name, value));
    return headers;
  };
  const own = withHeaders(config['headers'], options['headers']);
  const addressOf = (path: string): string => {
    const slash = base === '' || base.endsWith('/') || /^([/?]|$)/.test(path) ? '' : '/';
    return base.endsWith('/') && path.startsWith('/') ? base + path.slice(1) : base + slash + path;
  };
  const client: HttpClient = {
    url: base,
    fetch: (path, init = {}) => fetch(addressOf(path), { ...init, headers: withHeaders(own, init.headers) }),
    async get(path, params) {
      const { url, ...init } = requestOf(call, path, params);
      const response = await client.fetch(url, init);
      const { ok, status, statusText } = response;
      if (!ok)
        throw Object.assign(new Error(`${call}: the server answered ${`${status} ${statusText}`.trimEnd()}.`), {
          status,
          url: response.url || addressOf(url),
          response,
        });
      return /[/+]json\b/i.test(response.headers.get('content-type') ?? '') ? response.json() : response.text();
    },
  };
  return client;
}

/** @param call - of the connection, for messages */
export const http = (call: string): ConnectionType<HttpClient> => ({
  connect: (config, options) => connect(call, config, options),
  query: (client, text, params) => client.get(text, params),
});
