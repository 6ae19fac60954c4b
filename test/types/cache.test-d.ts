// The types of the cache.
import { describe, expectTypeOf, it } from 'vitest';
import {
  type CachedData,
  type CachedResource,
  type CacheEvent,
  type CacheInfo,
  cacheData,
  cacheResource,
  createCache,
  emitter,
  type ReadableRef,
} from '../../src/index.js';

interface User {
  name: string;
}

describe('[CAC-207] cacheData', () => {
  it('keeps the arguments and the awaited result', () => {
    const f = cacheData(
      async (id: number, options?: { deep: boolean }): Promise<User> => ({ name: `${id}${options}` }),
    );
    expectTypeOf(f).toEqualTypeOf<CachedData<[id: number, options?: { deep: boolean }], User>>();
    expectTypeOf(f(1)).toEqualTypeOf<Promise<User>>();
    expectTypeOf(f.refresh(1)).toEqualTypeOf<Promise<User>>();
    expectTypeOf(f.peek(1)).toEqualTypeOf<User | undefined>();
    expectTypeOf(f.has(1)).toEqualTypeOf<Promise<boolean>>();
    expectTypeOf(f.clear()).toEqualTypeOf<Promise<void>>();
    expectTypeOf(f.info()).toEqualTypeOf<Promise<CacheInfo>>();
    expectTypeOf(f.ref(1).get().value).toEqualTypeOf<User | undefined>();
    expectTypeOf(f.ref(1)).toExtend<ReadableRef<unknown>>();
    expectTypeOf(f.wrapped).toBeFunction();
    f.subscribe((event) => expectTypeOf(event).toEqualTypeOf<CacheEvent>());
    f.prime({ name: 'x' }, 1);
    // @ts-expect-error the argument is a number
    f('1');
    // @ts-expect-error an argument is missing
    f();
    // @ts-expect-error the value is a user
    f.prime(5, 1);
    // @ts-expect-error the argument is a number
    f.clear('1');
  });

  it('makes a promise of a synchronous result', () => {
    const f = cacheData((x: number) => x + 1);
    expectTypeOf(f(1)).toEqualTypeOf<Promise<number>>();
  });

  it('types the options by the function', () => {
    cacheData(async (id: number): Promise<User> => ({ name: String(id) }), {
      ttl: '1h',
      key: (id) => expectTypeOf(id).toEqualTypeOf<number>(),
      tags: (id) => [`u${id.toFixed()}`],
      validate: (user, id) => user.name.length > id,
      cacheIf: (user) => user.name !== '',
      hashFuncs: [[Date, (date: Date) => date.getTime()]],
    });
    // @ts-expect-error an unknown option
    cacheData(() => 1, { tll: 5 });
    // @ts-expect-error no such mode
    cacheData(() => 1, { refreshMode: 'x' });
    // @ts-expect-error of resources only
    cacheData(() => 1, { onRelease() {} });
    // @ts-expect-error the user has a name
    cacheData(async (): Promise<User> => ({ name: 'x' }), { validate: (user) => user.age > 1 });
    // @ts-expect-error not a function
    cacheData(42);
  });

  it('keeps optional, rest and no parameters, and `this`', () => {
    const sum = cacheData((first: number, ...rest: number[]) => rest.reduce((a, b) => a + b, first));
    expectTypeOf(sum(1, 2, 3)).toEqualTypeOf<Promise<number>>();
    expectTypeOf(sum.clear(1)).toEqualTypeOf<Promise<void>>();
    // @ts-expect-error a number, too
    sum(1, '2');
    const now = cacheData(() => new Date());
    expectTypeOf(now.wrapped()).toEqualTypeOf<Date | Promise<Date>>();
    // @ts-expect-error there are no arguments
    now(1);
    const either = cacheData((x: number): Promise<string> | number => (x > 1 ? Promise.resolve('a') : 5));
    expectTypeOf(either(1)).toEqualTypeOf<Promise<string | number>>();
    const nothing = cacheData(async (_x: string): Promise<void> => {});
    expectTypeOf(nothing('x')).toEqualTypeOf<Promise<void>>();
    const shop = {
      id: 'x',
      price: cacheData(function (this: { id: string }, sku: string) {
        return this.id + sku;
      }),
    };
    expectTypeOf(shop.price('a')).toEqualTypeOf<Promise<string>>();
  });

  it('takes null, durations of all forms and stores', () => {
    const one = () => 1;
    cacheData(one, { ttl: null, maxEntries: null, name: null, persist: null, store: null, onMessage: null });
    cacheData(one, { ttl: { total: () => 5 }, maxStale: '1.5 days', version: 2, scope: 'session', copy: 'freeze' });
    cacheData(one, { hashFuncs: new Map([[Date, (date: Date) => date.getTime()]]), persist: 'disk', maxSize: '5MB' });
    // @ts-expect-error not a duration
    cacheData(one, { ttl: true });
    // @ts-expect-error not a store
    cacheData(one, { store: {} });
    // @ts-expect-error positions and names
    cacheData(one, { ignore: [true] });
    // @ts-expect-error texts
    cacheData(one, { tags: [5] });
  });

  it('takes options first, and stands before methods', () => {
    const f = cacheData({ ttl: 5 })(async (id: number) => ({ id }));
    expectTypeOf(f(1)).toEqualTypeOf<Promise<{ id: number }>>();
    class Shop {
      id = 'x';
      @cacheData({ ttl: '5m' })
      async price(sku: string): Promise<number> {
        return this.id.length + sku.length;
      }
      @cacheData()
      static async all(n: number): Promise<number> {
        return n;
      }
    }
    const typed = cacheData({ tags: (id: number) => [`u${id}`], validate: (user: User) => user.name !== '' });
    expectTypeOf(typed(async (id: number): Promise<User> => ({ name: `${id}` }))).toEqualTypeOf<
      CachedData<[id: number], User>
    >();
    // @ts-expect-error an unknown option
    cacheData({ tll: 5 });
    class Wrong {
      // @ts-expect-error the method of a decorator must return a promise
      @cacheData()
      now(): number {
        return 1;
      }
    }
    expectTypeOf(Wrong).toBeConstructibleWith();
    expectTypeOf(new Shop().price('a')).toEqualTypeOf<Promise<number>>();
    expectTypeOf(Shop.all(1)).toEqualTypeOf<Promise<number>>();
  });

  it('clears and tells of all functions', () => {
    expectTypeOf(cacheData.clear({ tag: 'x' })).toEqualTypeOf<Promise<void>>();
    expectTypeOf(cacheData.info()).toEqualTypeOf<Promise<CacheInfo[]>>();
    expectTypeOf(cacheResource.clear()).toEqualTypeOf<void>();
    expectTypeOf(cacheResource.info()).toEqualTypeOf<CacheInfo[]>();
    // @ts-expect-error a tag is a text
    cacheData.clear({ tag: 5 });
  });
});

