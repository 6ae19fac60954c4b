/** What somebody else may write into the texts that a page reads, and what must hold then. */
import fc from 'fast-check';
import { afterEach, beforeEach } from 'vitest';

/** Stands in values; no message may show it. */
export const secret = 'S3cr3tValue';

const parts = [
  ...[secret, secret, '', ' ', '=', '&', ';', '; ', ',', '+', '?', '#', '/', '\\', '.', ':', '|', '%'],
  ...[
    '%zz',
    '%E4',
    '%c3%a4',
    '%00',
    '%2',
    '%F0%9F%98%80',
    '%ED%A0%80',
    '"',
    "'",
    '\\u0000',
    '\0',
    '\n',
    '\r',
    '\ud800',
    '\udc00x',
  ],
  ...[
    'é',
    '😀',
    '\u202e',
    '\ufeff',
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    'then',
    'length',
  ],
  ...[
    'null',
    'undefined',
    'NaN',
    'Infinity',
    '-0',
    '1e400',
    '9'.repeat(40),
    '0x10',
    '1.0000001',
    '2026-02-30',
    'true',
    'false',
  ],
  ...[
    '{',
    '}',
    '[',
    ']',
    '[[[[[[',
    '{"a":',
    '{"json":',
    '"meta":{"values":',
    '"referentialEqualities":',
    '"v":1',
    ',',
    '[]',
    '{}',
  ],
  ...[
    '{"__proto__":{"polluted":1}}',
    '{"constructor":{"prototype":{"polluted":1}}}',
    '<script>',
    '<!--',
    ']]>',
    'javascript:',
  ],
];

/** Short texts of pieces that mean something to one parser or another. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.array(fc.constantFrom(...parts), { maxLength: 12 }).map((list) => list.join('')) },
  { weight: 1, arbitrary: fc.string({ maxLength: 40, unit: 'binary' }) },
  { weight: 1, arbitrary: fc.string({ maxLength: 40 }).map((text) => text + secret) },
);

/** A good text, damaged: pieces cut out, said twice, or replaced. */
export const damaged = (good: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(good, fc.array(fc.tuple(fc.nat(), fc.nat(12), fc.constantFrom('', 'twice', ...parts)), { maxLength: 4 }))
    .map(([text, edits]) =>
      edits.reduce((now, [at, length, what]) => {
        const start = now.length > 0 ? at % now.length : 0;
        const piece = now.slice(start, start + length);
        return now.slice(0, start) + (what === 'twice' ? piece + piece : what) + now.slice(start + length);
      }, text),
    );

/** Values as structured clone or JSON may bring them, of any shape. */
export const hostileValue: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom<unknown>(null, undefined, true, 0, -0, 1, -1, 2 ** 53, NaN, Infinity, -Infinity, 1n, '', secret),
    hostileText,
    fc.constantFrom<unknown>(new Date(NaN), new Date(0), /x/, new Uint8Array(3), new ArrayBuffer(2), new Map([[1, 2]])),
    fc.array(tie('value'), { maxLength: 4 }),
    fc
      .array(fc.tuple(fc.oneof(hostileText, fc.constantFrom('__proto__', 'constructor', 'length')), tie('value')), {
        maxLength: 4,
      })
      .map(ownFields),
  ),
}))['value'] as fc.Arbitrary<unknown>;

/** An object with these own fields, whatever their names. */
export function ownFields(pairs: readonly (readonly [string, unknown])[]): object {
  const result = {};
  for (const [key, value] of pairs)
    Object.defineProperty(result, key, { value, writable: true, enumerable: true, configurable: true });
  return result;
}

const prototypes = [Object, Array, Map, Set, String, Function, Error, Promise].map(
  ({ prototype }) => prototype as object,
);
const fieldsOf = (): string => prototypes.map((prototype) => Reflect.ownKeys(prototype).length).join();
const clean = fieldsOf();

/** @throws if anything has grown on a prototype that all objects share */
export function expectCleanPrototypes(): void {
  if (fieldsOf() !== clean || 'polluted' in {}) throw new Error('a prototype was changed');
}

/** Errors and warnings with all that they carry but the stack, which quotes nothing but code. */
const wordsOf = (heard: unknown): string =>
  heard instanceof Error
    ? `${heard.name} ${heard.message} ${wordsOf(heard.cause ?? '')}`
    : typeof heard === 'object' && heard !== null
      ? Object.values(heard).map(wordsOf).join(' ')
      : String(heard);

/** @throws if a message shows a value */
export function expectNoValue(heard: unknown): void {
  if (wordsOf(heard).includes(secret)) throw new Error(`a message shows a value: ${wordsOf(heard)}`);
}

/** What `run` throws, if it is one of these. @throws what else it throws */
export function allowed(run: () => unknown, ...classes: (new (...args: never[]) => Error)[]): void {
  try {
    run();
  } catch (error) {
    if (!classes.some((each) => error instanceof each)) throw error;
    expectNoValue(error);
  }
}

/** Texts as long as a browser hands them over, each made to lead a parser astray: repeated, nested, nearly right. */
export const longTexts: [name: string, text: string][] = [
  ...[
    'a',
    '1',
    '0',
    ' ',
    '%',
    '%41',
    '%E4',
    '=',
    '&',
    ';',
    ',',
    '.',
    '-',
    '"',
    '\\',
    '+',
    '\ud800',
    'é',
    '[',
    '{"a":',
  ].map((piece): [string, string] => [
    `many ${JSON.stringify(piece)}`,
    piece.repeat(Math.ceil(200_000 / piece.length)),
  ]),
  ['a number that ends badly', `${'1'.repeat(200_000)}x`],
  ['a number with zeros inside', `1.${'0'.repeat(200_000)}1`],
  ['a number with a long exponent', `1e${'0'.repeat(200_000)}1x`],
  ['a date with a long fraction', `2026-01-01T00:00:00.${'0'.repeat(200_000)}x`],
  ['spaces before the end', `x${' '.repeat(200_000)}x`],
  ['a list', `[${'0,'.repeat(100_000)}0]`],
  ['deep lists', '['.repeat(100_000) + ']'.repeat(100_000)],
  ['deep objects', '{"a":'.repeat(35_000) + '1' + '}'.repeat(35_000)],
];

/**
 * No parser takes longer for a text of 200,000 characters, however busy the machine is (11 s were seen beside 28 busy
 * processes); in quadratic time it would be half a minute and more where nothing else runs.
 */
export function expectQuick(run: () => void, mostMs = 25_000): void {
  const start = performance.now();
  run();
  const ms = performance.now() - start;
  if (ms > mostMs) throw new Error(`it took ${Math.round(ms)} ms`);
}

/** What a page hears of errors that nobody caught, with where they come from, during each test of the file that calls this. */
export function uncaughtErrors(): string[] {
  const errors: string[] = [];
  const hear = (event: Event): void => {
    const { reason, error = reason, message } = event as ErrorEvent & PromiseRejectionEvent;
    errors.push(`${event.type}: ${message ?? error} ${(error as Error | undefined)?.stack}`);
  };
  beforeEach(() => {
    errors.length = 0;
    addEventListener('error', hear);
    addEventListener('unhandledrejection', hear);
  });
  afterEach(() => {
    removeEventListener('error', hear);
    removeEventListener('unhandledrejection', hear);
  });
  return errors;
}
