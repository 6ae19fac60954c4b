// The walk that sorts a value for its text: JSON-safe, rich, or not storable, with the path.
import { tagOf } from '../tag.js';
import { isErrorClass, typeNameOf } from './builtin-class.js';
import type { ClassRegistry } from './class-registry.js';
import { errorClassOf, hasOwnFields, isForeignBase, knownClass } from './text-class.js';

/**
 * `safe`: `JSON.stringify` keeps it. `foreign`: so it does, but objects of another frame are in it, whose `toJSON` must not
 * run. `rich`: superjson keeps it.
 */
export type TextKind = 'safe' | 'foreign' | 'rich';

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

/** `.name`, or `["a name"]` where the dot would mislead. */
const step = (name: string): string =>
  /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;

/** The engines say that the stack is full with a RangeError, Firefox with an InternalError. */
const isStackOverflow = (error: unknown): boolean =>
  error instanceof RangeError || (error as Error | null)?.name === 'InternalError';

/** Of what is no object: whether JSON keeps it. */
const isSafeLeaf = (value: unknown): boolean =>
  typeof value === 'string' ||
  (typeof value === 'number' ? value - value === 0 && (value !== 0 || 1 / value > 0) : typeof value === 'boolean');

/** So many objects are compared one by one, which is faster than a Set. */
const fewLength = 40;
const arrayPrototype = Array.prototype;
const objectPrototype = Object.prototype;

// The state of the walk that runs. It stands here, not in a closure, so that each function stands alone.
let identifierOf: ClassRegistry['identifierOf'];
const few: (object | undefined)[] = new Array(fewLength).fill(undefined);
let count = 0;
let many: Set<object> | undefined;
/** Of a value with more objects: all of them in the order of the walk, each met once. */
const orders = new WeakMap<object, object[]>();
/** That of the value, as long as this walk goes the same way: comparing takes a fifth of filling a Set. */
let order: object[] | undefined;
let root: unknown;
/** No object was met twice. */
let isTree = true;
let path = '';
let typeName = '';
let isStrict = false;
// plain objects of another frame, into which superjson does not look
let hasForeign = false;

function isFirst(value: object): boolean {
  if (order) {
    if (order[count] === value) {
      count++;
      return true;
    }
    many = new Set(order.slice(0, count));
    order = undefined;
  }
  if (many) {
    const known = many.size;
    if (many.add(value).size === known) isTree = false;
    return many.size > known;
  }
  for (let i = 0; i < count; i++) if (few[i] === value) return (isTree = false);
  few[count++] = value;
  if (count === fewLength) {
    order = orders.get(root as object);
    if (!order || few.some((item, i) => item !== order?.[i])) {
      order = undefined;
      many = new Set(few as object[]);
    }
  }
  return true;
}

const bad = (name: string, where = ''): Verdict => {
  typeName = name;
  path = where;
  return isBad;
};
/** The step is added on the way back, so that a path costs nothing while all is well. */
const below = (where: string): Verdict => {
  path = where + path;
  return isBad;
};
/** Of what is neither object nor safe. */
const leaf = (value: unknown): Verdict =>
  typeof value === 'function' || typeof value === 'symbol' ? bad(typeof value) : isRich;
const judge = (value: unknown): Verdict =>
  typeof value === 'object' ? (value === null ? isSafe : walk(value)) : isSafeLeaf(value) ? isSafe : leaf(value);

function each(items: Iterable<unknown>, name: string): Verdict {
  let i = 0;
  for (const item of items) {
    if (judge(item) === isBad) return below(`.${name}[${i}]`);
    i++;
  }
  return isRich;
}

function fields(value: Record<string, unknown>, kind: Verdict): Verdict {
  let verdict = kind;
  let name = '';
  try {
    // faster than a list of names; what is inherited is told apart when it matters
    for (name in value) {
      const item = value[name];
      let found: Verdict = isSafe;
      if (typeof item === 'object') {
        if (item !== null) found = walk(item);
      } else if (!isSafeLeaf(item)) found = leaf(item);
      if (name === '__proto__' || (isStrict && (name === 'constructor' || name === 'prototype')))
        found = bad('own property of this name');
      if (found === isSafe || !Object.hasOwn(value, name)) continue;
      if (found === isBad) return below(step(name));
      verdict = isRich;
    }
  } catch (error) {
    if (isStackOverflow(error)) throw error;
    // the getter's error is not ours to show: it may quote the value
    return bad('getter that throws', step(name));
  }
  return verdict;
}

function list(items: unknown[]): Verdict {
  let verdict: Verdict = isSafe;
  for (let i = 0; i < items.length; i++) {
    const item = items[i];
    let found: Verdict = isSafe;
    if (typeof item === 'object') {
      if (item !== null) found = walk(item);
    } else if (!isSafeLeaf(item)) {
      if (item === undefined && !(i in items)) return bad('sparse array');
      found = leaf(item);
    }
    if (found === isSafe) continue;
    if (found === isBad) return below(`[${i}]`);
    verdict = isRich;
  }
  return verdict;
}

