// Values of every kind, for properties.
import fc from 'fast-check';

const few = <T>(...values: T[]) => fc.constantFrom(...values);

/** Texts that meet often, and texts that imitate what a writer of keys or paths might write. */
export const texts = fc.oneof(
  few(
    '',
    'a',
    'b',
    '1',
    'a,b',
    '"',
    '\\',
    '\u0000',
    '\ud800',
    '^1',
    '~1',
    '[1]',
    '{"a":1}',
    'undefined',
    'NaN',
    '1n',
    'Date(0)',
    '#1.0',
  ),
  fc.string({ unit: 'binary', maxLength: 3 }),
);
export const names = few('a', 'b', '1', '', '__proto__', 'constructor', 'toJSON', 'a":1,"b');

export const primitives = fc.oneof(
  texts,
  few(0, -0, 1, -1, 1.5, NaN, Infinity, -Infinity, 1e21),
  few(0n, 1n, -1n, 2n ** 70n),
  few(true, false, null, undefined),
  fc.double(),
);

const bytes = fc.array(few(0, 1, 255), { maxLength: 16 }).map((list) => new Uint8Array(list));
const views = fc
  .tuple(
    bytes,
    few(
      'Uint8Array',
      'Int8Array',
      'Uint16Array',
      'Int32Array',
      'Float32Array',
      'Float64Array',
      'BigInt64Array',
      'Uint8ClampedArray',
      'DataView',
      'ArrayBuffer',
    ),
    few(0, 8),
  )
  .map(([content, kind, offset]) => {
    // rounded to whole members; in a larger buffer half of the time
    const length = Math.floor(content.length / 8) * 8;
    const buffer = new ArrayBuffer(offset + length + offset);
    new Uint8Array(buffer).set(content.subarray(0, length), offset);
    if (kind === 'ArrayBuffer') return buffer.slice(offset, offset + length);
    const View = (globalThis as any)[kind];
    return kind === 'DataView'
      ? new DataView(buffer, offset, length)
      : new View(buffer, offset, length / View.BYTES_PER_ELEMENT);
  });

/** Objects without parts that both keys and stores know. */
export const leaves = fc.oneof(
  few(0, 1, NaN).map((time) => new Date(time)),
  fc.tuple(few('a', 'b', 'a\\/'), few('', 'g', 'gi')).map(([source, flags]) => new RegExp(source, flags)),
  few('http://a/', 'http://a/?b=1').map((href) => new URL(href)),
  few('a=1', 'a=1&a=1', '').map((query) => new URLSearchParams(query)),
  few<unknown>(1, 0, 'a', '', true, 1n).map((value) => Object(value) as object),
  fc.tuple(few(Error, TypeError, RangeError), few('', 'a')).map(([Class, message]) => new Class(message)),
  views,
);

export function object(entries: readonly (readonly [string, unknown])[], hasPrototype = true): object {
  const result = hasPrototype ? {} : Object.create(null);
  for (const [name, value] of entries)
    Object.defineProperty(result, name, { value, writable: true, enumerable: true, configurable: true });
  return result;
}

/** Values of every kind, small, so that equal ones meet. */
export const values: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof({ depthSize: 'small', withCrossShrink: true }, primitives, leaves, tie('container')),
  container: fc.oneof(
    fc.array(tie('value'), { maxLength: 3 }),
    fc.array(fc.option(tie('value'), { nil: undefined }), { maxLength: 3 }).map((list) => {
      // holes
      const result: unknown[] = new Array(list.length);
      list.forEach((value, i) => {
        if (value !== undefined) result[i] = value;
      });
      return result;
    }),
    fc
      .tuple(fc.uniqueArray(fc.tuple(names, tie('value')), { selector: ([name]) => name, maxLength: 3 }), fc.boolean())
      .map(([entries, has]) => object(entries, has)),
    fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 3 }).map((entries) => new Map(entries)),
    fc.array(tie('value'), { maxLength: 3 }).map((list) => new Set(list)),
  ),
})).value;

/** Values in which parts stand twice and cycles close: some places are filled again with parts of the same value. */
export const graphs: fc.Arbitrary<unknown> = fc
  .tuple(values, fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 3 }))
  .map(([value, links]) => {
    const objects: object[] = [];
    const visit = (part: unknown): void => {
      if (typeof part !== 'object' || part === null || objects.includes(part)) return;
      objects.push(part);
      if (part instanceof Map) for (const pair of part) pair.forEach(visit);
      else if (part instanceof Set) part.forEach(visit);
      else if (Array.isArray(part)) part.forEach(visit);
      else if (isPlain(part)) Object.values(part).forEach(visit);
    };
    visit(value);
    for (const [from, to] of links) {
      const holders = objects.filter((part) => Array.isArray(part) || isPlain(part) || part instanceof Map);
      const holder = holders[from % holders.length];
      const target = objects[to % objects.length];
      if (Array.isArray(holder)) holder.push(target);
      else if (holder instanceof Map) holder.set('link', target);
      else if (holder) Object.assign(holder, { link: target });
    }
    return value;
  });

const isPlain = (value: object): boolean => [Object.prototype, null].includes(Object.getPrototypeOf(value));
