// createContext and the default context: the facts of a page and its visitor behind one read-only object.
import { on, onReturn } from '../browser/page-life.js';
import { reportListenerError } from '../browser/report-error.js';
import { workerScope } from '../browser/worker-scope.js';
import { proxyOf, proxyOfLate, readonlyTraps, readUnknown } from '../core/dict.js';
import type { Unsubscribe } from '../core/listeners.js';
import type { ReadableRef } from '../core/ref.js';
import { createWarner, type Warning } from '../core/warning.js';
import { KeyError } from '../errors.js';
import { shared } from '../registry.js';
import { cookiesText, createCookies, watchCookies } from './cookies.js';
import { type Fact, type Observed, type OnPage, observe, type View, type Watch } from './fact.js';
import { createHeaders, headersText, watchHeaders } from './headers.js';
import {
  createMoments,
  createReadonlyDict,
  type ReadonlyDict,
  type ReadonlyDictSource,
  type ReadonlyDictText,
} from './readonly-dict.js';
import { createTheme, noTheme, type Theme, watchTheme } from './theme.js';
import { createLanguages, createTimezone, createUrl, isEmbedded, noLocales, watchAddress } from './visitor.js';

/** What is known about this page and its visitor. Each read asks the browser. */
export interface ContextFacts {
  /** A live view of `document.cookie`, without HttpOnly cookies. Fixed where it is handed to a listener or by a ref. */
  readonly cookies: ReadonlyDict;
  /** What the server wrote into the page: metas of the head, then Server-Timing. Names are case-insensitive. */
  readonly headers: ReadonlyDict;
  /** The visitor's language, such as `'en-US'`. `null` when the browser names none. */
  readonly locale: string | null;
  /** All of the visitor's languages, most wanted first; the same frozen array until they change. */
  readonly locales: readonly string[];
  /** Such as `'Europe/Berlin'`; `null` when the browser does not know. */
  readonly timezone: string | null;
  /** Minutes from local time to UTC, with the sign of `Date.getTimezoneOffset()`: Yerevan has −240. `null` on a server. */
  readonly timezoneOffset: number | null;
  /** What the page decided, else what the system prefers. The same object until it changes. */
  readonly theme: Theme;
  /** Without query, hash and trailing slash. `null` in documents without an address (`about:`, `data:`). */
  readonly url: string | null;
  /** `null` unless the page provides it, by the option `ipAddress` or a header `X-Real-Ip`. Nothing is requested. */
  readonly ipAddress: string | null;
  /** The query parameter `embed` if it is there, else whether the page is in a frame. */
  readonly isEmbedded: boolean;
}

/** Read-only facts about this page and its visitor. */
export interface Context extends ContextFacts {
  /**
   * Calls the listener after each change of a fact, until the returned function is called.
   *
   * @throws {@link KeyError} for an unknown name
   * @example
   * context.subscribe('theme', (theme) => chart.setTheme(theme.type));
   */
  subscribe<K extends keyof ContextFacts>(
    name: K,
    listener: (value: ContextFacts[K], previous: ContextFacts[K]) => void,
  ): Unsubscribe;
  /**
   * A handle for frameworks, one per name. Its `init` is what a server renders.
   *
   * @throws {@link KeyError} for an unknown name
   * @example
   * const theme = useStore(context.ref('theme'));
   */
  ref<K extends keyof ContextFacts>(name: K): ReadableRef<ContextFacts[K]>;
  /** A fresh plain object with plain copies of all facts. */
  toDict(): Record<string, unknown>;
}

export interface ContextOptions {
  /** Asked at each read; everything is read through this document and its window. Without one nothing is known. Default: this page's. */
  document?: () => Document | null | undefined;
  /** The visitor's address, if the page knows it. Default: none. */
  ipAddress?: () => string | null | undefined;
  /** Default: `console.warn`, once per code. `ip-address`: the option `ipAddress` threw. */
  onWarning?: (warning: Warning) => void;
}

/**
 * A context of another document, or with another source of the visitor's address. Nothing is read, cached or listened
 * to before it is asked for.
 *
 * @example
 * const inFrame = createContext({ document: () => frame.contentDocument });
 */
