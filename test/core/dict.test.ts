import { describe, expect, it } from 'vitest';
import { dictTraps, proxyOf, proxyOfLate } from '../../src/core/dict.js';

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