describe('[CAC-207] cacheResource', () => {
  it('returns what the function returns', () => {
    const socket = cacheResource((url: string) => new WebSocket(url), {
      validate: (s) => s.readyState < 2,
      onRelease: (s) => s.close(),
    });
    expectTypeOf(socket).toEqualTypeOf<CachedResource<[url: string], WebSocket>>();
    expectTypeOf(socket('x')).toEqualTypeOf<WebSocket>();
    expectTypeOf(socket.refresh('x')).toEqualTypeOf<WebSocket>();
    expectTypeOf(socket.has('x')).toEqualTypeOf<boolean>();
    expectTypeOf(socket.clear()).toEqualTypeOf<void>();
    const database = cacheResource(async () => ({ query: (text: string) => text }));
    expectTypeOf(database().then((db) => db.query)).toEqualTypeOf<Promise<(text: string) => string>>();
    expectTypeOf(database.peek()?.query('x')).toEqualTypeOf<string | undefined>();
    expectTypeOf(database.prime({ query: (text) => text })).toEqualTypeOf<void>();
    expectTypeOf(database.info()).toEqualTypeOf<CacheInfo>();
    expectTypeOf(database.ref().get().status).toEqualTypeOf<'pending' | 'success' | 'error'>();
    const curried = cacheResource({ onRelease: (worker: Worker) => worker.terminate() })(
      (url: string) => new Worker(url),
    );
    expectTypeOf(curried).toEqualTypeOf<CachedResource<[url: string], Worker>>();
    class Pool {
      size = 1;
      @cacheResource({ maxEntries: 3 })
      open(name: string): string[] {
        return Array.from({ length: this.size }, () => name);
      }
    }
    expectTypeOf(new Pool().open('a')).toEqualTypeOf<string[]>();
    // @ts-expect-error of data only
    cacheResource(() => 1, { persist: true });
    // @ts-expect-error of data only
    cacheResource(() => 1, { maxSize: 5 });
  });
});

describe('createCache, emitter', () => {
  it('have the same shapes', () => {
    const own = createCache({ name: 'maps', memory: '200MB', onWarning: ({ code }) => code });
    expectTypeOf(own.cacheData).toEqualTypeOf(cacheData);
    expectTypeOf(own.cacheResource).toEqualTypeOf(cacheResource);
    expectTypeOf(emitter()).toEqualTypeOf<(message: unknown) => void>();
    // @ts-expect-error an unknown option
    createCache({ nam: 'x' });
  });
});

describe('parameters with a default and no annotation', () => {
  it('have the type of the default', () => {
    const one = cacheData((n = 1) => n);
    expectTypeOf(one).toEqualTypeOf<CachedData<[n?: number], number>>();
    expectTypeOf(one(2)).toEqualTypeOf<Promise<number>>();
    // @ts-expect-error a number
    one('2');
    const two = cacheData(async (a: string, b = 2) => a.repeat(b), { name: 'two', key: (a, b) => [a, b?.toFixed()] });
    expectTypeOf(two).toEqualTypeOf<CachedData<[a: string, b?: number], string>>();
    expectTypeOf(cacheData({ ttl: 5 })((n = 1) => n)).toEqualTypeOf<CachedData<[n?: number], number>>();
    expectTypeOf(cacheResource((n = 1) => n)).toEqualTypeOf<CachedResource<[n?: number], number>>();
    expectTypeOf(cacheResource({ ttl: 5 })((n = 1) => n)).toEqualTypeOf<CachedResource<[n?: number], number>>();
    const { cacheData: ofCache } = createCache({ name: 'types' });
    expectTypeOf(ofCache(async ({ page = 1 } = {}, n = page) => n)(undefined, 2)).toEqualTypeOf<Promise<number>>();
  });

  it('takes the types as arguments, too', () => {
    expectTypeOf(cacheData<[number], string>((n) => n.toFixed())).toEqualTypeOf<CachedData<[number], string>>();
    // @ts-expect-error a class
    cacheData(class {});
    // @ts-expect-error a class
    cacheResource(class {});
  });
});
