import { reportListenerError } from '../browser/report-error.js';
import type { Flight, Message } from './records.js';
import { running } from './running.js';
import type { Wrapper } from './wrapper.js';

type Sink = (message: unknown) => void;

/** Hands one message to its sink and lets the enclosing flights record it. */
function deliver(sink: Sink | undefined, message: Message, enclosing: Flight | undefined): void {
  for (let flight = enclosing; flight; flight = flight.parent) if (!flight.hasEnded) flight.messages.push(message);
  if (!sink) return;
  try {
    sink(message[1]());
  } catch (error) {
    reportListenerError(error);
  }
}

/** Of the nearest flight that has a sink, with the function's name. */
function nearestSink(flight: Flight | undefined): { sink?: Sink; label?: string } {
  for (let at = flight; at; at = at.parent)
    if (at.onMessage) return { sink: at.onMessage, label: at.room.record.label };
  return {};
}

/** A message that a body emits now: to the sink of its function, or of the nearest caller that has one. */
export function deliverLive(flight: Flight, read: () => unknown): void {
  const { sink, label = flight.room.record.label } = nearestSink(flight);
  // behind a stale value nobody waits: its callers had their messages
  let isBehind = false;
  for (let at: Flight | undefined = flight; at; at = at.parent) isBehind ||= at.mode === 'background';
  deliver(isBehind ? undefined : sink, [label, read], flight);
}

/** What an entry recorded, once more: each message to the sink that got it live, for one call of a function. */
export function replay(
  messages: readonly Message[] | undefined,
  { record, settings: { onMessage } }: Wrapper,
  enclosing: Flight | undefined,
): void {
  if (!messages) return;
  for (const message of messages) {
    const named = message[0] === record.label ? onMessage : (running.sinks?.get(message[0]) ?? onMessage);
    const { sink, label } = named ? { sink: named, label: message[0] } : nearestSink(enclosing);
    deliver(sink, label === undefined || label === message[0] ? message : [label, message[1]], enclosing);
  }
}
