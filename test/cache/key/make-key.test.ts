// Keys of each kind of value, and what has none.
import { describe, expect, it, vi } from 'vitest';
import { createKeyMaker, type KeyOptions } from '../../../src/cache/key/make-key.js';
import { createClassRegistry } from '../../../src/core/values/class-registry.js';
import { UnhashableParamError, UserHashError } from '../../../src/errors.js';
import { thrown } from '../../helpers/thrown.js';

const classes = createClassRegistry();
const maker = (options: Partial<KeyOptions> = {}) => createKeyMaker({ functionName: 'f', classes, ...options });
const key = (...args: unknown[]) => maker()(args);

/** Bare, and as a part of everything that has parts. */
const wrappings: ((value: unknown) => unknown)[] = [
  (value) => value,
  (value) => [value],
  (value) => ({ a: value }),
  (value) => new Map([['a', value]]),
  (value) => new Map([[value, 'a']]),
  (value) => new Set([value]),
  (value) => [{ a: [new Map([[1, new Set([value])]])] }],
];
function same(...values: unknown[]) {
  for (const wrap of wrappings) for (const value of values) expect(key(wrap(value))).toBe(key(wrap(values[0])));
}
function different(...values: unknown[]) {
  for (const wrap of wrappings) expect(new Set(values.map((value) => key(wrap(value)))).size).toBe(values.length);
}
function refusal(run: () => unknown): UnhashableParamError {
  const error = thrown(run);
  expect(error).toBeInstanceOf(UnhashableParamError);
  return error as UnhashableParamError;
}

