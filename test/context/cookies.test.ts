// context.cookies, setCookie and removeCookie.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { context, createContext, KeyError, removeCookie, setCookie } from '../../src/index.js';

const all = (cookies: Iterable<[string, string]> & { toDict(): object }): unknown[] => [
  { ...cookies },
  Object.fromEntries(Object.keys(cookies).map((name) => [name, (cookies as never)[name]])),
  Object.fromEntries(cookies),
  cookies.toDict(),
  JSON.parse(JSON.stringify(cookies)),
];
const own = (cookie: string): typeof context.cookies =>
  createContext({ document: () => ({ cookie, defaultView: window }) as unknown as Document }).cookies;
const bring = (...pairs: string[]): void => {
  for (const pair of pairs) document.cookie = `${pair}; path=/`;
};
afterEach(() => {
  vi.restoreAllMocks();
});

describe('context.cookies', () => {
  it('[CTX-33] agrees in all ways of reading', () => {
    bring('a=1', 'b=2');
    expect([context.cookies['a'], context.cookies.get('a'), context.cookies.require('a')]).toEqual(['1', '1', '1']);
    expect(context.cookies.getAll('a')).toEqual(['1']);
    for (const dict of all(context.cookies)) expect(dict).toEqual({ a: '1', b: '2' });
    expect(context.cookies).toBe(context.cookies);
  });

  it('[CTX-34] has undefined, a fallback or a KeyError for what is missing', () => {
    bring('a=1');
    expect(context.cookies['x']).toBe(undefined);
    expect(context.cookies.get('x')).toBe(undefined);
    expect(context.cookies.get('x', 'd')).toBe('d');
    expect(context.cookies.getAll('x')).toEqual([]);
    expect([context.cookies.has('x'), context.cookies.has('a')]).toEqual([false, true]);
    expect('A' in context.cookies).toBe(false);
    expect('a' in context.cookies).toBe(true);
    expect(() => context.cookies.require('x')).toThrow(KeyError);
    expect(() => context.cookies.require('x')).toThrow(expect.objectContaining({ key: 'x' }));
  });

  const names = ['constructor', 'toString', 'hasOwnProperty', 'valueOf', '__proto__'];

  it.each(names)('[CTX-35] does not know %s', (name) => {
    expect(context.cookies[name]).toBe(undefined);
    expect(context.cookies.get(name)).toBe(undefined);
    expect(name in context.cookies).toBe(false);
    expect(Object.keys(context.cookies)).toEqual([]);
  });

  it('[CTX-36] has cookies of these names', () => {
    bring(...names.map((name) => `${name}=of ${name}`));
    for (const name of names) {
      expect(context.cookies[name]).toBe(`of ${name}`);
      expect(context.cookies.get(name)).toBe(`of ${name}`);
      expect(name in context.cookies).toBe(true);
      expect(Object.getOwnPropertyDescriptor(context.cookies.toDict(), name)?.value).toBe(`of ${name}`);
    }
    expect(Object.keys(context.cookies).sort()).toEqual([...names].sort());
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
    expect(({} as Record<string, unknown>)['constructor']).toBe(Object);
  });

  it('[CTX-37] keeps its methods', () => {
    bring('get=text', 'a=1');
    expect(context.cookies.get('get')).toBe('text');
    expect(context.cookies.toDict()).toEqual({ get: 'text', a: '1' });
    expect([...context.cookies]).toEqual(
      expect.arrayContaining([
        ['get', 'text'],
        ['a', '1'],
      ]),
    );
    expect(context.cookies.get).toBeTypeOf('function');
    expect(Object.keys(context.cookies)).toEqual(['a']);
    expect(context.cookies.has('get')).toBe(true);
    expect(context.cookies.getAll('get')).toEqual(['text']);
  });

  it('[CTX-38] decodes percent groups', () => {
    bring('a=%E5%8C%97%20x', 'b=a%20b%3D', '%41n=1');
    expect(context.cookies.toDict()).toEqual({ a: '北 x', b: 'a b=', An: '1' });
  });

  it('[CTX-39] gives badly encoded texts as they are', () => {
    bring('bad=%FF', 'cut=%E0%A4%A', 'pct=100%', 'ok=1');
    expect(context.cookies.toDict()).toEqual({ bad: '%FF', cut: '%E0%A4%A', pct: '100%', ok: '1' });
    expect(own('%FF=name; "%41"="%42 c"').toDict()).toEqual({ '%FF': 'name', '"A"': 'B c' });
  });

  it('[CTX-40] takes a pair of quotes off and parses nothing', () => {
    const pairs = ['q="q v"', 'h="abc', 'e=a=b==', 'p=a+b', 'j={"a":1}', 't=true', 'n=007'];
    const dict = { q: 'q v', h: '"abc', e: 'a=b==', p: 'a+b', j: '{"a":1}', t: 'true', n: '007' };
    expect(own(pairs.join('; ')).toDict()).toEqual(dict);
    expect(own('a="; b=""; c=abc"; d=').toDict()).toEqual({ a: '"', b: '', c: 'abc"', d: '' });
    bring(...pairs);
    expect(context.cookies.toDict()).toEqual(dict);
  });

  it('[CTX-41] gives the first of several, and all', () => {
    const cookies = own('dup=sub; other=1; dup=root');
    expect(cookies['dup']).toBe('sub');
    expect(cookies.getAll('dup')).toEqual(['sub', 'root']);
    expect([...cookies]).toEqual([
      ['dup', 'sub'],
      ['other', '1'],
    ]);
    cookies.getAll('dup').pop();
    expect(cookies.getAll('dup')).toHaveLength(2);
  });

  it('[CTX-42] leaves out cookies without a name', () => {
    expect(own('nameless; a=1; =x=y; ').toDict()).toEqual({ a: '1' });
  });

  it('[CTX-44] shows a cookie that anybody wrote', () => {
    expect(context.cookies['n']).toBe(undefined);
    bring('n=1');
    expect(context.cookies['n']).toBe('1');
    bring('n=2');
    expect(context.cookies['n']).toBe('2');
  });

  it('[CTX-48] is empty where cookies are refused', () => {
    const refusing = {
      get cookie(): string {
        throw new DOMException('sandboxed', 'SecurityError');
      },
      defaultView: window,
      URL: 'about:srcdoc',
    } as unknown as Document;
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const framed = createContext({ document: () => refusing });
    expect(framed.cookies.toDict()).toEqual({});
    framed.subscribe('cookies', () => {})();
    expect(warn).not.toHaveBeenCalled();
  });
});

