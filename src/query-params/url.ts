/** A URL and where its query stands: up to the hash; or in the hash, up to a second `#`. */
export interface QueryUrl {
  readonly href: string;
  readonly before: string;
  /** Without its `?`. */
  readonly query: string;
  readonly after: string;
  /** What makes it another page. In the hash, `location.search` is nobody's page. */
  readonly path: string;
}

export function cutUrl(href: string, isHash: boolean): QueryUrl {
  const hash = href.indexOf('#');
  const from = isHash ? (hash < 0 ? href.length : hash) : 0;
  const nextHash = isHash ? href.indexOf('#', from + 1) : hash;
  const end = nextHash < 0 ? href.length : nextHash;
  const mark = href.indexOf('?', from);
  const start = mark < 0 || mark > end ? end : mark;
  const before = href.slice(0, start);
  return {
    href,
    before,
    query: href.slice(start + 1, end),
    after: href.slice(end),
    path: before.replace(/\?[^#]*/, ''),
  };
}

/** The same URL with another query. */
export const joinUrl = ({ before, after }: QueryUrl, query: string, isHash: boolean): string =>
  `${before}${query && `${isHash && !before.includes('#') ? '#' : ''}?${query}`}${after}`;

export const withoutHash = (href: string): string => href.replace(/#.*/s, '');
