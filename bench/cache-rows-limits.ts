// Tables of gigabytes. What Streamlit takes for them is its own published figure, so only the order of magnitude holds.
import { createCache } from '../src/cache/create-cache.js';
import { DiskTier } from '../src/tiers/disk-tier.js';
import { type Columns, columnsOf } from './harness/columns.js';
import { entryOf } from './harness/entry.js';
import { raw, rawGet, rawPutBytes } from './harness/raw-database.js';
import { line, Measured, sink, suite } from './harness/suite.js';

const name = 'bench-rows';
const codes: string[] = [];
// tables of up to 6 GB stay on the heap
const { cacheData } = createCache({ name, memory: '8GB', onWarning: ({ code }) => codes.push(code) });
const warned: string[] = [];
const tier = new DiskTier({ name, warn: ({ message, cause }) => warned.push(`${message} ${String(cause)}`) });
const seconds = (count: number) => () => new Measured(count * 1000);
let made: Columns = [];

/** First and later runs; one that the browser cannot keep runs again, after a warning. */
const runs = (millions: number, first: number, later: number) => {
  let ran = 0;
  const table = cacheData(
    async () => {
      ran++;
      return made;
    },
    { name: `table ${millions}`, persist: false },
  );
  return [
    line(`4 columns, ${millions}M rows: first`, {
      rounds: 3,
      perBatch: 1,
      setup: () => void (made = columnsOf(millions * 1e6)),
      contenders: {
        // what is too large for the heap is moved into Blobs before the next one begins
        tabstate: {
          before: () => table.clear(),
          run: async () => sink((await table()).length),
          after: () => table.info(),
        },
        'Streamlit, published': seconds(first),
      },
      teardown: () => table.clear(),
      targets: { 'Streamlit, published': 1 },
    }),
    line(`4 columns, ${millions}M rows: later`, {
      rounds: 3,
      perBatch: 1,
      async setup() {
        if (!made.length) made = columnsOf(millions * 1e6);
        await table();
        await table.info();
        ran = 0;
      },
      contenders: {
        tabstate: { run: async () => sink((await table()).length), after: () => table.info() },
        'Streamlit, published': seconds(later),
      },
      async teardown() {
        const isTold = codes.includes('cache-size');
        codes.length = 0;
        made = [];
        await table.clear();
        if (ran > 0 && !isTold) throw new Error('It was not kept, and nobody was told.');
        if (ran > 0) throw new Error('The browser cannot keep it, and said so: each call ran the function.');
      },
      targets: { 'Streamlit, published': 1 },
    }),
  ];
};

const pieceBytes = 16_000_000;
const afterReload = (millions: number) =>
  line(`4 columns, ${millions}M rows: after reload, with maxSize`, {
    rounds: 3,
    perBatch: 1,
    async setup() {
      made = columnsOf(millions * 1e6);
      const entry = entryOf(made);
      await tier.write('rows', 'key', entry, { maxBytes: entry.bytes });
      for (const [at, { buffer }] of made.entries())
        for (let from = 0; from < buffer.byteLength; from += pieceBytes)
          await rawPutBytes(new Uint8Array(buffer, from, Math.min(pieceBytes, buffer.byteLength - from)), [at, from]);
      made = [];
    },
    contenders: {
      tabstate: async () => {
        const entry = await tier.read('rows', 'key');
        if (!entry?.fresh) throw new Error(`It was not stored, or cannot be read: ${warned.join()}`);
        sink((entry.fresh.value as Columns).length);
      },
      'raw read of 16 MB Blobs': async () => {
        const columns = [0, 1, 2, 3].map(async (at) => {
          const pieces: Blob[] = [];
          for (let from = 0; from < millions * 8e6; from += pieceBytes) pieces.push((await rawGet([at, from])) as Blob);
          return new Float64Array(await new Blob(pieces).arrayBuffer());
        });
        sink((await Promise.all(columns)).length);
      },
    },
    async teardown() {
      await tier.clear({ all: true });
      await tier.sweep();
      (await raw()).transaction('values', 'readwrite').objectStore('values').clear();
    },
    targets: { 'raw read of 16 MB Blobs': 1.1 },
  });

export default suite('cache-rows-limits', [
  ...runs(50, 3, 1),
  afterReload(50),
  ...runs(100, 14, 2),
  ...runs(200, 28, 7),
]);
