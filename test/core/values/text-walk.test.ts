// Which values are safe for JSON, which are rich, and what no text keeps, with the way to it.
import { describe, expect, it } from 'vitest';
import { createClassRegistry } from '../../../src/core/values/class-registry.js';
import { valueTextOf } from '../../../src/core/values/text.js';
import { createTextWalk } from '../../../src/core/values/text-walk.js';
import { foreignRealm } from '../../helpers/foreign.js';

class Point {
  constructor(readonly x: unknown) {}
}
const classes = createClassRegistry();
classes.register(Point, 'Point');
class Getter {
  get total(): number {
    return 0;
  }
}
class Setter {
  set total(_value: number) {}
}
class Below extends Setter {}
class Constant {}
Object.defineProperty(Constant.prototype, 'total', { value: 0 });
for (const one of [Getter, Below, Constant]) classes.register(one, one.name);
const hidden = (instance: object) => Object.defineProperty(instance, 'total', { value: 5, enumerable: true });
const hiding = 'field that an accessor of its class hides';
const walk = createTextWalk(classes);
const fn = () => 1;
const bad = (typeName: string, path = '') => ({ path, typeName });

describe('the walk for a text', () => {
  it.each<[string, unknown]>([
    ['texts', ['', 'x']],
    ['numbers', [0, 1.5, -1, 1e21, Number.MAX_VALUE]],
    ['the rest of JSON', { a: [true, false, null], b: { c: {} }, '': [] }],
    ['no prototype', Object.assign(Object.create(null), { a: 1 })],
  ])('is safe: %s', (_name, value) => expect(walk(value)).toBe('safe'));

  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['an undefined member', [undefined]],
    ['NaN', { a: NaN }],
    ['-0', -0],
    ['Infinity', [-Infinity]],
    ['bigint', [1n]],
    ['Date', new Date(0)],
    ['RegExp', /x/],
    ['URL', new URL('https://h/')],
    ['Map and Set', new Map([[1, new Set(['x'])]])],
    ['bytes', new Uint8Array([1])],
    ['floats', new Float64Array([1, 0.5])],
    ['an error', new RangeError('x', { cause: { a: [1] } })],
    ['an error of several', new AggregateError([new Error('a'), 1])],
    ['a named error', Object.defineProperty(new Error('x'), 'name', { value: 'MyError' })],
    ['an instance of a registered class', [new Point(1)]],
  ])('is rich: %s', (_name, value) => expect(walk(value)).toBe('rich'));

  it('is rich, too, where an object stands twice, or in itself', () => {
    const one = {};
    const ring: unknown[] = [];
    ring.push([ring]);
    for (const value of [[one, one], { a: [one], b: one }, ring, new Map([[one, one]])])
      expect(walk(value)).toBe('rich');
  });

  const getter = {
    get b() {
      throw new Error('secret');
    },
  };
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const sparse: number[] = [];
  sparse[1] = 1;
  const deep = () => {
    let value: unknown = 1;
    for (let i = 0; i < 200_000; i++) value = [value];
    return value;
  };
  it.each<[string, unknown, object]>([
    ['a function', fn, bad('function')],
    ['a symbol', [Symbol.iterator], bad('symbol', '[0]')],
    ['in objects and arrays', { a: { b: [0, fn] } }, bad('function', '.a.b[1]')],
    ['behind names', { $_1: { ä: { 'a b': { '1a': fn } } } }, bad('function', '.$_1.ä["a b"]["1a"]')],
    ['behind an empty name', { '': fn }, bad('function', '[""]')],
    ['a key of a Map', new Map<unknown, unknown>([[1, 1], [{ f: fn }, 1]]), bad('function', '.keys[1].f')], // biome-ignore format: a line each
    ['a value of a Map', { m: new Map<unknown, unknown>([[1, 1], [2, fn]]) }, bad('function', '.m.values[1]')], // biome-ignore format: a line each
    ['a member of a Set', new Set([1, [fn]]), bad('function', '.items[1][0]')],
    ['holes', { a: sparse }, bad('sparse array', '.a')],
    ['a getter', { a: getter }, bad('getter that throws', '.a.b')],
    ['a name', JSON.parse('{"a":{"__proto__":1}}'), bad('own property of this name', '.a.__proto__')],
    ['a Proxy', [revoked.proxy], bad('Proxy', '[0]')],
    ['a class', { p: new (class Shop {})() }, bad('Shop', '.p')],
    ['a field of a registered class', new Point(fn), bad('function', '.x')],
    ['a field that a getter of its class hides', [hidden(new Getter())], bad(hiding, '[0].total')],
    ['a field that a setter of a class above hides', hidden(new Below()), bad(hiding, '.total')],
    ['a field that a constant of its class hides', hidden(new Constant()), bad(hiding, '.total')],
    ['an invalid Date', [new Date(NaN)], bad('invalid Date', '[0]')],
    ['own fields', Object.assign(new Date(0), { a: 1 }), bad('Date with own fields')],
    ['own fields of a Map', Object.assign(new Map(), { a: 1 }), bad('Map with own fields')],
    ['NaN among floats', new Float64Array([1, NaN]), bad('Float64Array with NaN, Infinity or -0')],
    ['-0 among floats', new Float32Array([-0]), bad('Float32Array with NaN, Infinity or -0')],
    ['own fields of an error', Object.assign(new Error('x'), { code: 1 }), bad('Error with own fields')],
    ['a cause', new Error('x', { cause: [fn] }), bad('function', '.cause[0]')],
    ['one of several errors', new AggregateError([1, fn]), bad('function', '.errors[1]')],
    [
      'an error with the name of another',
      Object.defineProperty(new Error('x'), 'name', { value: 'RangeError' }),
      bad('Error with another name or message'),
    ],
    [
      'an error whose message is none',
      Object.defineProperty(new TypeError('x'), 'message', { value: 1 }),
      bad('TypeError with another name or message'),
    ],
    ['a promise', [Promise.resolve()], bad('Promise', '[0]')],
    ['more depth than the stack has', deep(), bad('object that is nested too deeply')],
  ])('tells of %s', (_name, value, expected) => {
    expect(walk(value)).toEqual(expected);
    // what it has met is forgotten
    expect(walk({ a: 1 })).toBe('safe');
  });

  it('refuses two more names where superjson has refused something', () => {
    const value = { a: { constructor: 1 }, b: { prototype: 2 } };
    expect(walk(value)).toBe('safe');
    expect(walk(value, true)).toEqual(bad('own property of this name', '.a.constructor'));
    expect(walk({ b: value.b }, true)).toEqual(bad('own property of this name', '.b.prototype'));
  });

  it('passes over what is inherited', () => {
    let kinds: unknown;
    Object.defineProperty(Object.prototype, 'inherited', { value: fn, enumerable: true, configurable: true });
    try {
      kinds = [walk({ a: 1 }), walk({ a: [fn] })];
    } finally {
      delete (Object.prototype as { inherited?: unknown }).inherited; // before anything else meets it
    }
    expect(kinds).toEqual(['safe', bad('function', '.a[0]')]);
  });
});

