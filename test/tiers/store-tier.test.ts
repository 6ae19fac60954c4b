// Results in a store of the user's, also one that does not answer.
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/browser/clock.js';
import { createCache } from '../../src/cache/create-cache.js';
import { loadStored } from '../../src/cache/late.js';
import { memoryStore } from '../../src/stores/memory-store.js';
import type { CacheStore, StoredEntry } from '../../src/stores/store.js';
import { tieredStore } from '../../src/stores/tiered-store.js';

function recordingStore(): {
  store: CacheStore;
  calls: string[];
  rows: Map<string, StoredEntry>;
  fail(error?: Error): void;
} {
  const calls: string[] = [];
  const rows = new Map<string, StoredEntry>();
  let failure: Error | undefined;
  const told = async <T>(call: string, result: () => T): Promise<T> => {
    calls.push(call);
    if (failure) throw failure;
    return result();
  };
  return {
    calls,
    rows,
    fail: (error) => void (failure = error),
    store: {
      get: (key) => told(`get ${key}`, () => rows.get(key)),
      set: (key, entry) => told(`set ${key}`, () => void rows.set(key, entry)),
      delete: (key) => told(`delete ${key}`, () => void rows.delete(key)),
      clear: (prefix) =>
        told(`clear ${prefix}`, () => {
          for (const key of rows.keys()) if (key.startsWith(prefix)) rows.delete(key);
        }),
    },
  };
}

// calls wait two seconds for this code, which a busy machine may need to read it
beforeAll(loadStored);

describe('createCache({ store })', () => {
  it('[CAC-205] calls an own store with its verbs; what it does not have is a miss', async () => {
    const { store, calls, rows } = recordingStore();
    let runs = 0;
    const make = () => createCache({ store }).cacheData(async (x: string) => ({ x, run: ++runs }), { name: 'own/f' });
    const f = make();
    const value = await f('a b');
    await f.info();
    const [key] = [...rows.keys()] as [string];
    expect(key.split('/')).toHaveLength(2);
    expect(decodeURIComponent(key.split('/')[0]!)).toBe('own/f');
    expect(rows.get(key)).toMatchObject({ format: 1, value, expiresAt: null });
    expect(new Set(calls.map((call) => call.split(' ')[0]))).toEqual(new Set(['get', 'set']));
    expect(await make()('a b')).toEqual(value);
    expect(runs).toBe(1);
    await f.clear('a b');
    await f.clear();
    expect(calls.slice(-2)).toEqual([`delete ${key}`, 'clear own%2Ff/']);
    expect(rows.size).toBe(0);
    expect(await f('a b')).toEqual({ x: 'a b', run: 2 });
  });

  it('keys with lone surrogates are texts that any store takes, each its own', async () => {
    const { store, rows } = recordingStore();
    const f = createCache({ store }).cacheData(async (x: string) => [x], { name: 'own\ud800\ufeff' });
    const texts = ['\ud800', '\ud800\ufeff', '\udc00\ufeff', '\ud83d\ude00\ufeff', '\ufffd'];
    for (const text of texts) expect(await f(text)).toEqual([text]);
    await f.info();
    expect([...rows.keys()].map((key) => /^[!-~]+$/.test(key))).toEqual(texts.map(() => true));
    expect(rows.size).toBe(texts.length);
  });

  it('[CAC-205] computes when the store fails, with one warning', async () => {
    const { store, fail } = recordingStore();
    const codes: string[] = [];
    const { cacheData } = createCache({ store, onWarning: ({ code }) => codes.push(code) });
    const f = cacheData(async (x: number) => x * 2, { name: 'failing' });
    fail(new Error('down'));
    expect(await Promise.all([f(1), f(2), f(1)])).toEqual([2, 4, 2]);
    await f.info();
    expect(await f(1)).toBe(2);
    expect(codes).toEqual(['cache-storage']);
  });

  it('[CAC-123] remembers the clear of a tag in the store', async () => {
    const { store } = recordingStore();
    let runs = 0;
    const make = () => {
      const { cacheData } = createCache({ store });
      return { cacheData, f: cacheData(async (x: string) => `${x}${++runs}`, { name: 'tagged', tags: (x) => [x] }) };
    };
    const { cacheData, f } = make();
    await Promise.all([f('a'), f('b')]);
    await f.info();
    await cacheData.clear({ tag: 'a' });
    await new Promise((resolve) => setTimeout(resolve, 5));
    const later = make().f;
    expect(await later('b')).toBe('b2');
    expect(await later('a')).toBe('a3');
  });

  it('[CAC-128] what one tab sets or clears goes from the near store of another', async () => {
    const far = memoryStore();
    const name = `near ${Math.random()}`;
    let runs = 0;
    const tab = () => {
      const { cacheData } = createCache({ name, store: tieredStore(memoryStore(), far) });
      return {
        cacheData,
        f: cacheData(async (x: number) => ({ x, run: ++runs }), { name: 'f', tags: (x) => [`t${x}`] }),
      };
    };
    const [a, b] = [tab(), tab()];
    const both = async (x: number) => {
      const runsSeen: number[] = [];
      for (const { f } of [a, b]) {
        runsSeen.push((await f(x)).run);
        await f.info();
      }
      return runsSeen;
    };
    expect(await both(1)).toEqual([1, 1]);
    const changes = [
      () => a.f.refresh(1),
      () => a.f.clear(1),
      () => a.f.clear(),
      () => a.cacheData.clear({ tag: 't1' }),
      () => a.cacheData.clear({ tag: 't1' }),
      () => a.cacheData.clear(),
    ];
    for (const change of changes) {
      const before = runs;
      // the stamp of a tag has a time in ms
      await new Promise((resolve) => setTimeout(resolve, 5));
      await change();
      await a.f.info();
      // the note is on its way
      await vi.waitFor(async () => expect((await b.f(1)).run).toBe(before + 1));
      await b.f.info();
      expect(await both(1)).toEqual([before + 1, before + 1]);
    }
  });

  it('[CAC-122] clear of everything reaches a store whose function was not called on this page', async () => {
    const { store, rows } = recordingStore();
    const declare = () => {
      const { cacheData } = createCache({ name: 'declared' });
      return { cacheData, f: cacheData(async (x: string) => x, { name: 'declared', store, tags: ['all'] }) };
    };
    for (const target of [undefined, { tag: 'all' }]) {
      const before = declare();
      await before.f('a');
      await before.f.info();
      expect(rows.has('declared/%22a%22')).toBe(true);
      const after = declare();
      await after.cacheData.clear(target);
      let runs = 0;
      const { cacheData } = createCache({ name: 'declared' });
      const f = cacheData(async (x: string) => x + ++runs, { name: 'declared', store });
      await f('a');
      await f.info();
      expect(runs).toBe(1);
      rows.clear();
    }
  });
});