describe('keys of values', () => {
  it('[CAC-45] tells texts apart by their code units', () => {
    same('hello', ['hel', 'lo'].join(''));
    different('hello', 'hellö', 'Hello', 'hello ', '');
    different('\u00e9', 'e\u0301');
    same('b7a5c2de-9f5b-4c5e-8f0e-6f6b2f1f9a10', `b7a5c2de-${'9f5b-4c5e-8f0e-6f6b2f1f9a10'}`);
    different('\ud800', '\udfff', '\ufffd', '\\ud800', '😀');
  });

  it('[CAC-46] tells numbers apart', () => {
    different(10, 11, -1, 1, 127, 128, 129, 0.1, 23.5234, 23.5235, 1e21, 1e-7, 2 ** 53, Number.MIN_VALUE);
    same(145757624235, 145757624230 + 5);
    same(0.1, 1 / 10);
  });

  it('[CAC-47] tells lookalikes apart', () => {
    different(1, true, '1', 1n, new Number(1), new String('1'), [1], ['1'], Object(1n), Object(true), new Date(1));
    different(
      0,
      false,
      null,
      '',
      undefined,
      [],
      {},
      new Map(),
      new Set(),
      0n,
      [undefined],
      [null],
      'undefined',
      'null',
    );
  });

  it('[CAC-48] knows NaN, the infinities and both zeros', () => {
    same(NaN, 0 / 0, Number('x'));
    different(NaN, Infinity, -Infinity, 0, 'NaN', null);
    // members of a Set and keys of a Map have one zero only
    for (const wrap of wrappings.slice(0, 4)) expect(key(wrap(-0))).not.toBe(key(wrap(0)));
  });

  it('[CAC-49] tells arrays apart by length, order and holes', () => {
    same([1, 2], [1, 2]);
    different([1, 2], [2, 2], [2, 1], [1], 1, [1, 2, undefined], [1, 2, null]);
    different(['ab', 'c'], ['a', 'bc'], ['a', ['b']], [['a'], 'b'], ['a', 'b'], ['a,b'], ['a","b']);
    different([], [[]], [[], []], [[[]]]);
    // biome-ignore lint/suspicious/noSparseArray: holes are what is tested
    different([, 1], [undefined, 1], [, , 1], [1, ,], [1], new Array(3), new Array(4), [
      undefined,
      undefined,
      undefined,
    ]);
    same(Object.assign([1], { extra: 1 }), [1]);
    const sparse: number[] = [];
    sparse[4_000_000_000] = 1;
    same(sparse, Object.assign([], { 4000000000: 1 }));
  });

  it('[CAC-50] tells argument lists apart', () => {
    expect(key('ab', 'c')).not.toBe(key('a', 'bc'));
    expect(key()).toBe(key(undefined));
    expect(key(1)).toBe(key(1, undefined));
    expect(key(1)).toBe(key(1, undefined, undefined));
    expect(key([])).not.toBe(key());
    expect(key(undefined, 1)).not.toBe(key(1));
    expect(key(1, undefined, 2)).not.toBe(key(1, 2));
    expect(key([1, 2])).not.toBe(key(1, 2));
    expect(key(null)).not.toBe(key());
  });

  it('[CAC-51] is not fooled by texts that look like its own', () => {
    const real = [
      'a',
      1,
      -0,
      NaN,
      1n,
      null,
      undefined,
      true,
      [],
      [1],
      ['a', 'b'],
      {},
      { a: 1 },
      new Map([['a', 1]]),
      new Set([1]),
      new Date(0),
      /a/g,
      Symbol.for('a'),
      new Uint8Array([1, 2]),
      new Error('a'),
      new URL('http://a/'),
      [undefined],
      Object(1),
    ];
    const imitations = [
      ...real.map((value) => key(value)),
      ...real.map((value) => `${key(value)},1`),
      '{"a":1}',
      '__undefined__',
      '\0',
      '"',
      '\\',
      '","',
      'a","b',
      ']',
      '~1',
      '^1',
      'h0(1)',
      '#201.00',
      'doc1str:orgstr:acme',
      ';deps:',
      ';this:',
      'key:1',
    ];
    const values = [
      ...real,
      ...new Set(imitations),
      ['Date', '1970-01-01T00:00:00.000Z'],
      ['Map', [['a', 1]]],
      { __proto__: null, Date: 0 },
    ];
    const unique = new Set(values.map((value) => (typeof value === 'string' ? `text ${value}` : value)));
    expect(new Set([...unique].map((value) => key(typeof value === 'string' ? value.slice(5) : value))).size).toBe(
      unique.size,
    );
  });

  it('[CAC-52] compares objects by own enumerable text keys in any order', () => {
    same({ 1: 1 }, { 1: 1 });
    different({ 1: 1 }, { 1: 2 }, { 2: 1 }, [undefined, 1], { a: 1 }, [['a', 1]], new Map([['a', 1]]));
    same({ a: 1, b: { c: 2, d: [{ e: 1, f: 2 }] } }, { b: { d: [{ f: 2, e: 1 }], c: 2 }, a: 1 });
    different({ a: undefined }, {}, { a: null });
    same(Object.assign(Object.create(null), { a: 1 }), { a: 1 });
    same({ a: 1, [Symbol('s')]: 2 }, { a: 1 });
    same(Object.defineProperty({ a: 1 }, 'hidden', { value: 2 }), { a: 1 });
    (function (..._args: unknown[]) {
      // biome-ignore lint/complexity/noArguments: what is tested
      expect(key(arguments)).toBe(key({ 0: 1, 1: 2 }));
    })(1, 2);
    const odd = JSON.parse('{"__proto__":1,"constructor":2,"toString":3}');
    same(odd, JSON.parse('{"toString":3,"constructor":2,"__proto__":1}'));
    different(odd, JSON.parse('{"constructor":2,"toString":3}'), {});
    different({ 'a":1,"b': 1 }, { a: 1, b: 1 }, { 'a:1': 1 });
    different({ ab: 1 }, { a: 1, b: 1 }, { a: { b: 1 } });
  });

  it('[CAC-53] compares Maps and Sets by content', () => {
    same(new Set([1, 2]), new Set([2, 1]));
    different(new Set([1, 2]), [1, 2], new Set([1]), new Set([1, '2']), new Set([[1, 2]]));
    same(
      new Map([
        ['a', 1],
        ['b', 2],
      ]),
      new Map([
        ['b', 2],
        ['a', 1],
      ]),
    );
    different(new Map([['a', 1]]), { a: 1 }, [['a', 1]], new Map([['a', '1']]), new Set([['a', 1]]));
    different(new Map([[1, 'x']]), new Map([['1', 'x']]), new Map([['x', 1]]));
    same(new Map([[{ id: 1 }, 'x']]), new Map([[{ id: 1 }, 'x']]));
    different(new Map([[{ id: 1 }, 'x']]), new Map([[{ id: 2 }, 'x']]));
    // equal contents under different objects
    same(new Set([{ a: 1 }, { a: 1 }]), new Set([{ a: 1 }, { a: 1 }]));
    different(new Set([{ a: 1 }, { a: 1 }]), new Set([{ a: 1 }]));
  });

  it('[CAC-54] compares dates by time, patterns by source and flags', () => {
    same(new Date(5), new Date(5));
    different(new Date(0), 0, new Date(0).toISOString(), new Date(NaN), new Date(1), String(new Date(0)));
    same(new Date(NaN), new Date('x'));
    same(/.*/, /.*/);
    different(/.*/, /.*/i, /.+/, '/.*/');
    const used = /a/g;
    used.exec('a');
    same(used, /a/g);
    different(/a","g/, /a/g);
  });

  it('[CAC-55] writes what stands in many places once, with the key of an equal copy', () => {
    const dag = (levels: number, wrap: (one: unknown, other: unknown) => unknown, leaf: unknown = { leaf: 1 }) => {
      let value = leaf;
      for (let i = 0; i < levels; i++) value = wrap(value, value);
      return value;
    };
    const unshared = (value: unknown): unknown => {
      if (value instanceof Map) return new Map([...value].map(([k, v]) => [k, unshared(v)]));
      if (value instanceof Set) return new Set([...value].map(unshared));
      if (Array.isArray(value)) return value.map(unshared);
      if (typeof value !== 'object') return value;
      return Object.fromEntries(Object.entries(value as object).map(([k, v]) => [k, unshared(v)]));
    };
    const wrap = (x: unknown, y: unknown) => ({ x, list: [y, x], map: new Map([[1, y]]), set: new Set([x]) });
    // written out, the text would be longer than any memory
    const before = key(dag(60, wrap));
    expect(key(dag(60, wrap))).toBe(before);
    expect(key(dag(61, wrap))).not.toBe(before);
    expect(key(dag(60, wrap, { leaf: 2 }))).not.toBe(before);
    same(dag(3, wrap), unshared(dag(3, wrap)));
  });

  it('[CAC-55] tells apart what is written once, far behind the first objects', () => {
    const many = Array.from({ length: 20_100 }, (_, i) => [i]);
    const big = { text: 'x'.repeat(70_000) };
    const twice = [many, big, [big, many], { many }];
    const equal = [many.map((x) => [...x]), { ...big }, [{ ...big }, many.map((x) => [...x])], { many: [...many] }];
    expect(key(twice)).toBe(key(equal));
    expect(key(twice)).not.toBe(key([many, big, [{ text: `${big.text}y` }, many.slice(1)], { many }]));
    // of a part that points to an object around it each place is another one
    const inner: Record<string, unknown> = {};
    const around = (part: unknown) => {
      const list: unknown[] = [many, part, [part]];
      inner.up = list;
      return key(list);
    };
    const copyOf = (value: Record<string, unknown>, up: unknown): unknown => ({ ...value, up });
    const list: unknown[] = [many];
    list.push(copyOf({}, list), [copyOf({}, list)]);
    expect(key(list)).toBe(around(inner));
  });

  it('[CAC-55] follows cycles and shared references, and any depth', () => {
    const ring = (n: number, value: unknown = 1) => {
      const first: { next?: unknown; value: unknown } = { value };
      let last = first;
      for (let i = 1; i < n; i++) last = last.next = { value } as typeof first;
      last.next = first;
      return first;
    };
    same(ring(1), ring(1));
    same(ring(3), ring(3));
    different(ring(1), ring(2), ring(3), ring(1, 2), { value: 1, next: { value: 1 } });
    const shared = [1];
    same([shared, shared], [[1], [1]]);
    same({ a: shared, b: { c: shared } }, { a: [1], b: { c: [1] } });
    const map = new Map<unknown, unknown>();
    map.set('self', map);
    expect(key(map)).toBe(key(map));
    const deep = (leaf: unknown, wrap: (inner: unknown) => unknown) => {
      let value = leaf;
      for (let i = 0; i < 10_000; i++) value = wrap(value);
      return value;
    };
    for (const wrap of [
      (x: unknown) => [x],
      (x: unknown) => ({ x }),
      (x: unknown) => new Map([[1, x]]),
      (x: unknown) => new Set([x]),
    ]) {
      expect(key(deep(1, wrap))).toBe(key(deep(1, wrap)));
      expect(key(deep(1, wrap))).not.toBe(key(deep(2, wrap)));
    }
    // a cycle that closes far from its beginning
    const farRing = (n: number) => key(ring(n));
    expect(farRing(100)).toBe(farRing(100));
    expect(farRing(100)).not.toBe(farRing(101));
  });

  it('[CAC-56] compares bytes by kind and window', () => {
    const bytes = new Uint8Array([9, 1, 2, 9]);
    same(new Uint8Array([1, 2]), bytes.slice(1, 3), bytes.subarray(1, 3));
    different(
      new Uint8Array([1, 2]),
      new Uint8ClampedArray([1, 2]),
      new Int8Array([1, 2]),
      new Uint16Array([513]),
      new Uint16Array([1, 2]),
      [1, 2],
      '1,2',
      new Uint8Array([1, 2]).buffer,
      new DataView(new Uint8Array([1, 2]).buffer),
      new Uint8Array([1, 2, 0]),
      new Uint8Array(),
      new BigInt64Array([1n]),
      new BigUint64Array([1n]),
      new Float64Array([1]),
      new Float32Array([1]),
      new Int32Array([1]),
      new Uint32Array([1]),
      new Int16Array([1]),
    );
    same(new Uint8Array([1, 2]).buffer, new Uint8Array([1, 2]).buffer);
    same(new DataView(bytes.buffer, 1, 2), new DataView(new Uint8Array([1, 2]).buffer));
    different(new DataView(bytes.buffer, 1, 2), new DataView(bytes.buffer, 0, 2));
    // every NaN counts as one, whatever its bits
    const other = new Float64Array(20);
    new Uint32Array(other.buffer).set([1, 0x7ff80000], 8);
    const usual = new Float64Array(20);
    usual[4] = NaN;
    same(other, usual);
    const short = new Float32Array(1);
    new Uint32Array(short.buffer)[0] = 0xffc00001;
    same(short, new Float32Array([NaN]));
    const { Float16Array: Half } = globalThis as { Float16Array?: new (from: number[] | ArrayBuffer) => Float32Array };
    if (Half)
      same(new Half([NaN]), new Half(new Uint16Array([0xfe01]).buffer), new Half(new Uint16Array([0xfe00]).buffer));
    different(new Float64Array([0]), new Float64Array([-0]));
    // no sampling: each byte of a large one counts, at unaligned starts too
    const large = new Uint8Array(100_001);
    const changed = large.slice();
    changed[77_777] = 1;
    different(large, changed, large.subarray(1), changed.subarray(0, 77_777));
    same(changed.subarray(1), changed.slice(1));
    same(changed.subarray(3), changed.slice(3));
  });

  it('[CAC-57] compares Files by name, type, size and date and refuses Blobs', () => {
    const file = (content = 'abc', name = 'n', type = 't/x', lastModified = 5) =>
      new File([content], name, { type, lastModified });
    same(file(), file(), file('xyz'));
    different(file(), file('ab'), file('abc', 'm'), file('abc', 'n', 't/y'), file('abc', 'n', 't/x', 6));
    expect(refusal(() => key(new Blob(['a'])))).toMatchObject({ param: 0, path: '', typeName: 'Blob' });
  });

  it('[CAC-58] refuses what cannot be a key, with parameter, path, type, function and remedy', () => {
    class Shop {}
    const throwing = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('no');
        },
      },
    );
    const hostile = new Proxy(
      {},
      {
        getPrototypeOf: () => {
          throw new Error('no');
        },
      },
    );
    const cases: [unknown, string | RegExp][] = [
      [() => {}, 'function'],
      [class {}, 'function'],
      [(function* () {})(), /Generator/],
      [Promise.resolve(), 'Promise'],
      [new WeakMap(), 'WeakMap'],
      [new WeakSet(), 'WeakSet'],
      [new WeakRef({}), 'WeakRef'],
      [Symbol('a'), 'symbol'],
      [new Shop(), 'Shop'],
      [throwing, 'Object'],
      [hostile, 'Proxy'],
      [[][Symbol.iterator](), /Iterator/],
      [new Map().keys(), /Iterator/],
      [new (class List extends Array {})(), 'List'],
      [new (class Table extends Map {})(), 'Table'],
      [new (class Failure extends Error {})(), 'Failure'],
      [Object.create(Map.prototype), 'Map'],
      [Object.create({ a: 1 }), 'Object'],
      [Object(Symbol('a')), 'symbol'],
    ];
    for (const [value, typeName] of cases) {
      for (const [wrapped, path] of [
        [value, ''],
        [{ a: [1, { b: value }] }, 'a[1].b'],
        [new Map([['k', value]]), '.values[0]'],
        [{ s: new Set([1, value]) }, 's.items[1]'],
        [{ 'a-b': value }, '["a-b"]'],
      ] as const) {
        const error = refusal(() => key(1, wrapped));
        expect(error.typeName).toMatch(typeName);
        expect(error).toMatchObject({ name: 'UnhashableParamError', functionName: 'f', param: 1, path });
        expect(error.message).toContain('ignore: [1]');
        expect(error.message).toContain('hashFuncs');
      }
    }
    expect(refusal(() => key(throwing)).cause).toMatchObject({ message: 'no' });
    expect(refusal(() => key(new Map([[() => {}, 1]]))).path).toBe('.keys[0]');
    if (typeof SharedArrayBuffer !== 'undefined') {
      expect(refusal(() => key(new SharedArrayBuffer(8))).typeName).toBe('SharedArrayBuffer');
      expect(refusal(() => key(new Uint8Array(new SharedArrayBuffer(8)))).typeName).toBe('Uint8Array');
    }
  });

  it('[CAC-58] refuses classes that a script made global', () => {
    class ShopError extends Error {
      constructor(readonly shop: number) {
        super('no');
      }
    }
    const page = globalThis as { ShopError?: unknown };
    page.ShopError = ShopError;
    try {
      expect(refusal(() => key(new ShopError(1))).typeName).toBe('ShopError');
    } finally {
      delete page.ShopError;
    }
  });

  it('[CAC-58] names the position of the argument, and no value', () => {
    expect(refusal(() => key(() => {})).param).toBe(0);
    expect(refusal(() => key(1, { second: () => {} }))).toMatchObject({ param: 1, path: 'second' });
    expect(refusal(() => key(1, {}, 2, [() => {}]))).toMatchObject({ param: 3, path: '[0]' });
    const error = refusal(() => key('secret', { second: ['secret', () => {}] }));
    expect(error.message).not.toContain('secret');
    // works again afterwards
    expect(key(1)).toBe(key(1));
  });

  it('[CAC-59] counts registered symbols, boxed primitives, errors and addresses by class and text', () => {
    same(Symbol.for('a'), Symbol.for('a'));
    different(Symbol.for('a'), Symbol.for('b'), 'a', Object(Symbol.for('a')));
    same(new Number(1), new Number(1));
    different(
      new Number(1),
      1,
      new Number(2),
      new Number(-0),
      new Number(0),
      new String('1'),
      new Boolean(true),
      Object(1n),
    );
    same(new Error('a'), new Error('a', { cause: 1 }));
    different(new Error('a'), new Error('b'), new TypeError('a'), 'a', { name: 'Error', message: 'a' }, 'Error: a');
    same(new URL('http://a/?b=1'), new URL('http://a?b=1'));
    different(new URL('http://a/'), new URL('http://b/'), 'http://a/');
    same(
      new URLSearchParams('a=1&b=2'),
      new URLSearchParams([
        ['a', '1'],
        ['b', '2'],
      ]),
    );
    different(new URLSearchParams('a=1'), new URLSearchParams('a=2'), 'a=1', { a: '1' });
  });

  it('[CAC-59] counts Temporal values by class and text', () => {
    class Instant {
      readonly epoch: number;
      constructor(epoch: number) {
        this.epoch = epoch;
      }
      get [Symbol.toStringTag]() {
        return 'Temporal.Instant';
      }
      toString() {
        return new Date(this.epoch).toISOString();
      }
    }
    Object.defineProperty(Instant.prototype, Symbol.toStringTag, { value: 'Temporal.Instant', configurable: true });
    same(new Instant(5), new Instant(5));
    different(new Instant(5), new Instant(6), new Instant(5).toString(), new Date(5));
    const { Temporal } = globalThis as any;
    if (!Temporal) return;
    same(Temporal.Instant.from('2026-01-01T00:00Z'), Temporal.Instant.from('2026-01-01T00:00:00Z'));
    different(
      Temporal.PlainDate.from('2026-01-01'),
      Temporal.PlainDate.from('2026-01-02'),
      Temporal.PlainDateTime.from('2026-01-01'),
      '2026-01-01',
    );
  });

  it('[CAC-60] looks at every member of a large array', () => {
    const make = () => Array.from({ length: 100_000 }, (_, i) => i);
    const other = make();
    other[50_000] = -1;
    expect(key(make())).toBe(key(make()));
    expect(key(make())).not.toBe(key(other));
  });

  it('[CAC-61] keeps keys short', () => {
    for (const value of [new Float64Array(131_072), 'x'.repeat(1e6), Array.from({ length: 1e4 }, (_, i) => i)])
      expect(key(value).length).toBeLessThan(300);
    expect(key('x'.repeat(198))).toBe(`"${'x'.repeat(198)}"`);
    expect(key('x'.repeat(199))).toMatch(/^#201\.[0-9a-f]{32}$/);
  });
});

