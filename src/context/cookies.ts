// context.cookies, setCookie and removeCookie.
import { endOtherSpellings, type Lists, parseCookies, readCookies, writeCookie } from '../browser/cookie-text.js';
import { all, on, onReturn } from '../browser/page-life.js';
import { reportListenerError } from '../browser/report-error.js';
import { workerScope } from '../browser/worker-scope.js';
import { createListeners, type Listeners, type Unsubscribe } from '../core/listeners.js';
import { createWarner, type Warner } from '../core/warning.js';
import { shared } from '../registry.js';
import type { View } from './fact.js';
import type { ReadonlyDictSource, ReadonlyDictText } from './readonly-dict.js';

/** js-cookie's attributes, and others of browsers, in any case. */
export interface CookieAttributes {
  /** Days from now, or the moment at which it ends. Default: with the browser's session. */
  expires?: number | Date | undefined;
  /** Seconds from now; counts more than `expires`. */
  maxAge?: number | undefined;
  /** Default: `'/'`. */
  path?: string | undefined;
  /** Default: this host only. */
  domain?: string | undefined;
  /** Sent over https only. Default: `true` on https, else `false`. */
  secure?: boolean | undefined;
  /** Default: `'Lax'`. `'None'` makes it `secure`. */
  sameSite?: 'strict' | 'Strict' | 'lax' | 'Lax' | 'none' | 'None' | undefined;
  /** Its own jar for each top-level site; makes it `secure`. */
  partitioned?: boolean | undefined;
  /** Never: only a server can hide a cookie from scripts. */
  httpOnly?: false | undefined;
  [attribute: string]: unknown;
}

export const cookiesText: ReadonlyDictText = {
  owner: 'context.cookies',
  tag: 'Cookies',
  readonly: 'use setCookie() and removeCookie().',
  hint: 'Scripts do not see HttpOnly cookies.',
};

/** A live view of a document's cookies; `onNew` hears of another text. The parse is kept as long as the text. */
export function createCookies(askDocument: () => Document | null | undefined, onNew: () => void): ReadonlyDictSource {
  let text = '';
  let lists: Lists = new Map();
  return {
    all() {
      let now = readCookies(askDocument());
      if (unseen.size > 0 && settle(now)) now = readCookies(askDocument());
      if (now !== text) {
        text = now;
        lists = parseCookies(now);
        onNew();
      }
      return lists;
    },
  };
}

// for all copies of the library on the page
const writes = (): Listeners<[]> => shared('cookieWrites', () => createListeners<[]>(reportListenerError));

/** @param look - looks for a change, and returns whether there was one */
export function watchCookies(_page: Document, view: View, look: () => boolean): Unsubscribe {
  const lookTwice = (): void => {
    // WebKit may announce a change that document.cookie does not show yet
    if (!look()) setTimeout(look);
  };
  const { cookieStore: store } = view as { cookieStore?: EventTarget & { get?(name: string): Promise<unknown> } };
  const end = all(on(store, 'change', lookTwice), writes().add(look), onReturn(look, view));
  // Chromium attaches late: an answer comes after that, and after a write that it did not announce
  store?.get?.(' ').then(look, look);
  return end;
}

/** By name: texts that were written and are not seen in `document.cookie` yet. */
const unseen = new Map<string, { text: string; looks: number; miss(): void }>();
let isLooking = false;

/** Takes other spellings of what was written out of `text`; returns whether there were any. */
function settle(text: string): boolean {
  let isChanged = false;
  for (const [name, write] of unseen) {
    isChanged = endOtherSpellings(text, name, write.text) || isChanged;
    if (text.split('; ').includes(write.text.split(';', 1)[0] as string)) unseen.delete(name);
  }
  return isChanged;
}

/** In a later task, because a read waits for the writes before it. WebKit may show a cookie later still. */
function look(): void {
  settle(readCookies(globalThis.document));
  for (const [name, write] of unseen)
    if (write.looks++) {
      unseen.delete(name);
      // with another value it is there: other code, or another copy of the library, wrote it since
      if (!parseCookies(readCookies(document)).has(name)) write.miss();
    }
  isLooking = unseen.size > 0;
  if (isLooking) setTimeout(look, 100);
}

const warner: Warner = /*#__PURE__*/ createWarner(undefined, reportListenerError);
type Refuse = (problem: string) => never;
type Attributes = Record<string, string | boolean | Date>;

/** Lays what is given over the defaults. Browsers take any case: another spelling must not stand beside the default. */
function addAttributes(attributes: Attributes, given: CookieAttributes, refuse: Refuse): void {
  for (const [spelt, value] of Object.entries(given)) {
    if (value === undefined || value === null) continue;
    const key = spelt.toLowerCase().replace('maxage', 'max-age').replace('samesite', 'sameSite');
    if (key === 'httponly' && value) refuse('scripts cannot set HttpOnly.');
    const isNumber = key === 'expires' || key === 'max-age';
    const text =
      key === 'expires'
        ? // a Date of a frame is no instance of this page's class
          new Date(typeof value === 'number' ? Date.now() + value * 864e5 : Number((value as Date).getTime?.()))
        : typeof value === 'boolean'
          ? value
          : `${isNumber ? Math.trunc(Number(value)) : value}`;
    const isFine =
      (!isNumber || Number.isFinite(+text)) &&
      (key === 'expires' ||
        (/^(string|number|boolean)$/.test(typeof value) && /^[^;=\p{Cc}]*=[^;\p{Cc}]*$/u.test(`${key}=${text}`)));
    if (!isFine) refuse(`"${spelt}" cannot be this ${typeof value}.`);
    attributes[key] = text;
  }
}