describe('context.subscribe("cookies")', () => {
  it('[CTX-46] [CTX-47] tells of setCookie and removeCookie at once, and of nothing else', () => {
    const told = vi.fn();
    const end = context.subscribe('cookies', (now, before) => told({ ...before }, { ...now }));
    setCookie('a', '1');
    expect(told.mock.calls).toEqual([[{}, { a: '1' }]]);
    setCookie('a', '1');
    expect(told).toHaveBeenCalledTimes(1);
    setCookie('a', '2');
    removeCookie('a');
    expect(told.mock.calls.slice(1)).toEqual([
      [{ a: '1' }, { a: '2' }],
      [{ a: '2' }, {}],
    ]);
    end();
    setCookie('a', '3');
    expect(told).toHaveBeenCalledTimes(3);
  });

  it.each(['focus', 'pageshow'])('[CTX-47] looks again at %s', async (type) => {
    const told = vi.fn();
    const own = createContext();
    const end = own.subscribe('cookies', told);
    bring('foreign=1');
    window.dispatchEvent(new Event(type));
    await vi.waitFor(() => expect(told).toHaveBeenCalledOnce());
    end();
    expect(told.mock.calls[0]?.map((dict) => dict.foreign)).toEqual(['1', undefined]);
  });

  it('tells of a change that a read finds, in the microtask', async () => {
    // nothing but the read can tell: no events of this window
    const page = { cookie: '', defaultView: new EventTarget() } as unknown as Document;
    (page.defaultView as unknown as { document: EventTarget }).document = new EventTarget();
    const own = createContext({ document: () => page });
    const told = vi.fn();
    const end = own.subscribe('cookies', told);
    page.cookie = 'a=1';
    expect(own.cookies['a']).toBe('1');
    expect(told).not.toHaveBeenCalled();
    await Promise.resolve();
    expect(told).toHaveBeenCalledOnce();
    page.cookie = 'a=1; ';
    own.cookies['a'];
    await Promise.resolve();
    expect(told).toHaveBeenCalledOnce();
    end();
  });

  it('tells what a listener set after the others were told', () => {
    const told: unknown[] = [];
    const ends = [
      context.subscribe('cookies', (now) => {
        if (now['a'] === '1') setCookie('a', '2');
      }),
      context.subscribe('cookies', (now, before) => told.push([before['a'], now['a']])),
    ];
    setCookie('a', '1');
    for (const end of ends) end();
    expect(told).toEqual([
      [undefined, '1'],
      ['1', '2'],
    ]);
  });
});