export function createContext(options: ContextOptions = {}): Context {
  const { document, ipAddress, onWarning } = options;
  const { warn } = createWarner(onWarning, reportListenerError);
  const askAddress: AskAddress = () => {
    try {
      return ipAddress?.();
    } catch (cause) {
      warn({ code: 'ip-address', message: 'createContext: the function "ipAddress" threw.', cause });
      return undefined;
    }
  };
  return proxyOf(createTraps(document, askAddress));
}

type AskAddress = () => string | null | undefined;

const whenLanguage: Watch = (_page, view, look) => on(view, 'languagechange', look);
const whenSeen: Watch = (_page, view, look) => onReturn(look, view);

/** A live dict, and fixed ones of its moments. */
function dictFact(text: ReadonlyDictText, source: ReadonlyDictSource, watch: Watch): Fact<ReadonlyDict> {
  const dict = createReadonlyDict(text, source);
  const dictOf = createMoments(text, source);
  return { get: () => dictOf(source.all()), live: () => dict, init: dictOf(new Map()), watch };
}

/** @param onCookies - hears of another text of `document.cookie` */
function createFacts(
  given: ContextOptions['document'],
  askAddress: AskAddress | undefined,
  onCookies: () => void,
): { facts: { [K in keyof ContextFacts]: Fact<ContextFacts[K]> }; onPage: OnPage } {
  const askDocument = given ?? (() => globalThis.document);
  const onPage: OnPage = (use, otherwise, inWorkers) => {
    const page = askDocument();
    const view = page
      ? page === globalThis.document
        ? globalThis
        : page.defaultView
      : inWorkers && !given && workerScope();
    return view ? use(page as Document, view as View) : otherwise;
  };
  /** A fact that needs a page, or a worker; without one it has its initial value. */
  const fact = <T>(init: T, read: (page: Document, view: View) => T, watch: Watch, inWorkers = false): Fact<T> => ({
    get: () => onPage(read, init, inWorkers),
    init,
    watch,
    inWorkers,
  });

  const headers = createHeaders(askDocument);
  const languages = createLanguages();
  const facts = {
    cookies: dictFact(cookiesText, createCookies(askDocument, onCookies), watchCookies),
    headers: dictFact(headersText, headers, watchHeaders),
    ipAddress: { get: () => askAddress?.() ?? headers.first?.('x-real-ip') ?? null, init: null },
    isEmbedded: fact(false, isEmbedded, watchAddress),
    locale: fact(null, languages.locale, whenLanguage, true),
    locales: fact(noLocales, languages.locales, whenLanguage, true),
    theme: fact(noTheme, createTheme(), watchTheme),
    timezone: fact(null, createTimezone(), whenSeen, true),
    timezoneOffset: fact<number | null>(null, () => new Date().getTimezoneOffset(), whenSeen, true),
    url: fact(null, createUrl(), watchAddress),
  };
  return { facts, onPage };
}

function createTraps(given?: ContextOptions['document'], askAddress?: AskAddress): ProxyHandler<object> {
  const { facts, onPage } = createFacts(given, askAddress, () => observed.cookies.lookSoon());
  // without a prototype: one lookup tells facts from names such as "constructor"
  const observed = Object.create(null) as { -readonly [K in keyof ContextFacts]: Observed<ContextFacts[K]> };
  const names = Object.keys(facts) as (keyof ContextFacts)[];
  for (const name of names) observed[name] = observe<never>(facts[name] as Fact<never>, onPage);
  const has = (key: string): key is keyof ContextFacts => key in observed;
  const find = (name: unknown): Observed<unknown> => {
    const key = String(name);
    if (!has(key)) throw new KeyError('context', key, `It has ${names.join(', ')}.`);
    return observed[key] as Observed<unknown>;
  };

  const members = {
    subscribe: (name: unknown, listener: () => void) => find(name).subscribe(listener),
    ref: (name: unknown) => find(name).ref(),
    toDict: () => ({
      ...self,
      cookies: self.cookies.toDict(),
      headers: self.headers.toDict(),
      locales: [...self.locales],
      theme: { ...self.theme },
    }),
  };
  const traps = readonlyTraps('Context', 'context is read-only.', members, {
    get: (key) => observed[key as keyof ContextFacts]?.read(),
    unknown: (key) => readUnknown(key, find),
    has,
    keys: () => names,
  });
  const self = proxyOf<Context>(traps);
  return traps;
}

/** The facts of this page and its visitor. */
export const context: Context = shared('context', () => proxyOfLate(() => createTraps()));
