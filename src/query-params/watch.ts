import type { Timer } from '../browser/clock.js';
import type { Unsubscribe } from '../core/listeners.js';

/** Looks after something that waits. */
export interface Watch {
  /** Goes on watching, or begins to; runs `run` after `ms`, if given, instead of what was to run. */
  wait(ms?: number, run?: () => void): void;
  stop(): void;
}

/** @param begin - attaches what is needed while something waits */
export function createWatch(clock: Timer, begin: () => Unsubscribe[]): Watch {
  let ends: Unsubscribe[] | undefined;
  let stopTimer: Unsubscribe | undefined;
  return {
    wait(ms, run) {
      ends ??= begin();
      stopTimer?.();
      stopTimer = run && ms !== undefined ? clock.after(ms, run) : undefined;
    },
    stop() {
      stopTimer?.();
      for (const end of ends ?? []) end();
      ends = undefined;
    },
  };
}
