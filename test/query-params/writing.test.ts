// Writing queryParams.
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { KeyError, type QueryParams, QueryParamValueError, ReservedKeyError } from '../../src/index.js';
import { fakePage } from '../helpers/fake-address.js';
import { inputs } from '../helpers/inputs.js';

describe('queryParams, writing', () => {
  it('names the call in each of its messages', () => {
    const { q } = fakePage();
    const how = { history: 'x' } as never;
    const calls: [string, () => unknown][] = [
      ['set', () => q.set('a', 1, how)],
      ['set', () => q.set('a', {} as never)],
      ['set', () => q.set('a', [['b']] as never)],
      ['delete', () => q.delete('a', how)],
      ['setDefault', () => q.setDefault('a', 1, how)],
      ['update', () => q.update({ a: 1 }, how)],
      ['update', () => q.update({ a: {} } as never)],
      ['fromDict', () => q.fromDict({ a: 1 }, how)],
      ['fromDict', () => q.fromDict({ a: {} } as never)],
      ['clear', () => q.clear(how)],
      ['href', () => q.href({ a: {} } as never)],
      ['ref', () => q.ref('a').set({} as never)],
    ];
    for (const [name, call] of calls) expect(call).toThrow(`queryParams.${name}`);
    expect(() => q.set('a', {} as never)).toThrow('is of type Object: give a text, a flat list or a codec.');
    expect(() => q.set('a', [['b']] as never)).toThrow('is of type nested list: give');
    expect(q.toString()).toBe('');
    expect(`${Object.prototype.toString.call(q)}`).toBe('[object QueryParams]');
  });

  it('[QRY-21] reads see a write at once, the address follows in the microtask', async () => {
    const { q, now, address } = fakePage();
    q.page = 2;
    expect(q.page).toBe('2');
    expect(now()).toBe('');
    await Promise.resolve();
    expect(now()).toBe('?page=2');
    expect(address.calls).toEqual([{ url: 'http://h/p?page=2', mode: 'replace' }]);
  });

  it('[QRY-21] the address follows and listeners hear while the timers of a test runner are faked', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'queueMicrotask', 'performance'] });
    try {
      const { q, now, address } = fakePage();
      const heard = vi.fn();
      q.subscribe('b', heard);
      q.a = 1;
      await null;
      expect(now()).toBe('?a=1');
      address.goto('?b=2', 'other');
      await null;
      expect(heard.mock.calls).toEqual([['2', undefined]]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('[QRY-22] a new key goes to the end; the empty text keeps it', () => {
    const { q, flushed } = fakePage('?foo=bar&two=x&two=y');
    q.test = '';
    expect(flushed()).toBe('?foo=bar&two=x&two=y&test=');
  });

  it('[QRY-23] primitives are written as String does', async () => {
    const { q, now, address } = fakePage();
    q.a = 1.23;
    q.b = true;
    q.c = 10n;
    q.d = -0;
    q.e = Number.NaN;
    await Promise.resolve();
    expect(now()).toBe('?a=1.23&b=true&c=10&d=0&e=NaN');
    expect(address.calls).toHaveLength(1);
  });

  it('[QRY-24] a list repeats the key and skips null and undefined', () => {
    const { q, flushed } = fakePage();
    q.t = ['', 'a', 1, null, undefined, 1.23];
    expect(q.getAll('t')).toEqual(['', 'a', '1', '1.23']);
    expect(flushed()).toBe('?t=&t=a&t=1&t=1.23');
    expect(q.getAll('t')).toEqual(['', 'a', '1', '1.23']);
  });

  it('[QRY-25] takes Sets and generators', () => {
    const { q, flushed, address } = fakePage();
    q.t = new Set([1, 2, 3]);
    expect(flushed()).toBe('?t=1&t=2&t=3');
    expect(q.t).toBe('3');
    q.t = (function* () {
      yield* [1, 2, 3];
    })();
    expect(flushed()).toBe('?t=1&t=2&t=3');
    expect(address.calls).toHaveLength(1);
  });

  it('[QRY-26] null, undefined and an empty list remove the key', () => {
    const { q, flushed, address } = fakePage('?a=1&b=2&c=3');
    q.a = null;
    q.b = undefined;
    q.c = [];
    expect('a' in q || q.has('b') || q.has('c')).toBe(false);
    expect(flushed()).toBe('');
    expect(address.calls).toEqual([{ url: 'http://h/p', mode: 'replace' }]);
  });

  it('[QRY-27] Dates are ISO texts, an invalid one is an error', () => {
    const { q, flushed } = fakePage();
    q.d = new Date(0);
    expect(flushed()).toBe('?d=1970-01-01T00%3A00%3A00.000Z');
    expect(() => {
      q.d = new Date(Number.NaN);
    }).toThrow(QueryParamValueError);
    expect(flushed()).toBe('?d=1970-01-01T00%3A00%3A00.000Z');
  });

  it.each([
    ['a plain object', { a: 'secret' }],
    ['a Map', new Map([['a', 'secret']])],
    ['an empty Map', new Map()],
    ['a function', () => 'secret'],
    ['a symbol', Symbol('secret')],
    ['a list of objects', [{}]],
    ['a nested list', [['secret']]],
    ['a list with an invalid Date', [new Date(Number.NaN)]],
    ['URLSearchParams', new URLSearchParams('secret=1')],
  ])('[QRY-28] refuses %s and changes nothing', (_, value) => {
    const { q, flushed, address } = fakePage('?foo=1');
    const set = (): void => q.set('foo', value as never);
    expect(set).toThrow(QueryParamValueError);
    expect(set).toThrow(expect.objectContaining({ key: 'foo', code: 'query-param-value' }));
    expect(set).toThrow(/queryParams\.set: the value for "foo"/);
    expect(set).not.toThrow(/secret/);
    expect(q.foo).toBe('1');
    expect(flushed()).toBe('?foo=1');
    expect(address.calls).toEqual([]);
  });

  it('[QRY-29] new values stand where the first one stood', () => {
    const { q, flushed } = fakePage('?x=1&a=1&y=2&a=3&z=4');
    q.a = ['p', 'q'];
    expect(flushed()).toBe('?x=1&a=p&a=q&y=2&z=4');
  });

  it('[QRY-30] a repeated key becomes one', () => {
    const { q, flushed } = fakePage('?a=b&c=d&a=e');
    q.a = 'B';
    expect(flushed()).toBe('?a=B&c=d');
  });

  it('[QRY-31] keys are encoded', () => {
    const { q, flushed } = fakePage();
    q['a b+c=d&e'] = 'x';
    expect(flushed()).toBe('?a+b%2Bc%3Dd%26e=x');
    expect(q['a b+c=d&e']).toBe('x');
  });

  it('[QRY-32] ASCII is encoded as by urlencode of Python', () => {
    const { q, flushed } = fakePage();
    const ascii = Array.from({ length: 0x5f }, (_, i) => String.fromCharCode(0x20 + i)).join('');
    q.k = ascii;
    expect(flushed()).toBe(
      '?k=+%21%22%23%24%25%26%27%28%29%2A%2B%2C-.%2F0123456789%3A%3B%3C%3D%3E%3F%40' +
        'ABCDEFGHIJKLMNOPQRSTUVWXYZ%5B%5C%5D%5E_%60abcdefghijklmnopqrstuvwxyz%7B%7C%7D~',
    );
    expect(q.k).toBe(ascii);
  });

  it('[QRY-33] everything else is UTF-8', () => {
    const { q, flushed } = fakePage();
    q.é = '😀 b%c %41\r\n\t';
    expect(flushed()).toBe('?%C3%A9=%F0%9F%98%80+b%25c+%2541%0D%0A%09');
    expect(q.é).toBe('😀 b%c %41\r\n\t');
  });

  it('[QRY-34] a lone surrogate becomes U+FFFD in engines without toWellFormed(), too', () => {
    const { q, flushed } = fakePage('');
    const own = Object.getOwnPropertyDescriptor(String.prototype, 'toWellFormed');
    Reflect.deleteProperty(String.prototype, 'toWellFormed');
    try {
      q.a = '\ud800\ufeffé😀';
    } finally {
      if (own) Object.defineProperty(String.prototype, 'toWellFormed', own);
    }
    expect(q.a).toBe('\ufffd\ufeffé😀');
    expect(flushed()).toBe(`?a=${encodeURIComponent('\ufffd\ufeffé😀')}`);
  });

  it('[QRY-34] a lone surrogate becomes U+FFFD at once', () => {
    const { q, flushed } = fakePage();
    q.a = '\ud800x';
    expect(q.a).toBe('\ufffdx');
    expect(flushed()).toBe('?a=%EF%BF%BDx');
    expect(q.a).toBe('\ufffdx');
    q['\udc00k'] = 1;
    expect(Object.keys(q)).toEqual(['a', '\ufffdk']);
    expect(flushed()).toBe('?a=%EF%BF%BDx&%EF%BF%BDk=1');
    expect(q.get('\udc00k')).toBe('1');
    expect(q['\udc00k']).toBe('1');
    expect(q.delete('\udc00k')).toBe(true);
    expect(flushed()).toBe('?a=%EF%BF%BDx');
  });

  it('[QRY-35] __proto__ is an ordinary key', () => {
    const { q, flushed } = fakePage('?__proto__=p');
    q.set('__proto__', 'z');
    expect(flushed()).toBe('?__proto__=z');
    q.__proto__ = 'y';
    expect(flushed()).toBe('?__proto__=y');
    expect(({} as Record<string, unknown>).z).toBeUndefined();
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });

  it('[QRY-36] methods stay methods; keys of their names are reached by methods', () => {
    const { q, flushed } = fakePage('?toString=1');
    q.set('get', '2');
    expect(flushed()).toBe('?toString=1&get=2');
    expect(typeof q.get).toBe('function');
    expect(q.get('get')).toBe('2');
    expect(Object.keys(q)).toEqual([]);
    expect('get' in q).toBe(false);
    expect({ ...q }).toEqual({});
    expect([...q].map(([key]) => key)).toEqual(['toString', 'get']);
    expect(() => {
      (q as Record<string, unknown>).get = '1';
    }).toThrow(/set\("get"/);
    expect(() => Reflect.deleteProperty(q, 'get')).toThrow(/delete\("get"/);
    expect(() => {
      (q as unknown as Record<symbol, unknown>)[Symbol('s')] = 1;
    }).toThrow(TypeError);
  });

  it('[QRY-37] keeps every byte of others', () => {
    const foreign = '?flag&x=a%20b&y=%E4%A&2=b&1=a&d=1&k=0&d=2&__proto__=p&e=%zz&t=~*(!)#f';
    const { q, flushed } = fakePage(foreign);
    q.k = 1;
    expect(flushed()).toBe(foreign.replace('k=0', 'k=1'));
  });

  it('[QRY-38] a new key goes into a trailing empty segment', () => {
    const { q, flushed } = fakePage('?&&a=1&');
    q.k = 1;
    expect(flushed()).toBe('?&&a=1&k=1');
  });

  it('[QRY-39] no change, no call', async () => {
    const { q, flushed, now, address } = fakePage('?a=%31');
    q.a = 1;
    flushed();
    q.a = 2;
    q.a = 1;
    await Promise.resolve();
    expect(now()).toBe('?a=%31');
    expect(address.calls).toEqual([]);
  });

  it('[QRY-40] deletes all values of a key, and a missing one silently', () => {
    const { q, flushed, address } = fakePage('?foo=bar&foo=x');
    delete q.foo;
    expect(flushed()).toBe('');
    delete q.zz;
    expect(q.delete('zz')).toBe(false);
    flushed();
    expect(address.calls).toHaveLength(1);
    expect(fakePage('?a=1').q.delete('a')).toBe(true);
  });

  it('[QRY-41] setDefault and pop', () => {
    const { q, flushed } = fakePage('?foo=bar');
    expect(q.setDefault('foo', 3)).toBe('bar');
    expect(q.setDefault('new', 3)).toBe('3');
    expect(q.pop('foo')).toBe('bar');
    expect(q.pop('zz', 'd')).toBe('d');
    expect(() => q.pop('zz')).toThrow(KeyError);
    expect(q.pop('zz', undefined)).toBeUndefined();
    expect(flushed()).toBe('?new=3');
  });

  it('[QRY-42] reserved keys cannot be written', () => {
    const { q, flushed } = fakePage('?embed=1&a=1');
    const calls: (() => unknown)[] = [
      () => {
        q.embed = 2;
      },
      () => q.set('EMBED', 2),
      () => q.ref('embed'),
      () => q.setDefault('embed', 2),
      () => q.update({ embed: 2 }),
      () => q.fromDict({ embed: 2 }),
      () => q.href({ embed: 2 }),
      () => q.define({ embed: 1 }),
    ];
    for (const call of calls) {
      expect(call).toThrow(ReservedKeyError);
      expect(call).toThrow(/is reserved/);
    }
    expect(q.delete('embed')).toBe(false);
    delete q.embed;
    expect(q.pop('embed', 'd')).toBe('d');
    expect(flushed()).toBe('?embed=1&a=1');
  });

  it('writes what a model says, whatever the order of operations', () => {
    const key = fc.constantFrom('a', 'b', 'c', '__proto__', 'é +&=');
    const text = fc.string({ unit: 'binary', maxLength: 4 });
    const list = fc.array(text, { maxLength: 3 });
    const wellFormed = (value: string): string => (value as string & { toWellFormed(): string }).toWellFormed();
    fc.assert(
      fc.property(
        fc.array(fc.tuple(key, list), { maxLength: 4 }),
        fc.array(fc.tuple(key, list, fc.boolean()), { maxLength: 8 }),
        (given, operations) => {
          const start = new URLSearchParams(given.flatMap(([name, texts]) => texts.map((each) => [name, each])));
          const { q, flushed } = fakePage(`?${start}`);
          const model = new Map<string, string[]>();
          for (const name of start.keys()) model.set(name, start.getAll(name));
          for (const [name, texts, isFlushed] of operations) {
            q.set(name, texts);
            if (texts.length > 0) model.set(name, texts.map(wellFormed));
            else model.delete(name);
            if (isFlushed) flushed();
            expect(Object.fromEntries([...q].map(([each]) => [each, q.getAll(each)]))).toEqual(
              Object.fromEntries(model),
            );
          }
          const written = new URLSearchParams(flushed());
          expect([...new Set(written.keys())].sort()).toEqual([...model.keys()].sort());
          for (const [name, texts] of model) expect(written.getAll(name)).toEqual(texts);
        },
      ),
      inputs(100),
    );
  });

  it('keeps foreign segments byte for byte, whatever they are', () => {
    const segment = fc.string({ unit: fc.constantFrom(...'ab=%41+;~*.E4é/?'.split('')), maxLength: 6 });
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 6 }), (segments) => {
        const { q, now, flushed, address } = fakePage(`?${segments.join('&')}`);
        const before = now().slice(1).split('&').filter(Boolean);
        q['the key'] = 'ü';
        const after = flushed().slice(1).split('&').filter(Boolean);
        expect(after).toEqual([...before, 'the+key=%C3%BC']);
        expect(address.calls).toHaveLength(1);
        delete q['the key'];
        expect(flushed().slice(1).split('&').filter(Boolean)).toEqual(before);
      }),
      inputs(100),
    );
  });
});

