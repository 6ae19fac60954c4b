import { systemClock as clock } from '../browser/clock.js';
import { type Age, ageOf } from '../core/cache-entry.js';
import type { KeyMaker } from '../core/cache-key.js';
import type { Snapshot } from '../core/snapshot.js';
import { CacheReentryError, UserHashError } from '../errors.js';
import { showSpinner } from '../spinner/spinner.js';
import { instanceRoom, ownerOf } from './identity.js';
import type { Held } from './memory-tier.js';
import { replay } from './messages.js';
import type { Settings } from './options.js';
import type { CacheCore, CacheEvent, Flight, FunctionRecord, Message, Room } from './records.js';
import { inFlight, running, waitsFor } from './running.js';
import { signalsIn, waitWithSignals, withSignal } from './signals.js';

/** What is kept of a result: the checked copy, or the object itself. */
export interface Kept {
  readonly snapshot?: Snapshot;
  readonly live?: unknown;
  readonly bytes: number;
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
  /** What a caller gets of an entry. */
  give(entry: Held): unknown;
  /** Called once per miss before the function runs. */
  onMiss(room: Room): void;
  /** Looks behind the memory before it runs. */
  readonly fly?: (flight: Flight, run: () => Held | Promise<Held>) => Held | Promise<Held>;
  /** An entry was put. */
  readonly onPut?: (room: Room, entry: Held) => void;
  readonly onUse?: (room: Room, entry: Held) => void;
  /** Whether an entry must be compared with what lies behind. */
  readonly isDoubtful?: (room: Room, entry: Held) => boolean;
  /** `validate` refused an entry. */
  readonly onRefused?: (room: Room, entry: Held) => void;
  /** A background result that nobody got. */
  readonly onUnused?: (entry: Held) => void;
}

/** A background refresh that another tab does already. */
export const skipped: unique symbol = Symbol();

const failedMs = 60_000;
const maxRefreshes = 4;

/** Judges an entry by its own times and by the reader's, on both clocks. */
export function judge(entry: Held, settings: Settings): Age {
  // most functions have no ttl: no clock is asked
  if (settings.ttlMs === Infinity && entry.expiresAt === Infinity) return 'fresh';
  return ageOf(entry, settings, clock.now(), clock.monotonic() - entry.heldAt);
}

const isPromise = (value: unknown): value is Promise<unknown> =>
  Object.prototype.toString.call(value) === '[object Promise]';

/** Where the entries of a call lie, and its key. @throws UnhashableParamError, UserHashError */
export function locate(w: Wrapper, self: unknown, args: readonly unknown[]): { room: Room; key: string } {
  const owner = w.usesThis ? ownerOf(self) : undefined;
  if (!owner) return { room: w.record.main, key: w.makeKey(args, self) };
  if (w.makeKey.covers(owner)) return { room: w.record.main, key: w.makeKey(args, self, true) };
  return { room: instanceRoom(w.core, w.record, owner), key: w.makeKey(args, self) };
}