describe('the text of a call', () => {
  it('[CAC-68] names what stands beside the arguments', () => {
    expect(key()).toBe('');
    expect(key('a', 1, [2])).toBe('"a",1,[2]');
    expect(key('a', undefined, 1, undefined)).toBe('"a",undefined,1');
    expect(maker()(['a'], { id: 7 }, true)).toBe('"a";this:{"id":7}');
    expect(maker({ key: (id: number) => [id], deps: () => [1, { b: 2 }] })([3, 4])).toBe('key:[3];deps:1,{"b":2}');
  });

  it('[CAC-221] `deps` that return no array, or throw, are told by their name', () => {
    expect(() => maker({ deps: (() => 'ab') as never })([])).toThrow(new TypeError('f: `deps` must return an array.'));
    for (const what of ['key', 'deps'] as const) {
      const fails = () => {
        throw new Error('no');
      };
      expect(() => maker({ [what]: fails })([1])).toThrow(`its \`${what}\` function`);
    }
  });

  it('[CAC-218] leaves out the properties of plain objects that are there, and reads nothing else', () => {
    const ignoring = maker({ ignore: ['token', 'trace', 1] });
    const bare = Object.assign(Object.create(null), { a: 1, token: 2 });
    expect(ignoring([{ a: 1, token: 2 }, 'not counted', { b: [{ token: 3 }] }, bare])).toBe(
      '{"a":1},undefined,{"b":[{"token":3}]},{"a":1}',
    );
    class Own {
      token = 1;
    }
    expect(refusal(() => ignoring([new Own()])).typeName).toBe('Own');
    expect(ignoring([null, 1, ['token'], 'token'])).toBe('null,undefined,["token"],"token"');
    const closed = new Proxy(
      {},
      {
        getPrototypeOf() {
          throw new Error('no');
        },
      },
    );
    expect(refusal(() => ignoring([closed])).cause).toMatchObject({ message: 'no' });
  });
});

