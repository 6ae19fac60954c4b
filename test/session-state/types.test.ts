// Which values sessionState keeps over a reload.
import superjson, { SuperJSON } from 'superjson';
import { describe, expect, it, vi } from 'vitest';
import { createSessionState, registerClass, UnserializableValueError } from '../../src/index.js';
import { FakeStorage, fresh, tick } from '../helpers/session.js';

/** The value after a reload. */
const reloaded = (value: unknown): unknown => {
  const { s, again } = fresh({ area: new FakeStorage() });
  s.k = value;
  return again().k;
};

const rich: Record<string, unknown> = {
  undefined: undefined,
  NaN: Number.NaN,
  'minus zero': -0,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
  BigInt: 10n ** 30n,
  Date: new Date(1e12),
  RegExp: /a\/b[\n]"/giu,
  URL: new URL('https://example.org/a?b=c#d'),
  'Map with object keys': new Map([[{ a: 1 }, new Date(0)]]),
  Set: new Set([1, 'a', null, undefined, 2n]),
  'Map of Sets of Dates': new Map([['a', new Set([new Date(1), new Date(2)])]]),
  Uint8Array: new Uint8Array([1, 2, 255]),
  Int32Array: new Int32Array([-1, 2]),
  Float64Array: new Float64Array([1.5, -2]),
  nested: { a: [undefined, { b: new Date(4) }], 'a.b': 1n, 'c\\': { '': Number.NaN } },
  'lone surrogate': '\ud800 and \udfff',
  'object without a prototype': Object.assign(Object.create(null), { a: 1 }),
};

