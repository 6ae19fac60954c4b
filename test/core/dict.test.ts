// Attribute and bracket notation over a source.
import { describe, expect, it } from 'vitest';
import { dictTraps, proxyOf, proxyOfLate, readonlyTraps, readUnknown } from '../../src/core/dict.js';

const setUp = () => {
  const values = new Map<string, unknown>([['a', 1]]);
  const create = () =>
    dictTraps(
      'thing',
      'Thing',
      { clear: () => values.clear() },
      {
        get: (key) => values.get(key),
        has: (key) => values.has(key),
        keys: () => values.keys(),
        set: (key, value) => void values.set(key, value),
        delete: (key) => void values.delete(key),
      },
    );
  const dict = proxyOf<Record<string, unknown> & Iterable<[string, unknown]>>(create());
  return { values, dict, create };
};

describe('dictTraps', () => {
  it('stands for the source, methods apart', () => {
    const { dict, values } = setUp();
    dict.b = 2;
    values.set('clear', 3);
    expect([dict.a, dict.b, dict.constructor, 'a' in dict, 'clear' in dict]).toEqual([1, 2, undefined, true, false]);
    expect([Object.keys(dict), [...dict], { ...dict }]).toEqual([
      ['a', 'b'],
      [
        ['a', 1],
        ['b', 2],
        ['clear', 3],
      ],
      { a: 1, b: 2 },
    ]);
    delete dict.a;
    expect('a' in dict).toBe(false);
    (dict.clear as () => void)();
    expect([...values]).toEqual([]);
    expect(Object.getOwnPropertyDescriptor(dict, 'nope')).toBe(undefined);
  });

  it('throws in every trap that cannot do what was asked', () => {
    const { dict } = setUp();
    for (const attempt of [
      () => (dict.clear = 1),
      () => delete dict.clear,
      () => Reflect.set(dict, Symbol('x'), 1),
      () => Object.freeze(dict),
      () => Object.setPrototypeOf(dict, null),
      () => Object.defineProperty(dict, 'x', { get: () => 1 }),
    ])
      expect(attempt).toThrow(TypeError);
    expect(`${dict}`).toBe('[object Thing]');
  });

  it('names what was tried, and what to do', () => {
    const { dict, values } = setUp();
    for (const [attempt, message] of [
      [() => (dict.clear = 1), 'thing.clear is a method: use set("clear").'],
      [() => delete dict.clear, 'thing.clear is a method: use delete("clear").'],
      [() => Reflect.set(dict, Symbol('x'), 1), 'thing takes texts as keys, not symbols.'],
      [() => Object.freeze(dict), 'thing cannot be frozen or get a prototype.'],
      [() => Object.setPrototypeOf(dict, null), 'thing cannot be frozen or get a prototype.'],
      [() => Object.defineProperty(dict, 'x', { get: () => 1 }), 'thing: "x" must be a plain value.'],
      [() => Object.defineProperty(dict, 'x', { value: 1, configurable: false }), 'thing: "x" must be a plain value.'],
    ] as const)
      expect(attempt).toThrow(new TypeError(message));
    expect([...values]).toEqual([['a', 1]]);
  });

  it('does not see keys that are named like its methods, but in its pairs', () => {
    const { dict, values } = setUp();
    values.set('clear', 3);
    expect(Reflect.ownKeys(dict)).toEqual(['a']);
    expect(Object.getOwnPropertyDescriptor(dict, 'clear')).toBe(undefined);
    expect(Object.getOwnPropertyDescriptor(dict, 'a')).toEqual({
      value: 1,
      writable: true,
      enumerable: true,
      configurable: true,
    });
    expect(Symbol.iterator in dict).toBe(false);
    expect(Reflect.deleteProperty(dict, Symbol('x'))).toBe(true);
    expect([...dict]).toEqual([
      ['a', 1],
      ['clear', 3],
    ]);
  });

  it('holds `undefined` as a value, and goes on when a key is deleted while it is gone through', () => {
    const { dict, values } = setUp();
    values.set('none', undefined).set('late', 2);
    expect(Object.keys({ ...dict })).toEqual(['a', 'none', 'late']);
    const seen: string[] = [];
    for (const [key] of dict) {
      seen.push(key);
      values.delete('late');
    }
    expect(seen).toEqual(['a', 'none']);
  });
});

