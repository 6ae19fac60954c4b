// What a ref of a cached call shows while somebody listens, and after that.
import { systemClock as clock } from '../browser/clock.js';
import { reportListenerError } from '../browser/report-error.js';
import { createListeners, type Listeners } from '../core/listeners.js';
import { isPromise } from '../core/promises.js';
import { backingOf, type CacheEvent } from './bucket.js';
import { callOf, lookFor } from './course.js';
import { ageNow, type Entry, isInBlobs } from './entry.js';
import { pending, type Shown } from './ref.js';
import type { Call, CallFacts } from './wrap.js';

/** Timers take 31 bits of ms. */
const maxTimer = 2 ** 31 - 1;

/** The state of one call: loads with its first listener, and again whenever the entry is set or cleared anywhere. */
export class RefState {
  /** Its arguments may be replaced by newer ones that are equal. */
  readonly #facts: CallFacts;
  readonly #call: Call;
  #state: Shown = pending;
  /** The entry that the state shows. */
  #shown: Entry | undefined;
  #loads = 0;
  #cancelTimer: (() => void) | undefined;
  readonly listeners: Listeners<[Shown, Shown]> = createListeners(reportListenerError, () => this.#begin());

  constructor(facts: CallFacts) {
    this.#facts = facts;
    this.#call = callOf(facts);
  }

  readonly get = (): Shown => {
    if (this.listeners.has()) return this.#state;
    const { w, bucket } = this.#call;
    const entry = this.#entry();
    const isStale = this.#isStale(entry);
    // what has to be waited for is seen by listeners only
    if (entry && (entry === this.#shown ? isStale !== this.#state.isStale : !isInBlobs(entry))) {
      const value = entry === this.#shown ? this.#state.value : w.values.give(bucket, entry);
      this.#shown = entry;
      this.#state = { status: 'success', value, isStale, isFetching: false };
    } else if (!entry && this.#shown) {
      // cleared or evicted: nobody listened
      this.#shown = undefined;
      this.#state = pending;
    }
    return this.#state;
  };

  #entry(): Entry | undefined {
    return this.#call.bucket.entries.get(this.#call.key);
  }

  #isStale(entry: Entry | undefined): boolean {
    return entry !== undefined && ageNow(entry, this.#call.w.settings) !== 'fresh';
  }

  /** The first listener came; what is returned is called after the last one left. */
  #begin(): () => void {
    const { w, bucket, key } = this.#call;
    const end = bucket.watch(key, (event) => this.#hear(event));
    const { status, isStale } = this.get();
    const shown = this.#shown;
    // what memory has for certain need not be fetched: nobody is told of a load that is none
    const isCertain = status === 'success' && shown && !isStale && !w.settings.validate;
    if (isCertain && !backingOf(w, bucket)?.isDoubtful(shown)) this.#watch(shown);
    else this.#load();
    return () => {
      end();
      this.#cancelTimer?.();
      this.#loads++;
      this.#state = { ...this.#state, isFetching: false };
    };
  }

  #hear({ type, tab, error }: CacheEvent): void {
    const { status, isFetching } = this.#state;
    if (type === 'clear') {
      this.#shown = undefined;
      if (status !== 'pending') this.#show({ isStale: true });
      this.#load();
    } else if (type === 'set' && tab === 'other') this.#load();
    else if (type === 'set' && !isFetching) this.#follow({});
    else if (type === 'error' && !isFetching) this.#show({ status: 'error', error });
  }

  #show(changes: Partial<Shown>): void {
    const previous = this.#state;
    const { error, ...rest } = { ...previous, ...changes };
    this.#state = rest.status === 'error' ? { ...rest, error } : rest;
    this.listeners.notify(this.#state, previous);
  }

  /** Shows what memory holds; one copy per change. */
  #follow(changes: Partial<Shown>): void {
    const { w, bucket } = this.#call;
    const entry = this.#entry();
    if (!entry || entry === this.#shown) {
      if (changes.status) this.#show(changes);
    } else if (isInBlobs(entry)) this.#load();
    else {
      this.#shown = entry;
      this.#show({
        status: 'success',
        value: w.values.give(bucket, entry),
        isStale: this.#isStale(entry),
        ...changes,
      });
      this.#watch(entry);
    }
  }

  /** Only somebody who listens hears of the expiry by a timer. */
  #watch(entry: Entry): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const left = Math.min(entry.expiresAt, entry.createdAt + this.#call.w.settings.ttlMs) - clock.now();
    if (left <= 0 || left === Infinity) return;
    this.#cancelTimer = clock.after(Math.min(left, maxTimer), () => {
      if (this.#shown !== entry) return;
      if (this.#isStale(entry)) this.#show({ isStale: true });
      else this.#watch(entry);
    });
  }

  #load(): void {
    const turn = ++this.#loads;
    let newest = 0;
    if (!this.#state.isFetching) this.#show({ isFetching: true });
    const done = (value: unknown): void => {
      if (turn !== this.#loads) return;
      const entry = this.#entry();
      // something newer than this load was put while it went on
      if (entry && (entry === this.#shown || (entry.order > newest && !isInBlobs(entry)))) {
        this.#follow({ status: 'success', isFetching: false });
        return;
      }
      this.#shown = entry;
      this.#show({ status: 'success', value, isStale: this.#isStale(entry), isFetching: false });
      if (entry) this.#watch(entry);
    };
    const fail = (error: unknown): void => {
      if (turn === this.#loads) this.#show({ status: 'error', error, isFetching: false });
    };
    let value: unknown;
    try {
      value = lookFor({ ...this.#call, args: this.#facts.args });
      newest = this.#call.w.state.order;
    } catch (error) {
      fail(error);
      return;
    }
    // a resource that is no promise, though perhaps a thenable
    if (isPromise(value)) value.then(done, fail);
    else done(value);
  }
}

/** What a ref of this call shows. */
export const refStateOf = (facts: CallFacts): RefState => new RefState(facts);
