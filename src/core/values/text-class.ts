// Which built-in class an object is a direct instance of, for the text of values.
import { tagOf } from '../tag.js';
import { globalOf, isErrorClass } from './builtin-class.js';

/** What superjson knows beside plain objects, arrays, errors and primitives. */
const known = /^(Date|RegExp|Map|Set|URL|Temporal\..+|(Uint8Clamped|U?[iI]nt(8|16|32)|Float(32|64))Array)$/;

/**
 * The name of the built-in class, one that superjson knows, whose direct instance this is; otherwise `''`. Subclasses
 * and objects of other frames would lose their class.
 */
export function knownClass(value: object, tag: string = tagOf(value)): string {
  if (!known.test(tag)) return '';
  const [first, second] = tag.split('.') as [string, string?];
  const found = globalOf<Record<string, { prototype?: object }>>(first);
  const { prototype } = (second ? found?.[second] : found) ?? {};
  return prototype === Object.getPrototypeOf(value) ? tag : '';
}

/** Whether this is the `Object.prototype` of another frame. */
export const isForeignBase = (prototype: object | null): boolean =>
  prototype !== null && Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'hasOwnProperty');

/** The name of the language's error class whose direct instance this is; otherwise `''`. */
export function errorClassOf(error: Error): string {
  const prototype: object = Object.getPrototypeOf(error);
  const { name } = (prototype.constructor ?? {}) as { name?: string };
  return name && isErrorClass(name) && errorPrototype(name) === prototype ? name : '';
}

export const errorPrototype = (className: string): object | undefined =>
  globalOf<{ prototype: object }>(className)?.prototype;

/** Whether a script gave the error fields of its own. Some engines list what they gave it themselves. */
export const hasOwnFields = (error: Error): boolean =>
  Object.keys(error).some((name) => !/^(name|message|cause|stack|line|column|sourceURL)$/.test(name));