describe('readonlyTraps', () => {
  const source = {
    get: (key: string) => (key === 'a' ? 1 : undefined),
    has: (key: string) => key === 'a',
    keys: () => ['a'],
  };

  it('refuses every change, and a spread gives a copy that takes them', () => {
    const dict = proxyOf<Record<string, unknown>>(readonlyTraps('Thing', 'thing is read-only.', {}, source));
    for (const attempt of [
      () => (dict.a = 1),
      () => delete dict.a,
      () => Object.defineProperty(dict, 'a', { value: 1 }),
      () => Object.preventExtensions(dict),
    ])
      expect(attempt).toThrow(new TypeError('thing is read-only.'));
    expect(Object.getOwnPropertyDescriptor(dict, 'a')!.writable).toBe(false);
    expect({ ...dict }).toEqual({ a: 1 });
  });

  it('asks `unknown` for what has no value only, and a member `toString` makes the text', () => {
    const asked: string[] = [];
    const unknown = (key: string): string => {
      asked.push(key);
      return `no ${key}`;
    };
    const dict = proxyOf<Record<string, unknown>>(
      readonlyTraps('Thing', '', { toString: () => 'all of it' }, { ...source, unknown }),
    );
    expect([dict.a, dict.b, `${dict}`]).toEqual([1, 'no b', 'all of it']);
    expect(asked).toEqual(['b']);
  });
});

describe('readUnknown', () => {
  const refuse = (key: string): never => {
    throw new Error(`no ${key}`);
  };

  it('refuses unknown names, and is silent for those that everybody asks any object for', () => {
    expect(() => readUnknown('pgae', refuse)).toThrow('no pgae');
    for (const key of [
      'then',
      'toJSON',
      'nodeType',
      'tagName',
      'asymmetricMatch',
      'inspect',
      'length',
      '__v_isRef',
      '@@x',
      '$$typeof',
    ])
      expect(readUnknown(key, refuse)).toBe(undefined);
    for (const key of ['thenable', 'lengthy', 'x__', 'strength'])
      expect(() => readUnknown(key, refuse)).toThrow(`no ${key}`);
    expect(readUnknown('hasOwnProperty', refuse)).toBe(Object.prototype.hasOwnProperty);
  });
});

describe('proxyOfLate', () => {
  it.each<[string, (dict: Record<string, unknown>) => unknown, unknown]>([
    ['a read', (dict) => dict.a, 1],
    ['`in`', (dict) => 'a' in dict, true],
    ['a list of keys', (dict) => Object.keys(dict), ['a']],
    ['a spread', (dict) => ({ ...dict }), { a: 1 }],
    ['a set', (dict) => Reflect.set(dict, 'a', 1), true],
    ['a delete', (dict) => Reflect.deleteProperty(dict, 'b'), true],
    ['a definition', (dict) => Object.defineProperty(dict, 'a', { value: 1, configurable: true }) === dict, true],
  ])('makes its traps at %s, once', (_name, use, expected) => {
    let made = 0;
    const { create } = setUp();
    const dict = proxyOfLate<Record<string, unknown>>(() => {
      made++;
      return create();
    });
    expect(made).toBe(0);
    expect(use(dict)).toEqual(expected);
    expect(use(dict)).toEqual(expected);
    expect(dict.a).toBe(1);
    expect(made).toBe(1);
  });

  it('refuses what its traps refuse, also as the first use', () => {
    const { create } = setUp();
    expect(() => Object.freeze(proxyOfLate(create))).toThrow(TypeError);
    expect(() => Object.setPrototypeOf(proxyOfLate(create), {})).toThrow(TypeError);
  });

  it('begins anew after what its making threw', () => {
    let isBroken = true;
    const { create } = setUp();
    const dict = proxyOfLate<Record<string, unknown>>(() => {
      if (isBroken) throw new Error('not yet');
      return create();
    });
    expect(() => dict.a).toThrow('not yet');
    isBroken = false;
    expect(dict.a).toBe(1);
  });
});
