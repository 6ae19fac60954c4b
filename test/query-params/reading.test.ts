// Reading queryParams.
import { describe, expect, it } from 'vitest';
import { KeyError } from '../../src/index.js';
import { fakePage } from '../helpers/fake-address.js';

describe('queryParams, reading', () => {
  it('[QRY-1] toDict() gives all parameters', () => {
    const { q } = fakePage('?first_key=1&second_key=two&third_key=true');
    expect(q.toDict()).toEqual({ first_key: '1', second_key: 'two', third_key: 'true' });
  });

  it('[QRY-2] the last one of a repeated key wins, getAll gives all', () => {
    const { q } = fakePage('?a=1&a=2&a=3');
    expect(q.a).toBe('3');
    expect(q.getAll('a')).toEqual(['1', '2', '3']);
  });

  it('reads a symbol as missing, as sessionState does; elsewhere it is refused', () => {
    const { q } = fakePage('?a=1');
    const key = Symbol('a') as never;
    expect([q.get(key), q.get(key, 'd'), q.has(key), q.getAll(key), key in q]).toEqual([
      undefined,
      'd',
      false,
      [],
      false,
    ]);
    const calls = [
      q.require,
      q.delete,
      q.pop,
      q.ref,
      (name: never) => q.set(name, 1),
      (name: never) => q.setDefault(name, 1),
    ];
    for (const call of calls) expect(() => call(key)).toThrow('queryParams takes texts as keys, not symbols.');
    expect(() => q.subscribe(key, () => {})).toThrow('not symbols');
    expect(() => q.define({ a: 1 }).ref(key)).toThrow('"Symbol(a)"');
  });

  it('[QRY-3] getAll gives a list in any case', () => {
    const { q } = fakePage('?foo=bar');
    expect(q.getAll('foo')).toEqual(['bar']);
    expect(q.getAll('zz')).toEqual([]);
  });

  it('[QRY-4] a missing key reads undefined, require throws', () => {
    const { q } = fakePage();
    expect(q.zz).toBeUndefined();
    expect(q.get('zz', 'd')).toBe('d');
    expect('zz' in q).toBe(false);
    expect(() => q.require('zz')).toThrow(KeyError);
    expect(() => q.require('zz')).toThrow(expect.objectContaining({ key: 'zz' }));
  });

  it('[QRY-5] an empty value and a bare key read the empty text', () => {
    const { q } = fakePage('?a=&b');
    expect(q.a).toBe('');
    expect(q.b).toBe('');
    expect(q.has('b')).toBe(true);
    expect(q.require('b')).toBe('');
    expect(q.get('b', 'd')).toBe('');
  });

  it('[QRY-6] keys come in order of first appearance, integer-like ones too', () => {
    const { q } = fakePage('?2=b&1=a&z=c&1=d');
    expect([...q].map(([key]) => key)).toEqual(['2', '1', 'z']);
    expect(Object.keys(q)).toEqual(['2', '1', 'z']);
    expect([...q]).toEqual([
      ['2', 'b'],
      ['1', 'd'],
      ['z', 'c'],
    ]);
    expect({ ...q }).toEqual({ 1: 'd', 2: 'b', z: 'c' });
  });

  it('[QRY-7] the first = splits', () => {
    const { q } = fakePage('?a==a&b=c=d&=e');
    expect(q.a).toBe('=a');
    expect(q.b).toBe('c=d');
    expect(q.get('')).toBe('e');
  });

  it('[QRY-8] empty segments are nothing', () => {
    expect(fakePage('?&&a=b&&c=d&').q.toDict()).toEqual({ a: 'b', c: 'd' });
  });

  it('[QRY-9] + and %20 are spaces', () => {
    const { q } = fakePage('?foo+faz=bar+baz++&%61+%4d=%2B%20');
    expect(q.get('foo faz')).toBe('bar baz  ');
    expect(q.get('a M')).toBe('+ ');
  });

  it('[QRY-10] what cannot be decoded reads as written', () => {
    const { q } = fakePage('?v=%&b=%2sf%2a&c=%%2a');
    expect(q.v).toBe('%');
    expect(q.b).toBe('%2sf*');
    expect(q.c).toBe('%*');
  });

  it('[QRY-11] bytes that are no UTF-8 read as written', () => {
    const { q } = fakePage('?a=%E4%A&b=%FF&c=%FE%FF&d=%C2&e=%C2%A9%C2&f=%ff%c2x%C3%A9');
    expect(q.a).toBe('%E4%A');
    expect(q.b).toBe('%FF');
    expect(q.c).toBe('%FE%FF');
    expect(q.d).toBe('%C2');
    expect(q.e).toBe('©%C2');
    expect(q.f).toBe('%ff%c2xé');
  });

  it('[QRY-12] ; [] . mean nothing and keys are case-sensitive', () => {
    const { q } = fakePage('??a=1&A=1&a=1;b=2&a[]=1&x.y=2');
    expect(Object.keys(q)).toEqual(['?a', 'A', 'a', 'a[]', 'x.y']);
    expect(q.a).toBe('1;b=2');
  });

  it('[QRY-13] control characters and a byte order mark survive', () => {
    const { q } = fakePage('?a=%EF%BB%BFx&b=%00%0A');
    expect(q.a).toBe('\uFEFFx');
    expect(q.b).toBe('\0\n');
  });

  it('[QRY-14] names of Object.prototype are ordinary keys', () => {
    const { q } = fakePage('?__proto__=1&constructor=2&toString=3');
    expect(q.get('__proto__')).toBe('1');
    expect(q.get('constructor')).toBe('2');
    expect(q.get('toString')).toBe('3');
    expect(Object.hasOwn(q.toDict(), '__proto__')).toBe(true);
    expect(Object.getPrototypeOf(q.toDict())).toBe(Object.prototype);
    expect(({} as Record<string, unknown>)['1']).toBeUndefined();
  });

  it('[QRY-15] names that the language probes are ordinary keys', async () => {
    const { q } = fakePage('?then=1&toJSON=2');
    expect(await (q as unknown)).toBe(q);
    expect(JSON.stringify(q)).toBe('{"then":"1","toJSON":"2"}');
  });

  it('[QRY-16] results are copies', () => {
    const { q, flushed, address } = fakePage('?a=1&a=2');
    q.getAll('a').push('x');
    q.toDict().a = 'x';
    expect(q.getAll('a')).toEqual(['1', '2']);
    expect(q.toDict()).toEqual({ a: '2' });
    expect(flushed()).toBe('?a=1&a=2');
    expect(address.calls).toEqual([]);
  });

  it('[QRY-18] sees what others wrote in the same task', () => {
    const { q, address } = fakePage();
    expect(q.k).toBeUndefined();
    address.goto('?k=9');
    expect(q.k).toBe('9');
    expect(Object.keys(q)).toEqual(['k']);
  });

  it('[QRY-19] reserved keys are invisible in any case of letters', () => {
    const { q } = fakePage('?embed=true&EMBED_OPTIONS=x&foo=1');
    expect(Object.keys(q)).toEqual(['foo']);
    expect(q.toDict()).toEqual({ foo: '1' });
    expect(q.embed).toBeUndefined();
    expect(q.get('EMBED_OPTIONS')).toBeUndefined();
    expect(q.has('embed')).toBe(false);
    expect('embed' in q).toBe(false);
    expect(q.getAll('embed')).toEqual([]);
    expect(() => q.require('embed')).toThrow(KeyError);
    expect(q.toString()).toBe('embed=true&EMBED_OPTIONS=x&foo=1');
  });

  it.each([
    ['1,000 parameters', `?${Array.from({ length: 1000 }, (_, i) => `p${i}=1`).join('&')}`, 1000],
    ['1,000 parameters between empty ones', `?${Array.from({ length: 1000 }, (_, i) => `p${i}=1`).join('&&')}`, 1000],
    ['524,288 characters', `?p=${'x'.repeat(524_286)}`, 1],
  ])('[QRY-20] a query of %s is read', (_, given, keys) => {
    const { q, warnings } = fakePage(given);
    expect(Object.keys(q.toDict())).toHaveLength(keys);
    expect(warnings).toEqual([]);
  });

  it.each([
    ['1,001 parameters', `?${Array.from({ length: 1001 }, (_, i) => `p${i}=1`).join('&')}`],
    ['524,289 characters', `?p=${'x'.repeat(524_287)}`],
  ])('[QRY-20] a query of %s reads as empty and is not written to', (_, given) => {
    const { q, flushed, warnings } = fakePage(given);
    expect(q.toDict()).toEqual({});
    q.n = 1;
    expect(q.n).toBe('1');
    expect(flushed()).toBe(given);
    expect(q.n).toBe('1');
    expect(warnings.map(({ code }) => code)).toEqual(['query-too-long']);
    expect(warnings[0]?.message).toContain('the URL is too long; its query is not read.');
  });

  it('[QRY-20] reads 1,000 parameters and 524,288 characters', () => {
    expect(fakePage(`?${Array.from({ length: 1000 }, (_, i) => `p${i}=1`).join('&')}`).q.p999).toBe('1');
    expect(fakePage(`?p=${'x'.repeat(524_286)}`).q.get('p')).toHaveLength(524_286);
  });

  it('keeps its own reserved keys per instance', () => {
    const { q, another } = fakePage('?embed=1&Secret=2');
    const open = another({ reserved: [] });
    const other = another({ reserved: ['SECRET'] });
    expect(Object.keys(open)).toEqual(['embed', 'Secret']);
    expect(Object.keys(other)).toEqual(['embed']);
    open.embed = 2;
    expect(q.embed).toBeUndefined();
    expect(other.embed).toBe('2');
  });

  it('works unbound and has no other names', () => {
    const { q } = fakePage('?a=1&size=5&name=x&keys=y&constructor=z');
    const { get, has, toDict } = q;
    expect(get('a')).toBe('1');
    expect(has('a')).toBe(true);
    expect(toDict().a).toBe('1');
    for (const key of ['size', 'name', 'keys', 'constructor'])
      expect((q as Record<string, unknown>)[key]).toBe(get(key));
    expect((q as Record<string, unknown>).hasOwnProperty).toBeUndefined();
    expect(`${q}`).toBe('a=1&size=5&name=x&keys=y&constructor=z');
  });
});