describe('queryParams, several at once', () => {
  const heard = (q: QueryParams): { calls: unknown[][] } => {
    const listener = vi.fn();
    q.subscribe(listener);
    return listener.mock;
  };

  it('[QRY-43] update writes several in one call with one notification', async () => {
    const { q, now, address } = fakePage('?x=1');
    const told = heard(q);
    q.update({ foo: 'bar', baz: ['t', 'u'] });
    expect(told.calls).toEqual([
      [
        [
          { key: 'foo', value: 'bar', previous: undefined },
          { key: 'baz', value: 'u', previous: undefined },
        ],
      ],
    ]);
    await Promise.resolve();
    expect(now()).toBe('?x=1&foo=bar&baz=t&baz=u');
    expect(address.calls).toHaveLength(1);
    await Promise.resolve();
    expect(told.calls).toHaveLength(1);
  });

  it('[QRY-44] of pairs, the last of a repeated key wins', () => {
    const { q, flushed } = fakePage();
    q.update([
      ['a', 1],
      ['a', 2],
      ['b', 3],
    ]);
    expect(flushed()).toBe('?a=2&b=3');
    q.update(new Map([['c', 4]]));
    expect(flushed()).toBe('?a=2&b=3&c=4');
  });

  it('[QRY-45] what has getAll keeps repeated values', () => {
    const { q, flushed } = fakePage();
    q.fromDict(new URLSearchParams('a=1&b=2&a=3'));
    expect(flushed()).toBe('?a=1&a=3&b=2');
    const form = new FormData();
    form.append('c', '1');
    form.append('c', '2');
    q.fromDict(form as unknown as URLSearchParams);
    expect(flushed()).toBe('?c=1&c=2');
    const other = fakePage();
    other.q.update(q as unknown as URLSearchParams);
    expect(other.flushed()).toBe('?c=1&c=2');
  });

  it('[QRY-46] one wrong value and nothing changes', () => {
    const { q, flushed } = fakePage('?a=1');
    expect(() => q.update({ b: 2, c: {} as never })).toThrow(QueryParamValueError);
    expect(() => q.update({ b: 2, embed: 1 })).toThrow(ReservedKeyError);
    expect(() => q.fromDict({ b: 2, c: {} as never })).toThrow(QueryParamValueError);
    expect(() => q.href({ b: 2, c: {} as never })).toThrow(QueryParamValueError);
    expect(q.has('b')).toBe(false);
    expect(flushed()).toBe('?a=1');
  });

  it('[QRY-47] fromDict replaces everything in one call', async () => {
    const { q, now, address } = fakePage('?x=1&foo=2');
    q.fromDict({ hello: ['world', 'janice', 'amy'], snow: 'flake' });
    await Promise.resolve();
    expect(now()).toBe('?hello=world&hello=janice&hello=amy&snow=flake');
    expect(address.calls).toHaveLength(1);
  });

  it('[QRY-48] fromDict keeps reserved keys', () => {
    const { q, flushed } = fakePage('?embed=true&a=1');
    q.fromDict({ b: 2 });
    expect(flushed()).toBe('?embed=true&b=2');
    q.fromDict({});
    expect(flushed()).toBe('?embed=true');
  });

  it('[QRY-49] the argument must be an object or pairs', () => {
    const { q, flushed } = fakePage('?a=1');
    for (const wrong of [null, 5, 'b=1', true] as never[]) {
      expect(() => q.fromDict(wrong)).toThrow(TypeError);
      expect(() => q.update(wrong)).toThrow(TypeError);
      expect(() => q.href(wrong)).toThrow(TypeError);
    }
    expect(() => q.fromDict(undefined as never)).toThrow(TypeError);
    expect(() => q.update(['ab'] as never)).toThrow(TypeError);
    expect(flushed()).toBe('?a=1');
  });

  it('[QRY-49] a pair has two members', () => {
    const { q, flushed } = fakePage('?a=1');
    const view = q.define({ a: 1 });
    const noPairs = [
      [['a', 'b', 'c']],
      [['a']],
      [[]],
      [
        ['a', 2],
        ['b', 3, 4],
      ],
      ['ab'],
      [{ 0: 'a', 1: 'b' }],
      [null],
      [['a', 2], undefined],
      new Set(['ab']),
    ];
    for (const pairs of noPairs)
      for (const call of [q.fromDict, q.update, q.href, view.update, view.href])
        expect(() => (call as (pairs: unknown) => void)(pairs)).toThrow(TypeError);
    expect(flushed()).toBe('?a=1');
  });

  it('[QRY-50] fromDict of what is there makes no call', () => {
    const { q, flushed, address } = fakePage('?b=1&a=2&b=3');
    q.fromDict(Object.fromEntries(Object.keys(q).map((key) => [key, q.getAll(key)])));
    q.fromDict(q as never);
    expect(flushed()).toBe('?b=1&a=2&b=3');
    expect(address.calls).toEqual([]);
  });

  it('[QRY-50] fromDict leaves keys that stay in place and appends new ones in the given order', () => {
    const { q, flushed } = fakePage('?b=1&x=0&a=2');
    q.fromDict({ n: 1, a: 5, m: 2, b: 1 });
    expect(flushed()).toBe('?b=1&a=5&n=1&m=2');
  });

  it('[QRY-51] clear keeps reserved keys and the hash', () => {
    const page = fakePage('?embed=true&a=1#h');
    page.q.clear();
    expect(page.flushed()).toBe('?embed=true#h');
    const other = fakePage('?a=1#h');
    other.q.clear();
    expect(other.flushed()).toBe('#h');
  });

  it('[QRY-52] nothing to do: no call, no notification', () => {
    const { q, flushed, address } = fakePage('?a=1');
    const told = heard(q);
    q.update({});
    q.update();
    q.update({ a: '1' });
    flushed();
    expect(address.calls).toEqual([]);
    expect(told.calls).toEqual([]);
  });

  it('[QRY-53] batch: one notification, one call, the result', async () => {
    const { q, now, address } = fakePage();
    const told = heard(q);
    expect(
      q.batch(() => {
        q.a = 1;
        q.b = 2;
        expect(told.calls).toEqual([]);
        return 7;
      }),
    ).toBe(7);
    expect(told.calls).toHaveLength(1);
    await Promise.resolve();
    expect(now()).toBe('?a=1&b=2');
    expect(address.calls).toHaveLength(1);
  });

  it('refuses unknown modes and sources', () => {
    const { q, flushed } = fakePage();
    expect(() => q.set('a', 1, { history: 'pop' as never })).toThrow(/"replace" or "push"/);
    expect(() => q.clear({ history: 'pop' as never })).toThrow(TypeError);
    expect(() => fakePage('', { history: 'x' as never })).toThrow(TypeError);
    expect(flushed()).toBe('');
  });
});
