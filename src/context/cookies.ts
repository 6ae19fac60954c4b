import { type Lists, parseCookies, writeCookie } from '../browser/cookie-text.js';
import { all, on, onReturn } from '../browser/page-life.js';
import { reportListenerError } from '../browser/report-error.js';
import { createListeners, type Listeners, type Unsubscribe } from '../core/listeners.js';
import { createWarner, type Warner } from '../core/warning.js';
import { shared } from '../registry.js';
import type { View } from './fact.js';
import type { ReadonlyDictSource, ReadonlyDictText } from './readonly-dict.js';

/** js-cookie's attributes; others are passed on to the browser. */
export interface CookieAttributes {
  /** Days from now, or the moment at which it ends. Default: with the browser's session. */
  expires?: number | Date | undefined;
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
  [attribute: string]: unknown;
}

export const cookiesText: ReadonlyDictText = {
  owner: 'context.cookies',
  tag: 'Cookies',
  readonly: 'use setCookie() and removeCookie().',
  hint: 'Scripts do not see HttpOnly cookies.',
};

/** A live view of a document's cookies; `onNew` hears of another text. The parse is kept as long as the text. */
export function createCookies(askDocument: () => Document | undefined, onNew: () => void): ReadonlyDictSource {
  let text = '';
  let lists: Lists = new Map();
  return {
    all() {
      let now = '';
      try {
        now = askDocument()?.cookie ?? '';
      } catch {
        // a sandboxed frame has no cookies: SecurityError
      }
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

let warner: Warner | undefined;
const control = /\p{Cc}/u;
const none: CookieAttributes = {};

/** What is given, over safe defaults; `refuse` throws. */
function attributesOf(given: CookieAttributes, isHttps: boolean, refuse: (problem: string) => never): CookieAttributes {
  const attributes: CookieAttributes = { path: '/', sameSite: 'Lax', secure: isHttps };
  if (given === none) return attributes;
  for (const [key, attribute] of Object.entries(given)) {
    if (attribute === undefined || attribute === null) continue;
    if (key === 'expires') {
      const end = typeof attribute === 'number' ? new Date(Date.now() + attribute * 864e5) : attribute;
      if (!(end instanceof Date) || Number.isNaN(end.getTime()))
        refuse('"expires" must be a number of days or a valid Date.');
      attributes[key] = end as Date;
    } else {
      if (
        !/^(string|number|boolean)$/.test(typeof attribute) ||
        /[;=\p{Cc}]/u.test(key) ||
        /[;\p{Cc}]/u.test(String(attribute))
      )
        refuse(`the attribute "${key}" must be a boolean, or a text without ";" and control characters.`);
      attributes[key] = typeof attribute === 'boolean' ? attribute : String(attribute);
    }
  }
  if (attributes.partitioned || /^none$/i.test(attributes.sameSite as string)) attributes.secure = true;
  return attributes;
}

/** One place for both calls; `call` is how messages name it. */
function write(call: string, name: string, value: unknown, given: CookieAttributes): void {
  const refuse = (problem: string): never => {
    throw new TypeError(`${call}("${name}"): ${problem}`);
  };
  if (typeof name !== 'string' || name === '' || control.test(name))
    throw new TypeError(`${call}: the name must be a text, not empty, without control characters.`);
  if (value === undefined || value === null)
    refuse(`the value is ${value}. To remove it call removeCookie("${name}").`);
  if (!/^(string|number|boolean|bigint)$/.test(typeof value))
    refuse(`the value (${typeof value}) must be a string, number, boolean or bigint.`);

  const { location, document } = globalThis as Partial<typeof globalThis>;
  const protocol = location?.protocol ?? '';
  const attributes = attributesOf(given, protocol === 'https:', refuse);
  const [, prefix] = /^__(host|secure)-/i.exec(name) ?? [];
  if (prefix) {
    if (/host/i.test(prefix) && (attributes.domain || attributes.path !== '/'))
      refuse('the prefix __Host- wants the path "/" and no domain.');
    attributes.secure = true;
  }
  // a server has no visitor to give the cookie to
  if (!document) return;

  const warn = (why: string, cause?: unknown): void => {
    warner ??= createWarner(undefined, reportListenerError);
    const message = `${call}("${name}"): the browser refuses it, because ${why}.`;
    warner.warn({ code: 'cookie-refused', key: name, message, ...(cause === undefined ? {} : { cause }) });
  };
  if (attributes.secure && protocol === 'http:' && globalThis.isSecureContext === false)
    warn('it is secure and this page came over plain http');
  let written = '';
  try {
    written = writeCookie(name, String(value), attributes);
  } catch (cause) {
    if (cause instanceof URIError) refuse('a lone surrogate in the name or value cannot be encoded.');
    warn('this page may not use cookies', cause);
  }
  const bytes = written.indexOf(';') - 1;
  if (bytes > 4096) warn(`name and value take ${bytes} bytes and may take 4096`);
  // sandboxed frames throw; data: pages of Firefox and WebKit forget the cookie
  else if (protocol === 'data:') warn('this page may not use cookies');
  writes().notify();
}

/**
 * Sets a cookie of this page. Subscribers of `context.cookies` are told.
 *
 * The name and value are percent-encoded where cookies need it. What the browser will refuse (more than 4,096 bytes,
 * `secure` on plain http, a frame without cookies) is a `cookie-refused` warning on the console, once per name.
 * Does nothing on a server.
 *
 * @param attributes - js-cookie's; defaults: `path: '/'`, `sameSite: 'Lax'`, and `secure` on https
 * @throws TypeError if the name is empty, the value is not a string, number, boolean or bigint, or an attribute is invalid
 * @example
 * setCookie('plan', 'pro', { expires: 30 }); // 30 days
 */
export function setCookie(name: string, value: string, attributes: CookieAttributes = none): void {
  write('setCookie', name, value, attributes);
}

/**
 * Removes a cookie of this page. It needs the `path` and `domain` that the cookie was set with.
 *
 * @throws TypeError if the name is empty or an attribute is invalid
 * @example
 * removeCookie('plan');
 */
export function removeCookie(name: string, attributes: CookieAttributes = {}): void {
  write('removeCookie', name, '', { ...attributes, expires: -1 });
}
