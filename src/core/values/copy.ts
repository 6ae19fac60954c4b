// Copies of checked data, by hand where that is faster than structured clone.
import { eachObject, sliceArray, sliceBuffer } from './array-copy.js';
import { builtinClassOf, globalOf, isErrorClass } from './builtin-class.js';

type Constructor = new (...args: unknown[]) => object;

/** Objects of the platform that structured clone carries, in memory and into IndexedDB. */
export const isClonable = (name: string): boolean =>
  /^(?:Date|RegExp|Number|String|Boolean|BigInt|Blob|File|FileList|ImageData|CryptoKey|DOMException|DOM(?:Point|Rect|Matrix)(?:ReadOnly)?|DOMQuad|FileSystem(?:File|Directory)Handle)$/.test(
    name,
  );

const nothing = (): void => {};
const atOnce: Turns = (fill) => fill?.();

/** A copy of checked data in which no object stands twice. */
export function copyTree(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    if (value.length >= 1e6) return copyLong(value);
    const result = value.slice();
    for (let i = 0; i < result.length; i++) {
      const member = result[i];
      if (typeof member === 'object' && member !== null) result[i] = copyTree(member);
    }
    return result;
  }
  if (Object.getPrototypeOf(value) === Object.prototype) {
    // a spread copies a whole shape at once, and own keys such as __proto__ as they are
    const result = { ...value } as Record<string, unknown>;
    for (const key in result) {
      const member = result[key];
      if (typeof member === 'object' && member !== null) result[key] = copyTree(member);
    }
    return result;
  }
  return copyOther(value, copyTree, nothing, atOnce);
}

/** It may be sparse. */
function copyLong(value: readonly unknown[]): unknown[] {
  const result = sliceArray(value);
  eachObject(result, (member, i) => {
    result[i] = copyTree(member);
  });
  return result;
}

/** Puts something else in place of an object; `hold` says what before its parts are copied. */
export type Replace = (
  value: object,
  copy: (member: unknown) => unknown,
  hold: (place: object) => void,
) => object | undefined;

/**
 * A copy of checked data with the same cycles and shared references.
 *
 * @param copies - may say beforehand what becomes of an object
 */
export function copyGraph(value: unknown, copies: Map<object, unknown> = new Map(), replace?: Replace): unknown {
  const inTurn = createTurns();
  const copy = (member: unknown): unknown => {
    if (typeof member !== 'object' || member === null) return member;
    const known = copies.get(member);
    if (known !== undefined) return known;
    const remember = (result: object): void => {
      copies.set(member, result);
    };
    const place = replace?.(member, copy, remember);
    if (place) return place;
    if (Array.isArray(member)) {
      const result = sliceArray(member);
      remember(result);
      inTurn(() => {
        eachObject(result, (item, i) => {
          result[i] = copy(item);
        });
      });
      return result;
    }
    const prototype: unknown = Object.getPrototypeOf(member);
    if (prototype === Object.prototype || prototype === null) {
      const result = { ...member } as Record<string, unknown>;
      remember(result);
      inTurn(() => {
        for (const key of Object.keys(result)) result[key] = copy(result[key]);
      });
      return result;
    }
    return copyOther(member, copy, remember, inTurn);
  };
  const result = copy(value);
  inTurn();
  return result;
}

/** Runs what fills a part; without it, what was put off. */
export type Turns = (fill?: () => void) => void;

/** From so many levels on, parts are filled later, so that the stack does not overflow. */
export const maxDepth = 500;

function createTurns(): Turns {
  const later: (() => void)[] = [];
  let depth = 0;
  return (fill) => {
    if (!fill) for (let run = later.pop(); run; run = later.pop()) run();
    else if (depth >= maxDepth) later.push(fill);
    else {
      depth++;
      fill();
      depth--;
    }
  };
}

/** An object that is neither an array nor a plain object. `remember` gets the copy before its members are copied. */
function copyOther(
  value: object,
  copy: (member: unknown) => unknown,
  remember: (result: object) => void,
  inTurn: Turns,
): object {
  const prototype = Object.getPrototypeOf(value) as object;
  const name = builtinClassOf(prototype);
  const make = <T extends object>(...args: unknown[]): T => {
    const result = new (globalOf<Constructor>(name)!)(...args) as T;
    remember(result);
    return result;
  };
  if (ArrayBuffer.isView(value)) {
    const buffer = copy(value.buffer);
    return make(buffer, value.byteOffset, (value as { length?: number }).length ?? value.byteLength);
  }
  switch (name) {
    case 'Map': {
      const result = make<Map<unknown, unknown>>();
      inTurn(() => {
        for (const [key, member] of value as Map<unknown, unknown>) result.set(copy(key), copy(member));
      });
      return result;
    }
    case 'Set': {
      const result = make<Set<unknown>>();
      inTurn(() => {
        for (const member of value as Set<unknown>) result.add(copy(member));
      });
      return result;
    }
    case 'ArrayBuffer': {
      const result = sliceBuffer(value as ArrayBuffer);
      remember(result);
      return result;
    }
    case 'Date':
      return make((value as Date).getTime());
    case 'RegExp':
      return make((value as RegExp).source, (value as RegExp).flags);
    case 'URL':
    case 'URLSearchParams':
      return make(String(value));
    case 'Object':
    case '': {
      // of another realm, or an instance of a registered class
      const result = Object.create(prototype) as Record<string, unknown>;
      remember(result);
      inTurn(() => {
        for (const key of Object.keys(value)) defineField(result, key, copy((value as Record<string, unknown>)[key]));
      });
      return result;
    }
  }
  if (isErrorClass(name)) {
    // the first parameter of AggregateError is its list
    const result = make<Error>([]);
    inTurn(() => copyError(value, result, copy));
    return result;
  }
  let result: object;
  if (name.startsWith('Temporal.')) {
    const Class = globalOf<Record<string, { from(value: unknown): object }>>('Temporal')![name.slice(9)] as {
      from?: (value: unknown) => object;
    };
    // values that cannot change
    result = Class.from?.(value) ?? value;
  } else result = globalOf<(value: unknown) => object>('structuredClone')!(value);
  remember(result);
  return result;
}

/** What an error carries, as it stands on a built-in one. */
export const errorFields: readonly string[] = ['name', 'message', 'stack', 'cause', 'errors'];

/** Own fields of `source`, written over those of `target`; not enumerable, as `new` makes them. */
export function copyError(
  source: object,
  target: object,
  copy: (member: unknown, key: string) => unknown,
  enumerable = false,
): void {
  const from = source as Record<string, unknown>;
  for (const key of errorFields) {
    const isOwn = Object.hasOwn(source, key);
    // Firefox has the stack on the prototype
    if (isOwn || (key === 'stack' && typeof from[key] === 'string'))
      Object.defineProperty(target, key, {
        value: copy(from[key], key),
        enumerable,
        writable: true,
        configurable: true,
      });
    else if (Object.hasOwn(target, key)) delete (target as Record<string, unknown>)[key];
  }
}

/** Own, whatever setters the prototype has. */
export function defineField(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}
