import { systemClock as clock } from '../browser/clock.js';
import type { Tier } from '../tiers/tier.js';
import type { Held } from './memory-tier.js';
import type { Settings } from './options.js';
import type { Wrapper } from './wrapper.js';

/** Where no notes arrive, a memory entry of this age is compared with its row. */
const doubtMs = 5_000;
const touchMs = 60_000;

/** The order of use decides what goes. */
export const isLimited = ({ maxEntries, maxSize }: Settings): boolean => maxEntries < Infinity || maxSize < Infinity;

let lastUse = 0;
/** The time of a use that is made now: strictly increasing, so that both tiers agree on the order. */
export function timeOfUse(now: number = clock.now()): number {
  lastUse = now > lastUse ? now : lastUse + 0.001;
  return lastUse;
}

/** Tells the tier that an entry was used, where it matters. */
export function touch(tier: Tier, { record, settings }: Wrapper, entry: Held): void {
  const now = clock.now();
  if (!isLimited(settings) && now - entry.touchedAt < Math.min(touchMs, settings.ttlMs / 10)) return;
  entry.touchedAt = now;
  tier.touch(record.identity, entry.key, timeOfUse(now));
}

/** Whether memory must be compared with its row, because no notes arrive. */
export function isDoubtful(tier: Tier, entry: Held): boolean {
  return tier.shared?.hears === false && clock.now() - entry.checkedAt >= doubtMs;
}
