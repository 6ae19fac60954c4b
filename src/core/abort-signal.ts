// AbortSignals of any frame.
import { builtinClassOf } from './values/builtin-class.js';

/** By the name of a built-in class. */
export const isSignalClass = (name: string): boolean => name === 'AbortSignal' || name === 'TaskSignal';

/** Whether this is an AbortSignal: it steers a call and is no part of it. */
export function isAbortSignal(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  try {
    const prototype = Object.getPrototypeOf(value) as object | null;
    if (prototype === Object.prototype || prototype === null) return false;
    return isSignalClass(builtinClassOf(prototype));
  } catch {
    // a proxy that refuses to tell: it is refused when it is written
    return false;
  }
}
