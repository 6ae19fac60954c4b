// What a call found, or waited for, goes before the caller has it: callbacks take time, or clear, prime and call themselves.
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { loadStored } from '../../src/cache/late.js';
import { memoryStore } from '../../src/stores/memory-store.js';
import { type AnyCached, deferred, fakeTime, kinds, microtasks, testCache } from '../helpers/caches.js';

beforeAll(loadStored);
afterEach(() => vi.useRealTimers());

/** A value that shows whether it was released. */
interface Thing {
  run: number;
  open: boolean;
}

const onRelease = (thing: Thing): void => {
  thing.open = false;
};

describe.each([...kinds, 'stored'] as const)('while an asynchronous validate is asked (%s)', (kind) => {
  const setUp = (options: object = {}, cacheOptions: object = {}) => {
    const cache = testCache({ ...cacheOptions, ...(kind === 'stored' ? { store: memoryStore() } : {}) });
    const log: number[] = [];
    let runs = 0;
    /** Answers to `validate`, in order; without one it is true at once. */
    const answers: Promise<boolean>[] = [];
    const fn = async (x: number): Promise<Thing> => {
      log.push(x);
      return { run: ++runs, open: true };
    };
    const given = { validate: async () => answers.shift() ?? true, ...options };
    const f: AnyCached =
      kind === 'stored'
        ? (cache.cacheData(fn, { name: 'f', ...given }) as unknown as AnyCached)
        : cache.wrap(kind, fn, { ...given, ...(kind === 'resource' ? { onRelease } : {}) });
    return { f, log, answers, cache };
  };
  /** Calls f(1), asks, lets `meanwhile` happen, answers; then the function must work on. */
  const trial = async (
    meanwhile: (f: AnyCached, cache: ReturnType<typeof testCache>) => unknown,
    { options = {}, answer = true }: { options?: object; answer?: boolean } = {},
  ): Promise<{ got: Thing; log: number[]; f: AnyCached }> => {
    const { f, log, answers, cache } = setUp(options);
    await f(1);
    await f['info']();
    const asked = deferred<boolean>();
    answers.push(asked.promise);
    const call = f(1) as Promise<Thing>;
    await meanwhile(f, cache);
    asked.resolve(answer);
    const got = await call;
    expect(got.open).toBe(true);
    for (const x of [4, 5, 6, 1]) await f(x);
    await f['clear']();
    await f(1);
    return { got, log, f };
  };

  it.each([true, false])('[CAC-225] a cleared entry is not used (answer %s)', async (answer) => {
    for (const clear of [
      (f: AnyCached) => f['clear'](1),
      (f: AnyCached) => f['clear'](),
      (_f: AnyCached, { cacheData, cacheResource }: ReturnType<typeof testCache>) =>
        Promise.all([cacheData.clear(), cacheResource.clear()]),
      (_f: AnyCached, { cacheData, cacheResource }: ReturnType<typeof testCache>) =>
        Promise.all([cacheData.clear({ tag: 't' }), cacheResource.clear({ tag: 't' })]),
    ]) {
      const { got, log } = await trial(clear, { answer, options: { tags: ['t'] } });
      expect(got.run).toBe(2);
      expect(log).toEqual([1, 1, 4, 5, 6, 1]);
    }
  });

  it.each([true, false])('[CAC-225] nor a refreshed one (answer %s)', async (answer) => {
    const { got, log } = await trial((f) => f['refresh'](1), { answer });
    expect(got.run).toBe(2);
    expect(log).toEqual([1, 1, 4, 5, 6, 1]);
  });

  it.each([true, false])('[CAC-225] nor one in whose place something was primed (answer %s)', async (answer) => {
    const { got, log } = await trial((f) => f['prime']({ run: 77, open: true }, 1), { answer });
    expect(got.run).toBe(77);
    expect(log).toEqual([1, 4, 5, 6, 1]);
  });

  it.each([true, false])('[CAC-225] nor one that was evicted (answer %s)', async (answer) => {
    for (const maxEntries of [1, 2]) {
      const others = async (f: AnyCached): Promise<void> => {
        for (const x of [2, 3]) await f(x);
      };
      const { got } = await trial(others, { answer, options: { maxEntries } });
      // a store of the user's evicts nothing
      expect(got.run).toBe(kind === 'stored' ? 1 : 4);
    }
  });

  it('[CAC-225] two that ask about one entry run once', async () => {
    const { f, log, answers } = setUp();
    await f(1);
    const asked = [deferred<boolean>(), deferred<boolean>()] as const;
    answers.push(asked[0].promise, asked[1].promise);
    const calls = [f(1), f(1)];
    asked[0].resolve(false);
    expect(((await calls[0]) as Thing).run).toBe(2);
    asked[1].resolve(false);
    expect(((await calls[1]) as Thing).run).toBe(2);
    expect(log).toEqual([1, 1]);
  });

  it('[CAC-225] a validate that replaces what it is asked about comes to an end', async () => {
    const { f } = setUp({
      validate: async () => {
        await f['prime']({ run: 9, open: true }, 1);
        return true;
      },
    });
    await f(1);
    expect(((await f(1)) as Thing).open).toBe(true);
    await f['clear']();
    const { f: g, log } = setUp({
      validate: async () => {
        await g['clear']();
        return true;
      },
    });
    await g(1);
    expect([((await g(1)) as Thing).run, log]).toEqual([2, [1, 1]]);
    await g['clear']();
  });
});

