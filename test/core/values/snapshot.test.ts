// Snapshots of values, and the copies made of them.
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { createClassRegistry } from '../../../src/core/values/class-registry.js';
import { freezeSnapshot } from '../../../src/core/values/freeze.js';
import { NotStorable, readSnapshot, takeSnapshot } from '../../../src/core/values/snapshot.js';
import { fromRecord, toRecord } from '../../../src/core/values/snapshot-record.js';
import { graphs, object, values } from '../../helpers/arbitrary-values.js';
import { inputs } from '../../helpers/inputs.js';
import { differences } from '../../helpers/same-shape.js';

class Cart {
  items: unknown[] = [];
  constructor(...items: unknown[]) {
    this.items = items;
  }
  get total() {
    return this.items.length;
  }
}
const classes = createClassRegistry();
classes.register(Cart, 'Cart');

const take = (value: unknown) => takeSnapshot(value, { classes });
const copy = (value: unknown): any => readSnapshot(take(value));
/** As written and read again. */
const stored = (value: unknown): any =>
  readSnapshot(fromRecord(structuredClone(toRecord(take(value), { classes })), { classes }));
function refusal(value: unknown): NotStorable {
  try {
    take(value);
  } catch (error) {
    expect(error).toBeInstanceOf(NotStorable);
    return error as NotStorable;
  }
  throw new Error('nothing was refused');
}
function survives(make: () => unknown) {
  const value = make();
  expect(differences(value, copy(value))).toEqual([]);
  expect(differences(value, stored(value))).toEqual([]);
}

