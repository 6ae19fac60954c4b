// A codec between the texts of a parameter and a typed value, with its default.
import type { Codec, CodecFacts } from '../../core/codec.js';
import { QueryParamValueError } from '../../errors.js';

/** A codec that can be given a default, which is left out of the URL. */
export interface ParamCodec<T> extends Codec<T> {
  withDefault(value: T): ParamCodecWithDefault<T>;
}

/** A codec with a default: what it reads is never `undefined`. */
export interface ParamCodecWithDefault<T> extends ParamCodec<T> {
  readonly default: T;
}

export function createCodec<T>(
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

export const noWayBack = 'does not come back from its text: give another.';

/** Of a `format` that cannot write a value and read it back. */
export const refuse = (): never => {
  throw new QueryParamValueError('param', '', noWayBack);
};

/**
 * A codec that looks at the last text only, and refuses to write what would not come back.
 *
 * @param isSame - whether the value that is read back is the one that was written
 */
export const single = <T>(
  parse: (text: string) => T | undefined,
  format: (value: T) => string = (value) => (typeof value === 'object' ? '' : String(value)),
  isSame: (back: T, value: T) => boolean = (back, value) => back === value,
  facts?: CodecFacts,
): ParamCodec<T> =>
  createCodec<T>(
    (texts) => (texts.length > 0 ? parse(texts.at(-1) as string) : undefined),
    (value) => {
      const text = format(value);
      const back = parse(text);
      return back !== undefined && isSame(back, value) ? text : refuse();
    },
    facts,
  );

/** The texts of `null` where it is a value of the codec, as in JSON. Elsewhere `null` removes. */
export function formatNull(codec: Codec<unknown>): string | string[] | undefined {
  try {
    const texts = codec.format(null);
    return texts !== undefined && codec.parse([texts].flat()) === null ? texts : undefined;
  } catch {
    // no value of this codec
    return undefined;
  }
}
