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

/** Writes a cookie of this page with exactly these attributes; returns the text that was written. */
export function writeCookie(name: string, value: string, attributes: object): string {
  return cookies.set(name, value, attributes) ?? '';
}
