import { systemClock as clock } from '../browser/clock.js';
import { requireListener, type Unsubscribe } from '../core/listeners.js';
import type { ReadableRef } from '../core/ref.js';
import { type Bucket, type CacheEvent, forget } from './bucket.js';
import { callWith, refresh } from './call.js';
import { ageNow, type Entry } from './entry.js';
import { bucketsOf, type Identity } from './identity.js';
import { type CachedState, refOf } from './ref.js';
import { bucketOf, locate, newEntry, tagsOf, type Wrapped } from './wrapped.js';

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

/** Where the members of a wrapped function act: on one instance's bucket, or on all buckets. */
export interface Target {
  readonly w: Wrapped;
  readonly bound: object | undefined;
}

/** Whether they act on all entries of the function. */
export const isWhole = ({ w, bound }: Target): boolean => !bound || !w.usesThis;

const bucketsAt = ({ w, bound }: Target): Bucket[] =>
  w.usesThis && !bound ? bucketsOf(w.identity) : [bucketOf(w, bound)];

/**
 * Forgets all entries, or that of the arguments.
 *
 * @param first - called with its key before anybody hears of the clear: listeners load again at once
 */
export function clearHere(target: Target, args: readonly unknown[], first?: (key: string | undefined) => void): void {
  const key = args.length > 0 ? locate(target.w, target.bound, args).key : undefined;
  first?.(key);
  forget(bucketsAt(target), key === undefined ? {} : { key, args }, 'this');
}

/** The fresh entry of the arguments in memory. */
export function freshEntry(target: Target, args: readonly unknown[]): { bucket: Bucket; entry: Entry } | undefined {
  const { w, bound } = target;
  const { key } = locate(w, bound, args);
  for (const bucket of bucketsAt(target)) {
    const entry = bucket.entries.get(key);
    if (entry && ageNow(entry, w.settings) === 'fresh') return { bucket, entry };
  }
  return undefined;
}

/** Stores a value as newer than every flight that has begun. */
export function primeHere(
  { w, bound }: Target,
  value: unknown,
  args: readonly unknown[],
): { bucket: Bucket; entry: Entry; isPut: boolean } {
  const { bucket, key } = locate(w, bound, args);
  const order = ++w.state.order;
  const entry = newEntry(w, key, value, { order, isPromised: undefined, tags: tagsOf(w, args), messages: undefined });
  bucket.supersede(key);
  const isPut = !w.isPassive() && bucket.put(w, entry);
  if (entry.used > 0) bucket.tell(key, { type: 'set', tab: 'this', args });
  return { bucket, entry, isPut };
}

export function infoOf(identity: Identity): CacheInfo {
  const { label: name, hits, misses } = identity;
  let entries = 0;
  let bytes = 0;
  let oldest: number | null = null;
  for (const { entries: list } of bucketsOf(identity)) {
    list.sweep(clock.now);
    entries += list.size;
    bytes += list.bytes;
    for (const { createdAt } of list.entries()) if (oldest === null || createdAt < oldest) oldest = createdAt;
  }
  return { name, entries, bytes, hits, misses, oldest, persisted: false };
}

/** Whether a function was used on this page. */
export const isUsed = ({ hits, misses, entries }: CacheInfo): boolean => hits + misses + entries > 0;

/** What `clear()` and `clear({ tag })` of a kind take. @throws TypeError for anything else */
export function readTag(call: string, target: unknown): string | undefined {
  if (target === undefined) return undefined;
  const tag = (target as { tag?: unknown } | null)?.tag;
  if (typeof tag !== 'string') throw new TypeError(`${call}: give nothing, or { tag } with a text.`);
  return tag;
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

export function commonMembers(target: Target): CommonMembers<unknown[], unknown> {
  const { w, bound: self } = target;
  return {
    refresh: (...args: unknown[]) => refresh(w, self, args),
    ref: (...args: unknown[]) => refOf(callWith({ w, ...locate(w, self, args), self, args })),
    subscribe(listener: (event: CacheEvent) => void): Unsubscribe {
      requireListener(listener);
      const ends = bucketsAt(target).map(({ listeners }) => listeners.add((event) => listener(event)));
      return () => {
        for (const end of ends) end();
      };
    },
  };
}
