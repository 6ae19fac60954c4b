// The old names of Streamlit: cache.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { emitter } from '../../src/cache/emitter.js';
import { UnhashableParamError, UserHashError } from '../../src/errors.js';
import { cache } from '../../src/legacy/index.js';
import { counted, fakeTime } from '../helpers/caches.js';

let warn: ReturnType<typeof vi.spyOn>;
let serial = 0;
/** Warnings are told once per code and name: each test has names of its own. */
const named = <F extends (...args: any[]) => any>(fn: F, name = `fn${serial++}`): F =>
  Object.defineProperty(fn, 'name', { value: name, configurable: true });
const warnings = (code: string): string[] =>
  warn.mock.calls.map((parts: unknown[]) => String(parts[0])).filter((text: string) => text.endsWith(`(${code})`));

beforeEach(() => {
  warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
});
afterEach(async () => {
  await cache.clear();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('cache', () => {
  it('[CAC-187] runs once per list of arguments', () => {
    const run = named(counted((a: number, b: number) => [a * b]));
    const product = cache(run);
    const first = product(2, 21);
    expect(first).toEqual([42]);
    expect(product(2, 21)).toBe(first);
    expect(product(2, 22)).toEqual([44]);
    expect(product(2, 21)).toBe(first);
    expect(run.runs).toEqual([
      [2, 21],
      [2, 22],
    ]);
    expect([product.name, product.length, product.wrapped]).toEqual([run.name, run.length, run]);
  });

  it('[CAC-187] keeps entries of equal texts apart, and takes options first', async () => {
    const make = (n: number) => cache({ suppressStWarning: true })((x: number) => [n, x]);
    const [one, two] = [make(1), make(2)];
    expect([one(5), two(5), one(5)]).toEqual([
      [1, 5],
      [2, 5],
      [1, 5],
    ]);
    const slow = named(counted(async (x: number) => ({ x })));
    const load = cache(slow);
    const [a, b] = await Promise.all([load(1), load(1)]);
    expect(a).toBe(b);
    expect(await load(1)).toBe(a);
    expect(slow.runs.length).toBe(1);
  });

  it('[CAC-191] refuses a wrong name, and does not show it', () => {
    for (const name of [5, Symbol('s'), { secret: 1 }])
      expect(() =>
        cache(
          named(() => 1, 'load'),
          { name: name as never },
        ),
      ).toThrow(/\(load\): `name` must be a text/);
  });

  it('[CAC-188] tells of each change of a result once, and returns it changed', async () => {
    const list = cache(named(() => [0, 1], 'listOfTwo'));
    const value = list();
    list();
    expect(warnings('cached-object-mutation')).toEqual([]);
    value[0] = 5;
    expect(list()).toBe(value);
    expect(list()).toEqual([5, 1]);
    expect(warnings('cached-object-mutation')).toEqual([expect.stringContaining('listOfTwo')]);
    value.push(2);
    list();
    list();
    expect(warnings('cached-object-mutation').length).toBe(2);
    const later = cache(named(async () => ({ deep: { n: 1 } })));
    (await later()).deep.n = 2;
    expect(await later()).toEqual({ deep: { n: 2 } });
    expect(warnings('cached-object-mutation').length).toBe(3);
    // nothing of the value stands in it
    expect(warnings('cached-object-mutation').join()).not.toContain('5,1');
  });

  it('[CAC-189] does not mind a changed argument, nor changes that are allowed', () => {
    const inner = named(counted((list: number[]) => list.push(1)));
    const change = cache(inner);
    change([]);
    change([]);
    expect(inner.runs.length).toBe(1);
    const open = cache(
      named(() => ({ n: 1 })),
      { allowOutputMutation: true },
    );
    const value = open();
    value.n = 2;
    expect(open()).toBe(value);
    expect(warnings('cached-object-mutation')).toEqual([]);
  });

  it('[CAC-190] warns of messages inside, once, and replays none', () => {
    const talk = named(() => {
      emitter()('hello');
      return 1;
    }, 'talk');
    const quiet = cache(named(talk.bind(null), 'quiet'), { suppressStWarning: true });
    quiet();
    quiet();
    expect(warnings('cached-message')).toEqual([]);
    const loud = cache(talk);
    loud();
    loud();
    expect(warnings('cached-message')).toEqual([expect.stringMatching(/emitter\(\).*talk/)]);
    const inner = cache(named(() => emitter()('x'), 'innerTalk'));
    const outer = cache(named(() => inner(), 'outerTalk'));
    outer();
    outer();
    expect(warnings('cached-message').length).toBe(2);
    const failing = cache(
      named(() => {
        emitter()('x');
        throw new Error('no');
      }, 'failing'),
    );
    expect(() => failing()).toThrow('no');
    expect(() => failing()).toThrow('no');
    expect(warnings('cached-message').length).toBe(3);
    // outside, after them
    emitter()('x');
    expect(warnings('cached-message').length).toBe(3);
  });

  it('[CAC-191] keeps ttl and maxEntries', async () => {
    const time = fakeTime();
    let n = 0;
    const one = cache(
      named(() => ++n),
      { ttl: 1 },
    );
    const five = cache(
      named(() => ++n),
      { ttl: 5 },
    );
    expect([one(), five()]).toEqual([1, 2]);
    time.to(0.9);
    expect([one(), five()]).toEqual([1, 2]);
    time.to(1);
    expect([one(), five()]).toEqual([3, 2]);
    time.to(5);
    expect([one(), five()]).toEqual([4, 5]);
    const two = named(counted((x: number) => x));
    const three = named(counted((x: number) => x));
    const [foo, bar] = [cache(two, { maxEntries: 2 }), cache(three, { maxEntries: 3 })];
    for (const x of [0, 1, 0, 1, 2, 1, 0]) {
      foo(x);
      bar(x);
    }
    expect(two.runs.flat()).toEqual([0, 1, 2, 0]);
    expect(three.runs.flat()).toEqual([0, 1, 2]);
    await cache.clear();
    foo(1);
    bar(1);
    expect([two.runs.length, three.runs.length]).toEqual([5, 4]);
    foo(0);
    foo.clear(1);
    foo(0);
    foo(1);
    expect(two.runs.flat().slice(5)).toEqual([0, 1]);
  });

  it('[CAC-191] refuses wrong options when a function is wrapped', () => {
    expect(() => cache(() => 1, { ttl: '1d' as never })).toThrow(TypeError);
    expect(() => cache(() => 1, { ttl: -1 })).toThrow(RangeError);
    expect(() => cache(() => 1, { maxEntries: 1.5 })).toThrow(RangeError);
    expect(() => cache(() => 1, { tll: 1 } as never)).toThrow(/tll/);
    expect(() => cache(42 as never)).toThrow(TypeError);
    expect(() => cache()(42 as never)).toThrow(TypeError);
    expect(() => cache(() => 1, null as never)).toThrow(TypeError);
  });

  it('[CAC-222] counts outside values in `deps`', () => {
    const outside = { constant: 1, byDefault: 2, nested: { property: 3 }, inner: 4 };
    const run = named(counted(() => Object.values(outside).length));
    const inner = () => outside.inner;
    const cached = cache(run, {
      deps: () => [outside.constant, outside.byDefault, outside.nested, inner()],
    });
    cached();
    const changes: ((value: number) => void)[] = [
      (value) => (outside.constant = value),
      (value) => (outside.byDefault = value),
      (value) => (outside.nested.property = value),
      (value) => (outside.inner = value),
    ];
    for (const [i, change] of changes.entries()) {
      change(100);
      cached();
      expect(run.runs.length).toBe(2 + i);
      change(i + 1);
      cached();
      expect(run.runs.length).toBe(2 + i);
    }
  });

  it('[CAC-222] refuses a function in `deps`, unless `hashFuncs` says how it counts', () => {
    let helper = (x: number) => x + 1;
    const fails = cache(
      named(() => 1, 'withHelper'),
      { deps: () => [helper] },
    );
    expect(fails).toThrow(UnhashableParamError);
    expect(fails).toThrow(expect.objectContaining({ param: 'deps[0]', typeName: 'function' }));
    const run = named(counted(() => 1));
    const works = cache(run, { deps: () => [helper], hashFuncs: [[Function, String]] });
    works();
    helper = (x: number) => x + 2;
    works();
    helper = (x: number) => x + 1;
    works();
    expect(run.runs.length).toBe(2);
  });

  it('[CAC-193] names what cannot be hashed', () => {
    class Client {
      send() {}
    }
    const client = new Client();
    const fails = cache(
      named(() => 1, 'withClient'),
      { deps: () => [client] },
    );
    expect(fails).toThrow(UnhashableParamError);
    expect(fails).toThrow(
      expect.objectContaining({ param: 'deps[0]', typeName: 'Client', functionName: 'withClient' }),
    );
    const hash = vi.fn(() => 'client');
    const run = named(counted(() => 1));
    const works = cache(run, { deps: () => [client], hashFuncs: [[Client, hash]] });
    works();
    works();
    expect(run.runs.length).toBe(1);
    expect(hash).toHaveBeenCalledTimes(1);
    const returned = cache(named(() => new Client(), 'makeClient'));
    for (let i = 0; i < 2; i++) expect(returned).toThrow(/makeClient.*Client.*hashFuncs/);
    expect(
      cache(
        named(() => client),
        { hashFuncs: [[Client, () => 1]] },
      )(),
    ).toBe(client);
    expect(
      cache(
        named(() => client),
        { allowOutputMutation: true },
      )(),
    ).toBe(client);
    const cause = new Error('no');
    const broken = cache(
      named(() => client),
      {
        hashFuncs: [
          [
            Client,
            () => {
              throw cause;
            },
          ],
        ],
      },
    );
    expect(broken).toThrow(UserHashError);
    expect(broken).toThrow(expect.objectContaining({ cause }));
  });

  it('[CAC-194] says once per function that it is deprecated', () => {
    cache(named(() => 1, 'oldOne'));
    cache(named(() => 1, 'oldTwo'));
    cache(named(() => 1, 'oldTwo'));
    expect(warnings('deprecated')).toEqual([expect.stringContaining('oldOne'), expect.stringContaining('oldTwo')]);
    expect(warnings('deprecated')[0]).toMatch(/cacheData.*cacheResource/);
  });

  it('[CAC-194] with `persist` always returns a promise, of the same object', async () => {
    const run = named(counted(() => ({ n: 1 })));
    const kept = cache(run, { persist: true, name: `persisted${serial++}` });
    const first = kept();
    expect(first).toBeInstanceOf(Promise);
    const value = await first;
    expect(await kept()).toBe(value);
    expect(run.runs.length).toBe(1);
    value.n = 2;
    expect(await kept()).toEqual({ n: 2 });
    expect(warnings('cached-object-mutation').length).toBe(1);
  });
});
