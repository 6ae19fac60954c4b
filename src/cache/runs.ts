import { systemClock as clock } from '../browser/clock.js';
import { isPromise } from '../core/promises.js';
import { showSpinnerLate } from '../spinner/late-spinner.js';
import { ask, isValid } from './callbacks.js';
import { makeHeld, put } from './entries.js';
import type { Held } from './memory-tier.js';
import { type Flight, leaveFlight } from './records.js';
import { inFlight } from './running.js';
import { hasChanged, judge, notify, type Wrapper } from './wrapper.js';

/** The flight is over: equal calls join it no more. */
export function end(flight: Flight): void {
  flight.hasEnded = true;
  const { flights, active } = flight.room;
  active.delete(flight);
  if (flights.get(flight.key) === flight) flights.delete(flight.key);
}

/** Keeps what a flight brings, if it may. */
function keep(w: Wrapper, flight: Flight, entry: Held, isWanted: boolean): Held {
  const { room, key, mode, args } = flight;
  const isEvicted = mode === 'background' && !room.shelf.get(key);
  // until then a clear reaches it
  flight.isKept = isWanted && !flight.isDropped && !isEvicted && put(w, room, entry, flight);
  end(flight);
  if (flight.isKept) flight.onKept?.(entry);
  // what it displaced may have called a clear
  if (entry.used > 0) {
    room.failed.delete(key);
    notify(room, key, { type: 'set', tab: 'this', args });
  } else if (!flight.isKept && (mode === 'background' || flight.controller?.signal.aborted)) w.onUnused?.(entry);
  return entry;
}

/** A run has failed: the stale value of `staleIfError`, else its error. */
function fail(w: Wrapper, flight: Flight, error: unknown): Held | Promise<Held> {
  const { room, key, mode, args } = flight;
  end(flight);
  if (flight.controller?.signal.aborted || flight.hasChanged) throw error;
  notify(room, key, { type: 'error', tab: 'this', args, error });
  const stale = flight.fallback ?? room.shelf.get(key);
  const isServed = (): boolean => !flight.isDropped && stale !== undefined && judge(stale, w.settings) !== 'expired';
  if (mode !== 'call' || !w.settings.staleIfError || !stale || !isServed()) throw error;
  const serve = (isOk: boolean): Held => {
    if (!isOk) room.shelf.drop(stale);
    if (!isOk || !isServed()) throw error;
    notify(room, key, { type: 'stale', tab: 'this', args });
    flight.isFound = true;
    flight.messages.splice(0, Infinity, ...(stale.messages ?? []));
    return stale;
  };
  const answer = isValid(w, room, stale, args);
  return typeof answer === 'boolean' ? serve(answer) : answer.then(serve);
}

/** Runs the function for a flight, and keeps what it returns. */
export function execute(w: Wrapper, flight: Flight, self: unknown, args: readonly unknown[]): Held | Promise<Held> {
  const { record } = w;
  const { room, key, mode } = flight;
  const startedAt = clock.monotonic();
  if (mode === 'call') record.misses++;
  w.onMiss(room);
  if (flight.isLate && hasChanged(w, key, self, args)) {
    flight.hasChanged = true;
    leaveFlight(flight);
    w.core.warn(
      'cache-argument-changed',
      record.label,
      `${record.label}: what counts was changed between the call and the run, so the result is not kept. Pass a copy.`,
    );
  }
  const settle = (value: unknown, isPromised: boolean): Held | Promise<Held> => {
    record.longestRun = Math.max(record.longestRun, clock.monotonic() - startedAt);
    const entry = makeHeld(w, key, w.keep(value), {
      order: flight.order,
      isPromised,
      tags: flight.tags,
      messages: flight.messages,
    });
    const answer =
      !flight.isUnkept &&
      (!w.settings.cacheIf || flight.isDropped || inFlight(flight, () => ask(w, 'cacheIf', value, flight.args)));
    return typeof answer === 'boolean'
      ? keep(w, flight, entry, answer)
      : answer.then((isWanted) => keep(w, flight, entry, isWanted));
  };
  const text = spinnerText(w, flight);
  let hide: (() => void) | undefined;
  let value: unknown;
  try {
    value = inFlight(flight, () => w.fn.apply(self, args));
    if (!w.isData && !isPromise(value)) return settle(value, false);
    record.isPromising = true;
    if (text !== undefined) hide = showSpinnerLate(text, { showTime: w.settings.showTime });
  } catch (error) {
    return fail(w, flight, error);
  }
  return Promise.resolve(value)
    .then((result) => settle(result, true))
    .catch((error: unknown) => fail(w, flight, error))
    .finally(hide);
}

/** The text of a flight's spinner: for the outermost flight of a call, as far as synchronous parts show it. */
function spinnerText({ settings: { showSpinner, name }, fn }: Wrapper, flight: Flight): string | undefined {
  for (let outer = flight.parent; outer; outer = outer.parent) if (outer.hasSpinner) return undefined;
  if (showSpinner === false || flight.mode !== 'call') return undefined;
  flight.hasSpinner = true;
  if (showSpinner !== true) return showSpinner;
  // minified names are short
  const label = name ?? (fn.name.length > 2 ? fn.name : undefined);
  return label === undefined ? 'Running…' : `Running \`${label}(${flight.args.length > 0 ? '...' : ''})\`.`;
}
