import { systemClock as clock } from '../browser/clock.js';
import type { Age } from '../core/cache-entry.js';
import { isPromise } from '../core/promises.js';
import { isOutOfMemory } from '../core/values/out-of-memory.js';
import type { Snapshot } from '../core/values/snapshot.js';
import { CacheReentryError } from '../errors.js';
import { backingOf, countHit, fail, isPromised } from './call.js';
import { isValid } from './callbacks.js';
import { ageNow, type Entry, isInBlobs } from './entry.js';
import { Flight, type Mode, skipped } from './flight.js';
import { replay } from './messages.js';
import { running } from './running.js';
import { signalsIn, waitWithSignals } from './signals.js';
import { type Call, isLast, lastLook, warnOfSize } from './wrapped.js';

const maxRefreshes = 4;

/** On behalf of a ref, which is no use. Its key was made when the ref was. */
export function lookFor(call: Call): unknown {
  try {
    return look({ ...call, caller: running.flight, isQuiet: true });
  } catch (error) {
    return fail(call.w, error);
  }
}

/** In memory, else by a flight. */
export function look(call: Call): unknown {
  const { w, bucket, key } = call;
  const { entries } = bucket;
  entries.sweep(clock.now);
  const entry = entries.get(key);
  if (entry) {
    const age = ageNow(entry, w.settings);
    const { validate, isBackground, staleIfError } = w.settings;
    if (age === 'fresh' || (age === 'stale' && isBackground)) {
      if (!backingOf(w, bucket)?.isDoubtful(entry))
        try {
          return (validate ? serveIfValid : serve)(call, entry, age);
        } catch (error) {
          if (!isOutOfMemory(error)) throw error;
          entries.drop(entry);
        }
    } else if (age === 'expired' || !staleIfError) entries.drop(entry);
  }
  return miss(call);
}

/** What this call found, or waited for, went meanwhile. */
function again(call: Call): unknown {
  const next = { ...call, looks: call.looks + 1 };
  return isLast(next) ? miss(next) : look(next);
}

/** What a caller gets of an entry in memory. */
function serve(call: Call, entry: Entry, age: Age): unknown {
  const { w, bucket } = call;
  // first: there may be no memory for a copy
  const value = give(call, entry);
  if (!call.isQuiet) {
    countHit(w, bucket, entry);
    replay(entry.messages, w, call.caller);
  }
  if (age === 'stale') serveStale(call);
  return isPromised(w, entry) ? Promise.resolve(value) : value;
}

/** Asks `validate` first. An entry that went, or grew older, while it was asked is looked up again, never used. */
function serveIfValid(call: Call, entry: Entry, age: Age): unknown {
  const { w, bucket } = call;
  const go = (isOk: boolean): unknown => {
    if (bucket.entries.get(entry.key) !== entry || (isOk && ageNow(entry, w.settings) !== age)) return again(call);
    if (isOk) return serve(call, entry, age);
    bucket.entries.drop(entry);
    backingOf(w, bucket)?.refused(w.identity, entry.key);
    return again({ ...call, skipsStored: true });
  };
  const answer = isValid(call, entry);
  return typeof answer === 'boolean' ? go(answer) : answer.then(go);
}

/** A caller's copy. An entry that cannot be read any more gives way to a new flight. */
function give(call: Call, entry: Entry): unknown {
  const { w, bucket } = call;
  const value = w.values.give(bucket, entry);
  if (!isInBlobs(entry)) return value;
  return (value as Promise<unknown>).catch(() => {
    bucket.entries.drop(entry);
    return again(call);
  });
}

