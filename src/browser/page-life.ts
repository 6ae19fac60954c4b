// Browser listeners, and the moments in the life of a page: hidden, left, come back.
import type { Unsubscribe } from '../core/listeners.js';

/** Adds a browser listener and returns the function that removes it. */
export function on<E extends Event>(
  target: EventTarget | null | undefined,
  type: string,
  listener: (event: E) => void,
  options?: AddEventListenerOptions,
): Unsubscribe {
  target?.addEventListener(type, listener as EventListener, options);
  return () => target?.removeEventListener(type, listener as EventListener, options);
}

/** One end for all of these. */
export const all =
  (...ends: (Unsubscribe | undefined)[]): Unsubscribe =>
  () => {
    for (const end of ends) end?.();
  };

/**
 * The last moments in which a page is sure to run: `pagehide`, and being hidden (a phone may kill a hidden page without
 * another event). Never `unload` or `beforeunload`: they cost the back/forward cache.
 */
export function onLeave(listener: () => void, page: Window = window): Unsubscribe {
  return all(
    on(page, 'pagehide', listener),
    on(page.document, 'visibilitychange', () => {
      if (page.document.visibilityState === 'hidden') listener();
    }),
  );
}

/** The page is seen again: it became visible, or got the focus. */
export function onReturn(listener: () => void, page: Window = window): Unsubscribe {
  return all(
    on(page, 'focus', listener),
    on(page.document, 'visibilitychange', () => {
      if (page.document.visibilityState === 'visible') listener();
    }),
  );
}

/** `pagehide`; `persisted` tells a page that may come back out of the back/forward cache. */
export function onHide(listener: (persisted: boolean) => void, page: Window = window): Unsubscribe {
  return on<PageTransitionEvent>(page, 'pagehide', (event) => listener(event.persisted));
}

/** `pageshow`; `persisted` tells a page that comes out of the back/forward cache. */
export function onShow(listener: (persisted: boolean) => void, page: Window = window): Unsubscribe {
  return on<PageTransitionEvent>(page, 'pageshow', (event) => listener(event.persisted));
}
