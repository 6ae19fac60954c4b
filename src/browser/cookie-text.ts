// document.cookie: parsed, read and written.
import cookies from 'js-cookie';

/** Values by name, in the order in which the browser lists them. */
export type Lists = ReadonlyMap<string, readonly string[]>;

/** Percent groups become text; where they are bad, the text stays as it is. */
function decode(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    try {
      // js-cookie's converter leaves a lone "%" alone; it takes quotes off
      return cookies.converter.read?.(`"${text}"`, '') ?? text;
    } catch {
      // bad percent-encoding is somebody's text, and no reason to hide a cookie
      return text;
    }
  }
}

/** The cookies of `document.cookie`; those without a name are left out. Values stay texts. */
export function parseCookies(text: string): Lists {
  const lists = new Map<string, string[]>();
  // js-cookie's own `get` drops names such as "constructor", hides values with bad encoding and cuts `"abc`
  for (const pair of text.split('; ')) {
    const end = pair.indexOf('=');
    if (end < 1) continue;
    const name = decode(pair.slice(0, end));
    const isQuoted = pair.charCodeAt(end + 1) === 34 && pair.length > end + 2 && pair.endsWith('"');
    const value = decode(isQuoted ? pair.slice(end + 2, -1) : pair.slice(end + 1));
    const list = lists.get(name);
    if (list) list.push(value);
    else lists.set(name, [value]);
  }
  return lists;
}

/** The text of a document's cookies: `''` in a sandboxed frame, which throws a SecurityError. */
export function readCookies(page: Document | null | undefined): string {
  try {
    return page?.cookie ?? '';
  } catch {
    return '';
  }
}

/** Writes a cookie of this page with exactly these attributes; returns the text that was written. */
export function writeCookie(name: string, value: string, attributes: object): string {
  return cookies.set(name, value, attributes) ?? '';
}

/**
 * Servers spell names in other ways than js-cookie: `user[name]`, `%41`. Ends the cookies of `text` that are listed as
 * `name` and spelt otherwise than in `written`, with the attributes of that text; returns whether there were any.
 */
export function endOtherSpellings(text: string, name: string, written: string): boolean {
  // of a plain name only percent groups can be another spelling; nearly no text has them in a name
  if (written.startsWith(`${name}=`) && !/(?:^|; )[^;=]*%/.test(text)) return false;
  const [own = '', ...attributes] = written.split(';');
  const others = text
    .split('; ')
    .map((pair) => `${pair.split('=', 1)[0]}=`)
    .filter((raw) => !own.startsWith(raw) && decode(raw.slice(0, -1)) === name);
  // the last max-age counts, and more than "expires"
  for (const raw of others) document.cookie = [raw, ...attributes, ' max-age=-1'].join(';');
  return others.length > 0;
}
