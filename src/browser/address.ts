// The page's address: reading it, writing it, hearing of its changes.
import type { Unsubscribe } from '../core/listeners.js';
import { all, on, onShow } from './page-life.js';

export type HistoryMode = 'replace' | 'push';

/** How the address came to change: by Back or forward, by an event that may be one, or otherwise. */
export type AddressChange = 'push' | 'reload' | 'replace' | 'traverse' | 'popstate' | 'other';

/** The page's address. */
export interface Address {
  /** The whole URL; `''` where there is no document. */
  href(): string;
  /**
   * Calls the history API and keeps `history.state`. Throws what that throws; a call may also have no effect.
   *
   * @param queryStart - where the part begins that differs from the present URL
   */
  write(url: string, mode: HistoryMode, queryStart: number): void;
  /** Hears of changes, also of those by `write`; not of a foreign `pushState` where there is no Navigation API. */
  listen(listener: (change: AddressChange) => void): Unsubscribe;
}

type Navigation = EventTarget & { readonly currentEntry: unknown };
type PageWindow = Window & { readonly navigation?: Navigation };

/** The browser's own: what a polyfill calls the current entry need not follow `history`. */
function nativeNavigation(): Navigation | undefined {
  const { get } = Object.getOwnPropertyDescriptor(window, 'navigation') ?? {};
  return `${get}`.includes('[native code]') ? (window as PageWindow).navigation : undefined;
}

/**
 * Reads `location.href`, which takes over a microsecond in Chromium, only when it may have changed: each change of the
 * URL makes another current entry, except for `document.open()`, which replaces the root element. There is no entry in
 * sandboxed frames, and no Navigation API in WebKit.
 */
function createHref(): () => string {
  let navigation: Navigation | undefined;
  let entry: unknown;
  let root: Element | null;
  let href: string | undefined;
  return () => {
    if (href === undefined) {
      if (typeof document === 'undefined') return '';
      navigation = nativeNavigation();
    }
    const now = navigation?.currentEntry;
    const { documentElement } = document;
    if (!now || now !== entry || !documentElement || documentElement !== root) {
      entry = now;
      root = documentElement;
      href = location.href;
    }
    return href as string;
  };
}

/**
 * vue-router keeps its own copy of the address in the state and would bring the old query back with it:
 * https://github.com/vuejs/router/issues/2541
 */
function stateFor(url: string, queryStart: number): unknown {
  const { state } = history;
  const current: unknown = state?.current;
  if (typeof current !== 'string' || current === '' || !location.href.endsWith(current)) return state;
  const start = location.href.length - current.length;
  return start > queryStart ? state : { ...state, current: url.slice(start) };
}

export function createAddress(): Address {
  const listeners = new Set<(change: AddressChange) => void>();
  return {
    href: createHref(),
    write(url, mode, queryStart) {
      history[`${mode}State`](stateFor(url, queryStart), '', url);
      for (const listener of [...listeners]) listener('other');
    },
    listen(listener) {
      if (typeof document === 'undefined') return () => {};
      const { navigation } = window as PageWindow;
      const hear = (): void => listener('other');
      listeners.add(listener);
      return all(
        () => listeners.delete(listener),
        on<Event & { navigationType: AddressChange }>(navigation, 'currententrychange', (event) =>
          listener(event.navigationType),
        ),
        // without a current entry (sandboxed frames) there is no currententrychange
        on(window, 'popstate', () => listener(navigation?.currentEntry ? 'other' : 'popstate')),
        on(window, 'hashchange', hear),
        onShow(hear),
      );
    },
  };
}
