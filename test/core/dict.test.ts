import { describe, expect, it } from 'vitest';
import { createDict } from '../../src/core/dict.js';

const setUp = () => {
  const values = new Map<string, unknown>([['a', 1]]);
  const dict = createDict<Record<string, unknown> & Iterable<[string, unknown]>>(
    { owner: 'thing', tag: 'Thing' },
    { clear: () => values.clear() },
    {
      get: (key) => values.get(key),
      has: (key) => values.has(key),
      keys: () => values.keys(),
      set: (key, value) => void values.set(key, value),
      delete: (key) => void values.delete(key),
    },
  );
  return { values, dict };
};

describe('createDict', () => {
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