export function notify(room: Room, key: string | undefined, event: CacheEvent): void {
  room.listeners.notify(event, key);
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

/** An entry made now. */
export function makeHeld(
  w: Wrapper,
  key: string,
  kept: Kept,
  facts: { order: number; isPromised: boolean; tags: readonly string[] | undefined; messages: readonly Message[] },
): Held {
  const { ttlMs, maxStaleMs, isBackground, staleIfError } = w.settings;
  const createdAt = clock.now();
  const expiresAt = createdAt + ttlMs;
  return {
    key,
    live: undefined,
    isFrozen: undefined,
    ...kept,
    ...facts,
    messages: facts.messages.length > 0 ? facts.messages : undefined,
    createdAt,
    heldAt: clock.monotonic(),
    expiresAt,
    staleUntil: isBackground || staleIfError ? expiresAt + maxStaleMs : expiresAt,
    touchedAt: createdAt,
    checkedAt: NaN,
    used: 0,
    older: undefined,
    newer: undefined,
  };
}

/** Puts an entry, unless a newer one is there. Makes room first, so that what goes is released before this is kept. */
export function put(w: Wrapper, room: Room, entry: Held): boolean {
  const { shelf } = room;
  const { maxEntries, maxSize, ttlMs } = w.settings;
  const before = shelf.get(entry.key);
  if (ttlMs <= 0 || entry.bytes > maxSize || (before && before.order > entry.order)) return false;
  shelf.sweep(clock.now());
  if (!before) shelf.trim(maxEntries - 1, maxSize - entry.bytes);
  w.onPut?.(room, entry);
  shelf.put(entry);
  shelf.trim(maxEntries, maxSize);
  return true;
}

function end(flight: Flight): void {
  flight.hasEnded = true;
  const { flights, active } = flight.room;
  active.delete(flight);
  if (flights.get(flight.key) === flight) flights.delete(flight.key);
}

/** Runs the function for a flight, and keeps what it returns. */
function execute(w: Wrapper, flight: Flight, self: unknown, args: readonly unknown[]): Held | Promise<Held> {
  const { record } = w;
  const { room, key, mode } = flight;
  const startedAt = clock.monotonic();
  if (mode === 'call') record.misses++;
  w.onMiss(room);
  const settle = (value: unknown, isPromised: boolean): Held => {
    record.longestRun = Math.max(record.longestRun, clock.monotonic() - startedAt);
    const entry = makeHeld(w, key, w.keep(value), {
      order: flight.order,
      isPromised,
      tags: flight.tags,
      messages: flight.messages,
    });
    const { cacheIf } = w.settings;
    end(flight);
    const isEvicted = mode === 'background' && !room.shelf.get(key);
    if (
      flight.isDropped ||
      isEvicted ||
      (cacheIf && !ask(w, 'cacheIf', cacheIf, value, flight.args)) ||
      !put(w, room, entry)
    ) {
      if (mode === 'background' || flight.controller?.signal.aborted) w.onUnused?.(entry);
    } else {
      flight.isKept = true;
      room.failed.delete(key);
      notify(room, key, { type: 'set', tab: 'this', args: flight.args });
    }
    return entry;
  };
  const fail = (error: unknown): Held => {
    end(flight);
    if (flight.controller?.signal.aborted) throw error;
    notify(room, key, { type: 'error', tab: 'this', args: flight.args, error });
    const stale = flight.fallback ?? room.shelf.get(key);
    if (
      mode !== 'call' ||
      !w.settings.staleIfError ||
      flight.isDropped ||
      !stale ||
      judge(stale, w.settings) === 'expired'
    )
      throw error;
    notify(room, key, { type: 'stale', tab: 'this', args: flight.args });
    flight.isFound = true;
    flight.messages.splice(0, Infinity, ...(stale.messages ?? []));
    return stale;
  };
  const text = spinnerText(w, flight);
  let hide: (() => void) | undefined;
  let value: unknown;
  try {
    value = inFlight(flight, () => w.fn.apply(self, args));
    if (!w.isData && !isPromise(value)) return settle(value, false);
    if (text !== undefined) hide = showSpinner(text, { showTime: w.settings.showTime });
  } catch (error) {
    return fail(error);
  }
  return Promise.resolve(value)
    .then((result) => settle(result, true))
    .catch(fail)
    .finally(hide);
}

/** The text of a flight's spinner: for the outermost flight of a call, as far as synchronous parts show it. */
function spinnerText({ settings: { showSpinner, name }, fn }: Wrapper, flight: Flight): string | undefined {
  for (let outer = flight.parent; outer; outer = outer.parent) if (outer.hasSpinner) return undefined;
  if (showSpinner === false || flight.mode !== 'call') return undefined;
  flight.hasSpinner = true;
  if (showSpinner !== true) return showSpinner;
  // minified names are short
  const label = name ?? (fn.name.length > 2 ? fn.name : undefined);
  return label === undefined ? 'Running…' : `Running \`${label}(${flight.args.length > 0 ? '...' : ''})\`.`;
}

/** A callback that says yes or no; what it throws is a no, with a warning. */
function ask(
  w: Wrapper,
  option: string,
  callback: (...args: unknown[]) => unknown,
  value: unknown,
  args: readonly unknown[],
): unknown {
  try {
    return callback(value, ...args);
  } catch (cause) {
    refuse(w, option, cause);
    return false;
  }
}

function refuse(w: Wrapper, option: string, cause: unknown): void {
  const { label } = w.record;
  w.core.warn('cache-callback', label, `${label}: its "${option}" function threw, which counts as false.`, cause);
}

/** Begins a flight: from now on equal calls join it. */
function begin(w: Wrapper, room: Room, key: string, args: readonly unknown[], mode: Flight['mode']): Flight {
  const flight: Flight = {
    room,
    key,
    args,
    tags: tagsOf(w, args),
    order: ++w.core.order,
    mode,
    onMessage: w.settings.onMessage,
    parent: mode === 'background' ? undefined : running.flight,
    waitsFor: new Set(),
    messages: [],
    isDropped: w.isPassive(),
    isFound: false,
    hasEnded: false,
    hasSpinner: false,
    waiting: 0,
    controller: undefined,
    result: undefined,
    fallback: undefined,
    isKept: false,
    skipsDisk: false,
  };
  if (!flight.isDropped) {
    room.flights.set(key, flight);
    room.active.add(flight);
  }
  return flight;
}

/** Lets the flight run. Returns the entry at once where the function is synchronous and nothing lies behind. */
function launch(w: Wrapper, flight: Flight, self: unknown): Held | Promise<Held> {
  let { args } = flight;
  if (signalsIn(args).length > 0) {
    flight.controller = new AbortController();
    args = withSignal(args, flight.controller.signal);
  }
  const run = (): Held | Promise<Held> => execute(w, flight, self, args);
  const outcome = w.fly ? w.fly(flight, run) : run();
  if (outcome instanceof Promise) {
    flight.result = outcome;
    outcome.then(
      (entry) => {
        end(flight);
        // found behind, already stale
        if (flight.isFound && w.settings.isBackground && judge(entry, w.settings) === 'stale')
          serveStale(w, flight.room, flight.key, self, flight.args);
      },
      () => end(flight),
    );
  }
  return outcome;
}

/** A caller's promise of what a flight brings. */
function join(
  w: Wrapper,
  flight: Flight,
  self: unknown,
  args: readonly unknown[],
  isStarter: boolean,
): Promise<unknown> {
  const caller = running.flight;
  caller?.waitsFor.add(flight);
  const over = (): void => {
    caller?.waitsFor.delete(flight);
  };
  const value = (flight.result as Promise<Held>).then(
    (entry) => {
      over();
      if (!isStarter || flight.isFound) replay(flight.messages, own(w), caller);
      return w.give(entry);
    },
    (error) => {
      over();
      if (error === skipped) return enter(w, self, args);
      throw error;
    },
  );
  const signals = signalsIn(args);
  if (signals.length > 0) return waitWithSignals(flight, signals, value);
  flight.waiting = Infinity;
  return value;
}

const own = (w: Wrapper): { label: string; onMessage: Settings['onMessage'] } => ({
  label: w.record.label,
  onMessage: w.settings.onMessage,
});

const reentry = (w: Wrapper): CacheReentryError => new CacheReentryError(w.record.label);

/** Joins the flight of an equal call, or starts one. */
function miss(
  w: Wrapper,
  room: Room,
  key: string,
  self: unknown,
  args: readonly unknown[],
  mode: 'call' | 'refresh',
  skipsDisk = false,
): unknown {
  const aborted = signalsIn(args).find((signal) => signal.aborted);
  if (aborted && (w.isData || w.rejects)) return Promise.reject(aborted.reason);
  const present = room.flights.get(key);
  if (present && (mode === 'call' || present.mode === 'refresh')) {
    const { flight: caller } = running;
    // without a result its synchronous part is running: this call was made in it
    if (!present.result || (caller && waitsFor(present, caller))) throw reentry(w);
    if (mode === 'call') w.record.hits++;
    return join(w, present, self, args, false);
  }
  const flight = begin(w, room, key, args, mode);
  flight.skipsDisk = skipsDisk;
  let outcome: Held | Promise<Held>;
  try {
    outcome = launch(w, flight, self);
  } catch (error) {
    end(flight);
    throw error;
  }
  if (outcome instanceof Promise) return join(w, flight, self, args, true);
  return w.give(outcome);
}

/** Refreshes behind a stale value: one run per key, few at once, none soon after one that failed. */
function refreshBehind(w: Wrapper, room: Room, key: string, self: unknown, args: readonly unknown[]): void {
  const { core, record } = w;
  const failedAt = room.failed.get(key);
  if (core.refreshing >= maxRefreshes || room.flights.has(key)) return;
  if (failedAt !== undefined && clock.monotonic() - failedAt < failedMs) return;
  core.refreshing++;
  const flight = begin(w, room, key, args, 'background');
  flight.waiting = Infinity;
  flight.result = Promise.resolve().then(() => launch(w, flight, self));
  flight.result
    .catch((error: unknown) => {
      if (error === skipped) return;
      room.failed.set(key, clock.monotonic());
      core.warn(
        'cache-refresh',
        record.label,
        `${record.label}: refreshing in the background failed; the stale value is served on.`,
        error,
      );
    })
    .finally(() => {
      end(flight);
      core.refreshing--;
    });
}

function serveStale(w: Wrapper, room: Room, key: string, self: unknown, args: readonly unknown[]): void {
  notify(room, key, { type: 'stale', tab: 'this', args });
  refreshBehind(w, room, key, self, args);
}

function serve(
  w: Wrapper,
  room: Room,
  entry: Held,
  age: Age,
  self: unknown,
  args: readonly unknown[],
  isQuiet: boolean,
): unknown {
  if (!isQuiet) {
    w.record.hits++;
    room.shelf.use(entry);
    w.onUse?.(room, entry);
    if (entry.messages) replay(entry.messages, own(w), running.flight);
  }
  if (age === 'stale') serveStale(w, room, entry.key, self, args);
  const value = w.give(entry);
  return w.isData || entry.isPromised ? Promise.resolve(value) : value;
}

/** Asks `validate` about an entry that lies behind. */
export async function isValid(w: Wrapper, entry: Held, args: readonly unknown[]): Promise<boolean> {
  try {
    return Boolean(await w.settings.validate?.(w.give(entry), ...args));
  } catch (cause) {
    refuse(w, 'validate', cause);
    return false;
  }
}

/** `validate` before an entry is served. What it is shown is what the caller gets. */
function serveIfValid(
  w: Wrapper,
  room: Room,
  entry: Held,
  age: Age,
  self: unknown,
  args: readonly unknown[],
  isQuiet: boolean,
): unknown {
  const validate = w.settings.validate as NonNullable<Settings['validate']>;
  const answer = ask(w, 'validate', validate, w.give(entry), args);
  const go = (isValid: unknown): unknown => {
    if (isValid) return serve(w, room, entry, age, self, args, isQuiet);
    if (room.shelf.get(entry.key) === entry) {
      room.shelf.drop(entry);
      w.onRefused?.(room, entry);
    }
    return miss(w, room, entry.key, self, args, 'call', true);
  };
  if (!isPromise(answer)) return go(answer);
  if (!w.isData && !entry.isPromised) {
    answer.catch(() => {});
    throw new TypeError(
      `${w.record.label}: its "validate" function returned a promise, which only a function that returns a promise can wait for.`,
    );
  }
  return answer.then(go, (cause: unknown) => {
    refuse(w, 'validate', cause);
    return go(false);
  });
}

/** A call. `isQuiet`: on behalf of a ref, which is no use. Throws what `enter` turns into a rejection. */
function call(w: Wrapper, self: unknown, args: readonly unknown[], isQuiet: boolean): unknown {
  let room: Room;
  let key: string;
  if (w.usesThis) ({ room, key } = locate(w, self, args));
  else {
    room = w.record.main;
    key = w.makeKey(args, self);
  }
  const { shelf } = room;
  if (shelf.sweepAt !== Infinity) shelf.sweep(clock.now());
  const entry = shelf.get(key);
  if (entry) {
    const age = judge(entry, w.settings);
    const { validate, isBackground, staleIfError } = w.settings;
    if (age === 'fresh' || (age === 'stale' && isBackground)) {
      if (!w.isDoubtful?.(room, entry))
        return validate
          ? serveIfValid(w, room, entry, age, self, args, isQuiet)
          : serve(w, room, entry, age, self, args, isQuiet);
    } else if (age === 'expired' || !staleIfError) shelf.drop(entry);
  }
  return miss(w, room, key, self, args, 'call');
}

/** A call from outside: rejects where the function's callers expect a promise. */
export function enter(w: Wrapper, self: unknown, args: readonly unknown[], isQuiet = false): unknown {
  try {
    return call(w, self, args, isQuiet);
  } catch (error) {
    if (w.rejects) return Promise.reject(error);
    throw error;
  }
}

/** Runs now and replaces the entry; simultaneous ones share a run. */
export function refresh(w: Wrapper, self: unknown, args: readonly unknown[]): unknown {
  try {
    const { room, key } = locate(w, self, args);
    return miss(w, room, key, self, args, 'refresh');
  } catch (error) {
    if (w.rejects) return Promise.reject(error);
    throw error;
  }
}

/** What flights bring for this key is kept no more: it was cleared, or something newer is there. */
export function drop(room: Room, key: string): void {
  for (const flight of room.active) if (flight.key === key) flight.isDropped = true;
  room.flights.delete(key);
  room.unwritten.delete(key);
  room.failed.delete(key);
}
