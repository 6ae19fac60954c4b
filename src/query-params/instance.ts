import type { QueryPort as BindPort } from '../binding/port.js';
import type { HistoryMode } from '../browser/address.js';
import { reportListenerError } from '../browser/report-error.js';
import type { Codec } from '../core/codec.js';
import { codecOf } from '../core/codec-of.js';
import { createDict } from '../core/dict.js';
import type { Unsubscribe } from '../core/listeners.js';
import type { Texts } from '../core/query-text.js';
import type { Ref } from '../core/ref.js';
import { stringParam } from '../core/scalar-params.js';
import { createWarner } from '../core/warning.js';
import { KeyError, ReservedKeyError } from '../errors.js';
import { bindKey } from '../registry.js';
import { toKey, toMode, toPairs, toTexts, wellFormed } from './input.js';
import { createParamRef, type QueryPort, type WriteOptions } from './param-ref.js';
import type { QueryParams, QueryParamsOptions } from './query-params.js';
import type { DefineOptions, ParamShape } from './shape.js';
import { createTypedParam } from './typed-param.js';
import { createTypedView } from './typed-view.js';
import type { QueryWriter, Warn } from './writer.js';

const owner = 'queryParams';
const lastOf = (texts: Texts | undefined): string | undefined => texts?.at(-1);

