// createQueryParams: the URL's query as a dict, over a writer.
import type { QueryPort as BindPort } from '../binding/port.js';
import { type Address, createAddress, type HistoryMode } from '../browser/address.js';
import { systemTimer } from '../browser/clock.js';
import { reportListenerError } from '../browser/report-error.js';
import type { Codec, Texts } from '../core/codec.js';
import { dictTraps, proxyOf, proxyOfLate } from '../core/dict.js';
import { requireListener, type Unsubscribe } from '../core/listeners.js';
import type { Ref } from '../core/ref.js';
import { createWarner, type Warning } from '../core/warning.js';
import { KeyError, ReservedKeyError } from '../errors.js';
import { bindKey, shared } from '../registry.js';
import { toKey, toMode, toPairs, toTexts, wellFormed } from './input.js';
import type { DefineOptions, ParamShape, QueryParams, QueryParamsOptions, WriteOptions } from './members.js';
import { codecOf } from './param/codec-of.js';
import { anyText } from './param/scalars.js';
import { type Edits, isSameTexts } from './query-text.js';
import { createTokenBucket, type TokenBucket } from './rate.js';
import { createParamRef, createTypedParam, type QueryPort } from './typed-param.js';
import { createTypedView } from './typed-view.js';
import { createWriter, type QueryWriter } from './writer.js';

const owner = 'queryParams';
const lastOf = (texts: Texts | undefined): string | undefined => texts?.at(-1);

/** What an instance makes of a writer: with its own reserved keys, mode and warnings. */
interface Source extends QueryPort, Omit<QueryWriter, keyof QueryPort> {
  readonly history: HistoryMode;
  warn(warning: Warning): void;
  isReserved(key: string): boolean;
}

function createSource(
  writer: QueryWriter,
  { history = 'replace', reserved = ['embed', 'embed_options'], source, onWarning }: QueryParamsOptions,
): Source {
  const reservedKeys = new Set(reserved.map((key) => key.toLowerCase()));
  const isReserved = (key: string): boolean => reservedKeys.has(key.toLowerCase());
  const { warn } = createWarner(onWarning, reportListenerError);
  const warnOf = (code: string, message: string, cause?: unknown): void =>
    warn({ code, message: `${owner}: ${message}`, cause });
  const modeOf: Source['modeOf'] = (call, options, fallback = history) => toMode(call, options?.history ?? fallback);
  const write: Source['write'] = (key, list, mode) => writer.write(key, list, mode, warnOf);

  let everything: ReadonlyMap<string, Texts> | undefined;
  let shown: ReadonlyMap<string, Texts>;
  const all = (): ReadonlyMap<string, Texts> => {
    const now = writer.all();
    if (now === everything) return shown;
    everything = now;
    if (writer.isTooLong()) warnOf('query-too-long', 'the URL is too long; its query is not read.');
    return (shown = [...now.keys()].some(isReserved) ? new Map([...now].filter(([key]) => !isReserved(key))) : now);
  };

  return {
    ...writer,
    history,
    isHash: source === 'hash',
    modeOf,
    // a key with a lone surrogate stands in the URL without it; a symbol is no key, as in sessionState
    texts: (key) => all().get(key) ?? (typeof key === 'symbol' ? undefined : all().get(wellFormed(`${key}`))),
    all,
    typed(key, codec, keepDefault) {
      const typed = createTypedParam(key, codec, keepDefault);
      writer.typed.set(key, typed);
      return typed;
    },
    check(call, name) {
      const key = toKey(name);
      if (isReserved(key)) throw new ReservedKeyError(call, key, 'and cannot be read or written here.');
      return key;
    },
    write,
    writeAll: (edits, mode) =>
      writer.batch(() => {
        for (const [key, list] of edits) write(key, list, mode);
      }),
    isReserved,
    warn,
  };
}

/** Tells the last texts of keys that are not reserved. */
function hear(source: Source, target: unknown, listener: unknown): Unsubscribe {
  const { isReserved, subscribe } = source;
  if (typeof target === 'function')
    return subscribe((changes) => {
      const told = changes
        .filter(({ key, value, previous }) => !isReserved(key) && !isSameTexts(value, previous))
        .map(({ key, value, previous }) => ({ key, value: lastOf(value), previous: lastOf(previous) }));
      if (told.length > 0) target(told);
    });
  const key = toKey(target);
  const call = requireListener(listener as (now: string | undefined, before: string | undefined) => void);
  return isReserved(key)
    ? () => {}
    : subscribe(key, (now, before) => isSameTexts(now, before) || call(lastOf(now), lastOf(before)));
}

function createRefs(source: Source): (name: string, codec?: Codec<unknown>) => Ref<unknown> {
  const call = `${owner}.ref`;
  const refs = new Map<string, WeakMap<object, Ref<unknown>>>();
  return (name, codec = anyText as Codec<unknown>) => {
    const key = source.check(call, name);
    // a default instead of a codec, as sessionState.ref and define take it
    if (typeof codec?.parse !== 'function')
      throw new TypeError(`${call}: "${key}" needs a codec, such as param.integer.`);
    const byCodec = refs.get(key) ?? new WeakMap();
    refs.set(key, byCodec);
    let ref = byCodec.get(codec);
    if (!ref) {
      const typed = source.typed(key, codec);
      ref = createParamRef(source, key, typed, (value) =>
        source.write(key, typed.toTexts(call, value), source.history),
      );
      byCodec.set(codec, ref);
    }
    return ref;
  };
}

