import { systemClock as clock } from '../browser/clock.js';
import { requireListener, type Unsubscribe } from '../core/listeners.js';
import type { ReadableRef } from '../core/ref.js';
import { type CachedState, refOf } from './cached-ref.js';
import { refresh } from './calls.js';
import { makeHeld, put } from './entries.js';
import { drop, forgetKey, forgetRoom } from './forget.js';
import { instanceRoom } from './identity.js';
import type { Held } from './memory-tier.js';
import { type CacheEvent, type FunctionRecord, type Room, roomsOf } from './records.js';
import { judge, locate, notify, tagsOf, type Wrapper } from './wrapper.js';

/** What a cached function tells of itself. */
export interface CacheInfo {
  /** `name`, else the function's name, else `anonymous`. */
  readonly name: string;
  readonly entries: number;
  /** Estimated; 0 for resources. */
  readonly bytes: number;
  /** Calls of this page that ran nothing. */
  readonly hits: number;
  /** Calls of this page that ran the function. */
  readonly misses: number;
  /** When the oldest entry was made, in ms since 1970. */
  readonly oldest: number | null;
  /** A reload would find the entries. */
  readonly persisted: boolean;
}

/** Where the members of a wrapped function act: on one instance's room, or on all rooms. */
export interface Place {
  readonly w: Wrapper;
  readonly bound: object | undefined;
}

function rooms({ w, bound }: Place): Room[] {
  if (!w.usesThis) return [w.record.main];
  if (!bound) return roomsOf(w.record);
  return [w.makeKey.covers(bound) ? w.record.main : instanceRoom(w.core, w.record, bound)];
}

/** The rooms in which the entry of these arguments may lie, and its key. */
export function find(place: Place, args: readonly unknown[]): { rooms: Room[]; key: string } {
  const { room, key } = locate(place.w, place.bound, args);
  return { rooms: place.bound ? [room] : rooms(place), key };
}

/** Whether every entry of the function is meant, not only one instance's or a part. */
export const isWhole = ({ w, bound }: Place): boolean => !bound || !w.usesThis;

/**
 * Forgets all entries, or that of the arguments.
 *
 * @param first - called with its key before anybody hears of the clear: listeners load again at once
 */
export function clearHere(place: Place, args: readonly unknown[], first?: (key: string | undefined) => void): void {
  if (args.length === 0) {
    first?.(undefined);
    for (const room of rooms(place)) forgetRoom(room, 'this');
    return;
  }
  const { rooms: found, key } = find(place, args);
  first?.(key);
  for (const room of found) forgetKey(room, key, 'this', args);
}

/** The fresh entry of the arguments in memory. */
export function freshEntry(place: Place, args: readonly unknown[]): { room: Room; entry: Held } | undefined {
  const { rooms: found, key } = find(place, args);
  for (const room of found) {
    const entry = room.shelf.get(key);
    if (entry && judge(entry, place.w.settings) === 'fresh') return { room, entry };
  }
  return undefined;
}

/** Stores a value as newer than every flight that has begun. */
export function primeHere(
  { w, bound }: Place,
  value: unknown,
  args: readonly unknown[],
): { room: Room; entry: Held; isPut: boolean } {
  const { room, key } = locate(w, bound, args);
  const entry = makeHeld(w, key, w.keep(value), {
    order: ++w.core.order,
    isPromised: undefined,
    tags: tagsOf(w, args),
    messages: [],
  });
  drop(room, key);
  const isPut = !w.isPassive() && put(w, room, entry);
  if (entry.used > 0) notify(room, key, { type: 'set', tab: 'this', args });
  return { room, entry, isPut };
}

export function infoOf(record: FunctionRecord): CacheInfo {
  const { label: name, hits, misses } = record;
  let entries = 0;
  let bytes = 0;
  let oldest: number | null = null;
  for (const { shelf } of roomsOf(record)) {
    shelf.sweep(clock.now());
    entries += shelf.size;
    bytes += shelf.bytes;
    for (const { createdAt } of shelf.entries()) if (oldest === null || createdAt < oldest) oldest = createdAt;
  }
  return { name, entries, bytes, hits, misses, oldest, persisted: false };
}

/** Members that are the same for both kinds. */
export interface CommonMembers<A extends unknown[], R> {
  /** Runs now and replaces the entry; simultaneous ones share a run. Keeps the old entry when it fails. */
  refresh(...args: A): R;
  /**
   * The state of a call, for frameworks: loads with its first listener. The same object for equal arguments.
   *
   * @example
   * const stop = getUser.ref('7').subscribe(({ status, value }) => render(status, value));
   */
  ref(...args: A): ReadableRef<CachedState<Awaited<R>>>;
  /** Hears what happens to the entries of this function. */
  subscribe(listener: (event: CacheEvent) => void): Unsubscribe;
}

export function commonMembers(place: Place): CommonMembers<unknown[], unknown> {
  const { w, bound } = place;
  return {
    refresh: (...args: unknown[]) => refresh(w, bound, args),
    ref(...args: unknown[]) {
      const { room, key } = locate(w, bound, args);
      return refOf(w, room, key, bound, args);
    },
    subscribe(listener: (event: CacheEvent) => void): Unsubscribe {
      requireListener(listener);
      const ends = rooms(place).map((room) => room.listeners.add((event) => listener(event)));
      return () => {
        for (const end of ends) end();
      };
    },
  };
}
