// context: its facts, its notations, who hears of changes.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Context, type ContextFacts, context, createContext, KeyError, setCookie } from '../../src/index.js';

const names = [
  'cookies',
  'headers',
  'ipAddress',
  'isEmbedded',
  'locale',
  'locales',
  'theme',
  'timezone',
  'timezoneOffset',
  'url',
] as const;
const C = context as Context & Record<string, unknown>;
/** Runs sloppily: classic scripts do not see a trap that returns false. */
const sloppy = (body: string): (() => void) => new Function('C', body).bind(null, context);

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe('context', () => {
  it('[CTX-1] has its facts by dot, by bracket and for in', () => {
    expect(C['timezone']).toBe(context.timezone);
    expect('timezone' in C).toBe(true);
    expect('nope' in C).toBe(false);
    expect('subscribe' in C).toBe(false);
  });

  it('[CTX-2] refuses other names and lists the ten', () => {
    const calls: [string, () => unknown][] = [
      ['nope', () => C['nope']],
      ['timezone_offset', () => C['timezone_offset']],
      ['nope', () => context.subscribe('nope' as 'url', () => {})],
      ['nope', () => context.ref('nope' as 'url')],
      ['hasOwnProperty', () => context.subscribe('hasOwnProperty' as 'url', () => {})],
    ];
    for (const [key, call] of calls) {
      let error: unknown;
      try {
        call();
      } catch (thrown) {
        error = thrown;
      }
      expect(error).toBeInstanceOf(KeyError);
      expect((error as KeyError).key).toBe(key);
      for (const name of names) expect((error as KeyError).message).toContain(name);
    }
  });

  it('[CTX-3] lets await, JSON, templates, the console and frameworks ask', async () => {
    expect(await C).toBe(context);
    expect(JSON.parse(JSON.stringify(C))).toMatchObject({
      timezone: context.timezone,
      theme: { type: context.theme.type },
    });
    expect(`${C}`).toBe('[object Context]');
    expect(String(context.cookies)).toBe('[object Cookies]');
    expect(Object.prototype.toString.call(C)).toBe('[object Context]');
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    console.log(C);
    expect(log).toHaveBeenCalledOnce();
    for (const probe of ['then', 'toJSON', '__v_isRef', '__v_skip', '$$typeof', '@@iterator', 'nodeType', 'tagName'])
      expect(C[probe]).toBeUndefined();
    for (const probe of ['asymmetricMatch', 'inspect', 'length', Symbol.iterator, Symbol('x')])
      expect(Reflect.get(C, probe)).toBeUndefined();
    expect(C['constructor']).toBe(Object);
    expect(Object.hasOwn(C, 'url')).toBe(true);
    expect(Object.hasOwn(C, 'nope')).toBe(false);
  });

  it('[CTX-4] cannot be written, in strict and in sloppy code', () => {
    document.cookie = 'kept=1; path=/';
    const before = [document.cookie, context.locale, context.theme.type];
    const writes = [
      "C.locale = 'x'",
      'delete C.locale',
      "C.theme.type = 'dark'",
      "C.cookies.a = 'b'",
      "C.cookies.get = 'b'",
      'delete C.cookies.kept',
      "C.headers.a = 'b'",
      'delete C.headers.a',
      "Object.defineProperty(C, 'locale', { value: 'x' })",
      "Object.defineProperty(C, 'locale', { get() {} })",
      'Object.freeze(C)',
      'Object.setPrototypeOf(C.cookies, null)',
      "C[Symbol('x')] = 1",
    ];
    for (const write of writes) {
      expect(sloppy(write), write).toThrow(TypeError);
      expect(sloppy(`'use strict'; ${write}`), write).toThrow(TypeError);
    }
    expect(sloppy("C.cookies.a = 'b'")).toThrow(/setCookie/);
    expect([document.cookie, context.locale, context.theme.type]).toEqual(before);
  });

  it('[CTX-5] lists ten names and gives plain copies', () => {
    document.cookie = 'plain=1; path=/';
    expect(Object.keys(C).sort()).toEqual([...names]);
    expect(Object.keys({ ...context }).sort()).toEqual([...names]);
    const dict = context.toDict() as Record<string, Record<string, unknown>>;
    expect(Object.keys(dict).sort()).toEqual([...names]);
    expect(structuredClone(dict)).toEqual(dict);
    dict['theme']!['type'] = 'changed';
    dict['cookies']!['plain'] = 'changed';
    (dict['locales'] as unknown as string[]).push('changed');
    dict['url'] = {};
    expect(context.theme.type).not.toBe('changed');
    expect(context.cookies['plain']).toBe('1');
    expect(context.locales).not.toContain('changed');
    expect(context.url).toBeTypeOf('string');
  });

  it('tells one listener after the other, also when one throws', () => {
    const report = vi.fn();
    vi.stubGlobal('reportError', report);
    const told: string[] = [];
    const ends = [
      context.subscribe('cookies', () => {
        told.push('first');
        throw new Error('a listener failed');
      }),
      context.subscribe('cookies', () => told.push('second')),
    ];
    setCookie('told', '1');
    expect(told).toEqual(['first', 'second']);
    expect(report).toHaveBeenCalledOnce();
    for (const end of ends) {
      end();
      end();
    }
    setCookie('told', '2');
    expect(told).toEqual(['first', 'second']);
    vi.unstubAllGlobals();
  });
});

