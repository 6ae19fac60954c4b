// Bounded waiting, in the page's own time.
import type { Timer } from './clock.js';

/** Runs `expire` after `ms` of the page's own time, unless the result is called first. */
export type Deadlines = (ms: number, expire: () => void) => () => void;

/**
 * Time is counted in steps. A step in which the page was busy, frozen or in the back/forward cache counts as one, however
 * long it took: what could not be heard is not late, and an answer that has arrived meanwhile comes before the next step.
 */
const stepMs = 250;

/** Waits that nearly always end early: one timer serves all of them, since a timer of its own costs as much as a small read. */
export function createDeadlines(clock: Timer): Deadlines {
  /** With the count at which each is over. */
  const waits = new Map<() => void, number>();
  let counted = 0;
  let steppedAt = 0;
  let isRunning = false;

  const elapsed = (): number => Math.min(clock.monotonic() - steppedAt, stepMs);

  const step = (): void => {
    isRunning = false;
    counted += elapsed();
    steppedAt = clock.monotonic();
    for (const [expire, at] of waits)
      if (at <= counted) {
        waits.delete(expire);
        expire();
      }
    arm();
  };
  const arm = (): void => {
    if (isRunning || waits.size === 0) return;
    isRunning = true;
    clock.after(Math.min(stepMs, Math.min(...waits.values()) - counted), step);
  };

  return (ms, expire) => {
    if (!isRunning) steppedAt = clock.monotonic();
    waits.set(expire, counted + elapsed() + ms);
    arm();
    return () => waits.delete(expire);
  };
}
