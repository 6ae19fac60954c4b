// Three million flights as one typed array per column, and what is counted over them. Pure: runs in the worker, in
// Node and in tests.

/** Minutes in a day, and what `delays` counts: from one hour early to three hours late in steps of five minutes. */
export const DAY = 1440;
export const DELAY_FROM = -60;
export const DELAY_STEP = 5;
export const DELAY_BINS = 49; // the last one holds everything from 180 minutes on
/** A flight counts as late from 15 minutes on, as the statistics of the US Department of Transportation have it. */
export const LATE_FROM = 15;

/** Empty columns for `rows` flights; `minute` counts from the first of January 2001, local time of the departure. */
export const createColumns = (rows) => ({
  airports: [],
  minute: new Uint32Array(rows),
  delay: new Int16Array(rows),
  distance: new Uint16Array(rows),
  origin: new Uint8Array(rows),
  destination: new Uint8Array(rows),
});

/**
 * Counts the flights that pass the filters; `perAirport` counts those of all airports, whichever is chosen.
 *
 * @param {ReturnType<typeof createColumns>} columns
 * @param {{ origin?: string, from?: number, to?: number, distance?: number, days?: 'all' | 'weekdays' | 'weekend' }} filters
 *   `origin`: an airport's code, `''` for all; `from` and `to`: hours of departure, both included; `distance`: at most.
 */
export function summarise(columns, { origin = '', from = 0, to = 23, distance = Infinity, days = 'all' } = {}) {
  const { airports, minute, delay, origin: origins } = columns;
  const only = origin === '' ? undefined : airports.findIndex(({ code }) => code === origin); // -1 meets no flight
  const delays = new Uint32Array(DELAY_BINS);
  const hours = { flights: new Uint32Array(24), late: new Uint32Array(24) };
  const dates = { flights: new Uint32Array(181), late: new Uint32Array(181) };
  const perAirport = { flights: new Uint32Array(airports.length), late: new Uint32Array(airports.length) };
  let flights = 0;
  let late = 0;
  let minutes = 0;
  for (let i = 0; i < minute.length; i++) {
    if (columns.distance[i] > distance) continue;
    const hour = ((minute[i] % DAY) / 60) | 0;
    if (hour < from || hour > to) continue;
    const date = Math.min((minute[i] / DAY) | 0, 180); // one row stands at midnight after the last day
    if (days !== 'all' && date % 7 > 4 !== (days === 'weekend')) continue; // the first of January 2001 was a Monday
    const isLate = delay[i] >= LATE_FROM ? 1 : 0;
    perAirport.flights[origins[i]] += 1;
    perAirport.late[origins[i]] += isLate;
    if (only !== undefined && origins[i] !== only) continue;
    flights += 1;
    late += isLate;
    minutes += delay[i];
    delays[Math.max(0, Math.min(DELAY_BINS - 1, ((delay[i] - DELAY_FROM) / DELAY_STEP) | 0))] += 1;
    hours.flights[hour] += 1;
    hours.late[hour] += isLate;
    dates.flights[date] += 1;
    dates.late[date] += isLate;
  }
  return { flights, late, minutes, delays, hours, dates, perAirport };
}