describe.each(kinds)('callbacks that clear (%s)', (kind) => {
  it('[CAC-225] an entry that expires while validate is asked', async () => {
    const time = fakeTime();
    const asked = deferred<boolean>();
    let runs = 0;
    const f = testCache().wrap(kind, async () => ++runs, { ttl: 10, validate: () => asked.promise });
    await f();
    time.to(9);
    const call = f() as Promise<number>;
    await microtasks();
    time.to(11);
    asked.resolve(true);
    expect(await call).toBe(2);
  });

  it('[CAC-225] a synchronous validate that clears, primes or refreshes', async () => {
    for (const act of ['clear', 'prime', 'refresh'] as const) {
      let runs = 0;
      const f = testCache().wrap(kind, () => ({ run: ++runs, open: true }), {
        ...(kind === 'resource' ? { onRelease } : {}),
        validate: () => {
          void (act === 'prime' ? f['prime']({ run: 0, open: true }) : f[act]());
          return true;
        },
      });
      await f();
      expect(((await f()) as Thing).open).toBe(true);
      await f['clear']();
      expect(((await f()) as Thing).open).toBe(true);
      await f['clear']();
    }
  });

  it('[CAC-225] key, deps and tags that clear', async () => {
    for (const option of ['key', 'deps', 'tags']) {
      let runs = 0;
      let clears = false;
      const f = testCache().wrap(kind, () => ++runs, {
        maxEntries: 2,
        [option]: () => {
          if (clears) void f['clear']();
          return ['t'];
        },
      });
      expect([await f(1), await f(1)]).toEqual([1, 1]);
      clears = true;
      const later = [await f(1), await f(1)];
      expect(later).toEqual(option === 'tags' ? [1, 1] : [2, 3]);
      await f['clear']();
      expect(await f(1)).toBeGreaterThan(1);
    }
  });

  it('[CAC-225] a listener that clears what it hears of', async () => {
    let runs = 0;
    const f = testCache().wrap(
      kind,
      async () => ({ run: ++runs, open: true }),
      kind === 'resource' ? { onRelease } : {},
    );
    f['subscribe'](({ type }: { type: string }) => type === 'set' && void f['clear']());
    expect(((await f()) as Thing).open).toBe(true);
    expect(runs).toBeLessThan(6);
    expect(((await f()) as Thing).open).toBe(true);
  });
});

