// The key text of any value.
import { isAbortSignal, isSignalClass } from '../../core/abort-signal.js';
import { hashText } from '../../core/hash.js';
import { builtinClassOf, typeNameOf } from '../../core/values/builtin-class.js';
import type { ClassRegistry } from '../../core/values/class-registry.js';
import { formatPath, type PathStep } from '../../core/values/path.js';
import { UnhashableParamError, UserHashError } from '../../errors.js';
import { findHashFunc, type HashFuncList } from './hash-funcs.js';
import { type Shape, shapeOf } from './shape.js';
import { formatBuiltin, formatNumber, quote } from './text.js';

/** What decides how values are written, besides their kind. */
export interface KeyRules {
  /** For messages. */
  readonly functionName: string;
  readonly classes: ClassRegistry;
  readonly hashFuncs?: HashFuncList | undefined;
  /** The identity of a function that is cached itself; without it all functions are refused. */
  readonly identityOf?: ((fn: Function) => string | undefined) | undefined;
}

/** A container that is being written; `step` members are done. */
interface Frame {
  /** `undefined`: what a hash function returned. */
  source: object | undefined;
  length: number;
  step: number;
  isFirst: boolean;
  /** Of an object. */
  shape: Shape | undefined;
  /** Of a Map or Set, or the one result. */
  members: Members | undefined;
  /** Its text is written apart; this is what stands before. */
  before: string | undefined;
  /** Where its own text begins. */
  start: number;
  /** What `top` was outside of it. */
  top: number;
}

interface Members {
  readonly name: string;
  /** Of a Map key, value, … */
  readonly list: readonly unknown[];
  /** To be sorted. */
  readonly texts: string[];
  /** The text before. */
  readonly outer: string;
}

const near = 32;
/** A longer text of one object is written as `#length.hash`: texts of shared references would grow without end. */
const longest = 65_536;
/** From so many objects on each is written once: before, remembering them costs more than it saves. */
const manyObjects = 20_000;
/** More than any depth. */
const nowhere = 1e9;

/*
 * The key that is being made. One is made at a time and without a pause, so that variables of the module do, which are
 * faster and smaller than fields. What a getter or a hash function makes in between sets them aside, see `nested`.
 * With `let` Chromium asks at each access whether they are initialized, which is 5 % of a key.
 */
// biome-ignore lint/suspicious/noVar: see above
// biome-ignore format: a line each
var
  rules: KeyRules | undefined,
  hashFuncs: HashFuncList | undefined,
  param: string | number = 0,
  remedy: string | undefined,
  text = '',
  /** The first `depth` are open; the others are kept for the next value. */
  frames: Frame[] = [],
  depth = 0,
  /** Where the text of the object begins that is opened now. */
  start = 0,
  /** Ancestors from `near` on, by their place: the others are looked through. */
  far: Map<object, number> | undefined,
  /** Positions of the hash functions whose results are being written. */
  off: number[] = [],
  /** The texts of objects that may stand more than once; from `manyObjects` on. */
  written: Map<object, string> | undefined,
  opened = 0,
  /** The highest ancestor that a `^` in the present object points to. */
  top = nowhere,
  /** What is asked now: if it throws, it is the one that cannot be written. */
  current: unknown,
  refusal: unknown;

/**
 * The canonical text of a value: typed, injective, the same in every engine and build. Iterative: depth is no limit.
 *
 * Texts are JSON strings; every other tag stands outside of them. `^2` is the ancestor two levels up, `~3` are three holes,
 * `#length.hash` is an object with a longer text.
 *
 * @param ofParam - which parameter it is, for messages
 * @param ofRemedy - what to do where it cannot be written
 * @throws UnhashableParamError, UserHashError
 */
export function writeValue(value: unknown, by: KeyRules, ofParam: string | number, ofRemedy?: string): string {
  if (rules) return nested(value, by, ofParam, ofRemedy);
  rules = by;
  hashFuncs = by.hashFuncs;
  param = ofParam;
  remedy = ofRemedy;
  try {
    write(value);
    while (depth > 0) {
      const frame = frames[depth - 1]!;
      if (frame.shape) writeFields(frame, frame.shape);
      else if (frame.members) writeMembers(frame, frame.members);
      else writeArray(frame, frame.source as unknown[]);
    }
    return text;
  } catch (error) {
    // not our own: of a getter, a proxy or a disguised object
    throw refusal ?? refuse(current, error);
  } finally {
    reset();
  }
}

