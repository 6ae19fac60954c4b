// Any texts as stored entries.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { follow } from '../../src/cache/backing.js';
import { createCacheData } from '../../src/cache/cache-data.js';
import { createState, identitiesOf } from '../../src/cache/cache-state.js';
import { readSnapshot } from '../../src/core/values/snapshot.js';
import { formatEntry, parseEntry } from '../../src/stores/entry-text.js';
import { fromStored } from '../../src/stores/stored-entry.js';
import { noteOf } from '../../src/tiers/tabs.js';
import { fakeDisk } from '../helpers/fake-tier.js';
import {
  damaged,
  expectCleanPrototypes,
  expectNoValue,
  expectQuick,
  hostileText,
  hostileValue,
  longTexts,
  ownFields,
  secret,
} from '../helpers/hostile.js';
import { inputs } from '../helpers/inputs.js';

const values: unknown[] = [
  { a: [1, { b: secret }], d: new Date(0), m: new Map([[1, new Set([2])]]) },
  [new Uint8Array([1, 2, 3]), new RangeError('r'), new URL('https://h/'), Object.assign(new Array(5), { 2: 'x' })],
  JSON.parse('{"__proto__":{"polluted":1},"constructor":1}'),
];
const entry = (value: unknown) =>
  ({ format: 1, value, createdAt: 1, expiresAt: null, staleUntil: null, bytes: 1 }) as const;
const good = fc.constantFrom(...values.map((value) => formatEntry(entry(value)) as string));
const kinds = [
  'Int8Array',
  'DataView',
  'SharedArray',
  'holes',
  'fields',
  'Error',
  'Function',
  'constructor',
  'URLSearchParams',
];
/** Parts as they are written, with other contents. */
const parts = fc.tuple(fc.constantFrom(...kinds), fc.jsonValue({ maxDepth: 2 })).map(([kind, content]) =>
  JSON.stringify({
    json: { ...entry({ kind, content }), value: { kind, content } },
    meta: { values: { value: [['class', 'tabstate-part']] } },
  }),
);

/** What may be done with an entry that was read. */
function use(row: unknown): void {
  const found = fromStored(row);
  if (!found) return;
  readSnapshot(found.snapshot as never);
  if (found.messages) readSnapshot(found.messages);
}

describe('entries that somebody else has stored', () => {
  it('[CAC-146] as text are read, or refused with an error', () => {
    fc.assert(
      fc.property(fc.oneof(damaged(good), parts, hostileText), (text) => {
        let row: unknown;
        try {
          row = parseEntry(text);
          use(row);
        } catch (error) {
          // the tier takes it for missing, whatever it is
          expect(error).toBeInstanceOf(Error);
        }
        expectCleanPrototypes();
      }),
      inputs(2000),
    );
  });

  it('[CAC-146] as rows of a store are read, or refused with an error', () => {
    const row = fc
      .array(
        fc.tuple(
          fc.constantFrom(
            'format',
            'value',
            'createdAt',
            'expiresAt',
            'staleUntil',
            'bytes',
            'tags',
            'messages',
            '__proto__',
          ),
          hostileValue,
        ),
        { maxLength: 4 },
      )
      .map((pairs) => ownFields([...Object.entries(entry(1)), ...pairs]));
    fc.assert(
      fc.property(fc.oneof(hostileValue, row), (value) => {
        try {
          use(value);
        } catch (error) {
          expect((error as Error).name).toMatch(/NotStorable|TypeError|RangeError/);
        }
        expectCleanPrototypes();
      }),
      inputs(1500),
    );
  });

  it.each(longTexts)('[CAC-146] of 200,000 characters are read in linear time: %s', (_, long) => {
    for (const text of [long, `{"json":${long}}`, JSON.stringify({ json: entry(long) })])
      expectQuick(() => {
        try {
          use(parseEntry(text));
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      });
  });
});

describe('messages of somebody else between tabs', () => {
  const names = ['type', 'identity', 'key', 'target', 'notes', 'epoch', '__proto__'];
  const word = fc.oneof(fc.constantFrom<unknown>('set', 'clear', 'f', '1', true), hostileValue);
  const target = fc
    .array(fc.tuple(fc.constantFrom('all', 'tag', 'identity', 'key', '__proto__'), word), { maxLength: 3 })
    .map(ownFields);
  const message = fc.oneof(
    hostileValue,
    fc.array(fc.tuple(fc.constantFrom(...names), fc.oneof(word, target)), { maxLength: 4 }).map(ownFields),
    fc.record({ type: fc.constant('clear'), target }),
  );

  it('[CAC-146] are followed as far as they make sense', async () => {
    const warnings: unknown[] = [];
    const state = createState(1e6, (warning) => warnings.push(warning));
    const disk = fakeDisk();
    let runs = 0;
    const f = createCacheData(state, { openTier: () => disk.tier() })(async (x: number) => [x, ++runs], { name: 'f' });
    await fc.assert(
      fc.asyncProperty(message, async (data) => {
        const note = noteOf(data);
        if (note) follow(identitiesOf(state, 'data'), note);
        expect((await f(1))[0]).toBe(1);
        expectNoValue(warnings);
        expectCleanPrototypes();
      }),
      inputs(1000),
    );
  });
});