describe('hashFuncs', () => {
  class Shop {
    constructor(
      readonly id: number,
      readonly live = () => {},
    ) {}
  }
  class Market extends Shop {}

  it('[CAC-62] count by class or by name, at any depth', () => {
    const byClass = maker({ hashFuncs: [[Shop, (shop: Shop) => shop.id]] });
    const byName = maker({ hashFuncs: new Map([['Shop', (shop: Shop) => shop.id]]) });
    for (const wrap of wrappings) {
      expect(byClass([wrap(new Shop(1))])).toBe(byClass([wrap(new Shop(1))]));
      expect(byClass([wrap(new Shop(1))])).not.toBe(byClass([wrap(new Shop(2))]));
      expect(byClass([wrap(new Shop(1))])).toBe(byName([wrap(new Shop(1))]));
      expect(byClass([wrap(new Shop(1))])).not.toBe(byClass([wrap(1)]));
    }
    expect(byClass.covers(new Market(1))).toBe(true);
    expect(byClass.covers({})).toBe(false);
    expect(maker().covers(new Shop(1))).toBe(false);
  });

  it('[CAC-63] take primitives, once per value, and never property names', () => {
    const numbers = maker({ hashFuncs: [[Number, () => 'hello']] });
    expect(numbers([1])).toBe(numbers([2]));
    expect(numbers([1])).not.toBe(numbers(['hello']));
    const seen = vi.fn((text: string) => text);
    maker({ hashFuncs: [[String, seen]] })(['x']);
    expect(seen.mock.calls).toEqual([['x']]);
    maker({ hashFuncs: [['String', seen]] })([{ name: 1, other: ['y'] }, new Map([['z', 2]])]);
    expect(seen.mock.calls).toEqual([['x'], ['y'], ['z']]);
    const all = maker({
      hashFuncs: [
        [Boolean, () => 1],
        [BigInt as never, () => 2],
        [Symbol as never, () => 3],
        [Function, () => 4],
      ],
    });
    expect(all([true, 1n, Symbol('a'), () => {}])).toBe(all([false, 2n, Symbol('b'), async () => {}]));
    // an object does not take the primitives that would become one
    expect(maker({ hashFuncs: [[Object, () => 1]] })([1])).toBe(key(1));
  });

  it('[CAC-64] may return what they are given; the nearest class wins', () => {
    const numbers = maker({ hashFuncs: [[Number, (x: number) => x]] });
    expect(numbers([1])).not.toBe(numbers([2]));
    const nested = maker({ hashFuncs: [[Number, (x: number) => [x]]] });
    expect(nested([1])).not.toBe(nested([2]));
    const base = maker({ hashFuncs: [[Shop, (shop: Shop) => shop.id]] });
    expect(base([new Market(1)])).toBe(base([new Market(1)]));
    const both = maker({
      hashFuncs: [
        [Shop, () => 'shop'],
        [Market, (market: Market) => market.id],
      ],
    });
    expect(both([new Market(1)])).not.toBe(both([new Market(2)]));
    expect(both([new Shop(1)])).toBe(both([new Shop(2)]));
    expect(both([new Shop(1)])).not.toBe(both([new Market(1)]));
  });

  it('[CAC-65] count by their result', () => {
    const ids = new Map<object, number>();
    const idOf = (shop: object) => ids.get(shop) ?? (ids.set(shop, ids.size), ids.get(shop));
    const [a, b] = [new Shop(1), new Shop(1)];
    const make = (func: (shop: Shop) => unknown) => maker({ hashFuncs: [[Shop, func]] });
    expect(make(() => null)([a])).toBe(make(() => null)([new Shop(2)]));
    expect(make(idOf)([a])).toBe(make(idOf)([a]));
    expect(make(idOf)([a])).not.toBe(make(idOf)([b]));
    expect(make((shop) => ['n', shop.id])([a])).toBe(make((shop) => ['n', shop.id])([b]));
    expect(refusal(() => make(() => () => {})([{ a: a }]))).toMatchObject({ path: 'a', typeName: 'function' });
    let clock = 0;
    expect(make(() => clock++)([a])).not.toBe(make(() => clock++)([a]));
  });

  it('[CAC-66] that throw give a UserHashError with the error as its cause', () => {
    const cause = new Error('secret');
    const broken = maker({
      hashFuncs: [
        [
          Shop,
          () => {
            throw cause;
          },
        ],
      ],
    });
    expect(() => broken([[new Shop(1)]])).toThrow(UserHashError);
    try {
      broken([new Shop(1)]);
    } catch (error) {
      expect(error).toMatchObject({ functionName: 'f', cause });
      expect((error as Error).message).toContain('Shop');
      expect((error as Error).message).not.toContain('secret');
    }
    expect(broken([1])).toBe(key(1));
  });

  it('may call the same cached function', () => {
    const outer = maker({ hashFuncs: [[Shop, (shop: Shop) => outer([{ inner: shop.id }])]] });
    expect(outer([[new Shop(1), 2]])).toBe(outer([[new Shop(1), 2]]));
    expect(outer([[new Shop(1), 2]])).not.toBe(outer([[new Shop(2), 2]]));
  });
});

