import { systemClock as clock, nextTask } from '../browser/clock.js';
import { describeArgs } from '../core/describe-args.js';
import { readSnapshot, takeSnapshot } from '../core/snapshot.js';
import { classes } from '../registered-classes.js';
import type { CacheStore } from '../stores/store.js';
import { isValid, judge, notify, put, skipped, type Wrapper } from './engine.js';
import { forgetFunction, forgetKey, forgetRoom, forgetTag } from './forget.js';
import { ambiguousMs } from './identity.js';
import type { Held } from './memory-tier.js';
import type { Settings } from './options.js';
import { type CacheCore, type Flight, type FunctionRecord, type Message, type Room, recordsOf } from './records.js';
import type { CacheEntry, ClearTarget, Limits, Note, Tier } from './tier.js';

/** How the tiers of a cache are made; each at most once, at the first call that needs it. */
export interface TierMakers {
  disk(): Tier;
  session(): Tier;
  store(store: CacheStore): Tier;
}

/** The tiers behind the memory of one cache. */
export interface TierLink {
  /** What lies behind a wrapper's memory, made now if need be; `undefined`: nothing. */
  of(w: Wrapper, room: Room, isForClear?: boolean): Tier | undefined;
  /** Those that a clear of everything must reach. */
  all(): Tier[];
  /** The one in which a function's entries lie by default, if it was made. */
  find(record: FunctionRecord): Tier | undefined;
  /** Those that are in use. */
  made(): Tier[];
  markAmbiguous(record: FunctionRecord): void;
}

/** A waiting tab computes by itself after this time, or twice the longest run that was seen. */
const lockWaitMs = 10_000;
/** Where no notes arrive, a memory entry of this age is compared with its row. */
const doubtMs = 5_000;
const touchMs = 60_000;
/** A clear that could not be written is tried again after this time. */
const mendMs = 5_000;

export function createTierLink(core: CacheCore, makers: TierMakers, defaultStore: CacheStore | undefined): TierLink {
  const made = new Map<unknown, Tier>();
  const ambiguous = new Set<string>();
  const get = (place: unknown, make: () => Tier): Tier => {
    let tier = made.get(place);
    if (!tier) {
      made.set(place, (tier = make()));
      const scope = place === 'session' ? 'session' : 'global';
      const records = (): FunctionRecord[] => recordsOf(core, 'data').filter((record) => record.scope === scope);
      tier.onNote((note) => follow(records(), note));
      tier.onForget(() => {
        // not a clear: what lies behind is as good as it was
        for (const { main } of records()) {
          main.shelf.clear();
          notify(main, undefined, { type: 'set', tab: 'other' });
        }
      });
    }
    return tier;
  };
  const disk = (): Tier =>
    defaultStore ? get(defaultStore, () => makers.store(defaultStore)) : get('disk', makers.disk);
  const find = ({ scope }: FunctionRecord): Tier | undefined =>
    made.get(scope === 'session' ? 'session' : (defaultStore ?? 'disk'));
  return {
    of({ settings: { persist, store, scope }, record, isPassive }, room, isForClear = false) {
      if (!persist || !record.isPersistable || room !== record.main || isPassive()) return undefined;
      const tier =
        scope === 'session' ? get('session', makers.session) : store ? get(store, () => makers.store(store)) : disk();
      for (const identity of ambiguous) tier.markAmbiguous(identity, ambiguousMs);
      ambiguous.clear();
      const { cutAt, identity } = record;
      if (cutAt === undefined || isForClear) return tier;
      if (clock.monotonic() - cutAt > mendMs) void clearBehind([tier], { identity }, [record]);
      return undefined;
    },
    all() {
      disk();
      if (!defaultStore) get('session', makers.session);
      return [...made.values()];
    },
    find,
    made: () => [...made.values()],
    markAmbiguous(record) {
      const { identity, scope } = record;
      const tier = find(record);
      if (tier) tier.markAmbiguous(identity, ambiguousMs);
      else if (scope === 'global') ambiguous.add(identity);
    },
  };
}