describe('context facts', () => {
  it('[CTX-10] names the languages', () => {
    expect(context.locale).toBe(navigator.language);
    expect(context.locales).toContain(navigator.language);
    expect(Object.isFrozen(context.locales)).toBe(true);
    expect(context.locales).toBe(context.locales);
  });

  it.each(['C', '', 'POSIX'])('[CTX-11] skips the language %j', (language) => {
    vi.spyOn(navigator, 'language', 'get').mockReturnValue(language);
    const { locale } = createContext();
    if (locale !== null) expect(() => new Intl.Locale(locale)).not.toThrow();
    expect(locale).not.toBe(language);
    vi.spyOn(navigator, 'languages', 'get').mockReturnValue([language]);
    const other = createContext();
    expect(other.locale === null || new Intl.Locale(other.locale)).toBeTruthy();
    expect(other.locales).toEqual([]);
    expect(Object.isFrozen(other.locales)).toBe(true);
  });

  it('[CTX-12] tells of another language once', () => {
    const listener = vi.fn();
    const lists = vi.fn();
    const before = context.locale;
    const ends = [context.subscribe('locale', listener), context.subscribe('locales', lists)];
    vi.spyOn(navigator, 'language', 'get').mockReturnValue('fr-CA');
    vi.spyOn(navigator, 'languages', 'get').mockReturnValue(['fr-CA', 'fr', 'C']);
    window.dispatchEvent(new Event('languagechange'));
    window.dispatchEvent(new Event('languagechange'));
    for (const end of ends) end();
    expect(listener.mock.calls).toEqual([['fr-CA', before]]);
    expect(lists).toHaveBeenCalledOnce();
    expect(lists.mock.calls[0]?.[0]).toEqual(['fr-CA', 'fr']);
  });

  it('[CTX-14] has no time zone where Intl knows none', () => {
    const { format, ...real } = new Intl.DateTimeFormat().resolvedOptions() as never as Record<string, unknown>;
    for (const timeZone of ['Etc/Unknown', '', undefined]) {
      const asked = vi.spyOn(Intl.DateTimeFormat.prototype, 'resolvedOptions');
      asked.mockReturnValue({ ...real, timeZone } as never);
      expect(createContext().timezone).toBe(null);
      asked.mockRestore();
    }
  });

  it('[CTX-16] follows daylight saving', () => {
    const offset = vi.spyOn(Date.prototype, 'getTimezoneOffset').mockReturnValue(-60);
    expect(context.timezoneOffset).toBe(-60);
    offset.mockReturnValue(-120);
    expect(context.timezoneOffset).toBe(-120);
  });

  it('[CTX-17] tells of another time zone when the page is seen again', () => {
    const own = createContext();
    const zone = vi.fn();
    const minutes = vi.fn();
    const before = [own.timezone, own.timezoneOffset];
    const ends = [own.subscribe('timezone', zone), own.subscribe('timezoneOffset', minutes)];
    const real = new Intl.DateTimeFormat().resolvedOptions();
    vi.spyOn(Date.prototype, 'getTimezoneOffset').mockReturnValue(-345);
    vi.spyOn(Intl.DateTimeFormat.prototype, 'resolvedOptions').mockReturnValue({ ...real, timeZone: 'Asia/Kathmandu' });
    document.dispatchEvent(new Event('visibilitychange'));
    window.dispatchEvent(new Event('focus'));
    for (const end of ends) end();
    expect(zone.mock.calls).toEqual([['Asia/Kathmandu', before[0]]]);
    expect(minutes.mock.calls).toEqual([[-345, before[1]]]);
  });

  it('asks Intl for the time zone once a second', () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const own = createContext();
    const asked = vi.spyOn(Intl.DateTimeFormat.prototype, 'resolvedOptions');
    own.timezone;
    own.timezone;
    expect(asked).toHaveBeenCalledOnce();
    vi.advanceTimersByTime(1001);
    own.timezone;
    expect(asked).toHaveBeenCalledTimes(2);
  });

  it.each([
    ['https://u:p@h:8501/app/page/?a=1#x', 'https://h:8501/app/page'],
    ['http://localhost:8501/', 'http://localhost:8501'],
    ['https://h/a@b/c?d=/e/#/f', 'https://h/a@b/c'],
    ['https://h?a=http://x/', 'https://h'],
    ['https://h/a//', 'https://h/a/'],
    ['file:///home/page.html', 'file:///home/page.html'],
    ['about:srcdoc', null],
    ['about:blank', null],
    ['data:text/html,<p>//', null],
    ['blob:https://h/0-1', null],
  ])('[CTX-18] [CTX-19] has the address of %s', (address, url) => {
    const page = { URL: address, defaultView: window } as unknown as Document;
    expect(createContext({ document: () => page }).url).toBe(url);
  });

  it.each([
    ['?embed=true', true],
    ['?EMBED=TRUE', true],
    ['?embed=false', false],
    ['', false],
    ['?embed=false&embed=true', true],
    ['?embed=1', false],
    ['?%65mbed=true', true],
    ['?a=embed=true', false],
    ['#?embed=true', false],
  ])('[CTX-22] reads embed from %j in the top page', (query, isEmbedded) => {
    const view = { self: 1, top: 1 };
    const page = { URL: `https://h/${query}`, defaultView: view } as unknown as Document;
    expect(createContext({ document: () => page }).isEmbedded).toBe(isEmbedded);
  });

  it('[CTX-25] has the address that the page provides', () => {
    expect(createContext({ ipAddress: () => '203.0.113.7' }).ipAddress).toBe('203.0.113.7');
    expect(createContext({ ipAddress: () => null }).ipAddress).toBe(null);
    const meta = document.createElement('meta');
    meta.name = 'x-real-ip';
    meta.content = '203.0.113.8';
    document.head.append(meta);
    expect(context.ipAddress).toBe('203.0.113.8');
    expect(createContext({ ipAddress: () => '203.0.113.7' }).ipAddress).toBe('203.0.113.7');
    meta.remove();
    expect(context.ipAddress).toBe(null);
  });

  it('warns when the function of ipAddress throws', () => {
    const onWarning = vi.fn();
    const cause = new Error('no address');
    const own = createContext({
      ipAddress: () => {
        throw cause;
      },
      onWarning,
    });
    expect(own.ipAddress).toBe(null);
    expect(own.ipAddress).toBe(null);
    expect(onWarning).toHaveBeenCalledOnce();
    expect(onWarning.mock.calls[0]?.[0]).toMatchObject({ code: 'ip-address', cause });
  });
});