/** @throws TypeError for what is no option; the page's own instance has none */
function checkOptions(options: QueryParamsOptions): QueryParamsOptions {
  const { history = 'replace', source = 'search' } = options;
  toMode('createQueryParams', history);
  if (source !== 'search' && source !== 'hash')
    throw new TypeError('createQueryParams: source must be "search" or "hash".');
  return options;
}

/** `createQueryParams` over a writer that is handed in. */
export const createQueryParamsOver = (writer: QueryWriter, options: QueryParamsOptions = {}): QueryParams =>
  proxyOf(trapsOver(writer, checkOptions(options)));

function trapsOver(writer: QueryWriter, options: QueryParamsOptions): ProxyHandler<object> {
  const source = createSource(writer, options);
  const { all, texts, check, modeOf, write, writeAll, batch, flush } = source;
  const toEdits = (call: string, input: unknown): Map<string, Texts> => {
    const edits = new Map<string, Texts>();
    toPairs(call, input).forEach((value, name) => {
      const key = check(call, name);
      edits.set(key, toTexts(call, key, value));
    });
    return edits;
  };
  /** Of `fromDict` and `clear`: all other keys are removed. */
  const replaceAll = (call: string, input: unknown, how?: WriteOptions): void => {
    const edits: Edits = toEdits(call, input);
    writeAll(new Map([...[...all().keys()].map((key) => [key, []] as const), ...edits]), modeOf(call, how));
  };
  const toEdit = (call: string, name: string, input: unknown, how?: WriteOptions) => {
    const key = check(call, name);
    return [key, toTexts(call, key, input), modeOf(call, how)] as const;
  };

  const members = {
    get: (key: string, fallback?: unknown) => lastOf(texts(key)) ?? fallback,
    require(key: string) {
      const text = lastOf(texts(key));
      if (text === undefined) throw new KeyError(owner, toKey(key));
      return text;
    },
    getAll: (key: string) => [...(texts(key) ?? [])],
    has: (key: string) => texts(key) !== undefined,
    set: (key: string, input: unknown, how?: WriteOptions) => write(...toEdit(`${owner}.set`, key, input, how)),
    delete(key: string, how?: WriteOptions) {
      const mode = modeOf(`${owner}.delete`, how);
      const name = toKey(key);
      const isThere = members.has(name);
      if (isThere) write(name, [], mode);
      return isThere;
    },
    setDefault(key: string, input: unknown, how?: WriteOptions) {
      const edit = toEdit(`${owner}.setDefault`, key, input, how);
      if (!members.has(key)) write(...edit);
      return members.get(key);
    },
    pop(...[key, ...fallback]: [string, unknown?]) {
      const text = fallback.length > 0 ? members.get(key, fallback[0]) : members.require(key);
      members.delete(key);
      return text;
    },
    update(input: unknown = {}, how?: WriteOptions) {
      const call = `${owner}.update`;
      writeAll(toEdits(call, input), modeOf(call, how));
    },
    fromDict: (input: unknown, how?: WriteOptions) => replaceAll(`${owner}.fromDict`, input, how),
    toDict: () => Object.fromEntries([...all()].map(([key, list]) => [key, lastOf(list)])),
    toString: source.query,
    clear: (how?: WriteOptions) => replaceAll(`${owner}.clear`, {}, how),
    href: (input: unknown = {}) => source.href(toEdits(`${owner}.href`, input)),
    ref: createRefs(source),
    define: (shape: ParamShape, how: DefineOptions = {}) => createTypedView(source, shape, how),
    subscribe: (target: unknown, listener?: unknown) => hear(source, target, listener),
    batch,
    [bindKey]: { owner, ...source, codecOf } satisfies BindPort,
    flush,
  };

  return dictTraps(owner, 'QueryParams', members, {
    get: (key) => lastOf(texts(key)),
    has: members.has,
    keys: () => all().keys(),
    set: members.set,
    delete: members.delete,
  });
}

/** What all instances of a page share. */
interface Page {
  address: Address;
  bucket: TokenBucket;
  search?: QueryWriter;
  hash?: QueryWriter;
}

const findPage = (): Page =>
  shared('queryParamsPage', () => ({ address: createAddress(), bucket: createTokenBucket() }));

/** That of all instances without a router of their own. */
function pageWriter(source: 'search' | 'hash'): QueryWriter {
  const page = findPage();
  return (page[source] ??= createWriter({ ...page, clock: systemTimer, isHash: source === 'hash' }));
}

/**
 * Parameters of this page's URL, with other options than those of `queryParams`. Instances see each other's writes.
 *
 * @example
 * const q = createQueryParams({ source: 'hash', navigate: (url, how) => router[how](url) });
 */
export function createQueryParams(options: QueryParamsOptions = {}): QueryParams {
  const { navigate, source = 'search' } = checkOptions(options);
  const writer = navigate
    ? createWriter({ ...findPage(), clock: systemTimer, isHash: source === 'hash' }, navigate)
    : pageWriter(source);
  return proxyOf(trapsOver(writer, options));
}

/** The query of this page's URL. */
export const queryParams: QueryParams = shared('queryParams', () =>
  proxyOfLate(() => trapsOver(pageWriter('search'), {})),
);