/** What another tab did. Its values are on disk, so memory only forgets. */
function follow(records: FunctionRecord[], note: Note): void {
  const named = (identity: string): FunctionRecord | undefined =>
    records.find((record) => record.identity === identity && record.isPersistable);
  if (note.type === 'set') {
    const main = named(note.identity)?.main;
    const entry = main?.shelf.get(note.key);
    if (entry) main?.shelf.drop(entry);
    if (main) notify(main, note.key, { type: 'set', tab: 'other' });
    return;
  }
  const { target } = note;
  if ('all' in target) for (const record of records) forgetFunction(record, 'other');
  else if ('tag' in target) for (const record of records) forgetTag(record, target.tag, 'other');
  else {
    const main = named(target.identity)?.main;
    if (!main) return;
    if ('key' in target) forgetKey(main, target.key, 'other');
    else forgetRoom(main, 'other');
  }
}

/** Something that goes on behind, and that `has`, `clear` and `info` wait for. */
export function track<T>(record: FunctionRecord, work: Promise<T>): Promise<T> {
  const { pending } = record;
  const over = (): void => {
    pending.delete(work);
  };
  pending.add(work);
  work.then(over, over);
  return work;
}

export const settled = async ({ pending }: FunctionRecord): Promise<void> => {
  while (pending.size > 0) await Promise.allSettled([...pending]);
};

function toMessages(entry: CacheEntry): readonly Message[] | undefined {
  const { messages } = entry;
  if (!messages) return undefined;
  const pairs = readSnapshot(messages) as [string, unknown][];
  return pairs.map(([label], i) => [label, () => (readSnapshot(messages) as [string, unknown][])[i]?.[1]]);
}

/** A row as memory holds it. */
export function toHeld(key: string, entry: CacheEntry, order: number): Held {
  const { snapshot, createdAt, expiresAt, staleUntil, bytes, tags } = entry;
  const now = clock.now();
  return {
    key,
    snapshot,
    live: undefined,
    isFrozen: undefined,
    isPromised: true,
    createdAt,
    heldAt: clock.monotonic() - (now - createdAt),
    expiresAt,
    staleUntil,
    order,
    bytes,
    tags,
    messages: toMessages(entry),
    touchedAt: now,
    checkedAt: now,
    used: 0,
    older: undefined,
    newer: undefined,
  };
}

function toEntry(
  { snapshot, createdAt, expiresAt, staleUntil, bytes, tags, messages }: Held,
  epoch: number,
  args: readonly unknown[],
): CacheEntry {
  return {
    snapshot: snapshot as NonNullable<typeof snapshot>,
    createdAt,
    expiresAt,
    staleUntil,
    epoch,
    bytes,
    args: describeArgs(args),
    ...(tags ? { tags } : {}),
    ...(messages
      ? {
          messages: takeSnapshot(
            messages.map(([label, read]) => [label, read()]),
            { classes },
          ),
        }
      : {}),
  };
}

function limitsOf({ maxEntries, maxSize, name }: Settings): Limits {
  return {
    ...(maxEntries < Infinity ? { maxEntries } : {}),
    ...(maxSize < Infinity ? { maxBytes: maxSize } : {}),
    ...(name === undefined ? {} : { named: true }),
  };
}

/** Writes an entry, unless something newer takes its place first. */
async function write(
  tier: Tier,
  w: Wrapper,
  room: Room,
  entry: Held,
  epoch: number,
  args: readonly unknown[],
): Promise<void> {
  const { key } = entry;
  if (room.unwritten.get(key) !== entry) return;
  const result = await tier.write(w.record.identity, key, toEntry(entry, epoch, args), limitsOf(w.settings));
  if (room.unwritten.get(key) === entry) room.unwritten.delete(key);
  if (result === 'stored') entry.checkedAt = clock.now();
  else if (result === 'cleared') room.shelf.drop(entry);
}

/** Writes what `prime` stored; resolves when a reload would find it. */
export function writeNow(tier: Tier, w: Wrapper, room: Room, entry: Held, args: readonly unknown[]): Promise<void> {
  room.unwritten.set(entry.key, entry);
  // newer than every clear before, and than every flight of another tab
  return track(w.record, write(tier, w, room, entry, Infinity, args));
}

