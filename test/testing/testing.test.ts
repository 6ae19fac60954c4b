// reset, and storage in memory, of tabstate/testing.
import { afterAll, beforeAll, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest';
import { config, connection, setConfig } from '../../src/connection/index.js';
import { cacheData, cacheResource, context, createSessionState, queryParams, sessionState } from '../../src/index.js';
import { cache } from '../../src/legacy/index.js';
import { memoryStorage, reset } from '../../src/testing/index.js';

// as an application has them: made once, before all tests
const count = sessionState.ref('count', 1);
const runs = { data: 0, resource: 0, legacy: 0, connect: 0, close: 0 };
const square = cacheData(async (n: number) => n * n * ++runs.data, { name: 'square' });
const inTab = cacheData(async (n: number) => n * ++runs.data, { name: 'in tab', scope: 'session' });
const client = cacheResource(() => ({ n: ++runs.resource }));
const type = {
  connect: () => ({ n: ++runs.connect, query: async () => 'answer' }),
  close: () => void runs.close++,
};
const server = () => connection('reset', type);
let warn: MockInstance<typeof console.warn>;

describe('reset of tabstate/testing', () => {
  beforeAll(() => {
    warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  });
  afterAll(() => warn.mockRestore());
  beforeEach(async () => {
    await reset();
    warn.mockClear();
    for (const name of Object.keys(runs) as (keyof typeof runs)[]) runs[name] = 0;
  });

  /** Every API, as the first import finds it; the second time after the first. */
  const useEverything = async () => {
    expect([Object.keys(sessionState), sessionState.version(), sessionState.version('list')]).toEqual([[], 0, 0]);
    expect(Object.keys(sessionStorage).filter((name) => name.startsWith('tabstate:'))).toEqual([]);
    expect([queryParams.toString(), location.search]).toEqual(['', '']);
    expect([await square.has(3), await cacheData.info(), cacheResource.info()]).toEqual([false, [], []]);
    expect('connections' in config).toBe(false);

    sessionState['list'] = [1];
    sessionState['bad'] = () => {};
    expect([count.get(), sessionState.ref('other', warn.mock.calls.length).get()]).toEqual([1, 0]);
    count.set(5);
    sessionState.flush();
    expect(warn.mock.calls.filter(([text]) => /unserializable/.test(String(text))).length).toBe(1);
    queryParams.update({ page: 2, embed_: 'x' });
    queryParams.flush();
    expect(location.search).toBe('?page=2&embed_=x');
    expect([await square(3), await square(3), await inTab(3), runs.data]).toEqual([9, 9, 6, 2]);
    await square.info();
    const old = cache((n: number) => n + ++runs.legacy);
    expect([client().n, client().n, old(1), old(1)]).toEqual([1, 1, 2, 2]);
    expect(warn.mock.calls.filter(([text]) => /deprecated/.test(String(text))).length).toBe(1);
    setConfig({ connections: { other: { type: 'http', url: '/' } } });
    expect([server().instance.n, server().instance.n, await server().query('q')]).toEqual([1, 1, 'answer']);
    expect(typeof context.isEmbedded).toBe('boolean');
  };

  it('[SES-112] a test that uses every API', useEverything);
  it('[SES-112] the same again sees a first import', async () => {
    expect(runs.close).toBe(0);
    await useEverything();
  });

  it('[SES-112] tells listeners, which stay', async () => {
    sessionState['a'] = 1;
    queryParams['a'] = 1;
    const told: unknown[] = [];
    const ends = [
      sessionState.subscribe('a', (value) => told.push(value)),
      queryParams.subscribe('a', (value) => told.push(value)),
    ];
    await reset();
    expect(told).toEqual([undefined, undefined]);
    sessionState['a'] = 2;
    expect(told).toEqual([undefined, undefined, 2]);
    for (const end of ends) end();
  });

  it('[SES-112] drops what a load of the test before brings', async () => {
    let answer!: (value: string) => void;
    const load = cacheData(() => new Promise<string>((resolve) => (answer = resolve)), { name: 'late' });
    const late = load();
    await vi.waitFor(() => expect(answer).toBeTypeOf('function'));
    await reset();
    answer('of the test before');
    await late;
    expect(await load.has()).toBe(false);
  });

  it('[SES-112] forgets which function had a name', async () => {
    cacheData(async () => 1, { name: 'of one test' });
    await reset();
    cacheData(async () => 2, { name: 'of one test' });
    expect(warn.mock.calls).toEqual([]);
  });

  it('[SES-112] closes connections and releases resources', async () => {
    const released = vi.fn();
    const open = cacheResource(() => 'open', { name: 'open', onRelease: released });
    open();
    void server().instance;
    await reset();
    expect([released.mock.calls, runs.close]).toEqual([[['open']], 1]);
  });

  it('[SES-112] works under fake timers, and twice at once', async () => {
    vi.useFakeTimers();
    try {
      sessionState['a'] = 1;
      await square(2);
      await Promise.all([reset(), reset()]);
      expect([Object.keys(sessionState), await square.has(2)]).toEqual([[], false]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('[SES-112] asks for the storage again', async () => {
    sessionState['a'] = 1;
    await reset();
    sessionStorage.setItem('tabstate:a', '{"json":3}');
    expect(sessionState['a']).toBe(3);
    await reset();
    sessionStorage.setItem('tabstate:count', '{"json":4}');
    expect(count.get()).toBe(4);
    await reset();
    count.set(6);
    await Promise.resolve();
    expect(sessionStorage.getItem('tabstate:count')).toBe('{"json":6}');
    await reset();
    sessionState['a'] = 2;
    sessionState.flush();
    expect(sessionStorage.getItem('tabstate:a')).toBe('{"json":2}');
  });
});

describe('memoryStorage of tabstate/testing', () => {
  it('[SES-112] is a Storage of its own', () => {
    const storage = memoryStorage();
    const state = createSessionState({ storage: () => storage, prefix: 'memory:' });
    state['n'] = 1;
    state.flush();
    expect([storage.length, storage.key(0), storage.key(1), storage.getItem('memory:n')]).toEqual([
      1,
      'memory:n',
      null,
      '{"json":1}',
    ]);
    expect(memoryStorage().length).toBe(0);
    storage.setItem('x', 5 as never);
    expect(storage.getItem('x')).toBe('5');
    storage.removeItem('x');
    storage.clear();
    expect([storage.length, storage.getItem('x')]).toEqual([0, null]);
    expect(createSessionState({ storage: () => storage, prefix: 'memory:' })['n']).toBe(undefined);
  });
});
