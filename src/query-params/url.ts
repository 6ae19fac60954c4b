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
  const [, before, query, after] = (isHash
    ? /^([^#]*(?:#[^?#]*)?)(?:\?([^#]*))?(.*)$/s
    : /^([^?#]*)(?:\?([^#]*))?(.*)$/s
  ).exec(href) as unknown as [string, string, string | undefined, string];
  return { href, before, query: query ?? '', after, path: before.replace(/\?[^#]*/, '') };
}

/** The same URL with another query. */
export const joinUrl = ({ before, after }: QueryUrl, query: string, isHash: boolean): string =>
  `${before}${query && `${isHash && !before.includes('#') ? '#' : ''}?${query}`}${after}`;
