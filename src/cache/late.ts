// Code of `cacheData` that comes with the first call: how it is loaded, and who waits for it for how long.
import { systemClock as clock } from '../browser/clock.js';
import type { CacheState } from './cache-state.js';
import type { CallCode } from './wrap.js';

/** What every call needs: entries, copies, flights, refs, messages. */
export type Course = typeof import('./late-course.js');
/** This, and what stored functions need: tiers, big values. */
export type Stored = typeof import('./stored.js');

/** A call waits this long for code, then the function runs without it; later calls do not wait again. */
const waitMs = 2000;

let course: Course | undefined;
let stored: Stored | undefined;
let loadingStored: Promise<Stored> | undefined;
let waitedForCourse: Promise<unknown> | undefined;
let waitedForStored: Promise<unknown> | undefined;
let hasWaited = false;
/** What is done as soon as the code is there, before the calls that wait for it. */
const waiting = new Set<(code: Course) => void>();

function arrived(code: Course): void {
  course ??= code;
  for (const run of waiting) run(course);
  waiting.clear();
}

/** What is there of the code of calls. */
export const courseNow = (): Course | undefined => course;

/** What is there of the code for stored functions. */
export const storedNow = (): Stored | undefined => stored;

/** Tells that code of the cache could not be loaded. */
export const reportUnloaded = ({ report }: CacheState, cause: unknown): void =>
  report({ code: 'cache-storage', message: 'code could not be loaded: results stay in memory.', cause });

/** Resolves with `work`, or without it: when it fails, or takes longer. */
export const within = (work: Promise<unknown>, ms: number, state: CacheState): Promise<unknown> =>
  new Promise((resolve) => {
    const cancel = clock.after(ms, () => resolve(undefined));
    void work
      .catch((cause) => reportUnloaded(state, cause))
      .then(() => {
        cancel();
        resolve(undefined);
      });
  });

// Every `import()` of the library stands in an async function: what bundlers make of it throws at once in a worker of
// webpack, and that is a chunk that could not be loaded as well.

export const loadStored = (): Promise<Stored> =>
  (loadingStored ??= (async () => {
    stored = await import('./stored.js');
    arrived(stored);
    return stored;
  })());

const loadCourse = async (): Promise<void> => arrived(await import('./late-course.js'));

/**
 * Resolves when the code of calls is there, cannot be loaded, or takes too long.
 *
 * @param isStored - with the code for what is stored; where that does not come, results stay in memory
 */
export async function loadCode(state: CacheState, isStored: boolean): Promise<void> {
  if (isStored && !stored) {
    await (waitedForStored ??= within(loadStored(), waitMs, state));
    hasWaited = true;
  }
  if (!course) await (waitedForCourse ??= within(loadCourse(), waitMs, state));
}

/** What is there for calls of such a function. */
export const codeNow = (isStored: boolean): Course | undefined =>
  isStored && !stored && !hasWaited ? undefined : course;

/**
 * Runs with the code of calls, now or as soon as it is there; not at all if nobody has asked for it.
 *
 * @returns cancels what has not run yet
 */
export function whenThere(run: (code: Course) => void): () => void {
  if (course) run(course);
  else if (loadingStored ?? waitedForCourse) waiting.add(run);
  return () => waiting.delete(run);
}

/** Of functions whose code is all there, and connected. */
export const loadedCode: CallCode = { now: () => course, load: async () => {} };
