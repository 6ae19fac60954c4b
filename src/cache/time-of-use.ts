let lastUse = 0;

/** The time of a use that is made at `now`: strictly increasing, so that memory and tiers agree on the order. */
export function timeOfUse(now: number): number {
  lastUse = now > lastUse ? now : lastUse + 0.001;
  return lastUse;
}
