import { shared } from '../registry.js';
import type { Flight } from './flight.js';

/** What runs in this moment: the synchronous part of a cached function's body. One for all copies of the library. */
export interface Running {
  /** For the binding of inputs, which warns inside of cached functions. */
  functionName: string | undefined;
  /** The flight to which calls made now belong. */
  flight?: Flight | undefined;
}

export const running: Running = shared<Running>('running', () => ({ functionName: undefined }));

/** Runs the synchronous part of a body. */
export function inFlight<T>(flight: Flight, run: () => T): T {
  const { flight: outerFlight, functionName } = running;
  running.flight = flight;
  running.functionName = flight.call.w.identity.label;
  try {
    return run();
  } finally {
    running.flight = outerFlight;
    running.functionName = functionName;
  }
}

/** Whether `from` waits for `to`, over as many flights as it takes. */
export function waitsFor(from: Flight, to: Flight, seen: Set<Flight> = new Set()): boolean {
  if (from === to) return true;
  if (seen.has(from)) return false;
  seen.add(from);
  for (const next of from.waitsFor) if (waitsFor(next, to, seen)) return true;
  return false;
}
