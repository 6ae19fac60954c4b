import { type Flight, leaveFlight } from './records.js';

const isSignal = (value: unknown): value is AbortSignal =>
  typeof AbortSignal === 'function' && value instanceof AbortSignal;

/** The `signal` of a plain object, unless it is a getter: those run once, for the key. */
function signalIn(value: unknown): AbortSignal | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) return undefined;
  const signal: unknown = Object.getOwnPropertyDescriptor(value, 'signal')?.value;
  return isSignal(signal) ? signal : undefined;
}

/** The signals by which a caller may give up: arguments, and `signal` of plain-object arguments. */
export function signalsIn(args: readonly unknown[]): AbortSignal[] {
  const found: AbortSignal[] = [];
  for (const value of args) {
    if (typeof value !== 'object' || value === null) continue;
    const signal = isSignal(value) ? value : signalIn(value);
    if (signal) found.push(signal);
  }
  return found;
}

/** The arguments with the flight's own signal in place of the caller's. */
export function withSignal(args: readonly unknown[], signal: AbortSignal): unknown[] {
  return args.map((value) => (isSignal(value) ? signal : signalIn(value) ? { ...(value as object), signal } : value));
}

/**
 * A caller's wait for a flight: it ends at once when one of the caller's signals aborts. The flight's own signal aborts
 * when all callers have given up; nothing of it is kept then.
 */
export function waitWithSignals<T>(flight: Flight, signals: AbortSignal[], result: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    let isWaiting = true;
    const stop = (): void => {
      isWaiting = false;
      for (const signal of signals) signal.removeEventListener('abort', giveUp);
    };
    const giveUp = (): void => {
      if (!isWaiting) return;
      stop();
      const { reason } = signals.find((signal) => signal.aborted) as AbortSignal;
      reject(reason);
      if (--flight.waiting > 0 || flight.hasEnded) return;
      leaveFlight(flight);
      flight.controller?.abort(reason);
    };
    flight.waiting++;
    for (const signal of signals) signal.addEventListener('abort', giveUp);
    if (signals.some((signal) => signal.aborted)) giveUp();
    result.then(
      (value) => {
        stop();
        resolve(value);
      },
      (error) => {
        stop();
        reject(error);
      },
    );
  });
}
