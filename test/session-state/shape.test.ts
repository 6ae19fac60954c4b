// schemas, version and migrate of createSessionState.
import * as v from 'valibot';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { createSessionState, registerClass, type StandardSchema, type Warning } from '../../src/index.js';
import { FakeStorage, fresh, tick } from '../helpers/session.js';

/** A page whose storage holds these texts. */
function page(texts: Record<string, string>, options: Parameters<typeof fresh>[0] = {}) {
  const area = new FakeStorage();
  const made = fresh({ area, ...options });
  for (const [key, text] of Object.entries(texts)) made.put(key, text);
  area.calls.length = 0;
  return { ...made, area };
}

describe('createSessionState({ schemas })', () => {
  const cart = z.object({ items: z.array(z.string()) });

  it('[SES-109] a stored value that its schema refuses is missing, with one warning', async () => {
    const { s, codes, warnings, text } = page(
      { cart: '{"json":{"items":[1,"secret"]}}', n: '{"json":"secret"}', other: '{"json":"x"}' },
      { schemas: { cart, n: v.number() } },
    );
    const heard = vi.fn();
    s.subscribe(heard);
    expect([s.cart, 'cart' in s, s.n, s.other, Object.keys(s)]).toEqual([undefined, false, undefined, 'x', ['other']]);
    expect([codes(), warnings.map(({ key }) => key).sort()]).toEqual([
      ['storage-invalid', 'storage-invalid'],
      ['cart', 'n'],
    ]);
    for (const { message, cause } of warnings) expect(`${message} ${JSON.stringify(cause)}`).not.toContain('secret');
    s.flush();
    // as a text that cannot be read: it stays until the key is set
    expect([text('cart'), heard.mock.calls]).toEqual(['{"json":{"items":[1,"secret"]}}', []]);
    s.cart = { items: ['a'] };
    await tick();
    expect(text('cart')).toBe('{"json":{"items":["a"]}}');
  });

  it('[SES-109] what fits is there; a schema may complete it', async () => {
    const { s, again, text, codes, area } = page(
      { cart: '{"json":{"items":["a"]}}', o: '{"json":{"a":1}}', list: '{"json":[1]}' },
      { schemas: { cart, o: z.object({ a: z.number(), b: z.number().default(2) }), list: z.array(z.number()) } },
    );
    const heard = vi.fn();
    s.subscribe(heard);
    expect([s.cart, s.o, s.list]).toEqual([{ items: ['a'] }, { a: 1, b: 2 }, [1]]);
    await tick();
    expect([text('o'), codes(), area.calls.length, heard.mock.calls]).toEqual(['{"json":{"a":1,"b":2}}', [], 1, []]);
    (s.list as number[]).push(2);
    await tick();
    expect(heard.mock.calls).toEqual([[[{ key: 'list', value: [1, 2], previous: [1] }]]]);
    expect(again().toDict()).toEqual({ cart: { items: ['a'] }, o: { a: 1, b: 2 }, list: [1, 2] });
  });

  it('[SES-109] checks neither what is set nor names of Object.prototype, and what other pages write', () => {
    const { s, codes, prefix, area } = page(
      { constructor: '{"json":1}', toString: '{"json":2}' },
      { schemas: { cart } },
    );
    s.cart = 5;
    expect([s.cart, s.get('constructor'), s.toString, codes()]).toEqual([5, 1, 2, []]);
    s.flush();
    const twin = createSessionState({ prefix, storage: () => area });
    twin.cart = { items: ['a'] };
    twin.flush();
    expect(s.cart).toEqual({ items: ['a'] });
    twin.cart = 7;
    twin.flush();
    expect([s.cart, codes()]).toEqual([undefined, ['storage-invalid']]);
  });

  it('[SES-109] a key whose schema is undefined is not checked', () => {
    const { s } = page({ n: '{"json":1}' }, { schemas: { n: undefined } });
    expect(s.n).toBe(1);
  });

  it('[SES-109] assigning a completed object to itself tells nothing, and a refusal after a set is told again', () => {
    const { s, put, codes, prefix, area } = page(
      { o: '{"json":{"a":1}}' },
      { schemas: { o: z.object({ a: z.number(), b: z.number().default(2) }) } },
    );
    const heard = vi.fn();
    const { o } = s;
    s.subscribe('o', heard);
    const version = s.version('o');
    s.o = o;
    expect([heard.mock.calls, s.version('o')]).toEqual([[], version]);
    const refuse = (): void => {
      put('o', '{"json":5}');
      dispatchEvent(
        Object.defineProperties(new Event('storage'), {
          storageArea: { value: area },
          key: { value: `${prefix}o` },
        }),
      );
    };
    s.flush();
    refuse();
    expect([s.o, codes()]).toEqual([undefined, ['storage-invalid']]);
    s.o = o;
    s.flush();
    refuse();
    expect([s.o, codes()]).toEqual([undefined, ['storage-invalid', 'storage-invalid']]);
  });

  it('[SES-109] a change in place in the task of the first read is told, also of a copy that the schema or migrate made', async () => {
    for (const options of [{ schemas: { cart } }, { version: 2, migrate: (_key: string, value: unknown) => value }]) {
      const { s, text } = page({ cart: '{"json":{"items":["a"]}}' }, options);
      const heard = vi.fn();
      s.subscribe('cart', heard);
      (s.cart as z.infer<typeof cart>).items.push('b');
      await tick();
      expect(heard.mock.calls).toEqual([[{ items: ['a', 'b'] }, { items: ['a'] }]]);
      expect([s.version('cart'), text('cart')]).toEqual([
        1,
        expect.stringMatching(/^\{"json":\{"items":\["a","b"\]\}/),
      ]);
    }
  });

  it('[SES-109] a schema that throws refuses: the key is missing, and can be set and cleared', async () => {
    const error = new Error('of mine');
    const k: StandardSchema = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate() {
          throw error;
        },
      },
    };
    const { s, warnings, text } = page({ k: '{"json":1}', n: '{"json":1}' }, { schemas: { k } });
    expect([s.k, s.has('k'), Object.keys(s), text('k')]).toEqual([undefined, false, ['n'], '{"json":1}']);
    expect(warnings).toMatchObject([{ code: 'storage-invalid', key: 'k', cause: error }]);
    s.k = 2;
    expect(s.k).toBe(2);
    s.clear();
    await tick();
    expect(text('k')).toBe(null);
  });

  it('[SES-109] an asynchronous schema is a TypeError where it is first seen', async () => {
    const slow: StandardSchema = {
      '~standard': { version: 1, vendor: 'test', validate: async (value) => ({ value }) },
    };
    const { s, codes } = page({ slow: '{"json":1}', n: '{"json":1}' }, { schemas: { slow } });
    expect(s.n).toBe(1);
    expect(() => s.slow).toThrow(/"slow" is asynchronous/);
    expect(() => s.get('slow')).toThrow(TypeError);
    s.flush();
    await tick();
    expect([s.n, codes()]).toEqual([1, []]);
  });
});

