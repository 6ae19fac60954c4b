import type { BindTarget } from '../binding/options.js';
import { type Address, createAddress, type HistoryMode } from '../browser/address.js';
import { systemClock } from '../browser/clock.js';
import { reportListenerError } from '../browser/report-error.js';
import type { Change } from '../core/batch.js';
import { createDict, toPlainObject } from '../core/dict.js';
import type { Unsubscribe } from '../core/listeners.js';
import { type Codec, type ParamCodecWithDefault, stringParam } from '../core/param.js';
import type { ParsedQuery, Texts } from '../core/query-text.js';
import { createTokenBucket, type TokenBucket } from '../core/rate.js';
import type { Ref } from '../core/ref.js';
import { createWarner, type Warning } from '../core/warning.js';
import { KeyError, ReservedKeyError } from '../errors.js';
import { createRunning, shared } from '../registry.js';
import { createQueryBind, type QueryBindOptions } from './bind.js';
import { type QueryInput, type QueryInputs, toMode, toPairs, toTexts, wellFormed } from './input.js';
import { createTypedParam } from './typed-param.js';
import {
  createParamRef,
  createTypedView,
  type DefineOptions,
  type ParamShape,
  type QueryPort,
  type TypedView,
  type WriteOptions,
} from './typed-view.js';
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
  /**
   * Keeps controls and parameters equal. A valid text in the URL wins over the control; the control's own value is left
   * out of the URL. Containers are live: controls that come later are bound, too.
   *
   * @param target - a selector, a control, a form, a container such as `document`, or several elements; or a `Ref`
   * @param options - `key` or the options. Default of `key`: the attribute `data-param`, else the control's `name`
   * @returns ends it; the parameters stay
   * @throws TypeError for a button, a file input, a secret, or a control without key
   * @throws {@link ReservedKeyError} for a reserved key
   * @example
   * queryParams.bind('[name=year]');
   * queryParams.bind(sessionState.ref('page', 1), { key: 'page', default: 1 });
   */
  bind<T>(target: Ref<T>, options: QueryBindOptions<T> | string): Unsubscribe;
  bind(target: BindTarget, options?: QueryBindOptions | string): Unsubscribe;
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
    createQueryWriter({ ...page, clock: systemClock, isHash: source === 'hash', navigate });
  return createQueryParamsOver(navigate ? create() : (page[source] ??= create()), options);
}

const lastOf = (texts: Texts | undefined): string | undefined => texts?.at(-1);

