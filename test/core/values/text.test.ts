// Values as text and back.
import fc from 'fast-check';
import superjson from 'superjson';
import { describe, expect, it } from 'vitest';
import { createClassRegistry } from '../../../src/core/values/class-registry.js';
import { valueTextOf } from '../../../src/core/values/text.js';
import { createTextWalk } from '../../../src/core/values/text-walk.js';
import { inputs } from '../../helpers/inputs.js';

const classes = createClassRegistry();
const { format, parse } = valueTextOf(classes);
const walk = createTextWalk(classes);

/** No Set: in superjson's own reading those lose members when they share objects. */
const leaf = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, true, Number.NaN, -0, Number.POSITIVE_INFINITY, /a.b/gi),
  fc.double(),
  fc.bigInt(),
  fc.string({ unit: 'binary' }),
  fc.date({ noInvalidDate: true }),
  fc.uint8Array({ maxLength: 4 }),
  fc.webUrl().map((url) => new URL(url)),
);
const name = fc
  .oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('', 'a.b', '\\', 'a\\.b', '0', 'length', 'toJSON', 'json', 'meta'),
  )
  .filter((text) => !['__proto__', 'constructor', 'prototype'].includes(text));
const tree = fc.letrec((tie) => ({
  node: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.array(tie('node'), { maxLength: 4 }),
    fc.dictionary(name, tie('node'), { maxKeys: 4, noNullPrototype: true }),
    fc.array(fc.tuple(tie('node'), tie('node')), { maxLength: 3 }).map((pairs) => new Map(pairs)),
    fc.array(tie('node'), { maxLength: 4 }).map((items) => new Set(items)),
  ),
})).node;