describe('setCookie', () => {
  /** What reaches the browser. */
  const written = (...args: Parameters<typeof setCookie>): string => {
    const texts: string[] = [];
    const write = vi.spyOn(document, 'cookie', 'set').mockImplementation((text) => texts.push(text));
    setCookie(...args);
    write.mockRestore();
    expect(texts).toHaveLength(1);
    return texts[0] as string;
  };

  it('[CTX-49] has safe defaults', () => {
    setCookie('a', 'ü; x');
    expect(context.cookies['a']).toBe('ü; x');
    expect(written('a', 'ü; x').toLowerCase()).toMatch(/^a=%c3%bc%3b%20x; path=\/; samesite=lax(; secure)?$/);
  });

  it('takes attributes of js-cookie, and passes others on', () => {
    const expires = new Date(Date.UTC(2030, 0, 2));
    expect(written('a', 'b', { expires, path: '/deep', domain: 'h.example', sameSite: 'Strict' })).toMatch(
      /^a=b; path=\/deep; sameSite=Strict;.*expires=Wed, 02 Jan 2030 00:00:00 GMT; domain=h\.example$/,
    );
    expect(written('a', 'b', { 'max-age': 60, priority: 'High' })).toMatch(/; max-age=60; priority=High$/);
    const days = /expires=([^;]+)/.exec(written('a', 'b', { expires: 30 }))?.[1] as string;
    expect(Math.abs(Date.parse(days) - Date.now() - 30 * 864e5)).toBeLessThan(10_000);
    expect(written('a', 'b', { path: undefined, sameSite: undefined })).toMatch(/^a=b; path=\/; sameSite=Lax/);
    const given = Object.freeze({ expires: 1 });
    setCookie('a', 'b', given);
    expect(given).toEqual({ expires: 1 });
  });

  it.each([
    ['a', { sameSite: 'None' as const }],
    ['a', { partitioned: true }],
    ['__Secure-a', { secure: false }],
    ['__Host-a', { secure: false }],
  ])('makes %s with %j secure', (name, attributes) => {
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    expect(written(name, 'x', attributes)).toMatch(/; secure(;|$)/);
  });

  it('keeps every text', () => {
    const texts = ['', ' a ', 'a;b,c=d', '"', '"q"', '%', '%41', '+', '\n', '𐐷', 'null', '\\'];
    for (const text of texts) {
      setCookie('text', text);
      expect(context.cookies['text'], JSON.stringify(text)).toBe(text);
    }
    for (const name of ['a b', 'ü', 'a;b', 'a=b', '(x)', '"x"', '%41', 'constructor']) {
      setCookie(name, 'n');
      expect(context.cookies.get(name), name).toBe('n');
      removeCookie(name);
      expect(context.cookies.get(name), name).toBe(undefined);
    }
    for (const [value, text] of [
      [7, '7'],
      [true, 'true'],
      [12n, '12'],
    ] as const) {
      setCookie('typed', value as never);
      expect(context.cookies['typed']).toBe(text);
    }
  });

  it('[CTX-51] refuses what cannot be a cookie, without showing the value', () => {
    const secret = 'qwertz';
    const wrong: [string, unknown, object?][] = [
      ['', secret],
      ['a\nb', secret],
      ['a\ud800', secret],
      // WebKit's \p{Cs} passes over one before U+FEFF
      ['a\ud800\ufeff', secret],
      [undefined as never, secret],
      ['a', undefined],
      ['a', null],
      ['a', { secret }],
      ['a', [secret]],
      ['a', Symbol(secret)],
      ['a', () => secret],
      ['a', `${secret}\ud800`],
      ['a', `${secret}\udc00\ufeff`],
      ['a', secret, { path: '/;x' }],
      ['a', secret, { domain: 'h\n' }],
      ['a', secret, { 'b;c': true }],
      ['a', secret, { other: {} }],
      ['a', secret, { expires: Number.NaN }],
      ['a', secret, { expires: Number.POSITIVE_INFINITY }],
      ['a', secret, { expires: new Date(Number.NaN) }],
      ['a', secret, { expires: 'tomorrow' }],
      ['__Host-a', secret, { domain: 'h.example' }],
      ['__Host-a', secret, { path: '/x' }],
    ];
    const before = document.cookie;
    for (const [name, value, attributes] of wrong) {
      const call = (): void => setCookie(name, value as never, attributes as never);
      expect(call, JSON.stringify([name, attributes])).toThrow(TypeError);
      expect(call).toThrow(/^setCookie(\("[^"]+"\))?: .*\.$/s);
      expect(call).not.toThrow(secret);
    }
    expect(() => setCookie('a', undefined as never)).toThrow(/removeCookie\("a"\)/);
    expect(() => removeCookie('')).toThrow(/^removeCookie: /);
    expect(document.cookie).toBe(before);
  });

  it('[CTX-52] warns once per name of what is too long', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const value = 'v'.repeat(5000);
    setCookie('too-long', value);
    setCookie('too-long', value);
    expect(warn).toHaveBeenCalledOnce();
    expect(String(warn.mock.calls[0])).toMatch(/too-long.*cookie-refused/s);
    expect(String(warn.mock.calls[0])).not.toContain('vv');
    setCookie('fits', 'v'.repeat(4092));
    expect(warn).toHaveBeenCalledOnce();
    setCookie('fits', 'v'.repeat(4093));
    expect(warn).toHaveBeenCalledTimes(2);
    setCookie('ü', 'ü'.repeat(700));
    expect(warn).toHaveBeenCalledTimes(3);
  });

  it('[CTX-48] warns once where cookies are refused', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    vi.spyOn(document, 'cookie', 'set').mockImplementation(() => {
      throw new DOMException('sandboxed', 'SecurityError');
    });
    setCookie('refused', 'secret');
    setCookie('refused', 'secret');
    removeCookie('refused');
    expect(warn).toHaveBeenCalledOnce();
    expect(String(warn.mock.calls[0])).toContain('cookie-refused');
    expect(String(warn.mock.calls[0])).not.toContain('secret');
  });
});

