// The types of queryParams.
import type { HistoryMode } from '../browser/address.js';
import type { Change } from '../core/batch.js';
import type { Codec } from '../core/codec.js';
import type { Unsubscribe } from '../core/listeners.js';
import type { Ref } from '../core/ref.js';
import type { Warning } from '../core/warning.js';
import type { ParamCodecWithDefault } from './param/codec.js';

export interface QueryParamsOptions {
  /** Of writes that do not say otherwise. Default: `'replace'`. */
  history?: HistoryMode;
  /** Keys that are invisible and cannot be written, in any case. Default: `['embed', 'embed_options']`. */
  reserved?: string[];
  /** `'hash'`: the query inside `location.hash`, as in `#/path?a=1`. Default: `'search'`. */
  source?: 'search' | 'hash';
  /** Hands the write to a router. Gets the absolute URL. Default: the history API. */
  navigate?: (url: string, history: HistoryMode) => void;
  /** Default: `console.warn`, once per code. */
  onWarning?: (warning: Warning) => void;
}

/** What one parameter is written from. A Date is written as `toISOString()`, everything else as `String(value)`. */
export type QueryValue = string | number | boolean | bigint | Date;

/** An iterable is written as a repeated key; `null`, `undefined` and an empty iterable remove the key. */
export type QueryInput = QueryValue | Iterable<QueryValue | null | undefined> | null | undefined;

/** Several parameters: an object, pairs, or something with `getAll`, such as a URLSearchParams, which keeps repeated values. */
export type QueryInputs = { readonly [key: string]: QueryInput } | Iterable<readonly [string, QueryInput | unknown]>;

export interface WriteOptions {
  /** A new history entry, or the present one changed. Default: that of the view or instance. */
  history?: HistoryMode;
}

/** The query of the URL as a dict: attribute and bracket notation and these methods, all of which work unbound. */
export type QueryParams = QueryParamsMembers & { [key: string]: QueryInput };

export interface QueryParamsMembers {
  /** The last text of the key; `undefined`, or the fallback, when it is missing. */
  get(key: string): string | undefined;
  get<F>(key: string, fallback: F): string | F;
  /** @throws {@link KeyError} if the key is missing */
  require(key: string): string;
  /** All texts of a repeated key, as a fresh array; `[]` when it is missing. */
  getAll(key: string): string[];
  has(key: string): boolean;
  /**
   * Writes one parameter. Reads see it at once, the address bar follows in the same microtask.
   *
   * @throws {@link QueryParamValueError} for a value that cannot stand in a URL
   * @throws {@link ReservedKeyError} for a reserved key
   * @example
   * queryParams.set('page', 2, { history: 'push' });
   */
  set(key: string, input: QueryInput, options?: WriteOptions): void;
  /** Removes all texts of the key; tells whether there were any. */
  delete(key: string, options?: WriteOptions): boolean;
  /** Writes only if the key is missing; gives the text that is stored. */
  setDefault(key: string, input: QueryInput, options?: WriteOptions): string | undefined;
  /**
   * Removes the key and gives its last text.
   *
   * @throws {@link KeyError} if it is missing and there is no fallback
   */
  pop(key: string): string;
  pop<F>(key: string, fallback: F): string | F;
  /** Writes several parameters in one history entry, or none if one of them is wrong. */
  update(values?: QueryInputs, options?: WriteOptions): void;
  /** The same, and removes all other parameters but the reserved ones. */
  fromDict(values: QueryInputs, options?: WriteOptions): void;
  /** A fresh object with the last text of each key. */
  toDict(): Record<string, string>;
  /** The raw query, without `?`, reserved keys included. */
  toString(): string;
  /** Removes all parameters but the reserved ones. */
  clear(options?: WriteOptions): void;
  /** The absolute URL with these changes, hash included; writes nothing. */
  href(input?: QueryInputs): string;
  ref(key: string): Ref<string | undefined>;
  /** Reads and writes through the codec. The same ref for the same key and codec object. */
  ref<T>(key: string, codec: ParamCodecWithDefault<T>): Ref<T>;
  ref<T>(key: string, codec: Codec<T>): Ref<T | undefined>;
  /**
   * Typed access to several parameters. A plain value is a default and picks its codec.
   *
   * @example
   * const list = queryParams.define({ page: 1, tags: [] as string[], sort: param.oneOf(['asc', 'desc']) });
   * list.page += 1;
   */
  define<const S extends ParamShape>(shape: S, options?: DefineOptions<S>): TypedView<S>;
  /** Hears when the texts of a key change; gets the last one now and before. */
  subscribe(key: string, listener: (value: string | undefined, previous: string | undefined) => void): Unsubscribe;
  /** Hears of all changes. */
  subscribe(listener: (changes: Change<string>[]) => void): Unsubscribe;
  /** One notification at the end; returns what `fn` returns. */
  batch<R>(fn: () => R): R;
  /** Writes what is pending to the address bar now. */
  flush(): void;
  [Symbol.iterator](): IterableIterator<[string, string]>;
}

