// Options that are wrong, and those that are not.
import { describe, expect, it } from 'vitest';
import { memoryStore } from '../../src/stores/memory-store.js';
import { type Kind, kinds, testCache } from '../helpers/caches.js';

const fn = () => 1;
const pair = [Map, fn];
const duration = /must be seconds, or a text such as '90s', '1h23s' or '1.5 days' \(units: w d h m min s ms\)\.$/;

/** An option, what is wrong for it, what is out of range for it, and what the message says of it. */
type Wrong = [option: string, types: unknown[], ranges: unknown[], must: string | RegExp];

const common: Wrong[] = [
  ['ttl', [true, {}, fn], ['soon', -1, Number.NaN], duration],
  ['maxStale', [true, {}], ['soon', -1], duration],
  ['maxEntries', ['1', true], [0, -1, 1.5], 'must be a positive integer.'],
  ['showSpinner', [1, {}], [], 'must be true, false or a text.'],
  ['showTime', [1, 'true'], [], 'must be true or false.'],
  [
    'hashFuncs',
    [
      ...[5, fn, 'text', {}, new Set([pair])],
      ...[[1], [null], ['ab'], [{ ...pair }], [[Map]], [[1, fn]], [[Map, 1]], [pair, [1, fn]], new Map([[Map, 1]])],
    ],
    [],
    'must be a list of [class, function] pairs or a Map.',
  ],
  ['scope', [5, {}], ['', 'x'], 'must be one of global, session.'],
  ['refreshMode', [5, {}], ['', 'x'], 'must be one of foreground, background.'],
  ['name', [5, '', Symbol('s'), { toString: fn }], [], 'must be a text that is not empty.'],
  ['version', [true, {}], [], 'must be a number or a text.'],
  ['key', [5, 'id'], [], 'must be a function.'],
  ['ignore', [5, 'this', [true], ['a', true]], [[-1], [1.5], ['a', -1]], 'must be a list of positions and names.'],
  ['method', [1], [], 'must be true or false.'],
  ['deps', [[]], [], 'must be a function.'],
  ['staleIfError', [1], [], 'must be true or false.'],
  ['tags', [5, 'a', [1], ['a', 1]], [], 'must be a list of texts or a function.'],
  ['onMessage', [5], [], 'must be a function.'],
  ['validate', [true], [], 'must be a function.'],
];

const ofKind: Record<Kind, Wrong[]> = {
  data: [
    ['persist', [5, {}], ['', 'x'], 'must be one of true, false, indexeddb, disk.'],
    ['maxSize', [true], ['much'], /must be bytes/],
    ['copy', [5, true], ['', 'x'], 'must be one of clone, freeze, share.'],
    ['cacheIf', [true], [], 'must be a function.'],
    ['store', [5, {}], [], 'must be an object with the methods get, set, delete and clear.'],
  ],
  resource: [['onRelease', [true], [], 'must be a function.']],
};

const right: Record<string, unknown[]> = {
  ttl: [0, 5, '1h'],
  maxEntries: [1],
  showSpinner: [true, 'loading'],
  showTime: [true, false],
  hashFuncs: [[], [pair], [['Map', fn]], new Map([[Map, fn]])],
  scope: ['global', 'session'],
  refreshMode: ['foreground'],
  name: ['a'],
  version: [1, 'a', ''],
  ignore: [[0, 'a', 'this']],
  tags: [[], ['a'], fn],
};
const rightOfData: Record<string, unknown[]> = {
  persist: [true, false, 'indexeddb', 'disk'],
  copy: ['clone', 'freeze', 'share'],
  store: [memoryStore()],
};

/** What a call throws. */
function thrown(run: () => unknown): Error | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

describe.each(kinds)('options of a cached function (%s)', (kind) => {
  const call = kind === 'data' ? 'cacheData' : 'cacheResource';
  const { wrap } = testCache({ store: memoryStore() });

  it.each([...common, ...ofKind[kind]])('[CAC-6] %s is checked', (option, types, ranges, must) => {
    for (const [ErrorClass, values] of [
      [TypeError, types],
      [RangeError, ranges],
    ] as const)
      for (const value of values) {
        const error = thrown(() => wrap(kind, fn, { [option]: value }));
        expect(error, String(value)).toBeInstanceOf(ErrorClass);
        // a wrong name is a value, and no label
        expect(error!.message).toMatch(`${call}(fn): \`${option}\` must be `);
        expect(error!.message).toMatch(must);
      }
  });

  it('[CAC-6] takes what is right, and null for all of them', () => {
    const known = [...common, ...ofKind[kind]].map(([option]) => option);
    for (const option of known)
      for (const value of [null, undefined, ...({ ...right, ...(kind === 'data' ? rightOfData : {}) }[option] ?? [])])
        expect(thrown(() => wrap(kind, () => 1, { [option]: value }))).toBeUndefined();
    const error = thrown(() => wrap(kind, () => 1, { x: 1, name: 'load' }));
    expect(error).toBeInstanceOf(TypeError);
    const [what, list] = error!.message.split('. There are ');
    expect(what).toBe(`${call}(load): unknown option "x"`);
    expect(new Set(list!.slice(0, -1).split(', '))).toEqual(new Set(known));
  });

  it('[CAC-100] options that exclude or need each other', () => {
    const messages = [
      { key: fn, ignore: [0] },
      { refreshMode: 'background' },
      { refreshMode: 'background', ttl: 0 },
      { refreshMode: 'background', ttl: Number.POSITIVE_INFINITY },
    ].map((options) => thrown(() => wrap(kind, () => 1, options)));
    for (const error of messages) expect(error).toBeInstanceOf(TypeError);
    expect(messages.map((error) => error!.message)).toEqual([
      `${call}(anonymous): \`key\` and \`ignore\` exclude each other.`,
      ...Array(3).fill(`${call}(anonymous): \`refreshMode: 'background'\` needs a \`ttl\` above 0.`),
    ]);
  });
});