describe('classes given to registerClass', () => {
  it('count by identifier and own fields', () => {
    const own = createClassRegistry();
    class Cart {
      items: unknown[] = [];
      get total() {
        return this.items.length;
      }
    }
    class Basket extends Cart {}
    own.register(Cart, 'Cart');
    own.register(Basket, 'Basket');
    const cart = (...items: unknown[]) => Object.assign(new Cart(), { items });
    const make = createKeyMaker({ functionName: 'f', classes: own });
    expect(make([cart(1)])).toBe(make([cart(1)]));
    const keys = [cart(1), cart(2), { items: [1] }, Object.assign(new Basket(), { items: [1] }), new Cart()].map(
      (value) => make([value]),
    );
    expect(new Set(keys).size).toBe(keys.length);
    class Unknown extends Cart {}
    expect(refusal(() => make([new Unknown()])).typeName).toBe('Unknown');
  });
});

describe('what is read of arguments', () => {
  it('[CAC-67] getters once, toJSON never, nothing is changed', () => {
    const getter = vi.fn(() => 1);
    const toJSON = vi.fn();
    const value = Object.freeze({
      a: Object.freeze([1]),
      toJSON: 'x',
      get b() {
        return getter();
      },
    });
    key(value);
    expect(getter).toHaveBeenCalledTimes(1);
    const dated = Object.assign(new Date(0), { toJSON });
    expect(key(dated)).toBe(key(new Date(0)));
    expect(toJSON).not.toHaveBeenCalled();
    const open = { a: [1], b: { c: 1 } };
    key(open);
    expect(Object.isFrozen(open) || Object.isFrozen(open.a)).toBe(false);
    expect(open).toEqual({ a: [1], b: { c: 1 } });
  });

  it('[CAC-67] getters once, also beside an ignored property', () => {
    const a = vi.fn(() => 1);
    const b = vi.fn(() => 2);
    maker({ ignore: ['b'] })([
      Object.defineProperties({}, { a: { get: a, enumerable: true }, b: { get: b, enumerable: true } }),
    ]);
    expect([a.mock.calls.length, b.mock.calls.length]).toEqual([1, 0]);
  });
});

