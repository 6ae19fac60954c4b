// A flight of a function that is stored: read, take the lock, read again, run, write.
import { systemClock as clock, nextTask } from '../browser/clock.js';
import { onHide } from '../browser/page-life.js';
import { describeArgs } from '../core/describe-args.js';
import type { Unsubscribe } from '../core/listeners.js';
import { readSnapshot, takeSnapshot } from '../core/values/snapshot.js';
import type { CacheEntry } from '../disk/entry.js';
import { classes } from '../registered-classes.js';
import type { Tier } from '../tiers/tier.js';
import type { Bucket } from './bucket.js';
import type { CacheState } from './cache-state.js';
import { isValid } from './callbacks.js';
import { weightOf } from './copies.js';
import { ageNow, type Entry, makeEntry } from './entry.js';
import { type Flight, skipped } from './flight.js';
import type { Identity } from './identity.js';
import type { Message } from './messages.js';
import type { Wrapped } from './wrap.js';

/** A waiting tab computes by itself after this time, or twice the longest run that was seen. */
const lockWaitMs = 10_000;
/** A run that answers another tab's value is told to the others at most once in this time, per key. */
const answerMs = 5_000;
/** A read waits this long for earlier writes. */
const writtenMs = 2_000;

let lastUse = 0;

/** The time of a use that is made at `now`: strictly increasing, so that memory and tiers agree on the order. */
export function timeOfUse(now: number): number {
  lastUse = now > lastUse ? now : lastUse + 0.001;
  return lastUse;
}

/** Names a function in what is stored; one without a name is not found again after a reload. */
const nameOf = ({ kind, scope, id }: Identity): string => `${kind} ${scope} ${id}`;

function toMessages(state: CacheState, { messages }: CacheEntry): readonly Message[] | undefined {
  if (!messages) return undefined;
  const pairs = readSnapshot(messages) as [string, unknown][];
  const identities = state.identities.list();
  return pairs.map(([name], i) => ({
    read: () => (readSnapshot(messages) as [string, unknown][])[i]?.[1],
    of: identities.find((identity) => nameOf(identity) === name),
  }));
}

/** A stored entry as memory holds it. */
function entryOf({ state, settings }: Wrapped, key: string, stored: CacheEntry, order: number): Entry {
  const { snapshot, fresh, createdAt, expiresAt, staleUntil, bytes, tags } = stored;
  const isShared = settings.copy === 'share';
  const entry = makeEntry(
    key,
    {
      snapshot,
      live: isShared ? fresh?.value : undefined,
      bytes,
      weight: isShared ? bytes : weightOf(snapshot, state.budget),
    },
    {
      createdAt,
      expiresAt,
      staleUntil,
      order,
      isPromised: true,
      tags,
      messages: toMessages(state, stored),
      checkedAt: clock.now(),
    },
  );
  // one object for all callers cannot lie in a Blob
  if (!isShared) entry.fresh = fresh;
  return entry;
}

function toStored({ settings }: Wrapped, entry: Entry, epoch: number, args: readonly unknown[]): CacheEntry {
  const { key, snapshot, createdAt, expiresAt, staleUntil, bytes, tags, messages } = entry;
  const pairs = messages?.map(({ of, read }) => [of ? nameOf(of) : '', read()]);
  return {
    snapshot: snapshot as NonNullable<typeof snapshot>,
    createdAt,
    expiresAt,
    staleUntil,
    epoch,
    bytes,
    tags,
    messages: pairs && takeSnapshot(pairs, { classes }),
    // nothing of those that do not count
    args: settings.key ? key : describeArgs(args.filter((_, i) => !settings.ignore?.includes(i))),
  };
}

/** When other tabs were told last of a run that answers theirs, by key (monotonic), oldest first. */
const toldAt = new WeakMap<Bucket, Map<string, number>>();

/** Whether other tabs may hear of a run that answers theirs: rarely, or two pages that disagree would run in turn. */
function mayTell(bucket: Bucket, key: string): boolean {
  const told = toldAt.get(bucket) ?? new Map<string, number>();
  toldAt.set(bucket, told);
  const now = clock.monotonic();
  for (const [other, at] of told) {
    if (now - at < answerMs) break;
    told.delete(other);
  }
  if (told.has(key)) return false;
  told.set(key, now);
  return true;
}

/**
 * Holds a value that does not stay on the heap in the Blobs that were stored: they lie in files, which Chromium reads in two
 * thirds of the time that Blobs of this page take, and they need none of its room for those.
 */
