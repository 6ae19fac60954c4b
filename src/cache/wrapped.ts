// A wrapped function, and one call of it, as the other files hand them on.
import type { Backing, Place } from './backing.js';
import type { Bucket } from './bucket.js';
import type { CacheState } from './cache-state.js';
import type { Entry, StoredResult } from './entry.js';
import type { Flight } from './flight.js';
import type { Identity } from './identity.js';
import type { KeyMaker } from './key/make-key.js';
import type { Settings } from './options.js';
import { running } from './running.js';

/** The code of a wrapped function's calls, which may come late. */
export interface CallCode {
  /** What is there now, connected with what is stored; loads nothing. */
  now(): typeof import('./calls.js') | undefined;
  /** Resolves when it is there, cannot be loaded, or takes too long. */
  load(): Promise<void>;
}

/** How results are kept, and what callers get. */
export interface Values {
  /** The function is about to run for this call. */
  running?(call: Call): void;
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
  /** Of data as soon as the code of calls is there. */
  values: Values;
  /** A call of the wrapped function. */
  enter(w: Wrapped, self: unknown, args: readonly unknown[]): unknown;
  code: CallCode;
  /** Where the entries of the main bucket are stored; absent: nowhere. */
  readonly place: Place | undefined;
  /** The way there, as soon as its code is loaded. */
  backing: Backing | undefined;
  /** Nothing may be kept here: a server, whose memory belongs to all its users. */
  isPassive(): boolean;
}

/** What is known of a call when it is made. */
export interface CallFacts {
  readonly w: Wrapped;
  readonly key: string;
  readonly self: unknown;
  readonly args: readonly unknown[];
  /** The flight in whose body the call was made, as far as its synchronous part shows it. */
  readonly caller: Flight | undefined;
}

/** One call, as far as it goes on. */
export interface Call extends CallFacts {
  readonly bucket: Bucket;
  /** On behalf of a ref, which is no use. */
  readonly isQuiet: boolean;
  /** What is stored was refused already. */
  readonly skipsStored: boolean;
  /** How often it had to look again. */
  readonly looks: number;
}

export const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function';

/** The object whose method is called, where it has entries of its own. */
export const ownerOf = ({ makeKey, usesThis }: Wrapped, self: unknown): object | undefined =>
  usesThis && isObject(self) && !makeKey.covers(self) ? self : undefined;

/** @throws UnhashableParamError, UserHashError */
export const keyOf = (w: Wrapped, self: unknown, args: readonly unknown[]): string =>
  w.makeKey(args, self, w.usesThis && self !== undefined && self !== null && !ownerOf(w, self));

/** @throws UnhashableParamError, UserHashError */
export const factsOf = (w: Wrapped, self: unknown, args: readonly unknown[]): CallFacts => ({
  w,
  key: keyOf(w, self, args),
  self,
  args,
  caller: running.flight,
});
