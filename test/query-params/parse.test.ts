// view.parse: a query or a URL that is not the page's.
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { param, ReservedKeyError } from '../../src/index.js';
import { fakePage } from '../helpers/fake-address.js';

const shape = {
  page: 1,
  q: 'd',
  open: false,
  tags: [] as string[],
  since: new Date('2026-01-01'),
  sort: param.oneOf(['asc', 'desc']),
  sizes: param.list(param.integer, { separator: ',' }).withDefault([]),
  where: param.schema(z.object({ a: z.number() })),
  latitude: 0,
};
const options = { names: { latitude: 'lat' } };
const query = 'page=3&q=a+b%26%3F&open&tags=x&tags=y&since=2026-02-03&sort=desc&sizes=1,x,2&where={"a":1}&lat=5&z=%zz';
const values = {
  page: 3,
  q: 'a b&?',
  open: true,
  tags: ['x', 'y'],
  since: new Date('2026-02-03'),
  sort: 'desc',
  sizes: [1, 2],
  where: { a: 1 },
  latitude: 5,
};
const defaults = {
  ...values,
  page: 1,
  q: 'd',
  open: false,
  tags: [],
  since: shape.since,
  sort: undefined,
  sizes: [],
  where: undefined,
  latitude: 0,
};

describe('view.parse', () => {
  it.each([
    ['a query', query],
    ['a query with ?', `?${query}`],
    ['a query with a hash', `${query}#page=9`],
    ['a path', `/list?${query}`],
    ['a path with =', `/a=b&c?${query}#?page=9`],
    ['a relative path', `list?${query}`],
    ['a relative path with a dot', `../a=b?${query}`],
    ['an absolute URL', `https://example.org/a=b?${query}#h?page=9`],
    ['an absolute URL of another scheme', `app://host?${query}`],
    ['a URL', new URL(`https://example.org/?${query}#h`)],
    ['a Request', new Request(`https://example.org/p?${query}`)],
    ['a Request with a body', new Request(`https://example.org/p?${query}`, { method: 'POST', body: 'page=9' })],
  ])('[QRY-144] reads %s', (_, source) => {
    const { q, now, address } = fakePage('?page=7&tags=z');
    const view = q.define(shape, options);
    const { tags } = view;
    expect(view.parse(source)).toEqual(values);
    expect(Object.getPrototypeOf(view.parse(source))).toBe(Object.prototype);
    expect(view.parse(source)).not.toBe(view.parse(source));
    // reads nothing of the page and changes nothing, not even which objects the view gives
    expect(view.page).toBe(7);
    expect(view.tags).toBe(tags);
    expect(now()).toBe('?page=7&tags=z');
    expect(address.calls).toEqual([]);
  });

  it('[QRY-144] reads what the view reads at that URL', () => {
    for (const text of [
      query,
      '',
      'page=abc',
      'page',
      'open=',
      'open=TRUE',
      'page=1&page=2',
      '%70age=4',
      'q=%FF%C3%A9',
    ]) {
      const { q } = fakePage(`?${text}`);
      const view = q.define(shape, options);
      expect(view.parse(`?${text}`)).toEqual(view.toDict());
      expect(view.parse(`http://h/p?${text}`)).toEqual(view.toDict());
      if (text !== '') expect(view.parse(text)).toEqual(view.toDict());
    }
  });

  it('[QRY-144] reads URLSearchParams', () => {
    const view = fakePage().q.define(shape, options);
    // which do not tell ?open from ?open=
    expect(view.parse(new URLSearchParams(query))).toEqual({ ...values, open: false });
    expect(view.parse(new URLSearchParams({ page: '4', q: 'ü+&=' }))).toEqual({ ...defaults, page: 4, q: 'ü+&=' });
  });

  it.each([
    '',
    '?',
    '#',
    '/',
    'https://example.org',
    'https://example.org/page=3',
    '#?page=3',
    'page',
    '?Page=3',
    '??page=3',
  ])('[QRY-144] of %o reads defaults', (text) => {
    expect(fakePage('?page=7').q.define(shape, options).parse(text)).toEqual(defaults);
  });

  it('[QRY-144] reads a query whose first name begins like a path', () => {
    const view = fakePage().q.define({ x: '', y: '' }, { names: { x: '.x', y: '..y' } });
    for (const text of ['.x=1&..y=2', '..y=2&.x=1', './p?.x=1&..y=2', '../p?.x=1&..y=2'])
      expect(view.parse(text)).toEqual({ x: '1', y: '2' });
  });

  it('[QRY-144] a query beyond the limits reads as empty', () => {
    const view = fakePage().q.define({ page: 1 });
    expect(view.parse(`page=3&${'a&'.repeat(1000)}`)).toEqual({ page: 1 });
    expect(view.parse(`page=3&a=${'a'.repeat(524_288)}`)).toEqual({ page: 1 });
  });

  it('[QRY-144] takes nothing else', () => {
    const view = fakePage().q.define(shape);
    const others = [undefined, null, 5, true, {}, [], ['page=3'], new Map(), new FormData(), () => 'page=3'];
    for (const other of [...others, Symbol('page'), { href: '?page=3' }, { url: '?page=3' }, new Date(0)])
      expect(() => view.parse(other as never)).toThrow(TypeError);
  });

  it('[QRY-144] with keepDefaults, and with a lone surrogate', () => {
    const view = fakePage().q.define({ page: 1, q: '' }, { keepDefaults: true });
    expect(view.parse('?page=1&q=\ud800x')).toEqual({ page: 1, q: '\ufffdx' });
    expect(view.parse('')).toEqual({ page: 1, q: '' });
  });

  it('[QRY-144] of a view of the hash reads the hash of URLs, and a query as it is', () => {
    const view = fakePage('#/p?page=7', { source: 'hash' }).q.define({ page: 1 });
    expect(view.parse('http://h/?page=2#/list?page=3')).toEqual({ page: 3 });
    expect(view.parse(new URL('http://h/#?page=3'))).toEqual({ page: 3 });
    expect(view.parse('#/list?page=3#page=4')).toEqual({ page: 3 });
    expect(view.parse('?page=3')).toEqual({ page: 3 });
    expect(view.parse('page=3')).toEqual({ page: 3 });
    expect(view.parse('path=a/b&page=3')).toEqual({ page: 3 });
    expect(view.parse('?page=2#/list?page=3')).toEqual({ page: 3 });
    expect(view.parse('/list?page=3')).toEqual({ page: 1 });
    expect(view.parse('http://h/?page=3#/list')).toEqual({ page: 1 });
    expect(view.page).toBe(7);
  });

  it('[QRY-144] is a name of views', () => {
    expect(() => fakePage().q.define({ parse: 1 })).toThrow(ReservedKeyError);
    expect(fakePage('?parse=5').q.define({ n: 1 }, { names: { n: 'parse' } }).n).toBe(5);
  });
});