describe('a cookie as a server spells it', () => {
  const spelt = [
    ['user[name]', 'user[name]'],
    ['app:session', 'app:session'],
    ['a@b', 'a@b'],
    ['a(b)', 'a(b)'],
    ['a/b', 'a/b'],
    ['%41', 'A'],
    ['%41%42', 'AB'],
    ['sp%20ace', 'sp ace'],
    ['%A1', '%A1'],
    ['100%', '100%'],
    ['ü', 'ü'],
  ] as const;

  it.each(spelt)('[CTX-61] %s is replaced under the name that is listed', (raw, name) => {
    bring(`${raw}=1`, 'other=1');
    // WebKit takes no script's cookie that is not ASCII
    expect(context.cookies[name]).toBe(document.cookie.includes(raw) ? '1' : undefined);
    setCookie(name, '2');
    expect(context.cookies[name]).toBe('2');
    expect(context.cookies.getAll(name)).toEqual(['2']);
    setCookie(name, '3', { expires: 1 });
    expect(context.cookies.getAll(name)).toEqual(['3']);
    removeCookie(name);
    expect(context.cookies.toDict()).toEqual({ other: '1' });
  });

  it('[CTX-61] all go under the names that are listed', () => {
    bring(...spelt.map(([raw]) => `${raw}=1`), 'A=2', '"q"=1', 'plain=1');
    expect(Object.keys(context.cookies)).toHaveLength(document.cookie.includes('ü') ? 13 : 12);
    for (const name of Object.keys(context.cookies)) removeCookie(name);
    expect(context.cookies.toDict()).toEqual({});
    expect(document.cookie).toBe('');
  });

  it('[CTX-61] goes by a write that ends at once', () => {
    bring('app:session=1', '%41=1');
    setCookie('app:session', 'x', { expires: -1 });
    setCookie('A', 'x', { maxAge: 0 });
    expect(document.cookie).toBe('');
  });

  it('[CTX-61] one write that nobody reads leaves one cookie', async () => {
    bring('%41=1');
    setCookie('A', '2');
    await vi.waitFor(() => expect(document.cookie).toBe('A=2'));
  });
});

