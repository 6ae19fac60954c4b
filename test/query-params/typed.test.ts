// queryParams.define: typed views.
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { type Codec, param, QueryParamValueError, ReservedKeyError } from '../../src/index.js';
import { fakePage } from '../helpers/fake-address.js';
import { inputs } from '../helpers/inputs.js';
import { thrown } from '../helpers/thrown.js';

describe('queryParams.define', () => {
  it.each([
    ['', 1],
    ['?page=5', 5],
    ['?page=1.5', 1.5],
    ['?page=-2e3', -2000],
    ['?page=3&page=4', 4],
  ])('[QRY-94] a number: %s reads %s', (given, page) => {
    expect(fakePage(given).q.define({ page: 1 }).page).toBe(page);
  });

  it.each([
    '12abc',
    '',
    'Infinity',
    'NaN',
    '0x10',
    '9007199254740993',
    '+5',
    '1_000',
    '%201',
    '1e400',
    '1e-400',
    '--1',
  ])('[QRY-95] ?page=%s reads the default and is left alone', (text) => {
    const { q, flushed, now } = fakePage(`?page=${text}`);
    expect(q.define({ page: 1 }).page).toBe(1);
    expect(flushed()).toBe(`?page=${text}`);
    expect(now()).toBe(`?page=${text}`);
  });

  it('[QRY-95] what is nested too deeply for the stack reads the default, and fails no other write', () => {
    const deep = '['.repeat(50_000) + ']'.repeat(50_000);
    const whole = { parse: ([text]: string[]) => JSON.parse(text as string) as unknown, format: String };
    const { q, flushed } = fakePage(`?any=${deep}&own=${deep}&list=${deep}&list=x&page=5`);
    const view = q.define({ any: param.json(), own: whole, list: param.list(param.custom(whole)), page: 1 });
    expect([view.any, view.own, view.page]).toEqual([undefined, undefined, 5]);
    expect(q.ref('own', param.custom<unknown>(whole).withDefault('d')).value).toBe('d');
    view.page = 6;
    expect(flushed()).toContain('page=6');
    // deep enough to be read, and too deep to be compared
    for (let depth = 500; depth < 10_000; depth += 500) {
      const text = '['.repeat(depth) + ']'.repeat(depth);
      const page = fakePage(`?any=${text}&list=${text}&list=x`);
      const both = page.q.define({ any: param.json(), list: param.list(param.json()), page: 1 });
      expect(() => [both.any, both.list]).not.toThrow();
      both.page = 2;
      try {
        both.any = JSON.parse(text);
      } catch (error) {
        expect(error).toBeInstanceOf(QueryParamValueError);
      }
    }
  });

  it('[QRY-95] a number is read in linear time, whatever stands in the URL', () => {
    for (const text of [`${'1'.repeat(100_000)}x`, `1.${'0'.repeat(100_000)}1`, `${'0'.repeat(100_000)}1`]) {
      const start = performance.now();
      expect(fakePage(`?page=${text}`).q.define({ page: 3 }).page).toBe(
        text.endsWith('01') && !text.includes('.') ? 1 : 3,
      );
      expect(performance.now() - start).toBeLessThan(2000);
    }
    expect(['0', '00', '-0.0', '1200', '0.0120e2', '.5', '5.'].map((text) => param.number.parse([text]))).toEqual([
      0, 0, 0, 1200, 1.2, 0.5, 5,
    ]);
  });

  it('[QRY-96] the default is left out, unless it is kept', () => {
    const { q, flushed } = fakePage('?page=5');
    q.define({ page: 1 }).page = 1;
    expect(flushed()).toBe('');
    q.define({ page: 1 }, { keepDefaults: true }).page = 1;
    expect(flushed()).toBe('?page=1');
  });

  it('[QRY-97] a value that does not come back is refused, undefined removes', () => {
    const { q, flushed } = fakePage('?page=5');
    const view = q.define({ page: 1 });
    const error = thrown(() => {
      view.page = Number.NaN;
    });
    expect(error).toBeInstanceOf(QueryParamValueError);
    expect(error).toMatchObject({ key: 'page' });
    expect(flushed()).toBe('?page=5');
    expect(view.page).toBe(5);
    view.update({ page: undefined });
    expect(flushed()).toBe('');
    expect(view.page).toBe(1);
    q.page = 5;
    (view as { page: number | undefined }).page = undefined;
    expect(flushed()).toBe('');
    q.page = 5;
    expect(Reflect.deleteProperty(view, 'page')).toBe(true);
    expect(flushed()).toBe('');
  });

  it.each([
    ['?open=TRUE', true],
    ['?open', true],
    ['?open=false', false],
    ['?open=yes', false],
    ['?open=1', false],
    ['?open=', false],
    ['?open=&open', true],
    ['?open&open=', false],
  ])('[QRY-98] a boolean: %s reads %s', (given, open) => {
    expect(fakePage(given).q.define({ open: false }).open).toBe(open);
  });

  it('[QRY-98] a bare key that gets its = is told apart', () => {
    const { q, address } = fakePage('?open');
    const view = q.define({ open: false });
    expect(view.open).toBe(true);
    address.goto('?open=');
    expect(view.open).toBe(false);
    view.open = true;
    expect(q.open).toBe('true');
  });

  it('[QRY-98] refs hear that a bare key got its =, listeners of the text do not', async () => {
    const { q, address } = fakePage('?open');
    const view = q.define({ open: false });
    const heard = vi.fn();
    const texts = vi.fn();
    view.ref('open').listen((now, before) => heard('ref', now, before));
    view.subscribe((changes) => heard('view', ...changes));
    q.subscribe('open', texts);
    q.subscribe(texts);
    address.goto('?open=', 'popstate');
    await Promise.resolve();
    expect(heard.mock.calls).toEqual([
      ['ref', false, true],
      ['view', { key: 'open', value: false, previous: true }],
    ]);
    expect(texts).not.toHaveBeenCalled();
  });

  it('refuses for a list what is none', () => {
    const { q, flushed } = fakePage('?tags=a');
    const view = q.define({ tags: [] as string[] });
    for (const value of [5, 'b', 'bc', new Set(['b']), {}])
      expect(
        thrown(() => {
          (view as { tags: unknown }).tags = value;
        }),
      ).toBeInstanceOf(QueryParamValueError);
    expect(flushed()).toBe('?tags=a');
  });

  it('[QRY-100] a list of strings', () => {
    const { q, flushed } = fakePage('?tags=a');
    const view = q.define({ tags: [] as string[] });
    expect(view.tags).toEqual(['a']);
    view.tags = ['a,b', 'c'];
    expect(flushed()).toBe('?tags=a%2Cb&tags=c');
    view.tags = [''];
    expect(flushed()).toBe('?tags=&tags=');
    expect(view.tags).toEqual(['']);
    view.tags = [];
    expect(flushed()).toBe('');
    expect(view.tags).toEqual([]);
  });

  it('[QRY-101] an empty list that is not the default is k=', () => {
    const { q, flushed } = fakePage();
    const view = q.define({ tags: ['x'] });
    view.tags = [];
    expect(flushed()).toBe('?tags=');
    expect(view.tags).toEqual([]);
    view.tags = ['x'];
    expect(flushed()).toBe('');
  });

  it('[QRY-102] invalid items are skipped', () => {
    const { q } = fakePage('?sizes=1&sizes=x&sizes=3');
    expect(q.define({ sizes: [0] }).sizes).toEqual([1, 3]);
  });

  it('[QRY-102] an item that would be skipped is refused', () => {
    const { q, flushed } = fakePage('?sizes=1');
    const view = q.define({ sizes: [0] });
    expect(() => {
      view.sizes = [1, Number.NaN];
    }).toThrow(QueryParamValueError);
    expect(() => {
      (view as { sizes: unknown }).sizes = 'abc';
    }).toThrow(QueryParamValueError);
    expect(flushed()).toBe('?sizes=1');
  });

  it('[QRY-103] a list in one text', () => {
    const { q, flushed, address } = fakePage();
    const view = q.define({ t: param.list(param.string, { separator: ',' }).withDefault([]) });
    view.t = ['a', 'b,c'];
    expect(flushed()).toBe('?t=a,b%252Cc');
    expect(view.t).toEqual(['a', 'b,c']);
    address.goto('?t=a,b');
    expect(view.t).toEqual(['a', 'b']);
    address.goto('?t=a%2Cb');
    expect(view.t).toEqual(['a', 'b']);
    view.t = [''];
    expect(flushed()).toBe('?t=,');
    expect(view.t).toEqual(['']);
    view.t = [];
    expect(flushed()).toBe('');
    q.ref('t', param.list(param.string, { separator: ',' })).set([]);
    expect(flushed()).toBe('?t=');
  });

  it.each([...',;:|!.~_-'])('[QRY-103] %s is a separator that stands as it is', (separator) => {
    const { q, flushed } = fakePage();
    const ref = q.ref('t', param.list(param.string, { separator }));
    ref.set(['a', `b${separator}c`, '%2C%', 'é&']);
    expect(flushed().split(separator)).toHaveLength(4);
    expect(ref.get()).toEqual(['a', `b${separator}c`, '%2C%', 'é&']);
  });

  it('[QRY-104] a day', () => {
    const initial = new Date('2026-01-01');
    const { q, address } = fakePage('?since=2026-01-02');
    const view = q.define({ since: initial });
    expect(view.since).toEqual(new Date('2026-01-02T00:00:00Z'));
    for (const text of [
      '2026-02-30',
      '2026-01-02T03:04',
      '2026-13-01',
      '2026-1-2',
      '20260102',
      'x',
      '2026-01-02T25:00Z',
      // WebKit would read the next minute
      '2026-01-02T03:04:60Z',
    ]) {
      address.goto(`?since=${text}`);
      expect(view.since).toBe(initial);
    }
    address.goto('?since=2026-01-02T03:04%2B01:00');
    expect(view.since).toEqual(new Date('2026-01-02T02:04:00Z'));
  });

  it('[QRY-104] a time is cut to milliseconds, in each engine', () => {
    const { q } = fakePage('?end=2026-01-02T23:59:59.9999999Z');
    expect(q.ref('end', param.date).get()).toEqual(new Date('2026-01-02T23:59:59.999Z'));
  });

  it("[QRY-104] another frame's Date is a default, too", () => {
    const { q } = fakePage('?since=2026-01-02');
    const methods = Object.create(null, Object.getOwnPropertyDescriptors(Date.prototype));
    const since: Date = Object.setPrototypeOf(new Date('2026-01-01'), methods);
    expect(since).not.toBeInstanceOf(Date);
    const view = q.define({ since });
    expect(view.since).toEqual(new Date('2026-01-02T00:00:00Z'));
  });

  it('[QRY-105] is written as a day where it is midnight', () => {
    const { q, flushed } = fakePage();
    const view = q.define({ since: new Date('2026-01-01') });
    view.since = new Date('2026-03-04');
    expect(flushed()).toBe('?since=2026-03-04');
    view.since = new Date('2026-03-04T05:06Z');
    expect(flushed()).toBe('?since=2026-03-04T05%3A06%3A00.000Z');
    expect(() => {
      view.since = new Date(Number.NaN);
    }).toThrow(QueryParamValueError);
    view.since = new Date('2026-01-01T00:00:00.000Z');
    expect(flushed()).toBe('');
    view.since = new Date(8.64e15);
    expect(view.since).toEqual(new Date(8.64e15));
  });

  it('[QRY-106] one of several', () => {
    const { q, flushed } = fakePage('?sort=up');
    const view = q.define({ sort: param.oneOf(['asc', 'desc']), size: param.oneOf([10, 20]).withDefault(10) });
    expect(view.sort).toBeUndefined();
    expect(() => {
      (view as { sort: string }).sort = 'up';
    }).toThrow(QueryParamValueError);
    expect(flushed()).toBe('?sort=up');
    view.sort = 'desc';
    view.size = 20;
    expect(flushed()).toBe('?sort=desc&size=20');
    expect(view.size).toBe(20);
  });

  it('[QRY-107] a list is the same object until its own texts change, and frozen', () => {
    const { q, flushed } = fakePage('?tags=a&tags=b');
    const view = q.define({ page: 1, tags: [] as string[], none: ['x'] });
    const { tags } = view;
    expect(view.tags).toBe(tags);
    view.page = 2;
    expect(view.tags).toBe(tags);
    flushed();
    expect(view.tags).toBe(tags);
    expect(() => view.tags.push('x')).toThrow(TypeError);
    expect(() => view.none.push('x')).toThrow(TypeError);
    q.tags = ['a', 'c'];
    expect(view.tags).not.toBe(tags);
  });

  it('[QRY-107] the own default object is not frozen, and later changes of it do nothing', () => {
    const mine = ['x'];
    const { q } = fakePage();
    const view = q.define({ tags: mine });
    mine.push('y');
    expect(view.tags).toEqual(['x']);
    expect(view.tags).toBe(view.tags);
  });

  it('[QRY-107] objects are frozen all through', () => {
    const { q } = fakePage('?w={"a":{"b":[1]}}');
    const view = q.define({ w: param.json<{ a: { b: number[] } }>() });
    expect(view.w).toEqual({ a: { b: [1] } });
    expect(() => view.w?.a.b.push(2)).toThrow(TypeError);
  });

  it('[QRY-108] a codec that throws', () => {
    const boom: Codec<string> = {
      parse: () => {
        throw new Error('parse');
      },
      format: () => {
        throw new RangeError('format');
      },
    };
    const { q, flushed } = fakePage('?x=1');
    const view = q.define({ x: param.custom(boom).withDefault('d'), y: boom });
    expect(view.x).toBe('d');
    expect(view.y).toBeUndefined();
    expect(() => {
      view.x = 'other';
    }).toThrow(new RangeError('format'));
    expect(flushed()).toBe('?x=1');
  });

  it('[QRY-111] long ids stay texts', () => {
    const { q, address } = fakePage('?id=662E41');
    const view = q.define({ id: '' });
    expect(view.id).toBe('662E41');
    address.goto('?id=723421968459640832');
    expect(view.id).toBe('723421968459640832');
  });

  it('[QRY-112] a write removes texts of the view that do not parse, and nothing else', () => {
    const { q, flushed, address } = fakePage('?page=abc&q=x&z=%zz');
    const view = q.define({ page: 1, q: '' });
    view.q = 'y';
    expect(flushed()).toBe('?q=y&z=%zz');
    expect(address.calls).toHaveLength(1);
  });

  it('[QRY-112] of a list, only those items', () => {
    const { q, flushed, address } = fakePage('?sizes=1&sizes=x&sizes=3');
    const view = q.define({ sizes: [0], q: '' });
    view.q = 'y';
    expect(flushed()).toBe('?sizes=1&sizes=3&q=y');
    address.goto('?sizes=x&b=yes');
    const before = view.sizes;
    view.q = 'z';
    expect(flushed()).toBe('?sizes=&b=yes&q=z');
    expect(view.sizes).toEqual(before);
  });

  it('[QRY-113] update, href and reset', () => {
    const { q, flushed, address } = fakePage('?z=1');
    const view = q.define({ page: 1, q: '' });
    view.update({ page: 2, q: 'x' }, { history: 'push' });
    expect(flushed()).toBe('?z=1&page=2&q=x');
    expect(address.calls).toEqual([{ url: 'http://h/p?z=1&page=2&q=x', mode: 'push' }]);
    expect(view.href({ page: 1 })).toBe('http://h/p?z=1&q=x');
    expect(view.page).toBe(2);
    view.reset();
    expect(flushed()).toBe('?z=1');
    expect(address.calls).toHaveLength(2);
  });

  it('[QRY-113] update is atomic', () => {
    const { q, flushed } = fakePage('?z=1');
    const view = q.define({ page: 1, q: '' });
    expect(() => view.update({ q: 'x', page: Number.NaN })).toThrow(QueryParamValueError);
    expect(() => view.update({ q: 'x', nope: 1 } as never)).toThrow(/no parameter "nope".*page, q/);
    expect(() => view.update(null as never)).toThrow(TypeError);
    expect(flushed()).toBe('?z=1');
  });

  it('[QRY-114] names that cannot be', () => {
    const { q } = fakePage();
    expect(() => q.define({ embed: 1 })).toThrow(ReservedKeyError);
    expect(() => q.define({ x: 1 }, { names: { x: 'EMBED' } })).toThrow(ReservedKeyError);
    expect(() => q.define({ reset: false })).toThrow(ReservedKeyError);
    expect(() => q.define({ reset: false })).toThrow(/names/);
    expect(() => q.define({ a: { b: 1 } as never })).toThrow(/"a" needs/);
    expect(() => q.define({ a: null as never })).toThrow(TypeError);
    const view = q.define({ page: 1 });
    expect(() => {
      (view as unknown as Record<string, unknown>).nope = 1;
    }).toThrow(/nope/);
    expect((view as unknown as Record<string, unknown>).nope).toBeUndefined();
  });

  it('[QRY-114] names of Object.prototype are ordinary names', () => {
    const { q, flushed } = fakePage('?constructor=5&v=x');
    const shape = { constructor: 1, toString: 'a', valueOf: 'b', ['__proto__']: 2 } as const;
    const view = q.define(shape as never, { names: { valueOf: 'v' } as never }) as unknown as Record<string, unknown>;
    expect([...(view as unknown as Iterable<[string, unknown]>)]).toEqual([
      ['constructor', 5],
      ['toString', 'a'],
      ['valueOf', 'x'],
      ['__proto__', 2],
    ]);
    Object.assign(view, { toString: 'c' });
    expect(flushed()).toBe('?constructor=5&v=x&toString=c');
    const read = (view.parse as (text: string) => Record<string, unknown>)('toString=d&__proto__=3');
    expect(Object.entries(read)).toEqual([
      ['constructor', 1],
      ['toString', 'd'],
      ['valueOf', 'b'],
      ['__proto__', 3],
    ]);
  });

  it('[QRY-115] short names in the URL', () => {
    const { q, flushed } = fakePage();
    const view = q.define({ lat: 0 }, { names: { lat: 'y' } });
    view.lat = 1;
    expect(flushed()).toBe('?y=1');
    expect(view.lat).toBe(1);
    expect(Object.keys(view)).toEqual(['lat']);
  });

  it('[QRY-115] takes one name for a parameter', () => {
    const { q } = fakePage();
    const twice = '"latitude" and "y" stand for one parameter "y"';
    expect(() => q.define({ latitude: 0, y: 0 }, { names: { latitude: 'y' } })).toThrow(TypeError);
    expect(() => q.define({ latitude: 0, y: 0 }, { names: { latitude: 'y' } })).toThrow(twice);
    const swapped = q.define({ x: 1, y: 2 }, { names: { x: 'y', y: 'x' } });
    swapped.x = 5;
    expect(q.toString()).toBe('y=5');
  });

  it('is a dict of its parameters', () => {
    const { q } = fakePage('?page=2&other=1');
    const view = q.define({ page: 1, sort: param.oneOf(['asc', 'desc']) });
    expect({ ...view }).toEqual({ page: 2, sort: undefined });
    expect(view.toDict()).toEqual({ page: 2, sort: undefined });
    expect([...view]).toEqual([
      ['page', 2],
      ['sort', undefined],
    ]);
    expect('page' in view && 'sort' in view).toBe(true);
    expect('other' in view).toBe(false);
  });

  it('tells about values, not texts', () => {
    const { q, address } = fakePage('?page=1');
    const view = q.define({ page: 1, tags: [] as string[], 'a b': '' }, { names: { tags: 't' } });
    const page = vi.fn();
    const all = vi.fn();
    view.subscribe('page', page);
    const stop = view.subscribe(all);
    q.page = 'abc';
    delete q.page;
    expect(page).not.toHaveBeenCalled();
    expect(all).not.toHaveBeenCalled();
    view.update({ page: 2, tags: ['x'] });
    expect(page.mock.calls).toEqual([[2, 1]]);
    expect(all.mock.calls).toEqual([
      [
        [
          { key: 'page', value: 2, previous: 1 },
          { key: 'tags', value: ['x'], previous: [] },
        ],
      ],
    ]);
    stop();
    view.page = 3;
    expect(page).toHaveBeenCalledTimes(2);
    expect(all).toHaveBeenCalledTimes(1);
    expect(() => view.subscribe('nope' as never, () => {})).toThrow(TypeError);
    expect(() => view.ref('nope' as never)).toThrow(TypeError);
    expect(address.listeners).toBe(1);
  });

  it('defaults that have no text work and are left out', () => {
    const { q, flushed } = fakePage('?max=5');
    const view = q.define({ max: Number.POSITIVE_INFINITY });
    expect(view.max).toBe(5);
    view.max = Number.POSITIVE_INFINITY;
    expect(flushed()).toBe('');
    expect(view.max).toBe(Number.POSITIVE_INFINITY);
  });

  it('reads what it wrote, for any value', () => {
    const { q, flushed } = fakePage();
    const view = q.define({
      n: 0,
      s: 'd',
      b: true,
      d: new Date(0),
      tags: ['x'],
      numbers: [1],
      joined: param.list(param.string, { separator: '|' }),
      json: param.json(),
    });
    const text = fc.string({ unit: 'grapheme', maxLength: 5 });
    const zeroless = (value: number): number => value + 0;
    fc.assert(
      fc.property(
        fc.record({
          n: fc.double({ noNaN: true, noDefaultInfinity: true }).map(zeroless),
          s: text,
          b: fc.boolean(),
          d: fc.date({ noInvalidDate: true }),
          tags: fc.array(text, { maxLength: 3 }),
          numbers: fc.array(fc.integer(), { maxLength: 3 }),
          joined: fc.array(text, { maxLength: 3 }),
          // keys "__proto__" are dropped on purpose
          json: fc
            .jsonValue()
            .map((value) => JSON.stringify(value))
            .filter((json) => !json.includes('__proto__'))
            .map((json) => JSON.parse(json)),
        }),
        (values) => {
          view.update(values as never);
          expect(view.toDict()).toEqual(values);
          flushed();
          expect(view.toDict()).toEqual(values);
          const reloaded = fakePage(flushed()).q.define({ n: 0, s: 'd', tags: ['x'], numbers: [1] });
          expect(reloaded.toDict()).toEqual({ n: values.n, s: values.s, tags: values.tags, numbers: values.numbers });
        },
      ),
      inputs(100),
    );
  });
});

