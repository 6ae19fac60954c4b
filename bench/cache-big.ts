// Values of many megabytes: what callers wait for, and the longest task that storing them takes.
import { nextTask } from '../src/browser/clock.js';
import { createCache } from '../src/cache/create-cache.js';
import { readKept } from '../src/disk/blobs.js';
import { DiskTier } from '../src/tiers/disk-tier.js';
import { type Columns, columnsOf } from './harness/columns.js';
import { entryOf } from './harness/entry.js';
import { raw, rawGetBytes, rawPut, rawPutBytes } from './harness/raw-database.js';
import { line, Measured, sink, suite } from './harness/suite.js';

const name = 'bench-big';
const { cacheData } = createCache({ name });
const warned: string[] = [];
const tier = new DiskTier({ name, warn: ({ message, cause }) => warned.push(`${message} ${String(cause)}`) });

const table = (rows: number, text: string, laterTarget: object | number) => {
  const rounds = rows > 1e6 ? 5 : 15;
  let made: Columns = [];
  let calls = 0;
  const identity = `columns ${text}`;
  const kept = cacheData(async () => made, { name: identity });
  const fresh = cacheData(async (_id: number) => made, {
    name: `fresh ${text}`,
    persist: false,
    maxEntries: 1,
    ignore: [],
  });
  const slices = (): void => sink(made.map((column) => column.slice()));
  return [
    line(`4 columns, ${text} rows: first`, {
      rounds,
      perBatch: 1,
      setup: () => void (made = columnsOf(rows)),
      contenders: {
        tabstate: { before: () => fresh.clear(), run: async () => sink(await fresh(++calls)) },
        'slices of the columns': slices,
      },
      targets: { 'slices of the columns': rows > 1e6 ? 2.4 : 2.2 },
    }),
    line(`4 columns, ${text} rows: later`, {
      rounds,
      perBatch: 1,
      async setup() {
        if (!made.length) made = columnsOf(rows);
        await fresh.clear();
        await kept();
        await kept.info();
      },
      contenders: { tabstate: async () => sink(await kept()), 'slices of the columns': slices },
      targets: { 'slices of the columns': laterTarget as number },
    }),
    line(`4 columns, ${text} rows: after reload`, {
      rounds,
      perBatch: 1,
      async setup() {
        if (!made.length) made = columnsOf(rows);
        // through the tier: after a reload no memory holds Blobs of its own
        await kept.clear();
        await tier.write(identity, 'columns', entryOf(made), {});
        for (const [i, column] of made.entries()) await rawPutBytes(column, `${text} ${i}`);
      },
      contenders: {
        tabstate: async () => {
          const entry = await tier.read(identity, 'columns');
          if (!entry) throw new Error(`It was not stored, or cannot be read: ${warned.join()}`);
          sink(entry.fresh ? entry.fresh.value : await readKept(entry.snapshot));
        },
        'raw read of 4 Blobs': async () => {
          const columns = await Promise.all([0, 1, 2, 3].map((i) => rawGetBytes(`${text} ${i}`)));
          sink(columns.map((bytes) => new Float64Array(bytes)));
        },
      },
      teardown: async () => {
        made = [];
        await tier.clear({ identity });
        (await raw()).transaction('values', 'readwrite').objectStore('values').clear();
      },
      targets: { 'raw read of 4 Blobs': 1.1 },
    }),
  ];
};

/** The longest time without a task of somebody else, while `work` goes on. */
async function longestTask(work: () => Promise<unknown>): Promise<Measured> {
  let longest = 0;
  let isOver = false;
  let last = performance.now();
  const watch = (async () => {
    while (!isOver) {
      await nextTask();
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
    }
  })();
  await work();
  isOver = true;
  await watch;
  return new Measured(longest);
}

const rows = Array.from({ length: 8000 }, (_, id) => ({
  id,
  name: `Person ${id}`,
  mail: `person${id}@example.org`,
  tags: ['a', `t${id % 7}`],
  home: { street: `Street ${id}`, number: id % 100 },
}));
const numbers = new Float64Array(1_250_000).map((_, i) => i * 1.1);

/** What goes on after the caller has its copy. */
const storing = (text: string, make: () => unknown, other: string, rawWork: () => Promise<unknown>, target: number) => {
  let calls = 0;
  const stored = cacheData(async (id: number) => (id < 0 ? undefined : make()), {
    name: `stored ${text}`,
    maxEntries: 2,
  });
  return line(`longest task, ${text} stored`, {
    rounds: text === '320 MB' ? 5 : 21,
    perBatch: 1,
    contenders: {
      tabstate: async () => {
        await stored(++calls);
        return longestTask(() => stored.info());
      },
      [other]: () => longestTask(rawWork),
    },
    teardown: () => stored.clear(),
    targets: { [other]: target },
  });
};

let large: Columns = [];
export default suite('cache-big', [
  ...table(1_000_000, '1M', 1.15),
  ...table(10_000_000, '10M', { chromium: 1.15, firefox: 3.2 }),
  storing(
    '1 MB',
    () => rows,
    'raw put',
    () => rawPut(rows, 'rows'),
    1.05,
  ),
  storing(
    '10 MB',
    () => numbers,
    'raw put of a Blob',
    () => rawPutBytes(numbers, 'numbers'),
    1,
  ),
  storing(
    '320 MB',
    () => {
      if (!large.length) large = columnsOf(10_000_000);
      return large;
    },
    'making the 4 Blobs',
    async () => {
      await nextTask();
      sink(large.map((column) => new Blob([column])));
      await nextTask();
    },
    1.2,
  ),
]);
