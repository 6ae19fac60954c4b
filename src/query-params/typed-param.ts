import { type Codec, type CodecFacts, isPromise } from '../core/codec.js';
import { isSameTexts, type Texts } from '../core/query-text.js';
import { QueryParamValueError } from '../errors.js';
import { toTexts } from './input.js';

/** One parameter through its codec. */
export interface TypedParam<T = unknown> {
  readonly default: T;
  /** The value of these texts; the same object as long as they are the same. */
  of(texts: Texts | undefined): T;
  /**
   * The texts of a value; none for the default.
   *
   * @throws {@link QueryParamValueError} if they would not parse
   */
  toTexts(call: string, value: unknown): Texts;
  /** What should stand in place of texts that do not parse, in whole or in part; `undefined` if all of them do. */
  repair(call: string, texts: Texts): Texts | undefined;
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

export function createTypedParam<T>(key: string, codec: Codec<T> & CodecFacts, keepDefault = false): TypedParam<T> {
  const { item, bare, separator } = codec;
  const initial = frozen(codec.default) as T;

  const parse = (texts: Texts, parser: Codec<unknown> = codec): unknown => {
    let value: unknown;
    try {
      value = parser.parse(texts.isBare && bare ? [bare] : [...texts]);
    } catch {
      // text from outside that does not parse is missing, not an error
      return undefined;
    }
    if (isPromise(value))
      throw new TypeError(`queryParams: the codec of "${key}" is asynchronous; parameters are read at once.`);
    return frozen(value);
  };
  const format = (call: string, value: T): Texts =>
    Object.assign([...toTexts(call, key, codec.format(value))], separator && { separator });

  /** Of the default; none if it cannot be written: it is then known by identity only. */
  let initialTexts: Texts | undefined;
  if (initial !== undefined)
    try {
      initialTexts = format('define', initial);
    } catch {
      // a default such as Infinity never needs a text
    }

  let last: Texts | undefined;
  let value = initial;
  let repaired: Texts | undefined;
  let isChecked = false;
  const of = (texts: Texts | undefined): T => {
    if (texts === last) return value;
    if (!last || !texts || !isSameTexts(texts, last) || texts.isBare !== last.isBare) {
      const parsed = texts && !isSameTexts(texts, initialTexts) ? parse(texts) : undefined;
      value = parsed === undefined ? initial : (parsed as T);
      isChecked = false;
    }
    last = texts;
    return value;
  };
  /** What is left of texts that do not parse, in whole or in part. */
  const repair = (call: string, texts: Texts): Texts | undefined => {
    const now = parse(texts);
    if (now === undefined) return [];
    if (!item || separator || texts.every((text) => parse([text], item) !== undefined)) return undefined;
    const rest = format(call, now as T);
    return isSameTexts(rest, initialTexts) ? [] : rest;
  };
  return {
    default: initial,
    of,
    toTexts(call, input) {
      if (input === undefined) return [];
      if (Object.is(input, initial) && !(keepDefault && initialTexts)) return [];
      if (item && !Array.isArray(input)) throw new QueryParamValueError(call, key, 'is not a list: give an array.');
      const texts = format(call, input as T);
      if (initialTexts && isSameTexts(texts, initialTexts)) return keepDefault ? texts : [];
      const back = texts.length > 0 ? parse(texts) : undefined;
      const isLost = item && (input as unknown[]).length !== (back as unknown[] | undefined)?.length;
      if (texts.length > 0 && (back === undefined || isLost))
        throw new QueryParamValueError(
          call,
          key,
          'does not come back from its text: its codec cannot write and read it.',
        );
      return texts;
    },
    repair(call, texts) {
      of(texts);
      if (!isChecked) repaired = repair(call, texts);
      isChecked = true;
      return repaired;
    },
  };
}
