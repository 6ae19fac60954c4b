// The one way to the URL of a page: edits, their pace, and who is told.
import type { Address, AddressChange, HistoryMode } from '../browser/address.js';
import type { Timer } from '../browser/clock.js';
import { all, onLeave } from '../browser/page-life.js';
import { reportListenerError } from '../browser/report-error.js';
import { createDelivery, type Delivery } from '../core/batch.js';
import type { Texts } from '../core/codec.js';
import type { Unsubscribe } from '../core/listeners.js';
import {
  cutUrl,
  type Edits,
  fittingEdits,
  isSameTexts,
  joinUrl,
  type ParsedQuery,
  parseQuery,
  spliceQuery,
  withEdits,
} from './query-text.js';
import type { TokenBucket } from './rate.js';
import type { TypedParam } from './typed-param.js';

export type Warn = (code: string, message: string, cause?: unknown) => void;

export interface WriterOptions {
  address: Address;
  clock: Timer;
  bucket: TokenBucket;
  /** The query inside the hash. */
  isHash?: boolean;
}

/** The query of the address and the edits that wait to be written; shared by all instances of a page. */
export interface QueryWriter extends Pick<Delivery<Texts>, 'subscribe' | 'batch'> {
  /** The newest codec of each key, for the inspector. */
  readonly typed: Map<string, TypedParam>;
  /** The texts of all keys, pending edits included: never changed, another map after every change. */
  all(): ReadonlyMap<string, Texts>;
  /** Whether the URL's query is beyond the limits and reads as empty. */
  isTooLong(): boolean;
  /** Whether what reads for a key does not stand in the URL yet. */
  isPending(key: string): boolean;
  /** Whether the last change of the URL was one of its path. */
  hasMoved(): boolean;
  /** The raw query with the pending edits. */
  query(): string;
  /** The URL with the pending edits and these. */
  href(changes: Edits): string;
  /**
   * Keeps an edit and tells the listeners.
   *
   * @param warn - gets the warnings of this edit
   */
  write(key: string, list: Texts, mode: HistoryMode, warn: Warn): void;
  /** Writes what is pending now. */
  flush(): void;
}

const retryMs = 1000;
const maxRefusals = 60;
const navigateMs = 10_000;
const longUrl = 8000;

