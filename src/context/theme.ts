// context.theme: light or dark, as the page is shown.
import { all, on } from '../browser/page-life.js';
import type { Unsubscribe } from '../core/listeners.js';
import type { View } from './fact.js';

/** What the page looks like; `null` where nothing tells. */
export interface Theme {
  readonly type: 'light' | 'dark' | null;
}

/** Frozen, with a setter that throws: writing to a frozen value would be silent in sloppy scripts. */
const themeOf = (type: Theme['type']): Theme =>
  Object.freeze({
    get type() {
      return type;
    },
    set type(_value) {
      throw new TypeError('context.theme is read-only: set data-theme on <html>.');
    },
  });

const light: Theme = themeOf('light');
const dark: Theme = themeOf('dark');
export const noTheme: Theme = themeOf(null);

const attributes = ['data-theme', 'data-bs-theme', 'data-color-mode', 'data-color-scheme'];
const naming = new Set([...attributes, 'class']);

/** The theme that a list of words names, if it is exactly one. */
function named(words: string | null | undefined): Theme | undefined {
  if (!words || words === 'normal') return undefined;
  const list = words.split(/\s+/);
  const isDark = list.includes('dark');
  return isDark === list.includes('light') ? undefined : isDark ? dark : light;
}

/** Whether an element has an attribute that may name a theme: cheaper than to ask for each of them. */
function tells(element: Element | null): element is Element {
  if (!element?.hasAttributes()) return false;
  const own = element.attributes;
  for (let i = 0; i < own.length; i++) if (naming.has((own[i] as Attr).name)) return true;
  return false;
}

function byElements(elements: Element[]): Theme | undefined {
  for (const element of elements)
    for (const attribute of attributes) {
      const value = element.getAttribute(attribute);
      if (value === 'dark' || value === 'light') return named(value);
    }
  for (const element of elements) {
    const theme = named(element.getAttribute('class'));
    if (theme) return theme;
  }
  return undefined;
}

/** Reads what the page decided, else what the system prefers. */
export function createTheme(): (page: Document, view: View) => Theme {
  let root: Element | undefined;
  let style: CSSStyleDeclaration | null | undefined;
  let query: MediaQueryList | undefined;
  let metas: HTMLCollectionOf<HTMLMetaElement> | undefined;
  return (page, view) => {
    const { documentElement: html, body } = page;
    if (!html) return noTheme;
    // all three stay current by themselves
    if (html !== root) {
      root = html;
      style = view.getComputedStyle?.(html);
      query = view.matchMedia?.('(prefers-color-scheme: dark)');
      metas = page.getElementsByTagName('meta');
    }
    return (
      // most pages name their theme elsewhere: no lists for them
      (tells(html) || tells(body) ? byElements([html, body].filter(tells)) : undefined) ??
      // Firefox and WebKit give keywords of CSS as they are spelt
      named(style?.colorScheme?.toLowerCase()) ??
      named(metas?.namedItem('color-scheme')?.getAttribute('content')?.toLowerCase()) ??
      (query ? (query.matches ? dark : light) : noTheme)
    );
  };
}

export function watchTheme(page: Document, view: View, look: () => void): Unsubscribe {
  const filter = { attributeFilter: [...attributes, 'class', 'style'] };
  let body: HTMLElement | null = null;
  const observeBody = (): void => {
    if (!page.body || page.body === body) return;
    body = page.body;
    observer.observe(body, filter);
  };
  const observer = new MutationObserver(() => {
    observeBody();
    look();
  });
  // childList: a script in the head subscribes before there is a body
  observer.observe(page.documentElement, { ...filter, childList: true });
  observeBody();
  return all(on(view.matchMedia?.('(prefers-color-scheme: dark)'), 'change', look), () => observer.disconnect());
}
