// connection and config: handles, queries, retries.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { config, connection, setConfig } from '../../src/connection/index.js';
import { cacheResource, emitter, KeyError } from '../../src/index.js';

let count = 0;
/** A name that no other test has: handles live as long as the page. */
const fresh = (): string => `c${++count}`;

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const json = (value: unknown, status = 200): Response =>
  new Response(JSON.stringify(value), { status, headers: { 'content-type': 'application/json' } });

describe('connection', () => {
  it('[CAC-195] is one handle per name, type and options, connected at first use', () => {
    const name = fresh();
    const connect = vi.fn(() => ({ n: 1 }));
    const make = (): unknown => connect();
    const one = connection(name, make);
    expect(connection(name, make)).toBe(one);
    expect(connection(name, make, {})).toBe(one);
    expect(connect).not.toHaveBeenCalled();
    const { instance } = one;
    expect(connection(name, make).instance).toBe(instance);
    expect(connect).toHaveBeenCalledTimes(1);
    const other = connection(name, make, { ttl: 60 });
    expect(other).not.toBe(one);
    expect(other.instance).not.toBe(instance);
    expect(one.instance).toBe(instance);
    expect(connection(name, make, { ttl: 60 })).toBe(other);
    expect(connection(name, make, { ttl: null, maxEntries: null } as never)).toBe(one);
    expect(connection(name, make, { maxEntries: 3 })).not.toBe(one);
    expect(connection(name, 'http')).not.toBe(one);
    expect(connection(fresh(), make)).not.toBe(one);
    expect(one.name).toBe(name);
    expect(connect).toHaveBeenCalledTimes(2);
  });

  it('[CAC-195] tells options apart that are no JSON', () => {
    const name = fresh();
    const connect = (_config: unknown, options: { client?: unknown }): unknown => options.client;
    class Client {
      readonly self = this;
    }
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    const bound = [1, 2].map((n) =>
      function own(this: number): number {
        return this;
      }.bind(n),
    );
    const clients = [
      new Client(),
      new Client(),
      cycle,
      5n,
      6n,
      new Map([[1, 2]]),
      new Map([[1, 3]]),
      NaN,
      null,
      ...bound,
    ];
    const handles = clients.map((client) => connection(name, connect as never, { client }));
    expect(new Set(handles).size).toBe(clients.length);
    expect(handles.map(({ instance }) => instance)).toEqual(clients);
    for (const [i, client] of clients.entries())
      expect(connection(name, connect as never, { client })).toBe(handles[i]);
    expect(connection(name, connect as never, { client: undefined })).toBe(connection(name, connect as never, null));
    expect(connection(name, bound[0] as never)).not.toBe(connection(name, bound[1] as never));
  });

  it('[CAC-196] says what is wrong with a type', () => {
    expect(() => connection('a', 42 as never)).toThrow(TypeError);
    expect(() => connection('a', 42 as never)).toThrow(/connection\("a"\).*number/);
    expect(() => connection('a', {} as never)).toThrow(TypeError);
    expect(() => connection('a', 'nope' as never)).toThrow(RangeError);
    expect(() => connection('a', 'nope' as never)).toThrow(/'http'/);
    expect(() => connection('toString' as never, 'toString' as never)).toThrow(RangeError);
    expect(() => connection('none')).toThrow(KeyError);
    expect(() => connection('none')).toThrow(/none/);
    expect(() => connection('')).toThrow(TypeError);
    const name = fresh();
    setConfig({ connections: { [name]: { url: '/x' } } });
    expect(() => connection(name)).toThrow(KeyError);
    setConfig({ connections: { [name]: { type: 'nope' } } });
    expect(() => connection(name)).toThrow(RangeError);
    setConfig({ connections: { [name]: { type: 'http' } } });
    expect(connection(name).instance.url).toBe('/x');
  });

  it('[CAC-197] connects again after reset and after a change of its own configuration', () => {
    const [name, otherName] = [fresh(), fresh()];
    const connect = vi.fn((config: object) => ({ ...config }));
    const close = vi.fn();
    setConfig({ connections: { [name]: { url: '/1' }, [otherName]: { url: '/o' } } });
    const one = connection(name, { connect, close });
    const other = connection(otherName, { connect: (config) => connect(config) });
    expect([one.instance, other.instance]).toEqual([{ url: '/1' }, { url: '/o' }]);
    expect(connect).toHaveBeenCalledTimes(2);
    const before = other.instance;
    one.reset();
    expect(close).toHaveBeenCalledTimes(1);
    one.instance;
    expect(connect).toHaveBeenCalledTimes(3);
    setConfig({ connections: { [name]: { url: '/2' } } });
    expect(close).toHaveBeenCalledTimes(2);
    expect(one.instance).toEqual({ url: '/2' });
    expect(connect).toHaveBeenCalledTimes(4);
    setConfig({ somethingElse: count, connections: { [fresh()]: { url: '/n' } } });
    setConfig({ connections: { [name]: { url: '/2' } } });
    one.instance;
    expect(other.instance).toBe(before);
    expect(connect).toHaveBeenCalledTimes(4);
  });

  it('[CAC-198] points to .instance, lets frameworks ask, and cannot be written', async () => {
    const handle = connection(fresh(), () => ({ execute: () => 1 })) as unknown as Record<string, () => unknown>;
    expect(() => handle['execute']).toThrow(/\.instance/);
    expect((handle['instance'] as never as { execute(): number }).execute()).toBe(1);
    expect(handle['then']).toBe(undefined);
    expect(await handle).toBe(handle);
    expect(handle['__v_isRef']).toBe(undefined);
    expect(`${handle}`).toBe('[object Connection]');
    expect(() => {
      handle['name'] = () => 1;
    }).toThrow(TypeError);
  });

  it('[CAC-198] takes the name behind env: from the configuration', () => {
    const name = fresh();
    setConfig({ DATABASE: name, connections: { [name]: { type: 'http', url: '/real' } } });
    expect(connection('env:DATABASE').name).toBe(name);
    expect(connection('env:DATABASE')).toBe(connection(name));
    expect(() => connection('env:MISSING')).toThrow(KeyError);
    expect(() => connection('env:MISSING')).toThrow(/MISSING/);
  });

  it('[CAC-199] asks once per text, params and ttl, and gives fresh copies', async () => {
    const query = vi.fn((_instance: unknown, text: string, params: unknown) => ({ text, params }));
    const handle = connection(fresh(), { connect: () => ({}), query });
    const first = await handle.query('a', { params: { n: 1 }, ttl: 60 });
    const second = await handle.query('a', { params: { n: 1 }, ttl: 60 });
    expect(first).toEqual({ text: 'a', params: { n: 1 } });
    expect(second).toEqual(first);
    expect(second).not.toBe(first);
    expect(query).toHaveBeenCalledTimes(1);
    await handle.query('a', { params: { n: 2 }, ttl: 60 });
    expect(query).toHaveBeenCalledTimes(2);
    await handle.query('b', { params: { n: 1 }, ttl: 60 });
    await handle.query('a', { params: { n: 1 }, ttl: 61 });
    await handle.query('a', { params: { n: 1 } });
    expect(query).toHaveBeenCalledTimes(5);
    handle.reset();
    await handle.query('a', { params: { n: 1 } });
    expect(query).toHaveBeenCalledTimes(5);
    handle.close();
    await handle.query('a', { params: { n: 1 } });
    expect(query).toHaveBeenCalledTimes(6);
    await expect(handle.query('a', { nope: 1 } as never)).rejects.toThrow(TypeError);
  });

  it('[CAC-199] tries three times, a second apart, with a reset between', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const connect = vi.fn(() => ({}));
    let failures = 2;
    const query = vi.fn(() => {
      if (failures-- > 0) throw new Error('down');
      return 'answer';
    });
    const handle = connection(fresh(), { connect, query });
    const answer = handle.query('a');
    await vi.advanceTimersByTimeAsync(999);
    expect(query).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(query).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(1000);
    expect(await answer).toBe('answer');
    expect(query).toHaveBeenCalledTimes(3);
    expect(connect).toHaveBeenCalledTimes(3);

    failures = 3;
    const refused = expect(handle.query('b')).rejects.toThrow('down');
    await vi.advanceTimersByTimeAsync(2000);
    await refused;
    expect(query).toHaveBeenCalledTimes(6);
    expect(await handle.query('b')).toBe('answer');
  });

  it('uses the query function of the instance, or says that there is none', async () => {
    const own = connection(fresh(), () => ({ query: (text: string, params: unknown) => [text, params] }));
    expect(await own.query('a', { params: [1] })).toEqual(['a', [1]]);
    const promised = connection(fresh(), async () => ({ query: (text: string) => text }));
    expect(await promised.query('p')).toBe('p');
    expect(promised.instance).toBeInstanceOf(Promise);
    await expect(connection(fresh(), () => ({})).query('a')).rejects.toThrow(/neither its type nor its instance/);
  });

  it.each(['global', 'session'] as const)('[CAC-200] closes once, with scope %s', async (scope) => {
    const close = vi.fn();
    const connect = vi.fn(() => ({}));
    const handle = connection(fresh(), { connect, close, scope });
    handle.close();
    expect(close).not.toHaveBeenCalled();
    const { instance } = handle;
    expect(handle.instance).toBe(instance);
    handle.close();
    handle.close();
    handle.reset();
    expect(close.mock.calls).toEqual([[instance]]);
    handle.instance;
    cacheResource.clear();
    expect(close).toHaveBeenCalledTimes(2);
    expect(connect).toHaveBeenCalledTimes(2);
  });

  it('closes what an async connect made', async () => {
    const close = vi.fn();
    const made = { n: 1 };
    const handle = connection(fresh(), { connect: async () => made, close });
    expect(await handle.instance).toBe(made);
    handle.close();
    await vi.waitFor(() => expect(close.mock.calls).toEqual([[made]]));
  });

  it('speaks http: url, headers, params, JSON and text', async () => {
    const asked = vi.fn(async (url: string, _init: RequestInit) =>
      url.includes('text') ? new Response('plain', { headers: { 'content-type': 'text/plain' } }) : json({ url }),
    );
    vi.stubGlobal('fetch', asked);
    const name = fresh();
    setConfig({ connections: { [name]: { url: '/api', headers: { 'x-a': '1', 'x-b': '2' } } } });
    const handle = connection(name, 'http', { headers: { 'x-b': '3' } });
    const params = { year: 2015, tag: ['a b', 'c'], none: undefined };
    expect(await handle.query('days', { params })).toEqual({ url: '/api/days?year=2015&tag=a%20b&tag=c' });
    const headersOf = (call: unknown[] | undefined): Headers => (call as [string, { headers: Headers }])[1].headers;
    expect([...headersOf(asked.mock.calls[0])]).toEqual([
      ['x-a', '1'],
      ['x-b', '3'],
    ]);
    expect(await handle.query('/text?a=1', { params: { b: 2 } })).toBe('plain');
    expect(asked.mock.calls.at(-1)?.[0]).toBe('/api/text?a=1&b=2');
    expect(await handle.instance.get('?q')).toEqual({ url: '/api?q' });
    await handle.instance.fetch('x', { method: 'POST', headers: { 'x-a': 'own' } });
    expect(headersOf(asked.mock.calls.at(-1)).get('x-a')).toBe('own');
    const slash = connection(fresh(), 'http', { url: 'https://h.example/' });
    expect(await slash.instance.get('/x')).toEqual({ url: 'https://h.example/x' });
    const bare = connection(fresh(), 'http');
    expect(await bare.instance.get('data.json')).toEqual({ url: 'data.json' });
  });

  it('calls what a type has on the type, which may be an instance of a class', async () => {
    class Sql {
      readonly log: string[] = [];
      connect(): { log: string[] } {
        return { log: this.log };
      }
      query(_instance: unknown, text: string): string {
        this.log.push(text);
        return `${this.log.length} ${text}`;
      }
      close(): void {
        this.log.push('closed');
      }
    }
    const sql = new Sql();
    const handle = connection(fresh(), sql);
    expect(await handle.query('a')).toBe('1 a');
    handle.close();
    expect(sql.log).toEqual(['a', 'closed']);
  });

  it('knows JSON by its media type in any case', async () => {
    for (const type of ['Application/JSON; charset=UTF-8', 'application/Problem+Json', 'application/json']) {
      vi.stubGlobal('fetch', async () => new Response('{"a":1}', { headers: { 'content-type': type } }));
      expect(await connection(fresh(), 'http').query('x'), type).toEqual({ a: 1 });
    }
  });

  it('[CAC-233] keeps two types of one name apart, and warns once of ten', async () => {
    const name = fresh();
    const make = (tenant: string) =>
      connection(name, { connect: () => ({ tenant }), query: (i: { tenant: string }, text) => `${i.tenant}:${text}` });
    const [a, b] = [make('a'), make('b')];
    expect(await Promise.all([a.query('q'), b.query('q'), a.query('q', { persist: true })])).toEqual([
      'a:q',
      'b:q',
      'a:q',
    ]);
    expect(await b.query('q', { persist: true })).toBe('b:q');
    const same = (): number => 1;
    const nested = (hook: () => number) => connection(name, same, { hooks: { hook } });
    const other = (): number => 1; // the same text
    expect(nested(same)).toBe(nested(same));
    expect(nested(same)).not.toBe(nested(other));
    expect(connection(name, same)).not.toBe(connection(name, other));
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    for (let i = 0; i < 30; i++) make(String(i));
    expect(warn.mock.calls.map((call) => String(call))).toEqual([expect.stringMatching(`connection\\("${name}"\\)`)]);
    warn.mockRestore();
  });

  it('[CAC-233] takes key, validate, cacheIf and onMessage of the call', async () => {
    let n = 0;
    const handle = connection(fresh(), {
      connect: async () => ({}),
      query: (_instance, text) => {
        emitter()(`asked ${text}`);
        return { text, n: ++n };
      },
    });
    const of = (user: string) => handle.query<{ n: number }>('profile', { key: () => user });
    expect([(await of('ann')).n, (await of('bob')).n, (await of('ann')).n]).toEqual([1, 2, 1]);
    const least = (min: number) =>
      handle.query<{ n: number }>('x', { cacheIf: (value) => (value as { n: number }).n >= min });
    expect([(await least(100)).n, (await least(0)).n, (await least(0)).n]).toEqual([3, 4, 4]);
    const valid = (isValid: boolean) => handle.query<{ n: number }>('v', { validate: () => isValid });
    expect([(await valid(true)).n, (await valid(true)).n, (await valid(false)).n, (await valid(true)).n]).toEqual([
      5, 5, 6, 6,
    ]);
    const one: unknown[] = [];
    const other: unknown[] = [];
    await handle.query('m', { onMessage: (message) => one.push(message) });
    await handle.query('m', { onMessage: (message) => other.push(message) });
    await handle.query('m', { onMessage: (message) => other.push(message) });
    expect(one).toEqual(['asked m']);
    expect(other).toEqual(['asked m', 'asked m']);
    const error = await handle.query('m', { nope: 1 } as never).catch((cause: Error) => cause.message);
    expect(error).toContain(`connection("${handle.name}")`);
    expect(error).not.toMatch(/[0-9a-f]{16}/);
  });

  it.each([
    [404, 1],
    [401, 1],
    [304, 1],
    [429, 3],
    [408, 3],
    [425, 3],
    [500, 3],
    [503, 3],
  ])('[CAC-233] http: after %i there are %i tries', async (status, count) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const fetch = vi.fn(
      async () => ({ ok: false, status, statusText: 'So', url: '', headers: new Headers() }) as Response,
    );
    vi.stubGlobal('fetch', fetch);
    const handle = connection(fresh(), 'http', { url: '/x' });
    const error = handle.query('a').catch((cause: unknown) => cause);
    await vi.advanceTimersByTimeAsync(3000);
    expect(await error).toMatchObject({ status, url: '/x/a', response: { status } });
    expect(await error).toMatchObject({ message: expect.stringContaining(`connection("${handle.name}")`) });
    expect(fetch).toHaveBeenCalledTimes(count);
  });

  it('[CAC-233] an own type may say that trying again is of no use', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    for (const [fields, count] of [
      [{ retry: false }, 1],
      [{ status: 403 }, 1],
      [{ status: 0 }, 3],
      [{ status: '404' }, 3],
    ] as const) {
      const query = vi.fn(() => {
        throw Object.assign(new Error('no'), fields);
      });
      const refused = expect(connection(fresh(), { connect: () => ({}), query }).query('a')).rejects.toThrow('no');
      await vi.advanceTimersByTimeAsync(3000);
      await refused;
      expect(query).toHaveBeenCalledTimes(count);
    }
  });

  it('[CAC-233] close() during a query, a pause or the connecting ends it for good', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const log: string[] = [];
    let fail: (error: Error) => void = () => {};
    let connected: ((instance: object) => void) | undefined;
    const type = {
      connect: () => {
        log.push('connect');
        return connected ? {} : new Promise<object>((resolve) => (connected = resolve));
      },
      query: () => new Promise((_resolve, reject) => (fail = reject)),
      close: () => void log.push('close'),
    };
    const handle = connection(fresh(), type);
    const early = expect(handle.query('early')).rejects.toThrow(/was closed/);
    await vi.advanceTimersByTimeAsync(0);
    handle.close();
    connected?.({});
    await early;
    expect(log).toEqual(['connect', 'close']);
    for (const when of [0, 500]) {
      const slow = expect(handle.query('slow')).rejects.toThrow('gone');
      await vi.advanceTimersByTimeAsync(0);
      if (when === 0) handle.close();
      fail(new Error('gone'));
      await vi.advanceTimersByTimeAsync(500);
      if (when) handle.close();
      await vi.advanceTimersByTimeAsync(3000);
      await slow;
    }
    expect(log).toEqual(['connect', 'close', 'connect', 'close', 'connect', 'close']);
  });

  it('[CAC-233] http: params as query-string takes them, URLSearchParams, Map and pairs', async () => {
    const fetch = vi.fn(async (_url: string, _init: RequestInit) => json(1));
    vi.stubGlobal('fetch', fetch);
    const handle = connection(fresh(), 'http', { url: '/api' });
    const cases: [params: unknown, url: string][] = [
      [new URLSearchParams({ id: '7' }), '/api/u?id=7'],
      [new URLSearchParams('a=1&a=2'), '/api/u?a=1&a=2'],
      [
        new Map<string, unknown>([
          ['id', 7],
          ['tag', ['x', 'y']],
        ]),
        '/api/u?id=7&tag=x&tag=y',
      ],
      [
        [
          ['id', 7],
          ['id', 8n],
        ],
        '/api/u?id=7&id=8',
      ],
      [{ d: new Date(0) }, '/api/u?d=1970-01-01T00%3A00%3A00.000Z'],
      [{ a: true, b: null, c: undefined, d: '', e: 'ä&=' }, '/api/u?a=true&b&d=&e=%C3%A4%26%3D'],
      [{}, '/api/u'],
      [null, '/api/u'],
    ];
    for (const [params, url] of cases) {
      await handle.query('u', { params });
      expect(fetch.mock.calls.at(-1)?.[0]).toBe(url);
    }
    await handle.query('u?x=1&id=2#top', { params: { id: 3 } });
    expect(fetch.mock.calls.at(-1)?.[0]).toBe('/api/u?x=1&id=3#top');
    const before = fetch.mock.calls.length;
    const wrong = [
      { f: { a: 1 } },
      { f: [[1]] },
      { f: [new Date(Number.NaN)] },
      'id=7',
      7,
      ['a'],
      [['a', 1, 2]],
      new Map([[1, 2]]),
      new Date(0),
    ];
    for (const params of wrong) await expect(handle.query('u', { params }), String(params)).rejects.toThrow(TypeError);
    await expect(handle.instance.get('u', { f: () => 1 })).rejects.toThrow(/"f" is of type function/);
    expect(fetch.mock.calls.length).toBe(before);
  });

  it('[CAC-233] http: a signal among the params ends the request and is no part of it', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const fetch = vi.fn(
      (_url: string, { signal }: RequestInit) =>
        new Promise<Response>((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
    );
    vi.stubGlobal('fetch', fetch);
    const controller = new AbortController();
    const params = { id: 1, signal: controller.signal };
    const asked = expect(connection(fresh(), 'http', { url: '/api' }).query('u', { params })).rejects.toThrow('enough');
    await vi.advanceTimersByTimeAsync(0);
    controller.abort(new Error('enough'));
    await asked;
    await vi.advanceTimersByTimeAsync(3000);
    expect(fetch.mock.calls.map(([url]) => url)).toEqual(['/api/u?id=1']);
  });

  it('[CAC-233] http: headers as anything that Headers takes', async () => {
    const fetch = vi.fn(async (_url: string, _init: RequestInit) => json(1));
    vi.stubGlobal('fetch', fetch);
    const name = fresh();
    setConfig({ connections: { [name]: { url: '/x', headers: { Authorization: 'old', 'x-a': '1' } } } });
    const headers = { authorization: 'new' };
    const sent = (): Headers => fetch.mock.calls.at(-1)![1].headers as Headers;
    for (const given of [headers, new Headers(headers), [['authorization', 'new']], { AUTHORIZATION: 'new' }]) {
      await connection(name, 'http', { headers: given }).query('u', { ttl: 0 });
      expect(['authorization', 'x-a'].map((header) => sent().get(header))).toEqual(['new', '1']);
    }
    expect(connection(name, 'http', { headers: new Headers(headers) })).toBe(
      connection(name, 'http', { headers: new Headers(headers) }),
    );
    await connection(name, 'http').query('u');
    expect(sent().get('authorization')).toBe('old');
  });

  it('rejects with the status where http fails', async () => {
    vi.stubGlobal('fetch', async () => json({ secret: 1 }, 404));
    await expect(connection(fresh(), 'http').instance.get('x')).rejects.toThrow(/404/);
  });
});