/** Not `queueMicrotask`, which the fake timers of test runners hold back. */
const inMicrotask = (run: () => void): void => void Promise.resolve().then(run);
const withoutHash = (href: string): string => href.replace(/#.*/s, '');
/** What makes it another page. In the hash, `location.search` is nobody's page. */
const pathOf = (before: string): string => before.replace(/\?[^#]*/, '');

// one closure, because all of it reads and changes the state at its top
export function createWriter(
  { address, clock, bucket, isHash = false }: WriterOptions,
  navigate?: (url: string, mode: HistoryMode) => void,
): QueryWriter {
  // the URL as it was last seen
  let href = '';
  let at = cutUrl(href, isHash);
  let parsed = parseQuery('');
  let hasMoved = false;
  /** What the last call should have made of the query. */
  let expected = parsed;

  const edits = new Map<string, Texts>();
  /** The URL's with the edits; made at the next read. */
  let merged: ReadonlyMap<string, Texts> | undefined;
  let mode: HistoryMode = 'replace';
  let warn: Warn;
  /** The URL when a write or a change was last seen: tells a new hash from Back. */
  let base = '';
  let isFlushQueued = false;
  /** The document cannot have a query. */
  let isMemory = false;
  /** `navigate` has been called for the edits. */
  let isSent = false;
  let refusals = 0;
  /** Ends what looks after edits that the URL does not have. */
  let stop: Unsubscribe | undefined;
  /** How many want to hear of the address. */
  let ears = 0;
  let endHearing: Unsubscribe;

  /** What the listeners know; none: nobody listens. */
  let told: ReadonlyMap<string, Texts> | undefined;
  let isTellQueued = false;

  /** The query as it is in the URL now, without edits. */
  const view = (): ParsedQuery => {
    const now = address.href();
    const isNew = now !== href;
    // also where it is equal: WebKit knows the same text of the same URL again without reading it
    href = now;
    if (isNew) look();
    return parsed;
  };

  const look = (): void => {
    const { before } = at;
    at = cutUrl(href, isHash);
    const { query } = at;
    if (query !== parsed.text) {
      parsed = query === expected.text ? expected : parseQuery(query, parsed);
      merged = undefined;
    }
    // a parameter of one page must not appear on the next
    hasMoved = pathOf(before) !== pathOf(at.before);
    if (hasMoved || (isSent && isDone(edits))) drop();
    tellSoon();
  };

  const isDone = (changes: Edits): boolean => spliceQuery(parsed, changes) === parsed;

  const readAll = (): ReadonlyMap<string, Texts> => {
    const { texts } = view();
    return (merged ??= edits.size > 0 ? withEdits(texts, edits) : texts);
  };

  /** In a microtask, because a read may have seen the change, during a rendering. */
  const tellSoon = (): void => {
    if (!told || isTellQueued) return;
    isTellQueued = true;
    inMicrotask(tell);
  };

  const tell = (): void => {
    isTellQueued = false;
    if (!told) return;
    const before = told;
    const now = (told = readAll());
    delivery.batch(() => {
      for (const key of new Set([...before.keys(), ...now.keys()]))
        if (before.get(key) !== now.get(key)) delivery.changed(key, now.get(key), before.get(key));
    });
  };

  /** The address may have changed. */
  const hear = (change: AddressChange): void => {
    const now = address.href();
    // the user asked for another state; without Navigation API a new hash looks like Back
    if (
      change === 'traverse' ||
      (change === 'popstate' && (isHash || base === now || withoutHash(base) !== withoutHash(now)))
    )
      drop();
    base = now;
    view();
  };

  /** Hears of the address once, for all: of two calls for one event, the second could not tell a new hash from Back. */
  const listen = (): Unsubscribe => {
    if (ears++ === 0) endHearing = address.listen(hear);
    return () => {
      if (--ears === 0) endHearing();
    };
  };

  const delivery: Delivery<Texts> = createDelivery<Texts>({
    report: reportListenerError,
    // ?open is true for a boolean, ?open= is not
    isSame: (now, before) => isSameTexts(now, before) && now?.isBare === before?.isBare,
    onLoop: (keys) => warn('update-loop', `listeners change "${keys.join('", "')}" for ever.`),
    later: (run) => clock.after(0, run),
    onFirst() {
      told = readAll();
      const stop = listen();
      return () => {
        told = undefined;
        stop();
      };
    },
  });

  const drop = (): void => {
    if (isMemory || edits.size === 0) return;
    edits.clear();
    mode = 'replace';
    settle();
    tellSoon();
  };

  /** Nothing is under way. */
  const settle = (): void => {
    merged = undefined;
    isSent = false;
    refusals = 0;
    stop?.();
    stop = undefined;
  };

  /** Watches as long as there are edits that the URL does not have; runs `run` after `ms` in place of what was to run. */
  const wait = (ms = 0, run?: () => void): void => {
    stop?.();
    stop = all(listen(), onLeave(flush), run && clock.after(ms, run));
  };

  const flush = (): void => attempt(true);

  /** Writes the edits to the address, if that can be done now. */
  const attempt = (isForced: boolean): void => {
    if (edits.size === 0 || isMemory) return;
    const query = view();
    if (edits.size === 0 || isSent) return;
    let fitting: Edits = edits;
    expected = spliceQuery(query, edits);
    // a query that is not read is not written either
    if (expected.isTooLong) {
      if (!query.isTooLong) warn('url-too-long', 'the URL is too long; it stays in memory.');
      fitting = fittingEdits(query, edits);
      expected = spliceQuery(query, fitting);
    }
    if (expected === query) {
      if (fitting === edits) drop();
      else wait();
      return;
    }
    if (!navigate && /^(about|blob|data):/.test(href)) {
      isMemory = true;
      warn('memory-mode', 'this document cannot have a query; it stays in memory.');
      return;
    }
    const time = clock.monotonic();
    if (bucket.take(time, isForced || mode === 'push'))
      call(joinUrl(at, expected.text, isHash), new Map(fitting), time);
    else wait(bucket.wait(time), () => attempt(false));
  };

  /** Whether it had an effect shows in the address: browsers refuse without a word, too. */
  const call = (url: string, written: Edits, time: number): void => {
    let cause: unknown;
    const how = mode;
    // who hears of the call at once may write, in a mode of its own
    mode = 'replace';
    base = href;
    try {
      if (navigate) {
        isSent = true;
        wait(navigateMs, () => {
          warn('navigate-ignored', 'navigate() did not change the URL in 10 s; the write is dropped.');
          drop();
        });
        navigate(url, how);
      } else address.write(url, how, at.before.length);
    } catch (error) {
      // the router's own error is its owner's
      if (navigate) reportListenerError(error);
      cause = error;
    }
    view();
    if (isDone(written)) {
      for (const [key, list] of written) if (edits.get(key) === list) edits.delete(key);
      settle();
      if (edits.size > 0) wait();
      if (url.replace(/^[^/]*\/\/[^/]*|#.*/gs, '').length > longUrl)
        warn('long-url', `the URL has over ${longUrl} characters; many servers refuse it.`);
      return;
    }
    if (how === 'push' && edits.size > 0) mode = how;
    if (!navigate) {
      bucket.empty(time);
      if (++refusals < maxRefusals) wait(retryMs, flush);
      else {
        warn('url-refused', 'the browser has refused to change the URL for a minute.', cause);
        wait();
      }
    }
  };

  return {
    typed: new Map(),
    all: readAll,
    isTooLong: () => view().isTooLong,
    isPending: (key) => edits.has(key),
    hasMoved: () => hasMoved,
    query: () => spliceQuery(view(), edits).text,
    href(changes) {
      const { text } = spliceQuery(view(), new Map([...edits, ...changes]));
      return joinUrl(at, text, isHash);
    },
    write(key, list, how, warnOf) {
      view();
      if (href === '') {
        warnOf('no-document', 'without a document writes are lost.');
        return;
      }
      // what others changed comes first
      if (isTellQueued) tell();
      const waiting = edits.get(key);
      // what waits already is still to be written: as a push, if somebody asks for one
      if (isSameTexts(waiting ?? parsed.texts.get(key), list) && !(waiting && how === 'push')) return;
      edits.set(key, list);
      merged = undefined;
      warn = warnOf;
      base = href;
      if (how === 'push') mode = how;
      isSent = false;
      if (!isFlushQueued) {
        isFlushQueued = true;
        inMicrotask(() => {
          isFlushQueued = false;
          attempt(false);
        });
      }
      tell();
    },
    subscribe: delivery.subscribe,
    batch: delivery.batch,
    flush,
  };
}
