import type { LateTier as Tier } from './late-tier.js';
import type { Held } from './memory-tier.js';
import { track } from './pending.js';
import type { Flight, Room } from './records.js';
import type { Wrapper } from './wrapper.js';

type Code = typeof import('./tier-flight.js');

let code: Code | undefined;

/** What goes on between memory and a tier: loaded with the first tier. */
export const loadFlights = async (): Promise<Code> => (code ??= await import('./tier-flight.js'));

/** Tiers come after this code; one whose code does not come gives up after a while. */
const ready = async (tier: Tier): Promise<void> => void (await (tier.ready ?? loadFlights)());

type Run = () => Held | Promise<Held>;

async function flyLater(tier: Tier, w: Wrapper, flight: Flight, run: Run): Promise<Held> {
  await ready(tier);
  return code ? code.flyThrough(tier, w, flight, run) : run();
}

/** A flight that looks behind the memory first; where its code does not come, the function runs. */
export const flyLate = (tier: Tier, w: Wrapper, flight: Flight, run: Run): Promise<Held> =>
  (code?.flyThrough ?? flyLater)(tier, w, flight, run);

/** Writes what `prime` stored; resolves when a reload would find it. */
export function writeNow(tier: Tier, w: Wrapper, room: Room, entry: Held, args: readonly unknown[]): Promise<void> {
  const { unwritten } = room;
  unwritten.set(entry.key, entry);
  const write = async (): Promise<void> => {
    if (!code) await ready(tier);
    // newer than every clear before, and than every flight of another tab
    if (code) await code.write(tier, w, room, entry, { epoch: Infinity, args });
    else if (unwritten.get(entry.key) === entry) unwritten.delete(entry.key);
  };
  return (entry.writing = track(w.record, write()));
}