describe('objects that are released', () => {
  const things = (isAsync: boolean, options: object = {}) => {
    const made: Thing[] = [];
    const released: Thing[] = [];
    const make = (): Thing => {
      const thing = { run: made.length + 1, open: true };
      made.push(thing);
      return thing;
    };
    const f = testCache().wrap('resource', isAsync ? async () => make() : make, {
      onRelease(thing: Thing) {
        onRelease(thing);
        released.push(thing);
      },
      ...options,
    });
    return { f, made, released };
  };

  it('[CAC-225] are not handed out when another key evicts them in the same moment', async () => {
    const { f, released } = things(true, { maxEntries: 1 });
    const got = (await Promise.all(
      [1, 2, 3].map((x) => (f(x) as Promise<Thing>).then((thing) => thing.open)),
    )) as boolean[];
    expect(got).toEqual([true, true, true]);
    expect(new Set(released).size).toBe(released.length);
  });

  it.each([false, true])(
    '[CAC-225] onRelease that clears, or calls again, comes to an end (async %s)',
    async (isAsync) => {
      for (const act of [
        (f: AnyCached) => f['clear'](),
        (f: AnyCached) => f(1),
        (f: AnyCached) => f(2),
        (f: AnyCached) => f['refresh'](1),
      ]) {
        let depth = 0;
        const { f, released } = things(isAsync, {
          maxEntries: 1,
          onRelease(thing: Thing) {
            onRelease(thing);
            released.push(thing);
            // whoever opens a new one for each that is closed never ends by himself
            if (depth++ < 50) void Promise.resolve(act(f)).catch(() => {});
          },
        });
        for (const x of [1, 2, 1, 3]) expect([x, ((await f(x)) as Thing).open]).toEqual([x, true]);
        f['clear']();
        await microtasks();
        expect(new Set(released).size).toBe(released.length);
      }
    },
  );

  it('[CAC-225] a clear in onRelease reaches the run that made room', () => {
    const { f, made } = things(false, {
      maxEntries: 1,
      onRelease(thing: Thing) {
        onRelease(thing);
        f['clear']();
      },
    });
    f(1);
    expect((f(2) as Thing).open).toBe(true);
    expect(f['peek'](2)).toBe(undefined);
    expect((f(2) as Thing).run).toBe(3);
    expect(made.length).toBe(3);
  });

  it('[CAC-225] one object under two keys of which only one may stay', () => {
    const same: Thing = { run: 1, open: true };
    const f = testCache().wrap('resource', () => same, { maxEntries: 1, onRelease });
    for (const x of [1, 2, 1]) expect((f(x) as Thing).open).toBe(true);
    f['clear']();
    expect(same.open).toBe(false);
  });

  it('[CAC-225] are not those of other functions when values need the memory', async () => {
    const cache = testCache({ memory: '1kB' });
    const released: unknown[] = [];
    const f = cache.cacheResource(() => ({}), { onRelease: (value) => released.push(value) });
    f();
    const g = cache.cacheData((x: number) => `${x}`.repeat(300), { persist: false, validate: async () => true });
    for (const x of [1, 2, 3, 1, 2, 3]) await g(x);
    expect([released, f['has']()]).toEqual([[], true]);
  });
});

describe('a memory budget', () => {
  it('[CAC-225] that evicts while validate is asked', async () => {
    const cache = testCache({ memory: '1kB' });
    let runs = 0;
    const asked = deferred<boolean>();
    let asks = false;
    const f = cache.cacheData(async (x: number) => `${++runs} ${x}`.padEnd(300), {
      persist: false,
      validate: () => (asks ? asked.promise : true),
    });
    await f(1);
    asks = true;
    const call = f(1);
    asks = false;
    for (const x of [2, 3, 4]) await f(x);
    asked.resolve(true);
    expect((await call).trim()).toBe('5 1');
    for (const x of [5, 6, 7, 1]) await f(x);
    await f.clear();
    expect((await f(1)).trim()).toBe(`${runs} 1`);
  });
});

describe('staleIfError', () => {
  it('[CAC-101][CAC-225] serves what validate accepts, and nothing that was cleared', async () => {
    const time = fakeTime();
    let fails = false;
    let isValid = true;
    const f = testCache().cacheData(
      async () => {
        if (fails) throw new Error('down');
        return 1;
      },
      { persist: false, ttl: 10, maxStale: 100, staleIfError: true, validate: async () => isValid },
    );
    await f();
    time.to(20);
    fails = true;
    expect([await f(), await f()]).toEqual([1, 1]);
    isValid = false;
    await expect(f()).rejects.toThrow('down');
    isValid = true;
    await expect(f()).rejects.toThrow('down');
  });

  it('[CAC-101] not what was cleared while the run failed', async () => {
    const time = fakeTime();
    const ends = [deferred<number>(), deferred<number>()];
    let runs = 0;
    const f = testCache().cacheData(() => ends[runs++]!.promise, {
      persist: false,
      ttl: 10,
      maxStale: 100,
      staleIfError: true,
    });
    ends[0]!.resolve(1);
    await f();
    time.to(20);
    const call = f();
    void f.clear();
    ends[1]!.reject(new Error('down'));
    await expect(call).rejects.toThrow('down');
  });
});

describe('a resource that is refreshed in the background', () => {
  it('[CAC-168] is not released while a caller waits for it, though something newer is there', async () => {
    const time = fakeTime();
    const runs: ReturnType<typeof deferred<Thing>>[] = [];
    const f = testCache().wrap(
      'resource',
      async () => {
        const run = deferred<Thing>();
        runs.push(run);
        return run.promise;
      },
      { ttl: 1, refreshMode: 'background', onRelease },
    );
    f['prime']({ run: 0, open: true });
    time.to(1);
    expect(await f()).toMatchObject({ run: 0 });
    await microtasks();
    time.to(2);
    const joined = f();
    f['prime']({ run: 2, open: true });
    runs[0]?.resolve({ run: 1, open: true });
    expect(await joined).toEqual({ run: 1, open: true });
    expect(runs.length).toBe(1);
  });
});
