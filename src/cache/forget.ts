import { type CacheEvent, dropFlight, type FunctionRecord, type Room, roomsOf } from './records.js';
import { notify } from './wrapper.js';

type Tab = CacheEvent['tab'];

/** What flights bring for this key is kept no more: it was cleared, or something newer is there. */
export function drop(room: Room, key: string): void {
  for (const flight of room.active) if (flight.key === key) dropFlight(flight);
  room.flights.delete(key);
  room.unwritten.delete(key);
  room.failed.delete(key);
}

/** Forgets one entry, and what a flight for it will bring. */
export function forgetKey(room: Room, key: string, tab: Tab, args?: readonly unknown[]): void {
  drop(room, key);
  const entry = room.shelf.get(key);
  if (entry) room.shelf.drop(entry);
  notify(room, key, { type: 'clear', tab, ...(args ? { args } : {}) });
}

/** Forgets all entries of a function, or of one instance's method. */
export function forgetRoom(room: Room, tab: Tab): void {
  for (const flight of room.active) dropFlight(flight);
  room.flights.clear();
  room.unwritten.clear();
  room.failed.clear();
  room.shelf.clear();
  notify(room, undefined, { type: 'clear', tab });
}

export function forgetFunction(record: FunctionRecord, tab: Tab): void {
  for (const room of roomsOf(record)) forgetRoom(room, tab);
}

/** Forgets the entries of a tag, and those that flights will bring. */
export function forgetTag(record: FunctionRecord, tag: string, tab: Tab): void {
  for (const room of roomsOf(record)) {
    const keys = new Set<string>();
    for (const { key, tags } of room.shelf.entries()) if (tags?.includes(tag)) keys.add(key);
    for (const { key, tags } of room.active) if (tags?.includes(tag)) keys.add(key);
    for (const { key, tags } of room.unwritten.values()) if (tags?.includes(tag)) keys.add(key);
    for (const key of keys) forgetKey(room, key, tab);
  }
}

/** What `clear()` and `clear({ tag })` of a kind take. @throws TypeError for anything else */
export function readTag(call: string, target: unknown): string | undefined {
  if (target === undefined) return undefined;
  const tag = (target as { tag?: unknown } | null)?.tag;
  if (typeof tag !== 'string') throw new TypeError(`${call}: give nothing, or { tag } with a text.`);
  return tag;
}
