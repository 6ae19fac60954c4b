// What the server told of the request, in metas and Server-Timing.
import type { Lists } from '../browser/cookie-text.js';
import type { Unsubscribe } from '../core/listeners.js';
import type { View } from './fact.js';
import type { ReadonlyDictSource, ReadonlyDictText } from './readonly-dict.js';

type AskDocument = () => Document | null | undefined;

interface Timing {
  name: string;
  content: string;
}

export const headersText: ReadonlyDictText = {
  owner: 'context.headers',
  tag: 'Headers',
  readonly: 'the server writes it into the page.',
  hint: 'It comes from a <meta name> or Server-Timing.',
};

/** `x-FOO-bar` is listed as `X-Foo-Bar`. */
const keyOf = (name: string): string => name.toLowerCase().replace(/(^|-)[a-z]/g, (start) => start.toUpperCase());

/** Chromium and WebKit show each byte as a character: UTF-8 becomes text, anything else stays as it is. */
function fromBytes(text: string): string {
  try {
    return decodeURIComponent(escape(text));
  } catch {
    return text;
  }
}

/** What the server wrote into the page: metas of the head first, then Server-Timing entries with a description. */
export function createHeaders(askDocument: AskDocument): ReadonlyDictSource {
  let timed: Document | undefined;
  let timings: Timing[] = [];

  const readTimings = (page: Document): typeof timings => {
    if (timed === page) return timings;
    const performance = page.defaultView?.performance ?? globalThis.performance;
    const [navigation] = (performance.getEntriesByType?.('navigation') ?? []) as PerformanceNavigationTiming[];
    timings = (navigation?.serverTiming ?? []).flatMap(({ name, description }) =>
      name && description ? [{ name, content: fromBytes(description) }] : [],
    );
    // an engine may add the entry late: what was found, or not found in a complete page, stays
    if (timings.length > 0 || page.readyState === 'complete') timed = page;
    return timings;
  };

  /** Calls `visit` for each header in order, until it returns true. The value is read when it is wanted. */
  const each = (visit: (name: string, holder: { content: string }) => boolean | void): void => {
    const page = askDocument();
    if (!page) return;
    const metas = page.head?.getElementsByTagName('meta') ?? [];
    // by index: a third of what the iterator of a live collection takes
    for (let i = 0; i < metas.length; i++) {
      const meta = metas[i] as HTMLMetaElement;
      const name = meta.name || meta.httpEquiv;
      if (name && visit(name, meta)) return;
    }
    for (const timing of readTimings(page)) if (visit(timing.name, timing)) return;
  };

  return {
    keyOf,
    first(wanted) {
      const lower = wanted.toLowerCase();
      let found: string | undefined;
      each((name, holder) => {
        if (name.toLowerCase() !== lower) return;
        found = holder.content;
        return true;
      });
      return found;
    },
    all(): Lists {
      const lists = new Map<string, string[]>();
      each((name, { content }) => {
        const key = keyOf(name);
        const list = lists.get(key);
        if (list) list.push(content);
        else lists.set(key, [content]);
      });
      return lists;
    },
  };
}

export function watchHeaders(page: Document, _view: View, look: () => boolean): Unsubscribe {
  const observer = new MutationObserver(look);
  if (page.head)
    observer.observe(page.head, {
      childList: true,
      subtree: true,
      attributeFilter: ['name', 'http-equiv', 'content'],
    });
  return () => observer.disconnect();
}
