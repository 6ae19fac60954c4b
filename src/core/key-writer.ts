import { builtinClassOf, isNative, typeNameOf } from './builtin-class.js';
import type { ClassRegistry } from './class-registry.js';
import type { HashFuncTable } from './hash-funcs.js';
import { hashBytes } from './key-hash.js';
import { formatPath, type PathStep } from './value-path.js';

/** What decides how values are written, besides their kind. */
export interface KeyRules {
  readonly classes: ClassRegistry;
  readonly hashFuncs?: HashFuncTable | undefined;
  /** The identity of a function that is cached itself; it counts in `deps`. */
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

/** Property names in the order in which they are written; equal shapes share one. */
interface Shape {
  readonly keys: readonly string[];
  readonly sorted: readonly string[];
  readonly heads: readonly string[];
}

/** `result`: what a hash function returned. */
type Kind = 'array' | 'object' | 'map' | 'set' | 'result';

/** A container that is being written; `step` members are done. */
interface Frame {
  kind: Kind;
  source: object | undefined;
  step: number;
  length: number;
  close: string;
  shape: Shape | undefined;
  /** Members of a Map (key, value, …) or Set. */
  members: unknown[];
  /** Their texts, to be sorted. */
  texts: string[];
  /** The text before this Map or Set. */
  outer: string;
  isFirst: boolean;
  /** Position of the hash function whose result is written. */
  hashFunc: number;
}

const shapes = new Map<string, Shape>();

function shapeOf(keys: string[]): Shape {
  const known = shapes.get(keys[0]!);
  if (known && known.keys.length === keys.length) {
    let i = 0;
    while (i < keys.length && known.keys[i] === keys[i]) i++;
    if (i === keys.length) return known;
  }
  const sorted = keys.slice().sort();
  const shape = { keys, sorted, heads: sorted.map((key) => `${quote(key)}:`) };
  // of data used as keys there are too many
  if (shapes.size > 500) shapes.clear();
  shapes.set(keys[0]!, shape);
  return shape;
}

/** JSON's form; most texts need no escape. */
const quote = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: JSON escapes them
  text.length > 500 || /["\\\u0000-\u001f\ud800-\udfff]/.test(text) ? JSON.stringify(text) : `"${text}"`;

const formatNumber = (value: number): string => (value === 0 && 1 / value < 0 ? '-0' : `${value}`);

/** Whether this is an AbortSignal: it steers a call and is no part of it. */
export function isAbortSignal(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype === Object.prototype || prototype === null) return false;
  const name = builtinClassOf(prototype);
  return name === 'AbortSignal' || name === 'TaskSignal';
}

/** Every NaN as the same bytes: engines keep several. */
function withOneNaN(bytes: Uint8Array<ArrayBufferLike>, kind: string): Uint8Array<ArrayBufferLike> {
  if (kind === 'Float64Array' || kind === 'Float32Array') {
    const size = kind === 'Float64Array' ? 8 : 4;
    const isAligned = bytes.byteOffset % size === 0;
    const own = isAligned ? bytes : bytes.slice();
    const { buffer, byteOffset } = own as Uint8Array<ArrayBuffer>;
    const Floats = size === 8 ? Float64Array : Float32Array;
    const numbers = new Floats(buffer, byteOffset, own.length / size);
    let result: Uint8Array<ArrayBufferLike> | undefined;
    for (let i = 0; i < numbers.length; i++) {
      if (!Number.isNaN(numbers[i])) continue;
      result ??= bytes.slice();
      result.fill(0, i * size, (i + 1) * size).fill(0xff, (i + 1) * size - 2, (i + 1) * size);
    }
    return result ?? bytes;
  }
  return bytes;
}

function formatBytes(kind: string, view: ArrayBufferView): string {
  const window = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  const bytes = withOneNaN(window, kind);
  if (bytes.length > 64) return `${kind}(#${bytes.length}.${hashBytes(bytes)})`;
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return `${kind}(${text})`;
}

/** Built-in objects whose text needs no walk; `undefined` for others. */
function formatBuiltin(name: string, value: object): string | undefined {
  const is = value as Record<string, never>;
  if (ArrayBuffer.isView(value)) {
    if (builtinClassOf(Object.getPrototypeOf(value.buffer)) !== 'ArrayBuffer') return undefined;
    return formatBytes(name, value);
  }
  switch (name) {
    case 'ArrayBuffer':
      return formatBytes(name, new Uint8Array(value as ArrayBuffer));
    case 'Date':
      return `Date(${(value as Date).getTime()})`;
    case 'RegExp':
      return `RegExp(${quote((value as RegExp).source)},${quote((value as RegExp).flags)})`;
    case 'Number':
      return `Number(${formatNumber(Number(value))})`;
    case 'String':
      return `String(${quote(String(value))})`;
    case 'Boolean':
      return `Boolean(${value.valueOf()})`;
    case 'BigInt':
      return `BigInt(${value.valueOf()})`;
    case 'URL':
    case 'URLSearchParams':
      return `${name}(${quote(String(value))})`;
    case 'File':
      return `File(${quote(is['name']!)},${quote(is['type']!)},${is['size']},${is['lastModified']})`;
  }
  if (/^Temporal\./.test(name)) return `${name}(${quote(String(value))})`;
  if (/^(?:\w*Error|DOMException)$/.test(name))
    return `Error(${quote(String(is['name']))},${quote(String(is['message']))})`;
  return undefined;
}

/**
 * The canonical text of a value: typed, injective, the same in every engine and build. Iterative: depth is no limit.
 *
 * Texts are JSON strings; every other tag stands outside of them. `^2` is the ancestor two levels up, `~3` are three holes.
 *
 * @param countFunctions - functions count by their text (in `deps`), otherwise they are refused
 * @throws NotWritable
 */
export function writeKey(root: unknown, rules: KeyRules, countFunctions = false): string {
  const { classes, hashFuncs, identityOf } = rules;
  const frames: Frame[] = [];
  const off: number[] = [];
  const isOff = (position: number): boolean => off.includes(position);
  let text = '';
  let value = root;

  const path = (): string => {
    const steps: PathStep[] = [];
    for (const { kind, step, shape } of frames) {
      const at = step - 1;
      if (kind === 'array') steps.push(at);
      else if (kind === 'object') steps.push(shape!.sorted[at]!);
      else if (kind === 'set') steps.push({ of: 'items', at });
      else if (kind === 'map') steps.push({ of: at % 2 ? 'values' : 'keys', at: at >> 1 });
    }
    return formatPath(steps);
  };
  const refuse = (cause?: unknown): never => {
    throw new NotWritable(path(), typeNameOf(value), cause);
  };
  const open = (kind: Kind, source: object | undefined, length: number, close: string): Frame => {
    const frame: Frame = {
      kind,
      source,
      step: 0,
      length,
      close,
      shape: undefined,
      members: [],
      texts: [],
      outer: '',
      isFirst: true,
      hashFunc: -1,
    };
    frames.push(frame);
    return frame;
  };

  const openMembers = (kind: Kind, source: object, members: unknown[], name: string): void => {
    const frame = open(kind, source, members.length, '');
    frame.members = members;
    frame.outer = `${text}${name}(`;
    text = '';
  };

  const openFields = (source: object, before: string): void => {
    const keys = Object.keys(source);
    if (keys.length === 0) {
      text += `${before}{}`;
      return;
    }
    text += `${before}{`;
    open('object', source, keys.length, '}').shape = shapeOf(keys);
  };

  const writeFunction = (fn: Function): void => {
    const position = hashFuncs ? hashFuncs.find(fn, isOff) : -1;
    if (position >= 0) {
      applyHashFunc(position);
      return;
    }
    if (!countFunctions) refuse();
    const identity = identityOf?.(fn);
    if (identity !== undefined) text += `Function@${quote(identity)}`;
    else if (!isNative(fn)) text += `Function(${quote(Function.prototype.toString.call(fn))})`;
    else if (fn.name === '' || fn.name.startsWith('bound ')) refuse();
    else text += `Function(native ${quote(fn.name)})`;
  };

  const applyHashFunc = (position: number): void => {
    text += `h${position}(`;
    let result: unknown;
    try {
      result = hashFuncs!.call(position, value);
    } catch (error) {
      throw new NotWritable(path(), typeNameOf(value), error, hashFuncs!.className(position));
    }
    const frame = open('result', undefined, 1, ')');
    frame.members = [result];
    frame.hashFunc = position;
    off.push(position);
  };

  const writeObject = (object: object): void => {
    for (let i = frames.length - 1; i >= 0; i--) {
      if (frames[i]!.source === object) {
        text += `^${frames.length - i}`;
        return;
      }
    }
    const position = hashFuncs ? hashFuncs.find(object, isOff) : -1;
    if (position >= 0) {
      applyHashFunc(position);
      return;
    }
    const prototype = Object.getPrototypeOf(object) as object | null;
    if (prototype === Object.prototype || prototype === null) {
      openFields(object, '');
      return;
    }
    const identifier = classes.identifierOf(object);
    if (identifier !== undefined) {
      openFields(object, `@${quote(identifier)}`);
      return;
    }
    const name = builtinClassOf(prototype);
    if (name === 'Array' && Array.isArray(object)) {
      text += '[';
      open('array', object, object.length, ']');
    } else if (name === 'Object') openFields(object, '');
    else if (name === 'Map') {
      const members: unknown[] = [];
      (object as Map<unknown, unknown>).forEach((member, key) => {
        members.push(key, member);
      });
      openMembers('map', object, members, 'Map');
    } else if (name === 'Set') {
      const members: unknown[] = [];
      (object as Set<unknown>).forEach((member) => {
        members.push(member);
      });
      openMembers('set', object, members, 'Set');
    } else if (name === 'AbortSignal' || name === 'TaskSignal') text += 'undefined';
    else if (name === 'Symbol') {
      text += 'Symbol(';
      open('result', undefined, 1, ')').members = [object.valueOf()];
    } else text += formatBuiltin(name, object) ?? refuse();
  };

  const write = (): void => {
    if (hashFuncs && value !== null && typeof value !== 'object' && typeof value !== 'function') {
      const position = hashFuncs.find(value, isOff);
      if (position >= 0) {
        applyHashFunc(position);
        return;
      }
    }
    switch (typeof value) {
      case 'string':
        text += quote(value);
        return;
      case 'number':
        text += formatNumber(value);
        return;
      case 'bigint':
        text += `${value}n`;
        return;
      case 'symbol': {
        const key = Symbol.keyFor(value);
        text += key === undefined ? refuse() : `Symbol(${quote(key)})`;
        return;
      }
      case 'function':
        writeFunction(value);
        return;
      case 'object':
        if (value !== null) {
          writeObject(value);
          return;
        }
    }
    text += String(value);
  };

  /** Moves on to the next member; false when the container is done. */
  const next = (frame: Frame): boolean => {
    const { kind, source, length } = frame;
    if (kind === 'array') {
      const array = source as unknown[];
      const at = frame.step;
      if (at >= length) return false;
      if (at > 0) text += ',';
      value = array[at];
      frame.step++;
      if (value !== undefined || at in array) return true;
      const to = nextIndex(array, at, length);
      frame.step = to;
      text += `~${to - at}`;
      return next(frame);
    }
    if (kind === 'object') {
      const { sorted, heads } = frame.shape!;
      while (frame.step < length) {
        const at = frame.step++;
        value = (source as Record<string, unknown>)[sorted[at]!];
        if (isAbortSignal(value)) continue;
        text += frame.isFirst ? heads[at] : `,${heads[at]}`;
        frame.isFirst = false;
        return true;
      }
      return false;
    }
    if (kind !== 'result' && frame.step > 0) {
      if (kind === 'set' || frame.step % 2 === 0) {
        frame.texts.push(text);
        text = '';
      } else text += ':';
    }
    if (frame.step < length) {
      value = frame.members[frame.step++];
      return true;
    }
    if (kind === 'result') {
      if (frame.hashFunc >= 0) off.splice(off.lastIndexOf(frame.hashFunc), 1);
    } else text = `${frame.outer + frame.texts.sort().join(',')})`;
    return false;
  };

  try {
    for (;;) {
      write();
      for (;;) {
        const frame = frames.at(-1);
        if (!frame) return text;
        if (next(frame)) break;
        text += frame.close;
        frames.pop();
      }
    }
  } catch (error) {
    // a getter, a proxy or a disguised object
    if (error instanceof NotWritable) throw error;
    return refuse(error);
  }
}

/** The next index that is no hole; a long array is asked for its keys, because it may be sparse. */
function nextIndex(array: unknown[], from: number, length: number): number {
  let to = from + 1;
  const near = Math.min(length, from + 1000);
  while (to < near && !(to in array)) to++;
  if (to < near || to === length) return to;
  return Math.min(length, Number(Object.keys(array).find((key) => Number(key) >= to) ?? length));
}
