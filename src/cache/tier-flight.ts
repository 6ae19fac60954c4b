import { systemClock as clock, nextTask } from '../browser/clock.js';
import { describeArgs } from '../core/describe-args.js';
import { readSnapshot, takeSnapshot } from '../core/values/snapshot.js';
import type { CacheEntry, Limits } from '../disk/entry.js';
import { classes } from '../registered-classes.js';
import type { Tier } from '../tiers/tier.js';
import { isValid } from './callbacks.js';
import { put } from './entries.js';
import { skipped } from './flights.js';
import { weightOf } from './in-blobs.js';
import type { Held } from './memory-tier.js';
import type { Settings } from './options.js';
import { track, written } from './pending.js';
import type { CacheCore, Flight, FunctionRecord, Message, Room } from './records.js';
import { isLimited, timeOfUse } from './tier-uses.js';
import { judge, type Wrapper } from './wrapper.js';

/** A waiting tab computes by itself after this time, or twice the longest run that was seen. */
const lockWaitMs = 10_000;
/** A run that answers another tab's value is told to the others at most once in this time, per key. */
const answerMs = 5_000;

/** Names a function in what is stored; one without a name is not found again after a reload. */
const nameOf = ({ kind, scope, identity }: FunctionRecord): string => `${kind} ${scope} ${identity}`;

function toMessages(core: CacheCore, { messages }: CacheEntry): readonly Message[] | undefined {
  if (!messages) return undefined;
  const pairs = readSnapshot(messages) as [string, unknown][];
  const records = core.records.list();
  return pairs.map(([name], i) => ({
    read: () => (readSnapshot(messages) as [string, unknown][])[i]?.[1],
    of: records.find((record) => nameOf(record) === name),
  }));
}