describe('copies', () => {
  it('[CAC-14][CAC-15][CAC-16] are made when the value is stored and at each read', () => {
    const value = { list: [0, 1], inner: { a: 1 } };
    const snapshot = take(value);
    value.list[0] = 5;
    const first = readSnapshot(snapshot) as typeof value;
    expect(first).toEqual({ list: [0, 1], inner: { a: 1 } });
    first.list[0] = 9;
    first.inner.a = 9;
    expect(readSnapshot(snapshot)).toEqual({ list: [0, 1], inner: { a: 1 } });
  });

  it('[CAC-20] keep cycles and shared references', () => {
    const ring: Record<string, unknown> = { a: 1 };
    ring['self'] = ring;
    const shared = { b: 1 };
    for (const through of [copy, stored]) {
      const result = through(ring);
      expect(result.self).toBe(result);
      const pair = through([shared, shared]);
      expect(pair[0]).toBe(pair[1]);
      expect(pair[0]).not.toBe(shared);
      for (const part of [new Date(0), /a/, Object(1), new Blob(['a'])]) {
        const twice = through([part, { part }]);
        expect(twice[0]).toBe(twice[1].part);
        expect(twice[0]).not.toBe(part);
      }
      const map = new Map<unknown, unknown>([[shared, shared]]);
      map.set('self', map);
      const again = through(map);
      expect(again.get('self')).toBe(again);
      const [key, value] = [...again][0];
      expect(key).toBe(value);
    }
    expect(take(ring).plan).toBe('graph');
    expect(take([{}, {}]).plan).toBe('tree');
    expect(take(1).plan).toBe('value');
  });

  it('[CAC-21] keep every plain kind', () => {
    survives(
      () =>
        new Map<unknown, unknown>([
          [{ k: 1 }, [1]],
          ['a', new Set([{ b: 2 }])],
        ]),
    );
    survives(() => [
      new Date(5),
      new Date(NaN),
      /a\/b/gi,
      12n,
      -5n,
      Infinity,
      -Infinity,
      NaN,
      -0,
      undefined,
      null,
      '',
      true,
    ]);
    survives(() => [Object(1), Object('a'), Object(false), Object(1n)]);
    // biome-ignore lint/suspicious/noSparseArray: holes are what is tested
    survives(() => [1, , 3, , ,]);
    const sparse = (length: number) => {
      const list: number[] = [];
      list[length - 1] = 1;
      list[7] = 2;
      return list;
    };
    survives(() => sparse(2_000_000));
    expect(differences(sparse(4_000_000_000), copy(sparse(4_000_000_000)))).toEqual([]);
    const used = /a/g;
    used.exec('a');
    expect(copy(used).lastIndex).toBe(0);
  });

  it('[CAC-21] keep built-in errors with their cause', () => {
    const inner = new RangeError('inner', { cause: { list: [new Date(1)] } });
    survives(() => new Error('outer', { cause: inner }));
    survives(() => [
      new TypeError('a'),
      new SyntaxError(),
      new EvalError('b'),
      new ReferenceError('c'),
      new URIError('d'),
    ]);
    survives(() => new AggregateError([new Error('x'), { y: 1 }], 'all', { cause: 'c' }));
    const loop = new Error('loop');
    loop.cause = { loop };
    for (const through of [copy, stored]) {
      const again = through(new Error('outer', { cause: inner }));
      expect(again).toBeInstanceOf(Error);
      expect(again.cause).toBeInstanceOf(RangeError);
      expect(again.cause.cause.list[0]).toEqual(new Date(1));
      expect(Object.keys(again)).toEqual([]);
      expect('cause' in through(new Error('none'))).toBe(false);
      const ring = through(loop);
      expect(ring.cause.loop).toBe(ring);
    }
  });

  it('[CAC-22] keep every typed array, buffers and DataViews', () => {
    const kinds = [
      'Int8',
      'Uint8',
      'Uint8Clamped',
      'Int16',
      'Uint16',
      'Int32',
      'Uint32',
      'Float16',
      'Float32',
      'Float64',
    ];
    for (const kind of kinds) {
      const View = (globalThis as any)[`${kind}Array`];
      if (View) survives(() => new View([1, 2, 200]));
    }
    survives(() => [new BigInt64Array([-1n, 2n]), new BigUint64Array([2n ** 60n])]);
    survives(() => new Float64Array([NaN, -0, Infinity, 1.5]));
    survives(() => ({ buffer: new Uint8Array([1, 2]).buffer, view: new DataView(new Uint8Array([3, 4]).buffer, 1) }));
    survives(() => [new Uint8Array(0), new ArrayBuffer(0)]);
  });

  it('[CAC-22] keep Blobs and Files', async () => {
    const value = {
      blob: new Blob(['abc'], { type: 't/x' }),
      file: new File(['defg'], 'n', { type: 't/y', lastModified: 5 }),
    };
    for (const through of [copy]) {
      const again = through(value);
      expect(await again.blob.text()).toBe('abc');
      expect(again.blob.type).toBe('t/x');
      expect(await again.file.text()).toBe('defg');
      expect(again.blob).toBeInstanceOf(Blob);
    }
  });

  it('[CAC-23] keep URL, URLSearchParams and registered instances', () => {
    const value = {
      url: new URL('http://a/b?c#d'),
      params: new URLSearchParams('a=1&a=2'),
      cart: new Cart(1, { deep: new Cart(new Float64Array([1, NaN])) }),
    };
    for (const through of [copy, stored]) {
      const again = through(value);
      expect(again.url).toBeInstanceOf(URL);
      expect(again.url.href).toBe(value.url.href);
      expect(again.url).not.toBe(value.url);
      expect(again.params.getAll('a')).toEqual(['1', '2']);
      expect(again.cart).toBeInstanceOf(Cart);
      expect(again.cart.total).toBe(2);
      expect(again.cart.items[1].deep).toBeInstanceOf(Cart);
      expect(again.cart.items[1].deep.items[0]).toEqual(new Float64Array([1, NaN]));
      expect(again.cart).not.toBe(value.cart);
    }
    survives(
      () => new Map<unknown, unknown>([[new URL('http://a/'), new Set([new Cart(1), new URLSearchParams('x')])]]),
    );
    const cart = new Cart();
    cart.items.push(cart, cart);
    const ring = stored(cart);
    expect(ring).toBeInstanceOf(Cart);
    expect(ring.items[0]).toBe(ring);
    expect(ring.items[1]).toBe(ring);
  });

  it('[CAC-23] keep Temporal values', () => {
    const { Temporal } = globalThis as any;
    if (!Temporal) {
      // an engine without Temporal has nothing to keep
      expect(Temporal).toBeUndefined();
      return;
    }
    for (const value of [
      Temporal.Instant.from('2026-01-01T00:00:00.123456789Z'),
      Temporal.PlainDate.from('2026-01-01[u-ca=hebrew]'),
      Temporal.ZonedDateTime.from('2026-01-01T00:00[Europe/Berlin]'),
      Temporal.Duration.from({ minutes: 90, milliseconds: 1500 }),
      Temporal.Duration.from({ days: -3 }),
    ])
      for (const through of [copy, stored]) {
        const again = through({ value }).value;
        expect(again).toBeInstanceOf(value.constructor);
        expect(String(again)).toBe(String(value));
        expect(again.milliseconds).toBe(value.milliseconds);
      }
  });

  it('[CAC-24] keep awkward own keys and change no prototype', () => {
    const names = ['constructor', '__proto__', 'prototype', 'toJSON', 'hasOwnProperty', 'length', ''];
    const value = object([...names.map((name) => [name, { name }] as const), ['then', 1]]);
    for (const through of [copy, stored]) {
      for (const again of [
        through(value),
        through({ cart: Object.assign(new Cart(), { inner: value }) }).cart.inner,
        through([value, value])[1],
      ]) {
        expect(Object.keys(again)).toEqual(Object.keys(value));
        for (const name of names) expect(Object.getOwnPropertyDescriptor(again, name)!.value).toEqual({ name });
        expect(Object.getPrototypeOf(again)).toBe(Object.prototype);
      }
    }
    expect(({} as any).name).toBeUndefined();
  });

  it('[CAC-27] are plain: proxies, frozen and null-prototype objects', () => {
    const proxied = new Proxy({ a: [1, { b: 2 }] }, { get: (target, name) => Reflect.get(target, name) });
    const list = new Proxy([1, 2], {});
    const frozen = Object.freeze({ a: Object.freeze([1]) });
    const nothing = Object.assign(Object.create(null), { a: 1 });
    for (const through of [copy, stored]) {
      expect(through({ proxied, list })).toEqual({ proxied: { a: [1, { b: 2 }] }, list: [1, 2] });
      const open = through(frozen);
      open.a.push(2);
      expect(open).toEqual({ a: [1, 2] });
      expect(Object.getPrototypeOf(through(nothing))).toBe(Object.prototype);
    }
    // what a proxy over a Map shows through its own methods (as Vue makes them)
    const map = new Map([['a', 1]]);
    const reactive = new Proxy(map, {
      get: (target, name) =>
        typeof (target as any)[name] === 'function'
          ? (target as any)[name].bind(target)
          : Reflect.get(target, name, target),
    });
    expect(copy(reactive)).toEqual(map);
  });

  it('leave out symbol keys and hidden properties, and turn getters into values', () => {
    const getter = vi.fn(() => [1]);
    const value = Object.defineProperties(
      { [Symbol('s')]: () => {}, b: 1 },
      { hidden: { value: () => {} }, a: { get: getter, enumerable: true } },
    );
    expect(Reflect.ownKeys(copy(value))).toEqual(['b', 'a']);
    expect(Object.getOwnPropertyDescriptor(copy(value), 'a')).toMatchObject({ value: [1], writable: true });
    getter.mockClear();
    take(value);
    expect(getter).toHaveBeenCalledTimes(1);
    (function (..._args: unknown[]) {
      // biome-ignore lint/complexity/noArguments: what is tested
      expect(copy(arguments)).toEqual({ 0: 1, 1: 2 });
    })(1, 2);
  });

  it('[CAC-30] of a view take its window only', () => {
    const large = new ArrayBuffer(8_000_000);
    new Uint8Array(large).set([1, 2, 3, 4], 100);
    for (const through of [copy, stored]) {
      const again = through({ view: new Uint8Array(large, 100, 4) }).view;
      expect(again).toEqual(new Uint8Array([1, 2, 3, 4]));
      expect(again.buffer.byteLength).toBe(4);
    }
    expect(take(new Uint8Array(large, 100, 4)).bytes).toBeLessThan(1000);
  });

  it('of views on one buffer share one copy of it', () => {
    const buffer = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]).buffer;
    const value = {
      a: new Uint8Array(buffer, 0, 4),
      b: new Uint16Array(buffer, 2, 2),
      alone: new Uint8Array(new ArrayBuffer(100), 0, 1),
    };
    for (const through of [copy, stored]) {
      const again = through(value);
      expect(again.a.buffer).toBe(again.b.buffer);
      expect(again.a.buffer).not.toBe(buffer);
      again.a[2] = 99;
      expect(again.b[0]).toBe(99 + 4 * 256);
      expect(again.alone.buffer.byteLength).toBe(1);
      const both = through([buffer, new Uint8Array(buffer, 1, 2)]);
      expect(both[1].buffer).toBe(both[0]);
      expect(both[1]).toEqual(new Uint8Array([2, 3]));
      const turned = through(new Map<unknown, unknown>([[new Uint8Array(buffer, 1, 2), buffer]]));
      const [view, whole] = [...turned][0];
      expect(view.buffer).toBe(whole);
    }
    expect(new Uint8Array(buffer)[2]).toBe(3);
  });

  it('follow nesting of 10 000 levels', () => {
    for (const wrap of [(x: unknown) => [x], (x: unknown) => ({ x }), (x: unknown) => new Map([[0, x]])]) {
      let value: unknown = 1;
      for (let i = 0; i < 10_000; i++) value = wrap(value);
      let again = copy(value);
      let depth = 0;
      for (; typeof again === 'object'; depth++) again = again instanceof Map ? again.get(0) : (again.x ?? again[0]);
      expect(depth).toBe(10_000);
    }
  });

  it('are equal and never the same object, whatever the value', () => {
    for (const arbitrary of [values, graphs])
      fc.assert(
        fc.property(arbitrary, (value) => {
          const snapshot = take(value);
          const [first, second] = [readSnapshot(snapshot), readSnapshot(snapshot)];
          expect(differences(value, first)).toEqual([]);
          expect(differences(snapshot.data, second)).toEqual([]);
          expect(differences(first, second)).toEqual([]);
          const record = structuredClone(toRecord(snapshot, { classes }));
          expect(differences(value, readSnapshot(fromRecord(record, { classes })))).toEqual([]);
          // writing and reading left it as it was
          expect(differences(value, readSnapshot(snapshot))).toEqual([]);
        }),
        inputs(500),
      );
  });
});

