// The text of a query: parsed into segments, and written with edits so that other segments stay as they are.
import type { Texts } from '../core/codec.js';

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
/** Empty parts are no parameters. */
const isBeyond = (text: string, parts: string[]): boolean =>
  text.length > maxCharacters || (parts.length > maxParameters && parts.filter(Boolean).length > maxParameters);

/** One escaped character: as many bytes as the first one says. */
const escaped = /%(?:[0-7]|(?:[cd]|e[^%]%[89ab]|f[^%]%[89ab][^%]%[89ab])[^%]%[89ab])[^%]/gi;

/** Never throws: what cannot be decoded reads as written. */
function decode(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text.replace(escaped, (character) => (character === text ? text : decode(character)));
  }
}
const read = (text: string): string => decode(text.replaceAll('+', ' '));

/** Python's `urlencode`: unreserved characters stay, a space is `+`. */
const encode = (text: string): string =>
  /^[\w.~-]*$/.test(text)
    ? text
    : encodeURIComponent(text)
        .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
        .replaceAll('%20', '+');

function parseSegment(text: string): Segment {
  if (text === '') return { text };
  const mark = text.indexOf('=');
  if (mark < 0) return { text, key: read(text), list: Object.assign([''], { isBare: true }) };
  return { text, key: read(text.slice(0, mark)), list: [read(text.slice(mark + 1))] };
}

/** @param before - an earlier query, whose segments need not be decoded again where they are in the same place */
export function parseQuery(text: string, before?: ParsedQuery): ParsedQuery {
  const texts = new Map<string, Texts>();
  const parts = text.split('&');
  if (isBeyond(text, parts)) return { text, texts, segments: [{ text }], isTooLong: true };
  const segments = parts.map((part, i) => {
    const known = before?.segments[i];
    const segment = known?.text === part ? known : parseSegment(part);
    const { key, list } = segment as Required<Segment>;
    if (!list) return segment;
    const others = texts.get(key);
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
  const parts: string[] = [];
  const waiting = new Map(changes);
  const write = (list: Texts, key: string): void => {
    const { separator } = list;
    for (const text of list)
      parts.push(`${encode(key)}=${separator ? text.split(separator).map(encode).join(separator) : encode(text)}`);
  };
  for (const { text, key } of query.segments) {
    const list = changes.get(key as string);
    if (!list) parts.push(text);
    else if (waiting.delete(key as string)) write(list, key as string);
  }
  waiting.forEach((list, key) => {
    if (parts.at(-1) === '') parts.pop();
    write(list, key);
  });
  return parseQuery(parts.some(Boolean) ? parts.join('&') : '', query);
}

/** Those of the edits that the query has room for. */
export function fittingEdits(query: ParsedQuery, edits: Edits): Edits {
  const result = new Map<string, Texts>();
  edits.forEach((list, key) => {
    if (spliceQuery(query, result.set(key, list)).isTooLong) result.delete(key);
  });
  return result;
}

/** A URL around its query, which stands before the hash; or in the hash, up to a second `#`. */
export interface QueryUrl {
  readonly before: string;
  /** Without its `?`. */
  readonly query: string;
  readonly after: string;
}

export function cutUrl(href: string, isHash: boolean): QueryUrl {
  const [, before, query = '', after] = (isHash
    ? /^([^#]*(?:#[^?#]*)?)(?:\?([^#]*))?(.*)$/s
    : /^([^?#]*)(?:\?([^#]*))?(.*)$/s
  ).exec(href) as unknown as [string, string, string | undefined, string];
  return { before, query, after };
}

/** The same URL with another query. */
export const joinUrl = ({ before, after }: QueryUrl, query: string, isHash: boolean): string =>
  `${before}${query && `${isHash && !before.includes('#') ? '#' : ''}?${query}`}${after}`;