describe('context.ref', () => {
  it('is one handle per name that shows what a server renders', () => {
    expect(context.ref('theme')).toBe(context.ref('theme'));
    const inits = Object.fromEntries(names.map((name) => [name, context.ref(name as keyof ContextFacts).init]));
    expect(inits).toMatchObject({
      ipAddress: null,
      isEmbedded: false,
      locale: null,
      locales: [],
      theme: { type: null },
      timezone: null,
      timezoneOffset: null,
      url: null,
    });
    expect({ ...(inits['cookies'] as object) }).toEqual({});
    expect({ ...(inits['headers'] as object) }).toEqual({});
  });

  it('gives fixed cookies, the same until one differs', () => {
    const { get, value } = context.ref('cookies');
    expect(get()).toBe(value);
    document.cookie = 'fixed=1; path=/';
    const one = get();
    document.cookie = 'fixed=1; path=/';
    expect(get()).toBe(one);
    document.cookie = 'fixed=2; path=/';
    expect(get()).not.toBe(one);
    expect([one['fixed'], get()['fixed']]).toEqual(['1', '2']);
  });

  it('calls a subscriber now and after a change', () => {
    const seen: (string | undefined)[] = [];
    const end = context.ref('cookies').subscribe((cookies) => seen.push(cookies['seen']));
    setCookie('seen', '1');
    end();
    setCookie('seen', '2');
    expect(seen).toEqual([undefined, '1']);
  });
});
