import { isThenable } from '../core/promises.js';
import { CacheReentryError, UserHashError } from '../errors.js';
import type { Backing } from './backing.js';
import type { Bucket } from './bucket.js';
import type { CacheState } from './cache-state.js';
import { type Entry, isInBlobs, type StoredResult } from './entry.js';
import { type Identity, instanceBucket } from './identity.js';
import type { KeyMaker } from './key/make-key.js';
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
  /** What lies behind the memory of the function's main bucket; absent: nothing. */
  readonly backing: Backing | undefined;
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

/** What lies behind the memory of this bucket. */
export const backingOf = ({ backing, identity }: Wrapped, bucket: Bucket): Backing | undefined =>
  bucket === identity.main ? backing : undefined;

/** Whether callers get a promise of an entry. What was primed follows the function, as far as it is known. */
export const isPromised = ({ isData, rejects, identity }: Wrapped, entry: Entry): boolean =>
  isData || (entry.isPromised ?? (rejects || identity.isPromising));

const isObject = (value: unknown): value is object =>
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

/** Whether the key of a call would be another one now. */
export function hasChanged({ w, key, self, args }: Call): boolean {
  const { key: ownKey, deps } = w.settings;
  if (!ownKey && !deps && !isObject(self) && !args.some(isObject)) return false;
  try {
    return locate(w, self, args).key !== key;
  } catch {
    // what is there now cannot be a key
    return true;
  }
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

/**
 * What `validate` or `cacheIf` answers: at once, or in a promise that never rejects. What it throws, or rejects with, is
 * a no, with a warning.
 */
export function ask(
  { state, identity, settings }: Wrapped,
  option: 'validate' | 'cacheIf',
  value: unknown,
  args: readonly unknown[],
): boolean | Promise<boolean> {
  const refuse = (cause: unknown): boolean => {
    state.warn('cache-callback', identity.label, `\`${option}\` threw, which counts as false.`, cause);
    return false;
  };
  try {
    const answer = settings[option]?.(value, ...args);
    return isThenable(answer) ? Promise.resolve(answer).then(Boolean, refuse) : Boolean(answer);
  } catch (cause) {
    return refuse(cause);
  }
}

/** The entries whose `validate` runs its synchronous part in this moment. */
const asking = new Set<Entry>();

/**
 * Asks `validate` about a stored entry; without one it is valid.
 *
 * @throws TypeError for a promise where nobody can wait for it, CacheReentryError for a `validate` that calls its own function
 */
export function isValid({ w, bucket, args }: Call, entry: Entry): boolean | Promise<boolean> {
  const { label } = w.identity;
  if (!w.settings.validate) return true;
  // it would be asked again, without end
  if (asking.has(entry)) throw new CacheReentryError(label);
  const asked = (value: unknown): boolean | Promise<boolean> => {
    asking.add(entry);
    try {
      return ask(w, 'validate', value, args);
    } finally {
      asking.delete(entry);
    }
  };
  const shown = w.values.give(bucket, entry);
  if (isInBlobs(entry)) return (shown as Promise<unknown>).then(asked, () => false);
  const answer = asked(shown);
  if (typeof answer !== 'boolean' && !isPromised(w, entry))
    throw new TypeError(`${label}: \`validate\` must not return a promise, since the function returns none.`);
  return answer;
}