/** A row as memory holds it. */
export function toHeld({ core, settings }: Wrapper, key: string, entry: CacheEntry, order: number): Held {
  const { snapshot, fresh, createdAt, expiresAt, staleUntil, bytes, tags } = entry;
  // one object for all callers cannot lie in a Blob
  const isShared = settings.copy === 'share' && fresh !== undefined;
  const now = clock.now();
  return {
    key,
    snapshot,
    fresh: isShared ? undefined : fresh,
    moving: undefined,
    writing: undefined,
    live: isShared ? fresh.value : undefined,
    isFrozen: undefined,
    isPromised: true,
    createdAt,
    heldAt: clock.monotonic() - (now - createdAt),
    expiresAt,
    staleUntil,
    order,
    bytes,
    weight: settings.copy === 'share' ? bytes : weightOf(snapshot, core.memory.budget),
    tags,
    messages: toMessages(core, entry),
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
            messages.map(({ of, read }) => [of ? nameOf(of) : '', read()]),
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

/**
 * Holds a value that does not stay on the heap in the Blobs that were stored: they lie in files, which Chromium reads in two
 * thirds of the time that Blobs of this page take, and they need none of its room for those.
 */
async function holdStored(tier: Tier, { record }: Wrapper, entry: Held): Promise<void> {
  const { snapshot, key } = entry;
  if (!tier.database || entry.weight >= entry.bytes) return;
  const stored = await tier.database.inBlobs(record.identity, key);
  // another tab may have replaced it
  if (stored?.createdAt === entry.createdAt && entry.snapshot === snapshot) entry.snapshot = stored.snapshot;
}

/** Whether other tabs may hear of a run that answers theirs: rarely, or two pages that disagree would run in turn. */
function mayTell({ toldAt }: Room, key: string): boolean {
  const now = clock.monotonic();
  for (const [told, at] of toldAt) {
    if (now - at < answerMs) break;
    toldAt.delete(told);
  }
  if (toldAt.has(key)) return false;
  toldAt.set(key, now);
  return true;
}

/** How an entry is written. */
interface WriteFacts {
  readonly epoch: number;
  readonly args: readonly unknown[];
  /** Default: now. */
  readonly usedAt?: number;
  /** The value that another tab stored was refused here. */
  readonly isAnswer?: boolean;
}

/** Writes an entry, unless something newer takes its place first. */
export async function write(tier: Tier, w: Wrapper, room: Room, entry: Held, facts: WriteFacts): Promise<void> {
  const { key } = entry;
  const { epoch, args, usedAt = timeOfUse(), isAnswer = false } = facts;
  await entry.moving;
  if (room.unwritten.get(key) !== entry) return;
  const result = await tier.write(
    w.record.identity,
    key,
    { ...toEntry(entry, epoch, args), usedAt, isWanted: () => room.unwritten.get(key) === entry },
    { ...limitsOf(w.settings), ...(isAnswer && !mayTell(room, key) ? { isSilent: true } : {}) },
  );
  if (room.unwritten.get(key) === entry) room.unwritten.delete(key);
  if (result === 'stored') {
    entry.checkedAt = clock.now();
    await holdStored(tier, w, entry);
  } else if (result === 'cleared') room.shelf.drop(entry);
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
    // what memory evicted under a limit goes from the disk with the write that displaced it
    if (isLimited(settings) || room.unwritten.has(key)) await written(record);
    hasRead = true;
    const row = await tier.read(identity, key);
    if (!row) return undefined;
    let entry: Held;
    try {
      entry = toHeld(w, key, row, flight.order);
    } catch {
      // its messages are not what this build writes
      void tier.delete(identity, key);
      return undefined;
    }
    const age = judge(entry, settings);
    if (age === 'stale' && settings.staleIfError) flight.fallback = entry;
    if (age !== 'fresh' && !(age === 'stale' && settings.isBackground && mode === 'call')) return undefined;
    if (!settings.validate) return entry;
    let isOk = false;
    try {
      isOk = await isValid(w, room, entry, flight.args);
    } catch {
      // there is no memory for a copy
    }
    // cleared while it was asked, or something newer is there
    if (flight.isDropped) throw skipped;
    if (isOk) return judge(entry, settings) === age ? entry : undefined;
    flight.skipsDisk = true;
    flight.isAnswer = true;
    void tier.delete(identity, key);
    return undefined;
  };
  const adopt = (entry: Held): Held => {
    flight.isFound = true;
    flight.messages.push(...(entry.messages ?? []));
    if (!flight.isDropped) put(w, room, entry);
    // for the callers that wait now
    if (entry.fresh) void nextTask().then(() => (entry.fresh = undefined));
    if (flight.isQuiet) return entry;
    if (mode === 'call') record.hits++;
    tier.touch(identity, key, timeOfUse());
    return entry;
  };

  return new Promise((resolve, reject) => {
    const compute = async (): Promise<void> => {
      // the read has learned of other tabs' clears
      if (!hasRead) await tier.database?.learnEpoch();
      const epoch = tier.database?.epoch() ?? 0;
      // all callers have given up
      flight.controller?.signal.throwIfAborted();
      let isKept = false;
      // from now on a clear finds it
      flight.onKept = (kept) => {
        isKept = true;
        room.unwritten.set(key, kept);
      };
      const entry = await run();
      // what is used before the write comes is used later
      const usedAt = timeOfUse();
      resolve(entry);
      if (!isKept) return;
      entry.writing = track(
        record,
        nextTask().then(() =>
          write(tier, w, room, entry, { epoch, args: flight.args, usedAt, isAnswer: flight.isAnswer }),
        ),
      );
      await entry.writing;
    };
    const work = async (): Promise<void> => {
      const found = await look();
      if (found) return resolve(adopt(found));
      if (mode === 'refresh') return compute();
      const options =
        mode === 'background' ? { ifAvailable: true } : { waitMs: Math.max(lockWaitMs, 2 * record.longestRun) };
      const locked = async (isHeld: boolean): Promise<void> => {
        if (!isHeld && mode === 'background') throw skipped;
        // another tab may have been faster
        const again = await look();
        if (again) return resolve(adopt(again));
        // a run that was cleared keeps nobody waiting: the next one begins beside it
        const dropped = new Promise<void>((release) => {
          flight.onDrop = release;
          if (flight.isDropped) release();
        });
        const computed = compute();
        computed.catch(reject);
        await Promise.race([computed, dropped]);
      };
      await (tier.shared ? tier.shared.lock(identity, key, options, locked) : locked(true));
    };
    work().catch(reject);
  });
}
