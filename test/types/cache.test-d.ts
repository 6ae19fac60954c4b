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