describe('records', () => {
  it('of plain data are the data', () => {
    const snapshot = take({ a: [1] });
    expect(toRecord(snapshot, { classes })).toEqual({ plan: 'tree', bytes: snapshot.bytes, data: snapshot.data });
    expect(snapshot.hasLeaves).toBe(false);
  });

  it('hold large buffers apart', () => {
    const value = {
      a: new Float64Array(200_000).fill(1),
      b: new Uint8Array(2_000_000).buffer,
      small: new Uint8Array(10),
    };
    const snapshot = take(value);
    expect(snapshot.plan).toBe('columns');
    const record = toRecord(snapshot, { classes });
    expect(record.buffers!.map((buffer) => buffer.byteLength)).toEqual([1_600_000, 2_000_000]);
    const { buffers, ...skeleton } = record;
    expect(take(structuredClone({ data: skeleton.data })).bytes).toBeLessThan(1000);
    const again = readSnapshot(
      fromRecord({ ...structuredClone(skeleton), buffers: structuredClone(buffers!) }, { classes }),
    );
    expect(differences(value, again)).toEqual([]);
  });

  it('that are broken or name unknown classes throw', () => {
    const record = structuredClone(toRecord(take({ cart: new Cart(1), url: new URL('http://a/') }), { classes }));
    expect(() => fromRecord(record, { classes: createClassRegistry() })).toThrow('Cart');
    expect(() => fromRecord({ ...record, leaves: [{ at: {}, type: 'Nope', content: 1 }] }, { classes })).toThrow();
    expect(() =>
      fromRecord(
        {
          ...record,
          leaves: [
            { at: {}, type: 'ArrayBuffer', content: 0 },
            { at: {}, type: 'eval', content: '1' },
          ],
        },
        { classes },
      ),
    ).toThrow();
  });
});

