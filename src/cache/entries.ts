import { systemClock as clock } from '../browser/clock.js';
import type { Held } from './memory-tier.js';
import type { Flight, Message, Room } from './records.js';
import type { Kept, Wrapper } from './wrapper.js';

/** An entry made now. */
export function makeHeld(
  w: Wrapper,
  key: string,
  kept: Kept,
  facts: {
    order: number;
    isPromised: boolean | undefined;
    tags: readonly string[] | undefined;
    messages: readonly Message[];
  },
): Held {
  const { ttlMs, maxStaleMs, isBackground, staleIfError } = w.settings;
  const createdAt = clock.now();
  const expiresAt = createdAt + ttlMs;
  return {
    key,
    fresh: undefined,
    moving: undefined,
    writing: undefined,
    live: undefined,
    isFrozen: undefined,
    ...kept,
    ...facts,
    messages: facts.messages.length > 0 ? facts.messages : undefined,
    createdAt,
    heldAt: clock.monotonic(),
    expiresAt,
    staleUntil: isBackground || staleIfError ? expiresAt + maxStaleMs : expiresAt,
    touchedAt: createdAt,
    checkedAt: NaN,
    used: 0,
    older: undefined,
    newer: undefined,
  };
}

/**
 * Puts an entry, unless a newer one is there. Makes room first, so that what goes is released before this is kept.
 *
 * @param flight - what it brings is not put when it is dropped meanwhile
 */
export function put(w: Wrapper, room: Room, entry: Held, flight?: Flight): boolean {
  const { shelf } = room;
  const { maxEntries, maxSize, ttlMs } = w.settings;
  const before = shelf.get(entry.key);
  if (entry.isUnkept || ttlMs <= 0 || entry.bytes > maxSize || (before && before.order > entry.order)) return false;
  // first: what goes may hold the same object
  w.onPut?.(room, entry);
  shelf.sweep(clock.now());
  if (!before) shelf.trim(maxEntries - 1, maxSize - entry.bytes);
  if (flight?.isDropped) {
    w.onUnput?.(entry);
    return false;
  }
  shelf.put(entry);
  shelf.trim(maxEntries, maxSize);
  return true;
}
