// param.string, number, integer, boolean and date.
import type { Codec } from '../../core/codec.js';
import { isDate } from '../../core/tag.js';
import { type ParamCodec, single } from './codec.js';

/** Digits from the first that counts to the last that counts. In linear time, as all that reads a URL. */
const digits = (text: string): string => /^0*(.*[^0])?/.exec(text.replace(/e.*$/i, '').replace(/[-.]/g, ''))?.[1] ?? '';

const toNumber = (text: string): number | undefined => {
  // + 0 makes 0 of -0, which would be written as 0
  const value = Number(text) + 0;
  return Number.isFinite(value) && digits(String(value)) === digits(text) ? value : undefined;
};

/** What parameters without a codec hold: the last text, written from anything that has one. */
export const anyText: Codec<string> = { parse: (texts) => texts.at(-1), format: (value) => value };

export const stringParam: ParamCodec<string> = single<string>((text) => text);

export const numberParam: ParamCodec<number> = single<number>((text) =>
  /^-?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(text) ? toNumber(text) : undefined,
);

export const booleanParam: ParamCodec<boolean> = single<boolean>(
  (text) => (/^true$/i.test(text) ? true : /^false$/i.test(text) ? false : undefined),
  undefined,
  undefined,
  { bare: 'true' },
);

const isoDate = /^((?:[+-]\d\d)?\d{4}-\d\d-\d\d)(T\d\d:\d\d(:[0-5]\d([.]\d+)?)?(Z|[+-]\d\d:\d\d))?$/;
const midnight = 'T00:00:00.000Z';

export const dateParam: ParamCodec<Date> = single<Date>(
  (text) => {
    const day = isoDate.exec(text)?.[1];
    const start = new Date(day + midnight);
    // WebKit rounds finer fractions, into the next day where they end one
    const value = new Date(text.replace(/([.]\d{3})\d+/, '$1'));
    // engines make 2 March of 30 February
    return !Number.isNaN(+start) && start.toISOString() === day + midnight && !Number.isNaN(+value) ? value : undefined;
  },
  (value) => (isDate(value) ? value.toISOString().replace(midnight, '') : ''),
  (back, value) => +back === +value,
);