const noCookies = 'this page may not use any';

/** One place for both calls; `call` is how messages name it, and no value removes. */
function write(call: string, name: string, given: CookieAttributes | undefined, value?: string): void {
  const refuse: Refuse = (problem) => {
    throw new TypeError(`${call}("${name}"): ${problem}`);
  };
  if (typeof name !== 'string' || /^$|\p{Cc}/u.test(name))
    throw new TypeError(`${call}: the name must be a text without control characters.`);
  try {
    encodeURIComponent(`${name} ${value}`);
  } catch {
    refuse('the name or value has a lone surrogate.');
  }
  const { location, document } = globalThis as Partial<typeof globalThis>;
  const protocol = location?.protocol;
  const attributes: Attributes = { path: '/', sameSite: 'Lax', secure: protocol === 'https:' };
  if (given) addAttributes(attributes, given, refuse);
  const prefix = /^__(host|secure)-/i.exec(name)?.[1];
  const { domain, path, expires, 'max-age': maxAge } = attributes;
  if (prefix?.length === 4 && (domain || path !== '/')) refuse('__Host- wants the path "/" and no domain.');
  if (prefix || (given && (attributes['partitioned'] || /^none$/i.test(`${attributes['sameSite']}`))))
    attributes['secure'] = true;
  const warn = (why: string, cause?: unknown): void =>
    warner.warn({
      code: 'cookie-refused',
      key: name,
      message: `${call}("${name}"): the browser refuses it: ${why}.`,
      cause,
    });
  if (!document || !location) {
    // a server has no visitor to give the cookie to
    if (workerScope()) warn('workers have none: set it on the page');
    return;
  }
  try {
    if (value === undefined || Number(maxAge ?? Number(expires) - Date.now()) <= 0) remove(name, attributes);
    else {
      const text = writeCookie(name, value, attributes);
      const bytes = text.indexOf(';') - 1;
      const why =
        bytes > 4096
          ? `it has ${bytes} bytes of 4096`
          : attributes['secure'] && protocol === 'http:' && globalThis.isSecureContext === false
            ? 'it is secure and this page is not'
            : domain && location.hostname && !isWithin(`.${location.hostname}`, `${domain}`)
              ? "its domain is not this page's"
              : // Firefox and WebKit forget it
                protocol === 'data:' && noCookies;
      if (why) warn(why);
      else {
        if (!isLooking) setTimeout(look);
        isLooking = true;
        const miss = (): void => {
          // of another path it may be there all the same: the address at which the page was opened decides what it sees
          if (path === '/') warn('it is not there now');
        };
        unseen.set(name, { text, looks: 0, miss });
      }
    }
  } catch (cause) {
    warn(noCookies, cause);
  }
  writes().notify();
}

const isWithin = (host: string, domain: string): boolean => host.endsWith(domain.toLowerCase().replace(/^\.?/, '.'));

/** Ends what is listed as `name`, in the page's own jar and in the partitioned one. */
function remove(name: string, attributes: Attributes): void {
  unseen.delete(name);
  const text = readCookies(document);
  // counts more than "expires"
  const end = { ...attributes, 'max-age': '-1' };
  for (const jar of [end, { ...end, secure: true, partitioned: true }])
    endOtherSpellings(text, name, writeCookie(name, '', jar));
}

/**
 * Sets a cookie of this page. Subscribers of `context.cookies` are told.
 *
 * The name and value are percent-encoded where cookies need it. A cookie that a server spelt otherwise (`user[name]`) is replaced.
 * What the browser refuses is a `cookie-refused` warning on the console, once per name. Does nothing on a server.
 *
 * @param attributes - js-cookie's, and `maxAge` in seconds; defaults: `path: '/'`, `sameSite: 'Lax'`, and `secure` on https
 * @throws TypeError if the name is empty, the value is not a string, number, boolean or bigint, or an attribute is invalid
 * @example
 * setCookie('plan', 'pro', { expires: 30 }); // 30 days
 */
export function setCookie(name: string, value: string, attributes?: CookieAttributes): void {
  if (!/^(string|number|boolean|bigint)$/.test(typeof value)) {
    throw new TypeError(`setCookie("${name}"): the value must be a text; removeCookie("${name}") removes.`);
  }
  write('setCookie', name, attributes, String(value));
}

/**
 * Removes a cookie of this page as `context.cookies` lists it, a partitioned one too. It needs the `path` and `domain`
 * that the cookie was set with.
 *
 * @throws TypeError if the name is empty or an attribute is invalid
 * @example
 * removeCookie('plan');
 */
export function removeCookie(name: string, attributes?: CookieAttributes): void {
  write('removeCookie', name, attributes);
}
