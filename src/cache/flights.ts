import { systemClock as clock } from '../browser/clock.js';
import { isOutOfMemory } from '../core/out-of-memory.js';
import { CacheReentryError } from '../errors.js';
import type { Held } from './memory-tier.js';
import { replay } from './messages.js';
import type { Flight, Room } from './records.js';
import { running, waitsFor } from './running.js';
import { end, execute } from './runs.js';
import { signalsIn, waitWithSignals, withSignal } from './signals.js';
import { judge, notify, tagsOf, type Wrapper } from './wrapper.js';

/** A background refresh that another tab does already. */
export const skipped: unique symbol = Symbol();

const failedMs = 60_000;
const maxRefreshes = 4;

/** Begins a flight: from now on equal calls join it. */
function begin(w: Wrapper, room: Room, key: string, args: readonly unknown[], mode: Flight['mode']): Flight {
  const flight: Flight = {
    room,
    key,
    args,
    tags: tagsOf(w, args),
    order: ++w.core.order,
    mode,
    onMessage: w.settings.onMessage,
    parent: mode === 'background' ? undefined : running.flight,
    waitsFor: new Set(),
    messages: [],
    isLate: mode === 'background',
    hasChanged: false,
    isDropped: w.isPassive(),
    onDrop: undefined,
    isFound: false,
    hasEnded: false,
    hasSpinner: false,
    waiting: 0,
    controller: undefined,
    result: undefined,
    fallback: undefined,
    onKept: undefined,
    isQuiet: false,
    skipsDisk: false,
  };
  if (!flight.isDropped) {
    room.flights.set(key, flight);
    room.active.add(flight);
  }
  return flight;
}

/** Lets the flight run. Returns the entry at once where the function is synchronous and nothing lies behind. */
function launch(w: Wrapper, flight: Flight, self: unknown): Held | Promise<Held> {
  let { args } = flight;
  if (signalsIn(args).length > 0) {
    flight.controller = new AbortController();
    args = withSignal(args, flight.controller.signal);
  }
  const run = (): Held | Promise<Held> => execute(w, flight, self, args);
  const outcome = w.fly ? w.fly(flight, run) : run();
  flight.isLate = true;
  if (outcome instanceof Promise) {
    flight.result = outcome;
    outcome.then(
      (entry) => {
        end(flight);
        // found behind, already stale
        if (flight.isFound && w.settings.isBackground && judge(entry, w.settings) === 'stale')
          serveStale(w, flight.room, flight.key, self, flight.args);
      },
      () => end(flight),
    );
  }
  return outcome;
}

/** A caller's promise of what a flight brings. */
function join(
  w: Wrapper,
  flight: Flight,
  self: unknown,
  args: readonly unknown[],
  isStarter: boolean,
): Promise<unknown> {
  const caller = running.flight;
  caller?.waitsFor.add(flight);
  const over = (): void => {
    caller?.waitsFor.delete(flight);
  };
  const again = (): unknown =>
    miss(w, flight.room, flight.key, self, args, flight.mode === 'refresh' ? 'refresh' : 'call', { isLate: true });
  const value = (flight.result as Promise<Held>).then(
    (entry) => {
      over();
      if (flight.hasChanged && !isStarter) return again();
      if (!isStarter || flight.isFound) replay(flight.messages, w, caller);
      try {
        return hand(w, flight.room, entry, self, args);
      } catch (error) {
        if (!w.giveUp || !isOutOfMemory(error)) throw error;
        return w.giveUp(flight.room, entry);
      }
    },
    (error) => {
      over();
      // the other tab may be done by now
      if (error === skipped || (flight.hasChanged && !isStarter)) return again();
      throw error;
    },
  );
  const signals = signalsIn(args);
  if (signals.length > 0) return waitWithSignals(flight, signals, value);
  flight.waiting = Infinity;
  return value;
}

interface MissOptions {
  readonly skipsDisk?: boolean;
  readonly isQuiet?: boolean;
  readonly isLate?: boolean;
}

/** Joins the flight of an equal call, or starts one. */
export function miss(
  w: Wrapper,
  room: Room,
  key: string,
  self: unknown,
  args: readonly unknown[],
  mode: 'call' | 'refresh',
  { skipsDisk = false, isQuiet = false, isLate = isQuiet || skipsDisk }: MissOptions = {},
): unknown {
  const aborted = signalsIn(args).find((signal) => signal.aborted);
  if (aborted && (w.isData || w.rejects)) return Promise.reject(aborted.reason);
  const present = room.flights.get(key);
  if (present && (mode === 'call' || present.mode === 'refresh')) {
    const { flight: caller } = running;
    // without a result its synchronous part is running: this call was made in it
    if (!present.result || (caller && waitsFor(present, caller))) throw new CacheReentryError(w.record.label);
    if (mode === 'call' && !isQuiet) w.record.hits++;
    return join(w, present, self, args, false);
  }
  const flight = begin(w, room, key, args, mode);
  flight.skipsDisk = skipsDisk;
  flight.isQuiet = isQuiet;
  flight.isLate = isLate;
  let outcome: Held | Promise<Held>;
  try {
    outcome = launch(w, flight, self);
  } catch (error) {
    end(flight);
    throw error;
  }
  if (outcome instanceof Promise) return join(w, flight, self, args, true);
  return w.give(room, outcome);
}

/** What a caller gets. An entry that cannot be read any more gives way to a new flight. */
export function hand(w: Wrapper, room: Room, entry: Held, self: unknown, args: readonly unknown[]): unknown {
  if (!w.isAway?.(entry)) return w.give(room, entry);
  return (w.give(room, entry) as Promise<unknown>).catch(() => {
    room.shelf.drop(entry);
    return miss(w, room, entry.key, self, args, 'call', { isLate: true });
  });
}

/** Refreshes behind a stale value: one run per key, few at once, none soon after one that failed. */
function refreshBehind(w: Wrapper, room: Room, key: string, self: unknown, args: readonly unknown[]): void {
  const { core, record } = w;
  const failedAt = room.failed.get(key);
  if (core.refreshing >= maxRefreshes || room.flights.has(key)) return;
  // whichever clock says so, as for entries that expire
  if (failedAt && clock.monotonic() - failedAt.monotonic < failedMs && clock.now() - failedAt.wall < failedMs) return;
  core.refreshing++;
  const flight = begin(w, room, key, args, 'background');
  flight.waiting = Infinity;
  flight.result = Promise.resolve().then(() => launch(w, flight, self));
  flight.result
    .catch((error: unknown) => {
      if (error === skipped) return;
      room.failed.set(key, { monotonic: clock.monotonic(), wall: clock.now() });
      core.warn(
        'cache-refresh',
        record.label,
        `${record.label}: refreshing in the background failed; the stale value is served on.`,
        error,
      );
    })
    .finally(() => {
      end(flight);
      core.refreshing--;
    });
}

/** Tells that a stale value is served, and refreshes behind it. */
export function serveStale(w: Wrapper, room: Room, key: string, self: unknown, args: readonly unknown[]): void {
  notify(room, key, { type: 'stale', tab: 'this', args });
  refreshBehind(w, room, key, self, args);
}
