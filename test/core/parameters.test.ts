import { describe, expect, it } from 'vitest';
import { describeArgs } from '../../src/core/describe-args.js';
import { hashBytes, hashText } from '../../src/core/key-hash.js';
import { isReadable, parametersOf } from '../../src/core/parameters.js';

describe('parametersOf', () => {
  it('[CAC-71] reads the names of every kind of function', () => {
    const cases: [string, string[]][] = [
      ['function load(a, _b) { return a }', ['a', '_b']],
      ['async function load(a, _b) {}', ['a', '_b']],
      ['function (a) { }', ['a']],
      ['(a, b) => a', ['a', 'b']],
      ['a => a', ['a']],
      ['async a => a', ['a']],
      ['async (a, b) => a', ['a', 'b']],
      ['load(a, b) { }', ['a', 'b']],
      ['async load(a) { }', ['a']],
      ['static async #load(a) { }', ['a']],
      ['[Symbol.iterator](a) { }', ['a']],
      ["'quoted, name'(a) { }", ['a']],
      ['async(a) { }', ['a']],
      ['(a = 1, _b = ")", c = [1, 2], d = {x: (1, 2)}, e = `,${[1, 2].join(",")}`) => a', ['a', '_b', 'c', 'd', 'e']],
      ['function f(a /* first, (of) two */, // ) and\n _b) { }', ['a', '_b']],
      ['function f({ a, b }, [c, d], ...rest) { }', ['', '', 'rest']],
      ['(größe, $x) => 1', ['größe', '$x']],
      ['function f() { }', []],
      ['() => (1)', []],
      ['function f(a,) { }', ['a']],
    ];
    for (const [text, names] of cases) expect(parametersOf(text)?.names, text).toEqual(names);
    expect(parametersOf('function f(a, ...rest) { }')?.rest).toBe(1);
    expect(parametersOf('function f({ kw1, _kw2 = "a,b", x: y, ...others }, b) { }')?.patternNames).toEqual([
      'kw1',
      '_kw2',
      'x',
      'others',
    ]);
  });

  it('[CAC-72] trusts no minified or hidden text', () => {
    for (const text of [
      '(e,_t)=>e',
      'function(e,t){return e+t}',
      'function a(e,t){return e}',
      'async(e,t)=>{await e}',
      'async function a(e){return e}',
      'e=>e*2',
      '_=>_',
      'load(e){return e}',
      '()=>fetch("a b")',
    ])
      expect([parametersOf(text), isReadable(text)], text).toEqual([undefined, false]);
    expect(parametersOf(String(Math.max))).toBeUndefined();
    expect(parametersOf(String((() => {}).bind(null)))).toBeUndefined();
    for (const text of [
      'function f(a,b){ return a }',
      'function f(a,b) {return a}',
      '(a,b) =>a',
      '(a, b)=>a',
      'function f(a,b){\n return a }',
    ])
      expect(isReadable(text), text).toBe(true);
  });
});

describe('hashText, hashBytes', () => {
  it('[CAC-68] are the same everywhere', () => {
    expect(hashText('')).toMatchInlineSnapshot(`"00000000000000000000000000000000"`);
    expect(hashText('hello')).toMatchInlineSnapshot(`"9b7ae8ba543a9fe42e1328127a7e169f"`);
    expect(hashBytes(new Uint8Array([1, 2, 3]))).toMatchInlineSnapshot(`"5683231f94259a31f982bff634466a7a"`);
  });

  it('[CAC-61] look at every unit', () => {
    const seen = new Set<string>();
    let count = 0;
    for (let length = 0; length < 40; length++)
      for (let i = -1; i < length; i++) {
        const bytes = new Uint8Array(length);
        if (i >= 0) bytes[i] = 1;
        seen.add(hashBytes(bytes)).add(hashText(String.fromCharCode(...bytes)));
        count += 2;
      }
    // every text is the bytes of no other list
    expect(seen.size).toBeGreaterThan(count - 40);
    const long = 'x'.repeat(10_000);
    expect(
      new Set([0, 1, 4095, 4096, 4097, 9999].map((i) => hashText(`${long.slice(0, i)}y${long.slice(i + 1)}`))).size,
    ).toBe(6);
    const unaligned = new Uint8Array(101).map((_, i) => i);
    for (const offset of [1, 2, 3])
      expect(hashBytes(unaligned.subarray(offset))).toBe(hashBytes(unaligned.slice(offset)));
    expect(seen.has(hashText('\0'.repeat(41)))).toBe(false);
  });

  it('spreads over all bits', () => {
    const ones = new Array(128).fill(0);
    for (let i = 0; i < 2000; i++) {
      const bits = BigInt(`0x${hashText(`text ${i}`)}`);
      for (let bit = 0; bit < 128; bit++) ones[bit] += Number((bits >> BigInt(bit)) & 1n);
    }
    for (const count of ones) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});

describe('describeArgs', () => {
  it('is short and shows no contents of objects', () => {
    class Shop {}
    expect(describeArgs(['EUR', 3, -0, 5n, null, undefined])).toBe('"EUR", 3, -0, 5n, null, undefined');
    expect(describeArgs([{ from: 'secret', to: 1 }, [1, 2], new Map([[1, 1]]), new Date(0), new Shop(), () => 1])).toBe(
      '{from, to}, Array(2), Map(1), Date, Shop, function',
    );
    expect(describeArgs(['secret'.repeat(100)]).length).toBeLessThan(30);
    expect(describeArgs(Array.from({ length: 50 }, () => 'abcdefghijkl')).length).toBeLessThanOrEqual(80);
    const hostile = new Proxy(
      {},
      {
        get: () => {
          throw new Error('no');
        },
        getPrototypeOf: () => {
          throw new Error('no');
        },
      },
    );
    expect(describeArgs([hostile])).toBe('Proxy');
  });
});
