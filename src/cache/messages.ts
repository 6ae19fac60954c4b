import { reportListenerError } from '../browser/report-error.js';
import type { Flight, Message } from './records.js';
import type { Wrapper } from './wrapper.js';

/** Hands a message to its sink, or to the nearest one from this flight outwards. All these flights record it. */
function deliver(message: Message, flight: Flight | undefined): void {
  let isBehind = false;
  for (let at = flight; at; at = at.parent) {
    if (!message.sink && at.onMessage) message = { read: message.read, sink: at.onMessage, of: at.room.record };
    if (!at.hasEnded) at.messages.push(message);
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

/** What an entry recorded, once more: each message to the sink that got it live, for one call of a function. */
export function replay(
  messages: readonly Message[] | undefined,
  { record, settings: { onMessage } }: Wrapper,
  enclosing: Flight | undefined,
): void {
  for (const { read, of, sink } of messages ?? []) {
    // of another function: the sink that it had, or after a reload the one that it has now
    const theirs = of === record ? undefined : (sink ?? of?.onMessage);
    deliver(theirs ? { read, sink: theirs, of } : { read, sink: onMessage, of: record }, enclosing);
  }
}
