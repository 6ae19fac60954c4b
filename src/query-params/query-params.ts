import { type Address, createAddress, type HistoryMode } from '../browser/address.js';
import { systemTimer } from '../browser/clock.js';
import type { Change } from '../core/batch.js';
import type { Codec, ParamCodecWithDefault } from '../core/codec.js';
import type { Unsubscribe } from '../core/listeners.js';
import { createTokenBucket, type TokenBucket } from '../core/rate.js';
import type { Ref } from '../core/ref.js';
import type { Warning } from '../core/warning.js';
import { shared } from '../registry.js';
import type { QueryInput, QueryInputs } from './input.js';
import { createQueryParamsOver } from './instance.js';
import type { WriteOptions } from './param-ref.js';
import type { DefineOptions, ParamShape, TypedView } from './shape.js';
import { createQueryWriter, type QueryWriter } from './writer.js';

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

/** What all instances of a page share. */
interface Page {
  address: Address;
  bucket: TokenBucket;
  search?: QueryWriter;
  hash?: QueryWriter;
}

const createPage = (): Page => ({ address: createAddress(), bucket: createTokenBucket() });

/**
 * Parameters of this page's URL, with other options than those of `queryParams`. Instances see each other's writes.
 *
 * @example
 * const q = createQueryParams({ source: 'hash', navigate: (url, how) => router[how](url) });
 */
export function createQueryParams(options: QueryParamsOptions = {}): QueryParams {
  const { navigate, source = 'search' } = options;
  if (source !== 'search' && source !== 'hash')
    throw new TypeError('createQueryParams: source must be "search" or "hash".');
  const page = shared('queryParamsPage', createPage);
  const create = (): QueryWriter =>
    createQueryWriter({ ...page, clock: systemTimer, isHash: source === 'hash', navigate });
  return createQueryParamsOver(navigate ? create() : (page[source] ??= create()), options);
}

/** The query of this page's URL. */
export const queryParams: QueryParams = shared('queryParams', createQueryParams);
