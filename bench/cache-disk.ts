// The disk tier of cacheData, against raw IndexedDB, idb-keyval, localForage, Dexie and the persisters of peers.
import { type CacheEntry as CachifiedEntry, cachified } from '@epic-web/cachified';
import { QueryClient } from '@tanstack/query-core';
import { experimental_createQueryPersister } from '@tanstack/query-persist-client-core';
import Dexie from 'dexie';
import * as keyval from 'idb-keyval';
import localforage from 'localforage';
import { type Clock, systemClock } from '../src/browser/clock.js';
import { createCache } from '../src/cache/create-cache.js';
import { readKept } from '../src/disk/blobs.js';
import { expiredRows } from '../src/disk/eviction.js';
import { entryKey, openTables, tablesOf } from '../src/disk/tables.js';
import { DiskTier } from '../src/tiers/disk-tier.js';
import { entryOf } from './harness/entry.js';
import { rawGet, rawPut } from './harness/raw-database.js';
import { line, sink, suite } from './harness/suite.js';

/** A table such as an API returns, of about this many bytes of JSON. */
function table(bytes: number): object[] {
  return Array.from({ length: Math.max(1, Math.round(bytes / 125)) }, (_, id) => ({
    id,
    name: `Person ${id}`,
    mail: `person${id}@example.org`,
    active: id % 3 === 0,
    score: id * 1.37,
    tags: ['a', `t${id % 7}`],
    home: { street: `Street ${id}`, number: id % 100 },
  }));
}

const small = { id: 7, currency: 'EUR', from: '2026-01-01' };
const values = { small, '1 kB': table(1000), '100 kB': table(100_000), '1 MB': table(1_000_000) };
const numbers = new Float64Array(1_250_000).map((_, i) => i * 1.1);
const none = {};

const tier = new DiskTier({ name: 'bench', warn: console.warn });
const read = async (key: string): Promise<unknown> => {
  const entry = await tier.read('f', key);
  if (!entry) throw new Error(`${key} is missing`);
  return entry.fresh ? entry.fresh.value : readKept(entry.snapshot);
};

const dexie = new Dexie('dexie-bench');
dexie.version(1).stores({ values: '' });
const forage = localforage.createInstance({ name: 'forage-bench', driver: localforage.INDEXEDDB });

const overKeyval = {
  get: (key: string) => keyval.get<CachifiedEntry>(`c${key}`),
  set: (key: string, value: CachifiedEntry) => keyval.set(`c${key}`, value),
  delete: (key: string) => keyval.del(`c${key}`),
};
const fromCachified = (key: string, value: unknown): Promise<unknown> =>
  cachified({ key, cache: overKeyval, ttl: 3600_000, getFreshValue: async () => value });

const persister = experimental_createQueryPersister<unknown>({
  storage: { getItem: (key) => keyval.get(key), setItem: keyval.set, removeItem: keyval.del },
  serialize: (query) => query,
  deserialize: (query) => query as never,
  maxAge: 3600_000,
});
/** A new client each time: what it would find after a reload. */
const fromPersister = (key: string, value: unknown): Promise<unknown> =>
  new QueryClient().fetchQuery({
    queryKey: [key],
    queryFn: async () => value,
    persister: persister.persisterFn as never,
    staleTime: 3600_000,
  });

const hits = (Object.keys(values) as (keyof typeof values)[]).map((name) => {
  const value = values[name];
  return line(`disk hit with fresh copy, ${name}`, {
    async setup() {
      await tier.write('f', name, entryOf(value), none);
      await rawPut(value, name);
      await keyval.set(name, value);
      await forage.setItem(name, value);
      await dexie.table('values').put(value, name);
      await fromCachified(name, value);
      await fromPersister(name, value);
    },
    contenders: {
      tabstate: async () => sink(await read(name)),
      raw: async () => sink(await rawGet(name)),
      'idb-keyval': async () => sink(await keyval.get(name)),
      localforage: async () => sink(await forage.getItem(name)),
      dexie: async () => sink(await dexie.table('values').get(name)),
      'cachified, idb-keyval': async () => sink(await fromCachified(name, value)),
      'query-core persister': async () => sink(await fromPersister(name, value)),
    },
    targets: { raw: name === '1 MB' ? 1.15 : 1.2, 'cachified, idb-keyval': 1, 'query-core persister': 1 },
  });
});

