// Values that only a browser has, as keys and as results.
import { describe, expect, it } from 'vitest';
import { createKeyMaker } from '../../src/cache/key/make-key.js';
import { createClassRegistry } from '../../src/core/values/class-registry.js';
import { NotStorable, readSnapshot, takeSnapshot } from '../../src/core/values/snapshot.js';
import { fromRecord, type SnapshotRecord, toRecord } from '../../src/core/values/snapshot-record.js';
import { UnhashableParamError } from '../../src/errors.js';
import { foreignRealm } from '../helpers/foreign.js';
import { differences } from '../helpers/same-shape.js';

const classes = createClassRegistry();
const key = (...args: unknown[]) => createKeyMaker({ functionName: 'f', classes })(args);
const copy = (value: unknown): any => readSnapshot(takeSnapshot(value, { classes }));
const evaluate = await foreignRealm();
/** Evaluated in an iframe, which has classes of its own. */
const foreign = (code: string): any => evaluate(`(${code})`);

/** Written to a database and read again. */
async function throughDatabase(value: unknown): Promise<unknown> {
  const done = <T>(request: IDBRequest<T>) =>
    new Promise<T>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const opening = indexedDB.open('platform-values', 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore('values');
  const db = await done(opening);
  try {
    const store = () => db.transaction('values', 'readwrite').objectStore('values');
    await done(store().put(value, 'k'));
    return await done(store().get('k'));
  } finally {
    db.close();
  }
}

const sources = [
  '{ a: [1, { b: 2 }] }',
  '[1, , 2]',
  'new Map([["a", new Set([1])]])',
  'new Date(5)',
  '/a/gi',
  'new Uint8Array([1, 2])',
  'new Uint8Array([1, 2]).buffer',
  'new DataView(new ArrayBuffer(2))',
  'new RangeError("m")',
  'new URL("http://a/b")',
  'new URLSearchParams("a=1")',
  'Object(1)',
  'Object.create(null)',
];

describe('objects of another realm', () => {
  it('[CAC-52] count like those of this one', () => {
    for (const source of sources) {
      // biome-ignore lint/security/noGlobalEval: the same text in both realms
      expect(key(foreign(source)), source).toBe(key((0, eval)(`(${source})`)));
    }
    expect(key(foreign('new AbortController().signal'))).toBe(key());
    const ignoring = createKeyMaker({ functionName: 'f', classes, ignore: ['b'] });
    expect(ignoring([foreign('{ a: 1, b: 2 }')])).toBe(ignoring([{ a: 1 }]));
    expect(key({ a: foreign('new AbortController().signal') })).toBe(key({}));
    for (const source of [
      'new (class Shop {})()',
      '() => 1',
      'Promise.resolve()',
      'document',
      'window',
      'new (class Table extends Map {})()',
    ])
      expect(() => key(foreign(source)), source).toThrow(UnhashableParamError);
  });

  it('[CAC-21] are copied into objects of this one', () => {
    for (const source of sources) {
      // biome-ignore lint/security/noGlobalEval: the same text in both realms
      const own = (0, eval)(`(${source})`) as object;
      const again = copy(foreign(source));
      expect(Object.prototype.toString.call(again), source).toBe(Object.prototype.toString.call(own));
      const prototype = Object.getPrototypeOf(own) ?? Object.prototype;
      expect(Object.getPrototypeOf(again) === prototype, source).toBe(true);
      expect(key(again)).toBe(key(own));
    }
  });
});

describe('objects of the platform', () => {
  it('[CAC-58] that live are no part of a key', () => {
    const live: [unknown, RegExp][] = [
      [document.createElement('div'), /^HTMLDivElement$/],
      [document, /^(HTML)?Document$/],
      [window, /^Window$/],
      [new Request('/'), /^Request$/],
      [new Response(), /^Response$/],
      [new Headers(), /^Headers$/],
      [new FormData(), /^FormData$/],
      [new ReadableStream(), /^ReadableStream$/],
      [document.body.childNodes, /^NodeList$/],
      [new Blob([]), /^Blob$/],
      [new Event('x'), /^Event$/],
      [new MessageChannel().port1, /^MessagePort$/],
      [foreign('window'), /^Window$/],
      [indexedDB, /^IDBFactory$/],
    ];
    for (const [value, typeName] of live) {
      const seen: UnhashableParamError[] = [];
      for (const run of [() => key(value), () => key({ deep: [value] })])
        try {
          run();
        } catch (error) {
          seen.push(error as UnhashableParamError);
        }
      expect(seen.map(({ path }) => path)).toEqual(['', 'deep[0]']);
      for (const error of seen) {
        expect(error).toBeInstanceOf(UnhashableParamError);
        expect(error.typeName).toMatch(typeName);
      }
    }
  });

  it('[CAC-26] that live are not stored', () => {
    for (const value of [
      document.createElement('div'),
      window,
      new Request('/'),
      new FormData(),
      new Event('x'),
      new MessageChannel().port1,
      foreign('window'),
    ]) {
      expect(() => takeSnapshot(value, { classes })).toThrow(expect.any(NotStorable));
      expect(() => takeSnapshot({ a: value }, { classes })).toThrow(expect.objectContaining({ path: 'a' }));
    }
  });

  it('[CAC-22] that hold data are copied', async () => {
    const image = new ImageData(new Uint8ClampedArray([1, 2, 3, 4]), 1, 1);
    const { publicKey } = crypto.subtle
      ? ((await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
          'sign',
          'verify',
        ])) as CryptoKeyPair)
      : { publicKey: undefined };
    const again = copy({
      image,
      publicKey,
      rect: new DOMRect(1, 2, 3, 4),
      failure: new DOMException('m', 'AbortError'),
    });
    expect(again.image).toBeInstanceOf(ImageData);
    expect(Array.from(again.image.data)).toEqual([1, 2, 3, 4]);
    expect(again.image.data).not.toBe(image.data);
    if (publicKey) expect(again.publicKey).toBeInstanceOf(CryptoKey);
    expect(again.rect).toMatchObject({ x: 1, y: 2, width: 3, height: 4 });
    expect(again.failure).toMatchObject({ name: 'AbortError', message: 'm' });
    expect(again.failure).toBeInstanceOf(DOMException);
  });
});

describe('IndexedDB', () => {
  it('[CAC-21][CAC-22][CAC-23][CAC-24] gives back what was written', async () => {
    class Cart {
      items: unknown[] = [];
    }
    classes.register(Cart, 'platform-values Cart');
    const date = new Date(5);
    const shared = { date, list: [date, /a/g] };
    const value: Record<string, unknown> = {
      shared,
      again: shared,
      error: new TypeError('m', { cause: { inner: new RangeError('n', { cause: 'text' }) } }),
      cart: Object.assign(new Cart(), { items: [new Float64Array([1, NaN, -0]), new URL('http://a/?b')] }),
      map: new Map<unknown, unknown>([[{ k: 1 }, new Set([1n, null, undefined])]]),
      // biome-ignore lint/suspicious/noSparseArray: holes are what is tested
      sparse: [1, , 2],
      large: new Uint32Array(300_000).fill(7),
      odd: JSON.parse('{"__proto__":{"a":1},"constructor":2,"toJSON":3}'),
    };
    value['self'] = value;
    const snapshot = takeSnapshot(value, { classes });
    const record = (await throughDatabase(toRecord(snapshot, { classes }))) as SnapshotRecord;
    const result = readSnapshot(fromRecord(record, { classes }));
    expect(differences(value, result)).toEqual([]);
  });
});
