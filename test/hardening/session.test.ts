// Any texts in sessionStorage.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  damaged,
  expectCleanPrototypes,
  expectNoValue,
  expectQuick,
  hostileText,
  longTexts,
  secret,
} from '../helpers/hostile.js';
import { inputs } from '../helpers/inputs.js';
import { FakeStorage, fresh } from '../helpers/session.js';

/** Type marks of superjson, right and wrong ones, and paths that lead elsewhere. */
const mark = fc.oneof(
  fc.constantFrom<unknown>('Date', 'map', 'set', 'regexp', 'bigint', 'undefined', 'number', 'URL', 'Error', 'nothing'),
  fc.constantFrom<unknown>(['class', 'constructor'], ['class', 'Point'], ['symbol', 'x'], ['typed-array', 'Int8Array']),
  fc.constantFrom<unknown>(['typed-array', 'Function'], ['custom', 'Temporal.Now'], ['custom', 'Temporal.constructor']),
  fc.constantFrom<unknown>(null, 1, {}, [], ['typed-array'], { a: ['Date'] }),
);
const path = fc.constantFrom(
  'a',
  'b',
  'a.0',
  '0',
  '',
  '__proto__',
  'constructor.prototype',
  'a.constructor',
  'toString',
  'a\\.b',
  '.',
);
const marks = fc
  .array(fc.tuple(path, fc.array(mark, { minLength: 1, maxLength: 2 })), { maxLength: 3 })
  .map(Object.fromEntries);
const json = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.record({ a: fc.jsonValue({ maxDepth: 2 }), b: fc.constantFrom(secret, '2026-02-30', '9', [[1, 2]], ['x'], null) }),
);
const payload = fc.record(
  {
    json,
    version: fc.constantFrom<unknown>(1, 'x', null, -1),
    meta: fc.record(
      {
        values: fc.oneof(marks, mark, fc.array(mark, { maxLength: 2 })),
        referentialEqualities: fc.oneof(
          fc.array(fc.tuple(path, fc.array(path, { maxLength: 2 })), { maxLength: 2 }).map(Object.fromEntries),
          fc.array(fc.array(path, { maxLength: 2 }), { maxLength: 2 }),
          mark,
        ),
        v: fc.constantFrom<unknown>(1, 0, '1'),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: ['json'] },
);
const text = fc.oneof(
  { weight: 4, arbitrary: payload.map((value) => JSON.stringify(value)) },
  { weight: 3, arbitrary: damaged(payload.map((value) => JSON.stringify(value))) },
  { weight: 1, arbitrary: hostileText },
  { weight: 1, arbitrary: hostileText.map((part) => `{"json":${part}}`) },
);

// messages name keys
const key = fc.oneof(fc.constant('k'), hostileText).map((name) => name.replaceAll(secret, 'k'));

/** Whatever stands in storage, the state reads, writes and tells. */
async function use(texts: ReadonlyMap<string, string>): Promise<void> {
  const { s, put, warnings } = fresh({ area: new FakeStorage() });
  for (const [name, stored] of texts) put(name, stored);
  put('good', '{"json":1}');
  for (const name of texts.keys()) {
    const value = s.get(name);
    const isTroubled = warnings.some((warning) => warning.key === name);
    expect([name, s.has(name), isTroubled && value !== undefined]).toEqual([name, !isTroubled, false]);
    s.set('good', { value });
  }
  s.flush();
  expect([...s].length).toBeGreaterThan(0);
  s.toDict();
  const told: unknown[] = [];
  for (const name of texts.keys()) {
    s.subscribe(name, (now) => told.push(now));
    s.set(name, 'mine');
    expect([s.get(name), told.at(-1)]).toEqual(['mine', 'mine']);
  }
  s.clear();
  s.flush();
  expectNoValue(warnings);
  expectCleanPrototypes();
}

/** So many keys in one state, which lives as long as the page. */
const atOnce = 20;

describe('what somebody else has written into the storage of sessionState', () => {
  it('[SES-54][SES-35] is a value or missing, never an error', async () => {
    const texts = fc
      .array(fc.tuple(key, text), { minLength: atOnce / 2, maxLength: atOnce, size: 'max' })
      .map((pairs) => new Map(pairs.filter(([name]) => name !== 'good')));
    const { numRuns } = inputs(1500);
    await fc.assert(fc.asyncProperty(texts, use), { numRuns: Math.ceil(numRuns / atOnce) });
  });

  it.each(['1000000000', '"1000000000"', '{"length":1000000000}', 'null', 'true'])(
    '[SES-54] a view of %s is missing, at once',
    (json) => {
      const view = '["typed-array","Float64Array"]';
      const stored = [
        `{"json":${json},"meta":{"values":[${view}]}}`,
        `{"json":{"a.b":[${json}]},"meta":{"values":{"a\\\\.b.0":[${view}]},"v":1}}`,
        `{"json":[[1,${json}]],"meta":{"values":["map",{"0.1":[${view}]}]}}`,
      ];
      const { s, put, codes } = fresh({ area: new FakeStorage() });
      for (const [i, each] of stored.entries()) put(`k${i}`, each);
      expectQuick(
        () => expect([s.get('k0'), s.get('k1'), s.get('k2')]).toEqual([undefined, undefined, undefined]),
        5000,
      );
      expect(codes()).toEqual(Array(3).fill('storage-corrupt'));
    },
  );

  it('[SES-54] types that are no tree are missing, at once and without much memory', () => {
    const types = ['"Date"', '["Date","set"]', '{"a":"Date"}', '["map",{"a":"x"}]', '5', '[["Date"],"x"]'];
    const { s, put, codes } = fresh({ area: new FakeStorage() });
    for (let i = 0; i < 60; i++) put(`k${i}`, `{"json":{"a":"x"},"meta":{"values":${types[i % types.length]}}}`);
    expectQuick(() => {
      for (let i = 0; i < 60; i++) expect(s.get(`k${i}`)).toBeUndefined();
    }, 5000);
    expect(codes()).toEqual(Array(60).fill('storage-corrupt'));
  });

  it.each(longTexts)('[SES-54] of 200,000 characters takes linear time: %s', async (_, long) => {
    const quoted = JSON.stringify(long);
    const stored = [
      long,
      `{"json":${long}}`,
      `{"json":${quoted}}`,
      `{"json":{"a":1},"meta":{"values":{${quoted}:["Date"]}}}`,
    ];
    let done: Promise<void> | undefined;
    expectQuick(() => {
      done = use(new Map(stored.map((each, i) => [`k${i}`, each])));
    });
    await done;
  });
});