describe('what cannot be stored', () => {
  it('[CAC-25] is refused with its path and type', () => {
    expect(refusal({ a: { b: [1, 2, { fn() {} }] } })).toMatchObject({ path: 'a.b[2].fn', typeName: 'function' });
    expect(
      refusal(
        new Map([
          ['a', 1],
          ['b', (() => {}) as never],
        ]),
      ),
    ).toMatchObject({ path: '.values[1]' });
    expect(refusal({ m: new Map([[Symbol('k'), 1]]) })).toMatchObject({ path: 'm.keys[0]', typeName: 'symbol' });
    expect(refusal({ s: new Set([1, [() => {}]]) })).toMatchObject({ path: 's.items[1][0]' });
    expect(refusal({ 'a b': [() => {}] })).toMatchObject({ path: '["a b"][0]' });
    expect(refusal(() => {})).toMatchObject({ path: '', typeName: 'function' });
    expect(refusal(new Error('x', { cause: { f() {} } }))).toMatchObject({ path: 'cause.f' });
    expect(refusal(new Cart(1, () => {}))).toMatchObject({ path: 'items[1]' });
    // after a part that was fine
    expect(refusal({ a: { b: { c: 1 } }, d: [[1], () => {}] })).toMatchObject({ path: 'd[1]' });
  });

  it('[CAC-26] is refused with its type, and the error behind it', () => {
    class Foo {}
    const cases: [unknown, RegExp][] = [
      [Symbol('a'), /^symbol$/],
      [new Foo(), /^Foo$/],
      [Promise.resolve(), /^Promise$/],
      [[][Symbol.iterator](), /Iterator/],
      [(function* () {})(), /Generator/],
      [new WeakMap(), /^WeakMap$/],
      [new WeakSet(), /^WeakSet$/],
      [new WeakRef({}), /^WeakRef$/],
      [new (class Table extends Map {})(), /^Table$/],
      [new (class List extends Array {})(), /^List$/],
      [new (class Bytes extends Uint8Array {})(2), /^Bytes$/],
      [new (class Failure extends Error {})('x'), /^Failure$/],
      [Object.assign(new Error('x'), { code: 1 }), /^Error$/],
      [Object.create({}), /^Object$/],
      [new AbortController().signal, /^AbortSignal$/],
      [new Response(), /^Response$/],
      [new ReadableStream(), /^ReadableStream$/],
      [new Headers(), /^Headers$/],
      [Object.create(Map.prototype), /^Map$/],
      [class {}, /^function$/],
    ];
    for (const [value, typeName] of cases) {
      expect(refusal(value).typeName).toMatch(typeName);
      expect(refusal({ a: [value] })).toMatchObject({ path: 'a[0]' });
    }
    if (typeof SharedArrayBuffer !== 'undefined') {
      expect(refusal([new SharedArrayBuffer(8)]).typeName).toBe('SharedArrayBuffer');
      expect(refusal([new Uint8Array(new SharedArrayBuffer(8))]).typeName).toBe('Uint8Array');
    }
    const thrown = new Error('secret');
    const broken = refusal({
      a: {
        get b() {
          throw thrown;
        },
      },
    });
    expect(broken).toMatchObject({ path: 'a', typeName: 'Object', cause: thrown });
    const hostile = new Proxy(
      {},
      {
        getPrototypeOf: () => {
          throw thrown;
        },
      },
    );
    expect(refusal([hostile])).toMatchObject({ path: '[0]', typeName: 'Proxy', cause: thrown });
  });
});

