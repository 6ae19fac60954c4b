// Three million flights as one typed array per column, and what is counted over them. Pure: runs in the worker, in
// Node and in tests.

/** What `delays` counts: from one hour early to three hours late in steps of five minutes. */
export const DELAY_FROM = -60;
export const DELAY_STEP = 5;
export const DELAY_BINS = 49; // the last one holds everything from 180 minutes on
/** A flight counts as late from 15 minutes on, as the statistics of the US Department of Transportation have it. */
export const LATE_FROM = 15;

/** The filter of distances goes in steps of so many miles. */
export const DISTANCE_STEP = 100;

/**
 * Empty columns for `rows` flights, as narrow as what is counted: `date` in days since the first of January 2001 and `hour`
 * of the departure, in local time; `distance` in steps, rounded up; `origin` in `airports`.
 */
export const createColumns = (rows) => ({
  airports: [],
  date: new Uint8Array(rows),
  hour: new Uint8Array(rows),
  delay: new Int16Array(rows),
  distance: new Uint8Array(rows),
  origin: new Uint8Array(rows),
});

/**
 * Counts the flights that pass the filters; `perAirport` counts those of all airports, whichever is chosen.
 *
 * @param {ReturnType<typeof createColumns>} columns
 * @param {{ origin?: string, from?: number, to?: number, distance?: number, days?: 'all' | 'weekdays' | 'weekend' }} filters
 *   `origin`: an airport's code, `''` for all; `from` and `to`: hours of departure, both included; `distance`: at most.
 */
export function summarise(columns, { origin = '', from = 0, to = 23, distance = Infinity, days = 'all' } = {}) {
  const { airports, delay, origin: origins } = columns;
  const steps = distance / DISTANCE_STEP;
  const only = origin === '' ? undefined : airports.findIndex(({ code }) => code === origin); // -1 meets no flight
  const delays = new Uint32Array(DELAY_BINS);
  const hours = { flights: new Uint32Array(24), late: new Uint32Array(24) };
  const dates = { flights: new Uint32Array(181), late: new Uint32Array(181) };
  const perAirport = { flights: new Uint32Array(airports.length), late: new Uint32Array(airports.length) };
  let flights = 0;
  let late = 0;
  let minutes = 0;
  for (let i = 0; i < delay.length; i++) {
    if (columns.distance[i] > steps) continue;
    const hour = columns.hour[i];
    if (hour < from || hour > to) continue;
    const date = Math.min(columns.date[i], 180); // one row stands at midnight after the last day
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
