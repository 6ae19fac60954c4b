import { systemClock as clock } from '../browser/clock.js';
import { isPromise } from '../core/promises.js';
import { isOutOfMemory } from '../core/values/out-of-memory.js';
import { CacheReentryError } from '../errors.js';
import type { Held } from './memory-tier.js';
import { replay } from './messages.js';
import type { Flight, Room } from './records.js';
import { running, waitsFor } from './running.js';
import { end, execute } from './runs.js';
import { signalsIn, waitWithSignals, withSignal } from './signals.js';
import { judge, notify, tagsOf, type Wrapper } from './wrapper.js';

/** One call, as far as it goes on. */
export interface Call {
  readonly w: Wrapper;
  readonly room: Room;
  readonly key: string;
  readonly self: unknown;
  readonly args: readonly unknown[];
  /** On behalf of a ref, which is no use. */
  readonly isQuiet: boolean;
  /** What lies behind was refused already. */
  readonly skipsDisk: boolean;
  /** How often it had to look again. */
  readonly looks: number;
  /** Looks again, because what it found, or waited for, went meanwhile. */
  again(call: Call): unknown;
}

/** It is not for this call: another tab refreshes already, or it was cleared while `validate` was asked. */
export const skipped: unique symbol = Symbol();

const failedMs = 60_000;
const maxRefreshes = 4;
const maxLooks = 3;

/** What callbacks replace or release whenever a call finds it ends in a run whose result is not kept. */
export const isLast = ({ looks }: Call): boolean => looks > maxLooks;

/** Another look at what went; at what was released, the last one. */
const afresh = (call: Call): unknown => call.again({ ...call, looks: maxLooks });

/** Begins a flight: from now on equal calls join it. */
function begin(call: Call, mode: Flight['mode']): Flight {
  const { w, room, key, args, isQuiet, skipsDisk } = call;
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
    isLate: mode === 'background' || isQuiet || skipsDisk || call.looks > 0,
    hasChanged: false,
    isDropped: w.isPassive(),
    isUnkept: isLast(call),
    onDrop: undefined,
    isFound: false,
    hasEnded: false,
    hasSpinner: false,
    waiting: 0,
    controller: undefined,
    result: undefined,
    fallback: undefined,
    isKept: false,
    onKept: undefined,
    isQuiet,
    skipsDisk: skipsDisk || isLast(call),
    isAnswer: false,
  };
  if (!flight.isDropped) {
    room.flights.set(key, flight);
    room.active.add(flight);
  }
  return flight;
}

/** Lets the flight run. Returns the entry at once where the function is synchronous and nothing lies behind. */
function launch(call: Call, flight: Flight): Held | Promise<Held> {
  const { w, self } = call;
  let { args } = call;
  if (signalsIn(args).length > 0) {
    flight.controller = new AbortController();
    args = withSignal(args, flight.controller.signal);
  }
  const run = (): Held | Promise<Held> => execute(w, flight, self, args);
  const outcome = w.fly ? w.fly(flight, run) : run();
  flight.isLate = true;
  if (isPromise(outcome)) {
    flight.result = outcome;
    outcome.then(
      (entry) => {
        end(flight);
        // found behind, already stale
        if (flight.isFound && w.settings.isBackground && judge(entry, w.settings) === 'stale') serveStale(call);
      },
      () => end(flight),
    );
  }
  return outcome;
}

/** Whether what a flight brought was released before this caller came to get it. */
const isGone = ({ w }: Call, { isKept, isFound }: Flight, entry: Held): boolean =>
  (isKept || isFound) && w.isReleased?.(entry) === true;