describe('valueTextOf', () => {
  it('brings every storable value back', () => {
    fc.assert(
      fc.property(tree, (value) => {
        const text = format(value);
        expect(typeof text).toBe('string');
        const back = parse(text as string);
        expect(back).toStrictEqual(value);
        expect(format(back)).toBe(text);
      }),
      inputs(300),
    );
  });

  it('keeps which objects are one', () => {
    fc.assert(
      fc.property(tree, fc.array(fc.nat(5), { maxLength: 6 }), (value, places) => {
        const shared = { shared: value };
        const list = places.map((place) =>
          place === 0
            ? shared
            : place === 1
              ? new Set([1, shared, {}])
              : place === 2
                ? new Map([[shared, shared]])
                : [place, shared],
        );
        const back = parse(format(list) as string) as typeof list;
        expect(back).toEqual(list);
        const found = new Set<unknown>();
        for (const item of back)
          if (item instanceof Set) found.add([...item][1]);
          else if (item instanceof Map) for (const [key, of] of item) found.add(key).add(of);
          else if (Array.isArray(item)) found.add(item[1]);
          else found.add(item);
        expect(found.size).toBe(places.length > 0 ? 1 : 0);
      }),
      inputs(200),
    );
  });

  /** What a reader makes of a text; superjson cannot read all that it writes. */
  const outcome = (read: (text: string) => unknown, text: string): unknown => {
    try {
      return { value: read(text) };
    } catch {
      return 'it throws';
    }
  };
  const readsAlike = (value: unknown): void => {
    const text = superjson.stringify(value);
    expect(outcome(parse, text)).toEqual(outcome((written) => superjson.parse(written), text));
  };

  it('reads what the default instance of superjson writes', () => {
    fc.assert(fc.property(tree, readsAlike), inputs(100));
  });

  it('reads what the default instance of superjson writes, where that one loses its way in Sets', () => {
    const nan = new Set([NaN]);
    readsAlike(new Map([[new Set([new Set<unknown>([NaN, nan, new Map()])]), new Set([NaN])]]));
  });

  it('writes JSON where JSON is enough', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        // -0 is more than JSON keeps
        if (
          JSON.stringify(value).includes('-0') ||
          !Object.is(JSON.stringify(JSON.parse(JSON.stringify(value))), JSON.stringify(value))
        )
          return;
        const kind = walk(value);
        if (kind === 'safe') expect(format(value)).toBe(`{"json":${JSON.stringify(value)}}`);
        else expect(typeof kind === 'object' || JSON.stringify(value).includes('0')).toBe(true);
      }),
      inputs(100),
    );
  });

  it('rejects any other text with an error', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        let isOurs = false;
        try {
          isOurs = Object.hasOwn(JSON.parse(text) ?? 0, 'json');
        } catch {
          // not even JSON
        }
        if (!isOurs) expect(() => parse(text)).toThrow();
      }),
      inputs(100),
    );
  });

  it.each<[unknown, string]>([
    [1.5, '{"json":1.5}'],
    [0, '{"json":0}'],
    [-0, '{"json":"-0","meta":{"values":["number"],"v":1}}'],
    [NaN, '{"json":"NaN","meta":{"values":["number"],"v":1}}'],
    [Infinity, '{"json":"Infinity","meta":{"values":["number"],"v":1}}'],
    [undefined, '{"json":null,"meta":{"values":["undefined"],"v":1}}'],
    [null, '{"json":null}'],
    ['a"b', '{"json":"a\\"b"}'],
    [{ a: [1, { b: true }] }, '{"json":{"a":[1,{"b":true}]}}'],
    [{ at: new Date(0) }, '{"json":{"at":"1970-01-01T00:00:00.000Z"},"meta":{"values":{"at":["Date"]},"v":1}}'],
  ])('writes %s as superjson does', (value, text) => {
    expect(format(value)).toBe(text);
    expect(parse(text)).toStrictEqual(value);
  });

  it('asks no `toJSON` that an array has', () => {
    const arrays = Array.prototype as { toJSON?: unknown };
    let texts: unknown[];
    arrays.toJSON = () => 'replaced';
    try {
      texts = [format({ a: [1, 2] }), format([new Date(0), [1]])];
    } finally {
      delete arrays.toJSON;
    }
    expect(texts).toEqual([
      '{"json":{"a":[1,2]}}',
      '{"json":["1970-01-01T00:00:00.000Z",[1]],"meta":{"values":{"0":["Date"]},"v":1}}',
    ]);
  });

  it('tells why there is no text', () => {
    const fn = () => 1;
    expect(format({ a: [fn] })).toEqual({ path: '.a[0]', typeName: 'function' });
    // superjson refuses this name, where it is asked
    const named = { date: new Date(0), list: [{ constructor: 1 }] };
    expect(format(named)).toEqual({ path: '.list[0].constructor', typeName: 'own property of this name' });
    expect(format({ list: named.list })).toBe('{"json":{"list":[{"constructor":1}]}}');
    let deep: unknown = 1;
    for (let i = 0; i < 200_000; i++) deep = [deep];
    expect(format(deep)).toEqual({ path: '', typeName: 'object that is nested too deeply' });
  });

  it('reads a version beside the value, and no text that would change a prototype', () => {
    const { parseVersioned } = valueTextOf(classes);
    expect(parseVersioned('{"version":2,"json":[1]}')).toEqual({ value: [1], version: 2 });
    expect(parseVersioned('{"json":"0","meta":{"values":["bigint"],"v":1},"version":"x"}')).toEqual({
      value: 0n,
      version: 'x',
    });
    expect(parseVersioned('{"json":1}')).toEqual({ value: 1, version: undefined });
    for (const text of ['null', '1', '"json"', '[]', '{}', '{"meta":{}}'])
      expect(() => parse(text)).toThrow('not ours');
    for (const name of ['__proto__', '\\u005f_proto__', '__proto\\u005f_'])
      for (const json of [`{"${name}":1}`, `[{"a":{"${name}":{"polluted":1}}}]`, `[[{"${name}":[]}]]`])
        for (const meta of ['', ',"meta":{"values":{},"v":1}'])
          expect(() => parse(`{"json":${json}${meta}}`), json).toThrow('__proto__');
    expect(() => parse(`{"json":1,"__proto__":{}}`)).toThrow('__proto__');
    for (const text of ['"__proto__"', '["\\u005f_proto__"]', '{"proto":"__proto__"}'])
      expect(parse(`{"json":${text}}`)).toEqual(JSON.parse(text));
    expect('polluted' in {}).toBe(false);
  });

  it('knows a class before those hear of it who have waited for longer', () => {
    const late = createClassRegistry();
    const text = valueTextOf(late);
    const found: unknown[] = [];
    const read = (): unknown => text.parse('{"json":{"n":1},"meta":{"values":[["class","Late"]],"v":1}}');
    late.onRegister(() => found.push(read()));
    expect(read).toThrow();
    class Late {}
    late.register(Late, 'Late');
    expect(found[0]).toBeInstanceOf(Late);
  });

  it('sees a change of every kind', () => {
    const value = { n: 1 as unknown };
    const texts = [1, 1n, '1', true, null, undefined, [1], new Date(1), new Set([1]), { toString: 1 }].map((n) => {
      value.n = n;
      return format(value);
    });
    expect(new Set(texts).size).toBe(texts.length);
  });

  it('forgets what it has met, also after many objects and after an error', () => {
    const one = { a: 1 };
    for (let i = 0; i < 3; i++) {
      expect(walk([one])).toBe('safe');
      expect(walk([one, one])).toBe('rich');
      expect(walk(Array.from({ length: 50 }, () => ({})))).toBe('safe');
      expect(walk([...Array.from({ length: 50 }, () => ({})), one, one])).toBe('rich');
      expect(walk([one, () => 1])).toEqual({ path: '[1]', typeName: 'function' });
    }
  });

  it('looks at the same objects again as at new ones, whatever has changed in between', () => {
    type Row = { id: number; next?: unknown };
    const rows: Row[] = Array.from({ length: 100 }, (_, id) => ({ id }));
    const steps: [change: () => unknown, kind: 'safe' | 'rich'][] = [
      [() => {}, 'safe'],
      [() => (rows[70]!.id = -1), 'safe'],
      [() => (rows[70]!.next = rows[99]), 'rich'],
      [() => (rows[70]!.next = {}), 'safe'],
      [() => rows.reverse(), 'safe'],
      [() => rows.splice(20, 5), 'safe'],
      [() => rows.push(rows[10]!), 'rich'],
      [() => rows.pop(), 'safe'],
      [() => (rows[0]!.next = rows[1]), 'rich'],
      [() => (rows[0]!.next = rows), 'rich'],
      [() => delete rows[0]!.next, 'safe'],
      [() => (rows[90]!.next = new Date(0)), 'rich'],
      [() => rows.splice(30), 'safe'],
      [() => rows.push(...rows), 'rich'],
      [() => rows.push(...Array.from({ length: 100 }, (_, id) => ({ id }))), 'rich'],
    ];
    for (const [change, kind] of steps) {
      change();
      for (let i = 0; i < 2; i++) expect(walk(rows), String(change)).toBe(kind);
      expect(createTextWalk(classes)(rows), String(change)).toBe(kind);
    }
  });
});
