// What is written is read back, by every codec.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Codec, param, QueryParamValueError } from '../../src/index.js';
import { fakePage } from '../helpers/fake-address.js';
import { inputs } from '../helpers/inputs.js';

const cycle: Record<string, unknown> = {};
cycle.self = cycle;
class Point {
  constructor(readonly x: number) {}
}
const noJson = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  () => {},
  Symbol('s'),
  10n,
  new Map([['a', 1]]),
  new Set([1]),
  new Date(0),
  new Date(Number.NaN),
  new Point(1),
  new Uint8Array([1]),
  cycle,
  { a: undefined },
  { a: Number.NaN },
  { a: [new Map()] },
  { a: new Date(0) },
  { toJSON: () => 'x' },
  [undefined],
  // biome-ignore lint/suspicious/noSparseArray: a hole is what is tried
  [1, , 2],
  Object.assign([1], { extra: 2 }),
  JSON.parse('{"__proto__":1}'),
];
const wrong: [name: string, codec: Codec<never>, values: unknown[]][] = [
  ['string', param.string, [1, true, {}, ['a'], new Date(0), Object.create(null), Symbol('s')]],
  ['number', param.number, ['5', true, Number.NaN, Number.POSITIVE_INFINITY, new Date(0), [5], 5n, Object(5)]],
  ['integer', param.integer, [1.5, 2 ** 53, '5', [5], 5n]],
  ['boolean', param.boolean, ['true', 'false', 1, 0, 'x', [true]]],
  ['date', param.date, [true, 0, 1e12, '2026-01-01', new Date(Number.NaN), {}, [new Date(0)], new Map()]],
  ['oneOf', param.oneOf(['asc', 1, true]), ['1', 'true', 'up', ['asc'], {}]],
  ['json', param.json(), noJson],
  ['json with a schema', param.json(z.any()), noJson],
  ['schema', param.schema(z.any()) as Codec<never>, noJson.filter((value) => !(value instanceof Date))],
  ['schema of numbers or texts', param.schema(z.union([z.string(), z.number()])) as Codec<never>, [5, ['5'], { a: 1 }]],
  ['schema that makes objects of texts', param.schema(z.string().transform((id) => ({ id }))) as never, [{ id: 'x' }]],
  ['schema with a default', param.schema(z.object({ n: z.number().nullable() })) as never, [{ n: Number.NaN }]],
  ['list of dates', param.list(param.date), [[true], [0], ['2026-01-01'], [new Date(0), 1], new Date(0), 'x', {}, 5]],
  ['list of numbers', param.list(param.number, { separator: ',' }), [[1, '2'], [[1]], [Number.NaN], new Set([1])]],
  ['list of json', param.list(param.json()), [[{ a: Number.NaN }], [new Map()], [undefined, cycle]]],
  ['list of lists', param.list(param.list(param.string)), [[['a', 'b']], [['a'], ['b', 'c']]]],
  ['custom', param.custom({ parse: ([text]) => (text === 'x' ? text : undefined), format: String }), ['y', 5]],
];

describe.each(wrong)('%s', (_, codec, values) => {
  it('[QRY-97] refuses what it cannot write and read back, in every way of writing', () => {
    const { q, now, flushed, warnings } = fakePage('?v=keep&w=1');
    const view = q.define({ v: codec, w: 1 });
    const ref = q.ref('v', codec);
    for (const value of values) {
      const ways = [
        () => Object.assign(view, { v: value }),
        () => view.update({ w: 2, v: value as never }),
        () => view.href({ w: 2, v: value as never }),
        () => view.ref('v').set(value as never),
        () => ref.set(value as never),
        () => ref.update(() => value as never),
        () => Object.assign(ref, { value }),
      ];
      for (const way of ways) {
        expect(way).toThrow(QueryParamValueError);
        expect(way).toThrow(expect.objectContaining({ key: 'v' }));
      }
    }
    expect(flushed()).toBe('?v=keep&w=1');
    expect(now()).toBe('?v=keep&w=1');
    expect(warnings).toEqual([]);
  });
});

