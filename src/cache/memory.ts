// The memory of a cache: a budget over the lists of all functions, and one list.
import type { Entry } from './entry.js';
import { createWeakItems } from './weak-items.js';

/**
 * Memory of this page for all functions of a cache: least recently used first out, over all of them. Lists that nobody
 * holds any more (those of collected instances) are forgotten with their entries.
 */
export class Memory {
  readonly #lists = createWeakItems<Lru>();
  #weight = 0;
  #uses = 0;

  constructor(readonly budget: number) {}

  /** What is used of the budget. Estimated; collected instances count until room is needed. */
  get weight(): number {
    return this.#weight;
  }

  /** @param onDrop - called for each entry that goes, after it went */
  lru(onDrop: (entry: Entry) => void): Lru {
    const list = new Lru(this, onDrop);
    this.#lists.add(list);
    return list;
  }

  /** The number of a use that is made now. */
  nextUse(): number {
    return ++this.#uses;
  }

  count(weight: number): void {
    this.#weight += weight;
  }

  /** Drops least recently used entries until the budget holds. */
  shrink(): void {
    if (this.#weight <= this.budget) return;
    // what weighs nothing, as resources do, makes no room
    const all = this.#lists.list().filter(({ weight }) => weight > 0);
    this.#weight = all.reduce((sum, { weight }) => sum + weight, 0);
    while (this.#weight > this.budget) {
      let first: Lru | undefined;
      for (const list of all)
        if (list.oldest && (!first || list.oldest.used < (first.oldest as Entry).used)) first = list;
      if (!first) return;
      first.drop(first.oldest as Entry);
    }
  }
}

/** The entries of one function in this page, least recently used first. */
export class Lru {
  readonly #memory: Memory;
  readonly #onDrop: (entry: Entry) => void;
  readonly #byKey = new Map<string, Entry>();
  #oldest: Entry | undefined;
  #newest: Entry | undefined;
  #bytes = 0;
  #weight = 0;
  /** No entry is useless before this time. */
  #sweepAt = Infinity;

  constructor(memory: Memory, onDrop: (entry: Entry) => void) {
    this.#memory = memory;
    this.#onDrop = onDrop;
  }

  get size(): number {
    return this.#byKey.size;
  }
  get bytes(): number {
    return this.#bytes;
  }
  /** What its entries take of the budget. */
  get weight(): number {
    return this.#weight;
  }
  get oldest(): Entry | undefined {
    return this.#oldest;
  }

  get(key: string): Entry | undefined {
    return this.#byKey.get(key);
  }

  entries(): IterableIterator<Entry> {
    return this.#byKey.values();
  }

  /** Puts an entry as the most recently used one. What it replaces is dropped, unless it is the same. */
  put(entry: Entry): void {
    const before = this.get(entry.key);
    if (before) this.#remove(before);
    this.#byKey.set(entry.key, entry);
    this.#link(entry);
    this.#count(entry.bytes, entry.weight);
    if (entry.staleUntil < this.#sweepAt) this.#sweepAt = entry.staleUntil;
    if (before) this.#onDrop(before);
    this.#memory.shrink();
  }

  /** Marks as the most recently used one, unless it went meanwhile. */
  use(entry: Entry): void {
    if (this.get(entry.key) !== entry) return;
    if (entry === this.#newest) entry.used = this.#memory.nextUse();
    else {
      this.#unlink(entry);
      this.#link(entry);
    }
  }

  /** It takes more or less of the budget from now on. */
  weigh(entry: Entry, weight: number): void {
    if (this.get(entry.key) !== entry) return;
    this.#count(0, weight - entry.weight);
    entry.weight = weight;
    this.#memory.shrink();
  }

  drop(entry: Entry): void {
    this.take([entry])();
  }

  /** Drops what is useless at the time that `now` tells; it is asked only if there may be something. */
  sweep(now: () => number): void {
    if (this.#sweepAt === Infinity) return;
    const at = now();
    if (at < this.#sweepAt) return;
    this.#sweepAt = Infinity;
    for (const entry of this.entries())
      if (entry.staleUntil <= at) this.drop(entry);
      else if (entry.staleUntil < this.#sweepAt) this.#sweepAt = entry.staleUntil;
  }

  /** Drops least recently used entries until these limits hold. */
  trim(maxEntries: number, maxBytes: number): void {
    const gone: Entry[] = [];
    let left = this.size;
    let bytesLeft = this.#bytes;
    for (let entry = this.#oldest; entry && (left > maxEntries || bytesLeft > maxBytes); entry = entry.newer) {
      gone.push(entry);
      left--;
      bytesLeft -= entry.bytes;
    }
    this.take(gone)();
  }

  /** Drops what is there now; what `onDrop` puts stays. */
  clear(): void {
    this.take([...this.entries()])();
  }

  /** All of them go before anybody is told of the first, by what it returns: who is told may put others. */
  take(entries: Entry[]): () => void {
    const gone = entries.filter((each) => this.#remove(each));
    return () => gone.forEach(this.#onDrop);
  }

  #remove(entry: Entry): boolean {
    if (this.get(entry.key) !== entry) return false;
    this.#byKey.delete(entry.key);
    this.#unlink(entry);
    entry.used = 0;
    this.#count(-entry.bytes, -entry.weight);
    return true;
  }

  #count(bytes: number, weight: number): void {
    this.#bytes += bytes;
    this.#weight += weight;
    this.#memory.count(weight);
  }

  #link(entry: Entry): void {
    entry.used = this.#memory.nextUse();
    entry.older = this.#newest;
    entry.newer = undefined;
    if (this.#newest) this.#newest.newer = entry;
    else this.#oldest = entry;
    this.#newest = entry;
  }

  #unlink({ older, newer }: Entry): void {
    if (older) older.newer = newer;
    else this.#oldest = newer;
    if (newer) newer.older = older;
    else this.#newest = older;
  }
}