/** Joins the flight of an equal call, or starts one. */
export function miss(call: Call, mode: Mode = 'call'): unknown {
  const { w, bucket, key, args, isQuiet } = call;
  const aborted = signalsIn(args).find((signal) => signal.aborted);
  if (aborted && w.rejects) return Promise.reject(aborted.reason);
  const present = bucket.flight(key);
  if (present && (isLast(call) ? isLast(present.call) : mode === 'call' || present.mode === 'refresh')) {
    const { caller } = call;
    // without a result its synchronous part is running: this call was made in it
    if (!present.result || (caller && waitsFor(present, caller))) throw new CacheReentryError(w.identity.label);
    if (mode === 'call' && !isQuiet) w.identity.hits++;
    return wait(call, present, false);
  }
  const flight = new Flight(isLast(call) ? { ...call, skipsStored: true } : call, mode);
  let outcome: Entry | Promise<Entry>;
  try {
    outcome = flight.start();
  } catch (error) {
    flight.end();
    throw error;
  }
  if (!isPromise(outcome)) return isGone(flight, outcome) ? again(lastLook(call)) : w.values.give(bucket, outcome);
  if (w.settings.isBackground)
    outcome.then(
      (entry) => {
        if (flight.state === 'found' && ageNow(entry, w.settings) === 'stale') serveStale(call);
      },
      () => {
        // the caller has the error
      },
    );
  return wait(call, flight, true);
}

/** Whether what a flight brought was released before this caller came to get it. */
const isGone = ({ call: { w }, state }: Flight, { live }: Entry): boolean =>
  state !== 'over' && w.identity.holders?.isReleased(live) === true;

/** Whether `from` waits for `to`, over as many flights as it takes. */
function waitsFor(from: Flight, to: Flight, seen: Set<Flight> = new Set()): boolean {
  if (from === to) return true;
  if (seen.has(from)) return false;
  seen.add(from);
  for (const next of from.waitsFor) if (waitsFor(next, to, seen)) return true;
  return false;
}

/** A caller's promise of what a flight brings. */
function wait(call: Call, flight: Flight, isStarter: boolean): Promise<unknown> {
  const { w, args, caller } = call;
  caller?.waitsFor.add(flight);
  // what the starter's arguments have become is no concern of the others
  const isOthers = (): boolean => flight.hasChanged && !isStarter;
  const afterChange = (): unknown =>
    flight.mode === 'refresh' ? miss({ ...call, looks: call.looks + 1 }, 'refresh') : again(call);
  const value = (flight.result as Promise<Entry>).then(
    (entry) => {
      caller?.waitsFor.delete(flight);
      if (isGone(flight, entry)) return again(lastLook(call));
      if (isOthers()) return afterChange();
      if (!isStarter || flight.state === 'found') replay(flight.messages, w, caller);
      try {
        return give(call, entry);
      } catch (error) {
        if (!isOutOfMemory(error)) throw error;
        return giveItself(call, entry);
      }
    },
    (error) => {
      caller?.waitsFor.delete(flight);
      if (error === skipped) return again(call);
      if (isOthers()) return afterChange();
      throw error;
    },
  );
  const signals = signalsIn(args);
  flight.enter();
  return signals.length > 0 ? waitWithSignals(flight, signals, value) : value;
}

/** In place of a copy for which there is no memory: the kept one, which is kept no more. */
function giveItself({ w, bucket }: Call, entry: Entry): unknown {
  bucket.entries.drop(entry);
  // all of this happens before the task in which it would be written
  bucket.wrote(entry);
  warnOfSize(w, 'was handed out itself');
  return (entry.live = (entry.snapshot as Snapshot).data);
}

/** Tells that a stale value is served, and refreshes behind it. */
function serveStale(call: Call): void {
  const { bucket, key, args } = call;
  bucket.tell(key, { type: 'stale', tab: 'this', args });
  void refreshBehind(call);
}

/** Refreshes behind a stale value: one run per key, few at once, none soon after one that failed. */
async function refreshBehind(call: Call): Promise<void> {
  const { w, bucket, key, args } = call;
  const { state, identity } = w;
  if (state.refreshing >= maxRefreshes || bucket.flight(key) || !bucket.mayRefresh(key)) return;
  state.refreshing++;
  let flight: Flight | undefined;
  try {
    flight = new Flight(call, 'background');
    await flight.startBehind();
  } catch (error) {
    if (error === skipped) return;
    // a run tells by itself
    if (!flight) bucket.tell(key, { type: 'error', tab: 'this', args, error });
    // one that was cleared says nothing of what came after it
    if (!flight?.isDropped) bucket.refreshFailed(key);
    state.warn('cache-refresh', identity.label, 'a refresh in the background failed; stale values are served.', error);
  } finally {
    state.refreshing--;
    flight?.end();
  }
}
