import type { Address, AddressChange, HistoryMode } from '../browser/address.js';
import type { Timer } from '../browser/clock.js';
import { onLeave } from '../browser/page-life.js';
import { reportListenerError } from '../browser/report-error.js';
import { createDelivery, type Delivery } from '../core/batch.js';
import type { Unsubscribe } from '../core/listeners.js';
import {
  type Edits,
  fittingEdits,
  isSameTexts,
  type ParsedQuery,
  parseQuery,
  spliceQuery,
  type Texts,
  withEdits,
} from './query-text.js';
import type { TokenBucket } from './rate.js';
import { cutUrl, joinUrl } from './url.js';

export type Warn = (code: string, message: string, cause?: unknown) => void;

export interface WriterOptions {
  address: Address;
  clock: Timer;
  bucket: TokenBucket;
  /** The query inside the hash. */
  isHash?: boolean;
  navigate?: ((url: string, mode: HistoryMode) => void) | undefined;
}

const retryMs = 1000;
const maxRefusals = 60;
const navigateMs = 10_000;
const longUrl = 8000;

/** Not `queueMicrotask`, which the fake timers of test runners hold back. */
const inMicrotask = (run: () => void): void => void Promise.resolve().then(run);
const withoutHash = (href: string): string => href.replace(/#.*/s, '');

/** The query of the address and the edits that wait to be written; shared by all instances of a page. */
export class QueryWriter {
  readonly #options: WriterOptions;
  readonly #isHash: boolean;
  readonly #delivery: Delivery<Texts>;
  readonly #edits = new Map<string, Texts>();
  #at = cutUrl('', false);
  #seen = '';
  #parsed = parseQuery('');
  /** What the last call should have made of the query. */
  #expected = this.#parsed;
  /** With the edits; made at the next read. */
  #all: ReadonlyMap<string, Texts> | undefined;
  /** The URL when a write or a change was last seen: tells a new hash from Back. */
  #base = '';
  #mode: HistoryMode = 'replace';
  #warn!: Warn;
  #isFlushQueued = false;
  #isMemory = false;
  #hasMoved = false;
  /** `navigate` has been called for the edits. */
  #isSent = false;
  #refusals = 0;
  /** What the listeners know; none: nobody listens. */
  #told: Map<string, Texts> | undefined;
  #isTellQueued = false;
  /** End what looks after edits that the URL does not have. */
  #watches: Unsubscribe[] | undefined;
  #stopTimer: Unsubscribe | undefined;

  constructor(options: WriterOptions) {
    const { address, clock, isHash = false } = options;
    this.#options = options;
    this.#isHash = isHash;
    this.#delivery = createDelivery<Texts>({
      report: reportListenerError,
      isSame: isSameTexts,
      onLoop: (keys) => this.#warn('update-loop', `listeners change each other's keys for ever: ${keys.join(', ')}.`),
      later: (run) => clock.after(0, run),
      onFirst: () => {
        this.#told = new Map(this.all());
        const stop = address.listen(this.#hear);
        return () => {
          this.#told = undefined;
          stop();
        };
      },
    });
    this.subscribe = this.#delivery.subscribe;
    this.batch = this.#delivery.batch;
  }

  readonly subscribe: Delivery<Texts>['subscribe'];
  readonly batch: Delivery<Texts>['batch'];

  /** The URL's query is beyond the limits and reads as empty. */
  get isTooLong(): boolean {
    return this.#view().isTooLong;
  }

  /** The texts of all keys, pending edits included: never changed, another map after every change. */
  all(): ReadonlyMap<string, Texts> {
    const { texts } = this.#view();
    return (this.#all ??= this.#edits.size > 0 ? withEdits(texts, this.#edits) : texts);
  }

  /** Whether what reads for a key does not stand in the URL yet. */
  isPending(key: string): boolean {
    return this.#edits.has(key);
  }

  /** Whether the last change of the URL was one of its path. */
  get hasMoved(): boolean {
    return this.#hasMoved;
  }

  /** The raw query with the pending edits. */
  query(): string {
    return spliceQuery(this.#view(), this.#edits).text;
  }

  /** The URL with the pending edits and these. */
  href(changes: Edits): string {
    const query = spliceQuery(this.#view(), new Map([...this.#edits, ...changes]));
    return joinUrl(this.#at, query.text, this.#isHash);
  }

  /**
   * Keeps an edit and tells the listeners.
   *
   * @param warn - gets the warnings of this edit
   */
  write(key: string, list: Texts, mode: HistoryMode, warn: Warn): void {
    this.#view();
    if (this.#at.href === '') {
      warn('no-document', 'without a document writes are lost.');
      return;
    }
    // what others changed comes first
    if (this.#isTellQueued) this.#tell();
    const before = this.#edits.get(key) ?? this.#parsed.texts.get(key);
    if (isSameTexts(before, list)) return;
    this.#edits.set(key, list);
    this.#all = undefined;
    this.#warn = warn;
    this.#base = this.#at.href;
    if (mode === 'push') this.#mode = mode;
    this.#isSent = false;
    if (!this.#isFlushQueued) {
      this.#isFlushQueued = true;
      inMicrotask(() => {
        this.#isFlushQueued = false;
        this.#attempt(false);
      });
    }
    if (!this.#told) return;
    const now = list.length > 0 ? list : undefined;
    if (now) this.#told.set(key, now);
    else this.#told.delete(key);
    this.#delivery.changed(key, now, before?.length ? before : undefined);
  }

  /** Writes what is pending now. */
  readonly flush = (): void => this.#attempt(true);

  /** The query as it is in the URL now, without edits. */
  #view(): ParsedQuery {
    const href = this.#options.address.href();
    const isNew = href !== this.#seen;
    // also where it is equal: WebKit knows the same text of the same URL again without reading it
    this.#seen = href;
    if (isNew) this.#look(href);
    return this.#parsed;
  }

  #look(href: string): void {
    const { path } = this.#at;
    this.#at = cutUrl(href, this.#isHash);
    const { query } = this.#at;
    if (query !== this.#parsed.text) {
      this.#parsed = query === this.#expected.text ? this.#expected : parseQuery(query, this.#parsed);
      this.#all = undefined;
    }
    // a parameter of one page must not appear on the next
    this.#hasMoved = path !== this.#at.path;
    if (this.#hasMoved || (this.#isSent && this.#isDone(this.#edits))) this.#drop();
    this.#tellSoon();
  }

  #isDone(edits: Edits): boolean {
    return spliceQuery(this.#parsed, edits) === this.#parsed;
  }

  /** Told in a microtask: the change may have been seen by a read, during a rendering. */
  #tellSoon(): void {
    if (!this.#told || this.#isTellQueued) return;
    this.#isTellQueued = true;
    inMicrotask(() => this.#tell());
  }

  #tell(): void {
    const before = this.#told;
    this.#isTellQueued = false;
    if (!before) return;
    const now = (this.#told = new Map(this.all()));
    this.batch(() => {
      for (const key of new Set([...before.keys(), ...now.keys()]))
        if (before.get(key) !== now.get(key)) this.#delivery.changed(key, now.get(key), before.get(key));
    });
  }

  /** The address may have changed. */
  readonly #hear = (change: AddressChange): void => {
    const href = this.#options.address.href();
    const base = this.#base;
    // the user asked for another state; without Navigation API a new hash looks like Back
    if (
      change === 'traverse' ||
      (change === 'popstate' && (this.#isHash || base === href || withoutHash(base) !== withoutHash(href)))
    )
      this.#drop();
    this.#base = href;
    this.#view();
  };

  #drop(): void {
    if (this.#isMemory || this.#edits.size === 0) return;
    this.#edits.clear();
    this.#settle();
    this.#tellSoon();
  }

  /** Nothing is under way. */
  #settle(): void {
    this.#all = undefined;
    this.#mode = 'replace';
    this.#isSent = false;
    this.#refusals = 0;
    this.#stopTimer?.();
    for (const end of this.#watches ?? []) end();
    this.#watches = undefined;
  }

  /** Watches as long as there are edits that the URL does not have; runs `run` after `ms` in place of what was to run. */
  #wait(ms?: number, run?: () => void): void {
    const { address, clock } = this.#options;
    this.#watches ??= [address.listen(this.#hear), onLeave(this.flush)];
    this.#stopTimer?.();
    this.#stopTimer = run && ms !== undefined ? clock.after(ms, run) : undefined;
  }

  /** Writes the edits to the address, if that can be done now. */
  #attempt(isForced: boolean): void {
    if (this.#edits.size === 0 || this.#isMemory) return;
    const query = this.#view();
    if (this.#edits.size === 0 || this.#isSent) return;
    let edits: Edits = this.#edits;
    let expected = spliceQuery(query, edits);
    // a query that is not read is not written either
    if (query.isTooLong || expected.isTooLong) {
      if (!query.isTooLong) this.#warn('url-too-long', 'too long for a URL; it stays in memory.');
      edits = fittingEdits(query, edits);
      expected = spliceQuery(query, edits);
    }
    this.#expected = expected;
    if (expected === query) {
      if (edits === this.#edits) this.#drop();
      else this.#wait();
      return;
    }
    const { bucket, clock, navigate } = this.#options;
    if (!navigate && /^(about|blob|data):/.test(this.#at.href)) {
      this.#isMemory = true;
      this.#warn('memory-mode', 'this document cannot have a query; it stays in memory.');
      return;
    }
    const time = clock.monotonic();
    if (!bucket.take(time, isForced || this.#mode === 'push')) {
      this.#wait(bucket.wait(time), () => this.#attempt(false));
      return;
    }

    const url = joinUrl(this.#at, expected.text, this.#isHash);
    this.#base = this.#at.href;
    const cause = this.#call(url);
    this.#view();
    if (this.#isDone(edits)) this.#landed(edits, url);
    else if (!navigate) this.#refused(time, cause);
  }

  /** @returns what the call threw: a refusal shows in the address */
  #call(url: string): unknown {
    const { address, navigate } = this.#options;
    try {
      if (!navigate) address.write(url, this.#mode, this.#at.before.length);
      else {
        this.#isSent = true;
        this.#wait(navigateMs, () => {
          this.#warn('navigate-ignored', 'navigate() did not change the URL in 10 s; the write is dropped.');
          this.#drop();
        });
        navigate(url, this.#mode);
      }
    } catch (error) {
      // the router's own error is its owner's
      if (navigate) reportListenerError(error);
      return error;
    }
  }

  #landed(edits: Edits, url: string): void {
    for (const [key, list] of edits) if (this.#edits.get(key) === list) this.#edits.delete(key);
    this.#settle();
    if (this.#edits.size > 0) this.#wait();
    if (url.length > longUrl && url.replace(/^[^/]*\/\/[^/]*|#.*/gs, '').length > longUrl)
      this.#warn('long-url', `the URL has over ${longUrl} characters; many servers refuse it.`);
  }

  #refused(time: number, cause: unknown): void {
    this.#options.bucket.empty(time);
    if (++this.#refusals === maxRefusals)
      this.#warn('url-refused', 'the browser has refused to change the URL for a minute.', cause);
    this.#wait(this.#refusals < maxRefusals ? retryMs : undefined, this.flush);
  }
}
