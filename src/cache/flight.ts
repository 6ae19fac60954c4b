// One run of a function for one key, from the miss until its result is kept or dropped, and how its callers give up.
import { systemClock as clock } from '../browser/clock.js';
import { isAbortSignal } from '../core/abort-signal.js';
import { isPromise } from '../core/promises.js';
import { builtinClassOf } from '../core/values/builtin-class.js';
import { showSpinnerLate } from '../spinner/late-spinner.js';
import { backingOf, outgrow } from './bucket.js';
import { ask, isValid } from './callbacks.js';
import { ageNow, type Entry, newEntry, tagsOf } from './entry.js';
import type { Message } from './messages.js';
import { inFlight } from './running.js';
import { type Call, isObject, keyOf } from './wrap.js';

/** It is not for this call: another tab refreshes already, or it was cleared while `validate` was asked. */
export const skipped: unique symbol = Symbol();

export type Mode = 'call' | 'refresh' | 'background';

/**
 * `waiting`: before the function runs. `found`: an entry was found, nothing ran for it (also a stale one, after a run that
 * failed). `kept`: the result was put. `over`: its callers have the value or the error, nothing is kept.
 */
type State = 'waiting' | 'running' | 'found' | 'kept' | 'over';

export const maxLooks = 3;

/** What callbacks replace or release whenever a call finds it ends in a run whose result is not kept. */
export const isLast = ({ looks }: Call): boolean => looks > maxLooks;

/** Whether the key of a call would be another one now. */
function hasChanged({ w, key, self, args }: Call): boolean {
  const { key: ownKey, deps } = w.settings;
  if (!ownKey && !deps && !isObject(self) && !args.some(isObject)) return false;
  try {
    return keyOf(w, self, args) !== key;
  } catch {
    // what is there now cannot be a key
    return true;
  }
}

/** One run of a function for one key, from the miss until its result is stored or dropped. */
export class Flight {
  readonly tags: readonly string[] | undefined;
  readonly order: number;
  /** The flight in whose body the call was made. */
  readonly parent: Flight | undefined;
  /** Flights that this one waits for, as far as synchronous parts of bodies show. */
  readonly waitsFor: Set<Flight> = new Set();
  readonly messages: Message[] = [];
  /** Absent while a synchronous function runs. */
  result: Promise<Entry> | undefined;
  state: State = 'waiting';
  /** Cleared or superseded: its callers get the value, nothing of it is kept. */
  isDropped: boolean;
  /** Another tab has stored a newer value since this one looked: nothing of it is kept, either. */
  isOutdated = false;
  /** What counts was changed meanwhile: what it brings is its starter's only. */
  hasChanged = false;
  hasSpinner = false;
  /** The function does not run in the task in which the key was made. */
  #isLate: boolean | undefined;
  /** Callers that wait for it and have not given up. */
  #callers = 0;
  /** Its signal takes the place of the callers' ones. */
  #controller: AbortController | undefined;
  #args: readonly unknown[];
  #onDrop: (() => void) | undefined;
  #onKept: ((entry: Entry) => void) | undefined;
  /** A stale entry that was found in the tier, for `staleIfError`. */
  #fallback: Entry | undefined;

  /** From now on equal calls join it. */
  constructor(
    readonly call: Call,
    readonly mode: Mode,
  ) {
    const { w, bucket, args, caller, isQuiet, skipsStored, looks, isLate } = call;
    this.tags = tagsOf(w, args);
    this.order = ++w.state.order;
    this.parent = mode === 'background' ? undefined : caller;
    this.isDropped = !w.backing && w.isPassive();
    this.#isLate = isLate || mode === 'background' || isQuiet || skipsStored || looks > 0;
    this.#args = args;
    if (!this.isDropped) bucket.begin(this);
  }

  get hasEnded(): boolean {
    return this.state !== 'waiting' && this.state !== 'running';
  }

  /** Returns the entry at once where the function is synchronous and nothing lies behind the memory. */
  start(): Entry | Promise<Entry> {
    const { w, bucket, args } = this.call;
    if (signalsIn(args).length > 0) {
      this.#controller = new AbortController();
      this.#args = withSignal(args, this.#controller.signal);
    }
    const backing = backingOf(w, bucket);
    const outcome = backing ? backing.loadOrRun(this) : this.run();
    this.#isLate = true;
    if (isPromise(outcome)) {
      this.result = outcome;
      const end = (): void => this.end();
      outcome.then(end, end);
    }
    return outcome;
  }

