// The text of a value, as it stands in keys: what is near and far, many and long.
import { describe, expect, it } from 'vitest';
import type { HashFuncList } from '../../../src/cache/key/hash-funcs.js';
import { type KeyRules, writeValue } from '../../../src/cache/key/writer.js';
import { createClassRegistry } from '../../../src/core/values/class-registry.js';
import { UnhashableParamError, UserHashError } from '../../../src/errors.js';
import { thrown } from '../../helpers/thrown.js';

const rules: KeyRules = { functionName: 'f', classes: createClassRegistry() };
const text = (value: unknown, more: Partial<KeyRules> = {}) => writeValue(value, { ...rules, ...more }, 0);
const hashing = (...hashFuncs: HashFuncList) => ({ hashFuncs });

const thrownBy = (run: () => unknown): Error => thrown(run) as Error;

describe('the text of a value', () => {
  it('[CAC-68] writes each kind in its own way', () => {
    expect(text({ b: [1, 'x', null, undefined, true, 2n], a: new Map([[1, new Set(['y'])]]) })).toBe(
      '{"a":Map(1:Set("y")),"b":[1,"x",null,undefined,true,2n]}',
    );
    expect(text([{}, [], new Map(), new Set(), Symbol.for('s')])).toBe('[{},[],Map(),Set(),Symbol("s")]');
    const order = new Map([
      ['b', 1],
      ['a', 2],
    ]);
    expect(text(order)).toBe('Map("a":2,"b":1)');
    expect(text(Object.assign(Object.create(null), { a: 1 }))).toBe('{"a":1}');
  });

  it('[CAC-49] counts holes, few and many', () => {
    const sparse = (...at: number[]) => {
      const array: number[] = [];
      for (const index of at) array[index] = index;
      return text(array);
    };
    const array: unknown[] = [undefined];
    array[2] = 1;
    array.length = 5;
    expect(text(array)).toBe('[undefined,~1,1,~2]');
    for (const first of [3, 999, 1000, 1001, 1002, 4321]) {
      expect(sparse(first)).toBe(`[~${first},${first}]`);
      expect(sparse(0, first + 1, first + 2)).toBe(`[0,~${first},${first + 1},${first + 2}]`);
    }
    const empty: number[] = [];
    empty.length = 7000;
    expect(text(empty)).toBe('[~7000]');
  });

  it('[CAC-55] points to an ancestor, however far, and to nothing that is closed', () => {
    /** A chain of objects whose innermost points to the one at this level. */
    const chain = (length: number, to: number) => {
      const levels: { next?: unknown }[] = Array.from({ length }, () => ({}));
      for (let i = 0; i < length; i++) levels[i]!.next = levels[i + 1] ?? levels[to];
      return levels[0];
    };
    for (const length of [1, 31, 32, 33, 34, 40])
      for (let to = 0; to < length; to++)
        expect(text(chain(length, to))).toBe(`${'{"next":'.repeat(length)}^${length - to}${'}'.repeat(length)}`);
    // beside each other, as deep: the second one is no ancestor of what stands in the first
    for (const depth of [1, 31, 32, 33, 40]) {
      const closed = [1];
      let value: unknown = [closed, closed, [closed]];
      for (let i = 1; i < depth; i++) value = [value];
      expect(text(value)).toBe(`${'['.repeat(depth)}[1],[1],[[1]]${']'.repeat(depth)}`);
    }
  });

  it('[CAC-61] writes an object with a long text as its length and hash', () => {
    const long = (length: number) => ({ a: 'x'.repeat(length - '{"a":""}'.length) });
    expect(text(long(65_536))).toHaveLength(65_536);
    expect(text(long(65_537))).toMatch(/^#65537\.[0-9a-f]{32}$/);
    // what stands before it, and after it, stays
    expect(text([1, long(65_537), 2])).toBe(`[1,${text(long(65_537))},2]`);
    expect(text([{ b: 'x'.repeat(40_000) }, { b: 'x'.repeat(20_000) }])).toHaveLength(60_019);
    expect(text(new Set([1, long(70_000)]))).toBe(`Set(${text(long(70_000))},1)`);
  });
});

describe('the text of a value without parts', () => {
  it('[CAC-51] quotes as JSON does, short and long', () => {
    for (const part of ['', 'a', ' ', '!', '\n', '\u001f', '"', '\\', '\ud800', '\udfff', '😀', '\ud7ff', '\ue000'])
      for (const length of [0, 38, 39, 40, 41, 100]) {
        const value = 'x'.repeat(length) + part;
        expect(text(value)).toBe(JSON.stringify(value));
      }
    expect(text([0, -0, -1, 1e21, Number.NaN, -Infinity])).toBe('[0,-0,-1,1e+21,NaN,-Infinity]');
  });

  it('[CAC-56] writes up to 64 bytes, and has one text for every NaN, whose bytes stay', () => {
    expect(text(new Uint8Array([0, 10, 255]))).toBe('Uint8Array(000aff)');
    expect(text(new Uint8Array(64))).toBe(`Uint8Array(${'00'.repeat(64)})`);
    expect(text(new ArrayBuffer(65))).toMatch(/^ArrayBuffer\(#65\.[0-9a-f]{32}\)$/);
    for (const [Kind, one] of [
      [Float32Array, '0000ffff'],
      [Float64Array, '000000000000ffff'],
    ] as const) {
      const numbers = new Kind([1, NaN, 2, NaN]);
      const bytes = new Uint8Array(numbers.buffer);
      const size = Kind.BYTES_PER_ELEMENT;
      bytes[size] = 1; // another NaN than the second one
      const before = bytes.slice();
      const hex = (value: number) => text(new Kind([value])).slice(13, -1);
      expect(text(numbers)).toBe(`${Kind.name}(${hex(1)}${one}${hex(2)}${one})`);
      expect(bytes).toEqual(before);
    }
  });

  it('[CAC-59] names the class of what has a text of its own', () => {
    expect(text([new Date(5), new Date(NaN), Object(1), Object(-0), Object(true), Object(2n)])).toBe(
      '[Date(5),Date(NaN),Number(1),Number(-0),Boolean(true),BigInt(2)]',
    );
    expect(text([Object('s'), new URL('https://h/?a'), new URLSearchParams('a=1')])).toBe(
      '[String("s"),URL("https://h/?a"),URLSearchParams("a=1")]',
    );
    expect(text([/a"b/gi, new TypeError('t'), new DOMException('m', 'AbortError')])).toBe(
      '[RegExp("a\\"b","gi"),Error("TypeError","t"),Error("AbortError","m")]',
    );
  });
});

describe('the text of a value behind 20,000 objects', () => {
  const many: unknown[] = Array.from({ length: 20_000 }, () => []);
  const before = text([many]).slice(0, -1);
  /** What stands behind them, as text. */
  const behind = (parts: readonly unknown[], more: Partial<KeyRules> = {}) => {
    const all = text([many, ...parts], more);
    expect(all.slice(0, before.length)).toBe(before);
    return all.slice(before.length + 1, -1);
  };

  it('[CAC-55] is that of a copy without shared parts', () => {
    const part = { list: [1, [2]], map: new Map([[{ k: 1 }, new Set([{ s: 1 }])]]), date: new Date(5) };
    const { list, map } = part;
    const own = text(part);
    expect(behind([part, part, [part], { part }, list, map])).toBe(
      `${own},${own},[${own}],{"part":${own}},${text(list)},${text(map)}`,
    );
    expect(behind([[], [], {}, 1, 'x'])).toBe('[],[],{},1,"x"');
  });

  it('[CAC-55] is short to make where two members of each object are the same one', () => {
    const levels = (count: number) => {
      let value: unknown = [1];
      for (let i = 0; i < count; i++) value = [value, value];
      return value;
    };
    expect(behind([levels(3)])).toBe(text(levels(3)));
    // 2 ** 60 objects
    expect(behind([levels(60)])).toBe(text(levels(60)));
    expect(behind([levels(60)])).not.toBe(behind([levels(61)]));
  });

  it('[CAC-55] is another one in each place for what points to an object around it', () => {
    const part: Record<string, unknown> = {};
    part['up'] = { part };
    expect(behind([part, [part]])).toBe('{"up":{"part":^2}},[{"up":{"part":^2}}]');
    const list: unknown[] = [];
    const points = { list };
    list.push(points, [points], points);
    expect(behind([list])).toBe('[{"list":^2},[{"list":^3}],{"list":^2}]');
    // an inner part that points no further than its neighbour does
    const inner = { self: {} as unknown };
    inner.self = inner;
    expect(
      behind([
        [inner, list],
        [list, inner],
      ]),
    ).toBe(
      `[{"self":^1},[{"list":^2},[{"list":^3}],{"list":^2}]],[[{"list":^2},[{"list":^3}],{"list":^2}],{"self":^1}]`,
    );
  });

  it('[CAC-55] [CAC-63] counts what a hash function returned by itself', () => {
    const date = new Date(7);
    const shared = [date];
    // inside of its result the function is off; in `shared` the date's result is an ancestor
    const options = hashing([Date, () => shared]);
    const [ofDate, ofShared] = [`h0([${text(date)}])`, '[h0(^2)]'];
    expect(behind([shared, date, shared], options)).toBe(`${ofShared},${ofDate},${ofShared}`);
    expect(behind([date, shared, date], options)).toBe(`${ofDate},${ofShared},${ofDate}`);
  });
});

describe('hash functions in the text', () => {
  it('[CAC-64] are on again behind each value, and named by their place', () => {
    const options = hashing([Map, () => 1], [Date, (date: Date) => [date.getTime(), [date]]]);
    const date = (time: number) => `h1([${time},[${text(new Date(time))}]])`;
    expect(text([new Date(1), new Date(2), [new Date(3)], new Map(), new Date(4)], options)).toBe(
      `[${date(1)},${date(2)},[${date(3)}],h0(1),${date(4)}]`,
    );
  });

  it('[CAC-66] are told by the name of their class', () => {
    class Shop {}
    for (const key of [Shop, 'Shop'] as const) {
      const error = thrownBy(() =>
        text(
          [new Shop()],
          hashing([
            key,
            () => {
              throw new Error('no');
            },
          ]),
        ),
      );
      expect(error).toBeInstanceOf(UserHashError);
      expect(error.message).toContain('the hash function for class Shop');
      expect((error.cause as Error).message).toBe('no');
    }
    // and one that fails leaves nothing behind
    expect(text([new Date(1)])).toBe(`[${text(new Date(1))}]`);
  });
});

describe('what has no text', () => {
  it('[CAC-58] is told with the way to it, and without a cause where it is the value itself', () => {
    const places: [value: (bad: unknown) => unknown, path: string][] = [
      [(bad) => ({ a: [1, bad] }), 'a[1]'],
      [
        (bad) =>
          new Map<unknown, unknown>([
            [1, 1],
            [2, bad],
          ]),
        '.values[1]',
      ],
      [
        (bad) =>
          new Map<unknown, unknown>([
            [1, 1],
            [bad, 2],
          ]),
        '.keys[1]',
      ],
      [(bad) => ({ set: new Set<unknown>([1, bad]) }), 'set.items[1]'],
    ];
    for (const [place, path] of places)
      for (const bad of [() => {}, Symbol('own'), new WeakMap()]) {
        const error = thrownBy(() => text(place(bad)));
        expect(error).toBeInstanceOf(UnhashableParamError);
        expect([error.message.includes(path), error.cause]).toEqual([true, undefined]);
      }
    const failing = {
      get x() {
        throw new Error('mine');
      },
    };
    const error = thrownBy(() => text([failing]));
    expect([error instanceof UnhashableParamError, (error.cause as Error).message]).toEqual([true, 'mine']);
  });

  it('[CAC-221] functions have one where they are cached themselves', () => {
    const fn = () => {};
    expect(text([fn], { identityOf: () => 'one' })).toBe('[Function@"one"]');
    const error = thrownBy(() => text([fn], { identityOf: () => undefined }));
    expect([error instanceof UnhashableParamError, error.cause]).toEqual([true, undefined]);
  });

  it('a key that is made within another one leaves it alone', () => {
    const inner = { list: [1, [2]] };
    const outer = {
      a: [1],
      get b() {
        return text([inner, inner]);
      },
      c: 3,
    };
    expect(text([outer, outer])).toBe(text([{ ...outer }, { ...outer }]));
    // and one that fails within it
    const half = {
      a: [1],
      get b() {
        return thrownBy(() => text([[() => {}]])).name;
      },
      c: { d: 1 },
    };
    expect(text([half])).toBe('[{"a":[1],"b":"UnhashableParamError","c":{"d":1}}]');
  });
});
