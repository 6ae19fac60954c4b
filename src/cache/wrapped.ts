import { systemClock as clock } from '../browser/clock.js';
import { UserHashError } from '../errors.js';
import type { Backing, Place } from './backing.js';
import type { Bucket } from './bucket.js';
import type { CacheState } from './cache-state.js';
import { type Entry, makeEntry, type StoredResult } from './entry.js';
import type { Flight } from './flight.js';
import { type Identity, instanceBucket } from './identity.js';
import type { KeyMaker } from './key/make-key.js';
import type { LateCode } from './late.js';
import type { Settings } from './options.js';

/** How results are kept, and what callers get. */
export interface Values {
  /** @throws if the result cannot be kept */
  keep(value: unknown): StoredResult;
  /** What a caller gets of an entry; a promise of it where it is in Blobs. */
  give(bucket: Bucket, entry: Entry): unknown;
  /** The entry is about to be put. */
  added(bucket: Bucket, entry: Entry): void;
}

/** One wrapped function with its own options. */
export interface Wrapped {
  readonly state: CacheState;
  readonly fn: Function;
  readonly settings: Settings;
  readonly identity: Identity;
  readonly makeKey: KeyMaker;
  /** `this` counts. */
  readonly usesThis: boolean;
  /** Always promises (data). */
  readonly isData: boolean;
  /** Errors about keys reject. */
  readonly rejects: boolean;
  readonly values: Values;
  /** What a call needs beyond a hit. */
  code: LateCode;
  /** Where the entries of the main bucket are stored; absent: nowhere. */
  readonly place: Place | undefined;
  /** The way there, as soon as its code is loaded. */
  backing: Backing | undefined;
  /** Nothing may be kept here: a server, whose memory belongs to all its users. */
  isPassive(): boolean;
}

/** One call, as far as it goes on. */
export interface Call {
  readonly w: Wrapped;
  readonly bucket: Bucket;
  readonly key: string;
  readonly self: unknown;
  readonly args: readonly unknown[];
  /** The flight in whose body the call was made, as far as its synchronous part shows it. */
  readonly caller: Flight | undefined;
  /** On behalf of a ref, which is no use. */
  readonly isQuiet: boolean;
  /** What is stored was refused already. */
  readonly skipsStored: boolean;
  /** How often it had to look again. */
  readonly looks: number;
}

const maxLooks = 3;

/** What callbacks replace or release whenever a call finds it ends in a run whose result is not kept. */
export const isLast = ({ looks }: Call): boolean => looks > maxLooks;

/** Another look at what went; at what was released, the last one. */
export const lastLook = (call: Call): Call => ({ ...call, looks: maxLooks });

export const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function';

/** Where the entries of calls with this `this` lie: a method's on one object have a bucket of their own. */
export const bucketOf = ({ state, identity, makeKey, usesThis }: Wrapped, self: unknown): Bucket =>
  usesThis && isObject(self) && !makeKey.covers(self) ? instanceBucket(state, identity, self) : identity.main;

/** Where the entries of a call lie, and its key. @throws UnhashableParamError, UserHashError */
export function locate(w: Wrapped, self: unknown, args: readonly unknown[]): { bucket: Bucket; key: string } {
  const bucket = bucketOf(w, self);
  const isThisCounted = w.usesThis && self !== undefined && self !== null && bucket === w.identity.main;
  return { bucket, key: w.makeKey(args, self, isThisCounted) };
}

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
  return found as string[];
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
