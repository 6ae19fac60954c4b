import { QueryParamValueError } from '../errors.js';
import { toTexts } from './input.js';
import { type Codec, type CodecFacts, formatNull, isPromise } from './param/codec.js';
import { isSameTexts, type Texts } from './query-text.js';

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
export class TypedParam<T = unknown> {
  readonly default: T;
  readonly #key: string;
  readonly #codec: Codec<T> & CodecFacts;
  readonly #keepDefault: boolean;
  /** Of the default; none if it cannot be written: it is then known by identity only. */
  readonly #initialTexts: Texts | undefined;
  #last: Texts | undefined;
  #value: T;
  /** What `repair` made of the last texts. */
  #repaired: Texts | undefined | null = null;

  constructor(key: string, codec: Codec<T> & CodecFacts, keepDefault = false) {
    this.#key = key;
    this.#codec = codec;
    this.#keepDefault = keepDefault;
    this.default = this.#value = frozen(codec.default) as T;
    if (codec.default !== undefined)
      try {
        this.#initialTexts = this.#format('define', this.default);
      } catch {
        // a default such as Infinity never needs a text
      }
  }

  /** The value of these texts; the same object as long as they are the same. */
  of(texts: Texts | undefined): T {
    const last = this.#last;
    if (texts === last) return this.#value;
    this.#last = texts;
    if (!last || !texts || !isSameTexts(texts, last) || texts.isBare !== last.isBare) {
      this.#value = this.read(texts);
      this.#repaired = null;
    }
    return this.#value;
  }

  /** The value of texts that are not those of the URL. */
  read(texts: Texts | undefined): T {
    const value = texts && !isSameTexts(texts, this.#initialTexts) ? this.#parse(texts) : undefined;
    return value === undefined ? this.default : (value as T);
  }

  /**
   * The texts of a value; none for the default.
   *
   * @throws {@link QueryParamValueError} if they would not parse
   */
  toTexts(call: string, input: unknown): Texts {
    if (input === undefined || (Object.is(input, this.default) && !(this.#keepDefault && this.#initialTexts)))
      return [];
    const texts = this.#format(call, input as T);
    if (isSameTexts(texts, this.#initialTexts) && this.#initialTexts) return this.#keepDefault ? texts : [];
    if (texts.length > 0 && this.#parse(texts) === undefined) this.#refuse(call);
    return texts;
  }

  /** What should stand in place of texts that do not parse, in whole or in part; `undefined` if all of them do. */
  repair(call: string, texts: Texts): Texts | undefined {
    this.of(texts);
    return this.#repaired === null ? (this.#repaired = this.#repair(call, texts)) : this.#repaired;
  }

  #repair(call: string, texts: Texts): Texts | undefined {
    const now = this.#parse(texts);
    if (now === undefined) return [];
    const { item, separator } = this.#codec;
    if (!item || separator || texts.every((text) => this.#parse([text], item) !== undefined)) return undefined;
    const rest = this.#format(call, now as T);
    return isSameTexts(rest, this.#initialTexts) ? [] : rest;
  }

  #parse(texts: Texts, codec: Codec<unknown> & CodecFacts = this.#codec): unknown {
    let value: unknown;
    try {
      value = codec.parse(texts.isBare && codec.bare ? [codec.bare] : [...texts]);
    } catch {
      // text from outside that does not parse is missing, not an error
      return undefined;
    }
    if (isPromise(value))
      throw new TypeError(`queryParams: the codec of "${this.#key}" is asynchronous; reads are not.`);
    return frozen(value);
  }

  #format(call: string, value: T): Texts {
    const codec = this.#codec;
    let texts: unknown;
    try {
      texts = value === null ? formatNull(codec as Codec<unknown>) : codec.format(value);
    } catch (error) {
      // of a codec of param, which does not know the key
      if (error instanceof QueryParamValueError) this.#refuse(call);
      throw error;
    }
    const { separator } = codec;
    return Object.assign([...toTexts(call, this.#key, texts)], separator && { separator });
  }

  #refuse(call: string): never {
    throw new QueryParamValueError(call, this.#key, 'does not come back from its text: its codec cannot write it.');
  }
}