/** `createQueryParams` over a writer that is handed in. */
export function createQueryParamsOver(
  writer: QueryWriter,
  {
    history: defaultMode = 'replace',
    reserved = ['embed', 'embed_options'],
    source,
    onWarning,
  }: QueryParamsOptions = {},
): QueryParams {
  const owner = 'queryParams';
  const reservedKeys = new Set(reserved.map((key) => key.toLowerCase()));
  const isReserved = (key: string): boolean => reservedKeys.has(key.toLowerCase());
  const warner = createWarner(onWarning, reportListenerError);
  const warn = (code: string, message: string, cause?: unknown): void =>
    warner.warn({ code, message, ...(cause === undefined ? {} : { cause }) });
  toMode('createQueryParams', defaultMode);

  let seen: ParsedQuery | undefined;
  let visible: ReadonlyMap<string, Texts>;
  /** What of the URL this instance shows. */
  const look = (now: ParsedQuery): void => {
    seen = now;
    visible = now.texts;
    if ([...visible.keys()].some(isReserved)) visible = new Map([...visible].filter(([key]) => !isReserved(key)));
    if (now.isTooLong) warn('query-too-long', `${owner}: the query of the URL is too long and is not read.`);
  };
  const texts = (key: string): Texts | undefined => {
    const now = writer.view();
    if (now !== seen) look(now);
    const edit = writer.edits.size > 0 && !isReserved(key) ? writer.edits.get(key) : undefined;
    if (edit) return edit.length > 0 ? edit : undefined;
    const list = visible.get(key);
    // a key with a lone surrogate stands in the URL without it
    return list || wellFormed(key) === key ? list : texts(wellFormed(key));
  };
  const all = (): ReadonlyMap<string, Texts> => {
    const now = writer.view();
    if (now !== seen) look(now);
    if (writer.edits.size === 0) return visible;
    const result = new Map(visible);
    for (const [key, edit] of writer.edits) {
      if (isReserved(key)) continue;
      if (edit.length > 0) result.set(key, edit);
      else result.delete(key);
    }
    return result;
  };

  let checked: string | undefined;
  const check = (call: string, name: string): string => {
    // a slider writes one key many times
    if (name === checked) return name;
    const key = wellFormed(`${name}`);
    if (isReserved(key)) throw new ReservedKeyError(call, key, 'and cannot be read or written here.');
    checked = key;
    return key;
  };
  const write: QueryPort['write'] = (edits, mode) => {
    if (!writer.write(edits, mode, warn))
      warn('no-document', `${owner}: there is no document; what is written is forgotten.`);
  };
  const modeOf = (call: string, options?: WriteOptions): HistoryMode => toMode(call, options?.history ?? defaultMode);
  const toEdits = (call: string, input: unknown): Map<string, Texts> => {
    const edits = new Map<string, Texts>();
    for (const [name, value] of toPairs(call, input)) {
      const key = check(call, name);
      edits.set(key, toTexts(call, key, value));
    }
    return edits;
  };
  /** With all keys that are there now, removed. */
  const over = (edits: ReadonlyMap<string, Texts>): Map<string, Texts> => {
    const result = new Map<string, Texts>([...all().keys()].map((key) => [key, []]));
    for (const [key, list] of edits) result.set(key, list);
    return result;
  };

  const subscribe = (...[target, listener]: [unknown, unknown?]): Unsubscribe => {
    if (typeof target !== 'function') {
      const key = `${target}`;
      // never told
      return isReserved(key) ? () => {} : writer.subscribe(key, listener as () => void);
    }
    return writer.subscribe((changes) => {
      const shown = changes.filter(({ key }) => !isReserved(key));
      if (shown.length > 0) target(shown);
    });
  };
  const port = { texts, write, subscribe, check, href: writer.href } as QueryPort;

  const refs = new Map<string, WeakMap<object, Ref<unknown>>>();
  const anyText: Codec<string> = { ...stringParam };

  /** One key's texts, written unless `isWanted` says no. */
  const put = (
    call: string,
    name: string,
    input: unknown,
    options?: WriteOptions,
    isWanted?: (key: string) => boolean,
  ) => {
    const key = check(call, name);
    const list = toTexts(call, key, input);
    const mode = modeOf(call, options);
    if (!isWanted || isWanted(key)) write([[key, list]], mode);
  };
  const find = (name: string): Texts | undefined => texts(`${name}`);

  const members = {
    get: (key: string, fallback?: unknown) => lastOf(find(key)) ?? fallback,
    require(key: string) {
      const text = lastOf(find(key));
      if (text === undefined) throw new KeyError(owner, key);
      return text;
    },
    getAll: (key: string) => [...(find(key) ?? [])],
    has: (key: string) => find(key) !== undefined,
    set: (key: string, input: unknown, options?: WriteOptions) => put(`${owner}.set`, key, input, options),
    delete(key: string, options?: WriteOptions) {
      const mode = modeOf(`${owner}.delete`, options);
      const isThere = members.has(key);
      if (isThere) write([[wellFormed(`${key}`), []]], mode);
      return isThere;
    },
    setDefault(key: string, input: unknown, options?: WriteOptions) {
      put(`${owner}.setDefault`, key, input, options, (name) => !texts(name));
      return members.get(key);
    },
    pop(...[key, ...fallback]: [string, unknown?]) {
      const text = members.get(key);
      if (text === undefined && fallback.length === 0) throw new KeyError(owner, key);
      members.delete(key);
      return text === undefined ? fallback[0] : text;
    },
    update(input: unknown = {}, options?: WriteOptions) {
      const call = `${owner}.update`;
      write(toEdits(call, input), modeOf(call, options));
    },
    fromDict(input: unknown, options?: WriteOptions) {
      const call = `${owner}.fromDict`;
      write(over(toEdits(call, input)), modeOf(call, options));
    },
    toDict: () => toPlainObject([...all()].map(([key, list]) => [key, lastOf(list)] as const)),
    toString: () => writer.query(),
    clear: (options?: WriteOptions) => write(over(new Map()), modeOf(`${owner}.clear`, options)),
    href: (input: unknown = {}) => writer.href(toEdits(`${owner}.href`, input)),
    ref(name: string, codec: Codec<unknown> = anyText as Codec<unknown>) {
      const call = `${owner}.ref`;
      const key = check(call, name);
      let byCodec = refs.get(key);
      if (!byCodec) refs.set(key, (byCodec = new WeakMap()));
      let ref = byCodec.get(codec);
      if (!ref) {
        const typed = createTypedParam(key, codec);
        ref = createParamRef(port, key, typed, (value) => write([[key, typed.toTexts(call, value)]], defaultMode));
        byCodec.set(codec, ref);
      }
      return ref;
    },
    define: (shape: ParamShape, options: DefineOptions = {}) => createTypedView(port, shape, options, defaultMode),
    subscribe: (...[target, listener]: [unknown, ((now: unknown, before: unknown) => void)?]) =>
      typeof target === 'function'
        ? port.subscribe((changes) =>
            target(
              changes.map(({ key, value, previous }) => ({ key, value: lastOf(value), previous: lastOf(previous) })),
            ),
          )
        : port.subscribe(`${target}`, (now, before) => listener?.(lastOf(now), lastOf(before))),
    batch: writer.batch,
    bind: createQueryBind({
      ...port,
      history: defaultMode,
      isHash: source === 'hash',
      batch: writer.batch,
      warn: warner.warn,
      running: () => shared('running', createRunning).functionName,
    }),
    flush: writer.flush,
  };

  return createDict<QueryParams>({ owner, tag: 'QueryParams' }, members, {
    get: (key) => lastOf(texts(key)),
    has: members.has,
    keys: () => all().keys(),
    set: members.set,
    delete: members.delete,
  });
}

/** The query of this page's URL. */
export const queryParams: QueryParams = shared('queryParams', createQueryParams);
