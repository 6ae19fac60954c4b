// One parameter through its codec: the value that is kept, what it writes, and its ref.
import type { HistoryMode } from '../browser/address.js';
import { reportListenerError } from '../browser/report-error.js';
import type { Change } from '../core/batch.js';
import type { AnyCodec, Texts } from '../core/codec.js';
import type { Unsubscribe } from '../core/listeners.js';
import { isThenable } from '../core/promises.js';
import { createRef, type Ref } from '../core/ref.js';
import { QueryParamValueError } from '../errors.js';
import { toTexts } from './input.js';
import type { WriteOptions } from './members.js';
import { formatNull, noWayBack } from './param/codec.js';
import { type Edits, isSameTexts } from './query-text.js';

/** What typed parameters need of queryParams. */
export interface QueryPort {
  readonly isHash: boolean;
  /** `undefined` for a missing key. */
  texts(key: string): Texts | undefined;
  write(key: string, list: Texts, mode: HistoryMode): void;
  /** In one call. */
  writeAll(edits: Edits, mode: HistoryMode): void;
  href(edits: Edits): string;
  subscribe(key: string, listener: (now: Texts | undefined, before: Texts | undefined) => void): Unsubscribe;
  subscribe(listener: (changes: Change<Texts>[]) => void): Unsubscribe;
  /**
   * The key as it stands in the URL.
   *
   * @throws {@link ReservedKeyError}
   */
  check(call: string, key: string): string;
  /** A parameter through its codec; the newest of each key is what the inspector shows. */
  typed(key: string, codec: AnyCodec, keepDefault?: boolean): TypedParam;
  /** @throws TypeError for anything but the two modes */
  modeOf(call: string, options: WriteOptions | undefined, fallback?: HistoryMode): HistoryMode;
}

/** Lists and plain objects are copied and frozen: a lost `push` is an error, not a surprise. */
function frozen<T>(value: T): T {
  if (Array.isArray(value)) return Object.freeze(value.map(frozen)) as T;
  const prototype = typeof value === 'object' && value ? Object.getPrototypeOf(value) : undefined;
  if (prototype !== null && prototype !== Object.prototype) return value;
  return Object.freeze(
    Object.fromEntries(Object.entries(value as object).map(([key, part]) => [key, frozen(part)])),
  ) as T;
}

/** One parameter through its codec. */
export interface TypedParam {
  readonly default: unknown;
  /** The value of the URL's texts; the same object as long as they are the same. */
  of(texts: Texts | undefined): unknown;
  /** The value of other texts. */
  read(texts: Texts | undefined): unknown;
  /**
   * The texts of a value; none for the default.
   *
   * @throws {@link QueryParamValueError} if they would not parse
   */
  toTexts(call: string, input: unknown): Texts;
  /** What should stand in place of texts that do not parse, in whole or in part; `undefined` if all of them do. */
  repair(call: string, texts: Texts): Texts | undefined;
}

export function createTypedParam(key: string, codec: AnyCodec, keepDefault = false): TypedParam {
  const initial = frozen(codec.default);
  /** None if the default cannot be written: it is then known by identity only. */
  let initialTexts: Texts | undefined;
  let last: Texts | undefined;
  let value = initial;

  const refuse = (call: string): never => {
    throw new QueryParamValueError(call, key, noWayBack);
  };
  const format = (call: string, input: unknown): Texts => {
    let texts: unknown;
    try {
      texts = input === null ? formatNull(codec) : codec.format(input);
    } catch (error) {
      // of a codec of param, which does not know the key
      if (error instanceof QueryParamValueError) refuse(call);
      throw error;
    }
    const { separator } = codec;
    return Object.assign([...toTexts(call, key, texts)], separator && { separator });
  };
  const parse = (texts: Texts, by = codec): unknown => {
    let parsed: unknown;
    let value: unknown;
    try {
      parsed = by.parse(texts.isBare && by.bare ? [by.bare] : [...texts]);
      value = frozen(parsed);
    } catch {
      // text from outside that does not parse, or is nested too deeply, is missing, not an error
      return undefined;
    }
    if (isThenable(parsed)) throw new TypeError(`queryParams: the codec of "${key}" is asynchronous; reads are not.`);
    return value;
  };
  const isInitial = (texts: Texts): boolean => !!initialTexts && isSameTexts(texts, initialTexts);

  const repair = (call: string, texts: Texts): Texts | undefined => {
    const now = typed.of(texts);
    // what reads as the default says it otherwise, or says nothing
    if (Object.is(now, initial) && !isInitial(texts) && parse(texts) === undefined) return [];
    const { item, separator } = codec;
    if (!item || separator || texts.every((text) => parse([text], item) !== undefined)) return undefined;
    try {
      const rest = format(call, now);
      return isInitial(rest) ? [] : rest;
    } catch {
      // text from outside that cannot be written again stays: it must not fail the write of another parameter
      return undefined;
    }
  };

  if (initial !== undefined)
    try {
      initialTexts = format('define', initial);
    } catch {
      // a default such as Infinity never needs a text
    }

  const typed: TypedParam = {
    default: initial,
    of(texts) {
      if (texts !== last) {
        if (!last || !texts || !isSameTexts(texts, last) || texts.isBare !== last.isBare) value = typed.read(texts);
        last = texts;
      }
      return value;
    },
    read(texts) {
      const parsed = texts && !isInitial(texts) ? parse(texts) : undefined;
      return parsed === undefined ? initial : parsed;
    },
    toTexts(call, input) {
      if (input === undefined || (Object.is(input, initial) && !(keepDefault && initialTexts))) return [];
      const texts = format(call, input);
      if (isInitial(texts)) return keepDefault ? texts : [];
      if (texts.length > 0 && parse(texts) === undefined) refuse(call);
      return texts;
    },
    repair,
  };
  return typed;
}

/** A ref over one typed parameter. */
export function createParamRef(
  port: QueryPort,
  key: string,
  typed: TypedParam,
  set: (value: unknown) => void,
): Ref<unknown> {
  const get = (): unknown => typed.of(port.texts(key));
  return createRef<unknown>({
    get,
    set,
    init: typed.default,
    report: reportListenerError,
    listen(listener) {
      let last = get();
      return port.subscribe(key, (now) => {
        const previous = last;
        last = typed.of(now);
        if (!Object.is(last, previous)) listener(last, previous);
      });
    },
  });
}