/** A caller's promise of what a flight brings. */
function join(call: Call, flight: Flight, isStarter: boolean): Promise<unknown> {
  const { w, args } = call;
  const caller = running.flight;
  caller?.waitsFor.add(flight);
  const over = (): void => {
    caller?.waitsFor.delete(flight);
  };
  // what the starter's arguments have become is no concern of the others
  const afterChange = (): unknown =>
    flight.mode === 'refresh' ? miss({ ...call, looks: call.looks + 1 }, 'refresh') : call.again(call);
  const value = (flight.result as Promise<Held>).then(
    (entry) => {
      over();
      if (isGone(call, flight, entry)) return afresh(call);
      if (flight.hasChanged && !isStarter) return afterChange();
      if (!isStarter || flight.isFound) replay(flight.messages, w, caller);
      try {
        return hand(call, entry);
      } catch (error) {
        if (!w.giveUp || !isOutOfMemory(error)) throw error;
        return w.giveUp(flight.room, entry);
      }
    },
    (error) => {
      over();
      if (error === skipped) return call.again(call);
      if (flight.hasChanged && !isStarter) return afterChange();
      throw error;
    },
  );
  const signals = signalsIn(args);
  if (signals.length > 0) return waitWithSignals(flight, signals, value);
  flight.waiting = Infinity;
  return value;
}

/** Joins the flight of an equal call, or starts one. */
export function miss(call: Call, mode: 'call' | 'refresh' = 'call'): unknown {
  const { w, room, key, args, isQuiet } = call;
  const aborted = signalsIn(args).find((signal) => signal.aborted);
  if (aborted && (w.isData || w.rejects)) return Promise.reject(aborted.reason);
  const present = room.flights.get(key);
  if (present && (isLast(call) ? present.isUnkept : mode === 'call' || present.mode === 'refresh')) {
    const { flight: caller } = running;
    // without a result its synchronous part is running: this call was made in it
    if (!present.result || (caller && waitsFor(present, caller))) throw new CacheReentryError(w.record.label);
    if (mode === 'call' && !isQuiet) w.record.hits++;
    return join(call, present, false);
  }
  const flight = begin(call, mode);
  let outcome: Held | Promise<Held>;
  try {
    outcome = launch(call, flight);
  } catch (error) {
    end(flight);
    throw error;
  }
  if (isPromise(outcome)) return join(call, flight, true);
  return isGone(call, flight, outcome) ? afresh(call) : w.give(room, outcome);
}

/** What a caller gets. An entry that cannot be read any more gives way to a new flight. */
export function hand(call: Call, entry: Held): unknown {
  const { w, room } = call;
  if (!w.isAway?.(entry)) return w.give(room, entry);
  return (w.give(room, entry) as Promise<unknown>).catch(() => {
    room.shelf.drop(entry);
    return call.again(call);
  });
}

/** Refreshes behind a stale value: one run per key, few at once, none soon after one that failed. */
async function refreshBehind(call: Call): Promise<void> {
  const { w, room, key, args } = call;
  const { core, record } = w;
  const failedAt = room.failed.get(key);
  if (core.refreshing >= maxRefreshes || room.flights.has(key)) return;
  // whichever clock says so, as for entries that expire
  if (failedAt && clock.monotonic() - failedAt.monotonic < failedMs && clock.now() - failedAt.wall < failedMs) return;
  core.refreshing++;
  let flight: Flight | undefined;
  try {
    const begun = begin(call, 'background');
    flight = begun;
    begun.waiting = Infinity;
    begun.result = Promise.resolve().then(() => launch(call, begun));
    await begun.result;
  } catch (error) {
    if (error === skipped) return;
    // a run tells by itself
    if (!flight) notify(room, key, { type: 'error', tab: 'this', args, error });
    room.failed.set(key, { monotonic: clock.monotonic(), wall: clock.now() });
    core.warn(
      'cache-refresh',
      record.label,
      `${record.label}: refreshing in the background failed; the stale value is served on.`,
      error,
    );
  } finally {
    core.refreshing--;
    if (flight) end(flight);
  }
}

/** Tells that a stale value is served, and refreshes behind it. */
export function serveStale(call: Call): void {
  const { room, key, args } = call;
  notify(room, key, { type: 'stale', tab: 'this', args });
  void refreshBehind(call);
}
