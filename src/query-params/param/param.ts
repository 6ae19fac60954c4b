// param: all codecs by their names.
import type { Codec } from '../../core/codec.js';
import { isThenable } from '../../core/promises.js';
import { type StandardSchema, validate } from '../../core/standard-schema.js';
import { isDate, tagOf } from '../../core/tag.js';
import { createCodec, type ParamCodec, type ParamCodecWithDefault, refuse, single } from './codec.js';
import { listParam } from './list.js';
import { oneTextOf } from './one-text.js';
import { isSameValue } from './same-value.js';
import { booleanParam, dateParam, numberParam, stringParam } from './scalars.js';

/** Fails like any text that is no JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, (key, value) => (key === '__proto__' ? undefined : value));
  } catch {
    return undefined;
  }
}

/** No JSON is empty: what has none, such as a function or a cycle, does not parse. */
function formatJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return '';
  }
}

const integerParam = single<number>((text) => {
  const value = /^-?\d+$/.test(text) ? Number(text) + 0 : undefined;
  return Number.isSafeInteger(value) ? value : undefined;
});

/** A schema that makes something of `undefined` has its default in itself. */
export type SchemaCodec<S> =
  S extends StandardSchema<infer I, infer O> ? (undefined extends I ? ParamCodecWithDefault<O> : ParamCodec<O>) : never;

/** The codecs of `ref(key, codec)` and `define(shape)`. A text that does not parse reads as the default, else `undefined`. */
export interface Param {
  /** Any text. */
  readonly string: ParamCodec<string>;
  /**
   * A finite number in decimal or exponent notation. Digits that a number cannot hold exactly do not parse: use
   * `param.string` for long ids.
   */
  readonly number: ParamCodec<number>;
  /** A safe integer: digits with an optional `-`. */
  readonly integer: ParamCodec<number>;
  /** `true` or `false` in any case; a bare `?open` is `true`. */
  readonly boolean: ParamCodec<boolean>;
  /** `2026-01-31` (midnight in UTC) or a full ISO time with zone; written as a day where the time is midnight in UTC. */
  readonly date: ParamCodec<Date>;
  /**
   * JSON, `__proto__` keys dropped.
   *
   * @param schema - checks, and may convert, what was parsed
   * @example
   * queryParams.ref('where', param.json<{ city: string }>());
   */
  json<T = unknown>(schema?: StandardSchema<unknown, T>): ParamCodec<T>;
  /**
   * One of these values.
   *
   * @example
   * queryParams.define({ sort: param.oneOf(['asc', 'desc']).withDefault('asc') });
   */
  oneOf<const T extends string | number | boolean>(values: readonly T[]): ParamCodec<T>;
  /**
   * A list: a repeated key, or one text that is split at the separator. Items that do not parse are skipped.
   *
   * @param options - `separator`: one of `, ; : | ! . ~ _ -`; it stands unencoded in the URL
   * @throws TypeError for another separator
   * @example
   * queryParams.define({ ids: param.list(param.integer, { separator: ',' }).withDefault([]) });   // ?ids=1,2
   */
  list<T>(item: Codec<T>, options?: { separator?: string }): ParamCodec<T[]>;
  /** A codec of your own, with `withDefault`. */
  custom<T>(codec: Codec<T>): ParamCodec<T>;
  /**
   * Whatever a Standard Schema (zod, valibot, arktype) accepts: the text, else its JSON, else the list of texts. What it
   * makes of `undefined` is the default. Written are strings as they are, Dates as ISO, the rest as JSON.
   *
   * @throws TypeError if the schema is asynchronous
   */
  schema<S extends StandardSchema<never, unknown> | StandardSchema>(schema: S): SchemaCodec<S>;
}

export const param: Param = {
  string: stringParam,
  number: numberParam,
  integer: integerParam,
  boolean: booleanParam,
  date: dateParam,
  json: <T>(schema?: StandardSchema<unknown, T>) =>
    single<T>(
      (text) => {
        const value = parseJson(text);
        return (schema && value !== undefined ? validate(schema as StandardSchema, value) : value) as T | undefined;
      },
      (value) => {
        const text = formatJson(value);
        return isSameValue(parseJson(text), value) ? text : '';
      },
      // a schema may make another value of it, such as one with its defaults
      () => true,
    ),
  oneOf: <T extends string | number | boolean>(values: readonly T[]) => {
    const byText = new Map(values.map((value) => [String(value), value]));
    return single<T>((text) => byText.get(text));
  },
  list: (item, { separator } = {}) => listParam(item, separator === undefined ? undefined : oneTextOf(separator)),
  custom: (codec) =>
    createCodec(
      (texts) => codec.parse(texts),
      (value) => codec.format(value),
    ),
  schema(schema) {
    const check = (value: unknown): unknown => {
      try {
        return validate(schema as StandardSchema, value);
      } catch {
        // what a schema chokes on it refuses: it may take the JSON of a text, and need not have a default
        return undefined;
      }
    };
    const initial = check(undefined);
    if (isThenable(initial))
      throw new TypeError('param.schema: the schema is asynchronous; URL parameters are read at once.');
    const parse = (texts: string[]): unknown => {
      const text = texts.at(-1);
      if (text === undefined) return initial;
      for (const value of [text, parseJson(text), texts]) {
        const result = value === undefined ? undefined : check(value);
        if (result !== undefined) return result;
      }
      return undefined;
    };
    const write = (value: unknown): string =>
      typeof value === 'string' ? value : isDate(value) ? value.toISOString() : formatJson(value);
    return createCodec<unknown>(
      parse,
      (value) => {
        const text = write(value);
        const back = parse([text]);
        if (isThenable(back) || isSameValue(back, value)) return text;
        // what the schema makes another value of, such as a trimmed one, must be read as that from then on
        const isKept = typeof value === 'string' || isDate(value) || isSameValue(parseJson(text), value);
        return isKept && tagOf(back) === tagOf(value) && isSameValue(parse([write(back)]), back) ? text : refuse();
      },
      { default: initial },
    ) as never;
  },
};
