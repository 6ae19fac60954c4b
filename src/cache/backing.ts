// The one door between the memory of a cache and a place where entries are stored: who waits for that place's code, which tier it
// opens, and what comes through it from other tabs.
import { systemClock as clock } from '../browser/clock.js';
import { ageOf, type EntryTimes } from '../core/cache-entry.js';
import type { Warning } from '../core/warning.js';
import type { ClearTarget, EntryRow, Note, StoredInfo } from '../disk/entry.js';
import { nameOfIdbStore } from '../stores/idb-store-name.js';
import type { CacheStore } from '../stores/store.js';
import { DiskTier } from '../tiers/disk-tier.js';
import type { Tier } from '../tiers/tier.js';
import { type Bucket, forget, mainOf } from './bucket.js';
import { type CacheState, identitiesOf } from './cache-state.js';
import type { Entry } from './entry.js';
import type { Flight } from './flight.js';
import { bucketsOf, type CacheInfo, type Identity } from './identity.js';
import { reportUnloaded, within } from './late.js';
import { loadOrRun, timeOfUse, write } from './load-or-run.js';
import type { Wrapped } from './wrap.js';

/** Where entries lie: on disk, in this tab's sessionStorage, in a store of the user's. */
export type Place = 'disk' | 'session' | CacheStore;

/** Makes the tier of a place, once, when a call first needs it. */
export type OpenTier = (place: Place) => Tier | Promise<Tier>;

/** A call waits this long for the code of a tier, then the function runs without it; later calls do not wait again. */
const readMs = 2000;
const writeMs = 10_000;
/** A clear that could not be written is tried again after this time. */
const retryClearMs = 5_000;
/** Where no notes arrive, a memory entry of this age is compared with its row. */
const recheckMs = 5_000;
/** Uses are reported this often at most. */
const touchMs = 60_000;

/**
 * The one door between the memory of a cache and a place where entries are stored. The place's own code is loaded when it
 * is first needed. What is asked meanwhile waits in order, for a bounded time; code that cannot be loaded is like storage
 * that is absent: one warning, and results stay in memory.
 */
export class Backing {
  readonly #state: CacheState;
  readonly #place: Place;
  readonly #open: OpenTier;
  #loading: Promise<void> | undefined;
  #tier: Tier | undefined;
  /** Those that wait for the tier. */
  #waiting = 0;
  /** Its code could not be loaded. */
  #isAbsent = false;
  /** Somebody has waited for the code in vain. */
  #isLate = false;
  /** No notes of other tabs arrive. */
  #isDeaf = false;

  constructor(state: CacheState, place: Place, open: OpenTier) {
    this.#state = state;
    this.#place = place;
    this.#open = open;
  }

  /** Whether an entry in memory must be compared with what is stored, because no notes arrive. */
  isDoubtful(entry: Entry): boolean {
    return this.#isDeaf && clock.now() - entry.checkedAt >= recheckMs;
  }

  /** Reports the use of an entry to the tier, where it matters: the order of uses decides what is evicted. */
  used({ settings, identity }: Wrapped, entry: Entry): void {
    if (!this.#tier) return;
    const { ttlMs, maxEntries, maxSize } = settings;
    const now = clock.now();
    const isLimited = maxEntries < Infinity || maxSize < Infinity;
    if (!isLimited && now - entry.touchedAt < Math.min(touchMs, ttlMs / 10)) return;
    entry.touchedAt = now;
    this.#tier.touch(identity.id, entry.key, timeOfUse(now));
  }

  /** Reads what is stored, else runs the function and stores its result. */
  loadOrRun(flight: Flight): Entry | Promise<Entry> {
    return this.#ask(
      flight.call.w.identity,
      (tier) => loadOrRun(tier, flight),
      () => flight.run(),
    );
  }

