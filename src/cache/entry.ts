// One result as this page holds it: how it is made, how old it is.
import { systemClock as clock } from '../browser/clock.js';
import { type Age, ageOf } from '../core/cache-entry.js';
import type { Kept as Stored } from '../disk/stored-value.js';
import { UserHashError } from '../errors.js';
import type { Message } from './messages.js';
import type { Settings } from './options.js';
import type { Wrapped } from './wrap.js';

/** What is kept of a result: the checked copy, or the object itself. */
export interface StoredResult {
  readonly snapshot?: Stored | undefined;
  /** Resources, and data with `copy: 'share'`: the object itself. */
  readonly live?: unknown;
  readonly bytes: number;
  /** What it takes of the memory's budget, in bytes. */
  readonly weight: number;
  /** There was no memory for a copy: the callers of this run get the object itself, and nobody after them. */
  readonly isUncopied?: boolean;
}

/** When and how an entry came about. Times in ms since 1970. */
export interface EntryFacts {
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly staleUntil: number;
  /** Grows with every flight and prime of this page: a result never replaces one that began later. */
  readonly order: number;
  /** The function returned a promise (resources); unknown of what was primed. */
  readonly isPromised: boolean | undefined;
  readonly tags: readonly string[] | undefined;
  readonly messages: readonly Message[] | undefined;
  /** When the row on disk was last known to be the same; `NaN`: there is none. */
  checkedAt: number;
}

/** One result as this page holds it. */
export interface Entry extends EntryFacts {
  readonly key: string;
  snapshot: Stored | undefined;
  live: unknown;
  readonly bytes: number;
  weight: number;
  readonly isUncopied: boolean | undefined;
  /** For `copy: 'freeze'`: whether the copy could be frozen; decided at the first use. */
  isFrozen: boolean | undefined;
  /** For a value held in Blobs: the copy made while reading, for the first caller. */
  fresh: { readonly value: unknown } | undefined;
  /** While its buffers are moved into Blobs. */
  moving: Promise<void> | undefined;
  /** While it is written to the tier, or after that. */
  writing: Promise<void> | undefined;
  /** When it was made, on the clock that never goes back. */
  readonly heldAt: number;
  /** When the last use was last reported to the tier. */
  touchedAt: number;
  /** Of the memory: the number of its last use (0: it is in no list), and its neighbours in that order. */
  used: number;
  older: Entry | undefined;
  newer: Entry | undefined;
}

export function makeEntry(key: string, kept: StoredResult, facts: EntryFacts): Entry {
  const now = clock.now();
  return {
    key,
    snapshot: kept.snapshot,
    live: kept.live,
    bytes: kept.bytes,
    weight: kept.weight,
    isUncopied: kept.isUncopied,
    isFrozen: undefined,
    fresh: undefined,
    moving: undefined,
    writing: undefined,
    ...facts,
    heldAt: clock.monotonic() - (now - facts.createdAt),
    touchedAt: now,
    used: 0,
    older: undefined,
    newer: undefined,
  };
}

/** Judges an entry by its own times and by the reader's, on both clocks. */
export function ageNow(entry: Entry, settings: Settings): Age {
  // most functions have no ttl: no clock is asked
  if (settings.ttlMs === Infinity && entry.expiresAt === Infinity) return 'fresh';
  return ageOf(entry, settings, clock.now(), clock.monotonic() - entry.heldAt);
}

/** Whether its value can be had in a later task only. */
export const isInBlobs = ({ snapshot, live }: Entry): boolean =>
  snapshot !== undefined && live === undefined && 'blobs' in snapshot;

/** Whether callers get a promise of an entry. What was primed follows the function, as far as it is known. */
export const isPromised = ({ isData, rejects, identity }: Wrapped, entry: Entry): boolean =>
  isData || (entry.isPromised ?? (rejects || identity.isPromising));

export function tagsOf(
  { settings: { tags }, identity }: Wrapped,
  args: readonly unknown[],
): readonly string[] | undefined {
  if (typeof tags !== 'function') return tags;
  let found: unknown;
  try {
    found = tags(...args);
  } catch (cause) {
    throw new UserHashError(identity.label, 'its `tags` function', { cause });
  }
  if (!Array.isArray(found) || found.some((tag) => typeof tag !== 'string'))
    throw new TypeError(`${identity.label}: \`tags\` must return a list of texts.`);
  // it may be used again for the next call
  return [...(found as string[])];
}

/** The browser had no memory for another copy. */
export const warnOfSize = (
  { state, identity }: Pick<Wrapped, 'state' | 'identity'>,
  outcome: string,
  cause?: unknown,
): void => state.warn('cache-size', identity.label, `no memory for a copy of the result, which ${outcome}.`, cause);

/** An entry made now. */
export function newEntry(
  w: Wrapped,
  key: string,
  value: unknown,
  facts: Pick<Entry, 'order' | 'isPromised' | 'tags' | 'messages'>,
): Entry {
  const { ttlMs, maxStaleMs, isBackground, staleIfError } = w.settings;
  const kept = w.values.keep(value);
  const createdAt = clock.now();
  const expiresAt = createdAt + ttlMs;
  const staleUntil = isBackground || staleIfError ? expiresAt + maxStaleMs : expiresAt;
  return makeEntry(key, kept, { ...facts, createdAt, expiresAt, staleUntil, checkedAt: NaN });
}
