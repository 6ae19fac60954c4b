// Calls of the page's own functions, and work after the last listener of an event.
import { reportListenerError as report } from '../browser/report-error.js';

/** Calls a function of the page. What it throws, or its promise rejects with, is reported. */
export function call<A extends unknown[]>(fn: ((...args: A) => unknown) | undefined, ...args: A): void {
  try {
    (fn?.(...args) as PromiseLike<unknown> | undefined)?.then?.(undefined, report);
  } catch (error) {
    report(error);
  }
}

/** Of events that are on their way. */
const waiting = new Set<() => void>();
/** With what they are timed; a test may have replaced it meanwhile. */
let timer: typeof setTimeout | undefined;

/** Runs a function when the last listener of this event has run. */
export function afterEvent(event: Event, run: () => void): void {
  const target = event.target as EventTarget;
  const last = (event.bubbles && event.composedPath().at(-1)) || target;
  const end = (ended?: Event): void => {
    // the page may stop the event on its way, at its target already
    if (ended && (ended !== event || (ended.currentTarget !== last && !ended.cancelBubble))) return;
    waiting.delete(end);
    for (const node of [target, last]) node.removeEventListener(event.type, end);
    run();
  };
  // a listener that stops it elsewhere keeps it from its last target
  waiting.add(end);
  if (timer !== setTimeout)
    setTimeout(() => {
      timer = undefined;
      for (const late of [...waiting]) late();
    });
  timer = setTimeout;
  for (const node of [target, last]) node.addEventListener(event.type, end);
}