async function holdStored(tier: Tier, { id }: Identity, entry: Entry): Promise<void> {
  const { snapshot, key } = entry;
  if (!tier.database || entry.weight >= entry.bytes) return;
  const stored = await tier.database.inBlobs(id, key);
  // another tab may have replaced it
  if (stored?.createdAt === entry.createdAt && entry.snapshot === snapshot) entry.snapshot = stored.snapshot;
}

/** What is written, and how. */
export interface Write {
  readonly w: Wrapped;
  readonly bucket: Bucket;
  readonly entry: Entry;
  readonly args: readonly unknown[];
  readonly epoch: number;
  /** Default: now. */
  readonly usedAt?: number;
  /** The value that another tab stored was refused here, or is too old. */
  readonly isAnswer?: boolean;
}

/** Writes an entry, unless something newer takes its place first. */
export async function write(tier: Tier, facts: Write): Promise<void> {
  const { w, bucket, entry, args, epoch, usedAt = timeOfUse(clock.now()), isAnswer = false } = facts;
  const { key } = entry;
  const { maxEntries, maxSize, name } = w.settings;
  await entry.moving;
  const isWanted = (): boolean => bucket.isUnwritten(entry);
  if (!isWanted()) return;
  const result = await tier.write(
    w.identity.id,
    key,
    { ...toStored(w, entry, epoch, args), usedAt, isWanted },
    {
      maxEntries,
      maxBytes: maxSize < Infinity ? maxSize : undefined,
      named: name !== undefined,
      isSilent: isAnswer && !mayTell(bucket, key),
    },
  );
  bucket.wrote(entry);
  if (result === 'stored') {
    entry.checkedAt = clock.now();
    await holdStored(tier, w.identity, entry);
  } else if (result === 'cleared') bucket.entries.drop(entry);
}

/** Resolves when what is pending now is over; a storage that does not answer holds nobody up. */
async function written({ pending }: Bucket): Promise<void> {
  if (pending.size === 0) return;
  await new Promise<void>((resolve) => {
    const cancel = clock.after(writtenMs, resolve);
    void Promise.allSettled([...pending]).then(() => {
      cancel();
      resolve();
    });
  });
}

/** Functions whose last look at what is stored found nothing: the next one will want the lock, too. */
const missing = new WeakSet<Identity>();

/** A flight that looks at what is stored first, and writes in a later task what the function returned. */
class StoredFlight {
  readonly #tier: Tier;
  readonly #flight: Flight;
  /** What is stored was refused already. */
  #skipsStored: boolean;
  #isAnswer = false;
  #hasRead = false;
  #fallback: Entry | undefined;
  #resolve!: (entry: Entry) => void;

  constructor(tier: Tier, flight: Flight) {
    this.#tier = tier;
    this.#flight = flight;
    this.#skipsStored = flight.call.skipsStored || flight.mode === 'refresh';
  }

