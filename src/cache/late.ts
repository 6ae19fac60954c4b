import { systemClock as clock } from '../browser/clock.js';
import type { CacheState } from './cache-state.js';

/** What a call needs beyond a hit: flights, refs, messages. */
export type Course = typeof import('./late-course.js');
/** This, and what stored functions need: tiers, big values. */
export type Stored = typeof import('./stored.js');

/** The code of a wrapped function that may come late. */
export interface LateCode {
  /** What is there now; loads nothing. */
  now(): Course | undefined;
  /** Resolves when it is there, cannot be loaded, or takes too long. */
  load(state: CacheState): Promise<void>;
}

/** A call waits this long for code, then the function runs without it; later calls do not wait again. */
const waitMs = 2000;

let course: Course | undefined;
let stored: Stored | undefined;
let loadingStored: Promise<Stored> | undefined;
let waitedForCourse: Promise<unknown> | undefined;
let waitedForStored: Promise<unknown> | undefined;
let hasWaited = false;

/** Resolves with `work`, or without it: when it fails, or takes longer. */
export const within = (work: Promise<unknown>, ms: number, { report }: CacheState): Promise<unknown> =>
  new Promise((resolve) => {
    const cancel = clock.after(ms, () => resolve(undefined));
    const failed = (cause: unknown): void =>
      report({ code: 'cache-storage', message: 'Code of the cache could not be loaded: nothing is stored.', cause });
    void work.catch(failed).then(() => {
      cancel();
      resolve(undefined);
    });
  });

export const loadStored = (): Promise<Stored> =>
  (loadingStored ??= import('./stored.js').then((code) => (course = stored = code)));

/** What is there of the code for stored functions. */
export const storedNow = (): Stored | undefined => stored;

/** For functions whose results stay in memory. */
export const courseCode: LateCode = {
  now: () => course,
  async load(state) {
    if (!course)
      await (waitedForCourse ??= within(
        import('./late-course.js').then((code) => (course ??= code)),
        waitMs,
        state,
      ));
  },
};

/** For functions whose results are stored. Where the code for that does not come, they stay in memory. */
export const storedCode: LateCode = {
  now: () => stored ?? (hasWaited ? course : undefined),
  async load(state) {
    if (!stored) await (waitedForStored ??= within(loadStored(), waitMs, state));
    hasWaited = true;
    await courseCode.load(state);
  },
};