  /** Writes what was primed; resolves when a reload would find it. */
  write(w: Wrapped, bucket: Bucket, entry: Entry, args: readonly unknown[]): void | Promise<void> {
    return this.#ask(
      w.identity,
      // newer than every clear before, and than every flight of another tab
      (tier) => write(tier, { w, bucket, entry, args, epoch: Infinity }),
      () => bucket.wrote(entry),
      writeMs,
    );
  }

  /** `validate` refused an entry. */
  refused(identity: Identity, key: string): void {
    void this.#ask(
      identity,
      (tier) => tier.delete(identity.id, key),
      () => {},
      writeMs,
    );
  }

  /** Whether a fresh entry is stored. */
  async has({ identity, settings }: Wrapped, key: string): Promise<boolean> {
    const times = await this.#ask<EntryTimes | undefined>(
      identity,
      (tier) => tier.database?.times(identity.id, key) ?? tier.read(identity.id, key),
      () => undefined,
    );
    return times !== undefined && ageOf(times, settings, clock.now()) === 'fresh';
  }

  /** What a function holds here and there. */
  async info(identity: Identity, here: CacheInfo): Promise<CacheInfo> {
    const stored = await this.#ask<StoredInfo | undefined>(
      identity,
      (tier) => tier.info(identity.id),
      () => undefined,
    );
    if (!stored?.persisted) return here;
    // on disk is what memory has evicted, in memory what the disk refused
    return {
      ...here,
      entries: Math.max(here.entries, stored.entries),
      bytes: Math.max(here.bytes, stored.bytes),
      oldest: here.oldest === null ? stored.oldest : Math.min(here.oldest, stored.oldest ?? Infinity),
      persisted: true,
    };
  }

  /** What is stored, if this is in use. */
  async rows(): Promise<EntryRow[]> {
    return this.#tier?.database?.list() ?? [];
  }

  /** Loads the code, and hears the other tabs from then on. */
  connect(): void {
    void this.#when(
      () => {},
      () => {},
      readMs,
    );
  }

  /** Resolves when the clear is certain (true), or could not be written in time (false). */
  async clear(target: ClearTarget): Promise<boolean> {
    return this.#when(
      (tier) => tier.clear(target),
      () => {
        if (this.#isAbsent) return true;
        // not certain yet, but not given up either
        void this.#loading?.then(() => this.#tier?.clear(target));
        return false;
      },
      writeMs,
    );
  }

  /** As `#when`, unless a clear of the function could not be written: what is stored cannot be trusted then. */
  #ask<T>(
    identity: Identity,
    use: (tier: Tier) => T | Promise<T>,
    otherwise: () => T | Promise<T>,
    waitMs: number = readMs,
  ): T | Promise<T> {
    const { clearFailedAt, id } = identity;
    if (clearFailedAt === undefined) return this.#when(use, otherwise, waitMs);
    if (clock.monotonic() - clearFailedAt > retryClearMs) void clearStored([this], { identity: id }, [identity]);
    return otherwise();
  }

  /** What `use` makes of the tier; without one, or when its code takes longer than `waitMs`: `otherwise`. */
  #when<T>(use: (tier: Tier) => T | Promise<T>, otherwise: () => T | Promise<T>, waitMs: number): T | Promise<T> {
    const go = (): T | Promise<T> => {
      const { shared } = this.#tier ?? {};
      this.#isDeaf = shared?.hears === false;
      return this.#tier ? use(this.#tier) : otherwise();
    };
    // in the order in which they were asked
    if (this.#tier && this.#waiting === 0) return go();
    if (this.#isAbsent) return otherwise();
    this.#loading ??= this.#load();
    if (this.#isLate && waitMs === readMs) return otherwise();
    this.#waiting++;
    return within(this.#loading, waitMs, this.#state).then(() => {
      this.#waiting--;
      if (!this.#tier && !this.#isAbsent) this.#isLate = true;
      return go();
    });
  }

  async #load(): Promise<void> {
    try {
      const opened = this.#open(this.#place);
      const tier = 'read' in opened ? opened : await opened;
      const scope = this.#place === 'session' ? 'session' : 'global';
      const identities = (): Identity[] =>
        identitiesOf(this.#state, 'data').filter((identity) => identity.scope === scope);
      tier.shared?.onNote((note) => follow(identities(), note));
      tier.shared?.onForget(() => forgetMemory(identities()));
      this.#tier = tier;
    } catch (cause) {
      this.#isAbsent = true;
      reportUnloaded(this.#state, cause);
    }
  }
}

/** What another tab did. Its values are on disk, so memory only forgets. */
export function follow(identities: Identity[], note: Note): void {
  const named = (id: string): Identity | undefined =>
    identities.find((identity) => identity.id === id && identity.hasName);
  if (note.type === 'set') {
    const main = named(note.identity)?.main;
    const entry = main?.entries.get(note.key);
    if (entry) main?.entries.drop(entry);
    main?.outdate(note.key);
    main?.tell(note.key, { type: 'set', tab: 'other' });
    return;
  }
  const { target } = note;
  if (!('identity' in target)) forget(identities.flatMap(bucketsOf), 'tag' in target ? target : {}, 'other');
  else {
    const main = named(target.identity)?.main;
    if (main) forget([main], 'key' in target ? { key: target.key } : {}, 'other');
  }
}

/** Notes were missed. Not a clear: what is stored is as good as it was. */
function forgetMemory(identities: Identity[]): void {
  for (const { main } of identities) {
    main?.entries.clear();
    main?.outdate();
    main?.tell(undefined, { type: 'set', tab: 'other' });
  }
}

async function loadTier(
  place: 'session' | CacheStore,
  name: string | undefined,
  warn: (warning: Warning) => void,
): Promise<Tier> {
  if (place === 'session') return (await import('../tiers/session-tier.js')).createSessionTier({ name });
  return (await import('../tiers/store-tier.js')).createStoreTier({ store: place, name, warn });
}

/** Makes the tier of a place, of the cache of this name. */
function openTier(state: CacheState, place: Place, name: string | undefined): Tier | Promise<Tier> {
  // tiers know identities, users know functions
  const warn = (warning: Warning): void => {
    const identity = identitiesOf(state, 'data').find(({ id }) => id === warning.key);
    state.report(identity ? { ...warning, key: identity.label } : warning);
  };
  const database = typeof place === 'string' ? name : nameOfIdbStore(place);
  const isOnDisk = place === 'disk' || (place !== 'session' && database !== undefined);
  return isOnDisk ? new DiskTier({ name: database, warn }) : loadTier(place, name, warn);
}

/** How the tiers of a cache are opened. */
export interface TierOptions {
  /** Of its database. */
  readonly name?: string | undefined;
  /** For tests. */
  readonly openTier?: OpenTier | undefined;
}

const backings = new WeakMap<CacheState, Map<Place, Backing>>();

/** The one way of a cache to a place. */
export function backingAt(state: CacheState, place: Place, { name, openTier: open }: TierOptions): Backing {
  const known = backings.get(state) ?? new Map<Place, Backing>();
  backings.set(state, known);
  let backing = known.get(place);
  if (!backing) known.set(place, (backing = new Backing(state, place, open ?? ((at) => openTier(state, at, name)))));
  return backing;
}

/** What is stored of a cache, in the places that are in use. */
export const storedRows = async (state: CacheState): Promise<EntryRow[]> =>
  (await Promise.all([...(backings.get(state)?.values() ?? [])].map((backing) => backing.rows()))).flat();

/** Clears what is stored. Where that cannot be written, the functions live in memory only. */
export async function clearStored(
  backings: readonly Backing[],
  target: ClearTarget,
  identities: readonly Identity[],
): Promise<void> {
  const work = Promise.all(backings.map((backing) => backing.clear(target)));
  for (const identity of identities) {
    void mainOf(identity).track(work);
    if (identity.clearFailedAt !== undefined) identity.clearFailedAt = clock.monotonic();
  }
  const isDone = (await work).every(Boolean);
  for (const identity of identities) identity.clearFailedAt = isDone ? undefined : clock.monotonic();
}
