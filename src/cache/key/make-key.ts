import { isAbortSignal } from '../../core/abort-signal.js';
import { hashText } from '../../core/hash.js';
import type { ClassRegistry } from '../../core/values/class-registry.js';
import { UnhashableParamError, UserHashError } from '../../errors.js';
import { createHashFuncTable, type HashFuncs } from './hash-funcs.js';
import { createKeyWriter, type KeyWriter, NotWritable } from './writer.js';

export interface KeyOptions {
  /** For messages. */
  readonly functionName: string;
  readonly classes: ClassRegistry;
  readonly hashFuncs?: HashFuncs | null | undefined;
  /** Positions, and names of top-level properties of plain-object arguments; `'this'` is the caller's. */
  readonly ignore?: readonly (number | string)[] | null | undefined;
  /** Replaces the arguments. */
  // biome-ignore lint/suspicious/noExplicitAny: called with whatever the function is called with
  readonly key?: ((...args: any[]) => unknown) | null | undefined;
  /** Outside values that count. */
  readonly deps?: (() => readonly unknown[]) | null | undefined;
  /** The identity of a function that is cached itself, for `deps`. */
  readonly identityOf?: (fn: Function) => string | undefined;
}

export interface KeyMaker {
  /**
   * The key of a call: the canonical text of what counts; above 200 characters `#length.hash`.
   *
   * @param thisValue - `this` of the call: given to `key`
   * @param isThisCounted - it is written too, as an ordinary argument
   * @throws UnhashableParamError, UserHashError
   */
  (args: readonly unknown[], thisValue?: unknown, isThisCounted?: boolean): string;
  /** Whether `hashFuncs` has a function for this value's class. */
  covers(value: unknown): boolean;
}

/** Up to here a text is its own key. */
const maxLength = 200;

/** A proxy may refuse to tell its prototype: the writer says so, with its place. */
const prototypeOf = (value: unknown): unknown => {
  try {
    return Object.getPrototypeOf(value);
  } catch {
    return undefined;
  }
};

const isPlain = (value: unknown): value is Record<string, unknown> => {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = prototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

/** Makes the keys of one cached function. */
export function createKeyMaker(options: KeyOptions): KeyMaker {
  const { functionName, classes, key, deps, identityOf } = options;
  const hashFuncs = createHashFuncTable(options.hashFuncs);
  const writeKey = createKeyWriter({ classes, hashFuncs });
  const writeDep = createKeyWriter({ classes, hashFuncs, identityOf });

  const positions = new Set<number>();
  const properties: string[] = [];
  for (const each of options.ignore ?? []) {
    if (typeof each === 'number') positions.add(each);
    else if (each !== 'this') properties.push(each);
  }

  const write = (value: unknown, param: string | number, remedy?: string, writer: KeyWriter = writeKey): string => {
    try {
      return writer(value);
    } catch (error) {
      if (!(error instanceof NotWritable)) throw error;
      const { path, typeName, cause, hashClass } = error;
      const because = cause === undefined ? undefined : { cause };
      if (hashClass !== undefined)
        throw new UserHashError(functionName, `the hash function for class ${hashClass}`, because);
      const advice =
        remedy ?? `Leave it out with ignore: [${param}], say what counts with key, or give hashFuncs for its class.`;
      throw new UnhashableParamError(functionName, param, path, typeName, advice, because);
    }
  };
  const ask = <T>(what: string, run: () => T): T => {
    try {
      return run();
    } catch (cause) {
      throw new UserHashError(functionName, `its \`${what}\` function`, { cause });
    }
  };

  /** Without the properties that do not count. */
  const withoutIgnored = (value: unknown): unknown => {
    if (properties.length === 0 || !isPlain(value)) return value;
    let result: Record<string, unknown> | undefined;
    for (const name of properties) {
      if (!Object.hasOwn(value, name)) continue;
      result ??= pick(value);
      delete result[name];
    }
    return result ?? value;
  };
  /** Getters stay getters: one that does not count is not run. */
  const pick = (value: object): Record<string, unknown> =>
    Object.defineProperties({}, configurable(Object.getOwnPropertyDescriptors(value))) as Record<string, unknown>;

  const writeArguments = (args: readonly unknown[]): string => {
    let text = '';
    // trailing ones that do not count are dropped
    let pending = '';
    for (let i = 0; i < args.length; i++) {
      const value = positions.has(i) ? undefined : withoutIgnored(args[i]);
      const separator = i > 0 ? ',' : '';
      if (value === undefined || (typeof value === 'object' && isAbortSignal(value)))
        pending += `${separator}undefined`;
      else {
        text += pending + separator + write(value, i);
        pending = '';
      }
    }
    return text;
  };

  const make = (args: readonly unknown[], thisValue?: unknown, isThisCounted = false): string => {
    let text = key
      ? `key:${write(
          ask('key', () => key.apply(thisValue, args as unknown[])),
          'key',
          'Return plain data from key.',
        )}`
      : writeArguments(args);
    if (isThisCounted)
      text += `;this:${write(thisValue, 'this', "Leave it out with ignore: ['this'], or give hashFuncs for its class.")}`;
    if (deps) {
      const values = ask('deps', deps);
      if (!Array.isArray(values)) throw new TypeError(`${functionName}: \`deps\` must return an array.`);
      text += `;deps:${values.map((value, i) => write(value, `deps[${i}]`, 'Name plain values, or cached functions, in deps.', writeDep)).join(',')}`;
    }
    return text.length > maxLength ? `#${text.length}.${hashText(text)}` : text;
  };
  return Object.assign(make, { covers: (value: unknown) => hashFuncs !== undefined && hashFuncs.find(value) >= 0 });
}

function configurable(descriptors: PropertyDescriptorMap): PropertyDescriptorMap {
  for (const name of Object.keys(descriptors)) descriptors[name]!.configurable = true;
  return descriptors;
}
