import { systemClock as clock } from '../browser/clock.js';
import { reportListenerError } from '../browser/report-error.js';
import { createListeners, type Listeners, type Unsubscribe } from '../core/listeners.js';
import type { CacheState } from './cache-state.js';
import type { Entry } from './entry.js';
import type { Flight } from './flight.js';
import type { Identity } from './identity.js';
import type { Lru } from './memory.js';
import { createWeakIndex, type WeakIndex } from './weak-index.js';
import type { Wrapped } from './wrapped.js';

/** What happened to an entry of a cached function. */
export interface CacheEvent {
  /** `set`: a value is readable here. `stale`: a stale value is served. `error`: a run failed. */
  readonly type: 'set' | 'clear' | 'stale' | 'error';
  /** Of calls of this tab only; absent where more than one entry is meant. */
  readonly args?: readonly unknown[];
  readonly tab: 'this' | 'other';
  readonly error?: unknown;
}

type Tab = CacheEvent['tab'];
type EventListeners = Listeners<[event: CacheEvent]>;

/** What one function, or a method on one instance, holds: entries, flights, refs, listeners. */
export class Bucket {
  readonly entries: Lru;
  readonly refs: WeakIndex<object> = createWeakIndex();
  /** Those that hear of every entry. */
  readonly listeners: EventListeners = createListeners(reportListenerError);
  /** Writes and clears that go on; `has`, `clear` and `info` wait for them. */
  readonly pending: Set<Promise<unknown>> = new Set();
  /** The flight of each key that equal calls join: the newest one. */
  readonly #flights = new Map<string, Flight>();
  /** All flights, also those beside which a refresh has begun. */
  readonly #active = new Set<Flight>();
  /** Results that are not written yet. */
  readonly #unwritten = new Map<string, Entry>();
  /** Refs that somebody listens to, by key. */
  readonly #watchers = new Map<string, EventListeners>();

  constructor(
    readonly identity: Identity,
    readonly state: CacheState,
  ) {
    this.entries = state.memory.lru(({ live }) => identity.holders?.remove(live));
  }

  /** The flight that equal calls join. */
  flight(key: string): Flight | undefined {
    return this.#flights.get(key);
  }

  begin(flight: Flight): void {
    this.#flights.set(flight.call.key, flight);
    this.#active.add(flight);
    this.state.watcher?.begin(flight.call);
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
   * @param flight - what it brings is not put when it is dropped meanwhile
   */
  put({ settings, values }: Wrapped, entry: Entry, flight?: Flight): boolean {
    const { maxEntries, maxSize, ttlMs } = settings;
    const { entries } = this;
    const before = entries.get(entry.key);
    if (entry.isUncopied || ttlMs <= 0 || entry.bytes > maxSize || (before && before.order > entry.order)) return false;
    // first: what goes may hold the same object
    values.added(this, entry);
    entries.sweep(clock.now);
    if (!before) entries.trim(maxEntries - 1, maxSize - entry.bytes);
    if (flight?.isDropped) {
      this.identity.holders?.takeBack(entry.live);
      return false;
    }
    entries.put(entry);
    entries.trim(maxEntries, maxSize);
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
    this.state.watcher?.tell(this.identity, key, event);
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

  /** What flights bring for this key is kept no more: it was cleared, or something newer is there. */
  supersede(key: string): void {
    for (const flight of this.#active) if (flight.call.key === key) flight.drop();
    this.#flights.delete(key);
    this.#unwritten.delete(key);
  }

  /** Forgets one entry, and what a flight for it will bring. */
  forget(key: string, tab: Tab, args?: readonly unknown[]): void {
    this.supersede(key);
    const entry = this.entries.get(key);
    if (entry) this.entries.drop(entry);
    this.tell(key, { type: 'clear', tab, ...(args ? { args } : {}) });
  }

  forgetAll(tab: Tab): void {
    for (const flight of this.#active) flight.drop();
    this.#flights.clear();
    this.#unwritten.clear();
    this.entries.clear();
    this.tell(undefined, { type: 'clear', tab });
  }

  /** Forgets the entries of a tag, and those that flights will bring. */
  forgetTag(tag: string, tab: Tab): void {
    const keys = new Set<string>();
    for (const { key, tags } of [...this.entries.entries(), ...this.#unwritten.values()])
      if (tags?.includes(tag)) keys.add(key);
    for (const { call, tags } of this.#active) if (tags?.includes(tag)) keys.add(call.key);
    for (const key of keys) this.forget(key, tab);
  }
}
