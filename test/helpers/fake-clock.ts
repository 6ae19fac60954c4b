// A clock that a test moves.
import type { Clock } from '../../src/browser/clock.js';

export interface FakeClock extends Clock {
  /** Lets time pass; timers run at their time, microtasks between them. */
  advance(ms: number): Promise<void>;
  /** How many timers wait. */
  readonly waiting: number;
}

/** A clock that stands still until it is told to go on. */
export function createFakeClock(start = 1_000_000): FakeClock {
  let time = start;
  const timers = new Set<{ at: number; run: () => void }>();
  const after = (ms: number, run: () => void): (() => void) => {
    const timer = { at: time + ms, run };
    timers.add(timer);
    return () => timers.delete(timer);
  };
  const settled = async (): Promise<void> => {
    for (let i = 0; i < 5; i++) await Promise.resolve();
  };
  return {
    now: () => time,
    monotonic: () => time,
    after,
    whenIdle: (run) => after(0, run),
    get waiting() {
      return timers.size;
    },
    async advance(ms) {
      const end = time + ms;
      await settled();
      for (;;) {
        const [next] = [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
        if (!next) break;
        time = Math.max(time, next.at);
        timers.delete(next);
        next.run();
        await settled();
      }
      time = end;
    },
  };
}
