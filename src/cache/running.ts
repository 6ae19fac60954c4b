// What runs in this moment, for calls that are made in the synchronous part of a body.
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