describe('a store that does not answer', () => {
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  type Verb = 'get' | 'getMany' | 'set' | 'delete' | 'clear';

  /** `answer` ends what hangs, and everything answers from then on. */
  function hangingStore(hanging: Verb): { store: CacheStore; answer(): void } {
    const inner = memoryStore();
    let release: (() => void) | undefined;
    const over = new Promise<void>((resolve) => {
      release = resolve;
    });
    const verb =
      <A extends unknown[], R>(name: Verb, work: (...args: A) => Promise<R>) =>
      async (...args: A): Promise<R> => {
        if (name === hanging) await over;
        return work(...args);
      };
    return {
      answer: () => release?.(),
      store: {
        get: verb('get', inner.get),
        ...(hanging === 'getMany' && { getMany: verb('getMany', inner.getMany as CacheStore['getMany'] & {}) }),
        set: verb('set', inner.set),
        delete: verb('delete', inner.delete),
        clear: verb('clear', inner.clear),
      },
    };
  }

  // A wait takes two seconds of the faked clock, which goes on in steps as long as a promise is pending.
  const noWait = 1900;
  const oneWait = 3900;
  const { setTimeout: realTimeout } = globalThis;
  const within = async <T>(ms: number, work: Promise<T>): Promise<T> => {
    const from = Date.now();
    let value: { it: T } | undefined;
    void work.then((it) => {
      value = { it };
    });
    for (let steps = 0; !value && steps < 200; steps++) {
      await vi.advanceTimersByTimeAsync(50);
      // the cache goes on in tasks that are not faked
      await new Promise((resolve) => realTimeout(resolve));
    }
    expect(Date.now() - from).toBeLessThanOrEqual(ms);
    return value!.it;
  };

  // the code for own stores comes in its own time
  beforeAll(() => createCache({ store: memoryStore() }).cacheData(async () => 1, { name: 'loads' })());

  const fake = (): void => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    // WebKit's compiler goes on calling the real performance.now() in code that is hot
    vi.spyOn(systemClock, 'monotonic').mockImplementation(() => Date.now());
  };

  it.each<Verb>(['get', 'getMany', 'set'])(
    '[CAC-226] costs one wait when `%s` hangs, and is used again later',
    async (verb) => {
      fake();
      const { store, answer } = hangingStore(verb);
      const codes: string[] = [];
      let runs = 0;
      const make = () =>
        createCache({ store, onWarning: ({ code }) => codes.push(code) }).cacheData(async (x: number) => [x, ++runs], {
          name: 'hanging',
        });
      const f = make();
      expect(await within(oneWait, f(1))).toEqual([1, 1]);
      await within(oneWait, f.info());
      for (const x of [2, 3, 4, 5]) expect(await within(noWait, f(x))).toEqual([x, x]);
      await within(noWait, f.info());
      expect(codes).toEqual(['cache-storage']);
      answer();
      await within(noWait, f.info());
      expect(await within(noWait, f(6))).toEqual([6, 6]);
      await within(noWait, f.info());
      expect(await within(noWait, make()(6))).toEqual([6, 6]);
    },
  );

  it.each<Verb>(['delete', 'clear'])('[CAC-226] never serves what a clear covers when `%s` hangs', async (verb) => {
    fake();
    const { store, answer } = hangingStore(verb);
    const codes: string[] = [];
    let runs = 0;
    const cache = createCache({ store, onWarning: ({ code }) => codes.push(code) });
    const f = cache.cacheData(async (x: number) => [x, ++runs], { name: 'uncleared' });
    const clear = (): Promise<void> => (verb === 'delete' ? f.clear(1) : f.clear());
    expect(await within(noWait, f(1))).toEqual([1, 1]);
    await within(noWait, f.info());
    const cleared = clear();
    expect(await within(oneWait, f(1))).toEqual([1, 2]);
    await within(oneWait, cleared);
    expect(codes).toEqual(['cache-storage']);
    expect(await within(noWait, f(1))).toEqual([1, 2]);
    // a function that was not there when everything was cleared
    await within(oneWait, cache.cacheData.clear());
    expect((await within(noWait, f(1)))[1]).toBe(3);
    answer();
    await within(noWait, f.info());
    vi.advanceTimersByTime(6000);
    await within(noWait, f(2)); // the clears are tried again
    await within(noWait, f.info());
    await within(noWait, f(2));
    vi.advanceTimersByTime(6000);
    const other = cache.cacheData(async (x: number) => [x, ++runs], { name: 'uncleared' });
    await within(noWait, other(3));
    await within(noWait, other.info());
    const page = createCache({ store }).cacheData(async (x: number) => [x, ++runs], { name: 'uncleared' });
    expect((await within(noWait, page(1)))[1]).toBeGreaterThan(2);
  });

  it('[CAC-226] may throw, or answer with anything', async () => {
    const answers: unknown[] = [
      null,
      0,
      'text',
      [],
      {},
      { format: 1 },
      { format: 99 },
      () => 1,
      [undefined],
      { format: 1, createdAt: 'x' },
      { format: 1, value: 1, createdAt: 1, expiresAt: 'x', staleUntil: null, bytes: 1 },
      { format: 1, value: () => 1, createdAt: Date.now(), expiresAt: null, staleUntil: null, bytes: 1 },
      { format: 1, value: 1, createdAt: Date.now(), expiresAt: null, staleUntil: null, bytes: 1, messages: [1] },
    ];
    for (const answer of answers)
      for (const many of [false, true]) {
        const any = (() => answer) as never;
        const store: CacheStore = { get: any, set: any, delete: any, clear: any, ...(many && { getMany: any }) };
        const f = createCache({ store, onWarning() {} }).cacheData(async (x: number) => x * 2, { name: 'garbage' });
        expect(await Promise.all([f(1), f(2), f(1)])).toEqual([2, 4, 2]);
        await f.info();
        await f.clear(1);
        await f.clear();
        expect(await f(1)).toBe(2);
      }
  });
});

