import { systemClock as clock } from '../browser/clock.js';
import type { Age } from '../core/cache-entry.js';
import { isOutOfMemory } from '../core/values/out-of-memory.js';
import { isValid } from './callbacks.js';
import { type Call, hand, isLast, miss, serveStale } from './flights.js';
import type { Held } from './memory-tier.js';
import { replay } from './messages.js';
import type { Room } from './records.js';
import { running } from './running.js';
import { isPromised, judge, locate, type Wrapper } from './wrapper.js';

/** An entry was used. */
function count(w: Wrapper, room: Room, entry: Held): void {
  w.record.hits++;
  room.shelf.use(entry);
  w.onUse?.(room, entry);
  if (entry.messages) replay(entry.messages, w, running.flight);
}

/** What a caller gets of an entry. */
function serve(call: Call, entry: Held, age: Age): unknown {
  const { w, room } = call;
  // first: there may be no memory for a copy
  const value = hand(call, entry);
  if (!call.isQuiet) count(w, room, entry);
  if (age === 'stale') serveStale(call);
  return isPromised(w, entry) ? Promise.resolve(value) : value;
}

/** Whether a caller gets the entry at once, whatever may come of it: nobody has to be asked. */
const isAtHand = (w: Wrapper, room: Room, entry: Held): boolean =>
  !w.settings.validate && !w.isAway?.(entry) && judge(entry, w.settings) === 'fresh' && !w.isDoubtful?.(room, entry);

/** Asks `validate` first. An entry that went, or grew older, while it was asked is looked up again, never used. */
function serveIfValid(call: Call, entry: Held, age: Age): unknown {
  const { w, room, args } = call;
  const go = (isOk: boolean): unknown => {
    if (room.shelf.get(entry.key) !== entry || (isOk && judge(entry, w.settings) !== age)) return call.again(call);
    if (isOk) return serve(call, entry, age);
    room.shelf.drop(entry);
    w.onRefused?.(room, entry);
    return call.again({ ...call, skipsDisk: true });
  };
  const answer = isValid(w, room, entry, args);
  return typeof answer === 'boolean' ? go(answer) : answer.then(go);
}

/** In memory, else by a flight. */
function look(call: Call): unknown {
  const { w, room, key } = call;
  const { shelf } = room;
  if (shelf.sweepAt !== Infinity) shelf.sweep(clock.now());
  const entry = shelf.get(key);
  if (entry) {
    const age = judge(entry, w.settings);
    const { validate, isBackground, staleIfError } = w.settings;
    if (age === 'fresh' || (age === 'stale' && isBackground)) {
      if (!w.isDoubtful?.(room, entry))
        try {
          return (validate ? serveIfValid : serve)(call, entry, age);
        } catch (error) {
          if (!w.giveUp || !isOutOfMemory(error)) throw error;
          shelf.drop(entry);
        }
    } else if (age === 'expired' || !staleIfError) shelf.drop(entry);
  }
  return miss(call);
}

function again(call: Call): unknown {
  const next = { ...call, looks: call.looks + 1 };
  return isLast(next) ? miss(next) : look(next);
}

/** @throws UnhashableParamError, UserHashError */
function callOf(w: Wrapper, self: unknown, args: readonly unknown[]): Call {
  const { room, key } = locate(w, self, args);
  return { w, room, key, self, args, isQuiet: false, skipsDisk: false, looks: 0, again };
}

/** Rejects where the function's callers expect a promise, else throws. */
function fail(w: Wrapper, error: unknown): Promise<never> {
  if (w.rejects) return Promise.reject(error);
  throw error;
}

/** A call from outside. */
export function enter(w: Wrapper, self: unknown, args: readonly unknown[]): unknown {
  try {
    if (w.usesThis) return look(callOf(w, self, args));
    const room = w.record.main;
    const key = w.makeKey(args, self);
    const { shelf } = room;
    if (shelf.sweepAt !== Infinity) shelf.sweep(clock.now());
    const entry = shelf.get(key);
    // most calls end here, and need no object of their own: that takes a fifth of a hit
    if (entry && isAtHand(w, room, entry))
      try {
        const value = w.give(room, entry);
        count(w, room, entry);
        return isPromised(w, entry) ? Promise.resolve(value) : value;
      } catch (error) {
        if (!isOutOfMemory(error)) throw error;
      }
    return look({ w, room, key, self, args, isQuiet: false, skipsDisk: false, looks: 0, again });
  } catch (error) {
    return fail(w, error);
  }
}

/** On behalf of a ref, which is no use. Its key was made when the ref was. */
export function enterFor(call: Pick<Call, 'w' | 'room' | 'key' | 'self' | 'args'>): unknown {
  try {
    return look({ ...call, isQuiet: true, skipsDisk: false, looks: 0, again });
  } catch (error) {
    return fail(call.w, error);
  }
}

/** Runs now and replaces the entry; simultaneous ones share a run. */
export function refresh(w: Wrapper, self: unknown, args: readonly unknown[]): unknown {
  try {
    return miss(callOf(w, self, args), 'refresh');
  } catch (error) {
    return fail(w, error);
  }
}
