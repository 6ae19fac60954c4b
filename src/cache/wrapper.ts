import { systemClock as clock } from '../browser/clock.js';
import { type Age, ageOf } from '../core/cache-entry.js';
import type { Snapshot } from '../core/values/snapshot.js';
import { UserHashError } from '../errors.js';
import { instanceRoom, ownerOf } from './identity.js';
import type { KeyMaker } from './key/make-key.js';
import type { Held } from './memory-tier.js';
import type { Settings } from './options.js';
import type { CacheCore, CacheEvent, Flight, FunctionRecord, Room } from './records.js';

/** What is kept of a result: the checked copy, or the object itself. */
export interface Kept {
  readonly snapshot?: Snapshot;
  readonly live?: unknown;
  readonly bytes: number;
  /** What it takes of the memory's budget. */
  readonly weight: number;
  /** There was no memory for a copy: the callers of this flight get the object itself, and nobody after them. */
  readonly isUnkept?: boolean;
}

/** One wrapped function with its own options. What both kinds share; the rest is in its last members. */
export interface Wrapper {
  readonly core: CacheCore;
  readonly fn: Function;
  readonly settings: Settings;
  readonly record: FunctionRecord;
  readonly makeKey: KeyMaker;
  /** `this` counts. */
  readonly usesThis: boolean;
  /** Always promises (data). */
  readonly isData: boolean;
  /** Errors about keys reject. */
  readonly rejects: boolean;
  /** Nothing may be kept here: a server, whose memory belongs to all its users. */
  isPassive(): boolean;
  /** @throws if the result cannot be kept */
  keep(value: unknown): Kept;
  /** What a caller gets of an entry; a promise of it where `isAway`. */
  give(room: Room, entry: Held): unknown;
  /** Whether the value can be had in a later task only. Default: never. */
  readonly isAway?: (entry: Held) => boolean;
  /** In place of a copy for which there is no memory: the kept one, which is kept no more. Default: there are no copies. */
  readonly giveUp?: (room: Room, entry: Held) => unknown;
  /** Called once per miss before the function runs. */
  onMiss(room: Room): void;
  /** Looks behind the memory before it runs. */
  readonly fly?: (flight: Flight, run: () => Held | Promise<Held>) => Held | Promise<Held>;
  /** An entry is about to be put. */
  readonly onPut?: (room: Room, entry: Held) => void;
  /** It was not, because it was cleared meanwhile: its callers have it. */
  readonly onUnput?: (entry: Held) => void;
  /** Whether nobody may get it any more. Default: values outlive their entries. */
  readonly isReleased?: (entry: Held) => boolean;
  readonly onUse?: (room: Room, entry: Held) => void;
  /** Whether an entry must be compared with what lies behind. */
  readonly isDoubtful?: (room: Room, entry: Held) => boolean;
  /** `validate` refused an entry. */
  readonly onRefused?: (room: Room, entry: Held) => void;
  /** A background result that nobody got. */
  readonly onUnused?: (entry: Held) => void;
}

/** Judges an entry by its own times and by the reader's, on both clocks. */
export function judge(entry: Held, settings: Settings): Age {
  // most functions have no ttl: no clock is asked
  if (settings.ttlMs === Infinity && entry.expiresAt === Infinity) return 'fresh';
  return ageOf(entry, settings, clock.now(), clock.monotonic() - entry.heldAt);
}

/** Whether callers get a promise of an entry. What was primed follows the function, as far as it is known. */
export const isPromised = ({ isData, rejects, record }: Wrapper, entry: Held): boolean =>
  isData || (entry.isPromised ?? (rejects || record.isPromising));

/** Where the entries of a call lie, and its key. @throws UnhashableParamError, UserHashError */
export function locate(w: Wrapper, self: unknown, args: readonly unknown[]): { room: Room; key: string } {
  const { core, record, makeKey, usesThis } = w;
  if (!usesThis || self === undefined || self === null) return { room: record.main, key: makeKey(args, self) };
  const owner = ownerOf(self);
  if (!owner || makeKey.covers(owner)) return { room: record.main, key: makeKey(args, self, true) };
  return { room: instanceRoom(core, record, owner), key: makeKey(args, self) };
}

const isObject = (value: unknown): boolean =>
  (typeof value === 'object' && value !== null) || typeof value === 'function';

/** Whether the key of a call would be another one now. */
export function hasChanged(w: Wrapper, key: string, self: unknown, args: readonly unknown[]): boolean {
  const { key: ownKey, deps } = w.settings;
  if (!ownKey && !deps && !isObject(self) && !args.some(isObject)) return false;
  try {
    return locate(w, self, args).key !== key;
  } catch {
    // what is there now cannot be a key
    return true;
  }
}

export function notify(room: Room, key: string | undefined, event: CacheEvent): void {
  room.listeners.notify(event);
  if (key !== undefined) room.watchers.get(key)?.notify(event);
  else for (const watcher of [...room.watchers.values()]) watcher.notify(event);
}

export function tagsOf(
  { settings: { tags }, record }: Wrapper,
  args: readonly unknown[],
): readonly string[] | undefined {
  if (typeof tags !== 'function') return tags;
  let found: unknown;
  try {
    found = tags(...args);
  } catch (cause) {
    throw new UserHashError(record.label, 'its `tags` function', { cause });
  }
  if (!Array.isArray(found) || found.some((tag) => typeof tag !== 'string'))
    throw new TypeError(`${record.label}: \`tags\` must return a list of texts.`);
  return found as string[];
}
