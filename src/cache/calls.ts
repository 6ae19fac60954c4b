import { systemClock as clock } from '../browser/clock.js';
import type { Age } from '../core/cache-entry.js';
import { isOutOfMemory } from '../core/out-of-memory.js';
import { ask, refuse } from './callbacks.js';
import { hand, miss, serveStale } from './flights.js';
import type { Held } from './memory-tier.js';
import { replay } from './messages.js';
import type { Settings } from './options.js';
import type { Room } from './records.js';
import { running } from './running.js';
import { isPromise } from './runs.js';
import { judge, locate, type Wrapper } from './wrapper.js';

/** What a caller gets of an entry. */
type Serve = (
  w: Wrapper,
  room: Room,
  entry: Held,
  age: Age,
  self: unknown,
  args: readonly unknown[],
  isQuiet: boolean,
) => unknown;

const serve: Serve = (w, room, entry, age, self, args, isQuiet) => {
  // first: there may be no memory for a copy
  const value = hand(w, room, entry, self, args);
  if (!isQuiet) {
    w.record.hits++;
    room.shelf.use(entry);
    w.onUse?.(room, entry);
    if (entry.messages) replay(entry.messages, w, running.flight);
  }
  if (age === 'stale') serveStale(w, room, entry.key, self, args);
  return w.isData || entry.isPromised ? Promise.resolve(value) : value;
};

/** `validate` before an entry is served. What it is shown is what the caller gets. */
const serveIfValid: Serve = (w, room, entry, age, self, args, isQuiet) => {
  const validate = w.settings.validate as NonNullable<Settings['validate']>;
  const asked = (value: unknown): unknown => ask(w, 'validate', validate, value, args);
  const shown = w.give(room, entry);
  const answer = w.isAway?.(entry) ? (shown as Promise<unknown>).then(asked, () => false) : asked(shown);
  const go = (isValid: unknown): unknown => {
    if (isValid) return serve(w, room, entry, age, self, args, isQuiet);
    if (room.shelf.get(entry.key) === entry) {
      room.shelf.drop(entry);
      w.onRefused?.(room, entry);
    }
    return miss(w, room, entry.key, self, args, 'call', { skipsDisk: true, isQuiet });
  };
  if (!isPromise(answer)) return go(answer);
  if (!w.isData && !entry.isPromised) {
    answer.catch(() => {});
    throw new TypeError(
      `${w.record.label}: its "validate" function returned a promise, which only a function that returns a promise can wait for.`,
    );
  }
  return answer.then(go, (cause: unknown) => {
    refuse(w, 'validate', cause);
    return go(false);
  });
};

/** Looks in memory, else to a flight. Throws what `enter` turns into a rejection. */
function look(w: Wrapper, room: Room, key: string, self: unknown, args: readonly unknown[], isQuiet = false): unknown {
  const { shelf } = room;
  if (shelf.sweepAt !== Infinity) shelf.sweep(clock.now());
  const entry = shelf.get(key);
  if (entry) {
    const age = judge(entry, w.settings);
    const { validate, isBackground, staleIfError } = w.settings;
    if (age === 'fresh' || (age === 'stale' && isBackground)) {
      if (!w.isDoubtful?.(room, entry))
        try {
          return (validate ? serveIfValid : serve)(w, room, entry, age, self, args, isQuiet);
        } catch (error) {
          if (!w.giveUp || !isOutOfMemory(error)) throw error;
          shelf.drop(entry);
        }
    } else if (age === 'expired' || !staleIfError) shelf.drop(entry);
  }
  return miss(w, room, key, self, args, 'call', { isQuiet });
}

/** Rejects where the function's callers expect a promise, else throws. */
function fail(w: Wrapper, error: unknown): Promise<never> {
  if (w.rejects) return Promise.reject(error);
  throw error;
}

/** A call from outside. */
export function enter(w: Wrapper, self: unknown, args: readonly unknown[]): unknown {
  try {
    if (!w.usesThis) return look(w, w.record.main, w.makeKey(args, self), self, args);
    const { room, key } = locate(w, self, args);
    return look(w, room, key, self, args);
  } catch (error) {
    return fail(w, error);
  }
}

/** On behalf of a ref, which is no use. Its key was made when the ref was. */
export function enterFor(w: Wrapper, room: Room, key: string, self: unknown, args: readonly unknown[]): unknown {
  try {
    return look(w, room, key, self, args, true);
  } catch (error) {
    return fail(w, error);
  }
}

/** Runs now and replaces the entry; simultaneous ones share a run. */
export function refresh(w: Wrapper, self: unknown, args: readonly unknown[]): unknown {
  try {
    const { room, key } = locate(w, self, args);
    return miss(w, room, key, self, args, 'refresh');
  } catch (error) {
    return fail(w, error);
  }
}
