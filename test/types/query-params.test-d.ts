// The types of queryParams, views and codecs.
import { expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { type Codec, createQueryParams, param, queryParams, type Ref } from '../../src/index.js';

it('[QRY-116] types of a view come from defaults and codecs', () => {
  const view = queryParams.define({
    page: 1,
    q: '',
    open: false,
    since: new Date(0),
    tags: [] as string[],
    none: [],
    sizes: [1, 2],
    sort: param.oneOf(['asc', 'desc']),
    order: param.oneOf(['asc', 'desc']).withDefault('asc'),
    ids: param.list(param.integer, { separator: ',' }),
    where: param.schema(z.object({ city: z.string() })),
    limit: param.schema(z.number().default(5)),
    json: param.json<{ a: number }>(),
    own: { parse: ([text]) => text?.length, format: (value) => 'x'.repeat(value) } as Codec<number>,
  });
  expectTypeOf(view.page).toEqualTypeOf<number>();
  expectTypeOf(view.q).toEqualTypeOf<string>();
  expectTypeOf(view.open).toEqualTypeOf<boolean>();
  expectTypeOf(view.since).toEqualTypeOf<Date>();
  expectTypeOf(view.tags).toEqualTypeOf<string[]>();
  expectTypeOf(view.none).toEqualTypeOf<string[]>();
  expectTypeOf(view.sizes).toEqualTypeOf<number[]>();
  expectTypeOf(view.sort).toEqualTypeOf<'asc' | 'desc' | undefined>();
  expectTypeOf(view.order).toEqualTypeOf<'asc' | 'desc'>();
  expectTypeOf(view.ids).toEqualTypeOf<number[] | undefined>();
  expectTypeOf(view.where).toEqualTypeOf<{ city: string } | undefined>();
  expectTypeOf(view.limit).toEqualTypeOf<number>();
  expectTypeOf(view.json).toEqualTypeOf<{ a: number } | undefined>();
  expectTypeOf(view.own).toEqualTypeOf<number | undefined>();
  // @ts-expect-error not in the shape
  view.nope;
  // @ts-expect-error not in the shape
  view.update({ nope: 1 });
  // @ts-expect-error another type
  view.page = 'x';
  // @ts-expect-error not one of them
  view.sort = 'up';
  view.page += 1;
  view.update({ page: undefined, sort: 'asc' }, { history: 'push' });
  expectTypeOf(view.href({ page: 2 })).toEqualTypeOf<string>();
  expectTypeOf(view.ref('page')).toEqualTypeOf<Ref<number>>();
  expectTypeOf(view.ref('sort')).toEqualTypeOf<Ref<'asc' | 'desc' | undefined>>();
  // @ts-expect-error not in the shape
  view.ref('nope');
  view.subscribe('page', (now, before) => {
    expectTypeOf(now).toEqualTypeOf<number>();
    expectTypeOf(before).toEqualTypeOf<number>();
  });
  view.subscribe((changes) => expectTypeOf(changes[0]!.key).toEqualTypeOf<string>());
  expectTypeOf(view.toDict().tags).toEqualTypeOf<string[]>();
  const read = view.parse(new URL('https://example.org/?page=3'));
  expectTypeOf(read.page).toEqualTypeOf<number>();
  expectTypeOf(read.sort).toEqualTypeOf<'asc' | 'desc' | undefined>();
  expectTypeOf(read.where).toEqualTypeOf<{ city: string } | undefined>();
  expectTypeOf(read).toEqualTypeOf<ReturnType<typeof view.toDict>>();
  view.parse('?page=3');
  view.parse(new URLSearchParams());
  view.parse(new Request('https://example.org/'));
  // @ts-expect-error no URL
  view.parse(5);
  // @ts-expect-error a name of views, not of the shape
  read.update;
  // @ts-expect-error no codec for it
  queryParams.define({ a: { b: 1 } });
  // @ts-expect-error names are those of the shape
  queryParams.define({ a: 1 }, { names: { b: 'x' } });
  queryParams.define({ a: 1 }, { names: { a: 'x' }, history: 'push', keepDefaults: true });
});

it('types of the dict', () => {
  const q = createQueryParams({ source: 'hash', navigate: (url, how) => [url, how] });
  expectTypeOf(q.get('a')).toEqualTypeOf<string | undefined>();
  expectTypeOf(q.get('a', 5)).toEqualTypeOf<string | number>();
  expectTypeOf(q.require('a')).toEqualTypeOf<string>();
  expectTypeOf(q.pop('a', null)).toEqualTypeOf<string | null>();
  expectTypeOf(q.getAll('a')).toEqualTypeOf<string[]>();
  expectTypeOf(q.delete('a')).toEqualTypeOf<boolean>();
  expectTypeOf(q.toDict()).toEqualTypeOf<Record<string, string>>();
  expectTypeOf(q.ref('a')).toEqualTypeOf<Ref<string | undefined>>();
  expectTypeOf(q.ref('a', param.integer)).toEqualTypeOf<Ref<number | undefined>>();
  expectTypeOf(q.ref('a', param.integer.withDefault(1))).toEqualTypeOf<Ref<number>>();
  q.a = 1;
  q.b = ['x', 2, true, 10n, new Date()];
  q.c = new Set([1]);
  q.d = undefined;
  delete q.a;
  // @ts-expect-error a plain object cannot stand in a URL
  q.e = { a: 1 };
  // @ts-expect-error nor can a nested list
  q.set('e', [['x']]);
  q.update({ a: 1, b: null });
  q.update(new Map([['a', 1]]));
  q.fromDict([['a', ['x', 'y']]]);
  q.fromDict(new URLSearchParams('a=1'));
  q.fromDict(new FormData());
  // @ts-expect-error no text
  q.update('a=1');
  for (const [key, text] of q) expectTypeOf([key, text]).toEqualTypeOf<string[]>();
  expectTypeOf(q.batch(() => 7)).toEqualTypeOf<number>();
  q.subscribe((changes) => expectTypeOf(changes[0]!.value).toEqualTypeOf<string | undefined>());
});
