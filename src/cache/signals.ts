// Signals by which callers give up: found in the arguments, replaced by the flight's own.
import { isAbortSignal } from '../core/abort-signal.js';
import { builtinClassOf } from '../core/values/builtin-class.js';
import type { Flight } from './flight.js';

/** The `signal` of a plain object of any realm, unless it is a getter: those run once, for the key. */
function signalIn(value: object): AbortSignal | undefined {
  try {
    const prototype = Object.getPrototypeOf(value) as object | null;
    if (prototype !== null && builtinClassOf(prototype) !== 'Object') return undefined;
    const signal: unknown = Object.getOwnPropertyDescriptor(value, 'signal')?.value;
    return isAbortSignal(signal) ? (signal as AbortSignal) : undefined;
  } catch {
    // a proxy that refuses to tell
    return undefined;
  }
}

const signalOf = (value: unknown): AbortSignal | undefined =>
  typeof value !== 'object' || value === null
    ? undefined
    : isAbortSignal(value)
      ? (value as AbortSignal)
      : signalIn(value);

/** The signals by which a caller may give up: arguments, and `signal` of plain-object arguments. */
export function signalsIn(args: readonly unknown[]): AbortSignal[] {
  return args.flatMap((value) => signalOf(value) ?? []);
}

/** The arguments with the flight's own signal in place of the caller's. */
export function withSignal(args: readonly unknown[], signal: AbortSignal): unknown[] {
  return args.map((value) => {
    const own = signalOf(value);
    return !own ? value : own === value ? signal : { ...(value as object), signal };
  });
}

/** A caller's wait for a flight: it ends at once when one of the caller's signals aborts. */
export function waitWithSignals<T>(flight: Flight, signals: AbortSignal[], result: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      for (const signal of signals) signal.removeEventListener('abort', giveUp);
    };
    const giveUp = (): void => {
      stop();
      const { reason } = signals.find((signal) => signal.aborted) as AbortSignal;
      reject(reason);
      flight.giveUp(reason);
    };
    for (const signal of signals) signal.addEventListener('abort', giveUp);
    if (signals.some((signal) => signal.aborted)) giveUp();
    result.finally(stop).then(resolve, reject);
  });
}
