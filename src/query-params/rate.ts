/** How many history calls may still be made. Times in ms, of a clock that is handed in. */
export interface TokenBucket {
  /** Takes a token if there is one, or also if there is none. */
  take(now: number, isForced?: boolean): boolean;
  /** A call was refused: there are no tokens at all. */
  empty(now: number): void;
  /** How long until there is a token. */
  wait(now: number): number;
  /** How many calls would go out at once. */
  left(now: number): number;
}

const capacity = 40;
const msPerToken = 500;
const lowest = -20;

/**
 * 40 tokens and 2 more per second: at most 60 calls in any 10 s and 100 in any 30 s, which keeps below the limits of all
 * browsers and leaves 4 calls per second to others.
 */
export function createTokenBucket(): TokenBucket {
  let tokens = capacity;
  let filledAt: number | undefined;
  const refill = (now: number): void => {
    // a clock that went back (a test's) counts as stopped
    tokens = Math.min(capacity, tokens + Math.max(0, now - (filledAt ?? now)) / msPerToken);
    filledAt = now;
  };
  return {
    take(now, isForced) {
      refill(now);
      if (tokens < 1 && !isForced) return false;
      tokens = Math.max(lowest, tokens - 1);
      return true;
    },
    empty(now) {
      refill(now);
      tokens = Math.min(0, tokens);
    },
    wait(now) {
      refill(now);
      return Math.max(0, Math.ceil((1 - tokens) * msPerToken));
    },
    left(now) {
      refill(now);
      return Math.max(0, Math.floor(tokens));
    },
  };
}