/** Values must not be kept alive. */
function reset(): void {
  rules = far = written = current = refusal = undefined;
  text = '';
  opened = 0;
  top = nowhere;
  // not empty after an error only
  if (depth > 0 || frames.length > 64) frames = [];
  depth = 0;
  if (off.length > 0) off = [];
}

/** Makes a key while another one is being made. */
function nested(...args: Parameters<typeof writeValue>): string {
  const outer = [
    rules,
    hashFuncs,
    param,
    remedy,
    text,
    frames,
    depth,
    start,
    far,
    off,
    written,
    opened,
    top,
    current,
  ] as const;
  frames = [];
  reset();
  try {
    return writeValue(...args);
  } finally {
    [rules, hashFuncs, param, remedy, text, frames, depth, start, far, off, written, opened, top, current] = outer;
  }
}

function refuse(value: unknown, cause?: unknown, hashClass?: string): never {
  const { functionName } = rules!;
  const because = cause === undefined ? undefined : { cause };
  if (hashClass !== undefined)
    refusal = new UserHashError(functionName, `the hash function for class ${hashClass}`, because);
  else {
    const part = {
      path: path(),
      typeName: typeNameOf(value),
      remedy:
        remedy ?? `Leave it out with ignore: [${param}], say what counts with key, or give hashFuncs for its class.`,
    };
    refusal = new UnhashableParamError(functionName, param, part, because);
  }
  throw refusal;
}

function path(): string {
  const steps: PathStep[] = [];
  for (const { source, shape, members, step } of frames.slice(0, depth)) {
    const at = step - 1;
    if (shape) steps.push(shape.sorted[at]!);
    else if (!members) steps.push(at);
    else if (members.name === 'Map') steps.push({ of: at % 2 ? 'values' : 'keys', at: at >> 1 });
    else if (source) steps.push({ of: 'items', at });
  }
  return formatPath(steps);
}

function write(value: unknown): void {
  current = value;
  if (hashFuncs && isTaken(value, hashFuncs)) return;
  switch (typeof value) {
    case 'string':
      text += quote(value);
      break;
    case 'number':
      text += formatNumber(value);
      break;
    case 'object':
      if (value === null) text += 'null';
      else writeObject(value);
      break;
    case 'bigint':
      text += `${value}n`;
      break;
    case 'symbol':
      text += formatSymbol(value);
      break;
    case 'function': {
      const identity = rules!.identityOf?.(value);
      text += identity === undefined ? refuse(value) : `Function@${quote(identity)}`;
      break;
    }
    default:
      text += String(value);
  }
}

function formatSymbol(symbol: symbol): string {
  const key = Symbol.keyFor(symbol);
  return key === undefined ? refuse(symbol) : `Symbol(${quote(key)})`;
}

/** Whether a hash function takes this value. */
function isTaken(value: unknown, hashFuncs: HashFuncList): boolean {
  const position = findHashFunc(hashFuncs, value, off);
  if (position < 0) return false;
  const [key, hash] = hashFuncs[position]!;
  let result: unknown;
  try {
    result = hash(value);
  } catch (error) {
    refuse(value, error, typeof key === 'string' ? key : key.name);
  }
  openMembers(`h${position}`, [result]);
  off.push(position);
  return true;
}

function writeObject(object: object): void {
  let at = Math.min(depth, near) - 1;
  while (at >= 0 && frames[at]!.source !== object) at--;
  if (at < 0 && depth > near) at = far?.get(object) ?? -1;
  if (at >= 0) {
    text += `^${depth - at}`;
    top = Math.min(top, at);
  } else if (opened < manyObjects) {
    start = text.length;
    writeContent(object);
  } else writeOnce(object);
}

/** Apart from what stands before, so that it can be written again where the object stands again. */
function writeOnce(object: object): void {
  // inside of what a hash function returned others count
  const known = off.length === 0 ? written?.get(object) : undefined;
  const outer = depth;
  const stands = text;
  text = known ?? '';
  start = 0;
  if (known === undefined) writeContent(object);
  if (depth > outer) frames[outer]!.before = stands;
  else text = stands + text;
}

function writeContent(object: object): void {
  const prototype = Object.getPrototypeOf(object) as object | null;
  if (prototype === Object.prototype || prototype === null) openFields(object);
  else if (prototype === Array.prototype && Array.isArray(object)) openArray(object);
  else writeInstance(object, prototype);
}

