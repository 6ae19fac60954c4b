// Members that do the same for both kinds.
import type { Unsubscribe } from '../core/listeners.js';
import type { ReadableRef } from '../core/ref.js';
import { type Bucket, bucketOf, type CacheEvent, forget, mainOf } from './bucket.js';
import { ageNow, type Entry, newEntry, tagsOf } from './entry.js';
import { bucketsOf } from './identity.js';
import type { CachedState } from './ref.js';
import type { Wrapped } from './wrap.js';

/** Where the members of a wrapped function act: on one instance's bucket, or on all buckets. */
export interface Target {
  readonly w: Wrapped;
  readonly bound: object | undefined;
}

function bucketsAt({ w, bound }: Target): Bucket[] {
  if (!w.usesThis || bound) return [bucketOf(w, bound)];
  mainOf(w.identity);
  return bucketsOf(w.identity);
}

/** Forgets all entries, or that of the arguments. */
export const clearHere = (target: Target, key: string | undefined, args: readonly unknown[]): void =>
  forget(bucketsAt(target), key === undefined ? {} : { key, args }, 'this');

/** A fresh entry in memory. */
export function freshEntry(target: Target, key: string): { bucket: Bucket; entry: Entry } | undefined {
  for (const bucket of bucketsAt(target)) {
    const entry = bucket.entries.get(key);
    if (entry && ageNow(entry, target.w.settings) === 'fresh') return { bucket, entry };
  }
  return undefined;
}

/** Stores a value as newer than every flight that has begun. */
export function primeHere(
  { w, bound }: Target,
  key: string,
  value: unknown,
  args: readonly unknown[],
): { bucket: Bucket; entry: Entry; isPut: boolean } {
  const bucket = bucketOf(w, bound);
  const order = ++w.state.order;
  const entry = newEntry(w, key, value, { order, isPromised: undefined, tags: tagsOf(w, args), messages: undefined });
  bucket.supersede(key);
  const isPut = !w.isPassive() && bucket.put(w, entry);
  if (entry.used > 0) bucket.tell(key, { type: 'set', tab: 'this', args });
  return { bucket, entry, isPut };
}

/** Hears what happens to the entries that the members mean. */
export function subscribe(target: Target, listener: (event: CacheEvent) => void): Unsubscribe {
  const ends = bucketsAt(target).map(({ listeners }) => listeners.add((event) => listener(event)));
  return () => {
    for (const end of ends) end();
  };
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
