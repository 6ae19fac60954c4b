import queryString from 'query-string';

/** All texts of one key, in the order of the query; never changed. */
export interface Texts extends ReadonlyArray<string> {
  /** The last one stood without `=`: `?open`. */
  readonly isBare?: boolean;
  /** Stands unencoded in the URL. */
  readonly separator?: string | undefined;
}

/** Key → its texts from now on; an empty list removes the key. */
export type Edits = ReadonlyMap<string, Texts>;

export interface ParsedQuery {
  readonly texts: ReadonlyMap<string, Texts>;
  /** What stands between the `&`, and the key of each; `undefined` where it is empty. */
  readonly segments: readonly string[];
  readonly keys: readonly (string | undefined)[];
  /** Beyond what is read and written: `texts` is empty. */
  readonly isTooLong: boolean;
}

/** Streamlit's limits. */
const maxCharacters = 524_288;
const maxParameters = 1000;

/**
 * Key and text of one segment. The additional `?` absorbs the prefix that `parse` strips. Bytes that are no UTF-8 read
 * as written; query-string makes U+FFFD of those that are escaped here first.
 */
function decodeSegment(segment: string): [key: string, text: string | null] {
  const query = `?${segment.replace(/%(?=f[ef]|c2(?!%[89ab][\da-f]))/gi, '%25')}`;
  const [pair = [segment, null]] = Object.entries(queryString.parse(query, { sort: false }));
  return pair as [string, string | null];
}

/** Python's `urlencode`: unreserved characters stay, a space is `+`. The constant key keeps `__proto__` out. */
const encode = (text: string): string => queryString.stringify({ _: text }).slice(2).replaceAll('%20', '+');

/** A parser that decodes a segment only once, as long as it stays in the query. */
export function createQueryParser(): (query: string) => ParsedQuery {
  let decoded = new Map<string, readonly [key: string, list: Texts]>();
  let last: ParsedQuery | undefined;
  let lastQuery: string;
  return (query) => {
    if (last && query === lastQuery) return last;
    const segments = query.split('&');
    const texts = new Map<string, Texts>();
    const next: typeof decoded = new Map();
    const isTooLong =
      query.length > maxCharacters ||
      (segments.length > maxParameters && segments.filter(Boolean).length > maxParameters);
    const keys = segments.map((segment) => {
      if (isTooLong || segment === '') return undefined;
      let entry = decoded.get(segment);
      if (!entry) {
        const [key, text] = decodeSegment(segment);
        entry = [key, text === null ? Object.assign([''], { isBare: true }) : [text]];
      }
      next.set(segment, entry);
      const [key, list] = entry;
      const before = texts.get(key);
      // the same list as before, so that what was made of it is found at once
      texts.set(key, before ? Object.assign([...before, ...list], list.isBare && { isBare: true }) : list);
      return key;
    });
    decoded = next;
    lastQuery = query;
    last = { texts, segments, keys, isTooLong };
    return last;
  };
}

const none: Texts = [];

/** Whether two lists hold the same texts; a missing one is empty. */
export function isSameTexts(a: Texts = none, b: Texts = none): boolean {
  return a === b || (a.length === b.length && a.every((text, i) => text === b[i]));
}

/** Whether the query says already what the edits say. */
export function isDone({ texts }: ParsedQuery, edits: Edits): boolean {
  for (const [key, list] of edits) if (!isSameTexts(texts.get(key), list)) return false;
  return true;
}

/** The query with these edits. All segments that they do not change keep their bytes. */
export function spliceQuery({ texts, segments, keys }: ParsedQuery, edits: Edits): string {
  const result: string[] = [];
  const waiting = new Map(edits);
  const write = (key: string, list: Texts): void => {
    waiting.delete(key);
    for (const text of list) {
      const { separator } = list;
      const value = separator ? text.split(separator).map(encode).join(separator) : encode(text);
      result.push(`${encode(key)}=${value}`);
    }
  };
  segments.forEach((segment, i) => {
    const key = keys[i];
    const list = key === undefined ? undefined : edits.get(key);
    if (!list || isSameTexts(list, texts.get(key as string))) result.push(segment);
    else if (waiting.has(key as string)) write(key as string, list);
  });
  for (const [key, list] of waiting) {
    if (texts.has(key) || list.length === 0) continue;
    if (result.at(-1) === '') result.pop();
    write(key, list);
  }
  return result.some(Boolean) ? result.join('&') : '';
}