describe('the form', () => {
  it('[CAC-68] is the same in every engine and build', () => {
    const list = [
      'a"b\u2028\ud800é',
      1,
      -0,
      NaN,
      Infinity,
      1e21,
      1.5e-10,
      12n,
      true,
      null,
      undefined,
      // biome-ignore lint/suspicious/noSparseArray: holes are what is tested
      [1, , , 'x'],
      { b: 1, a: { '': 2 } },
      new Map<unknown, unknown>([
        ['k', 1],
        [{ z: 1 }, [2]],
      ]),
      new Set(['b', 'a', 1]),
      new Date(0),
      new Date(NaN),
      /a\/b/gi,
      new TypeError('m'),
      Symbol.for('s'),
      Object(1),
      new URL('http://a/b?c'),
      new Uint8Array([1, 254]),
      new Float64Array([NaN, 1]),
      new Uint16Array(100),
      new ArrayBuffer(2),
      new DataView(new ArrayBuffer(1)),
      new File(['abc'], 'n', { type: 't/x', lastModified: 5 }),
    ];
    const keys = list.map((value) => key([value]));
    expect(keys).toMatchInlineSnapshot(`
      [
        "["a\\"b \\ud800é"]",
        "[1]",
        "[-0]",
        "[NaN]",
        "[Infinity]",
        "[1e+21]",
        "[1.5e-10]",
        "[12n]",
        "[true]",
        "[null]",
        "[undefined]",
        "[[1,~2,"x"]]",
        "[{"a":{"":2},"b":1}]",
        "[Map("k":1,{"z":1}:[2])]",
        "[Set("a","b",1)]",
        "[Date(0)]",
        "[Date(NaN)]",
        "[RegExp("a\\\\/b","gi")]",
        "[Error("TypeError","m")]",
        "[Symbol("s")]",
        "[Number(1)]",
        "[URL("http://a/b?c")]",
        "[Uint8Array(01fe)]",
        "[Float64Array(000000000000ffff000000000000f03f)]",
        "[Uint16Array(#200.f4a089d525415c78af8801acb4708975)]",
        "[ArrayBuffer(0000)]",
        "[DataView(00)]",
        "[File("n","t/x",3,5)]",
      ]
    `);
    expect(key(list)).toMatchInlineSnapshot(`"#410.84894031c1186514446901396873c6b3"`);
    expect(key('x'.repeat(5000))).toMatchInlineSnapshot(`"#5002.a0c288d2a5e4324ca0d888875ad20022"`);
    expect(key(Array.from({ length: 1000 }, (_, i) => ({ i, text: `é${i}` })))).toMatchInlineSnapshot(
      `"#23781.51d5dc43cf6f482aa7f94b45057afd0b"`,
    );
  });
});