describe('queryParams.ref', () => {
  it('[QRY-117] the same ref for the same key and codec; works unbound', () => {
    const { q, flushed } = fakePage('?n=2');
    const ref = q.ref('n', param.integer);
    expect(q.ref('n', param.integer)).toBe(ref);
    expect(q.ref('n')).toBe(q.ref('n'));
    expect(q.ref('n')).not.toBe(ref);
    const { get, listen, set, update, subscribe } = ref;
    expect(get()).toBe(2);
    const heard = vi.fn();
    const now = vi.fn();
    const stops = [listen(heard), subscribe(now)];
    set(3);
    update((value) => (value ?? 0) + 1);
    expect(heard.mock.calls).toEqual([
      [3, 2],
      [4, 3],
    ]);
    expect(now.mock.calls).toEqual([[2], [3], [4]]);
    for (const stop of stops) stop();
    expect(flushed()).toBe('?n=4');
    ref.value = undefined;
    expect(flushed()).toBe('');
  });

  it('its init is the default', () => {
    const { q, flushed } = fakePage('?n=2');
    const ref = q.ref('n', param.integer.withDefault(5));
    expect(ref.init).toBe(5);
    expect(ref.value).toBe(2);
    ref.value = 5;
    expect(flushed()).toBe('');
    expect(ref.value).toBe(5);
    expect(q.ref('n', param.integer).init).toBeUndefined();
    expect(() => ref.set(1.5)).toThrow(QueryParamValueError);
  });

  it('the untyped one holds texts', () => {
    const { q, flushed } = fakePage('?a=1&a=2');
    const ref = q.ref('a');
    expect(ref.value).toBe('2');
    ref.value = '';
    expect(flushed()).toBe('?a=');
    expect(() => ref.set({} as never)).toThrow(QueryParamValueError);
    ref.set(undefined);
    expect(flushed()).toBe('');
  });
});