  /** Resolves when the caller can have its value; the write comes later. */
  fly(): Promise<Entry> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#work(reject).catch(reject);
    });
  }

  async #work(reject: (error: unknown) => void): Promise<void> {
    const { call, mode } = this.#flight;
    const { identity } = call.w;
    const { shared } = this.#tier;
    if (mode === 'refresh') return this.#compute();
    const first = this.#serve();
    // what nobody else can write needs no lock
    if (!shared) return void ((await first) || (await this.#compute()));
    const lock = (options: object, work: (isHeld: boolean) => Promise<void>): Promise<void> =>
      shared.lock(identity.id, call.key, options, work);
    let isHere = false;
    let isDone = false;
    void first.then(
      () => (isHere = true),
      () => (isHere = true),
    );
    // Most that missed before miss again. The lock is asked for while the look is under way: whoever gets it at once knows
    // that nobody has written since.
    if (mode === 'call' && missing.has(identity))
      await lock({ ifAvailable: true }, async (isHeld) => {
        if (!isHeld) return;
        const isFirstLook = !isHere;
        isDone = (await first) || (!isFirstLook && (await this.#serve()));
        if (isDone) return;
        isDone = true;
        await this.#computeLocked(reject);
      });
    if (isDone || (await first)) return;
    const options =
      mode === 'background' ? { ifAvailable: true } : { waitMs: Math.max(lockWaitMs, 2 * identity.longestRun) };
    await lock(options, async (isHeld) => {
      if (!isHeld && mode === 'background') throw skipped;
      // another tab may have been faster
      if (!(await this.#serve())) await this.#computeLocked(reject);
    });
  }

  /**
   * A run that was cleared keeps nobody waiting for the lock: the next one begins beside it. Nor does one of a page that is
   * left: Chromium keeps both in the back/forward cache, where the run does not go on.
   */
  async #computeLocked(reject: (error: unknown) => void): Promise<void> {
    const dropped = this.#flight.dropped();
    const computed = this.#compute();
    computed.catch(reject);
    let stop: Unsubscribe | undefined;
    const left = new Promise<void>((resolve) => {
      if (typeof document !== 'undefined') stop = onHide(() => resolve());
    });
    await Promise.race([computed, dropped, left]).finally(stop);
  }

  /** Serves what is stored, if it may be served; tells whether it did. */
  async #serve(): Promise<boolean> {
    const entry = await this.#look();
    const { identity } = this.#flight.call.w;
    if (!entry) missing.add(identity);
    else {
      missing.delete(identity);
      this.#resolve(this.#adopt(entry));
    }
    return entry !== undefined;
  }

  /** The stored entry, if it may be served; a stale one is remembered for `staleIfError`. */
  async #look(): Promise<Entry | undefined> {
    // from now on
    this.#flight.isOutdated = false;
    if (this.#skipsStored) return undefined;
    const { call, mode, order } = this.#flight;
    const { w, bucket, key } = call;
    const { settings, identity } = w;
    const { isBackground, staleIfError, maxEntries, maxSize } = settings;
    // what memory evicted under a limit goes from the disk with the write that displaced it
    if (maxEntries < Infinity || maxSize < Infinity || bucket.hasUnwritten(key)) await written(bucket);
    this.#hasRead = true;
    const stored = await this.#tier.read(identity.id, key);
    if (!stored) return undefined;
    let entry: Entry;
    try {
      entry = entryOf(w, key, stored, order);
    } catch {
      // its messages are not what this build writes
      void this.#tier.delete(identity.id, key);
      return undefined;
    }
    const age = ageNow(entry, settings);
    if (age === 'stale' && staleIfError) this.#fallback = entry;
    const isUsable = age === 'fresh' || (age === 'stale' && isBackground && mode === 'call');
    // a ref follows what another tab stores: that may be too old here from the start, by another `ttl` or clock
    if (!isUsable) this.#isAnswer = call.isQuiet;
    if (!isUsable || !settings.validate) return isUsable ? entry : undefined;
    const isOk = await this.#isValid(entry);
    // cleared while it was asked, or something newer is there
    if (this.#flight.isDropped || this.#flight.isOutdated) throw skipped;
    if (isOk) return ageNow(entry, settings) === age ? entry : undefined;
    this.#skipsStored = true;
    this.#isAnswer = true;
    void this.#tier.delete(identity.id, key);
    return undefined;
  }

  async #isValid(entry: Entry): Promise<boolean> {
    try {
      return await isValid(this.#flight.call, entry);
    } catch {
      // there is no memory for a copy
      return false;
    }
  }

  /** A stored entry goes to memory and to the callers. */
  #adopt(entry: Entry): Entry {
    const { call, mode, isDropped, isOutdated } = this.#flight;
    const { w, bucket, key, isQuiet } = call;
    this.#flight.found(entry);
    if (!isDropped && !isOutdated) bucket.put(w, entry);
    // for the callers that wait now
    if (entry.fresh) void nextTask().then(() => (entry.fresh = undefined));
    if (isQuiet) return entry;
    if (mode === 'call') w.identity.hits++;
    this.#tier.touch(w.identity.id, key, timeOfUse(clock.now()));
    return entry;
  }

  /** Runs the function, and writes its result in a later task. */
  async #compute(): Promise<void> {
    const { database } = this.#tier;
    const { w, bucket, args } = this.#flight.call;
    // the read has learned of other tabs' clears
    if (!this.#hasRead) await database?.learnEpoch();
    const epoch = database?.epoch() ?? 0;
    this.#flight.throwIfAborted();
    let isKept = false;
    const entry = await this.#flight.run(this.#fallback, (kept) => {
      isKept = true;
      // from now on a clear finds it
      bucket.willWrite(kept);
    });
    // taken now: anything used between now and the write counts as used later
    const usedAt = timeOfUse(clock.now());
    this.#resolve(entry);
    if (!isKept) return;
    const facts = { w, bucket, entry, args, epoch, usedAt, isAnswer: this.#isAnswer };
    entry.writing = bucket.track(nextTask().then(() => write(this.#tier, facts)));
    await entry.writing;
  }
}

export const loadOrRun = (tier: Tier, flight: Flight): Promise<Entry> => new StoredFlight(tier, flight).fly();