describe('config', () => {
  afterEach(() => {
    for (const element of document.querySelectorAll('script[data-tabstate-config]')) element.remove();
  });
  const page = (text: string): HTMLScriptElement => {
    const element = document.createElement('script');
    element.type = 'application/json';
    element.setAttribute('data-tabstate-config', '');
    element.textContent = text;
    document.head.append(element);
    return element;
  };

  it('[CAC-201] reads nested values in all ways', () => {
    page('{"pageA": {"b": 1, "list": [1, {"c": 2}], "get": "g", "__proto__": "p"}, "pageNull": null}');
    expect(config['pageA'].b).toBe(1);
    expect(config['pageA']['b']).toBe(1);
    expect(config.get('pageA')).toBe(config['pageA']);
    expect(config.require('pageNull')).toBe(null);
    expect('pageA' in config).toBe(true);
    expect('b' in config['pageA']).toBe(true);
    expect(['nope' in config, 'toString' in config['pageA']]).toEqual([false, false]);
    expect(config.get('nope', 'fallback')).toBe('fallback');
    expect(config['pageA'].get('get')).toBe('g');
    expect(config['pageA'].get('__proto__')).toBe('p');
    expect(config['pageA'].toDict()).toEqual(
      JSON.parse('{"b": 1, "list": [1, {"c": 2}], "get": "g", "__proto__": "p"}'),
    );
    const dict = config.toDict() as { pageA: { list: unknown[] } };
    dict.pageA.list.push(3);
    expect(config['pageA'].list).toHaveLength(2);
    expect(Object.isFrozen(config['pageA'].list)).toBe(true);
    expect({ ...config['pageA'] }.b).toBe(1);
  });

  it('[CAC-201] says where to add what is missing', () => {
    page('{"pageB": {}}');
    for (const read of [() => config['nope'], () => config['pageB'].nope, () => config.require('nope')]) {
      expect(read).toThrow(KeyError);
      expect(read).toThrow(/has no key "nope".*data-tabstate-config.*setConfig/);
      expect(read).toThrow(expect.objectContaining({ key: 'nope' }));
    }
    expect(config['then']).toBe(undefined);
    expect(JSON.stringify(config['pageB'])).toBe('{}');
  });

  it('[CAC-201] has no list in which anything can be changed', () => {
    setConfig({ lists: [{ x: [1] }, [{ y: 1 }]] });
    const { lists } = config;
    for (const write of [
      () => lists.push(1),
      () => (lists[0].x = 5),
      () => lists[0].x.push(2),
      () => (lists[1][0].y = 5),
      () => delete lists[0].x,
    ])
      expect(write).toThrow(TypeError);
    expect(config.lists).toEqual([{ x: [1] }, [{ y: 1 }]]);
    const own = config.toDict() as { lists: { x: number[] }[] };
    own.lists[0]!.x.push(2);
    expect(config.lists[0].x).toEqual([1]);
  });

  it('[CAC-201] cannot be written', () => {
    page('{"pageC": {"b": 1}}');
    expect(() => Object.assign(config, { pageC: 2 })).toThrow(TypeError);
    expect(() => Object.assign(config['pageC'], { b: 2 })).toThrow(/setConfig/);
    expect(() => Reflect.deleteProperty(config['pageC'], 'b')).toThrow(TypeError);
    expect(config['pageC'].b).toBe(1);
    for (const wrong of [null, 1, 'x', [], new Map()]) expect(() => setConfig(wrong as never)).toThrow(TypeError);
  });

  it('[CAC-201] is laid over by setConfig, with one event per change', () => {
    page('{"pageD": {"b": 1, "c": 2}}');
    const told = vi.fn();
    const end = config.subscribe(told);
    const values = { pageD: { b: 3, list: [1] } };
    setConfig(values);
    values.pageD.list.push(2);
    expect(config['pageD'].toDict()).toEqual({ b: 3, c: 2, list: [1] });
    expect(told).toHaveBeenCalledTimes(1);
    setConfig({ pageD: { b: 3 } });
    expect(told).toHaveBeenCalledTimes(1);
    setConfig({ pageD: { b: undefined } });
    expect('b' in config['pageD']).toBe(false);
    expect(told).toHaveBeenCalledTimes(2);
    end();
    setConfig({ pageD: undefined });
    expect(told).toHaveBeenCalledTimes(2);
  });

  it('[CAC-201] tells of changes that no JSON shows, and takes what no JSON holds', () => {
    const told = vi.fn();
    const end = config.subscribe(told);
    const [one, two] = [() => 1, () => 2];
    const steps: unknown[] = [5n, 6n, one, two, NaN, null, new Map([[1, 1]]), new Map([[1, 2]]), [1n], [one], [NaN]];
    for (const [i, odd] of steps.entries()) {
      setConfig({ odd });
      expect(told, `step ${i}`).toHaveBeenCalledTimes(i + 1);
      setConfig({ odd });
      expect(told, `step ${i} again`).toHaveBeenCalledTimes(i + 1);
    }
    setConfig({ odd: { a: 1, b: [{ c: 1, d: 2 }] } });
    setConfig({ odd: { b: [{ d: 2, c: 1 }], a: 1 } });
    expect(told).toHaveBeenCalledTimes(steps.length + 1);
    setConfig({ odd: { b: [{ d: 2 }] } });
    setConfig({ odd: { b: [{ e: 2 }] } });
    setConfig({ odd: undefined });
    expect(told).toHaveBeenCalledTimes(steps.length + 4);
    end();
  });

  it('[CAC-201] fails when it is read, not before, where there is no JSON object', () => {
    expect(() => config['absent']).toThrow(KeyError);
    for (const text of ['{"secret": ', '[1]', '"x"', 'null', '']) {
      const element = page(text);
      expect(() => config['absent'], text).toThrow(/config: .*not a JSON object/);
      expect(() => config.get('absent')).not.toThrow(/secret/);
      element.remove();
    }
  });
});
