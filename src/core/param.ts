import { type StandardSchema, validate } from './standard-schema.js';

/** Turns the texts of a parameter into a value and back. */
export interface Codec<T> {
  /** All texts of the key; `undefined`, or an exception, if they say nothing. */
  parse(texts: string[]): T | undefined;
  /** `undefined` removes the parameter. */
  format(value: T): string | string[] | undefined;
}

/** A codec that can be given a default, which is left out of the URL. */
export interface ParamCodec<T> extends Codec<T> {
  withDefault(value: T): ParamCodecWithDefault<T>;
}

/** A codec with a default: what it reads is never `undefined`. */
export interface ParamCodecWithDefault<T> extends ParamCodec<T> {
  readonly default: T;
}

/** What the library's own codecs tell about themselves. */
export interface CodecFacts {
  readonly default?: unknown;
  /** Stands for a key without `=`. */
  readonly bare?: string;
  /** Of a list. */
  readonly item?: Codec<unknown>;
  /** Stands unencoded in the URL. */
  readonly separator?: string | undefined;
}

function createCodec<T>(
  parse: (texts: string[]) => T | undefined,
  format: (value: T) => string | string[] | undefined,
  facts?: CodecFacts,
): ParamCodec<T> {
  return {
    ...facts,
    parse,
    format,
    withDefault: (value) => createCodec(parse, format, { ...facts, default: value }) as ParamCodecWithDefault<T>,
  };
}

/** A codec that looks at the last text only. */
const single = <T>(parse: (text: string) => T | undefined, format: (value: T) => string = String, facts?: CodecFacts) =>
  createCodec<T>((texts) => (texts.length > 0 ? parse(texts.at(-1) as string) : undefined), format, facts);

/** Digits from the first that counts to the last that counts. */
const digits = (text: string): string =>
  text
    .replace(/e.*$/i, '')
    .replace(/[-.]/g, '')
    .replace(/^0+|0+$/g, '');

const toNumber = (text: string): number | undefined => {
  // + 0 makes 0 of -0, which would be written as 0
  const value = Number(text) + 0;
  return Number.isFinite(value) && digits(String(value)) === digits(text) ? value : undefined;
};

export const stringParam: ParamCodec<string> = single<string>(
  (text) => text,
  (value) => value,
);

export const numberParam: ParamCodec<number> = single<number>((text) =>
  /^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? toNumber(text) : undefined,
);

export const integerParam: ParamCodec<number> = single<number>((text) => {
  const value = /^-?\d+$/.test(text) ? Number(text) + 0 : undefined;
  return Number.isSafeInteger(value) ? value : undefined;
});

export const booleanParam: ParamCodec<boolean> = single<boolean>(
  (text) => (/^true$/i.test(text) ? true : /^false$/i.test(text) ? false : undefined),
  String,
  { bare: 'true' },
);

const isoDate = /^((?:[+-]\d\d)?\d{4}-\d\d-\d\d)(T\d\d:\d\d(:\d\d([.]\d+)?)?(Z|[+-]\d\d:\d\d))?$/;
const midnight = 'T00:00:00.000Z';

export const dateParam: ParamCodec<Date> = single<Date>(
  (text) => {
    const day = isoDate.exec(text)?.[1];
    const value = new Date(text);
    // engines make 2 March of 30 February
    return day && new Date(day + midnight).toISOString() === day + midnight && !Number.isNaN(+value)
      ? value
      : undefined;
  },
  (value) => {
    const date = new Date(value);
    return Number.isNaN(+date) ? '' : date.toISOString().replace(midnight, '');
  },
);

/** `a,b` in one text, `,` inside an item as `%2C`. */
const escapeItem = (text: string, separator: string): string =>
  text.replaceAll('%', '%25').replaceAll(separator, `%${separator.charCodeAt(0).toString(16).toUpperCase()}`);

const unescapeItem = (text: string, separator: string): string =>
  text.replace(/%(..)/g, (whole, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16));
    return character === '%' || character === separator ? character : whole;
  });

export function listParam<T>(item: Codec<T>, { separator }: { separator?: string } = {}): ParamCodec<T[]> {
  if (separator !== undefined && !/^[,;:|!.~_-]$/.test(separator))
    throw new TypeError('param.list: the separator must be one of , ; : | ! . ~ _ -');
  const isEmpty = (text: string): boolean => text === '';
  const parseItem = (text: string): T[] => {
    try {
      const value = item.parse([text]);
      return value === undefined ? [] : [value];
    } catch {
      // an item that its codec chokes on is skipped like any other that says nothing
      return [];
    }
  };
  return createCodec<T[]>(
    (texts) => {
      if (texts.length === 0) return undefined;
      const all = separator
        ? (texts.at(-1) as string).split(separator).map((text) => unescapeItem(text, separator))
        : texts;
      // one more than there are items, so that [] and [''] can be told apart
      return (all.every(isEmpty) ? all.slice(1) : all).flatMap(parseItem);
    },
    (values) => {
      const list = Array.isArray(values) ? values : [values];
      const texts = list.flatMap((value) => item.format(value) ?? []);
      const all = texts.every(isEmpty) ? ['', ...texts] : texts;
      return separator ? all.map((text) => escapeItem(text, separator)).join(separator) : all;
    },
    { item, separator },
  );
}

/** Fails like any text that is no JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, (key, value) => (key === '__proto__' ? undefined : value));
  } catch {
    return undefined;
  }
}

// a function has no JSON, and no JSON is empty
const formatJson = (value: unknown): string => JSON.stringify(value) ?? '';

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
    single<T>((text) => {
      const value = parseJson(text);
      return (schema && value !== undefined ? validate(schema as StandardSchema, value) : value) as T | undefined;
    }, formatJson),
  oneOf: <T extends string | number | boolean>(values: readonly T[]) => {
    const byText = new Map(values.map((value) => [String(value), value]));
    return single<T>((text) => byText.get(text));
  },
  list: listParam,
  custom: (codec) =>
    createCodec(
      (texts) => codec.parse(texts),
      (value) => codec.format(value),
    ),
  schema(schema) {
    const check = (value: unknown): unknown => validate(schema as StandardSchema, value);
    const initial = check(undefined);
    if (isPromise(initial))
      throw new TypeError('param.schema: the schema is asynchronous; URL parameters are read at once.');
    return createCodec<unknown>(
      (texts) => {
        const text = texts.at(-1);
        if (text === undefined) return initial;
        for (const value of [text, parseJson(text), texts]) {
          const result = value === undefined ? undefined : check(value);
          if (result !== undefined) return result;
        }
        return undefined;
      },
      (value) => (typeof value === 'string' ? value : value instanceof Date ? value.toISOString() : formatJson(value)),
      { default: initial },
    ) as never;
  },
};

/** Something to wait for, instead of a value. */
export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}

/** The codec of a default value. */
export function codecOf(value: unknown): Codec<unknown> | undefined {
  if (Array.isArray(value)) {
    const item = value.length > 0 ? codecOf(value[0]) : stringParam;
    return item && (listParam(item).withDefault(value) as Codec<unknown>);
  }
  const codec = { string: stringParam, number: numberParam, boolean: booleanParam }[typeof value as 'string'] as
    | ParamCodec<unknown>
    | undefined;
  if (codec ?? value instanceof Date) return (codec ?? (dateParam as ParamCodec<unknown>)).withDefault(value);
  const { parse, format } = (value ?? {}) as Partial<Codec<unknown>>;
  return typeof parse === 'function' && typeof format === 'function' ? (value as Codec<unknown>) : undefined;
}