/** The first field that assigning to a new instance would not make: an accessor or a constant of the class is in its way. */
function hiddenField(value: object, prototype: object): string | undefined {
  return Object.keys(value).find((name) => {
    let found: PropertyDescriptor | undefined;
    for (let at: object | null = prototype; at && !found; at = Object.getPrototypeOf(at))
      found = Object.getOwnPropertyDescriptor(at, name);
    return found && !found.writable;
  });
}

function other(value: object, prototype: object): Verdict {
  const tag = tagOf(value);
  const isKnown = knownClass(value, tag) !== '';
  // superjson would lose them; of a typed array they are its numbers
  if (isKnown && !tag.endsWith('Array') && Object.keys(value).length > 0) return bad(`${tag} with own fields`);
  if (isKnown && tag === 'Map') {
    const map = value as Map<unknown, unknown>;
    return each(map.keys(), 'keys') === isBad ? isBad : each(map.values(), 'values');
  }
  if (isKnown && tag === 'Set') return each(value as Set<unknown>, 'items');
  if (isKnown) {
    if (tag === 'Date' && Number.isNaN((value as Date).getTime())) return bad('invalid Date');
    if (tag.startsWith('F'))
      for (const number of value as Float64Array)
        if (!isSafeLeaf(number)) return bad(`${tag} with NaN, Infinity or -0`);
    return isRich;
  }
  if (isForeignBase(prototype) && !isStrict) {
    hasForeign = true;
    return fields(value as Record<string, unknown>, isSafe);
  }
  if (value instanceof Error) return error(value);
  if (identifierOf(value) === undefined) return bad(typeNameOf(value));
  const hidden = hiddenField(value, prototype);
  if (hidden !== undefined) return bad('field that an accessor of its class hides', step(hidden));
  return fields(value as Record<string, unknown>, isRich);
}

/** A text keeps the class of an error as its name. */
function error(value: Error): Verdict {
  const className = errorClassOf(value);
  if (className === '') return bad(typeNameOf(value));
  if (hasOwnFields(value)) return bad(`${className} with own fields`);
  const { name, message, cause, errors } = value as Partial<AggregateError>;
  if (typeof message !== 'string' || (name !== className && (className !== 'Error' || isErrorClass(name as string))))
    return bad(`${className} with another name or message`);
  return fields({ name, cause, errors }, isRich);
}

function walk(value: object): Verdict {
  // met twice: only superjson keeps that it is one object
  if (!isFirst(value)) return isRich;
  let prototype: object | null;
  try {
    prototype = Object.getPrototypeOf(value);
  } catch {
    // a Proxy that was revoked, or whose trap throws
    return bad('Proxy');
  }
  if (prototype === objectPrototype || prototype === null) return fields(value as Record<string, unknown>, isSafe);
  if (prototype === arrayPrototype) return list(value as unknown[]);
  if (Array.isArray(value) && isForeignBase(Object.getPrototypeOf(prototype))) {
    hasForeign = true;
    return list(value);
  }
  return other(value, prototype);
}

/** Keeps the order for the next look at the same object. */
function remember(): void {
  if (many && isTree) orders.set(root as object, [...many]);
  else if (many) orders.delete(root as object);
  // what is no part of it any more is not held
  else if (order) order.length = count;
}

function run(value: unknown, strict: boolean): Verdict {
  isStrict = strict;
  hasForeign = false;
  isTree = true;
  root = value;
  try {
    const verdict = judge(value);
    if (count >= fewLength && verdict !== isBad) remember();
    return verdict;
  } catch (error) {
    return bad(isStackOverflow(error) ? 'object that is nested too deeply' : 'Proxy');
  } finally {
    // of a few, fill() takes as long as the walk
    for (let i = 0; i < count && i < fewLength; i++) few[i] = undefined;
    if (count >= fewLength) many = order = undefined;
    root = undefined;
    count = 0;
  }
}

/**
 * Sorts values into those that `JSON.stringify` keeps, those that superjson keeps and those that no text keeps.
 * superjson loses most of the last kind silently, so that nothing reaches it before this walk has seen it.
 *
 * @param classes - whose instances count as storable
 * @returns `isStrict` is for values that superjson refused: the walk also refuses own properties called `constructor`
 * and `prototype`
 */
export function createTextWalk(
  classes: Pick<ClassRegistry, 'identifierOf'>,
): (value: unknown, isStrict?: boolean) => TextKind | Unstorable {
  return (value, strict = false) => {
    identifierOf = classes.identifierOf;
    let verdict = run(value, strict);
    if (verdict === isRich && hasForeign) verdict = run(value, true);
    return verdict === isBad ? { path, typeName } : verdict === isRich ? 'rich' : hasForeign ? 'foreign' : 'safe';
  };
}
