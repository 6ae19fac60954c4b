import { reportListenerError } from '../browser/report-error.js';
import { createListeners, type Listeners, type Unsubscribe } from '../core/listeners.js';
import { createWarner, type Warning } from '../core/warning.js';
import type { EntryRow } from '../tiers/tier.js';
import { createMemoryTier, type Held, type MemoryTier, type Shelf } from './memory-tier.js';
import { createWeakIndex, type WeakIndex } from './weak-index.js';
import { createWeakList, type WeakList } from './weak-list.js';

/** What happened to an entry of a cached function. */
export interface CacheEvent {
  /** `set`: a value is readable here. `stale`: a stale value is served. `error`: a run failed. */
  readonly type: 'set' | 'clear' | 'stale' | 'error';
  /** Of calls of this tab only; absent where more than one entry is meant. */
  readonly args?: readonly unknown[];
  readonly tab: 'this' | 'other';
  readonly error?: unknown;
}

export type Kind = 'data' | 'resource';

/** What was emitted. */
export interface Message {
  /** A fresh copy per call. */
  readonly read: () => unknown;
  /** The sink that got it live. Absent where nobody had one, and after a reload. */
  readonly sink?: ((message: unknown) => void) | undefined;
  /** The function whose sink that is. */
  readonly of?: FunctionRecord | undefined;
}

/** One run of a function for one key, from the miss until its result is stored or dropped. */
export interface Flight {
  readonly room: Room;
  readonly key: string;
  readonly args: readonly unknown[];
  readonly tags: readonly string[] | undefined;
  readonly order: number;
  readonly mode: 'call' | 'refresh' | 'background';
  readonly onMessage: ((message: unknown) => void) | undefined;
  /** The flight in whose body the call was made. */
  readonly parent: Flight | undefined;
  /** Flights that this one waits for, as far as synchronous parts of bodies show. */
  readonly waitsFor: Set<Flight>;
  readonly messages: Message[];
  /** Its function does not run in the task in which the key was made. */
  isLate: boolean;
  /** The arguments of its starter were changed meanwhile: what it brings is the starter's only. */
  hasChanged: boolean;
  /** Cleared or superseded: its callers get the value, nothing of it is kept. */
  isDropped: boolean;
  /** Its callers get the value, nothing of it is kept: what was kept went before they had it. */
  readonly isUnkept: boolean;
  /** Called when it is dropped: what waits for it need not wait any longer. */
  onDrop: (() => void) | undefined;
  /** Nothing ran: the entry was found behind, so that its starter hears the messages as everybody does. */
  isFound: boolean;
  /** A stale entry found behind, for `staleIfError`. */
  fallback: Held | undefined;
  /** What lies behind was refused already. */
  skipsDisk: boolean;
  /** Another tab's value was refused here: two pages that disagree must not run in turn. */
  isAnswer: boolean;
  /** Its result was put. */
  isKept: boolean;
  /** Called when its result is put. */
  onKept: ((entry: Held) => void) | undefined;
  /** Begun for a ref: what it finds is no hit and no use. */
  isQuiet: boolean;
  hasEnded: boolean;
  hasSpinner: boolean;
  /** Callers that still wait; one without a signal never gives up. */
  waiting: number;
  /** Its signal takes the place of the callers' ones. */
  controller: AbortController | undefined;
  /** Absent while a synchronous function runs. */
  result: Promise<Held> | undefined;
}

/** The entries and flights of a function, or of a method on one instance. */
export interface Room {
  readonly record: FunctionRecord;
  readonly shelf: Shelf;
  /** The flight of each key that equal calls join: the newest one. */
  readonly flights: Map<string, Flight>;
  /** All flights, also those beside which a refresh has begun. */
  readonly active: Set<Flight>;
  /** Results that are not written yet. */
  readonly unwritten: Map<string, Held>;
  /** Keys whose background refresh failed, and when. */
  readonly failed: Map<string, { readonly monotonic: number; readonly wall: number }>;
  readonly refs: WeakIndex<object>;
  /** Hear of every entry. */
  readonly listeners: Listeners<[event: CacheEvent]>;
  /** Refs that somebody listens to, by the key of which they hear. */
  readonly watchers: Map<string, Listeners<[event: CacheEvent]>>;
  /** When other tabs were told last of a run that answers theirs, by key (monotonic), oldest first. */
  readonly toldAt: Map<string, number>;
}

