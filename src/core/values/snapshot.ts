// A snapshot is a checked copy of a value that nobody else can change; every caller gets a copy of it.
import { sliceArray, sliceBuffer, sparseIndices } from './array-copy.js';
import { builtinClassOf, globalOf, isErrorClass, typeNameOf } from './builtin-class.js';
import type { ClassRegistry } from './class-registry.js';
import { copyError, copyGraph, copyTree, errorFields, isClonable, maxDepth } from './copy.js';
import { isOutOfMemory } from './out-of-memory.js';
import { formatPath, type PathStep } from './path.js';

/**
 * How a stored value is copied, decided once by the walk that checked it.
 * `value`: a primitive, no copy. `tree`: no object twice. `graph`: cycles, shared references or great depth.
 * `columns`: 1 MB or more in buffers, no object twice.
 */
export type Plan = 'value' | 'tree' | 'graph' | 'columns';

/** A checked, private copy of a result. */
export interface Snapshot {
  readonly plan: Plan;
  /** The copy itself; never handed out, unless `copy` is `share` or `freeze`. */
  readonly data: unknown;
  /** Estimated size in bytes, by the walk. */
  readonly bytes: number;
  /** Of these, in buffers that are stored apart. */
  readonly largeBytes: number;
  /** Something in it does not pass through structured clone as it is: `toRecord` has work to do. */
  readonly hasLeaves: boolean;
  /** It holds objects of the platform that only structured clone can copy, such as Blobs. */
  readonly hasClonables?: boolean;
}

/** A value, or a part of it, that cannot be stored. Internal: the caller turns it into a public error. */
export class NotStorable {
  constructor(
    /** `''` for the value itself. */
    readonly path: string,
    readonly typeName: string,
    /** What the value, or the engine, threw. */
    readonly cause?: unknown,
  ) {}
}

/** Buffers from here on make `columns`, and are stored apart. */
export const largeBuffer = 1_000_000;

/**
 * Checks a value and copies it, in one walk. Copies are plain: `Object.prototype`, unfrozen, own enumerable text keys,
 * getters read. Views take their window of the buffer, unless two share it.
 *
 * @throws NotStorable; what the engine throws when it has no memory for the copy (`isOutOfMemory`)
 */
export function takeSnapshot(value: unknown, { classes }: { classes: ClassRegistry }): Snapshot {
  const shared = new Set<object>();
  const first = walk(value, classes, shared);
  // some buffer is seen by two views: it is copied as a whole, once
  return shared.size > 0 ? walk(value, classes, shared) : first;
}

/** A fresh copy of what was stored. */
export function readSnapshot({ plan, data }: Snapshot): unknown {
  return plan === 'value' ? data : plan === 'graph' ? copyGraph(data) : copyTree(data);
}

/*
 * One function for the whole walk: its parts call each other for every object of a result and count in the same variables,
 * which as locals need no property access. As fields of a class they would.
 */
