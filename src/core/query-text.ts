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

/** What stands between two `&`; an empty one has no key. */
interface Segment {
  readonly text: string;
  readonly key?: string;
  readonly list?: Texts;
}

export interface ParsedQuery {
  readonly text: string;
  readonly texts: ReadonlyMap<string, Texts>;
  readonly segments: readonly Segment[];
  /** Beyond what is read and written: `texts` is empty. */
  readonly isTooLong: boolean;
}

/** Streamlit's limits. */
const maxCharacters = 524_288;
const maxParameters = 1000;
const isBeyond = (text: string, parts: readonly (Segment | string)[]): boolean =>
  text.length > maxCharacters ||
  (parts.length > maxParameters &&
    parts.filter((part) => (typeof part === 'string' ? part : part.text)).length > maxParameters);

/**
 * Key and text of one segment. The additional `?` absorbs the prefix that `parse` strips. Bytes that are no UTF-8 read
 * as written; query-string makes U+FFFD of those that are escaped here first.
 */
function decode(text: string): Segment {
  const query = `?${text.replace(/%(?=f[ef]|c2(?!%[89ab][\da-f]))/gi, '%25')}`;
  const [[key, value] = [text, null]] = Object.entries(queryString.parse(query, { sort: false }));
  return { text, key, list: value === null ? Object.assign([''], { isBare: true }) : [value as string] };
}

/** Python's `urlencode`: unreserved characters stay, a space is `+`. The constant key keeps `__proto__` out. */
const encode = (text: string): string =>
  /^[\w.~-]*$/.test(text) ? text : queryString.stringify({ _: text }).slice(2).replaceAll('%20', '+');

/** @param before - an earlier query, whose segments need not be decoded again and keep their lists */
export function parseQuery(text: string, before?: ParsedQuery): ParsedQuery {
  const texts = new Map<string, Texts>();
  const parts = text.split('&');
  if (isBeyond(text, parts)) return { text, texts, segments: [{ text }], isTooLong: true };
  const known = new Map(before?.segments.map((segment) => [segment.text, segment]));
  const segments = parts.map((part): Segment => {
    if (part === '') return { text: part };
    const segment = known.get(part) ?? decode(part);
    const { key, list } = segment as Required<Segment>;
    const others = texts.get(key);
    // the same list as before, so that what was made of it is found at once
    texts.set(key, others ? Object.assign([...others, ...list], list.isBare && { isBare: true }) : list);
    return segment;
  });
  return { text, texts, segments, isTooLong: false };
}

const none: Texts = [];

/** Whether two lists hold the same texts; a missing one is empty. */
export const isSameTexts = (a: Texts = none, b: Texts = none): boolean =>
  a === b || (a.length === b.length && a.every((text, i) => text === b[i]));

/** What reads as long as these edits wait. */
export function withEdits(texts: ReadonlyMap<string, Texts>, edits: Edits): Map<string, Texts> {
  const result = new Map(texts);
  edits.forEach((list, key) => {
    if (list.length > 0) result.set(key, list);
    else result.delete(key);
  });
  return result;
}

/** The query with these edits, itself if it says already what they say. Other segments keep their bytes. */
export function spliceQuery(query: ParsedQuery, edits: Edits): ParsedQuery {
  const changes = new Map([...edits].filter(([key, list]) => !isSameTexts(list, query.texts.get(key))));
  if (changes.size === 0) return query;
  const segments: Segment[] = [];
  const waiting = new Map(changes);
  const write = (list: Texts, key: string): void => {
    const { separator } = list;
    for (const text of list)
      segments.push({
        text: `${encode(key)}=${separator ? text.split(separator).map(encode).join(separator) : encode(text)}`,
        key,
        list: list.length > 1 ? [text] : list,
      });
  };
  for (const segment of query.segments) {
    const key = segment.key as string;
    const list = changes.get(key);
    if (!list) segments.push(segment);
    else if (waiting.delete(key)) write(list, key);
  }
  waiting.forEach((list, key) => {
    if (segments.at(-1)?.text === '') segments.pop();
    write(list, key);
  });
  const text = segments.map((segment) => segment.text).join('&');
  if (!/[^&]/.test(text)) return parseQuery('');
  return { text, texts: withEdits(query.texts, changes), segments, isTooLong: isBeyond(text, segments) };
}

/** Those of the edits that the query has room for. One that is not read is not written either. */
export function fittingEdits(query: ParsedQuery, edits: Edits): Edits {
  const result = new Map<string, Texts>();
  if (!query.isTooLong)
    edits.forEach((list, key) => {
      if (spliceQuery(query, result.set(key, list)).isTooLong) result.delete(key);
    });
  return result;
}
