// Memory hits of cacheData and cacheResource against what people write or take instead. Contenders that hand out a shared
// object are given structuredClone, as their users must do to be safe.
import { cachified } from '@epic-web/cachified';
import { QueryClient } from '@tanstack/query-core';
import { LRUCache } from 'lru-cache';
import pMemoize from 'p-memoize';
import { createCache } from 'tabstate';
import { line, sink, suite } from './harness/suite.js';

const { cacheData, cacheResource } = createCache({ memory: '500MB' });

const small = { id: 7, name: 'Ada Lovelace', tags: ['a', 'b'], isActive: true };
const rows = (count: number): object[] =>
  Array.from({ length: count }, (_, i) => ({ id: i, name: `user ${i}`, at: i * 1.5, tags: ['x', 'y'] }));
const values = { small, '1 kB': rows(14), '100 kB': rows(1400), '1 MB': rows(14_000) };
const targets = {
  small: { chromium: 0.25, firefox: 1.2 },
  '1 kB': { chromium: 0.2, firefox: 0.4 },
  '100 kB': { chromium: 0.2, firefox: 0.3 },
  '1 MB': { chromium: 0.2, firefox: 0.2 },
};

const units = { small: 10_000, '1 kB': 2000, '100 kB': 20, '1 MB': 2 };

const hit = (name: keyof typeof values) => {
  const value: unknown = values[name];
  const map = new Map<number, unknown>([[1, value]]);
  const lru = new LRUCache<string, object>({ max: 1000 });
  const lruEntries = new LRUCache<string, { value: unknown; metadata: never }>({ max: 1000 });
  const client = new QueryClient({
    defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY, gcTime: Number.POSITIVE_INFINITY } },
  });
  const ours = cacheData(async (id: number) => (id ? value : undefined), { name: `hit ${name}`, persist: false });
  const memoized = pMemoize(async (id: number) => (id ? value : undefined));
  return line(`memory hit, fresh copy, ${name}`, {
    perBatch: units[name],
    setup: async () => {
      lru.set('1', { value });
      await ours(1);
    },
    contenders: {
      tabstate: () => ours(1),
      'structuredClone from a Map': async () => structuredClone(map.get(1)),
      'lru-cache, structuredClone': async () => structuredClone((lru.get('1') as { value: unknown }).value),
      'p-memoize, structuredClone': async () => structuredClone(await memoized(1)),
      'query-core fetchQuery, structuredClone': async () =>
        structuredClone(await client.fetchQuery({ queryKey: ['hit', name, 1], queryFn: async () => value })),
      'cachified and lru-cache, structuredClone': async () =>
        structuredClone(
          await cachified({ key: `hit ${name} 1`, cache: lruEntries as never, getFreshValue: async () => value }),
        ),
    },
    targets: { 'structuredClone from a Map': targets[name] },
  });
};

const big = new Float64Array(1_250_000).map((_, i) => i);
const column = cacheData(async () => big, { name: 'column', persist: false });
const shared = cacheData(async (id: number) => ({ id }), { name: 'shared', persist: false, copy: 'share' });
const sharedMap = new Map([[1, { id: 1 }]]);
const resource = cacheResource((id: number) => ({ id }));
const memoizedShared = pMemoize(async (id: number) => ({ id }));
const timed = cacheData(async (id: number) => ({ id }), { name: 'timed', persist: false, ttl: '1h' });
const stored = cacheData(async (id: number) => ({ id }), { name: 'stored' });
const objectKey = cacheData(async (query: object) => ({ query }), { name: 'object key', persist: false });
const query = { page: 1, sort: 'name', filter: { active: true, tags: ['a', 'b'] } };
const textKeys = new Map([[JSON.stringify(query), { query }]]);

export default suite('cache', [
  hit('small'),
  hit('1 kB'),
  hit('100 kB'),
  hit('1 MB'),
  line('memory hit, 10 MB Float64Array', {
    perBatch: 2,
    setup: async () => void (await column()),
    contenders: { tabstate: () => column(), slice: async () => big.slice() },
    targets: { slice: 1.1 },
  }),
  line("memory hit, copy: 'share'", {
    perBatch: 10_000,
    setup: async () => void (await shared(1)),
    contenders: {
      tabstate: () => shared(1),
      'Map in an async function': async () => sharedMap.get(1),
      'p-memoize': () => memoizedShared(1),
    },
    targets: { 'Map in an async function': 6 },
  }),
  line('memory hit with a ttl, small', {
    perBatch: 10_000,
    setup: async () => void (await timed(1)),
    contenders: {
      tabstate: () => timed(1),
      'structuredClone from a Map': async () => structuredClone(sharedMap.get(1)),
    },
  }),
  line('memory hit of a persisted function, small', {
    perBatch: 10_000,
    setup: async () => void (await stored(1)),
    contenders: {
      tabstate: () => stored(1),
      'structuredClone from a Map': async () => structuredClone(sharedMap.get(1)),
    },
  }),
  line('memory hit, key of an object', {
    perBatch: 10_000,
    setup: async () => void (await objectKey(query)),
    contenders: {
      tabstate: () => objectKey(query),
      'structuredClone from a Map by JSON text': async () => structuredClone(textKeys.get(JSON.stringify(query))),
    },
  }),
  line('resource hit', {
    perBatch: 50_000,
    setup: () => void resource(1),
    contenders: { tabstate: () => sink(resource(1)), 'Map.get': () => sink(sharedMap.get(1)) },
  }),
]);