  /** Starts in a later task. */
  startBehind(): Promise<Entry> {
    return (this.result = Promise.resolve().then(() => this.start()));
  }

  /** The flight is over: equal calls join it no more. */
  end(state: State = 'over'): void {
    if (!this.hasEnded) this.state = state;
    this.call.bucket.end(this);
  }

  /** What it brings goes to its callers only. */
  drop(): void {
    this.isDropped = true;
    this.#onDrop?.();
  }

  /** Resolves when it is dropped: what waits for it need not wait any longer. */
  dropped(): Promise<void> {
    return new Promise((resolve) => {
      this.#onDrop = resolve;
      if (this.isDropped) resolve();
    });
  }

  /** One more caller waits for it. */
  enter(): void {
    this.#callers++;
  }

  /** A caller waits no more. Its signal aborts when all have given up; nothing of it is kept then. */
  giveUp(reason: unknown): void {
    if (--this.#callers > 0 || this.mode === 'background' || this.hasEnded) return;
    this.#leave();
    this.#controller?.abort(reason);
  }

  /** @throws the callers' reason, if all have given up */
  throwIfAborted(): void {
    this.#controller?.signal.throwIfAborted();
  }

  record(message: Message): void {
    if (!this.hasEnded) this.messages.push(message);
  }

  /** An entry was found that is served in place of a run: every caller gets its messages. */
  found(entry: Entry): Entry {
    this.state = 'found';
    this.messages.splice(0, Infinity, ...(entry.messages ?? []));
    return entry;
  }

  /**
   * Runs the function, and keeps what it returned.
   *
   * @param fallback - a stale entry, for `staleIfError`
   * @param onKept - called when the result is put
   */
  run(fallback?: Entry, onKept?: (entry: Entry) => void): Entry | Promise<Entry> {
    const { w, self } = this.call;
    const { identity, state } = w;
    const startedAt = clock.monotonic();
    this.state = 'running';
    this.#fallback = fallback;
    this.#onKept = onKept;
    if (this.mode === 'call') identity.misses++;
    w.values.running?.(this.call);
    if (this.#isLate && hasChanged(this.call)) {
      this.hasChanged = true;
      this.#leave();
      state.warn('cache-argument-changed', identity.label, 'an argument changed before the run. Pass a copy.');
    }
    const settle = (value: unknown, isPromised: boolean): Entry | Promise<Entry> => {
      identity.longestRun = Math.max(identity.longestRun, clock.monotonic() - startedAt);
      return this.#settle(value, isPromised);
    };
    let hide: (() => void) | undefined;
    let value: unknown;
    const text = this.#spinnerText();
    try {
      value = inFlight(this, () => w.fn.apply(self, this.#args));
      if (!w.isData && !isPromise(value)) return settle(value, false);
      identity.isPromising = true;
      if (text !== undefined) hide = showSpinnerLate(text, w.settings);
    } catch (error) {
      return this.#fail(error);
    }
    return Promise.resolve(value)
      .then((result) => settle(result, true))
      .catch((error: unknown) => this.#fail(error))
      .finally(hide);
  }

  #leave(): void {
    this.drop();
    this.call.bucket.leave(this);
  }

  /** Makes an entry of the result, and asks `cacheIf`. */
  #settle(value: unknown, isPromised: boolean): Entry | Promise<Entry> {
    const { w, key, args } = this.call;
    const { order, tags, messages } = this;
    const entry = newEntry(w, key, value, {
      order,
      isPromised,
      tags,
      messages: messages.length > 0 ? messages : undefined,
    });
    const answer =
      !isLast(this.call) &&
      (!w.settings.cacheIf || this.isDropped || inFlight(this, () => ask(w, 'cacheIf', value, args)));
    return typeof answer === 'boolean'
      ? this.#keep(entry, answer)
      : answer.then((isWanted) => this.#keep(entry, isWanted));
  }

  /** Keeps the result, if it may. */
  #keep(entry: Entry, isWanted: boolean): Entry {
    const { w, bucket, key, args } = this.call;
    const isBehind = this.mode === 'background';
    const isEvicted = isBehind && !bucket.entries.get(key);
    // a clear reaches it until it is put
    const isKept = isWanted && !this.isDropped && !this.isOutdated && !isEvicted && bucket.put(w, entry, this);
    this.end(isKept ? 'kept' : 'over');
    if (isKept) this.#onKept?.(entry);
    // a call has found nothing that counts
    else if (isWanted && !this.isDropped && this.mode !== 'call') void outgrow(w, bucket, entry);
    // what it displaced may have called a clear
    if (entry.used > 0) bucket.tell(key, { type: 'set', tab: 'this', args });
    else if (!isKept && this.#callers === 0 && (isBehind || this.#controller?.signal.aborted))
      w.identity.holders?.discard(entry.live); // nobody has it
    return entry;
  }

  /** The run has failed: the stale value of `staleIfError`, else its error. */
  #fail(error: unknown): Entry | Promise<Entry> {
    const { w, bucket, key, args } = this.call;
    // equal calls join it no more, but a clear still reaches what is served in its place
    bucket.leave(this);
    if (this.#controller?.signal.aborted || this.hasChanged) throw error;
    bucket.tell(key, { type: 'error', tab: 'this', args, error });
    const stale = this.#fallback ?? bucket.entries.get(key);
    const isServed = (entry: Entry): boolean => !this.isDropped && ageNow(entry, w.settings) !== 'expired';
    if (this.mode !== 'call' || !w.settings.staleIfError || !stale || !isServed(stale)) throw error;
    const serve = (isOk: boolean): Entry => {
      this.end();
      if (!isOk) bucket.entries.drop(stale);
      if (!isOk || !isServed(stale)) throw error;
      bucket.tell(key, { type: 'stale', tab: 'this', args });
      return this.found(stale);
    };
    const answer = isValid(this.call, stale);
    return typeof answer === 'boolean' ? serve(answer) : answer.then(serve);
  }

  /** The text of the spinner: for the outermost flight of a call, as far as synchronous parts show it. */
  #spinnerText(): string | undefined {
    const { fn, settings } = this.call.w;
    const { showSpinner, name } = settings;
    for (let outer = this.parent; outer; outer = outer.parent) if (outer.hasSpinner) return undefined;
    if (showSpinner === false || this.mode !== 'call') return undefined;
    this.hasSpinner = true;
    if (showSpinner !== true) return showSpinner;
    // minified names are short
    const label = name ?? (fn.name.length > 2 ? fn.name : undefined);
    return label === undefined ? 'Running…' : `Running \`${label}(${this.call.args.length > 0 ? '...' : ''})\`.`;
  }
}

/** The `signal` of a plain object of any realm, unless it is a getter: those run once, for the key. */
function signalIn(value: object): AbortSignal | undefined {
  try {
    const prototype = Object.getPrototypeOf(value) as object | null;
    if (prototype !== null && builtinClassOf(prototype) !== 'Object') return undefined;
    const signal: unknown = Object.getOwnPropertyDescriptor(value, 'signal')?.value;
    return isAbortSignal(signal) ? (signal as AbortSignal) : undefined;
  } catch {
    // a proxy that refuses to tell
    return undefined;
  }
}

const signalOf = (value: unknown): AbortSignal | undefined =>
  typeof value !== 'object' || value === null
    ? undefined
    : isAbortSignal(value)
      ? (value as AbortSignal)
      : signalIn(value);

/** The signals by which a caller may give up: arguments, and `signal` of plain-object arguments. */
export function signalsIn(args: readonly unknown[]): AbortSignal[] {
  return args.flatMap((value) => signalOf(value) ?? []);
}

/** The arguments with the flight's own signal in place of the caller's. */
function withSignal(args: readonly unknown[], signal: AbortSignal): unknown[] {
  return args.map((value) => {
    const own = signalOf(value);
    return !own ? value : own === value ? signal : { ...(value as object), signal };
  });
}

/** A caller's wait, perhaps for a flight: it ends at once when one of the caller's signals aborts. */
export function waitWithSignals<T>(args: readonly unknown[], result: Promise<T>, flight?: Flight): Promise<T> {
  const signals = signalsIn(args);
  if (signals.length === 0) return result;
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      for (const signal of signals) signal.removeEventListener('abort', giveUp);
    };
    const giveUp = (): void => {
      stop();
      const { reason } = signals.find((signal) => signal.aborted) as AbortSignal;
      reject(reason);
      flight?.giveUp(reason);
    };
    for (const signal of signals) signal.addEventListener('abort', giveUp);
    if (signals.some((signal) => signal.aborted)) giveUp();
    result.finally(stop).then(resolve, reject);
  });
}
