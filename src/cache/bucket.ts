// What one function, or a method on one instance, holds in this page: entries, flights, listeners; and what a clear takes of it.
import { systemClock as clock } from '../browser/clock.js';
import { reportListenerError } from '../browser/report-error.js';
import { createListeners, type Listeners, type Unsubscribe } from '../core/listeners.js';
import type { Backing } from './backing.js';
import type { Entry } from './entry.js';
import type { Flight } from './flight.js';
import type { Identity } from './identity.js';
import { type Lru, Memory } from './memory.js';
import { ownerOf, type Wrapped } from './wrap.js';

/** What happened to an entry of a cached function. */
export interface CacheEvent {
  /** `set`: a value is readable here. `stale`: a stale value is served. `error`: a run failed. */
  readonly type: 'set' | 'clear' | 'stale' | 'error';
  /** Of calls of this tab only; absent where more than one entry is meant. */
  readonly args?: readonly unknown[];
  readonly tab: 'this' | 'other';
  readonly error?: unknown;
}

/** A background refresh that failed is not tried again for this long. */
const failedMs = 60_000;

type Tab = CacheEvent['tab'];
/** What will bring an entry: a flight, or what is being put. */
interface Bringer {
  readonly call: { readonly key: string };
  readonly tags: readonly string[] | undefined;
  isDropped: boolean;
  drop(): unknown;
}
/** What a clear takes: an entry, those of a tag, else all. `args` are those of the entry's call in this tab. */
interface Forgotten {
  readonly key?: string | undefined;
  readonly tag?: string | undefined;
  readonly args?: readonly unknown[];
}
type EventListeners = Listeners<[event: CacheEvent]>;

/** What one function, or a method on one instance, holds: entries, flights, listeners. */
export class Bucket {
  readonly entries: Lru;
  /** Those that hear of every entry. */
  readonly listeners: EventListeners = createListeners(reportListenerError);
  /** Writes and clears that go on; `has`, `clear` and `info` wait for them. */
  readonly pending: Set<Promise<unknown>> = new Set();
  /** The flight of each key that equal calls join: the newest one. */
  readonly #flights = new Map<string, Flight>();
  /** All flights, also those beside which a refresh has begun, and what is being put. */
  readonly #active = new Set<Bringer>();
  /** Results that are not written yet. */
  readonly #unwritten = new Map<string, Entry>();
  /** When the background refresh of a key failed, on both clocks, oldest first: entries come and go meanwhile. */
  readonly #failed = new Map<string, { readonly monotonic: number; readonly wall: number }>();
  /** Refs that somebody listens to, by key. */
  readonly #watchers = new Map<string, EventListeners>();

  constructor(readonly identity: Identity) {
    const { state } = identity;
    state.memory ??= new Memory(state.budget);
    this.entries = state.memory.lru(({ live }) => identity.holders?.remove(live));
  }

  /** The flight that equal calls join. */
  flight(key: string): Flight | undefined {
    return this.#flights.get(key);
  }

  begin(flight: Flight): void {
    this.#flights.set(flight.call.key, flight);
    this.#active.add(flight);
    this.identity.state.watcher?.begin(flight.call);
  }

  /** Equal calls join it no more. */
  leave(flight: Flight): void {
    const { key } = flight.call;
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
  }

  end(flight: Flight): void {
    this.#active.delete(flight);
    this.leave(flight);
  }

  /**
   * Puts an entry, unless a newer one is there. Makes room first, so that what goes is released before this is kept.
   *
   * A clear that is called meanwhile takes it as well.
   *
   * @param flight - whose result it is
   */
  put({ settings, values }: Wrapped, entry: Entry, flight?: Flight): boolean {
    const { maxEntries, maxSize, ttlMs } = settings;
    const { entries } = this;
    const before = entries.get(entry.key);
    if (entry.isUncopied || ttlMs <= 0 || entry.bytes > maxSize || (before && before.order > entry.order)) return false;
    // first: what goes may hold the same object
    values.added(this, entry);
    const bringer: Bringer = flight ?? {
      call: entry,
      tags: entry.tags,
      isDropped: false,
      drop: () => (bringer.isDropped = true),
    };
    this.#active.add(bringer);
    entries.sweep(clock.now);
    if (!before) entries.trim(maxEntries - 1, maxSize - entry.bytes);
    if (!flight) this.#active.delete(bringer);
    // who heard what went has called a clear
    if (bringer.isDropped) {
      this.identity.holders?.takeBack(entry.live);
      return false;
    }
    if (flight) this.#failed.delete(entry.key);
    entries.put(entry);
    entries.trim(maxEntries, maxSize);
    return true;
  }