/** A flight that looks behind the memory first, and writes in a later task what the function returned. */
export function flyThrough(tier: Tier, w: Wrapper, flight: Flight, run: () => Held | Promise<Held>): Promise<Held> {
  const { record, settings } = w;
  const { room, key, mode } = flight;
  const { identity } = record;

  let hasRead = false;
  /** The row, if it may be served; a stale one is remembered for `staleIfError`. */
  const look = async (): Promise<Held | undefined> => {
    if (flight.skipsDisk || mode === 'refresh') return undefined;
    hasRead = true;
    const row = await tier.read(identity, key);
    if (!row) return undefined;
    const entry = toHeld(key, row, flight.order);
    const age = judge(entry, settings);
    if (age === 'stale' && settings.staleIfError) flight.fallback = entry;
    if (age !== 'fresh' && !(age === 'stale' && settings.isBackground && mode === 'call')) return undefined;
    if (settings.validate) {
      if (!(await isValid(w, entry, flight.args))) {
        flight.skipsDisk = true;
        void tier.delete(identity, key);
        return undefined;
      }
    }
    return entry;
  };
  const adopt = (entry: Held): Held => {
    flight.isFound = true;
    flight.messages.push(...(entry.messages ?? []));
    if (mode === 'call') record.hits++;
    if (!flight.isDropped) put(w, room, entry);
    tier.touch(identity, key, clock.now());
    return entry;
  };

  return new Promise((resolve, reject) => {
    const compute = async (): Promise<void> => {
      // the read has learned of other tabs' clears
      if (!hasRead) await tier.learnEpoch();
      const epoch = tier.epoch();
      const entry = await run();
      resolve(entry);
      if (!flight.isKept) return;
      room.unwritten.set(key, entry);
      await track(
        record,
        nextTask().then(() => write(tier, w, room, entry, epoch, flight.args)),
      );
    };
    const work = async (): Promise<void> => {
      const found = await look();
      if (found) return resolve(adopt(found));
      if (mode === 'refresh') return compute();
      const options =
        mode === 'background' ? { ifAvailable: true } : { waitMs: Math.max(lockWaitMs, 2 * record.longestRun) };
      await tier.lock(identity, key, options, async (isHeld) => {
        if (!isHeld && mode === 'background') throw skipped;
        // another tab may have been faster
        const again = await look();
        if (again) resolve(adopt(again));
        else await compute();
      });
    };
    work().catch(reject);
  });
}

/** Tells the tier that an entry was used, where it matters. Strictly increasing, so that both tiers agree on the order. */
let lastTouch = 0;
export function touch(tier: Tier, { record, settings }: Wrapper, entry: Held): void {
  const now = clock.now();
  const { maxEntries, maxSize, ttlMs } = settings;
  const isLimited = maxEntries < Infinity || maxSize < Infinity;
  if (!isLimited && now - entry.touchedAt < Math.min(touchMs, ttlMs / 10)) return;
  entry.touchedAt = now;
  lastTouch = now > lastTouch ? now : lastTouch + 0.001;
  tier.touch(record.identity, entry.key, lastTouch);
}

/** Whether memory must be compared with its row, because no notes arrive. */
export function isDoubtful(tier: Tier, entry: Held): boolean {
  return !tier.hearsOtherTabs && clock.now() - entry.checkedAt > doubtMs;
}

/** Clears behind. Where that cannot be written, the function lives in memory only. */
export async function clearBehind(tiers: Tier[], target: ClearTarget, records: FunctionRecord[]): Promise<void> {
  const work = Promise.all(tiers.map((tier) => tier.clear(target)));
  for (const record of records) {
    void track(record, work);
    if (record.cutAt !== undefined) record.cutAt = clock.monotonic();
  }
  const isDone = (await work).every(Boolean);
  for (const record of records) record.cutAt = isDone ? undefined : clock.monotonic();
}
