import { isAbortSignal, isSignalClass } from '../../core/abort-signal.js';
import { hashText } from '../../core/hash.js';
import { builtinClassOf, typeNameOf } from '../../core/values/builtin-class.js';
import type { ClassRegistry } from '../../core/values/class-registry.js';
import { formatPath, type PathStep } from '../../core/values/path.js';
import type { HashFuncTable } from './hash-funcs.js';
import { type Shape, shapeOf } from './shape.js';
import { formatBuiltin, formatNumber, quote } from './text.js';

/** What decides how values are written, besides their kind. */
export interface KeyRules {
  readonly classes: ClassRegistry;
  readonly hashFuncs?: HashFuncTable | undefined;
  /** The identity of a function that is cached itself; without it all functions are refused. */
  readonly identityOf?: ((fn: Function) => string | undefined) | undefined;
}

/** A value, or a part of it, that cannot be written. Internal: cache-key.ts turns it into a public error. */
export class NotWritable {
  constructor(
    readonly path: string,
    readonly typeName: string,
    /** What the value itself threw. */
    readonly cause?: unknown,
    /** The class whose hash function threw `cause`. */
    readonly hashClass?: string,
  ) {}
}

/** `result`: what a hash function returned. */
type Kind = 'array' | 'object' | 'map' | 'set' | 'result';

/** A container that is being written; `step` members are done. */
interface Frame {
  kind: Kind;
  source: object | undefined;
  step: number;
  length: number;
  shape: Shape | undefined;
  isFirst: boolean;
  /** Members of a Map (key, value, …) or Set, or the one result. */
  members: readonly unknown[];
  /** Of a Map or Set: their texts, to be sorted, and the text before. */
  texts: string[];
  outer: string;
  /** Position of the hash function whose result is written. */
  hashFunc: number;
  /** Where its own text begins. */
  start: number;
  /** Its text is written apart; this is what stands before. */
  before: string | undefined;
  /** The highest ancestor that a `^` in it points to. */
  top: number;
}

const none: never[] = [];
const near = 32;
/** A longer text of one object is written as `#length.hash`: texts of shared references would grow without end. */
const longest = 65_536;
/** From so many objects on each is written once: before, remembering them costs more than it saves. */
const manyObjects = 20_000;

export type KeyWriter = (root: unknown) => string;

/**
 * The canonical text of a value: typed, injective, the same in every engine and build. Iterative: depth is no limit.
 *
 * Texts are JSON strings; every other tag stands outside of them. `^2` is the ancestor two levels up, `~3` are three holes,
 * `#length.hash` is an object with a longer text.
 *
 * The writer keeps its frames for the next value; a call from within (by a hash function) gets one of its own.
 *
 * @throws NotWritable
 */