describe('key, ignore, deps', () => {
  it('[CAC-69] `key` replaces the arguments, with the `this` of the call', () => {
    const byId = maker({ key: (id: number) => [id] });
    expect(byId([1, 'a'])).toBe(byId([1, 'b']));
    expect(byId([1])).not.toBe(byId([2]));
    const withThis = maker({
      key(this: { v: number }) {
        return this.v;
      },
    });
    expect(withThis([], { v: 1 })).not.toBe(withThis([], { v: 2 }));
    expect(refusal(() => maker({ key: () => () => {} })([]))).toMatchObject({ param: 'key', typeName: 'function' });
    const cause = new Error();
    expect(() =>
      maker({
        key: () => {
          throw cause;
        },
      })([]),
    ).toThrow(expect.objectContaining({ name: 'UserHashError', cause, functionName: 'f' }));
    expect(byId([1])).not.toBe(key([1]));
  });

  it('[CAC-218] `ignore` takes positions, also of a rest parameter, and properties', () => {
    const make = maker({ ignore: [1, 'kw2'] });
    const base = make([1, 2, { kw1: 3, kw2: 4 }, 5]);
    expect(make([1, 0, { kw1: 3, kw2: 4 }, 5])).toBe(base);
    expect(make([1, 2, { kw1: 3, kw2: 0 }, 5])).toBe(base);
    expect(make([1, 2, { kw1: 3 }, 5])).toBe(base);
    expect(make([1, () => {}, { kw1: 3, kw2: () => {} }, 5])).toBe(base);
    const others = [
      [0, 2, { kw1: 3, kw2: 4 }, 5],
      [1, 2, { kw1: 0, kw2: 4 }, 5],
      [1, 2, { kw1: 3, kw2: 4 }, 0],
      [1, 2, { kw1: 3, kw2: 4 }, 5, 6],
      [1, 2, { kw1: 3, kw2: 4 }],
    ];
    expect(new Set([base, ...others.map((args) => make(args))]).size).toBe(6);
    const rest = maker({ ignore: [3] });
    expect(rest([1, 2, {}, 3, 4])).toBe(rest([1, 2, {}, 0, 4]));
    expect(rest([1, 2, {}, 3, 4])).not.toBe(rest([1, 2, {}, 3, 0]));
    expect(rest([1, 2, {}, 3])).toBe(rest([1, 2, {}]));
    // only top-level properties of plain objects
    const props = maker({ ignore: ['a'] });
    expect(props([{ a: 1, b: { a: 2 } }])).not.toBe(props([{ a: 1, b: { a: 3 } }]));
    expect(props([[{ a: 1 }]])).not.toBe(props([[{ a: 2 }]]));
    expect(props([{ a: 1, b: 2 }])).toBe(props([{ b: 2 }]));
  });

  it('[CAC-220] what `ignore` names and nobody gave changes nothing', () => {
    const make = maker({ ignore: [7, 'nope', 'this', '1'] });
    for (const args of [[], [1, 2], [{ a: 1 }, [2]]]) expect(make(args)).toBe(key(...args));
  });

  it('[CAC-221] `deps` count like arguments; functions are refused', () => {
    let values: unknown[] = [1, { a: 'x' }];
    const make = maker({ deps: () => values });
    const first = make([1]);
    values = [1, { a: 'y' }];
    expect(make([1])).not.toBe(first);
    values = [2, { a: 'x' }];
    expect(make([1])).not.toBe(first);
    values = [1, { a: 'x' }];
    expect(make([1])).toBe(first);
    expect(make([2])).not.toBe(first);
    expect(maker()([1])).not.toBe(first);
    for (const [value, typeName] of [
      [new WeakMap(), 'WeakMap'],
      [() => 1, 'function'],
      [Math.max, 'function'],
      [(() => {}).bind(null), 'function'],
    ] as const) {
      values = [value];
      expect(refusal(() => make([1]))).toMatchObject({ param: 'deps[0]', path: '', typeName });
    }
    values = [1, { a: [() => 1] }];
    expect(refusal(() => make([1]))).toMatchObject({ param: 'deps[1]', path: 'a[0]' });
    expect(() => maker({ deps: () => 1 as never })([])).toThrow(TypeError);
    expect(() =>
      maker({
        deps: () => {
          throw new Error('x');
        },
      })([]),
    ).toThrow(UserHashError);
  });

  it('[CAC-221] a cached function in `deps` counts by its identity, and nowhere else', () => {
    const cached = [() => 1, () => 1];
    const names = new Map<Function, string>(cached.map((fn, i) => [fn, `id${i}`]));
    const identityOf = (known: Function) => names.get(known);
    const make = (fn: unknown) => maker({ deps: () => [fn], identityOf })([]);
    expect(make(cached[0]!)).not.toBe(make(cached[1]!));
    expect(make(cached[0]!)).toBe(make(cached[0]!));
    expect(make([cached[0]!])).not.toBe(make([cached[1]!]));
    expect(make(cached[0]!)).not.toBe(make('id0'));
    expect(refusal(() => maker({ identityOf, deps: () => [] })([cached[0]])).param).toBe(0);
  });

  it('[CAC-222] `hashFuncs` for Function let functions count as the user says', () => {
    let dep: Function = (a: number) => a + 1;
    const make = maker({ deps: () => [dep], hashFuncs: [[Function, String]] });
    const first = make([]);
    dep = (a: number) => a + 2;
    expect(make([])).not.toBe(first);
    dep = (a: number) => a + 1;
    expect(make([])).toBe(first);
  });

  it('[CAC-74] an AbortSignal does not count', () => {
    const { signal } = new AbortController();
    expect(key(1, signal)).toBe(key(1));
    expect(key(signal, 1)).toBe(key(undefined, 1));
    expect(key({ signal })).toBe(key({}));
    expect(key({ a: 1, signal, z: 2 })).toBe(key({ a: 1, z: 2 }));
    expect(key({ a: { signal, b: 1 } })).toBe(key({ a: { b: 1 } }));
  });

  it('`this` counts as an ordinary argument when it is asked for', () => {
    class Shop {
      constructor(readonly id: number) {}
    }
    const make = maker({ hashFuncs: [[Shop, (shop: Shop) => shop.id]] });
    expect(make([1], new Shop(1), true)).toBe(make([1], new Shop(1), true));
    expect(make([1], new Shop(1), true)).not.toBe(make([1], new Shop(2), true));
    expect(make([1], new Shop(1))).toBe(make([1]));
    expect(refusal(() => maker()([1], new Shop(1), true)).param).toBe('this');
  });
});
