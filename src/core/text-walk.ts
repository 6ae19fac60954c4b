import type { ClassRegistry } from './class-registry.js';

/** `safe`: `JSON.stringify` keeps it. `rich`: superjson keeps it. */
export type TextKind = 'safe' | 'rich';

/** The part of a value that no text can keep. */
export interface Unstorable {
  /** From the value on, such as `.a.b[2]`; keys of Maps are data and never shown. `''` is the value itself. */
  readonly path: string;
  readonly typeName: string;
}

const isSafe = 0;
const isRich = 1;
const isBad = 2;
type Verdict = typeof isSafe | typeof isRich | typeof isBad;

/** What superjson knows beside plain objects, arrays and primitives, by the prototype: subclasses would lose their class. */
const builtIns = new Map<object | undefined, 'Date' | 'Map' | 'Set' | 'whole' | 'floats'>([
  [Date.prototype, 'Date'],
  [RegExp.prototype, 'whole'],
  [Map.prototype, 'Map'],
  [Set.prototype, 'Set'],
  [Float32Array.prototype, 'floats'],
  [Float64Array.prototype, 'floats'],
]);
for (const { prototype } of [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
])
  builtIns.set(prototype, 'whole');

/** What every engine gives its errors; any other own property would be lost. */
const errorFields = /^(name|message|cause|stack|fileName|lineNumber|columnNumber|line|column|sourceURL)$/;

/** `.name`, or `["a name"]` where the dot would mislead. */
const step = (name: string): string =>
  /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;

const fewLength = 12;
const arrayPrototype = Array.prototype;
const objectPrototype = Object.prototype;

/** Of what is no object: whether JSON keeps it. */
const isSafeLeaf = (value: unknown): boolean =>
  typeof value === 'string' ||
  (typeof value === 'number' ? value - value === 0 && (value !== 0 || 1 / value > 0) : typeof value === 'boolean');

/** Whether this is the `Object.prototype` of another frame. */
const isForeignBase = (prototype: object | null): boolean =>
  prototype !== null && Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'hasOwnProperty');

/** How a value's type is called in messages. */
function typeNameOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return typeof value;
  const name = typeof value.constructor === 'function' ? value.constructor.name : '';
  // such as an iterator, whose constructor says nothing
  return name === '' || name === 'Object' ? Object.prototype.toString.call(value).slice(8, -1) : name;
}

/** The Temporal class of this value, such as `Temporal.PlainDate`, where the engine has Temporal. */
export function temporalName(value: object): string | undefined {
  const { Temporal } = globalThis as { Temporal?: Record<string, { prototype: object }> };
  const name = Temporal && (value as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag];
  return typeof name === 'string' && Temporal?.[name.slice(9)]?.prototype === Object.getPrototypeOf(value)
    ? name
    : undefined;
}

/**
 * Sorts values into those that `JSON.stringify` keeps, those that superjson keeps and those that no text keeps.
 * superjson loses most of the last kind silently, so that nothing reaches it before this walk has seen it.
 *
 * @param classes - whose instances count as storable
 * @param onTemporal - called for every Temporal value that is met
 */