export function createKeyWriter(rules: KeyRules): KeyWriter {
  const { classes, hashFuncs, identityOf } = rules;
  const frames: Frame[] = [];
  /** Ancestors from `near` on, by their place: the others are looked through. */
  const far = new Map<object, number>();
  const off: number[] = [];
  /** What was written of objects that stand more than once, perhaps; from `manyObjects` on. */
  const written = new Map<object, string>();
  let opened = 0;
  let start = 0;
  let depth = 0;
  let text = '';
  let current: unknown;
  let isBusy = false;

  const isOff = (position: number): boolean => off.includes(position);

  const path = (): string => {
    const steps: PathStep[] = [];
    for (const { kind, step, shape } of frames.slice(0, depth)) {
      const at = step - 1;
      if (kind === 'array') steps.push(at);
      else if (kind === 'object') steps.push(shape!.sorted[at]!);
      else if (kind === 'set') steps.push({ of: 'items', at });
      else if (kind === 'map') steps.push({ of: at % 2 ? 'values' : 'keys', at: at >> 1 });
    }
    return formatPath(steps);
  };

  const refuse = (value: unknown, cause?: unknown): never => {
    throw new NotWritable(path(), typeNameOf(value), cause);
  };

  const open = (kind: Kind, source: object | undefined, length: number): Frame => {
    let frame = frames[depth];
    if (frame) {
      frame.kind = kind;
      frame.source = source;
      frame.step = 0;
      frame.length = length;
      frame.isFirst = true;
      frame.start = start;
      frame.top = depth;
    } else {
      const own = { shape: undefined, members: none, texts: none, outer: '', hashFunc: -1, before: undefined };
      frame = frames[depth] = { kind, source, step: 0, length, isFirst: true, start, top: depth, ...own };
    }
    opened++;
    if (depth >= near && source) far.set(source, depth);
    depth++;
    return frame;
  };

  const openMembers = (kind: Kind, source: object, members: unknown[], name: string): void => {
    const frame = open(kind, source, members.length);
    frame.members = members;
    frame.texts = [];
    frame.outer = `${text}${name}(`;
    text = '';
  };

  const openFields = (source: object): void => {
    const keys = Object.keys(source);
    text += '{';
    if (keys.length === 0) text += '}';
    else open('object', source, keys.length).shape = shapeOf(keys);
  };

  const openResult = (result: unknown, position: number): void => {
    const frame = open('result', undefined, 1);
    frame.members = [result];
    frame.hashFunc = position;
  };

  /** Whether a hash function takes this value. */
  const isTaken = (value: unknown): boolean => {
    const position = hashFuncs!.find(value, isOff);
    if (position < 0) return false;
    let result: unknown;
    try {
      result = hashFuncs!.call(position, value);
    } catch (error) {
      throw new NotWritable(path(), typeNameOf(value), error, hashFuncs!.className(position));
    }
    text += `h${position}(`;
    openResult(result, position);
    off.push(position);
    return true;
  };

  const writeFunction = (fn: Function): void => {
    const identity = identityOf?.(fn);
    text += identity === undefined ? refuse(fn) : `Function@${quote(identity)}`;
  };

  const writeObject = (object: object): void => {
    let at = Math.min(depth, near) - 1;
    while (at >= 0 && frames[at]!.source !== object) at--;
    if (at < 0 && depth > near) at = far.get(object) ?? -1;
    if (at >= 0) {
      text += `^${depth - at}`;
      const frame = frames[depth - 1]!;
      frame.top = Math.min(frame.top, at);
      return;
    }
    if (opened >= manyObjects) {
      writeOnce(object);
      return;
    }
    start = text.length;
    writeContent(object);
  };

  /** Apart from what stands before, so that it can be written again where the object stands again. */
  const writeOnce = (object: object): void => {
    // inside of what a hash function returned others count
    const known = off.length === 0 ? written.get(object) : undefined;
    if (known !== undefined) {
      text += known;
      return;
    }
    const at = depth;
    const before = text;
    text = '';
    start = 0;
    writeContent(object);
    if (depth > at) frames[at]!.before = before;
    else text = before + text;
  };

  const writeContent = (object: object): void => {
    const prototype = Object.getPrototypeOf(object) as object | null;
    if (prototype === Object.prototype || prototype === null) openFields(object);
    else if (prototype === Array.prototype && Array.isArray(object)) {
      text += '[';
      open('array', object, object.length);
    } else writeInstance(object, prototype);
  };

  const writeInstance = (object: object, prototype: object): void => {
    const identifier = classes.identifierOf(object);
    if (identifier !== undefined) {
      text += `@${quote(identifier)}`;
      openFields(object);
      return;
    }
    const name = builtinClassOf(prototype);
    if (name === 'Array' && Array.isArray(object)) {
      text += '[';
      open('array', object, object.length);
    } else if (name === 'Object') openFields(object);
    else if (name === 'Map') {
      const members: unknown[] = [];
      (object as Map<unknown, unknown>).forEach((member, key) => {
        members.push(key, member);
      });
      openMembers('map', object, members, name);
    } else if (name === 'Set') {
      const members: unknown[] = [];
      (object as Set<unknown>).forEach((member) => {
        members.push(member);
      });
      openMembers('set', object, members, name);
    } else if (isSignalClass(name)) text += 'undefined';
    else if (name === 'Symbol') {
      text += 'Symbol(';
      openResult(object.valueOf(), -1);
    } else text += formatBuiltin(name, object) ?? refuse(object);
  };

  const write = (value: unknown): void => {
    current = value;
    if (hashFuncs && isTaken(value)) return;
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
      case 'symbol': {
        const key = Symbol.keyFor(value);
        text += key === undefined ? refuse(value) : `Symbol(${quote(key)})`;
        break;
      }
      case 'function':
        writeFunction(value);
        break;
      default:
        text += String(value);
    }
  };

  const writeArray = (frame: Frame, to: number): void => {
    const array = frame.source as unknown[];
    const { length } = frame;
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
  };

  const writeFields = (frame: Frame, to: number): void => {
    const source = frame.source as Record<string, unknown>;
    const { length } = frame;
    const { sorted, first, later } = frame.shape!;
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
  };

  const writeMembers = (frame: Frame): void => {
    const { kind, step, length } = frame;
    if (step > 0) {
      if (kind === 'set' || step % 2 === 0) {
        frame.texts.push(text);
        text = '';
      } else text += ':';
    }
    if (step < length) write(frame.members[frame.step++]);
    else {
      text = frame.outer + frame.texts.sort().join(',');
      frame.texts = none;
      frame.outer = '';
      close(')');
    }
  };

  const writeResult = (frame: Frame): void => {
    if (frame.step++ === 0) write(frame.members[0]);
    else {
      if (frame.hashFunc >= 0) off.pop();
      close(')');
    }
  };

  const close = (end: string): void => {
    text += end;
    const frame = frames[--depth]!;
    const { source, before } = frame;
    if (source) {
      if (text.length - frame.start > longest) {
        const own = text.slice(frame.start);
        text = `${text.slice(0, frame.start)}#${own.length}.${hashText(own)}`;
      }
      if (depth >= near) far.delete(source);
      if (before !== undefined && frame.top === depth && off.length === 0) written.set(source, text);
    }
    if (frame.top < depth) {
      const outer = frames[depth - 1]!;
      outer.top = Math.min(outer.top, frame.top);
    }
    if (before !== undefined) {
      text = before + text;
      frame.before = undefined;
    }
    frame.source = undefined;
    frame.members = none;
  };

  const run = (root: unknown): string => {
    write(root);
    while (depth > 0) {
      const frame = frames[depth - 1]!;
      if (frame.kind === 'object') writeFields(frame, depth);
      else if (frame.kind === 'array') writeArray(frame, depth);
      else if (frame.kind === 'result') writeResult(frame);
      else writeMembers(frame);
    }
    return text;
  };

  return (root) => {
    if (isBusy) return createKeyWriter(rules)(root);
    isBusy = true;
    try {
      return run(root);
    } catch (error) {
      if (error instanceof NotWritable) throw error;
      // a getter, a proxy or a disguised object
      return refuse(current, error);
    } finally {
      isBusy = false;
      text = '';
      opened = 0;
      current = undefined;
      if (written.size > 0) written.clear();
      // values must not be kept alive
      if (depth > 0 || frames.length > 2 * near) {
        frames.length = off.length = depth = 0;
        far.clear();
      }
    }
  };
}

/** The next index that is no hole; a long array is asked for its keys, because it may be sparse. */
function nextIndex(array: unknown[], from: number, length: number): number {
  let to = from + 1;
  const near = Math.min(length, from + 1000);
  while (to < near && !(to in array)) to++;
  if (to < near || to === length) return to;
  return Math.min(length, Number(Object.keys(array).find((key) => Number(key) >= to) ?? length));
}
