// sessionState as a dict: notations, names and methods.
import { describe, expect, it, vi } from 'vitest';
import { createSessionState, KeyError, type Warning } from '../../src/index.js';
import { fresh, tick } from '../helpers/session.js';

describe('sessionState, mapping', () => {
  it('[SES-1] has attribute, bracket and method notation, and stores in the tick', async () => {
    const { s, text } = fresh();
    s.count = 1;
    expect([s.count, s['count'], s.get('count')]).toEqual([1, 1, 1]);
    await tick();
    expect(text('count')).toBe('{"json":1}');
  });

  it('[SES-2] reads a missing key as undefined or the fallback, without inserting it', () => {
    const { s } = fresh();
    expect([s.nope, s.get('nope'), s.get('nope', 7), s.get('nope', null)]).toEqual([undefined, undefined, 7, null]);
    expect('nope' in s).toBe(false);
  });

  it('[SES-3] require throws a KeyError for a missing key', () => {
    const { s } = fresh();
    const error = (() => {
      try {
        return s.require('nope');
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(KeyError);
    expect(error).toMatchObject({ key: 'nope', name: 'KeyError', code: 'key-missing' });
    expect((error as Error).message).toBe('sessionState has no key "nope". Did you forget to initialize it?');
    s.nope = undefined;
    expect(s.require('nope')).toBe(undefined);
  });

  it('lists the keys of the last page first, sorted, then those that came since', () => {
    const { s, put } = fresh();
    for (const key of ['c', 'a', 'd', 'b']) put(key, '{"json":1}');
    s.z = 1;
    expect(s.a).toBe(1);
    delete s.b;
    delete s.a;
    s.e = 1;
    s.a = 2;
    expect(Object.keys(s)).toEqual(['c', 'd', 'z', 'e', 'a']);
    delete s.c;
    s.c = 1;
    expect([...s].map(([key]) => key)).toEqual(['d', 'z', 'e', 'a', 'c']);
  });

  it.each([null, 0, '', false, undefined])('[SES-4] a key that holds %j is there', (value) => {
    const { s, again } = fresh();
    s.k = value;
    for (const state of [s, again()]) {
      expect('k' in state).toBe(true);
      expect(state.has('k')).toBe(true);
      expect(state.get('k', 'd')).toBe(value);
    }
  });

  it('[SES-5] ??= initialises once', () => {
    const { s, again } = fresh();
    s.n ??= 5;
    s.n = 6;
    s.n ??= 5;
    expect(s.n).toBe(6);
    const next = again();
    next.n ??= 5;
    expect(next.n).toBe(6);
  });

  it('[SES-6] delete removes a key and its text, silently for a missing one', async () => {
    const { s, text } = fresh();
    s.k = 1;
    await tick();
    expect(text('k')).toBe('{"json":1}');
    expect(delete s['k']).toBe(true);
    expect(s.delete('k')).toBe(false);
    expect(delete s.nope).toBe(true);
    expect('k' in s).toBe(false);
    await tick();
    expect(text('k')).toBe(null);
    s.k = 2;
    expect(s.delete('k')).toBe(true);
  });

  it('[SES-6] an object that was just read or set is gone at once, too', async () => {
    const { s, text } = fresh();
    s.o = { a: 1 };
    await tick();
    for (const remove of [() => delete s.o, () => s.pop('o'), () => s.clear()]) {
      const ref = s.ref('o');
      s.o = { a: 1 };
      expect([s.o, ref.get(), ref.value]).toEqual([{ a: 1 }, { a: 1 }, { a: 1 }]);
      remove();
      expect([s.o, s.get('o', 1), 'o' in s, ref.get(), ref.value, s.toDict()]).toEqual([
        undefined,
        1,
        false,
        undefined,
        undefined,
        {},
      ]);
      await tick();
      expect(text('o')).toBe(null);
    }
  });

  it('[SES-7] keys found in storage come first, sorted; all notations agree; the dict is a copy', async () => {
    const { s, put } = fresh();
    put('b', '{"json":2}');
    s.z = 0;
    s.a = [1];
    const entries = [
      ['b', 2],
      ['z', 0],
      ['a', [1]],
    ];
    expect(Object.keys(s)).toEqual(['b', 'z', 'a']);
    expect(Object.entries({ ...s })).toEqual(entries);
    expect(JSON.stringify(s)).toBe('{"b":2,"z":0,"a":[1]}');
    expect([...s]).toEqual(entries);
    const dict = s.toDict();
    expect(Object.entries(dict)).toEqual(entries);
    dict.b = 'changed';
    delete dict.z;
    expect([s.b, s.z]).toEqual([2, 0]);
    expect(dict.a).toBe(s.a);
    const seen: string[] = [];
    for (const key in s) seen.push(key);
    expect(seen).toEqual(['b', 'z', 'a']);
  });

  it('[SES-8] iteration visits each key once while keys are deleted', () => {
    const { s } = fresh();
    s.update({ a: 1, b: 2, c: 3 });
    const seen: string[] = [];
    for (const [key] of s) {
      seen.push(key);
      delete s[key];
    }
    expect(seen).toEqual(['a', 'b', 'c']);
    expect(Object.keys(s)).toEqual([]);
    s.update({ a: 1, b: 2, c: 3 });
    const met: string[] = [];
    for (const [key] of s) {
      met.push(key);
      s.clear();
    }
    expect(met).toEqual(['a']);
  });

  it('[SES-9] any text is a key; numbers become texts', () => {
    const { s, again } = fresh();
    s[5] = 'a';
    expect([s['5'], 5 in s, s.get(5 as never), s.has(5 as never)]).toEqual(['a', true, 'a', true]);
    s.set(null as never, 'null');
    s.set(true as never, 'true');
    expect([s['null'], s['true']]).toEqual(['null', 'true']);
    const keys = ['', 'a.b', 'user name', '日本', '😀', ' ', '\n', '"', 'tabstate:x', '\ud800'];
    for (const key of keys) s[key] = `value of ${key.length}`;
    const next = again();
    for (const key of keys) expect([key, next.get(key)]).toEqual([key, `value of ${key.length}`]);
    expect(next[5]).toBe('a');
  });

  it('[SES-10] names that objects, arrays and Maps have are ordinary keys', () => {
    const names =
      'items keys values size length name constructor toString valueOf hasOwnProperty entries forEach isPrototypeOf then toJSON prototype';
    const { s, again } = fresh();
    for (const name of names.split(' ')) {
      expect([name, s[name], name in s]).toEqual([name, undefined, false]);
      s[name] = `my ${name}`;
      expect(s[name]).toBe(`my ${name}`);
    }
    delete s.then;
    const next = again();
    for (const name of names.split(' ').filter((other) => other !== 'then')) expect(next[name]).toBe(`my ${name}`);
  });

  it('[SES-11] __proto__ is an ordinary key', async () => {
    const { s, again } = fresh();
    s.set('__proto__', { x: 1 });
    const check = (state: typeof s): void => {
      expect(state.get('__proto__')).toEqual({ x: 1 });
      expect(({} as Record<string, unknown>).x).toBe(undefined);
      const dict = state.toDict();
      expect(Object.hasOwn(dict, '__proto__')).toBe(true);
      expect(Object.getPrototypeOf(dict)).toBe(Object.prototype);
    };
    check(s);
    check(again());
  });

  it('[SES-12] a method cannot be assigned, defined or deleted by dot, in modules and sloppy scripts', () => {
    const { s } = fresh();
    s.set('clear', 'mine');
    const sloppy = {
      assign: new Function('s', 's.clear = 1'),
      remove: new Function('s', 'return delete s.clear'),
    };
    for (const assign of [() => (s.clear = 1 as never), () => sloppy.assign(s)])
      expect(assign).toThrow(
        expect.objectContaining({ name: 'TypeError', message: expect.stringContaining('set("clear"') }),
      );
    for (const remove of [() => delete (s as Partial<typeof s>).clear, () => sloppy.remove(s)])
      expect(remove).toThrow(
        expect.objectContaining({ name: 'TypeError', message: expect.stringContaining('delete("clear"') }),
      );
    expect(() => Object.defineProperty(s, 'clear', { value: 1 })).toThrow(TypeError);
    expect(s.get('clear')).toBe('mine');
    s.clear();
    expect(s.has('clear')).toBe(false);
  });

  it('[SES-13] a key named like a method shows in methods and iteration, not by dot', () => {
    const { s, again } = fresh();
    s.set('get', 1);
    for (const state of [s, again()]) {
      expect(state.get('get')).toBe(1);
      expect(typeof state.get).toBe('function');
      expect(state.toDict()).toEqual({ get: 1 });
      expect([...state]).toEqual([['get', 1]]);
      expect([Object.keys(state), 'get' in state, { ...state }]).toEqual([[], false, {}]);
    }
    s.update({ clear: 2 } as never);
    expect(s.setDefault('bind', 3)).toBe(3);
    expect(s.toDict()).toEqual({ get: 1, clear: 2, bind: 3 });
    expect(s.delete('get')).toBe(true);
  });

  it('[SES-14] setDefault stores only what is missing', () => {
    const { s, again } = fresh();
    s.a = 1;
    expect([s.setDefault('a', 9), s.setDefault('n', 9)]).toEqual([1, 9]);
    s.u = undefined;
    expect(s.setDefault('u', 9)).toBe(undefined);
    expect(again().toDict()).toEqual({ a: 1, n: 9, u: undefined });
  });

  it('[SES-15] setDefaults returns what its keys hold and tells once', () => {
    const { s } = fresh();
    s.a = 1;
    const heard = vi.fn();
    s.subscribe(heard);
    expect(s.setDefaults({ a: 9, b: 2 })).toEqual({ a: 1, b: 2 });
    expect(heard.mock.calls).toEqual([[[{ key: 'b', value: 2, previous: undefined }]]]);
  });

  it('[SES-16] pop removes and returns', () => {
    const { s } = fresh();
    s.a = 1;
    expect(s.pop('a')).toBe(1);
    expect('a' in s).toBe(false);
    expect(() => s.pop('a')).toThrow(KeyError);
    expect(s.pop('a', undefined)).toBe(undefined);
    expect(s.pop('a', 5)).toBe(5);
    s.u = undefined;
    expect(s.pop('u')).toBe(undefined);
    expect(s.has('u')).toBe(false);
  });

  it.each([[['a']], [['a', 1, 2]], [[]], ['ab'], [{ 0: 'a', 1: 2 }]])('[SES-17] %j is no list of pairs', (pair) => {
    const { s } = fresh();
    const pairs = [['b', 1], pair] as unknown as [string, unknown][];
    expect(() => s.update(pairs)).toThrow(TypeError);
    expect(() => s.setDefaults(pairs as never)).toThrow(TypeError);
    expect(s.toDict()).toEqual({});
  });

  it('[SES-17] update takes objects and pairs, tells once and sets all or nothing', () => {
    const { s } = fresh();
    s.c = 0;
    const heard = vi.fn();
    s.subscribe((changes) => heard(changes.map(({ key }) => key)));
    s.update({ a: 1, b: 2 });
    s.update(new Map([['a', 3]]));
    s.update([['b', 4]]);
    expect(s.toDict()).toEqual({ c: 0, a: 3, b: 4 });
    expect(heard.mock.calls).toEqual([[['a', 'b']], [['a']], [['b']]]);
    function* pairs(): Generator<[string, number]> {
      yield ['a', 100];
      throw new Error('in the middle');
    }
    expect(() => s.update(pairs())).toThrow('in the middle');
    for (const wrong of [null, undefined, 5, 'text', ['text'], [[Symbol('s'), 1]]])
      expect(() => s.update(wrong as never)).toThrow(TypeError);
    expect(s.toDict()).toEqual({ c: 0, a: 3, b: 4 });
  });

  it('[SES-18] clear removes the keys of this state only', async () => {
    const { s, put, text, again } = fresh();
    sessionStorage.setItem('foreign', 'mine');
    put('old', '{"json":1}');
    put('broken', '{bad');
    s.a = 1;
    await tick();
    expect(s.toDict()).toEqual({ old: 1, a: 1 });
    s.clear();
    await tick();
    expect([s.toDict(), again().toDict(), text('old'), text('a'), text('broken')]).toEqual([{}, {}, null, null, null]);
    expect(sessionStorage.getItem('foreign')).toBe('mine');
    sessionStorage.removeItem('foreign');
  });

  it('[SES-19] survives what frameworks and consoles probe', async () => {
    const { s } = fresh();
    s.a = 1;
    expect(await s).toBe(s);
    expect(`${s}`).toBe('[object SessionState]');
    expect(Object.prototype.toString.call(s)).toBe('[object SessionState]');
    expect(JSON.stringify(s)).toBe('{"a":1}');
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    console.log(s);
    log.mockRestore();
    for (const name of ['__v_isRef', '$$typeof', 'nodeType', 'asymmetricMatch', '@@iterator'])
      expect(s[name]).toBe(undefined);
    expect([(s as never)[Symbol('x')], Symbol('x') in s, s instanceof Object]).toEqual([undefined, false, true]);
    expect(Object.keys(s)).toEqual(['a']);
  });

  it('[SES-20] refuses symbols as keys, freezing, another prototype and accessors', () => {
    const { s } = fresh();
    s.a = 1;
    const attempts: (() => unknown)[] = [
      () => ((s as never as Record<symbol, unknown>)[Symbol('x')] = 1),
      () => s.set(Symbol('x') as never, 1),
      () => Object.freeze(s),
      () => Object.seal(s),
      () => Object.preventExtensions(s),
      () => Object.setPrototypeOf(s, null),
      () => Object.defineProperty(s, 'a', { get: () => 1 }),
      () => Object.defineProperty(s, 'a', { enumerable: false }),
    ];
    for (const attempt of attempts) expect(attempt).toThrow(TypeError);
    Object.defineProperty(s, 'b', { value: 2 });
    expect(s.toDict()).toEqual({ a: 1, b: 2 });
  });

  it('[SES-21] keeps prefixes apart; a text belongs to the longest one', async () => {
    const warnings: Warning[] = [];
    const make = (prefix: string) => createSessionState({ prefix, onWarning: (warning) => warnings.push(warning) });
    const [a, b] = [make('a:'), make('b:')];
    a.k = 1;
    b.k = 2;
    a.flush();
    b.flush();
    a.clear();
    a.flush();
    expect([sessionStorage.getItem('a:k'), sessionStorage.getItem('b:k'), b.k]).toEqual([null, '{"json":2}', 2]);
    expect(warnings).toEqual([]);

    sessionStorage.setItem('p:x:old', '{"json":0}');
    const short = make('p:');
    expect(short.toDict()).toEqual({ 'x:old': 0 });
    const long = make('p:x:');
    long.k = 1;
    short.k = 2;
    short['x:k'] = 3;
    long.flush();
    short.flush();
    expect([long.toDict(), short.toDict()]).toEqual([
      { old: 0, k: 1 },
      { k: 2, 'x:k': 3 },
    ]);
    short.clear();
    short.flush();
    expect([sessionStorage.getItem('p:x:k'), sessionStorage.getItem('p:k'), long.k]).toEqual(['{"json":1}', null, 1]);
    expect(warnings.map(({ code }) => code)).toEqual(['prefix-overlap']);
    expect(() => make('')).toThrow(TypeError);
    long.clear();
    long.flush();
  });

  it('[SES-22] two states of one prefix act like two frames', async () => {
    const { s, prefix } = fresh();
    const other = createSessionState({ prefix });
    const heard = vi.fn();
    other.subscribe('k', heard);
    expect(other.k).toBe(undefined);
    s.k = [1];
    await tick();
    expect(other.k).toEqual([1]);
    expect(other.k).not.toBe(s.k);
    expect(heard.mock.calls).toEqual([[[1], undefined]]);
    other.k = 2;
    await tick();
    expect(s.k).toBe(2);
    delete s.k;
    await tick();
    expect('k' in other).toBe(false);
    // both set before the tick: each keeps its own until it has written, the last write wins
    s.w = 1;
    other.w = 2;
    await tick();
    await tick();
    expect([s.w, other.w]).toEqual([2, 2]);
  });

  it('[SES-22] a state that was only listened to hears of its namesake, too', async () => {
    const { s, prefix } = fresh();
    s.k = 1;
    await tick();
    const asked = vi.fn(() => sessionStorage);
    const other = createSessionState({ prefix, storage: asked });
    const heard = vi.fn();
    other.subscribe('k', heard);
    expect(asked).not.toHaveBeenCalled();
    s.k = 2;
    await tick();
    expect(heard.mock.calls).toEqual([[2, 1]]);
    delete s.k;
    await tick();
    expect(heard.mock.calls).toEqual([
      [2, 1],
      [undefined, 2],
    ]);
  });

  it('refuses a storage that is not handed in as a function', () => {
    expect(() => createSessionState({ storage: sessionStorage as never })).toThrow(
      new TypeError('createSessionState({ storage }): give a function, () => localStorage.'),
    );
  });

  it('a property that is defined with false attributes is refused before it is set', () => {
    const { s } = fresh();
    expect(() => Object.defineProperty(s, 'k', { value: 1, configurable: false })).toThrow(/"k"/);
    expect('k' in s).toBe(false);
    Object.defineProperty(s, 'k', { value: 1 });
    expect(s.k).toBe(1);
  });

  it('a key that was deleted is in no list, and deleting it again tells and counts nothing', () => {
    const { s } = fresh();
    s.a = 1;
    s.b = 1;
    s.a = 2;
    expect(Object.keys(s.toDict())).toEqual(['a', 'b']);
    delete s.a;
    const heard = vi.fn();
    s.subscribe('a', heard);
    const version = s.version();
    expect([s.delete('a'), s.delete('never'), s.version()]).toEqual([false, false, version]);
    expect([Object.keys(s.toDict()), [...s], heard.mock.calls]).toEqual([['b'], [['b', 1]], []]);
  });

  it('a state reads and writes no text of a longer prefix that was there first', () => {
    const made = [1, 2].map((n) => createSessionState({ prefix: `long:${n}:`, onWarning: () => {} }));
    for (const state of made) state.k = 'of the longer one';
    for (const state of made) state.flush();
    const short = createSessionState({ prefix: 'long:', onWarning: () => {} });
    expect(short.toDict()).toEqual({});
    short.update({ mine: 1, '1:k': 2, '2:k': 2 });
    short.flush();
    const texts = ['long:mine', 'long:1:k', 'long:2:k'].map((name) => sessionStorage.getItem(name));
    expect(texts).toEqual(['{"json":1}', '{"json":"of the longer one"}', '{"json":"of the longer one"}']);
    for (const state of [short, ...made]) {
      state.clear();
      state.flush();
    }
  });

  it('a TypeError names the option or the method, and what it takes', () => {
    const { s } = fresh();
    for (const [call, message] of [
      [() => createSessionState({ prefix: '' }), 'createSessionState({ prefix }): give a non-empty text.'],
      [() => createSessionState({ prefix: 5 as never }), 'createSessionState({ prefix }): give a non-empty text.'],
      [() => createSessionState({ version: '2' as never }), 'createSessionState({ version }): give a number.'],
      [() => s.update(5 as never), 'sessionState.update()'],
      [() => s.setDefaults(5 as never), 'sessionState.setDefaults()'],
    ] as const)
      expect(call).toThrow(expect.objectContaining({ name: 'TypeError', message: expect.stringContaining(message) }));
  });
});