describe('createSessionState({ version, migrate })', () => {
  const migrate = vi.fn((_key: string, value: unknown, from: number | undefined): unknown =>
    from === 1 ? { v1: value } : { old: value },
  );

  it('[SES-109] migrates texts of another version and of none, and stores them as the new one', async () => {
    migrate.mockClear();
    const { s, text, codes, again } = page(
      {
        one: '{"json":"a","version":1}',
        none: '{"json":"b"}',
        rich: '{"json":"2020-01-01T00:00:00.000Z","meta":{"values":["Date"],"v":1},"version":1}',
        same: '{"json":"c","version":2}',
        tricky: '{"json":{"a":[{"version":2}],"b":",\\"version\\":2}"},"version":3}',
      },
      { version: 2, migrate },
    );
    const heard = vi.fn();
    s.subscribe(heard);
    const when = new Date('2020-01-01');
    const tricky = { a: [{ version: 2 }], b: ',"version":2}' };
    const now = { none: { old: 'b' }, one: { v1: 'a' }, rich: { v1: when }, same: 'c', tricky: { old: tricky } };
    expect(s.toDict()).toEqual(now);
    expect(migrate.mock.calls.sort()).toEqual([
      ['none', 'b', undefined],
      ['one', 'a', 1],
      ['rich', when, 1],
      ['tricky', tricky, 3],
    ]);
    await tick();
    expect([text('one'), text('same'), codes(), heard.mock.calls]).toEqual([
      '{"json":{"v1":"a"},"version":2}',
      '{"json":"c","version":2}',
      [],
      [],
    ]);
    expect(again().toDict()).toEqual(now);
    expect(migrate).toHaveBeenCalledTimes(4);
  });

  it('[SES-109] superjson reads texts with a version, and changes in place keep it', async () => {
    const { default: superjson } = await import('superjson');
    const { s, text } = page({}, { version: 1.5 });
    const value = { when: new Date(1), list: [1] };
    s.k = value;
    s.n = 1;
    await tick();
    value.list.push(2);
    s.flush();
    expect(superjson.parse(text('k')!)).toEqual(value);
    expect([text('n'), text('k')?.endsWith(',"version":1.5}')]).toEqual(['{"json":1,"version":1.5}', true]);
  });

  it('[SES-109] a throw, undefined and no migrate: the key is missing, with one warning', async () => {
    const error = new Error('of mine');
    const failing = (key: string): unknown => {
      if (key === 'throws') throw error;
      return undefined;
    };
    const texts = { throws: '{"json":1}', nothing: '{"json":2,"version":7}', corrupt: '{bad' };
    for (const options of [{ version: 2, migrate: failing }, { version: 2 }]) {
      const { s, warnings, text, put, area } = page(texts, options);
      expect([s.throws, s.nothing, Object.keys(s)]).toEqual([undefined, undefined, []]);
      s.toDict();
      expect(warnings.map(({ code, key }) => [key, code]).sort()).toEqual([
        ['corrupt', 'storage-corrupt'],
        ['nothing', 'storage-invalid'],
        ['throws', 'storage-invalid'],
      ]);
      const cause = (warnings.find(({ key }) => key === 'throws') as Warning).cause;
      expect(cause).toBe(options.migrate && error);
      s.flush();
      expect([text('throws'), area.calls]).toEqual(['{"json":1}', []]);
      s.throws = 1;
      await tick();
      expect(text('throws')).toBe('{"json":1,"version":2}');
      put('late', '{"json":1,"version":2}');
    }
  });

  it('[SES-109] a state without a version migrates what has one; a migrated value meets its schema', () => {
    const { s, codes } = page(
      { a: '{"json":1,"version":3}', b: '{"json":1}', c: '{"json":1,"version":3}' },
      { migrate: (key, value, from) => (key === 'c' ? 'text' : [value, from]), schemas: { c: z.number() } },
    );
    expect([s.a, s.b, s.c, codes()]).toEqual([[1, 3], 1, undefined, ['storage-invalid']]);
  });

  it('[SES-109] two pages of different versions do not write in turn for ever', async () => {
    const area = new FakeStorage();
    const prefix = 'turns:';
    const make = (version: number) =>
      createSessionState({ prefix, storage: () => area, version, migrate: (_key, value) => value });
    const [old, now] = [make(1), make(2)];
    old.subscribe('k', () => {});
    now.subscribe('k', () => {});
    old.k = { a: 1 };
    old.flush();
    for (let n = 0; n < 10; n++) await tick();
    expect(now.k).toEqual({ a: 1 });
    for (let n = 0; n < 10; n++) await tick();
    expect(area.calls).toEqual([`set ${prefix}k`]);
  });

  it('[SES-109] a class that is registered later does not ask migrate() again for what it refused', () => {
    const refusing = vi.fn(() => undefined);
    const { s, codes } = page({ k: '{"json":1}', broken: '{bad' }, { version: 2, migrate: refusing });
    expect([s.k, codes().sort()]).toEqual([undefined, ['storage-corrupt', 'storage-invalid']]);
    registerClass(class {}, 'test.Unrelated');
    expect(refusing).toHaveBeenCalledTimes(1);
  });

  it('refuses options of a wrong type, and version() is the member', () => {
    for (const options of [{ version: '2' }, { version: Number.NaN }])
      expect(() => createSessionState(options as never)).toThrow(TypeError);
    const { s } = page({}, { version: 9 });
    s.n = 1;
    expect(s.version('n')).toBe(1);
  });
});
