// Any text as the URL.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { param, QueryParamValueError } from '../../src/index.js';
import { type FakePage, fakePage } from '../helpers/fake-address.js';
import {
  damaged,
  expectCleanPrototypes,
  expectNoValue,
  expectQuick,
  hostileText,
  longTexts,
  secret,
} from '../helpers/hostile.js';
import { inputs } from '../helpers/inputs.js';

const shape = {
  page: 1,
  q: 'd',
  open: false,
  tags: [] as string[],
  since: new Date('2026-01-01'),
  sort: param.oneOf(['asc', 'desc', 1]),
  whole: param.integer,
  sizes: param.list(param.integer, { separator: ',' }).withDefault([]),
  any: param.json(),
  anyList: param.list(param.json()).withDefault([]),
  where: param.schema(z.object({ a: z.number() })),
  text: param.schema(z.string()),
};
const names = Object.keys(shape);

const pair = fc
  .tuple(fc.oneof(fc.constantFrom(...names), hostileText), fc.oneof(hostileText, fc.constant(undefined)))
  .map(([name, value]) => (value === undefined ? name : `${name}=${value}`));
const good = fc.constantFrom(
  `page=3&q=a+b%26%3F&open&tags=x&tags=${secret}&since=2026-02-03&sort=desc&sizes=1,x,2&where={"a":1}&any={"b":[1]}`,
  `any=%7B%22a%22%3A%22${secret}%22%7D&anyList=1&anyList=[2]&whole=-5&text=${secret}`,
);
const query = fc.oneof(
  { weight: 3, arbitrary: fc.array(pair, { maxLength: 6 }).map((pairs) => pairs.join('&')) },
  { weight: 2, arbitrary: damaged(good) },
);

/** Reads everything in every way. */
function readAll({ q }: FakePage, text: string): void {
  for (const [key, value] of q) {
    expect(q.get(key)).toBe(value);
    expect(q.getAll(key).at(-1)).toBe(value);
    expect(key in q || q.has(key)).toBe(true);
  }
  q.toDict();
  q.toString();
  Object.keys(q);
  ({ ...q });
  const view = q.define(shape);
  for (const name of names) void view[name as 'q'];
  view.toDict();
  view.parse(text);
  view.parse(`?${text}`);
}

describe('a URL of somebody else', () => {
  it.each(['search', 'hash'] as const)(
    '[QRY-95] in the %s is read without an error, and what is written beside it arrives',
    (source) => {
      fc.assert(
        fc.property(query, hostileText, (text, other) => {
          const isHash = source === 'hash';
          const page = fakePage(isHash ? `#/way?${text}` : `?${text}`, { source });
          readAll(page, text);
          const { q, warnings, flushed } = page;
          const before = new Map([...q].map(([key]) => [key, q.getAll(key)]));
          try {
            q.set('mine', other);
            q.define(shape).page = 7;
            q.ref('sizes', shape.sizes).set([1, 2]);
            flushed();
          } catch (error) {
            // a key that the page reserves for itself
            if (!(error instanceof QueryParamValueError)) throw error;
          }
          expect(q.get('page')).toBe('7');
          for (const [key, values] of before)
            if (!names.includes(key) && key !== 'mine') expect([key, q.getAll(key)]).toEqual([key, values]);
          expectNoValue(warnings);
          expectCleanPrototypes();
        }),
        inputs(400),
      );
    },
  );

  it.each(longTexts)('[QRY-95] of 200,000 characters takes linear time: %s', (_, text) => {
    for (const name of ['page', 'any', 'sizes'])
      expectQuick(() => {
        const page = fakePage();
        page.address.href = () => `http://h/p?${name}=${text}`;
        readAll(page, `${name}=${text}`);
        page.q.set('mine', 1);
      });
  });
});