export function createTextWalk(
  classes: Pick<ClassRegistry, 'identifierOf'>,
  onTemporal: () => void = () => {},
): (value: unknown) => TextKind | Unstorable {
  // most values hold few objects: a short list is faster than a Set, which starts beyond it
  const few: (object | undefined)[] = new Array(fewLength).fill(undefined);
  let count = 0;
  let many: Set<object> | undefined;
  let path = '';
  let typeName = '';
  // superjson refuses own properties called constructor and prototype
  let isStrict = false;
  let hasReserved = false;
  // properties are read under guard, to find the one that throws
  let isGuarded = false;

  function isFirst(value: object): boolean {
    if (many) {
      const known = many.size;
      return many.add(value).size > known;
    }
    for (let i = 0; i < count; i++) if (few[i] === value) return false;
    few[count++] = value;
    if (count === fewLength) many = new Set(few as object[]);
    return true;
  }
  function forget(): void {
    for (let i = 0; i < count; i++) few[i] = undefined;
    count = 0;
    many = undefined;
  }

  /** The common case, as fast as can be: a tree that `JSON.stringify` keeps. */
  function isTree(value: object): boolean {
    if (!isFirst(value)) return false;
    const prototype = Object.getPrototypeOf(value);
    if (prototype === arrayPrototype) {
      const list = value as unknown[];
      for (let i = 0; i < list.length; i++) {
        const item = list[i];
        if (typeof item === 'object') {
          if (item !== null && !isTree(item)) return false;
        } else if (!isSafeLeaf(item)) return false;
      }
      return true;
    }
    if (prototype !== objectPrototype && prototype !== null) return false;
    // faster than a list of names; inherited ones are looked for below
    for (const name in value) {
      if (name === '__proto__') return false;
      const item = (value as Record<string, unknown>)[name];
      if (typeof item === 'object') {
        if (item !== null && !isTree(item)) return false;
      } else if (!isSafeLeaf(item)) return false;
    }
    return true;
  }

  const bad = (name: string): typeof isBad => {
    path = '';
    typeName = name;
    return isBad;
  };
  /** The step is added on the way back, so that a path costs nothing while all is well. */
  const below = (where: string): typeof isBad => {
    path = where + path;
    return isBad;
  };

  function each(items: Iterable<unknown>, where: (i: number) => string): Verdict {
    let i = 0;
    for (const item of items) {
      if (walk(item) === isBad) return below(where(i));
      i++;
    }
    return isRich;
  }

  function fields(value: Record<string, unknown>, verdict: Verdict): Verdict {
    for (const name of Object.keys(value)) {
      if (name === '__proto__' || name === 'constructor' || name === 'prototype') {
        if (isStrict || name === '__proto__') {
          bad('own property of this name');
          return below(step(name));
        }
        hasReserved = true;
      }
      let item: unknown;
      if (isGuarded)
        try {
          item = value[name];
        } catch {
          // the getter's error is not ours to show: it may quote the value
          bad('getter that throws');
          return below(step(name));
        }
      else item = value[name];
      const found = walk(item);
      if (found === isBad) return below(step(name));
      if (found > verdict) verdict = found;
    }
    return verdict;
  }

  function other(value: object, prototype: object | null): Verdict {
    const kind = builtIns.get(prototype as object);
    // superjson does not look inside such an object
    if (!kind && !isStrict && isForeignBase(prototype)) {
      hasReserved = true;
      return fields(value as Record<string, unknown>, isSafe);
    }
    if (kind === 'Date') return Number.isNaN((value as Date).getTime()) ? bad('invalid Date') : isRich;
    if (kind === 'Map') {
      const map = value as Map<unknown, unknown>;
      return each(map.keys(), (i) => `.keys[${i}]`) === isBad ? isBad : each(map.values(), (i) => `.values[${i}]`);
    }
    if (kind === 'Set') return each(value as Set<unknown>, (i) => `.items[${i}]`);
    if (kind === 'floats') {
      for (const number of value as Float64Array)
        if (!Number.isFinite(number) || Object.is(number, -0))
          return bad(`${typeNameOf(value)} with NaN, Infinity or -0`);
      return isRich;
    }
    if (kind) return isRich;
    const { URL } = globalThis as { URL?: { prototype: object } };
    if (prototype === URL?.prototype) return isRich;
    if (value instanceof Error) {
      if (!Object.getOwnPropertyNames(value).every((name) => errorFields.test(name)) || classes.identifierOf(value))
        return bad(`${typeNameOf(value)} with own fields`);
      if (walk(value.name) === isBad) return below('.name');
      if (walk(value.message) === isBad) return below('.message');
      return walk(value.cause) === isBad ? below('.cause') : isRich;
    }
    if (
      classes.identifierOf(value) &&
      !(
        Array.isArray(value) ||
        value instanceof Map ||
        value instanceof Set ||
        value instanceof Date ||
        value instanceof Promise
      )
    )
      return fields(value as Record<string, unknown>, isRich);
    if (!temporalName(value)) return bad(typeNameOf(value));
    onTemporal();
    return isRich;
  }

  function walk(value: unknown): Verdict {
    if (typeof value !== 'object') {
      if (isSafeLeaf(value)) return isSafe;
      return typeof value === 'function' || typeof value === 'symbol' ? bad(typeof value) : isRich;
    }
    if (value === null) return isSafe;
    // met twice: only superjson keeps that it is one object
    if (!isFirst(value)) return isRich;
    const prototype: object | null = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null) return fields(value as Record<string, unknown>, isSafe);
    if (prototype !== Array.prototype && !(Array.isArray(value) && isForeignBase(Object.getPrototypeOf(prototype))))
      return other(value, prototype);
    const list = value as unknown[];
    let verdict: Verdict = isSafe;
    for (let i = 0; i < list.length; i++) {
      const item = list[i];
      if (item === undefined && !(i in list)) return bad('sparse array');
      const found = walk(item);
      if (found === isBad) return below(`[${i}]`);
      if (found > verdict) verdict = found;
    }
    return verdict;
  }

  function run(value: unknown, strict: boolean, guarded: boolean): Verdict {
    forget();
    isStrict = strict;
    isGuarded = guarded;
    return walk(value);
  }

  function judge(value: object): Verdict {
    try {
      if (isTree(value)) return isSafe;
      hasReserved = false;
      const verdict = run(value, false, false);
      return verdict === isRich && hasReserved ? run(value, true, false) : verdict;
    } catch {
      try {
        return run(value, false, true);
      } catch {
        // the engines say this with different errors: the stack is full
        return bad('object that is nested too deeply');
      }
    }
  }

  return (value) => {
    const verdict = typeof value === 'object' && value !== null ? judge(value) : walk(value);
    forget();
    return verdict === isBad ? { path, typeName } : verdict === isSafe ? 'safe' : 'rich';
  };
}
