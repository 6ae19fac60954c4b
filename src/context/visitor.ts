// Locale, time zone, URL and embedding.
import { all, on } from '../browser/page-life.js';
import type { Unsubscribe } from '../core/listeners.js';
import type { View } from './fact.js';

/** Whether `Intl` takes this language tag. "C" and "POSIX" come from the environment of WebKitGTK. */
function isAccepted(tag: string | undefined): tag is string {
  try {
    return Boolean(new Intl.Locale(tag as string)) && !/^posix$/i.test(tag as string);
  } catch {
    // not a language tag
    return false;
  }
}

export interface Languages {
  locale(page: unknown, view: View): string | null;
  locales(page: unknown, view: View): readonly string[];
}

export const noLocales: readonly string[] = Object.freeze([]) as readonly string[];

/** The visitor's languages, checked once per list that the browser gives. */
export function createLanguages(): Languages {
  let language: string | undefined;
  let list: readonly string[] | undefined;
  let accepted = noLocales;
  const locales: Languages['locales'] = (_page, { navigator }) => {
    if (navigator.language !== language || navigator.languages !== list) {
      language = navigator.language;
      list = navigator.languages;
      const now = [...new Set([language, ...(list ?? [])])].filter(isAccepted);
      // the same array while the languages are the same
      const isSame = now.length === accepted.length && now.every((tag, i) => tag === accepted[i]);
      if (!isSame) accepted = Object.freeze(now) as readonly string[];
    }
    return accepted;
  };
  return {
    locales,
    locale(page, view) {
      const [first] = locales(page, view);
      return first ?? [new Intl.DateTimeFormat().resolvedOptions().locale].find(isAccepted) ?? null;
    },
  };
}

/** The name of the visitor's time zone. Asking `Intl` costs as much as a hundred reads, so it is asked once a second. */
export function createTimezone(): () => string | null {
  let offset: number | undefined;
  let asked = 0;
  let timezone: string | null = null;
  return () => {
    const now = new Date();
    if (offset !== now.getTimezoneOffset() || Math.abs(now.getTime() - asked) >= 1000) {
      offset = now.getTimezoneOffset();
      asked = now.getTime();
      const name = new Intl.DateTimeFormat().resolvedOptions().timeZone;
      timezone = name && name !== 'Etc/Unknown' ? name : null;
    }
    return timezone;
  };
}

/** The address without user, query, hash and one slash at the end; `null` where there is no authority (`about:`, `data:`). */
export function createUrl(): (page: Document) => string | null {
  return ({ URL: address }) => {
    // "file:///a" has the origin "null", so it is cut out of the text
    const parts = /^([a-z][a-z\d+.-]*:\/\/)(?:[^/?#@]*@)?([^?#]*)/i.exec(address);
    return parts && `${parts[1]}${parts[2]}`.replace(/\/$/, '');
  };
}

/** Whether the parameter `embed` says so, else whether the page is in a frame. */
export function isEmbedded({ URL: address }: Document, view: View): boolean {
  // decoded and encoded again, so that letters are in lower case however they were spelt
  const values = new URLSearchParams(`${new URL(address).searchParams}`.toLowerCase()).getAll('embed');
  if (values.includes('true')) return true;
  // comparing is safe across origins; touching a property of `top` is not
  return !values.includes('false') && view.self !== view.top;
}

/** Tells of a new address. `history` is never patched: without the Navigation API, `pushState` is seen on the next read. */
export function watchAddress(_page: Document, view: View, look: () => void): Unsubscribe {
  const { navigation } = view as { navigation?: EventTarget };
  if (navigation) return on(navigation, 'currententrychange', look);
  return all(on(view, 'popstate', look), on(view, 'hashchange', look));
}