describe('null', () => {
  it.each([
    ['since', new Date('2026-01-01')],
    ['page', 1],
    ['q', 'x'],
    ['open', true],
    ['days', [new Date('2026-01-01')]],
    ['tags', ['a']],
    ['sort', param.oneOf(['null', 'asc']).withDefault('asc')],
    ['at', param.date],
    ['text', param.string],
    [
      'shout',
      param.custom({ parse: ([text]) => new Date(text as string), format: (day) => new Date(day).toISOString() }),
    ],
    ['where', param.schema(z.string())],
  ])('[QRY-135] removes %s', (name, value) => {
    const { q, flushed } = fakePage(`?${name}=2026-02-02&z=1`);
    const view = q.define({ [name]: value as never }) as unknown as Record<string, unknown>;
    const initial = fakePage('').q.define({ [name]: value as never }) as unknown as Record<string, unknown>;
    view[name] = null;
    expect(flushed()).toBe('?z=1');
    expect(view[name]).toEqual(initial[name]);
    q.set(name, 'x');
    (view.update as (values: unknown) => void)({ [name]: null });
    expect(flushed()).toBe('?z=1');
    q.set(name, 'x');
    (view.ref as (name: string) => { set(value: unknown): void })(name).set(null);
    expect(flushed()).toBe('?z=1');
    expect((view.href as (values: unknown) => string)({ [name]: null })).toBe('http://h/p?z=1');
  });

  it('[QRY-135] items of lists are left out, as in lists of plain values', () => {
    const { q, flushed } = fakePage('?days=2026-02-02');
    const view = q.define({ days: param.list(param.date), n: param.list(param.integer, { separator: ',' }) });
    const day = new Date('2026-03-04');
    view.days = [null, day, undefined] as never;
    view.n = [null, 1, null, 2] as never;
    expect(flushed()).toBe('?days=2026-03-04&n=1,2');
    expect(view.toDict()).toEqual({ days: [day], n: [1, 2] });
    view.days = [null] as never;
    expect(view.days).toEqual([]);
    expect(flushed()).not.toContain('1970');
  });

  it('[QRY-135] is a value where the codec can hold it', () => {
    const { q, flushed } = fakePage();
    const view = q.define({ j: param.json(), list: param.list(param.json()), s: param.schema(z.number().nullable()) });
    Object.assign(view, { j: null, list: [null, 1], s: null });
    expect(flushed()).toBe('?j=null&list=null&list=1&s=null');
    expect(view.toDict()).toEqual({ j: null, list: [null, 1], s: null });
  });
});

describe('param.json', () => {
  it('[QRY-97] reads what it wrote, for any value, or refuses it', () => {
    const { q, flushed } = fakePage();
    const ref = q.ref('v', param.json<unknown>());
    const anything = fc.anything({
      withDate: true,
      withMap: true,
      withSet: true,
      withNullPrototype: true,
      maxDepth: 3,
    });
    fc.assert(
      fc.property(anything, (value) => {
        try {
          ref.set(value);
        } catch (error) {
          expect(error).toBeInstanceOf(QueryParamValueError);
          return;
        }
        // -0 is written as 0
        if (value !== undefined) expect(ref.get()).toEqual(normal(value));
        expect(fakePage(flushed()).q.ref('v', param.json<unknown>()).get()).toEqual(ref.get());
      }),
      inputs(100),
    );
  });

  it('[QRY-97] takes objects without prototype, -0 and what it gave', () => {
    const { q, flushed } = fakePage();
    const view = q.define({ v: param.json() });
    view.v = Object.assign(Object.create(null), { a: [-0, { b: 'é\ud800' }] });
    expect(view.v).toEqual({ a: [0, { b: 'é\ud800' }] });
    const { v } = view;
    view.v = v;
    expect(flushed()).toBe(`?v=${encodeURIComponent('{"a":[0,{"b":"é\\ud800"}]}')}`);
  });
});

/** Without -0. */
const normal = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('param.schema', () => {
  it('[QRY-109] takes what the schema makes another value of, and reads that', () => {
    const { q } = fakePage();
    const view = q.define({
      name: param.schema(z.string().trim()),
      place: param.schema(z.object({ city: z.string(), zoom: z.number().default(3) })),
      when: param.schema(z.coerce.date()),
    });
    view.name = ' tea ';
    expect(view.name).toBe('tea');
    view.place = { city: 'Bonn' } as never;
    expect(view.place).toEqual({ city: 'Bonn', zoom: 3 });
    view.when = new Date(0);
    expect(view.when).toEqual(new Date(0));
  });

  it('a schema that chokes on undefined has no default', () => {
    const choking = {
      '~standard': { version: 1, vendor: 'x', validate: (value: unknown) => ({ value: (value as string).trim() }) },
    };
    const { q } = fakePage('?v=+a');
    expect(q.ref('v', param.schema(choking as never)).get()).toBe('a');
    expect(q.ref('w', param.schema(choking as never)).get()).toBeUndefined();
  });
});

it('a codec may be made of those of param', () => {
  const { q, flushed } = fakePage();
  const codec = param.custom<{ day: Date }>({
    parse: (texts) => {
      const day = param.date.parse(texts);
      return day && { day };
    },
    format: ({ day }) => param.date.format(day),
  });
  const ref = q.ref('d', codec);
  ref.set({ day: new Date('2026-01-02') });
  expect(flushed()).toBe('?d=2026-01-02');
  expect(() => ref.set({ day: 0 as never })).toThrow(expect.objectContaining({ key: 'd' }));
});
