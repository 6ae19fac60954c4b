// Messages that a body emitted: to whom they go, now and on every hit.
import { reportListenerError } from '../browser/report-error.js';
import type { Flight } from './flight.js';
import type { Identity } from './identity.js';
import type { Wrapped } from './wrap.js';

/** What was emitted. */
export interface Message {
  /** Returns a fresh copy per call. */
  readonly read: () => unknown;
  /** The sink that got it live. Absent where nobody had one, and after a reload. */
  readonly sink?: ((message: unknown) => void) | undefined;
  /** The function whose sink that is. */
  readonly of?: Identity | undefined;
}

/** Hands a message to its sink, or to the nearest one from this flight outwards. All these flights record it. */
function deliver(message: Message, flight: Flight | undefined): void {
  let isBehind = false;
  for (let at = flight; at; at = at.parent) {
    const { settings, identity } = at.call.w;
    if (!message.sink && settings.onMessage) message = { read: message.read, sink: settings.onMessage, of: identity };
    at.record(message);
    // behind a stale value nobody waits: its callers had their messages
    isBehind ||= at.mode === 'background';
  }
  if (isBehind) return;
  try {
    message.sink?.(message.read());
  } catch (error) {
    reportListenerError(error);
  }
}

/** A message that a body emits now: to the sink of its function, or of the nearest caller that has one. */
export const deliverLive = (flight: Flight, read: () => unknown): void => deliver({ read }, flight);

/** Delivers what an entry recorded once more: each message to the sink that got it live, for one call of a function. */
export function replay(
  messages: readonly Message[] | undefined,
  { identity, settings: { onMessage } }: Wrapped,
  enclosing: Flight | undefined,
): void {
  for (const { read, of, sink } of messages ?? []) {
    // of another function: the sink that it had, or after a reload the one that it has now
    const theirs = of === identity ? undefined : (sink ?? of?.onMessage);
    deliver(theirs ? { read, sink: theirs, of } : { read, sink: onMessage, of: identity }, enclosing);
  }
}
