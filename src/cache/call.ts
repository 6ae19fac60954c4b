import { systemClock as clock } from '../browser/clock.js';
import { isOutOfMemory } from '../core/values/out-of-memory.js';
import type { Backing } from './backing.js';
import type { Bucket } from './bucket.js';
import { ageNow, type Entry, isInBlobs } from './entry.js';
import type { Course } from './late.js';
import { running } from './running.js';
import { type Call, locate, type Wrapped } from './wrapped.js';

/** A call from outside: a hit at hand ends here, everything else takes the course of `course.ts`. */
export function enter(w: Wrapped, self: unknown, args: readonly unknown[]): unknown {
  try {
    if (w.usesThis) return go(callOf(w, self, args), look);
    const bucket = w.identity.main;
    const key = w.makeKey(args, self);
    const { entries } = bucket;
    entries.sweep(clock.now);
    const entry = entries.get(key);
    // most calls end here, and need no object of their own: that takes a fifth of a hit
    if (entry && isAtHand(w, entry))
      try {
        const value = w.values.give(bucket, entry);
        countHit(w, bucket, entry);
        if (entry.messages) w.code.now()?.replay(entry.messages, w, running.flight);
        return isPromised(w, entry) ? Promise.resolve(value) : value;
      } catch (error) {
        if (!isOutOfMemory(error)) throw error;
      }
    return go(callWith({ w, bucket, key, self, args }), look);
  } catch (error) {
    return fail(w, error);
  }
}

/** Runs now and replaces the entry; simultaneous ones share a run. */
export function refresh(w: Wrapped, self: unknown, args: readonly unknown[]): unknown {
  try {
    return go(callOf(w, self, args), (course, call) => course.miss(call, 'refresh'));
  } catch (error) {
    return fail(w, error);
  }
}

export const callWith = (facts: Pick<Call, 'w' | 'bucket' | 'key' | 'self' | 'args'>): Call => ({
  ...facts,
  caller: running.flight,
  isQuiet: false,
  skipsStored: false,
  looks: 0,
});

/** @throws UnhashableParamError, UserHashError */
const callOf = (w: Wrapped, self: unknown, args: readonly unknown[]): Call =>
  callWith({ w, ...locate(w, self, args), self, args });

const look = (course: Course, call: Call): unknown => course.look(call);

/** Takes the course of a call, as soon as its code is there; without it the function just runs. */
function go(call: Call, take: (course: Course, call: Call) => unknown): unknown {
  const { code, fn, state } = call.w;
  const course = code.now();
  if (course) return take(course, call);
  return code.load(state).then(() => {
    const late = call.w.code.now();
    return late ? take(late, call) : fn.apply(call.self, call.args);
  });
}

/** Rejects where the function's callers expect a promise, else throws. */
export function fail(w: Wrapped, error: unknown): Promise<never> {
  if (w.rejects) return Promise.reject(error);
  throw error;
}

/** Whether a caller gets the entry of the main bucket at once: nobody has to be asked. */
const isAtHand = ({ settings, backing }: Wrapped, entry: Entry): boolean =>
  !settings.validate && !isInBlobs(entry) && ageNow(entry, settings) === 'fresh' && !backing?.isDoubtful(entry);

/** What lies behind the memory of this bucket. */
export const backingOf = ({ backing, identity }: Wrapped, bucket: Bucket): Backing | undefined =>
  bucket === identity.main ? backing : undefined;

/** Whether callers get a promise of an entry. What was primed follows the function, as far as it is known. */
export const isPromised = ({ isData, rejects, identity }: Wrapped, entry: Entry): boolean =>
  isData || (entry.isPromised ?? (rejects || identity.isPromising));

export function countHit(w: Wrapped, bucket: Bucket, entry: Entry): void {
  w.identity.hits++;
  bucket.entries.use(entry);
  backingOf(w, bucket)?.used(w, entry);
}
