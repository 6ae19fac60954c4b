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
  const target = event.target as EventTarget;
  const last = (event.bubbles && event.composedPath().at(-1)) || target;
  const end = (ended?: Event): void => {
    // the page may stop the event on its way, at its target already
    if (ended && (ended !== event || (ended.currentTarget !== last && !ended.cancelBubble))) return;
    clearTimeout(timer);
    for (const node of [target, last]) node.removeEventListener(event.type, end);
    run();
  };
  const timer = setTimeout(end);
  for (const node of [target, last]) node.addEventListener(event.type, end);
}
