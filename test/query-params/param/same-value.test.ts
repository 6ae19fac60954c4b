// When two values of a parameter are the same.
import { describe, expect, it } from 'vitest';
import { isSameValue } from '../../../src/query-params/param/same-value.js';

class Point {
  constructor(readonly x: number) {}
}
const holes = (length: number): unknown[] => Object.assign(new Array(length), { 0: 1 });

describe('isSameValue', () => {
  it.each<[string, () => unknown]>([
    ['texts', () => 'a'],
    ['null', () => null],
    ['objects in objects', () => ({ a: { b: [1, { c: null }] } })],
    ['an object without a prototype', () => Object.assign(Object.create(null), { a: 1 })],
    ['a list with holes', () => holes(3)],
    ['a Date', () => new Date(5)],
    ['a Map', () => new Map([['a', [1]]])],
    ['a Set of objects', () => new Set([{ a: 1 }])],
    ['an instance', () => new Point(1)],
  ])('%s is the same as a copy', (_, make) => {
    expect(isSameValue(make(), make())).toBe(true);
  });

  it.each<[string, unknown, unknown]>([
    ['NaN and itself, which has no text', Number.NaN, Number.NaN],
    ['a number and its text', 1, '1'],
    ['nothing and an object', null, {}],
    ['an object and nothing', {}, undefined],
    ['a text and an object', 'a', {}],
    ['another value', { a: 1 }, { a: 2 }],
    ['keys without values that differ', { a: undefined }, { b: undefined }],
    ['one key more', { a: 1, b: 2 }, { a: 1 }],
    ['a list and an object of the same keys', [1], { 0: 1 }],
    ['an object and a list of the same keys', { 0: 1 }, [1]],
    ['empty ones of both', {}, []],
    ['lists that differ in holes at the end', holes(3), holes(2)],
    ['an instance and its fields', new Point(1), { x: 1 }],
    ['fields and their instance', { x: 1 }, new Point(1)],
    ['two times', new Date(5), new Date(6)],
    ['two Maps', new Map([['a', 1]]), new Map([['a', 2]])],
    ['a Map and a Set', new Map(), new Set()],
  ])('%s are not the same', (_, back, value) => {
    expect(isSameValue(back, value)).toBe(false);
  });

  it('what is nested too deeply to be compared is not the same', () => {
    const deep = (): unknown => JSON.parse('['.repeat(100_000) + ']'.repeat(100_000));
    expect(isSameValue(deep(), deep())).toBe(false);
  });
});