  /** A background refresh failed. */
  refreshFailed(key: string): void {
    for (const other of this.#failed.keys()) if (!this.mayRefresh(other)) break;
    this.#failed.delete(key);
    this.#failed.set(key, { monotonic: clock.monotonic(), wall: clock.now() });
  }

  /** Whether no background refresh of this key has failed lately. */
  mayRefresh(key: string): boolean {
    const failed = this.#failed.get(key);
    // whichever clock says so, as for entries that expire
    if (failed && clock.monotonic() - failed.monotonic < failedMs && clock.now() - failed.wall < failedMs) return false;
    this.#failed.delete(key);
    return true;
  }

  /** From now on until it is written, a clear reaches it. */
  willWrite(entry: Entry): void {
    this.#unwritten.set(entry.key, entry);
  }

  /** Whether it is still to be written: it was not cleared, and nothing newer is there. */
  isUnwritten(entry: Entry): boolean {
    return this.#unwritten.get(entry.key) === entry;
  }

  /** Whether something of this key is to be written. */
  hasUnwritten(key: string): boolean {
    return this.#unwritten.has(key);
  }

  wrote(entry: Entry): void {
    if (this.isUnwritten(entry)) this.#unwritten.delete(entry.key);
  }

  /** Adds to what is pending. */
  track<T>(work: Promise<T>): Promise<T> {
    const over = (): void => void this.pending.delete(work);
    this.pending.add(work);
    work.then(over, over);
    return work;
  }

  async settled(): Promise<void> {
    while (this.pending.size > 0) await Promise.allSettled([...this.pending]);
  }

  tell(key: string | undefined, event: CacheEvent): void {
    this.identity.state.watcher?.tell(this.identity, key, event);
    this.listeners.notify(event);
    if (key !== undefined) this.#watchers.get(key)?.notify(event);
    else for (const watcher of [...this.#watchers.values()]) watcher.notify(event);
  }

  /** Tells what happens to one key. */
  watch(key: string, listener: (event: CacheEvent) => void): Unsubscribe {
    let those = this.#watchers.get(key);
    if (!those) {
      those = createListeners(reportListenerError, () => () => this.#watchers.delete(key));
      this.#watchers.set(key, those);
    }
    return those.add(listener);
  }

  /**
   * Another tab has stored something: what calls have read before, or run for, is older. It goes to their callers, and equal
   * calls look again. A refresh replaces whatever is there.
   *
   * @param key - default: any may have been stored
   */
  outdate(key?: string): void {
    for (const flight of key === undefined ? this.#flights.values() : [this.#flights.get(key)])
      if (flight && flight.mode !== 'refresh') {
        flight.isOutdated = true;
        this.leave(flight);
      }
  }

  /** What flights bring for this key is kept no more: it was cleared, or something newer is there. */
  supersede(key: string): void {
    for (const flight of this.#active) if (flight.call.key === key) flight.drop();
    this.#flights.delete(key);
    this.#unwritten.delete(key);
    this.#failed.delete(key);
  }

  /** Forgets entries, and what flights for them will bring. What it returns releases them, and tells of it. */
  forget(what: Forgotten, tab: Tab): () => void {
    const { key, tag, args } = what;
    if (key === undefined && tag === undefined) {
      for (const flight of this.#active) flight.drop();
      this.#flights.clear();
      this.#unwritten.clear();
      this.#failed.clear();
      const release = this.entries.take([...this.entries.entries()]);
      return () => {
        release();
        this.tell(undefined, { type: 'clear', tab });
      };
    }
    const keys = key === undefined ? this.#tagged(tag as string) : [key];
    for (const each of keys) this.supersede(each);
    const release = this.entries.take(keys.flatMap((each) => this.entries.get(each) ?? []));
    return () => {
      release();
      for (const each of keys) this.tell(each, { type: 'clear', tab, ...(args ? { args } : {}) });
    };
  }

  /** The keys of a tag, also of what flights will bring. */
  #tagged(tag: string): string[] {
    const keys = new Set<string>();
    for (const { key, tags } of [...this.entries.entries(), ...this.#unwritten.values()])
      if (tags?.includes(tag)) keys.add(key);
    for (const { call, tags } of this.#active) if (tags?.includes(tag)) keys.add(call.key);
    return [...keys];
  }
}

/** Forgets the same of several buckets. All of it goes before anybody hears: who does loads again at once. */
export function forget(buckets: readonly Bucket[], what: Forgotten, tab: Tab): void {
  for (const tell of buckets.map((bucket) => bucket.forget(what, tab))) tell();
}

/** A newer value is too large to be kept: the older one goes, here and where it is stored. */
export async function outgrow({ settings, identity }: Wrapped, bucket: Bucket, { key, bytes }: Entry): Promise<void> {
  if (bytes <= settings.maxSize) return;
  if (bucket === identity.main) await identity.state.stored?.clear(identity, key);
  else forget([bucket], { key }, 'this');
}

/** The bucket of a function, but for methods on instances. */
export const mainOf = (identity: Identity): Bucket => (identity.main ??= new Bucket(identity));

/** Where the entries of calls with this `this` lie: a method's on one object have a bucket of their own. */
export function bucketOf(w: Wrapped, self: unknown): Bucket {
  const { identity } = w;
  const owner = ownerOf(w, self);
  if (!owner) return mainOf(identity);
  let bucket = identity.byInstance.get(owner);
  if (!bucket) {
    bucket = new Bucket(identity);
    identity.byInstance.set(owner, bucket);
    identity.instances.add(bucket);
  }
  return bucket;
}

/** What lies behind the memory of this bucket. */
export const backingOf = ({ backing, identity }: Wrapped, bucket: Bucket): Backing | undefined =>
  bucket === identity.main ? backing : undefined;