describe('sessionState, types', () => {
  it.each(Object.entries(rich))('[SES-23] %s comes back with its type', (name, value) => {
    const back = reloaded(value);
    if (name === 'object without a prototype') expect(back).toEqual({ a: 1 });
    else expect(back).toStrictEqual(value);
    expect(Object.is(back, value) || typeof value === 'object').toBe(true);
    // beside each other, in one value
    expect((reloaded([value, value]) as unknown[])[1]).toEqual(value);
  });

  it('[SES-23] undefined is there after a reload', () => {
    const { s, again } = fresh();
    s.x = undefined;
    expect('x' in s).toBe(true);
    expect('x' in again()).toBe(true);
  });

  it('[SES-115] errors of the built-in classes come back as such', () => {
    for (const Class of [Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError]) {
      const error = reloaded(new Class('t', { cause: new Date(1) })) as Error;
      expect([Object.getPrototypeOf(error), error.name, error.message]).toEqual([Class.prototype, Class.name, 't']);
      expect([error.cause, Object.keys(error), String(error)]).toEqual([new Date(1), [], `${Class.name}: t`]);
      expect(Object.hasOwn(error, 'name')).toBe(false);
      expect('cause' in (reloaded(new Class('t')) as Error)).toBe(false);
    }
  });

  it('[SES-115] an AggregateError comes back with its errors, also beside others and in circles', () => {
    const error = new AggregateError([new TypeError('a'), { when: new Date(1) }, 1n], 'all', { cause: 'c' });
    const back = reloaded({ list: [new RangeError('r'), error, new Map([[error, new Set([error])]])] }) as {
      list: [RangeError, AggregateError, Map<AggregateError, Set<AggregateError>>];
    };
    const [range, all, map] = back.list;
    expect([range instanceof RangeError, Object.getOwnPropertyNames(range).includes('errors')]).toEqual([true, false]);
    expect([all instanceof AggregateError, all.message, all.cause, Object.keys(all)]).toEqual([true, 'all', 'c', []]);
    expect([all.errors[0] instanceof TypeError, all.errors[0].message]).toEqual([true, 'a']);
    expect(all.errors.slice(1)).toEqual([{ when: new Date(1) }, 1n]);
    expect([[...map.keys()][0] === all, [...map.values()][0]!.has(all)]).toEqual([true, true]);
    const circle = new AggregateError([], 'circle');
    circle.errors.push(circle);
    const same = reloaded(circle) as AggregateError;
    expect(same.errors[0]).toBe(same);
    const own = new TypeError('own');
    own.cause = own;
    const again = reloaded([own, own]) as Error[];
    expect([again[0] === again[1], again[0]!.cause === again[0], again[0] instanceof TypeError]).toEqual([
      true,
      true,
      true,
    ]);
  });

  it('[SES-115] an error under a name of its own keeps it, and superjson reads all of these texts', () => {
    const abort = Object.assign(new Error('m'), { name: 'AbortError' });
    const back = reloaded(abort) as Error;
    expect([Object.getPrototypeOf(back) === Error.prototype, back.name, Object.keys(back)]).toEqual([
      true,
      'AbortError',
      ['name'],
    ]);
    const { s, text } = fresh();
    s.e = [new TypeError('t'), new AggregateError([new Error('x')], 'a')];
    s.flush();
    const read = superjson.parse(text('e')!) as Error[];
    expect(read.map(({ name, message }) => `${name} ${message}`)).toEqual(['TypeError t', 'AggregateError a']);
  });

  it('[SES-27] a toJSON on the prototypes of the language changes nothing', async () => {
    const value = {
      list: [1, [2]],
      o: { a: null },
      big: 1n,
      when: new Date(5),
      map: new Map([['a', new Set([1])]]),
      bytes: new Uint8Array([1]),
      url: new URL('http://a/'),
      error: new TypeError('t'),
    };
    const plain = [1, { a: ['x', true, -1.5] }];
    const prototypes = [Object, Array, BigInt, Date, Map, Set, Uint8Array, URL, Error, Number, String, Boolean].map(
      ({ prototype }) => prototype as { toJSON?: unknown },
    );
    const before = prototypes.map((prototype) => Object.getOwnPropertyDescriptor(prototype, 'toJSON'));
    const put = (isEnumerable: boolean): void => {
      for (const prototype of prototypes)
        Object.defineProperty(prototype, 'toJSON', {
          configurable: true,
          writable: true,
          enumerable: isEnumerable,
          value: () => 'not it',
        });
    };
    const results: unknown[] = [];
    try {
      for (const isEnumerable of [false, true]) {
        put(isEnumerable);
        const { s, again, text, warnings } = fresh({ area: new FakeStorage() });
        s.rich = value;
        s.plain = plain;
        s.text = 'text';
        s.flush();
        const next = again();
        results.push([next.rich, next.plain, next.text, text('plain'), warnings.length]);
      }
    } finally {
      prototypes.forEach((prototype, i) => {
        if (before[i]) Object.defineProperty(prototype, 'toJSON', before[i]);
        else delete prototype.toJSON;
      });
    }
    for (const result of results)
      expect(result).toEqual([value, plain, 'text', '{"json":[1,{"a":["x",true,-1.5]}]}', 0]);
  });

  it('[SES-24] keeps cycles and shared objects', () => {
    const o: Record<string, unknown> = { n: 1 };
    o.self = o;
    const back = reloaded(o) as typeof o;
    expect(back.self).toBe(back);
    expect(back.n).toBe(1);
    const p = { x: 1 };
    const both = reloaded({ a: p, b: p, deep: { list: [p] } }) as { a: object; b: object; deep: { list: object[] } };
    expect(both).toEqual({ a: p, b: p, deep: { list: [p] } });
    expect(both.a).toBe(both.b);
    expect(both.deep.list[0]).toBe(both.a);
  });

  it('[SES-24] keeps shared objects inside Sets, Maps, errors and registered classes', () => {
    class Basket {
      items: object[] = [];
      first?: object;
      owner?: Basket;
    }
    registerClass(Basket, 'test.Basket');
    const [p, q] = [{ p: 1 }, { q: 1 }];
    const basket = new Basket();
    basket.items = [p, q];
    basket.first = p;
    basket.owner = basket;
    const value = {
      list: [p, q],
      set: new Set([p, { x: 1 }, q, { y: 1 }]),
      map: new Map<unknown, unknown>([
        [q, p],
        [{ z: 1 }, q],
        ['basket', basket],
      ]),
      basket,
      error: new Error('e', { cause: p }),
      numbers: [1n, 1n, Number.NaN, Number.NaN],
    };
    const back = reloaded(value) as typeof value;
    expect({ ...back, error: 0 }).toEqual({ ...value, error: 0 });
    const [p2, q2] = back.list;
    expect([...back.set].map((item) => [p2, q2].indexOf(item as never))).toEqual([0, -1, 1, -1]);
    expect([...back.map.keys()][0]).toBe(q2);
    expect([...back.map.values()][0]).toBe(p2);
    expect(back.map.get('basket')).toBe(back.basket);
    expect(back.basket).toBeInstanceOf(Basket);
    expect(back.basket.items[1]).toBe(q2);
    expect(back.basket.first).toBe(p2);
    expect(back.basket.owner).toBe(back.basket);
    expect(back.error.cause).toBe(p2);
  });

  it('[SES-25] shared levels are written once', () => {
    const { s, prefix } = fresh();
    let value: unknown = { leaf: true };
    for (let level = 0; level < 20; level++) value = { l: value, r: value };
    s.k = value;
    s.flush();
    expect(sessionStorage.getItem(`${prefix}k`)!.length).toBeLessThan(10_000);
  });

  it.each(Object.entries({ ...rich, 'JSON-safe': { a: [1, 'b', null, { c: true }] } }))(
    '[SES-26] superjson reads the text of %s',
    (_name, value) => {
      const { s, text } = fresh();
      s.k = value;
      s.flush();
      expect(superjson.parse(text('k')!)).toEqual(value);
    },
  );

  it('[SES-26] superjson reads registered classes and Temporal types that are registered there, too', () => {
    class Cart {
      constructor(
        readonly when: Date,
        readonly n: number,
      ) {}
    }
    registerClass(Cart, 'test.SharedCart');
    const own = new SuperJSON();
    own.registerClass(Cart as never, { identifier: 'test.SharedCart' });
    const { s, text } = fresh();
    s.cart = new Cart(new Date(5), 1);
    s.flush();
    expect(own.parse(text('cart')!)).toStrictEqual(new Cart(new Date(5), 1));
  });

  const { Temporal } = globalThis as unknown as { Temporal?: Record<string, { from(text: unknown): object }> };
  const moments: [string, string][] = [
    ['Instant', '2026-01-02T03:04:05.000000006Z'],
    ['PlainDate', '2026-01-02'],
    ['PlainTime', '03:04:05.000000006'],
    ['PlainDateTime', '2026-01-02T03:04:05.000000006'],
    ['PlainYearMonth', '2026-01'],
    ['PlainMonthDay', '01-02'],
    ['ZonedDateTime', '2026-01-02T03:04:05+09:00[Asia/Tokyo]'],
    ['Duration', 'P1Y2DT3H'],
  ];
  it.runIf(Temporal)('[SES-23] Temporal values come back where the engine has them', () => {
    const { s, again, text } = fresh();
    const values = moments.map(([name, from]) => Temporal![name]!.from(from));
    s.k = values;
    const back = again().k as object[];
    expect(back.map(String)).toEqual(moments.map(([, from]) => from));
    back.forEach((value, i) => {
      expect(Object.getPrototypeOf(value)).toBe(Object.getPrototypeOf(values[i]));
    });
    expect(JSON.parse(text('k')!).meta.values['1']).toEqual([['custom', 'Temporal.PlainDate']]);
  });

  it('[SES-27] the text of a JSON-safe value is JSON', async () => {
    const { s, text } = fresh();
    const values: unknown[] = [
      null,
      true,
      0,
      -1.5,
      'text "\\\u2028\ud83d\ude00',
      [],
      {},
      { constructor: 1, a: [{ b: null }] },
    ];
    for (const value of values) {
      s.k = value;
      await tick();
      expect(text('k')).toBe(`{"json":${JSON.stringify(value)}}`);
    }
  });

  it('[SES-28] reads what the default superjson wrote', () => {
    const { s, put } = fresh();
    const p = { x: 1 };
    const value = { when: new Date(7), m: new Map([['a', new Set([1n])]]), a: p, b: p, '\u007f\\u': '\\u' };
    put('k', superjson.stringify(value));
    put('u', superjson.stringify(undefined));
    expect(s.k).toEqual(value);
    expect((s.k as typeof value).a).toBe((s.k as typeof value).b);
    expect([s.u, 'u' in s]).toEqual([undefined, true]);
  });

  const revoked = (): object => {
    const { proxy, revoke } = Proxy.revocable<object>({}, {});
    revoke();
    return proxy;
  };
  const fail = (): never => {
    throw new Error('secret');
  };
  class Unregistered {
    x = 1;
  }
  class DerivedMap extends Map {}
  const sparse = [1, 2, 3];
  delete sparse[1];
  const unstorable: [string, () => unknown, string | RegExp][] = [
    ['a function', () => () => 1, 'function'],
    ['a symbol', () => Symbol('x'), 'symbol'],
    ['a promise', () => Promise.resolve(), 'Promise'],
    ['an ArrayBuffer', () => new ArrayBuffer(2), 'ArrayBuffer'],
    ['a DataView', () => new DataView(new ArrayBuffer(2)), 'DataView'],
    ['an invalid Date', () => new Date(Number.NaN), 'invalid Date'],
    ['an unregistered class', () => new Unregistered(), 'Unregistered'],
    ['a Map of a subclass', () => new DerivedMap(), 'DerivedMap'],
    ['an array of a subclass', () => new (class List extends Array {})(), 'List'],
    ['a sparse array', () => sparse, 'sparse array'],
    ['a float array with NaN', () => new Float64Array([Number.NaN]), /Float64Array/],
    ['a float array with -0', () => new Float32Array([-0]), /Float32Array/],
    ['a BigInt64Array', () => new BigInt64Array(1), 'BigInt64Array'],
    ['a WeakMap', () => new WeakMap(), 'WeakMap'],
    ['an iterator', () => [1][Symbol.iterator](), /Iterator/],
    ['URLSearchParams', () => new URLSearchParams('a=1'), 'URLSearchParams'],
    ['a boxed number', () => Object(5), 'Number'],
    ['an error with own fields', () => Object.assign(new Error('m'), { status: 404 }), /Error/],
    ['a DOMException', () => new DOMException('stop', 'AbortError'), 'DOMException'],
    ['an error of another class', () => new (class HttpError extends Error {})('m'), 'HttpError'],
    ['a subclass of TypeError', () => new (class Mine extends TypeError {})('m'), 'Mine'],
    ['an AggregateError with own fields', () => Object.assign(new AggregateError([]), { status: 1 }), /AggregateError/],
    ['a TypeError under another name', () => Object.assign(new TypeError('m'), { name: 'Mine' }), /TypeError/],
    ['an Error under the name of another class', () => Object.assign(new Error('m'), { name: 'TypeError' }), /Error/],
    ['an Error whose message is a number', () => Object.assign(new Error('m'), { message: 5 }), /Error/],
    ['an Error with `errors`', () => Object.assign(new Error('m'), { errors: [] }), /Error/],
    ['a revoked Proxy', revoked, 'Proxy'],
    ['a Proxy whose trap throws', () => new Proxy({}, { getPrototypeOf: fail }), 'Proxy'],
    ['a Date with own fields', () => Object.assign(new Date(0), { note: 1 }), /Date/],
    ['a Map with own fields', () => Object.assign(new Map(), { note: 1 }), /Map/],
    ['a Set with own fields', () => Object.assign(new Set(), { note: 1 }), /Set/],
    ['a RegExp with own fields', () => Object.assign(/x/, { note: 1 }), /RegExp/],
    ['a URL with own fields', () => Object.assign(new URL('http://h/'), { note: 1 }), /URL/],
  ];
  if (typeof Blob === 'function') unstorable.push(['a Blob', () => new Blob(['x']), 'Blob']);
  if (typeof File === 'function') unstorable.push(['a File', () => new File(['x'], 'n'), 'File']);
  if (typeof document === 'object') unstorable.push(['a node', () => document.createElement('div'), /HTML/]);

  it.each(unstorable)('[SES-29] %s stays in memory and is absent after a reload', async (_name, make, typeName) => {
    const { s, again, warnings, text } = fresh();
    s.k = 'older';
    s.o = { f: 1 };
    s.other = 1;
    await tick();
    expect(text('k')).toBe('{"json":"older"}');
    const value = make();
    s.k = value;
    (s.o as Record<string, unknown>).f = value;
    expect(s.k).toBe(value);
    await tick();
    await tick();
    expect([text('k'), text('o')]).toEqual([null, null]);
    expect(s.k).toBe(value);
    s.k = make();
    await tick();
    expect(warnings.map(({ code, key }) => [code, key]).sort()).toEqual([
      ['unserializable', 'k'],
      ['unserializable', 'o'],
    ]);
    for (const { key, cause, message } of warnings) {
      expect(cause).toBeInstanceOf(UnserializableValueError);
      expect(cause).toMatchObject({ key, path: key === 'k' ? 'k' : 'o.f' });
      const { typeName: found } = cause as UnserializableValueError;
      if (typeof typeName === 'string') expect(found).toBe(typeName);
      else expect(found).toMatch(typeName);
      expect(message).toContain(`"${key}"`);
      expect(message).toContain(found);
    }
    expect(again().toDict()).toEqual({ other: 1 });
    // the trouble is over, so the next one is told again
    s.k = 1;
    await tick();
    expect(text('k')).toBe('{"json":1}');
    s.k = make();
    await tick();
    expect(warnings.length).toBe(3);
  });

  it('[SES-29] getters that throw and errors of their own are told by path', async () => {
    const { s, warnings, again } = fresh();
    const throwing = {
      get secret() {
        throw new Error('secret text');
      },
    };
    s.k = { a: [throwing] };
    await tick();
    expect((warnings[0]!.cause as UnserializableValueError).path).toBe('k.a[0].secret');
    expect(JSON.stringify(warnings) + warnings[0]!.message).not.toContain('secret text');
    expect('k' in again()).toBe(false);
  });

  it('[SES-30] tells the path, and neither values nor Map keys', async () => {
    const { s, warnings } = fresh();
    const fn = (): number => 1;
    s.k = { a: { b: [0, 'secret', fn] } };
    s.m = { 'a name': new Map([['secret', new Set([1, { x: fn }])]]) };
    s.keys = new Map([[fn, 1]]);
    s.error = new AggregateError([1, new TypeError('secret', { cause: { fn } })]);
    s.proxy = { a: [new Proxy({}, { getPrototypeOf: fail })] };
    s.list = [new Proxy([], { get: fail })];
    s.flush();
    expect(warnings.map(({ cause }) => (cause as UnserializableValueError).path)).toEqual([
      'k.a.b[2]',
      'm["a name"].values[0].items[1].x',
      'keys.keys[0]',
      'error.errors[1].cause.fn',
      'proxy.a[0]',
      'list',
    ]);
    expect((warnings[0]!.cause as UnserializableValueError).typeName).toBe('function');
    for (const { message, cause } of warnings) expect(`${message} ${(cause as Error).message}`).not.toContain('secret');
  });

  it('[SES-31] strict throws and changes nothing', async () => {
    const { s, text, warnings } = fresh({ strict: true });
    const heard = vi.fn();
    s.subscribe(heard);
    s.k = 1;
    s.o = { a: 1 };
    await tick();
    heard.mockClear();
    const fn = (): number => 1;
    expect(() => (s.k = { a: fn })).toThrow(expect.objectContaining({ path: 'k.a' }));
    expect(() => s.update({ a: 1, k: fn })).toThrow(UnserializableValueError);
    expect(() => s.setDefaults({ b: 1, c: fn })).toThrow(UnserializableValueError);
    expect(() => s.setDefault('d', fn)).toThrow(UnserializableValueError);
    expect(() => s.ref('e', fn).get()).toThrow(UnserializableValueError);
    await tick();
    expect([s.toDict(), heard.mock.calls, text('k'), text('a')]).toEqual([
      { k: 1, o: { a: 1 } },
      [],
      '{"json":1}',
      null,
    ]);
    (s.o as Record<string, unknown>).f = fn;
    await tick();
    expect([warnings.map(({ code }) => code), text('o')]).toEqual([['unserializable'], null]);
  });

  it('[SES-32] an instance of a registered class comes back with its methods', () => {
    class Cart {
      when = new Date(9);
      items = new Map([['a', 1]]);
      total(): number {
        return [...this.items.values()].reduce((sum, n) => sum + n, 0);
      }
    }
    registerClass(Cart, 'Cart');
    registerClass(Cart, 'test.Cart2');
    const { s, again, text, put } = fresh();
    s.cart = { nested: [new Cart()] };
    const next = again();
    const [cart] = (next.cart as { nested: [Cart] }).nested;
    expect(cart).toBeInstanceOf(Cart);
    expect([cart.total(), cart.when]).toEqual([1, new Date(9)]);
    // a class under two identifiers writes the first and reads both
    expect(text('cart')).toContain('["class","Cart"]');
    put('second', text('cart')!.replace('"Cart"', '"test.Cart2"'));
    expect(() => registerClass(class Other {}, 'Cart')).toThrow(TypeError);
    expect(() => registerClass(Cart, '')).toThrow(TypeError);
  });

  it('[SES-32] both identifiers of a class are read, and a class may be replaced by one of its name', () => {
    const first = { Item: class Item {} }.Item;
    const second = { Item: class Item {} }.Item;
    registerClass(first, 'test.Item');
    registerClass(first, 'test.Item.old');
    const { s, put } = fresh();
    put('old', '{"json":{"a":1},"meta":{"values":[["class","test.Item.old"]],"v":1}}');
    expect(s.old).toBeInstanceOf(first);
    registerClass(second, 'test.Item');
    put('new', '{"json":{"a":1},"meta":{"values":[["class","test.Item"]],"v":1}}');
    const other = fresh();
    other.put('k', '{"json":{"a":1},"meta":{"values":[["class","test.Item"]],"v":1}}');
    expect(other.s.k).toBeInstanceOf(second);
    other.s.n = new second();
    other.s.flush();
    expect(other.text('n')).toContain('test.Item');
  });

  it('[SES-33] a text of an unknown class is missing until the class is registered', async () => {
    const { s, put, text, warnings } = fresh();
    const stored = '{"json":{"n":1},"meta":{"values":[["class","test.Late"]],"v":1}}';
    put('k', stored);
    const heard = vi.fn();
    s.subscribe('k', heard);
    expect([s.k, 'k' in s]).toEqual([undefined, false]);
    expect(warnings.map(({ code, key }) => [code, key])).toEqual([['storage-corrupt', 'k']]);
    s.flush();
    expect(text('k')).toBe(stored);
    class Late {
      n = 0;
      twice(): number {
        return this.n * 2;
      }
    }
    registerClass(Late, 'test.Late');
    expect((s.k as Late).twice()).toBe(2);
    expect(heard).toHaveBeenCalledTimes(1);
    await tick();
    expect([text('k'), warnings.length]).toEqual([stored, 1]);
  });

  it('[SES-33] of several unknown classes each text is read when its own class is there', () => {
    const { s, put } = fresh();
    const of = (id: string) => `{"json":{"n":1},"meta":{"values":[["class","${id}"]],"v":1}}`;
    put('a', of('test.LateA'));
    put('b', of('test.LateB'));
    put('never', of('test.Never'));
    expect([s.a, s.b, s.never]).toEqual([undefined, undefined, undefined]);
    class LateB {}
    registerClass(LateB, 'test.LateB');
    expect([s.a, s.b instanceof LateB]).toEqual([undefined, true]);
    class LateA {}
    registerClass(LateA, 'test.LateA');
    expect([s.a instanceof LateA, s.b instanceof LateB, s.never]).toEqual([true, true, undefined]);
  });

  it('[SES-34] own constructor and prototype are fine in JSON-safe values only', async () => {
    const { s, again, warnings } = fresh();
    s.safe = { constructor: 1, prototype: { a: 1 } };
    s.rich = { constructor: 1, when: new Date() };
    s.deep = { list: [{ prototype: 2 }], n: 1n };
    const next = again();
    expect([next.safe, 'rich' in next, 'deep' in next]).toEqual([
      { constructor: 1, prototype: { a: 1 } },
      false,
      false,
    ]);
    expect(warnings.map(({ code, cause }) => [code, (cause as UnserializableValueError).path])).toEqual([
      ['unserializable', 'rich.constructor'],
      ['unserializable', 'deep.list[0].prototype'],
    ]);
  });

  it('[SES-35] an own __proto__ neither goes in nor comes out', async () => {
    const { s, put, text, codes } = fresh();
    const texts = [
      '{"json":{"__proto__":{"polluted":1}}}',
      '{"json":{"a":{"\\u005f_proto__":{"polluted":1}}}}',
      '{"json":{"a":{"__proto__":{"polluted":1}}},"meta":{"values":{"a":["map"]},"v":1}}',
      '{"json":{"a":1},"meta":{"values":{"__proto__.polluted":["Date"]},"v":1}}',
      '{"json":{"a":null,"b":{}},"meta":{"referentialEqualities":{"b":["__proto__.polluted"]},"v":1}}',
      '{"json":{"a":null,"b":{}},"meta":{"referentialEqualities":{"b":["constructor.prototype.polluted"]},"v":1}}',
      '{"json":{"a":null,"b":{}},"meta":{"referentialEqualities":{"constructor.prototype":["a"]},"v":1}}',
    ];
    for (const [i, stored] of texts.entries()) put(`t${i}`, stored);
    for (const i of texts.keys()) expect([i, s[`t${i}`]]).toEqual([i, undefined]);
    expect(codes()).toEqual(texts.map(() => 'storage-corrupt'));
    s.k = JSON.parse('{"a":{"__proto__":{"polluted":1}}}');
    await tick();
    expect(codes().at(-1)).toBe('unserializable');
    expect(text('k')).toBe(null);
    expect(({} as Record<string, unknown>).polluted).toBe(undefined);
    s.fine = 'a text that names __proto__ \\u';
    s.flush();
    expect(createSessionState({ prefix: 'none:' }).size).toBe(undefined);
  });

  it('[SES-36] deep nesting does not throw', async () => {
    const depth = (levels: number, leaf: unknown): unknown => {
      let value = leaf;
      for (let level = 0; level < levels; level++) value = [value];
      return value;
    };
    const { s, again, codes } = fresh();
    s.plain = depth(5000, 1);
    s.rich = depth(5000, 1n);
    s.huge = depth(200_000, 1);
    s.other = 1;
    await tick();
    const next = again();
    expect(next.other).toBe(1);
    for (const key of ['plain', 'rich', 'huge']) {
      if (!next.has(key)) {
        expect(codes()).toContain('unserializable');
        continue;
      }
      let [a, b] = [s[key], next[key]];
      let levels = 0;
      for (; Array.isArray(a) && Array.isArray(b); levels++) [a, b] = [a[0], b[0]];
      expect(a).toBe(b);
      expect(levels).toBeGreaterThanOrEqual(5000);
    }
  });

  it('[SES-37] NaN is itself; 0 and -0 differ', async () => {
    const { s, text } = fresh();
    const heard = vi.fn();
    s.subscribe('n', heard);
    s.n = Number.NaN;
    s.n = Number.NaN;
    expect(heard).toHaveBeenCalledTimes(1);
    s.n = 0;
    s.n = -0;
    expect(heard.mock.calls.slice(1)).toEqual([
      [0, Number.NaN],
      [-0, 0],
    ]);
    await tick();
    expect(Object.is(superjson.parse(text('n')!) as number, -0)).toBe(true);
  });
});
