import type { ConfigValues } from './config.js';
import type { ConnectionType } from './connection.js';

/** The instance of a connection of type `'http'`. */
export interface HttpClient {
  /** Where paths begin. */
  readonly url: string;
  /** As the global `fetch`, with a path below `url`, and with the connection's headers. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** JSON, or text where the server sends something else. Rejects unless the answer is a success. */
  get(path: string, params?: unknown): Promise<unknown>;
}

/** `{ a: 1, b: [2, 3], c: undefined }` → `a=1&b=2&b=3`. */
function searchOf(params: unknown): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries((params ?? {}) as Record<string, unknown>))
    for (const one of Array.isArray(value) ? value : [value])
      if (one !== undefined && one !== null) search.append(name, String(one));
  return search.toString();
}

/** `url` and `headers` of the options, else of the configuration. Without a url, paths begin at the page. */
function connect(config: ConfigValues, options: ConfigValues): HttpClient {
  const base = String(options['url'] ?? config['url'] ?? '');
  const headers = { ...(config['headers'] as object), ...(options['headers'] as object) };
  const client: HttpClient = {
    url: base,
    fetch(path, init = {}) {
      const slash = base === '' || base.endsWith('/') || /^([/?]|$)/.test(path) ? '' : '/';
      const merged = new Headers(headers as Record<string, string>);
      new Headers(init.headers).forEach((value, name) => void merged.set(name, value));
      const address = base.endsWith('/') && path.startsWith('/') ? base + path.slice(1) : base + slash + path;
      return fetch(address, { ...init, headers: merged });
    },
    async get(path, params) {
      const search = searchOf(params);
      const response = await client.fetch(search ? `${path}${path.includes('?') ? '&' : '?'}${search}` : path);
      if (!response.ok) throw new Error(`The server answered ${response.status} ${response.statusText}`.trimEnd());
      return /[/+]json\b/.test(response.headers.get('content-type') ?? '') ? response.json() : response.text();
    },
  };
  return client;
}

export const http: ConnectionType<HttpClient> = {
  connect,
  query: (client, text, params) => client.get(text, params),
};