/** `createQueryParams` over a writer that is handed in. */
export function createQueryParamsOver(
  writer: QueryWriter,
  { history: defaultMode = 'replace', reserved = ['embed', 'embed_options'], onWarning }: QueryParamsOptions = {},
): QueryParams {
  const reservedKeys = new Set(reserved.map((key) => key.toLowerCase()));
  const isReserved = (key: string): boolean => reservedKeys.has(key.toLowerCase());
  const warner = createWarner(onWarning, reportListenerError);
  const warn: Warn = (code, message, cause) =>
    warner.warn({ code, message, ...(cause === undefined ? {} : { cause }) });
  toMode('createQueryParams', defaultMode);

  const texts = (key: string): Texts | undefined => {
    // a symbol is no key: it is missing, as in sessionState
    if (typeof key === 'symbol') return undefined;
    const list = writer.texts(key);
    if (list) return isReserved(key) ? undefined : list;
    if (writer.isTooLong) warn('query-too-long', `${owner}: the query of the URL is too long and is not read.`);
    // a key with a lone surrogate stands in the URL without it
    const name = wellFormed(`${key}`);
    return name === key ? undefined : texts(name);
  };
  const all = (): [key: string, texts: Texts][] => {
    // warns
    texts('');
    return [...writer.all()].filter(([key]) => !isReserved(key));
  };

  let checked: string | undefined;
  const check = (call: string, name: string): string => {
    // a slider writes one key many times
    if (name === checked) return name;
    const key = toKey(name);
    if (isReserved(key)) throw new ReservedKeyError(call, key, 'and cannot be read or written here.');
    checked = key;
    return key;
  };
  const modeOf = (call: string, options?: WriteOptions): HistoryMode => toMode(call, options?.history ?? defaultMode);
  const write: QueryPort['write'] = (edits, mode) =>
    writer.batch(() => {
      for (const [key, list] of edits) writer.write(key, list, mode, warn);
    });
  const toEdits = (call: string, input: unknown): Map<string, Texts> => {
    const edits = new Map<string, Texts>();
    toPairs(call, input).forEach((value, name) => {
      const key = check(call, name);
      edits.set(key, toTexts(call, key, value));
    });
    return edits;
  };
  /** Of `fromDict` and `clear`: all other keys are removed. */
  const replaceAll = (call: string, input: unknown, options?: WriteOptions): void => {
    const edits = toEdits(call, input);
    write(new Map([...all().map(([key]) => [key, []] as const), ...edits]), modeOf(call, options));
  };
  /** One key's texts, unless they are there and `isDefault`. */
  const put = (call: string, name: string, input: unknown, options?: WriteOptions, isDefault?: boolean): void => {
    const key = check(call, name);
    const list = toTexts(call, key, input);
    const mode = modeOf(call, options);
    if (!isDefault || !texts(key)) writer.write(key, list, mode, warn);
  };

  const subscribe = ((target: unknown, listener?: unknown): Unsubscribe => {
    if (typeof target === 'function')
      return writer.subscribe((changes) => {
        const shown = changes.filter(({ key }) => !isReserved(key));
        if (shown.length > 0) target(shown);
      });
    const key = toKey(target);
    // never told
    return isReserved(key) ? () => {} : writer.subscribe(key, listener as () => void);
  }) as QueryPort['subscribe'];
  const port: QueryPort = { texts, write, subscribe, check, href: writer.href };

  const refs = new Map<string, WeakMap<object, Ref<unknown>>>();
  const anyText: Codec<unknown> = { ...stringParam } as Codec<unknown>;

  const members = {
    get: (key: string, fallback?: unknown) => lastOf(texts(key)) ?? fallback,
    require(key: string) {
      const text = lastOf(texts(key));
      if (text === undefined) throw new KeyError(owner, toKey(key));
      return text;
    },
    getAll: (key: string) => [...(texts(key) ?? [])],
    has: (key: string) => texts(key) !== undefined,
    set: (key: string, input: unknown, options?: WriteOptions) => put(`${owner}.set`, key, input, options),
    delete(key: string, options?: WriteOptions) {
      const mode = modeOf(`${owner}.delete`, options);
      const name = toKey(key);
      const isThere = members.has(name);
      if (isThere) writer.write(name, [], mode, warn);
      return isThere;
    },
    setDefault(key: string, input: unknown, options?: WriteOptions) {
      put(`${owner}.setDefault`, key, input, options, true);
      return members.get(key);
    },
    pop(...[key, ...fallback]: [string, unknown?]) {
      const text = fallback.length > 0 ? members.get(key, fallback[0]) : members.require(key);
      members.delete(key);
      return text;
    },
    update(input: unknown = {}, options?: WriteOptions) {
      const call = `${owner}.update`;
      write(toEdits(call, input), modeOf(call, options));
    },
    fromDict: (input: unknown, options?: WriteOptions) => replaceAll(`${owner}.fromDict`, input, options),
    toDict: () => Object.fromEntries(all().map(([key, list]) => [key, lastOf(list)])),
    toString: () => writer.query(),
    clear: (options?: WriteOptions) => replaceAll(`${owner}.clear`, {}, options),
    href: (input: unknown = {}) => writer.href(toEdits(`${owner}.href`, input)),
    ref(name: string, codec: Codec<unknown> = anyText) {
      const call = `${owner}.ref`;
      const key = check(call, name);
      let byCodec = refs.get(key);
      if (!byCodec) refs.set(key, (byCodec = new WeakMap()));
      let ref = byCodec.get(codec);
      if (!ref) {
        const typed = createTypedParam(key, codec);
        ref = createParamRef(port, key, typed, (value) =>
          writer.write(key, typed.toTexts(call, value), defaultMode, warn),
        );
        byCodec.set(codec, ref);
      }
      return ref;
    },
    define: (shape: ParamShape, options: DefineOptions = {}) => createTypedView(port, shape, options, defaultMode),
    subscribe: (target: unknown, listener?: (now: unknown, before: unknown) => void) =>
      typeof target === 'function'
        ? subscribe((changes) =>
            target(
              changes.map(({ key, value, previous }) => ({ key, value: lastOf(value), previous: lastOf(previous) })),
            ),
          )
        : subscribe(
            target as string,
            typeof listener === 'function'
              ? (now, before) => listener(lastOf(now), lastOf(before))
              : (listener as unknown as () => void),
          ),
    batch: writer.batch,
    [bindKey]: {
      owner,
      ...port,
      history: defaultMode,
      batch: writer.batch,
      warn: warner.warn,
      typed: createTypedParam,
      codecOf,
      isPending: (key) => writer.isPending(key),
      hasMoved: () => writer.hasMoved,
    } satisfies BindPort,
    flush: writer.flush,
  };

  return createDict<QueryParams>({ owner, tag: 'QueryParams' }, members, {
    get: (key) => lastOf(texts(key)),
    has: members.has,
    keys: () => all().map(([key]) => key),
    set: members.set,
    delete: members.delete,
  });
}
