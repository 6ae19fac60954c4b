// Which function this is: what wrappers of one identity share, and what they tell of it.
import { systemClock as clock } from '../browser/clock.js';
import type { Backing, Place } from './backing.js';
import type { Bucket } from './bucket.js';
import { type CacheState, isServer } from './cache-state.js';
import type { Settings } from './options.js';
import { createWeakItems, type WeakItems } from './weak-items.js';

export type Kind = 'data' | 'resource';

/** Counts in how many entries each live object is held, and releases it with the last one. */
export interface Holders {
  add(value: unknown): void;
  /** One entry less holds it; the last one releases it. */
  remove(value: unknown): void;
  /** One entry less holds it, and nothing is released: its callers have it. */
  takeBack(value: unknown): void;
  /** Releases what no entry holds. */
  discard(value: unknown): void;
  /** Whether it was released. */
  isReleased(value: unknown): boolean;
}

/** One function of a cache: what wrappers of one identity share. */
export interface Identity {
  readonly state: CacheState;
  readonly kind: Kind;
  readonly scope: 'global' | 'session';
  /** Names the function's entries on disk. */
  readonly id: string;
  /** `name`, else the function's name, else `anonymous`. */
  readonly label: string;
  /** Its entries may be stored; without a name nothing finds them again after a reload. */
  readonly hasName: boolean;
  /** The text of the first function of this name, for the warning that another one shares it. */
  readonly text: string;
  /** The sink of the newest wrapper that has one. */
  onMessage: ((message: unknown) => void) | undefined;
  hits: number;
  misses: number;
  /** A run of it has returned a promise. */
  isPromising: boolean;
  /** The longest run seen, in ms. */
  longestRun: number;
  /** Made with the first call, as those of instances are, see `bucket.ts`. */
  main: Bucket | undefined;
  /** One bucket per instance, gone with it. */
  readonly byInstance: WeakMap<object, Bucket>;
  readonly instances: WeakItems<Bucket>;
  /** Its refs, by key; those of an instance under the instance. */
  readonly refs: WeakMap<object, WeakItems<object>>;
  /** Resources only. */
  holders: Holders | undefined;
  /** Where its entries are stored, by its newest wrapper that stores them, and the way there. */
  place: Place | undefined;
  backing: Backing | undefined;
  /** When a clear could not be written (monotonic): what is stored cannot be trusted until it can. */
  clearFailedAt: number | undefined;
}

function createIdentity(
  state: CacheState,
  facts: Pick<Identity, 'kind' | 'scope' | 'id' | 'label' | 'hasName' | 'text'>,
): Identity {
  const identity: Identity = {
    ...facts,
    state,
    onMessage: undefined,
    hits: 0,
    misses: 0,
    isPromising: false,
    longestRun: 0,
    main: undefined,
    byInstance: new WeakMap(),
    instances: createWeakItems(),
    refs: new WeakMap(),
    holders: undefined,
    place: undefined,
    backing: undefined,
    clearFailedAt: undefined,
  };
  state.identities.add(identity);
  if (identity.kind === 'resource') state.kept.add(identity);
  return identity;
}

/** How messages name a function: by a name that is right, or by its own. */
export const labelOf = (name: unknown, fn: Function | undefined): string =>
  (typeof name === 'string' && name) || fn?.name || 'anonymous';

/**
 * Which function this is, shared with other wrappers of the same identity. With a `name` that is the name, else the
 * function object.
 */
export function identify(state: CacheState, kind: Kind, fn: Function, { name, scope, version }: Settings): Identity {
  const suffix = version === undefined ? '' : `@${version}`;
  const hasName = name !== undefined;
  // so that no name with "@" is another one's version
  const named = name?.replace(/[@\\]/g, '\\$&') + suffix;
  let known = state.byName;
  if (!hasName) {
    known = state.byFunction.get(fn) ?? new Map();
    state.byFunction.set(fn, known);
  }
  const place = `${kind} ${scope} ${hasName ? named : suffix}`;
  // read for the warning only
  const text = hasName ? Function.prototype.toString.call(fn) : '';
  let identity = known.get(place);
  if (!identity) {
    // no name begins with "@"; chance keeps what counted by it on this page from being found on the next one
    const id = hasName ? named : `@${Math.random()}`;
    identity = createIdentity(state, { kind, scope, id, label: labelOf(name, fn), hasName, text });
    known.set(place, identity);
  } else if (identity.text !== text && !isServer())
    // frameworks build a module several times for a server, each time with another text
    state.warn('cache-name-shared', identity.label, 'two functions share this name. Give another name or `version`.');
  return identity;
}

/** All buckets of a function that exist. */
export const bucketsOf = ({ main, instances }: Identity): Bucket[] => [...(main ? [main] : []), ...instances.list()];

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
