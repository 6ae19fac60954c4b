import type { Clock } from './clock.js';

/** Runs `expire` after `ms`, unless the result is called first. */
export type Deadlines = (ms: number, expire: () => void) => () => void;

/** Waits that nearly always end early: one timer serves all of them, since a timer of its own costs as much as a small read. */
export function createDeadlines(clock: Clock): Deadlines {
  const waits = new Map<() => void, number>();
  let timerAt = Infinity;
  let cancel: (() => void) | undefined;

  const arm = (dueAt: number): void => {
    if (dueAt >= timerAt) return;
    cancel?.();
    timerAt = dueAt;
    cancel = clock.after(dueAt - clock.monotonic(), () => {
      timerAt = Infinity;
      const now = clock.monotonic();
      for (const [expire, at] of waits)
        if (at <= now) {
          waits.delete(expire);
          expire();
        }
      if (waits.size > 0) arm(Math.min(...waits.values()));
    });
  };

  return (ms, expire) => {
    const dueAt = clock.monotonic() + ms;
    waits.set(expire, dueAt);
    arm(dueAt);
    return () => waits.delete(expire);
  };
}
