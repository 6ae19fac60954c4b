/** All texts of one parameter, in the order of the query; never changed. */
export interface Texts extends ReadonlyArray<string> {
  /** The last one has no `=` in the URL: `?open`. */
  readonly isBare?: boolean;
  /** Stands unencoded in the URL. */
  readonly separator?: string | undefined;
}

/** Turns the texts of a parameter into a value and back. */
export interface Codec<T> {
  /** All texts of the key; `undefined`, or an exception, if they say nothing. */
  parse(texts: string[]): T | undefined;
  /** `undefined` removes the parameter. */
  format(value: T): string | string[] | undefined;
}

/** What the library's own codecs tell about themselves. */
export interface CodecFacts {
  readonly default?: unknown;
  /** Stands for a key without `=`. */
  readonly bare?: string;
  /** Of a list. */
  readonly item?: AnyCodec;
  /** Stands unencoded in the URL. */
  readonly separator?: string | undefined;
}

export type AnyCodec = Codec<unknown> & CodecFacts;
