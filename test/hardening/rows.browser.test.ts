// Any rows in the database, and any messages between tabs.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCache } from '../../src/cache/create-cache.js';
import type { Warning } from '../../src/index.js';
import {
  expectCleanPrototypes,
  expectNoValue,
  hostileText,
  hostileValue,
  ownFields,
  secret,
  uncaughtErrors,
} from '../helpers/hostile.js';
import { inputs } from '../helpers/inputs.js';
import { freshName, inDatabase, rowFields } from '../tiers/disk-helpers.js';

const troubles = uncaughtErrors();

const result = (x: number) => ({ x, list: [new Date(0), { url: new URL('https://h/') }], text: secret });

/** One page on this database, with a function of two entries. */
function page(name: string) {
  const warnings: Warning[] = [];
  const cache = createCache({ name, onWarning: (warning) => warnings.push(warning) });
  return { cache, warnings, f: cache.cacheData(async (x: number) => result(x), { name: 'f', tags: ['t'] }) };
}

/** Those of every function, and of the row `*`. */
const fields = { ...rowFields, functions: [...rowFields.functions, 'epoch', 'tags'] };
const cycle: unknown[] = [];
cycle.push(cycle, { cycle });
const deep = JSON.parse('['.repeat(3000) + ']'.repeat(3000)) as unknown;
const leaf = fc.record({
  at: fc.constantFrom<unknown>({}, 1, null),
  type: fc.constantFrom(
    'URL',
    'Error',
    '=',
    '@Point',
    '@constructor',
    'Temporal.Now',
    'Function',
    'ArrayBuffer',
    '',
    secret,
  ),
  content: hostileValue,
});
const value = fc.oneof(
  hostileValue,
  fc.constantFrom<unknown>(cycle, deep, 'tree', 'graph', 'columns', 'value', 2 ** 49, new Blob([secret]), [
    't',
    '#',
    '__proto__',
  ]),
  fc.array(leaf, { maxLength: 2 }),
  fc.record({
    plan: fc.constantFrom('tree', 'graph', 'columns'),
    bytes: fc.nat(),
    data: hostileValue,
    leaves: fc.array(leaf, { maxLength: 1 }),
  }),
);
const damage = fc.constantFrom('values', 'meta', 'functions' as const).chain((store) =>
  fc.record({
    store: fc.constant(store as keyof typeof fields),
    patch: fc
      .array(fc.tuple(fc.constantFrom(...fields[store as 'meta']), value), { minLength: 1, maxLength: 3 })
      .map(ownFields),
    isWhole: fc.boolean(),
  }),
);

describe('rows of the database that somebody else has written', () => {
  it('[CAC-146] are values or misses; calls, clears and information go on', async () => {
    const name = freshName();
    await fc.assert(
      fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 3 }), async (damages) => {
        const before = page(name);
        await before.f(1);
        await before.f.info();
        try {
          await inDatabase(name, 'readwrite', (stores) => {
            for (const { store, patch, isWhole } of damages)
              for (const key of store === 'functions' ? ['f', '*'] : ['f/1'])
                stores[store].get(key).onsuccess = ({ target }) => {
                  const row = isWhole ? patch : { ...(target as IDBRequest<object>).result, ...patch };
                  try {
                    stores[store].put(row, key);
                  } catch {
                    // otherwise the page hears of it, and the next input is blamed
                    stores[store].transaction.abort();
                  }
                };
          });
        } catch {
          // the database does not take such a row, so nobody else can have written it either
          return;
        }
        const { cache, f, warnings } = page(name);
        await f(1);
        expect(await f(2)).toEqual(result(2));
        await f.has(1);
        await f.info();
        await cache.cacheData.info();
        await cache.cacheData.clear({ tag: 't' });
        await f.clear();
        expect(await f(1)).toEqual(result(1));
        await cache.cacheData.clear();
        expectNoValue(warnings);
        expectCleanPrototypes();
        expect(troubles).toEqual([]);
      }),
      inputs(12),
    );
  });

  it('[CAC-146] messages of somebody else on the channels are followed as far as they make sense', async () => {
    const name = freshName();
    const { f, warnings } = page(name);
    await f(1);
    const channel = new BroadcastChannel(`tabstate-cache:${name}`);
    const word = fc.oneof(fc.constantFrom<unknown>('set', 'clear', 'f', '1', true), hostileText, hostileValue);
    const note = fc
      .array(fc.tuple(fc.constantFrom('type', 'identity', 'key', 'target', 'all', 'tag'), word), { maxLength: 4 })
      .map(ownFields);
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          hostileValue,
          fc.record({
            notes: fc.oneof(fc.array(note, { maxLength: 3 }), hostileValue),
            epoch: fc.oneof(fc.nat(), hostileValue),
          }),
        ),
        async (message) => {
          channel.postMessage(message);
          expect(await f(1)).toEqual(result(1));
        },
      ),
      inputs(150),
    );
    channel.close();
    await f.clear();
    expect(await f(1)).toEqual(result(1));
    expectNoValue(warnings);
    expect(troubles).toEqual([]);
  });
});
