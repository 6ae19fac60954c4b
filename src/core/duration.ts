const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

const units: Readonly<Record<string, number>> = {
  w: 7 * day,
  wk: 7 * day,
  week: 7 * day,
  d: day,
  day,
  h: hour,
  hr: hour,
  hour,
  m: minute,
  min: minute,
  minute,
  s: second,
  sec: second,
  second,
  ms: 1,
  msec: 1,
  milli: 1,
  millisecond: 1,
};

const msOf = (unit: string): number | undefined => {
  // M might mean months
  if (unit === 'M') return undefined;
  const name = unit.toLowerCase();
  const known = Object.hasOwn(units, name) ? name : name.length > 2 ? name.replace(/s$/, '') : '';
  return Object.hasOwn(units, known) ? units[known] : undefined;
};

/**
 * A time span in ms: of seconds as a number, of a text such as `'1h23s'`, `'1.5 days'`, `'90 seconds'`, or of a
 * Temporal.Duration. `Infinity` is allowed, as a number.
 *
 * @param owner - the call, for messages
 * @param option - the option's name, for messages
 * @throws TypeError for another type, RangeError for a text or number that is no time span
 */
export function parseDuration(value: unknown, owner: string, option: string): number {
  const valid = `${owner}: \`${option}\` must be a number of seconds that is not negative, or a text such as '90s', '1h23s' or '1.5 days'`;
  const out = (why: string): never => {
    throw new RangeError(`${valid}; ${why}.`);
  };
  if (typeof value === 'number') return value >= 0 ? value * second : out('a negative number or NaN was given');
  if (typeof value === 'string')
    return parseText(value) ?? out('the text that was given is neither (units: w d h m min s ms)');
  if ((value as Record<symbol, unknown> | null | undefined)?.[Symbol.toStringTag] !== 'Temporal.Duration')
    throw new TypeError(`${valid}; a value of type ${value === null ? 'null' : typeof value} was given.`);
  const fields = value as Record<string, number>;
  if (fields['years'] || fields['months']) out('years and months have no fixed length');
  let ms = (fields['microseconds'] ?? 0) / 1e3 + (fields['nanoseconds'] ?? 0) / 1e6;
  for (const unit of Object.keys(units)) ms += (fields[`${unit}s`] ?? 0) * units[unit]!;
  return ms >= 0 ? ms : out('a negative duration was given');
}

function parseText(text: string): number | undefined {
  const part = /\s*(\d+(?:\.\d+)?|\.\d+)\s*([a-z]+)\s*/iy;
  let ms = 0;
  let at = 0;
  while (at < text.length) {
    part.lastIndex = at;
    const found = part.exec(text);
    const unit = found ? msOf(found[2]!) : undefined;
    if (unit === undefined) return undefined;
    ms += Number(found![1]) * unit;
    at = part.lastIndex;
  }
  return at === 0 ? undefined : ms;
}
