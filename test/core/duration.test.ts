// Durations as texts and numbers.
import { describe, expect, it } from 'vitest';
import { parseBytes } from '../../src/core/bytes.js';
import { parseDuration } from '../../src/core/duration.js';

const seconds = (value: unknown) => (parseDuration(value) as number) / 1000;

describe('parseDuration', () => {
  it('[CAC-79] reads texts', () => {
    const cases: [string, number][] = [
      ['1d', 86400],
      ['1.5 days', 129600],
      ['1h23s', 3623],
      ['1h23m45s', 5025],
      ['1 day 23hr 45minutes', 171900],
      ['1.5d23.5h', 214200],
      ['90 seconds', 90],
      ['100ms', 0.1],
      ['2w', 1209600],
      ['1m', 60],
      ['1min', 60],
      [' 1d ', 86400],
      ['1 d', 86400],
      ['1 week', 604800],
      ['2 wks', 1209600],
      ['1D', 86400],
      ['3 Hours', 10800],
      ['5 mins', 300],
      ['7 secs', 7],
      ['250 milliseconds', 0.25],
      ['0s', 0],
      ['.5h', 1800],
      ['1.25h', 4500],
      ['.25h', 900],
      ['1s 1s', 2],
      ['30\tm', 1800],
      ['1MIN', 60],
      ['1MS', 0.001],
      ['400 days', 34560000],
    ];
    for (const [text, value] of cases) expect(seconds(text), text).toBeCloseTo(value, 9);
  });

  it('[CAC-76] reads numbers as seconds, and Temporal.Duration', () => {
    for (const value of [0, 1, 0.5, 86400, Infinity]) expect(seconds(value)).toBe(value);
    const duration = (fields: object) => ({
      [Symbol.toStringTag]: 'Temporal.Duration',
      years: 0,
      months: 0,
      weeks: 0,
      days: 0,
      hours: 0,
      minutes: 0,
      seconds: 0,
      milliseconds: 0,
      microseconds: 0,
      nanoseconds: 0,
      ...fields,
    });
    expect(seconds(duration({ days: 1, hours: 2, milliseconds: 500 }))).toBe(93600.5);
    expect(seconds(duration({ weeks: 1 }))).toBe(604800);
    expect(seconds(duration({ minutes: 1, seconds: 2, microseconds: 500, nanoseconds: 250_000 }))).toBe(62.00075);
    expect(seconds(duration({ years: 1 }))).toBeNaN();
    expect(seconds(duration({ months: 1 }))).toBeNaN();
    expect(seconds(duration({ days: -1 }))).toBeNaN();
    const { Temporal } = globalThis as unknown as { Temporal?: { Duration: { from(fields: object): unknown } } };
    if (Temporal) expect(seconds(Temporal.Duration.from({ days: 1, minutes: 1 }))).toBe(86460);
  });

  it('[CAC-80] refuses everything else: texts and numbers with NaN, other types with undefined', () => {
    const ranges = [
      '',
      ' ',
      'abc',
      '1 flecond',
      'nan',
      'inf',
      'Infinity',
      '1M',
      '1 year',
      '1 y',
      '1month',
      '1mo',
      '1e3s',
      '5',
      '-1d',
      '+1d',
      '1d-',
      '1,5d',
      '12:30:00',
      'P1D',
      'PT1H',
      '1.d.',
      '1..5d',
      'd',
      '1 d x',
      '1ds',
      '1constructor',
      -1,
      NaN,
      -Infinity,
    ];
    for (const value of ranges) expect(parseDuration(value), String(value)).toBeNaN();
    for (const value of [true, {}, [], null, undefined, 1n, () => 1, new Date()])
      expect(parseDuration(value)).toBeUndefined();
  });
});

describe('parseBytes', () => {
  it('[CAC-90] reads powers of 1000 and of 1024', () => {
    const cases: [unknown, number][] = [
      [1, 1],
      [1234.5, 1234],
      ['1B', 1],
      ['50MB', 50e6],
      ['1kB', 1000],
      ['1 KB', 1000],
      ['1.5GB', 1.5e9],
      ['1.25kB', 1250],
      ['.25kB', 250],
      ['64 MiB', 64 * 2 ** 20],
      ['1KiB', 1024],
      ['2gib', 2 ** 31],
      [' .5 MB ', 5e5],
    ];
    for (const [value, expected] of cases) expect(parseBytes(value), String(value)).toBe(expected);
  });

  it('[CAC-92] refuses everything else: texts and numbers with NaN, other types with undefined', () => {
    for (const value of ['much', '', '50', '-1MB', '1 MB 2 kB', '1e3MB', '0MB', 'Infinity MB', 0, -1, NaN])
      expect(parseBytes(value), String(value)).toBeNaN();
    for (const value of [true, {}, null, undefined, 1n]) expect(parseBytes(value)).toBeUndefined();
  });
});
