// Query text to parameters and back, against the platform.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSameTexts, parseQuery as parse, spliceQuery } from '../../src/query-params/query-text.js';
import { inputs } from '../helpers/inputs.js';

describe('parseQuery', () => {
  it('agrees with URLSearchParams on well-formed queries', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 5 });
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text), { maxLength: 6 }), (pairs) => {
        const expected = new URLSearchParams(pairs);
        const { texts } = parse(expected.toString());
        expect([...texts.keys()]).toEqual([...new Set(expected.keys())]);
        for (const [key, list] of texts) expect([...list]).toEqual(expected.getAll(key));
      }),
      inputs(100),
    );
  });

  it('never throws and loses nothing, whatever the bytes', () => {
    const hex = fc.constantFrom(...'0123456789abcdefABCDEF%+=&x'.split(''));
    fc.assert(
      fc.property(fc.string({ unit: hex, maxLength: 12 }), (query) => {
        const { texts, segments } = parse(query);
        expect(segments.map((segment) => segment.text).join('&')).toBe(query);
        const decoder = new TextDecoder('utf-8', { fatal: true });
        for (const list of texts.values())
          for (const text of list) {
            // U+FFFD is there only where it was written
            if (/%EF%BF%BD/i.test(query)) continue;
            expect(text).not.toContain('\ufffd');
            expect(() => decoder.decode(new TextEncoder().encode(text))).not.toThrow();
          }
      }),
      inputs(1000),
    );
  });

  it.each([
    ['%C3%A9', '\u00e9'],
    ['%e4%b8%ad%F0%9f%98%80', '\u4e2d\u{1f600}'],
    ['%4%41', '%4A'],
    ['%C3%41%A9', '%C3A%A9'],
    ['%E4%B8%41', '%E4%B8A'],
    ['%C0%80%ED%A0%80%F4%90%80%80%21', '%C0%80%ED%A0%80%F4%90%80%80!'],
    ['%zz+%25', '%zz %'],
  ])('decodes what is valid UTF-8 in %s', (text, expected) => {
    expect([...parse(`${text}=${text}`).texts]).toEqual([[expected, [expected]]]);
  });

  it('marks a bare key, the last one counts', () => {
    const { texts } = parse('a&b=&c=&c&d&d=');
    expect([...texts].map(([key, { isBare = false }]) => [key, isBare])).toEqual([
      ['a', true],
      ['b', false],
      ['c', true],
      ['d', false],
    ]);
  });

  it('keeps the lists of segments that are where they were', () => {
    const before = parse('a=1&b=2');
    const { texts } = parse('a=1&b=3&c=3', before);
    expect(texts.get('a')).toBe(before.texts.get('a'));
    expect(texts.get('b')).toEqual(['3']);
    expect([...texts.keys()]).toEqual(['a', 'b', 'c']);
  });

  it('takes linear time', () => {
    const { isTooLong } = parse('&'.repeat(524_288));
    expect(isTooLong).toBe(false);
    expect(parse('&'.repeat(524_289)).isTooLong).toBe(true);
    expect(parse(`a=${'%'.repeat(500_000)}`).texts.get('a')?.[0]).toHaveLength(500_000);
  });
});

describe('spliceQuery', () => {
  const splice = (query: string, edits: Record<string, string[]>): string =>
    spliceQuery(parse(query), new Map(Object.entries(edits))).text;

  it.each([
    ['', { a: ['1'] }, 'a=1'],
    ['a=1', { a: [] }, ''],
    ['a=1&', { a: [] }, ''],
    ['&&a=1&&', { a: [] }, ''],
    ['a=1&&b=2', { a: [] }, '&b=2'],
    ['a=1&', { b: ['2'] }, 'a=1&b=2'],
    ['a=1&&', { b: ['2'], c: ['3'] }, 'a=1&&b=2&c=3'],
    ['a=1&b=2', { a: [], c: ['3'] }, 'b=2&c=3'],
    ['a=1&b=2&a=3', { a: ['3', '1'] }, 'a=3&a=1&b=2'],
    ['a=1&b=2&a=3', { a: ['1', '3'] }, 'a=1&b=2&a=3'],
    ['a=%31', { a: ['1'] }, 'a=%31'],
    ['a', { a: [''] }, 'a'],
    ['a', { a: ['', ''] }, 'a=&a='],
    ['%61=1', { a: ['2'] }, 'a=2'],
    ['=1', { '': ['2'] }, '=2'],
    ['b=1', { a: [] }, 'b=1'],
  ])('%s with %o is %s', (query, edits, expected) => {
    expect(splice(query, edits as unknown as Record<string, string[]>)).toBe(expected);
  });

  it('is done when applied once', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 3 });
    const query = fc.string({ unit: fc.constantFrom(...'ab=&+%41'.split('')), maxLength: 10 });
    const edits = fc.dictionary(fc.constantFrom('a', 'b', 'aa', ''), fc.array(text, { maxLength: 2 }));
    fc.assert(
      fc.property(query, edits, (start, changes) => {
        const map = new Map(Object.entries(changes));
        const made = spliceQuery(parse(start), map);
        expect(spliceQuery(made, map)).toBe(made);
        // what it says of itself is what is read from its text
        const read = parse(made.text);
        expect(spliceQuery(read, map)).toBe(read);
        expect([...made.texts].map(([key, list]) => [key, [...list]])).toEqual(
          [...read.texts].map(([key, list]) => [key, [...list]]),
        );
        expect(made.segments.map(({ text, key }) => [text, key])).toEqual(
          read.segments.map(({ text, key }) => [text, key]),
        );
      }),
      inputs(100),
    );
  });
});

it('isSameTexts takes a missing list as an empty one', () => {
  expect(isSameTexts(undefined, [])).toBe(true);
  expect(isSameTexts(undefined, [''])).toBe(false);
  expect(isSameTexts(['a'], ['a', 'b'])).toBe(false);
});