let calls = 0;
const { cacheData } = createCache({ name: 'bench-miss', memory: '1MB' });
/** A call with arguments of its own each time, alone: what the one before it stores is stored. */
const miss = (name: keyof typeof values) => {
  const made = values[name];
  const call = cacheData(async (id: number) => (id < 0 ? undefined : made), { name: `miss ${name}` });
  const isSmall = name === 'small';
  return line(`miss until the caller has its copy, ${name}`, {
    // a clock of 1 ms cannot tell
    engines: ['chromium', 'firefox'],
    perBatch: 1,
    rounds: isSmall ? 301 : 41,
    setup: async () => void (await call(0)),
    contenders: {
      tabstate: { before: () => call.info(), run: async () => sink(await call(++calls)) },
      ...(isSmall
        ? {
            'two raw gets and a free lock': async () => {
              await rawGet(++calls);
              await navigator.locks.request(`raw ${calls}`, () => rawGet(calls));
              sink(made);
            },
          }
        : {
            'raw get, then put not awaited': {
              before: () => rawPut(0, 'settled'),
              run: async () => {
                await rawGet(++calls);
                void rawPut(made, calls);
                sink(made);
              },
            },
          }),
    },
    targets: isSmall
      ? { 'two raw gets and a free lock': 1.3 }
      : { 'raw get, then put not awaited': name === '1 MB' ? 0.6 : 1.5 },
  });
};