/** A default, which also picks the codec, or a codec. An empty array holds strings. */
export type ParamShapeValue =
  | string
  | number
  | boolean
  | Date
  | readonly string[]
  | readonly number[]
  | readonly boolean[]
  | readonly Date[]
  | Codec<unknown>;

export type ParamShape = Readonly<Record<string, ParamShapeValue>>;

/** What a parameter of a shape reads. */
export type ParamValue<P> =
  P extends ParamCodecWithDefault<infer T>
    ? T
    : P extends Codec<infer T>
      ? T | undefined
      : P extends string
        ? string
        : P extends number
          ? number
          : P extends boolean
            ? boolean
            : P extends readonly []
              ? string[]
              : P extends readonly (infer I)[]
                ? ParamValue<I>[]
                : P;

export type ParamValues<S extends ParamShape> = { -readonly [K in keyof S]: ParamValue<S[K]> };

export interface DefineOptions<S extends ParamShape = ParamShape> {
  /** Of writes through this view. Default: that of the instance. */
  history?: HistoryMode;
  /** Writes defaults, too, instead of leaving them out. Default: `false`. */
  keepDefaults?: boolean;
  /** Names in the URL, where they differ from the shape's. */
  names?: { readonly [K in keyof S]?: string };
}

/** Parameters of the URL as values, under the names of the shape; see `queryParams.define`. */
export type TypedView<S extends ParamShape> = ParamValues<S> & TypedViewMembers<S>;

export interface TypedViewMembers<S extends ParamShape> {
  /**
   * Sets several parameters in one call; `undefined` removes one.
   *
   * @throws {@link QueryParamValueError} if a value would not come back from its text; nothing changes
   * @throws TypeError for a name that is not in the shape
   */
  update(values: { readonly [K in keyof S]?: ParamValue<S[K]> | undefined }, options?: WriteOptions): void;
  /** The URL with these values; writes nothing. */
  href(values: { readonly [K in keyof S]?: ParamValue<S[K]> | undefined }): string;
  /**
   * What this view reads at another URL, as a plain object; reads and writes nothing else. For servers and tests.
   *
   * @param source - a URL, absolute or relative, or a query with or without `?`
   * @throws TypeError for anything else
   * @example
   * const { page } = filters.parse(request);
   */
  parse(source: string | URL | URLSearchParams | Request): ParamValues<S>;
  /** Removes all parameters of this view, in one call. */
  reset(options?: WriteOptions): void;
  /** Hears when the value of a parameter changes. */
  subscribe<K extends keyof S & string>(
    name: K,
    listener: (value: ParamValue<S[K]>, previous: ParamValue<S[K]>) => void,
  ): Unsubscribe;
  /** Hears of all changes of this view's values. */
  subscribe(listener: (changes: Change[]) => void): Unsubscribe;
  ref<K extends keyof S & string>(name: K): Ref<ParamValue<S[K]>>;
  /** A fresh object with all values. */
  toDict(): ParamValues<S>;
  [Symbol.iterator](): IterableIterator<[string, unknown]>;
}