describe('entries as JSON', () => {
  const jsonStore = (): CacheStore & { texts: Map<string, string> } => {
    const texts = new Map<string, string>();
    return {
      texts,
      async get(key) {
        const text = texts.get(key);
        return text === undefined ? undefined : JSON.parse(text);
      },
      async set(key, entry) {
        texts.set(key, JSON.stringify(entry));
      },
      async delete(key) {
        texts.delete(key);
      },
      async clear(prefix) {
        for (const key of texts.keys()) if (key.startsWith(prefix)) texts.delete(key);
      },
    };
  };

  it.each([
    ['alone', (store: CacheStore) => store],
    ['behind memory', (store: CacheStore) => tieredStore(memoryStore(), store)],
  ] as const)('[CAC-227] a store over JSON.stringify, %s, is hit by another cache', async (_how, over) => {
    const json = jsonStore();
    let runs = 0;
    const make = (options: object) =>
      createCache({ store: over(json) }).cacheData(async (x: number) => ({ x, run: ++runs }), {
        name: 'json',
        ...options,
      });
    for (const options of [
      {},
      { ttl: 60 },
      { ttl: 60, refreshMode: 'background', maxStale: Infinity },
      { tags: ['a'] },
    ]) {
      const f = make(options);
      const value = await f(1);
      await f.info();
      expect(await make(options)(1)).toEqual(value);
      for (const text of json.texts.values()) expect(JSON.parse(text)).toEqual(expect.objectContaining({ format: 1 }));
      await f.clear();
    }
    // the stamp of a tag never ends either
    const tagged = { tags: ['b'] };
    const f = make(tagged);
    await f(2);
    await f.info();
    const before = runs;
    const cache = createCache({ store: over(json) });
    await cache.cacheData.clear({ tag: 'b' });
    expect((await make(tagged)(2)).run).toBe(before + 1);
  });
});
