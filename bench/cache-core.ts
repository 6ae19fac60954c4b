// The parts of the cache that are pure: keys, copies, snapshots.
import { hashKey } from '@tanstack/query-core';
import { hash as ohash, serialize } from 'ohash';
import { createKeyMaker } from '../src/cache/key/make-key.js';
import { createClassRegistry } from '../src/core/values/class-registry.js';
import { readSnapshot, takeSnapshot } from '../src/core/values/snapshot.js';
import { line, sink, suite } from './harness/suite.js';

const classes = createClassRegistry();
const makeKey = createKeyMaker({ functionName: 'bench', classes });

/** A table such as an API returns, of about this many bytes of JSON. */
function table(bytes: number): object[] {
  const rows: object[] = [];
  const count = Math.max(1, Math.round(bytes / 125));
  for (let id = 0; id < count; id++)
    rows.push({
      id,
      name: `Person ${id}`,
      mail: `person${id}@example.org`,
      active: id % 3 === 0,
      score: id * 1.37,
      tags: ['a', `t${id % 7}`],
      home: { street: `Street ${id}`, number: id % 100 },
    });
  return rows;
}

const small = { id: 7, currency: 'EUR', from: '2026-01-01' };
const values = { small, '1 kB': table(1000), '100 kB': table(100_000), '1 MB': table(1_000_000) };
const numbers = Float64Array.from({ length: 125_000 }, (_, i) => i * 1.1);

const keyLines = (['small', '1 kB', '1 MB'] as const).map((name) => {
  const value = values[name];
  return line(`key of an object, ${name}`, {
    contenders: {
      tabstate: () => sink(makeKey([value])),
      'JSON.stringify': () => sink(JSON.stringify(value)),
      'ohash serialize': () => sink(serialize(value)),
      ohash: () => sink(ohash(value)),
      'query-core hashKey': () => sink(hashKey([value])),
    },
    targets: {
      'JSON.stringify': { small: 3, '1 kB': 4, '1 MB': { chromium: 4, firefox: 6 } }[name] as number,
      'ohash serialize': 1,
      ohash: 1,
    },
  });
});

const copyLines = (Object.keys(values) as (keyof typeof values)[]).map((name) => {
  const value = values[name];
  const snapshot = takeSnapshot(value, { classes });
  return line(`copy of an object, ${name}`, {
    contenders: {
      tabstate: () => sink(readSnapshot(snapshot)),
      structuredClone: () => sink(structuredClone(value)),
      'JSON text parsed': {
        run: (
          (text) => () =>
            sink(JSON.parse(text))
        )(JSON.stringify(value)),
      },
    },
    targets: {
      structuredClone: {
        small: { chromium: 0.25, firefox: 1.2 },
        '1 kB': { chromium: 0.2, firefox: 0.4 },
        '100 kB': { chromium: 0.2, firefox: 0.3 },
        '1 MB': 0.2,
      }[name],
    },
  });
});

const takeLines = (['small', '100 kB', '1 MB'] as const).map((name) => {
  const value = values[name];
  return line(`value checked, measured and copied, ${name}`, {
    contenders: {
      tabstate: () => sink(takeSnapshot(value, { classes })),
      structuredClone: () => sink(structuredClone(value)),
    },
    targets: { structuredClone: 1 },
  });
});

function columns(rows: number) {
  const make = () => new Float64Array(rows).map((_, i) => i);
  let data: Record<string, Float64Array> = {};
  let snapshot = takeSnapshot(null, { classes });
  const slices = () => sink(Object.values(data).map((column) => column.slice()));
  // the copy that is kept and the one that is handed out, without a library
  const slicesTwice = () => sink([1, 2].map(() => Object.values(data).map((column) => column.slice())));
  const setup = () => {
    data = { a: make(), b: make(), c: make(), d: make() };
    snapshot = takeSnapshot(data, { classes });
  };
  const teardown = () => {
    data = {};
    snapshot = takeSnapshot(null, { classes });
  };
  const common = { setup, teardown, perBatch: 1, rounds: rows > 1e6 ? 7 : 21 };
  return [
    line(`4 columns of ${rows / 1e6} million rows, first`, {
      ...common,
      contenders: {
        tabstate: () => sink(readSnapshot(takeSnapshot(data, { classes }))),
        slices,
        'slices, twice': slicesTwice,
      },
      targets: { slices: rows > 1e6 ? 2.4 : 2.2 },
    }),
    line(`4 columns of ${rows / 1e6} million rows, later`, {
      ...common,
      contenders: { tabstate: () => sink(readSnapshot(snapshot)), slices },
      targets: { slices: { chromium: 1.15, firefox: rows > 1e6 ? 3.2 : 1.15 } },
    }),
  ];
}

export default suite('cache-core', [
  ...keyLines,
  line('key of a Float64Array, 1 MB', {
    contenders: { tabstate: () => sink(makeKey([numbers])), 'JSON.stringify': () => sink(JSON.stringify(numbers)) },
    targets: { 'JSON.stringify': 0.05 },
  }),
  line('key of one text', {
    contenders: { tabstate: () => sink(makeKey(['EUR'])), 'JSON.stringify': () => sink(JSON.stringify(['EUR'])) },
    targets: { 'JSON.stringify': 3 },
  }),
  ...copyLines,
  ...takeLines,
  ...columns(1e6),
  ...columns(1e7),
]);