/** One function of a cache: what wrappers of one identity share. */
export interface FunctionRecord {
  readonly kind: Kind;
  readonly scope: 'global' | 'session';
  /** Names the function's entries on disk. */
  readonly identity: string;
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
  readonly main: Room;
  /** One room per instance, gone with it. */
  readonly byInstance: WeakMap<object, Room>;
  readonly instances: WeakList<Room>;
  /** What is held in how many entries, for `onRelease`. */
  readonly holders: Map<unknown, number>;
  release: ((value: unknown) => unknown) | undefined;
  /** When a clear could not be written (monotonic): what lies behind cannot be trusted until it can. */
  cutAt: number | undefined;
  /** What still goes on behind: writes, clears. */
  readonly pending: Set<Promise<unknown>>;
}

/** What all functions of a cache share; one per page for the default cache. */
export interface CacheCore {
  readonly memory: MemoryTier;
  /** Functions as long as somebody holds them: wrappers may be made in a loop. */
  readonly records: WeakList<FunctionRecord>;
  /** Those whose live objects must stay within reach of `cacheResource.clear()`. */
  readonly kept: Set<FunctionRecord>;
  readonly byIdentity: Map<string, FunctionRecord>;
  readonly byFunction: WeakMap<Function, Map<string, FunctionRecord>>;
  /** Warns once per code and function. */
  warn(code: string, label: string, message: string, cause?: unknown): void;
  report(warning: Warning): void;
  /** Background refreshes under way. */
  refreshing: number;
  /** Of the newest flight or prime. */
  order: number;
  /** What the inspector needs beyond the records; set by `createCacheData`. */
  behind?: {
    /** What lies behind the memory, of tiers that are in use. */
    rows(): Promise<EntryRow[]>;
    /** Forgets a function's entries, or one of them, here and behind. */
    clear(record: FunctionRecord, key?: string): Promise<void>;
  };
}

export function createCore(memoryBytes: number, onWarning?: (warning: Warning) => void): CacheCore {
  const warner = createWarner(onWarning, reportListenerError);
  return {
    memory: createMemoryTier(memoryBytes),
    records: createWeakList(),
    kept: new Set(),
    byIdentity: new Map(),
    byFunction: new WeakMap(),
    warn: (code, key, message, cause) => warner.warn({ code, key, message, ...(cause === undefined ? {} : { cause }) }),
    report: warner.warn,
    refreshing: 0,
    order: 0,
  };
}

export function createRoom(core: CacheCore, record: FunctionRecord): Room {
  return {
    record,
    shelf: core.memory.shelf(record.kind === 'resource' ? (entry) => letGo(record, entry.live) : undefined),
    flights: new Map(),
    active: new Set(),
    unwritten: new Map(),
    failed: new Map(),
    refs: createWeakIndex(),
    listeners: createListeners(reportListenerError),
    watchers: new Map(),
    toldAt: new Map(),
  };
}

/** All rooms of a function that still exist. */
export function roomsOf(record: FunctionRecord): Room[] {
  return [record.main, ...record.instances.list()];
}

/** Hears what happens to one key. */
export function hearOfKey({ watchers }: Room, key: string, listener: (event: CacheEvent) => void): Unsubscribe {
  let those = watchers.get(key);
  if (!those) watchers.set(key, (those = createListeners(reportListenerError, () => () => watchers.delete(key))));
  return those.add(listener);
}

/** What the flight brings goes to its callers only. */
export function dropFlight(flight: Flight): void {
  flight.isDropped = true;
  flight.onDrop?.();
}

/** The same, and equal calls join it no more. */
export function leaveFlight(flight: Flight): void {
  dropFlight(flight);
  const { flights } = flight.room;
  if (flights.get(flight.key) === flight) flights.delete(flight.key);
}

/** One entry less holds this object; the last one releases it. Errors never reach a caller. */
export function letGo(record: FunctionRecord, value: unknown): void {
  const { holders, release } = record;
  const count = (holders.get(value) ?? 1) - 1;
  if (count > 0) {
    holders.set(value, count);
    return;
  }
  holders.delete(value);
  release?.(value);
}

export function recordsOf(core: CacheCore, kind: Kind): FunctionRecord[] {
  return core.records.list().filter((record) => record.kind === kind);
}
