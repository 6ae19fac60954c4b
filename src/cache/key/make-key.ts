// Arguments as the key of a call.
import { isAbortSignal } from '../../core/abort-signal.js';
import { hashText } from '../../core/hash.js';
import { builtinClassOf } from '../../core/values/builtin-class.js';
import type { ClassRegistry } from '../../core/values/class-registry.js';
import { UserHashError } from '../../errors.js';
import { findHashFunc, type HashFuncs, listHashFuncs } from './hash-funcs.js';
import { type KeyRules, writeValue } from './writer.js';

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

/** Without the properties that do not count. A getter of theirs is not run. */
function without(value: unknown, properties: readonly string[]): unknown {
  if (properties.length === 0 || typeof value !== 'object' || value === null) return value;
  try {
    const prototype = Object.getPrototypeOf(value) as object | null;
    if (prototype !== null && builtinClassOf(prototype) !== 'Object') return value;
    if (!properties.some((name) => Object.hasOwn(value, name))) return value;
    const descriptors: PropertyDescriptorMap = Object.getOwnPropertyDescriptors(value);
    for (const name of properties) delete descriptors[name];
    return Object.create(Object.prototype, descriptors);
  } catch {
    // a proxy that refuses to tell: it is refused when it is written
    return value;
  }
}

/** Makes the keys of one cached function. */
export function createKeyMaker(options: KeyOptions): KeyMaker {
  const { functionName, classes, key, deps, identityOf } = options;
  const hashFuncs = listHashFuncs(options.hashFuncs);
  const rules: KeyRules = { functionName, classes, hashFuncs };
  const ignore = options.ignore ?? [];
  const positions = ignore.filter((each) => typeof each === 'number');
  const properties = ignore.filter((each) => typeof each === 'string' && each !== 'this') as string[];

  const ask = <T>(what: string, run: () => T): T => {
    try {
      return run();
    } catch (cause) {
      throw new UserHashError(functionName, `its \`${what}\` function`, { cause });
    }
  };

  const writeArguments = (args: readonly unknown[]): string => {
    let text = '';
    // trailing ones that do not count are dropped
    let pending = '';
    for (let i = 0; i < args.length; i++) {
      const value = positions.includes(i) ? undefined : without(args[i], properties);
      const separator = i > 0 ? ',' : '';
      if (value === undefined || (typeof value === 'object' && isAbortSignal(value)))
        pending += `${separator}undefined`;
      else {
        text += pending + separator + writeValue(value, rules, i);
        pending = '';
      }
    }
    return text;
  };

  const make = (args: readonly unknown[], thisValue?: unknown, isThisCounted = false): string => {
    let text = key
      ? `key:${writeValue(
          ask('key', () => key.apply(thisValue, args as unknown[])),
          rules,
          'key',
          'Return plain data from key.',
        )}`
      : writeArguments(args);
    if (isThisCounted)
      text += `;this:${writeValue(thisValue, rules, 'this', "Leave it out with ignore: ['this'], or give hashFuncs for its class.")}`;
    if (deps) {
      const values = ask('deps', deps);
      if (!Array.isArray(values)) throw new TypeError(`${functionName}: \`deps\` must return an array.`);
      text += `;deps:${values.map((value, i) => writeValue(value, { ...rules, identityOf }, `deps[${i}]`, 'Name plain values, or cached functions, in deps.')).join(',')}`;
    }
    return text.length > maxLength ? `#${text.length}.${hashText(text)}` : text;
  };
  return Object.assign(make, { covers: (value: unknown) => findHashFunc(hashFuncs, value) >= 0 });
}
