/** Time and timers, replaceable in tests. Times in ms. */
export interface Clock {
  /** Wall clock, ms since 1970; may jump. */
  now(): number;
  /** Never goes back; ms since some moment. */
  monotonic(): number;
  /** Runs `run` after `ms`; the result cancels it. */
  after(ms: number, run: () => void): () => void;
  /** Runs `run` when the page has nothing else to do, at the latest after `withinMs`; the result cancels it. */
  whenIdle(run: () => void, withinMs: number): () => void;
}

/** The part that queryParams needs. */
export type Timer = Pick<Clock, 'monotonic' | 'after'>;

/** The globals are asked at each call, because tests and pages replace them. */
export const systemTimer: Timer = {
  monotonic: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

export const systemClock: Clock = {
  ...systemTimer,
  now: () => Date.now(),
  whenIdle(run, withinMs) {
    // WebKit has no requestIdleCallback: https://bugs.webkit.org/show_bug.cgi?id=164193
    if (typeof requestIdleCallback !== 'function') return systemTimer.after(Math.min(withinMs, 50), run);
    const handle = requestIdleCallback(run, { timeout: withinMs });
    return () => cancelIdleCallback(handle);
  },
};

/** The next task, for all who wait for it. */
let awaited: Promise<void> | undefined;

/** Resolves in a later task, after the callers of this one have gone on. Not a timer: those are late in hidden tabs. */
export function nextTask(): Promise<void> {
  awaited ??= new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      awaited = undefined;
      resolve();
    };
    port2.postMessage(0);
  });
  return awaited;
}
