// Texts such as `'1h23s'` as milliseconds.
const unit = /^(?:[wdhms]|ms|(?:wk|week|day|hr|hour|min|minute|sec|second|msec|milli|millisecond)s?)$/i;

const sizes: Readonly<Record<string, number>> = { w: 604_800_000, d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000 };

/** The ms of a unit; `NaN` for none. M might mean months. */
const msOf = (name: string): number =>
  name === 'M' || !unit.test(name) ? NaN : /^m(?:s|il)/i.test(name) ? 1 : (sizes[name[0]!.toLowerCase()] as number);

/** What `parseDuration` takes, for messages. */
export const durationText = "seconds, or a text such as '90s', '1h23s' or '1.5 days' (units: w d h m min s ms)";

/**
 * A time span in ms: of seconds as a number, of a text such as `'1h23s'`, `'1.5 days'`, `'90 seconds'`, or of a
 * Temporal.Duration. `Infinity` is allowed, as a number.
 *
 * @returns `NaN` for a text, number or Duration that is no time span of a fixed length; `undefined` for another type
 */
export function parseDuration(value: unknown): number | undefined {
  let ms = 0;
  if (typeof value === 'number') ms = value * 1000;
  else if (typeof value === 'string') {
    const rest = value.replace(/\s*(\d+(?:\.\d+)?|\.\d+)\s*([a-z]+)\s*/gi, (_, number, name) => {
      ms += number * msOf(name);
      return '';
    });
    if (rest || !value) return NaN;
  } else {
    if ((value as Record<symbol, unknown> | null | undefined)?.[Symbol.toStringTag] !== 'Temporal.Duration')
      return undefined;
    const fields = value as Record<string, number>;
    if (fields['years'] || fields['months']) return NaN;
    ms = (fields['microseconds'] ?? 0) / 1e3 + (fields['nanoseconds'] ?? 0) / 1e6;
    for (const name of ['weeks', 'days', 'hours', 'minutes', 'seconds', 'milliseconds'])
      ms += (fields[name] ?? 0) * msOf(name);
  }
  return ms >= 0 ? ms : NaN;
}