describe('the walk for a text, and objects of another frame', async () => {
  const foreign = await foreignRealm();
  const text = valueTextOf(classes);

  it.each<[string, () => unknown, object | string]>([
    ['an object', () => foreign('({ a: { b: [1, "x"] } })'), 'foreign'],
    ['an array', () => foreign('[{}, [1]]'), 'foreign'],
    ['one among others', () => [{ a: 1 }, { b: foreign('({})') }], 'foreign'],
    ['an array among others', () => ({ a: foreign('[]') }), 'foreign'],
    ['a function in one', () => foreign('({ a: [() => 1] })'), bad('function', '.a[0]')],
    ['a function in an array', () => [foreign('[1, () => 1]')], bad('function', '[0][1]')],
    ['one beside what only superjson keeps', () => [new Date(0), foreign('({})')], bad('Object', '[1]')],
    ['an array beside it', () => [new Date(0), foreign('[1]')], 'rich'],
    ['undefined in one', () => ({ a: foreign('({ b: undefined })') }), bad('Object', '.a')],
    ['an instance', () => [foreign('new (class Shop {})()')], bad('Shop', '[0]')],
    ['an array class', () => [foreign('new (class List extends Array {})()')], bad('List', '[0]')],
  ])('sorts %s', (_name, make, kind) => {
    expect(walk(make())).toEqual(kind);
    expect(walk([{}])).toBe('safe');
  });

  it('does not run a `toJSON` that their prototypes have', () => {
    const prototypes = ['Object.prototype', 'Array.prototype'];
    for (const prototype of prototypes)
      foreign(`Object.defineProperty(${prototype}, 'toJSON', { value: () => 'replaced', configurable: true })`);
    try {
      const value = { a: foreign('({ b: [1, {}] })'), c: 1 };
      expect(text.format(value)).toBe('{"json":{"a":{"b":[1,{}]},"c":1}}');
    } finally {
      for (const prototype of prototypes) foreign(`delete ${prototype}.toJSON`);
    }
  });
});