describe('what a browser ignores', () => {
  let count = 0;
  const fresh = (): string => `ignored-${++count}-${Math.random()}`;
  /** What is told of names that are made from now on: what a test before wrote may be missed still. */
  const warnings = (): (() => string[]) => {
    const before = count;
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const isNew = (text: string): boolean => Number(/ignored-(\d+)-/.exec(text)?.[1]) > before;
    return () => warn.mock.calls.map(([text]) => String(text)).filter(isNew);
  };

  it.each(['httpOnly', 'HttpOnly', 'httponly'])('[CTX-62] %s is a TypeError: scripts cannot', (attribute) => {
    const call = (): void => setCookie('a', 'secret', { [attribute]: true });
    expect(call).toThrow(TypeError);
    expect(call).toThrow(/setCookie\("a"\): .*HttpOnly/);
    expect(call).not.toThrow('secret');
    setCookie('a', '1', { [attribute]: false });
    expect(context.cookies['a']).toBe('1');
  });

  it.each(['example.com', '.example.com', 'other.example'])('[CTX-62] a cookie for %s is warned of once', (domain) => {
    const told = warnings();
    const name = fresh();
    setCookie(name, 'secret', { domain });
    setCookie(name, 'secret', { domain });
    expect(told()).toHaveLength(1);
    expect(told()[0]).toMatch(/domain.*cookie-refused/s);
    expect(told()[0]).toContain(name);
    expect(told()[0]).not.toContain('secret');
  });

  it('[CTX-62] maxAge is max-age, in seconds', () => {
    const texts: string[] = [];
    const write = vi.spyOn(document, 'cookie', 'set').mockImplementation((text) => texts.push(text));
    setCookie('a', 'b', { maxAge: 60 });
    setCookie('a', 'b', { maxAge: 1.9 });
    setCookie('a', 'b', { 'max-age': 7 });
    write.mockRestore();
    expect(texts.map((text) => /max-?age=[^;]*/i.exec(text)?.[0])).toEqual(['max-age=60', 'max-age=1', 'max-age=7']);
    for (const maxAge of [Number.NaN, Number.POSITIVE_INFINITY, 'soon'])
      expect(() => setCookie('a', 'b', { maxAge } as never)).toThrow(/"maxAge"/);
  });

  it('[CTX-62] attributes count in any case', () => {
    const texts: string[] = [];
    const write = vi.spyOn(document, 'cookie', 'set').mockImplementation((text) => texts.push(text));
    setCookie('a', 'b', { Path: '/deep', SAMESITE: 'None', Domain: location.hostname });
    write.mockRestore();
    expect(texts[0]?.match(/path=[^;]*/gi)).toEqual(['path=/deep']);
    expect(texts[0]?.match(/samesite=[^;]*/gi)).toEqual(['sameSite=None']);
    expect(texts[0]).toMatch(/; secure(;|$)/);
  });

  it('[CTX-62] takes a Date of another realm', () => {
    const frame = document.body.appendChild(document.createElement('iframe'));
    const OtherDate = (frame.contentWindow as unknown as { Date?: DateConstructor } | null)?.Date ?? Date;
    const texts: string[] = [];
    const write = vi.spyOn(document, 'cookie', 'set').mockImplementation((text) => texts.push(text));
    setCookie('a', 'b', { expires: new OtherDate(Date.UTC(2030, 0, 2)) });
    write.mockRestore();
    expect(texts[0]).toMatch(/expires=Wed, 02 Jan 2030 00:00:00 GMT/);
    expect(() => setCookie('a', 'b', { expires: new OtherDate(Number.NaN) })).toThrow(TypeError);
    frame.remove();
  });

  it('a cookie that is not there after the write is warned of once', async () => {
    const told = warnings();
    const [lost, elsewhere, ended, kept] = [fresh(), fresh(), fresh(), fresh()];
    setCookie(elsewhere, 'secret', { path: '/somewhere/else' });
    setCookie(ended, 'secret', { expires: -1 });
    setCookie(kept, 'secret');
    // as where cookies are blocked: the write is dropped without a word
    const write = vi.spyOn(document, 'cookie', 'set').mockImplementation(() => {});
    setCookie(lost, 'secret');
    setCookie(lost, 'secret2');
    await vi.waitFor(() => expect(told()).toHaveLength(1));
    write.mockRestore();
    expect(told()[0]).toContain(lost);
    expect(told()[0]).toMatch(/cookie-refused/);
    expect(told()[0]).not.toContain('secret');
    setCookie(elsewhere, '', { path: '/somewhere/else', expires: -1 });
  });

  it('a cookie that other code wrote over is not missed', async () => {
    const told = warnings();
    const name = fresh();
    setCookie(name, '1');
    document.cookie = `${name}=2; path=/`;
    const last = fresh();
    const write = vi.spyOn(document, 'cookie', 'set').mockImplementation(() => {});
    setCookie(last, '1');
    write.mockRestore();
    await vi.waitFor(() => expect(told()).toHaveLength(1));
    expect(told()[0]).toContain(last);
    removeCookie(name);
  });

  it('a cookie that was removed again is not missed', async () => {
    const told = warnings();
    const name = fresh();
    setCookie(name, '1');
    removeCookie(name);
    const last = fresh();
    setCookie(last, '1', { domain: 'example.com' });
    await vi.waitFor(() => expect(told()).toHaveLength(1));
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(told()).toHaveLength(1);
  });
});