/** What the first call of a page finds; each time over a connection of its own. */
const afterReload = (count: number) => {
  const name = 'bench-reload';
  const wrap = (): ((id: number) => Promise<unknown>) =>
    createCache({ name }).cacheData(async (id: number) => ({ ...small, id }), { name: 'first' });
  const ids = Array.from({ length: count }, (_, i) => i);
  const all = (get: (id: number) => Promise<unknown>): Promise<unknown> => Promise.all(ids.map(get));
  const openRaw = (): Promise<IDBDatabase> =>
    new Promise((resolve, reject) => {
      const request = indexedDB.open('reload-raw');
      request.onupgradeneeded = () => request.result.createObjectStore('values');
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const openDexie = (): Dexie => {
    const db = new Dexie('reload-dexie');
    db.version(1).stores({ values: '' });
    return db;
  };
  let opened: { close(): void } | undefined;
  const after = (): void => {
    opened?.close();
    opened = undefined;
  };
  return line(count === 1 ? 'first read after a reload, small' : `${count} reads at once after a reload`, {
    perBatch: 1,
    rounds: 101,
    async setup() {
      const call = wrap() as unknown as ((id: number) => Promise<unknown>) & { info(): Promise<unknown> };
      await all(call);
      await call.info();
      const db = await openRaw();
      const rows = db.transaction('values', 'readwrite').objectStore('values');
      for (const id of ids) rows.put({ ...small, id }, id);
      rows.transaction.oncomplete = () => db.close();
      await keyval.setMany(
        ids.map((id) => [id, { ...small, id }]),
        keyval.createStore('reload-keyval', 'values'),
      );
      await openDexie()
        .table('values')
        .bulkPut(
          ids.map((id) => ({ ...small, id })),
          ids,
        );
    },
    contenders: {
      tabstate: () => all(wrap()),
      raw: {
        async run() {
          const db = await openRaw();
          opened = db;
          const rows = db.transaction('values').objectStore('values');
          await all(
            (id) =>
              new Promise((resolve, reject) => {
                const request = rows.get(id);
                request.onsuccess = () => resolve(request.result);
                request.onerror = () => reject(request.error);
              }),
          );
        },
        after,
      },
      'idb-keyval': () => {
        const store = keyval.createStore('reload-keyval', 'values');
        return all((id) => keyval.get(id, store));
      },
      dexie: {
        run() {
          const db = openDexie();
          opened = db;
          return all((id) => db.table('values').get(id));
        },
        after,
      },
    },
    targets: count === 1 ? { raw: 1.2, 'idb-keyval': 1.5 } : { dexie: 1 },
  });
};

const stores = createCache({ name: 'bench-stored' });
let stored = 0;
const hundredStored = () => {
  const call = stores.cacheData(async (id: number) => ({ ...small, id }), { name: 'stored' });
  return line('100 entries of a function stored', {
    perBatch: 1,
    rounds: 41,
    contenders: {
      async tabstate() {
        await Promise.all(Array.from({ length: 100 }, () => call(++stored)));
        await call.info();
      },
      'one idb-keyval setMany': () =>
        keyval.setMany(Array.from({ length: 100 }, () => [`stored ${++stored}`, { ...small, id: stored }])),
    },
    targets: { 'one idb-keyval setMany': { chromium: 1.6, firefox: 2 } },
  });
};

/** Until the caller has its value, others' writes awaited: they have no copy before. */
const missToValue = () => {
  const call = stores.cacheData(async (id: number) => ({ ...small, id }), { name: 'miss' });
  return line('miss until the caller has its value, writes of others awaited', {
    perBatch: 1,
    rounds: 101,
    setup: async () => void (await call(0)),
    contenders: {
      tabstate: { before: () => call.info(), run: async () => sink(await call(++stored)) },
      'raw get and put': async () => {
        await rawGet(++stored);
        await rawPut({ ...small, id: stored }, stored);
      },
      'idb-keyval': async () => {
        await keyval.get(`miss ${++stored}`);
        await keyval.set(`miss ${stored}`, { ...small, id: stored });
      },
    },
    targets: { 'idb-keyval': { chromium: 1, firefox: 1.3 } },
  });
};

/** 100,000 entries of which every hundredth is over. */
const swept = openTables('bench-sweep', console.warn);
const idleAtOnce: Clock = {
  ...systemClock,
  whenIdle(run) {
    run();
    return () => {};
  },
};
const sweeper = new DiskTier({ name: 'bench-sweep', warn: console.warn, clock: idleAtOnce });
const together = Array.from({ length: 1000 }, (_, i) => `over ${i}`);
/** Between the others. */
const scattered = together.map((_, i) => `${i % 100}-${i}x`);
const writeOver = async (keys: readonly string[]): Promise<void> => {
  const entry = entryOf(small);
  await Promise.all(keys.map((key, i) => sweeper.write('many', key, { ...entry, expiresAt: i, staleUntil: i }, none)));
};
const fill = async (count: number): Promise<void> => {
  for (let i = 0; i < count / 1000; i++)
    await Promise.all(Array.from({ length: 1000 }, (_, n) => sweeper.write('many', `${i}-${n}`, burst, none)));
};
const cursorOverValues = (): Promise<number> =>
  swept.use(
    'readonly',
    async (store) => {
      let found = 0;
      const request = store.openCursor();
      await new Promise<void>((resolve, reject) => {
        request.onerror = () => reject(request.error);
        request.onsuccess = () => {
          const cursor = request.result;
          if (!cursor) return resolve();
          if ((cursor.value as { staleUntil: number }).staleUntil < Date.now()) found++;
          cursor.continue();
        };
      });
      return found;
    },
    { waitMs: 120_000 },
  );

const findAndDelete = (where: string, over: readonly string[]) =>
  line(`sweep of 100,000 entries, 1 % expired, ${where}: find and delete`, {
    rounds: 7,
    perBatch: 1,
    setup: () => sweeper.sweep(),
    contenders: {
      tabstate: { before: () => writeOver(over), run: () => sweeper.sweep() },
      'raw deletes in two stores, 500 per transaction': {
        before: () => writeOver(over),
        async run() {
          for (const half of [over.slice(0, 500), over.slice(500)])
            await swept.use(
              'readwrite',
              (store) => {
                const { values: rows, meta } = tablesOf(store);
                for (const key of half) {
                  rows.delete(entryKey('many', key));
                  meta.delete(entryKey('many', key));
                }
              },
              { waitMs: 120_000 },
            );
        },
      },
    },
    targets: { 'raw deletes in two stores, 500 per transaction': 1.3 },
  });

const keys = Array.from({ length: 100 }, (_, i) => String(i));
const oneKb = values['1 kB'];
const burst = entryOf(oneKb);

export default suite('cache-disk', [
  ...hits,
  line('disk hit, 10 MB Float64Array', {
    rounds: 9,
    async setup() {
      await tier.write('f', 'numbers', entryOf(numbers), none);
      await rawPut(new Blob([numbers]), 'numbers');
    },
    contenders: {
      tabstate: async () => sink(await read('numbers')),
      'raw get and read of a Blob': async () =>
        sink(new Float64Array(await ((await rawGet('numbers')) as Blob).arrayBuffer())),
    },
    targets: { 'raw get and read of a Blob': 1.1 },
  }),
  line('100 concurrent cold hits', {
    async setup() {
      await Promise.all(keys.map((key) => tier.write('f', key, burst, none)));
      for (const key of keys) await keyval.set(key, oneKb);
    },
    contenders: {
      tabstate: () => Promise.all(keys.map(read)),
      'idb-keyval': () => Promise.all(keys.map((key) => keyval.get(key))),
    },
    targets: { 'idb-keyval': 0.6 },
  }),
  line('100 writes of 1 kB until stored', {
    contenders: {
      tabstate: () => Promise.all(keys.map((key) => tier.write('f', key, entryOf(oneKb), none))),
      'idb-keyval': () => Promise.all(keys.map((key) => keyval.set(key, oneKb))),
      dexie: () => Promise.all(keys.map((key) => dexie.table('values').put(oneKb, key))),
      localforage: () => Promise.all(keys.map((key) => forage.setItem(key, oneKb))),
    },
    targets: { 'idb-keyval': 0.35 },
  }),
  afterReload(1),
  afterReload(100),
  hundredStored(),
  missToValue(),
  miss('small'),
  miss('100 kB'),
  miss('1 MB'),
  line('sweep of 100,000 entries, 1 % expired: find', {
    rounds: 3,
    perBatch: 1,
    async setup() {
      await fill(100_000);
      await writeOver(scattered);
    },
    contenders: {
      tabstate: () => swept.use('readonly', (store) => expiredRows(tablesOf(store).meta, Date.now(), 1000)),
      'cursor over all values': cursorOverValues,
    },
    targets: { 'cursor over all values': 0.01 },
  }),
  findAndDelete('together', together),
  findAndDelete('scattered', scattered),
  line('clear of a function with 100,000 entries', {
    rounds: 21,
    perBatch: 1,
    contenders: {
      tabstate: () => sweeper.clear({ identity: 'many' }),
      'one idb-keyval set': () => keyval.set('x', 1),
    },
    targets: { 'one idb-keyval set': 4 },
  }),
]);