function walk(root: unknown, classes: ClassRegistry, sharedBuffers: Set<object>): Snapshot {
  const wholeBuffers = new Set(sharedBuffers);
  const copies = new Map<object, unknown>();
  const windows = new Set<object>();
  const later: (() => void)[] = [];
  let path: PathStep[] = [];
  let depth = 0;
  let isDeep = false;
  let bytes = 0;
  let bufferBytes = 0;
  let largeBytes = 0;
  let isGraph = false;
  let hasLeaves = false;
  let hasClonables = false;
  let current: unknown;

  const refuse = (value: unknown, cause?: unknown): never => {
    throw new NotStorable(formatPath(path), typeNameOf(value), cause);
  };

  const copy = (value: unknown): unknown => {
    switch (typeof value) {
      case 'object':
        if (value === null) break;
        return copyObject(value);
      case 'string':
        bytes += textBytes(value);
        return value;
      case 'number':
        bytes += 8;
        return value;
      case 'function':
      case 'symbol':
        return refuse(value);
      case 'bigint':
        bytes += 8 + value.toString(16).length / 2;
        return value;
    }
    bytes += 4;
    return value;
  };
  const member = (step: PathStep, value: unknown): unknown => {
    // of a primitive no path is needed
    if (typeof value !== 'object' && typeof value !== 'function' && typeof value !== 'symbol') return copy(value);
    path.push(step);
    const result = copy(value);
    path.pop();
    return result;
  };

  /** Fills a part, or puts it off where the stack would grow too deep. */
  const enter = <T extends object>(fill: (result: T, source: T) => void, result: T, source: T): T => {
    copies.set(source, result);
    if (depth >= maxDepth) {
      isDeep = true;
      const steps = path.slice();
      later.push(() => {
        path = steps;
        fill(result, source);
      });
    } else {
      depth++;
      fill(result, source);
      depth--;
    }
    return result;
  };

  const fillFields = (result: Record<string, unknown>): void => {
    bytes += 16;
    for (const key of Object.keys(result)) {
      bytes += key.length + 2;
      const value = result[key];
      if (typeof value === 'object' && value !== null) {
        path.push(key);
        result[key] = copyObject(value);
        path.pop();
      } else if (typeof value === 'number') bytes += 8;
      else member(key, value);
    }
  };

  /** Own enumerable fields with text keys, on an object of this prototype. */
  const copyFields = (source: object, prototype?: object): object => {
    let result = { ...source } as Record<string, unknown>;
    for (const symbol of Object.getOwnPropertySymbols(result)) delete (result as Record<symbol, unknown>)[symbol];
    if (prototype) result = Object.defineProperties(Object.create(prototype), Object.getOwnPropertyDescriptors(result));
    return enter(fillFields, result, source as Record<string, unknown>);
  };

  const fillArray = (result: unknown[]): void => {
    bytes += 16;
    const sparse = sparseIndices(result);
    const count = sparse ? sparse.length : result.length;
    for (let at = 0; at < count; at++) {
      const i = sparse ? sparse[at]! : at;
      const value = result[i];
      if (typeof value === 'object' && value !== null) {
        path.push(i);
        result[i] = copyObject(value);
        path.pop();
      } else if (typeof value === 'number') bytes += 8;
      else member(i, value);
    }
  };

  const fillMap = (result: Map<unknown, unknown>, source: Map<unknown, unknown>): void => {
    let at = 0;
    source.forEach((value, key) => {
      const ownKey = member({ of: 'keys', at }, key);
      result.set(ownKey, member({ of: 'values', at: at++ }, value));
    });
  };

  const fillSet = (result: Set<unknown>, source: Set<unknown>): void => {
    let at = 0;
    source.forEach((value) => {
      result.add(member({ of: 'items', at: at++ }, value));
    });
  };

  const countBuffer = (length: number): void => {
    bytes += length;
    bufferBytes += length;
    if (length >= largeBuffer) largeBytes += length;
  };

  const copyBuffer = (buffer: ArrayBuffer): ArrayBuffer => {
    const result = sliceBuffer(buffer);
    copies.set(buffer, result);
    countBuffer(result.byteLength);
    return result;
  };

  /** A view on its window; or on a copy of the whole buffer, if another view sees it too. */
  const copyView = (view: ArrayBufferView, kind: string): object => {
    const { buffer, byteOffset, byteLength } = view;
    if (builtinClassOf(Object.getPrototypeOf(buffer)) !== 'ArrayBuffer') refuse(view);
    const length = (view as { length?: number }).length ?? byteLength;
    const View = globalOf<new (buffer: ArrayBuffer, offset: number, length: number) => object>(kind)!;
    let result: object;
    bytes += 32;
    if (wholeBuffers.has(buffer)) {
      const whole = (copies.get(buffer) as ArrayBuffer | undefined) ?? copyBuffer(buffer as ArrayBuffer);
      isGraph = true;
      result = new View(whole, byteOffset, length);
    } else {
      if (windows.has(buffer) || copies.has(buffer)) sharedBuffers.add(buffer);
      windows.add(buffer);
      // of a shared one the copies are thrown away
      const window = sharedBuffers.has(buffer)
        ? new ArrayBuffer(byteLength)
        : sliceBuffer(buffer as ArrayBuffer, byteOffset, byteOffset + byteLength);
      countBuffer(byteLength);
      result = new View(window, 0, length);
    }
    copies.set(view, result);
    return result;
  };

  const copyFailure = (error: object, name: string): object => {
    if (!Object.keys(error).every((key) => errorFields.includes(key))) refuse(error);
    const Class = globalOf<new (errors: unknown[]) => Error>(name)!;
    const result = new Class([]);
    bytes += 64;
    return enter(fillError, result, error);
  };

  const fillError = (result: object, error: object): void =>
    copyError(error, result, (field, key) => member(key, field));

  const copyBuiltin = (source: object, name: string): unknown => {
    if (ArrayBuffer.isView(source)) return copyView(source, name);
    bytes += 16;
    switch (name) {
      case 'ArrayBuffer':
        if (windows.has(source)) sharedBuffers.add(source);
        return copyBuffer(source as ArrayBuffer);
      case 'Map':
        return enter(fillMap, new Map(), source as Map<unknown, unknown>);
      case 'Set':
        return enter(fillSet, new Set(), source as Set<unknown>);
      case 'URL':
      case 'URLSearchParams':
        bytes += String(source).length;
        hasLeaves = true;
        break;
      default:
        if (name.startsWith('Temporal.') && globalOf<Record<string, unknown>>('Temporal')?.[name.slice(9)])
          hasLeaves = true;
        else if (isClonable(name)) {
          hasClonables = true;
          bytes += Number((source as { size?: number }).size ?? 64);
        } else refuse(source);
    }
    const result = copyTree(source);
    copies.set(source, result);
    return result;
  };

  const copyObject = (source: object): unknown => {
    current = source;
    const known = copies.get(source);
    if (known !== undefined) {
      isGraph = true;
      return known;
    }
    const prototype = Object.getPrototypeOf(source) as object | null;
    if (prototype === Object.prototype || prototype === null) return copyFields(source);
    if (prototype === Array.prototype && Array.isArray(source)) return enter(fillArray, sliceArray(source), source);
    if (classes.identifierOf(source) !== undefined) {
      hasLeaves = true;
      return copyFields(source, prototype);
    }
    const name = builtinClassOf(prototype);
    if (name === '') refuse(source);
    if (name === 'Array' && Array.isArray(source)) return enter(fillArray, sliceArray(source), source);
    if (name === 'Object') return copyFields(source);
    if (isErrorClass(name)) {
      hasLeaves = true;
      return copyFailure(source, name);
    }
    return copyBuiltin(source, name);
  };

  let data: unknown;
  try {
    data = copy(root);
    for (let run = later.pop(); run; run = later.pop()) run();
  } catch (error) {
    if (error instanceof NotStorable || isOutOfMemory(error)) throw error;
    // a getter, a proxy, a disguised object, or the engine
    throw new NotStorable(formatPath(path), typeNameOf(current), error);
  }
  const isValue = typeof data !== 'object' || data === null;
  const plan = isValue ? 'value' : isGraph || isDeep ? 'graph' : bufferBytes >= largeBuffer ? 'columns' : 'tree';
  return {
    plan,
    data,
    bytes: Math.ceil(bytes),
    largeBytes,
    hasLeaves: hasLeaves || largeBytes > 0 || (isGraph && hasClonables),
    hasClonables,
  };
}

/** Engines keep one byte for each character, two if one is beyond Latin-1; a few are looked at. */
function textBytes(text: string): number {
  const { length } = text;
  const isWide = text.charCodeAt(0) > 255 || text.charCodeAt(length >> 1) > 255 || text.charCodeAt(length - 1) > 255;
  return 4 + (isWide ? 2 * length : length);
}
