// The codecs of param.
import { describe, expect, it } from 'vitest';
import type { Codec } from '../../../src/core/codec.js';
import { codecOf } from '../../../src/query-params/param/codec-of.js';
import { param } from '../../../src/query-params/param/param.js';

const read = <T>(codec: Codec<T>, ...texts: string[]): T | undefined => codec.parse(texts);

describe('param', () => {
  it.each([
    ['-3', -3],
    ['0', 0],
    ['-0', 0],
    ['007', 7],
    ['9007199254740991', 9007199254740991],
    ['9007199254740992', undefined],
    ['1.5', undefined],
    ['1e3', undefined],
    ['', undefined],
    [' 1', undefined],
  ])('[QRY-99] integer: %o reads %o', (text, expected) => {
    expect(read(param.integer, text)).toBe(expected);
  });

  it.each([
    ['1', 1],
    ['-1.50', -1.5],
    ['.5', 0.5],
    ['1E3', 1000],
    ['1e-7', 1e-7],
    ['1.7976931348623157e308', Number.MAX_VALUE],
    ['5e-324', 5e-324],
    ['0.1', 0.1],
    ['0.1000000000000000055', undefined],
    ['100000000000000000000001', undefined],
    ['3e-324', undefined],
    ['1,5', undefined],
    ['1n', undefined],
    ['.', undefined],
    ['.25', 0.25],
    ['0.50', 0.5],
    ['000', 0],
    ['10', 10],
    ['1e5', 100000],
    ['1x', undefined],
    ['1e3x', undefined],
    ['x1', undefined],
  ])('number: %o reads %o', (text, expected) => {
    expect(read(param.number, text)).toBe(expected);
  });

  it('number, integer, boolean and date look at the last text', () => {
    expect(read(param.number, 'x', '2')).toBe(2);
    expect(read(param.number, '2', 'x')).toBeUndefined();
    expect(read(param.integer)).toBeUndefined();
    expect(read(param.boolean, 'false', 'True')).toBe(true);
    expect(read(param.string, 'a', 'b')).toBe('b');
    expect(read(param.date)).toBeUndefined();
    for (const day of ['2026-13-01', '2026-00-10', '2026-01-32', '2026-02-30'])
      expect(param.date.parse([day])).toBeUndefined();
  });

  it.each([
    ['true', true],
    ['TRUE', true],
    ['False', false],
    ['xtrue', undefined],
    ['truest', undefined],
    ['xfalse', undefined],
    ['falsehood', undefined],
    ['1', undefined],
    ['', undefined],
  ])('boolean: %o reads %o', (text, expected) => {
    expect(read(param.boolean, text)).toBe(expected);
  });

  it('refuses to write what would not come back, and says so', () => {
    const message = 'does not come back from its text: give another.';
    for (const [codec, value] of [
      [param.number, Number.NaN],
      [param.number, '1'],
      [param.boolean, 'true'],
      [param.date, new Date(Number.NaN)],
      [param.date, '2026-01-01'],
      [param.string, ['a']],
      [param.list(param.number), [1, Infinity]],
      [param.list(param.number), 1],
    ] as [Codec<unknown>, unknown][])
      expect(() => codec.format(value)).toThrow(message);
    expect(param.date.format(new Date('2026-01-01'))).toBe('2026-01-01');
    expect(param.date.format(new Date('2026-01-01T12:00:00Z'))).toBe('2026-01-01T12:00:00.000Z');
  });

  it('a list in one text takes its separator inside an item, and other text as it is', () => {
    const codec = param.list(param.string, { separator: ',' });
    for (const items of [[], [''], ['', ''], ['a,b', '%', '%2C', '%25', '%zz'], ['a']])
      expect(codec.parse([codec.format(items) as string].flat())).toEqual(items);
    expect(codec.format(['a,b', '50%'])).toEqual(['a%2Cb,50%25']);
    expect(read(codec, 'x', 'a%2cb,%3D')).toEqual(['a,b', '%3D']);
    expect(read(codec)).toBeUndefined();
  });

  it('oneOf gives the value of that text', () => {
    const codec = param.oneOf([1, 'x', true]);
    expect(read(codec, '1')).toBe(1);
    expect(read(codec, 'x')).toBe('x');
    expect(read(codec, 'true')).toBe(true);
    expect(read(codec, 'toString')).toBeUndefined();
  });

  it('list skips items that its codec chokes on', () => {
    const item: Codec<string> = {
      parse([text]) {
        if (text === 'bad') throw new Error('bad');
        return text;
      },
      format: (value) => value,
    };
    expect(read(param.list(item), 'a', 'bad', 'b')).toEqual(['a', 'b']);
    expect(() => param.list(param.string, { separator: '&' })).toThrow(/separator must be one of/);
    expect(() => param.list(param.string, { separator: '' })).toThrow(TypeError);
    expect(() => param.list(param.string, { separator: ',,' })).toThrow(TypeError);
  });

  it('custom keeps the codec as it is, also its this', () => {
    class Upper implements Codec<string> {
      #suffix = '!';
      parse(texts: string[]): string {
        return `${texts[0]?.toUpperCase()}${this.#suffix}`;
      }
      format(value: string): string {
        return value.replace(this.#suffix, '').toLowerCase();
      }
    }
    const codec = param.custom(new Upper()).withDefault('X!');
    expect(read(codec, 'a')).toBe('A!');
    expect(codec.format('A!')).toBe('a');
    expect(codec.default).toBe('X!');
  });

  it('withDefault makes another codec', () => {
    const one = param.number.withDefault(1);
    expect(one).not.toBe(param.number);
    expect(one.default).toBe(1);
    expect('default' in param.number).toBe(false);
    expect(one.withDefault(2).default).toBe(2);
  });
});

describe('codecOf', () => {
  it('picks the codec of a default', () => {
    for (const value of [1, 'a', true, new Date(0), ['a'], [1]])
      expect((codecOf(value) as { default?: unknown }).default).toBe(value);
    expect(codecOf(param.number)).toBe(param.number);
    for (const wrong of [null, undefined, {}, () => {}, 1n, [{}], Symbol('s')]) expect(codecOf(wrong)).toBeUndefined();
  });
});