function writeInstance(object: object, prototype: object): void {
  const identifier = rules!.classes.identifierOf(object);
  const name = builtinClassOf(prototype);
  if (identifier !== undefined) {
    text += `@${quote(identifier)}`;
    openFields(object);
  } else if (name === 'Array' && Array.isArray(object)) openArray(object);
  else if (name === 'Object') openFields(object);
  else if (name === 'Map' || name === 'Set') {
    const members: unknown[] = [];
    (object as Map<unknown, unknown>).forEach((member, key) => {
      if (name === 'Map') members.push(key);
      members.push(member);
    });
    openMembers(name, members, object);
  } else if (isSignalClass(name)) text += 'undefined';
  else if (name === 'Symbol') text += `Symbol(${formatSymbol(object.valueOf() as symbol)})`;
  else text += formatBuiltin(name, object) ?? refuse(object);
}

function open(source: object | undefined, length: number, shape?: Shape, members?: Members): void {
  if (depth >= near && source) (far ??= new Map()).set(source, depth);
  const frame = frames[depth];
  if (frame) {
    frame.source = source;
    frame.length = length;
    frame.step = 0;
    frame.isFirst = true;
    frame.shape = shape;
    frame.members = members;
    frame.start = start;
    frame.top = top;
  } else frames[depth] = { source, length, step: 0, isFirst: true, shape, members, before: undefined, start, top };
  depth++;
  top = nowhere;
  opened++;
}

function openFields(source: object): void {
  const keys = Object.keys(source);
  text += '{';
  if (keys.length === 0) text += '}';
  else open(source, keys.length, shapeOf(keys));
}

function openArray(array: readonly unknown[]): void {
  text += '[';
  open(array, array.length);
}

function openMembers(name: string, list: readonly unknown[], source?: object): void {
  open(source, list.length, undefined, { name, list, texts: [], outer: text });
  text = '';
}

function writeArray(frame: Frame, array: readonly unknown[]): void {
  const { length } = frame;
  const to = depth;
  while (frame.step < length && depth === to) {
    const at = frame.step++;
    if (at > 0) text += ',';
    const value = array[at];
    if (value !== undefined || at in array) write(value);
    else {
      frame.step = nextIndex(array, at, length);
      text += `~${frame.step - at}`;
    }
  }
  if (depth === to) close(']');
}

function writeFields(frame: Frame, { sorted, first, later }: Shape): void {
  const source = frame.source as Record<string, unknown>;
  const { length } = frame;
  const to = depth;
  while (frame.step < length && depth === to) {
    const at = frame.step++;
    current = source;
    const value = source[sorted[at]!];
    if (typeof value === 'object' && value !== null && isAbortSignal(value)) continue;
    text += (frame.isFirst ? first : later)[at];
    frame.isFirst = false;
    write(value);
  }
  if (depth === to) close('}');
}

function writeMembers(frame: Frame, { name, list, texts, outer }: Members): void {
  const { step, length } = frame;
  if (name === 'Map' && step % 2 === 1) text += ':';
  else if (step > 0) {
    texts.push(text);
    text = '';
  }
  if (step < length) write(list[frame.step++]);
  else {
    text = `${outer}${name}(${texts.sort().join(',')}`;
    close(')');
  }
}

function close(end: string): void {
  const frame = frames[--depth]!;
  const { source, before } = frame;
  text += end;
  if (!source) off.pop();
  else {
    if (text.length - frame.start > longest) {
      const own = text.slice(frame.start);
      text = `${text.slice(0, frame.start)}#${own.length}.${hashText(own)}`;
    }
    if (depth >= near) far!.delete(source);
    if (before !== undefined && top >= depth && off.length === 0) (written ??= new Map()).set(source, text);
  }
  top = Math.min(top, frame.top);
  if (before !== undefined) text = before + text;
  frame.source = frame.members = frame.before = undefined;
}

/** The next index that is no hole; a long array is asked for its keys, because it may be sparse. */
function nextIndex(array: readonly unknown[], from: number, length: number): number {
  let to = from + 1;
  const near = Math.min(length, from + 1000);
  while (to < near && !(to in array)) to++;
  if (to < near || to === length) return to;
  return Math.min(length, Number(Object.keys(array).find((key) => Number(key) >= to) ?? length));
}
