import { reportListenerError as report } from '../browser/report-error.js';

/** Calls a function of the page. What it throws, or its promise rejects with, is reported. */
export function call<A extends unknown[]>(fn: ((...args: A) => unknown) | undefined, ...args: A): void {
  try {
    (fn?.(...args) as PromiseLike<unknown> | undefined)?.then?.(undefined, report);
  } catch (error) {
    report(error);
  }
}

/** Runs a function when the last listener of this event has run. */
export function afterEvent(event: Event, run: () => void): void {
  const last = (event.bubbles && event.composedPath().at(-1)) || (event.target as EventTarget);
  const end = (ended?: Event): void => {
    if (ended && ended !== event) return;
    clearTimeout(timer);
    last.removeEventListener(event.type, end);
    run();
  };
  // a listener that stops the event keeps it from its last target
  const timer = setTimeout(end);
  last.addEventListener(event.type, end);
}
