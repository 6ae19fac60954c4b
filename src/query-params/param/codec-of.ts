// The codec that a plain value in define() stands for.
import type { Codec } from '../../core/codec.js';
import { tagOf } from '../../core/tag.js';
import type { ParamCodec } from './codec.js';
import { listParam } from './list.js';
import { booleanParam, dateParam, numberParam, stringParam } from './scalars.js';

/** The codec of a default value. */
export function codecOf(value: unknown): Codec<unknown> | undefined {
  if (Array.isArray(value)) {
    const item = value.length > 0 ? codecOf(value[0]) : stringParam;
    return item && (listParam(item).withDefault(value) as Codec<unknown>);
  }
  const codec = (
    tagOf(value) === 'Date'
      ? dateParam
      : { string: stringParam, number: numberParam, boolean: booleanParam }[typeof value as 'string']
  ) as ParamCodec<unknown> | undefined;
  if (codec) return codec.withDefault(value);
  const { parse, format } = (value ?? {}) as Partial<Codec<unknown>>;
  return typeof parse === 'function' && typeof format === 'function' ? (value as Codec<unknown>) : undefined;
}
