// The course of a call, to be read from top to bottom: a hit at hand, memory, `validate`, a flight.
import { systemClock as clock } from '../browser/clock.js';
import type { Age } from '../core/cache-entry.js';
import { isPromise } from '../core/promises.js';
import { isOutOfMemory } from '../core/values/out-of-memory.js';
import type { Snapshot } from '../core/values/snapshot.js';
import { CacheReentryError } from '../errors.js';
import { backingOf, bucketOf, mainOf } from './bucket.js';
import { isValid } from './callbacks.js';
import { ageNow, type Entry, isInBlobs, isPromised, warnOfSize } from './entry.js';
import { Flight, isLast, type Mode, maxLooks, signalsIn, skipped, waitWithSignals } from './flight.js';
import { replay } from './messages.js';
import { running } from './running.js';
import { type Call, type CallFacts, factsOf, type Wrapped } from './wrap.js';

const maxRefreshes = 4;

/** A call from outside: a hit at hand ends here, for everything else a `Call` is made. */
export function enter(w: Wrapped, self: unknown, args: readonly unknown[]): unknown {
  try {
    if (w.usesThis) return resume(factsOf(w, self, args));
    const bucket = w.identity.main ?? mainOf(w.identity);
    const key = w.makeKey(args, self);
    const { entries } = bucket;
    entries.sweep(clock.now);
    const entry = entries.get(key);
    // most calls end here, and need no object of their own: that takes a fifth of a hit
    if (entry && isAtHand(w, entry))
      try {
        const value = w.values.give(bucket, entry);
        w.identity.hits++;
        entries.use(entry);
        w.backing?.used(w, entry);
        if (entry.messages) replay(entry.messages, w, running.flight);
        return isPromised(w, entry) ? Promise.resolve(value) : value;
      } catch {
        // there may be no memory for a copy: the course looks once more, and tells of everything else
      }
    return resume({ w, key, self, args, caller: running.flight });
  } catch (error) {
    return fail(w, error);
  }
}

/** Runs now and replaces the entry; simultaneous ones share a run. */
export function refresh(w: Wrapped, self: unknown, args: readonly unknown[]): unknown {
  try {
    return resume(factsOf(w, self, args), true);
  } catch (error) {
    return fail(w, error);
  }
}

export const callOf = (facts: CallFacts): Call => ({
  ...facts,
  bucket: bucketOf(facts.w, facts.self),
  isQuiet: false,
  skipsStored: false,
  looks: 0,
});

/** Takes the course of a call. */
export function resume(facts: CallFacts, isRefresh = false): unknown {
  const call = callOf(facts);
  return isRefresh ? miss(call, 'refresh') : look(call);
}

/** Rejects where the function's callers expect a promise, else throws. */
function fail(w: Wrapped, error: unknown): Promise<never> {
  if (w.rejects) return Promise.reject(error);
  throw error;
}

/** Whether a caller gets the entry of the main bucket at once: nobody has to be asked. */
const isAtHand = ({ settings, backing }: Wrapped, entry: Entry): boolean =>
  !settings.validate && !isInBlobs(entry) && ageNow(entry, settings) === 'fresh' && !backing?.isDoubtful(entry);

/** On behalf of a ref, which is no use. Its key was made when the ref was. */
export function lookFor(call: Call): unknown {
  try {
    return look({ ...call, caller: running.flight, isQuiet: true });
  } catch (error) {
    return fail(call.w, error);
  }
}

/** Another look at what went; at what was released, the last one. */
const lastLook = (call: Call): Call => ({ ...call, looks: maxLooks });

/** In memory, else by a flight. */
function look(call: Call): unknown {
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
    w.identity.hits++;
    bucket.entries.use(entry);
    backingOf(w, bucket)?.used(w, entry);
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
  return typeof answer === 'boolean' ? go(answer) : waitWithSignals(call.args, answer.then(go));
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
function miss(call: Call, mode: Mode = 'call'): unknown {
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
  flight.enter();
  return waitWithSignals(args, value, flight);
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
    state.warn('cache-refresh', identity.label, 'a background refresh failed: the stale value stays.', error);
  } finally {
    state.refreshing--;
    flight?.end();
  }
}
