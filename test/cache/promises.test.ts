// zone.js and polyfills put another class in place of Promise; async functions go on returning the engine's own.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { connection } from '../../src/connection/index.js';
import { isPromise } from '../../src/core/promises.js';
import { cache } from '../../src/legacy/index.js';
import { spinner } from '../../src/spinner/spinner.js';
import { memoryStore } from '../../src/stores/memory-store.js';
import { counted, deferred, failure, kinds, microtasks, testCache } from '../helpers/caches.js';

const Native = Promise;
type Run = (resolve: (value: any) => void, reject: (error: unknown) => void) => void;

class Subclass<T> extends Native<T> {}

/** The same methods, but no subclass. */
class Other {
  readonly own: Promise<unknown>;
  constructor(run: Run) {
    this.own = new Native(run);
  }
  static of(own: Promise<unknown>): Other {
    return new this((resolve) => resolve(own));
  }
  static resolve(value: unknown): Other {
    return value instanceof Other ? value : new this((resolve) => resolve(value));
  }
  static reject(error: unknown): Other {
    return new this((_resolve, reject) => reject(error));
  }
  static all = (list: Iterable<unknown>): Other => this.of(Native.all(list));
  static allSettled = (list: Iterable<unknown>): Other => this.of(Native.allSettled(list));
  static race = (list: Iterable<unknown>): Other => this.of(Native.race(list));
  // biome-ignore lint/suspicious/noThenProperty: a promise
  then(done?: any, fail?: any): Other {
    return (this.constructor as typeof Other).of(this.own.then(done, fail));
  }
  catch(fail: any): Other {
    return this.then(undefined, fail);
  }
  finally(done: any): Other {
    return (this.constructor as typeof Other).of(this.own.finally(done));
  }
}

/** As zone.js names its own. */
class Tagged extends Other {
  get [Symbol.toStringTag](): string {
    return 'Promise';
  }
}

afterEach(() => {
  globalThis.Promise = Native;
});

describe.each([
  ['a subclass', Subclass],
  ['another class', Other],
  ['another class of the name', Tagged],
] as const)('window.Promise is %s', (name, Replaced) => {
  const replace = (): void => {
    globalThis.Promise = Replaced as unknown as PromiseConstructor;
  };

  it.each(kinds)('[CAC-236] calls, joins, hits, failures (%s)', async (kind) => {
    replace();
    const { wrap } = testCache();
    const run = counted(async (x: number) => x);
    const f = wrap(kind, run);
    expect(await f(1)).toBe(1);
    expect(await Native.all([f(2), f(2), f(1)])).toEqual([2, 2, 1]);
    expect(run.runs).toEqual([[1], [2]]);
    const g = wrap(kind, (x: number) => new Replaced<number>((resolve: (x: number) => void) => resolve(x)));
    expect([await g(3), await g(3)]).toEqual([3, 3]);
    const E = new Error('down');
    const fails = wrap(kind, () => Native.reject(E));
    expect(await failure(() => fails())).toBe(E);
    const checked = wrap(kind, run, { validate: async () => false });
    expect([await checked(5), await checked(5), run.runs.length]).toEqual([5, 5, 4]);
    const states: unknown[] = [];
    f['ref'](7).listen(({ status, value }: { status: string; value: unknown }) => states.push([status, value]));
    await microtasks();
    expect(states).toEqual([['success', 7]]);
  });

  it('[CAC-236] a synchronous resource, one that is a thenable, and releases that fail', async () => {
    replace();
    const { wrap, codes } = testCache();
    const thing = {};
    expect(wrap('resource', () => thing)()).toBe(thing);
    // biome-ignore lint/suspicious/noThenProperty: a client that can be waited for
    const client = { then: () => {} };
    const f = wrap('resource', () => client);
    expect([f(), f()]).toEqual([client, client]);
    const g = wrap('resource', async () => ({}), {
      onRelease: async () => {
        throw new Error('late');
      },
    });
    await g();
    g['clear']();
    await microtasks();
    expect(codes()).toEqual(['cache-release']);
  });

  it('[CAC-236] what is stored, the first flight included', async () => {
    const store = memoryStore();
    replace();
    let n = 0;
    const make = () =>
      testCache({ store }).cacheData(async (x: number) => [x, ++n], { name: 'stored', cacheIf: async () => true });
    const f = make();
    const first = [f(1), f(1), f(2)] as unknown as Promise<unknown>[];
    expect(await Native.all(first)).toEqual([
      [1, 1],
      [1, 1],
      [2, 2],
    ]);
    await f.info();
    expect(await make()(1)).toEqual([1, 1]);
    await f.clear();
    expect(await f(1)).toEqual([1, 3]);
  });

  it('[CAC-236] a connection', async () => {
    replace();
    let asked = 0;
    const db = connection(`promises ${name}`, {
      connect: async () => ({ open: true }),
      query: async (instance: unknown, text: string) => [await instance, text, ++asked],
    });
    expect([await db.query('a'), await db.query('a')]).toEqual(Array(2).fill([{ open: true }, 'a', 1]));
    db.close();
  });

  it('[CAC-236] spinner and the original cache', async () => {
    replace();
    expect(await spinner('x', async () => 1)).toBe(1);
    expect(await failure(() => spinner('x', Native.reject('no') as Promise<never>))).toBe('no');
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    const f = cache(async () => [1]) as () => Promise<number[]>;
    (await f()).push(2);
    expect(await f()).toEqual([1, 2]);
  });
});

describe('a promise', () => {
  it('[CAC-236] is known in any realm, a thenable is none', () => {
    expect([Native.resolve(), Subclass.resolve(), new Tagged(() => {})].map(isPromise)).toEqual([true, true, true]);
    // biome-ignore lint/suspicious/noThenProperty: on purpose
    const others = [{ then() {} }, { [Symbol.toStringTag]: 'Promise' }, null, undefined, 1, () => {}, deferred()];
    expect(others.map(isPromise)).toEqual(others.map(() => false));
  });
});

describe("Jest's fake timers", () => {
  it('[CAC-236] a stored function works with queueMicrotask faked', async () => {
    const fake = vi.spyOn(globalThis, 'queueMicrotask').mockImplementation(() => {});
    try {
      let n = 0;
      const f = testCache({ store: memoryStore() }).cacheData(async () => ++n, { name: 'f' });
      expect([await f(), await f(), await f.has()]).toEqual([1, 1, true]);
      await f.clear();
      expect(await f()).toBe(2);
      expect(fake).not.toHaveBeenCalled();
    } finally {
      fake.mockRestore();
    }
  });
});