describe('sizes', () => {
  it('[CAC-110] are estimated within a factor of two', () => {
    const near = (value: unknown, real: number) => {
      expect(take(value).bytes).toBeGreaterThan(real / 2);
      expect(take(value).bytes).toBeLessThan(real * 2);
    };
    near('x'.repeat(10_000), 10_000);
    near('ü'.repeat(10_000), 10_000);
    near('日本'.repeat(5_000), 20_000);
    near(new Float64Array(1000), 8000);
    near(
      Array.from({ length: 1000 }, (_, i) => i),
      8000,
    );
    const rows = Array.from({ length: 100 }, (_, id) => ({ id, name: `Person ${id}`, tags: ['a', 'b'] }));
    near(rows, JSON.stringify(rows).length);
    near(new Blob([new Uint8Array(5000)]), 5000);
  });
});

describe('freezeSnapshot', () => {
  it('[CAC-28] freezes deeply', () => {
    const value: Record<string, unknown> = {
      a: [{ b: 1 }],
      cart: new Cart({ c: 1 }),
      error: new Error('x', { cause: { d: 1 } }),
    };
    value['self'] = value;
    const snapshot = take(value);
    expect(freezeSnapshot(snapshot)).toBe(true);
    const data = snapshot.data as any;
    for (const part of [data, data.a, data.a[0], data.cart, data.cart.items[0], data.error.cause])
      expect(Object.isFrozen(part)).toBe(true);
    expect(() => {
      data.a[0].b = 2;
    }).toThrow(TypeError);
    expect(Object.isFrozen(value)).toBe(false);
    expect(freezeSnapshot(take('text'))).toBe(true);
  });

  it('[CAC-28] freezes nothing where something would stay changeable', () => {
    for (const part of [
      new Map(),
      new Set(),
      new Date(),
      new Uint8Array(1),
      new ArrayBuffer(1),
      new DataView(new ArrayBuffer(1)),
      new URL('http://a/'),
      /a/g,
    ]) {
      const snapshot = take({ first: {}, nested: [part] });
      expect(freezeSnapshot(snapshot)).toBe(false);
      expect(Object.isFrozen(snapshot.data)).toBe(false);
      expect(Object.isFrozen((snapshot.data as any).first)).toBe(false);
    }
  });
});
