import type { Address, AddressChange, HistoryMode } from '../browser/address.js';
import type { Clock } from '../browser/clock.js';
import { onLeave } from '../browser/page-life.js';
import { reportListenerError } from '../browser/report-error.js';
import { createDelivery, type Delivery } from '../core/batch.js';
import type { Unsubscribe } from '../core/listeners.js';
import {
  createQueryParser,
  type Edits,
  isDone,
  isSameTexts,
  type ParsedQuery,
  spliceQuery,
  type Texts,
} from '../core/query-text.js';
import type { TokenBucket } from '../core/rate.js';

export type Warn = (code: string, message: string, cause?: unknown) => void;

export interface WriterOptions {
  address: Address;
  clock: Clock;
  bucket: TokenBucket;
  /** The query inside the hash. */
  isHash?: boolean;
  navigate?: ((url: string, mode: HistoryMode) => void) | undefined;
}

/** The query of the address and the edits that wait to be written; shared by all instances of a page. */
export interface QueryWriter extends Delivery<Texts> {
  /** The query as it is in the URL now, without edits. */
  view(): ParsedQuery;
  /** Not yet in the URL. */
  readonly edits: Edits;
  /**
   * Keeps the edits and tells the listeners; `false` if there is no document to keep them for.
   *
   * @param warn - gets the warnings of these edits
   */
  write(changes: Iterable<readonly [key: string, texts: Texts]>, mode: HistoryMode, warn: Warn): boolean;
  flush(): void;
  /** The raw query with the pending edits. */
  query(): string;
  /** The URL with the pending edits and these. */
  href(changes?: Edits): string;
}

type Parts = readonly [before: string, query: string, after: string];

/** Cuts out the query: without its `?`, up to the hash; or in the hash, up to a second `#`. */
function cut(href: string, isHash: boolean): Parts {
  const hash = href.indexOf('#');
  const from = isHash ? (hash < 0 ? href.length : hash) : 0;
  const nextHash = isHash ? href.indexOf('#', from + 1) : hash;
  const end = nextHash < 0 ? href.length : nextHash;
  const mark = href.indexOf('?', from);
  return mark < 0 || mark >= end
    ? [href.slice(0, end), '', href.slice(end)]
    : [href.slice(0, mark), href.slice(mark + 1, end), href.slice(end)];
}

const withoutHash = (href: string): string => href.replace(/#.*/s, '');
const retryMs = 1000;
const maxRefusals = 60;
const navigateMs = 10_000;
const longUrl = 8000;

export function createQueryWriter({ address, clock, bucket, isHash = false, navigate }: WriterOptions): QueryWriter {
  const parse = createQueryParser();
  const edits = new Map<string, Texts>();
  let href = '';
  let parts: Parts = ['', '', ''];
  let parsed = parse('');
  /** The URL when a write or a change was last seen: tells a new hash from Back. */
  let base = '';
  let mode: HistoryMode = 'replace';
  let warn: Warn;
  let told: Map<string, Texts> | undefined;
  let isTellQueued = false;
  let isFlushQueued = false;
  let isMemory = false;
  let isSent = false;
  let refusals = 0;
  let stopWaiting: Unsubscribe | undefined;

  const merged = (): Map<string, Texts> => {
    const all = new Map(view().texts);
    for (const [key, list] of edits) {
      if (list.length > 0) all.set(key, list);
      else all.delete(key);
    }
    return all;
  };

  /** Tells the listeners what others changed. */
  const tell = (): void => {
    isTellQueued = false;
    if (!told) return;
    const before = told;
    const now = (told = merged());
    delivery.batch(() => {
      for (const key of new Set([...before.keys(), ...now.keys()]))
        if (!isSameTexts(before.get(key), now.get(key))) delivery.changed(key, now.get(key), before.get(key));
    });
  };

  /** Never at once: the change is seen by a read, perhaps during a rendering. */
  const tellSoon = (): void => {
    if (!told || isTellQueued) return;
    isTellQueued = true;
    queueMicrotask(tell);
  };

  const delivery = createDelivery<Texts>({
    report: reportListenerError,
    isSame: isSameTexts,
    onLoop: (keys) =>
      warn('update-loop', `Listeners of queryParams change each other's keys for ever (${keys.join(', ')}).`),
    later: (run) => clock.after(0, run),
    onFirst() {
      told = merged();
      const stop = address.listen(hear);
      return () => {
        told = undefined;
        stop();
      };
    },
  });

  const settle = (): void => {
    mode = 'replace';
    isSent = false;
    refusals = 0;
    stopWaiting?.();
  };

  const drop = (): void => {
    edits.clear();
    settle();
    tellSoon();
  };

  /** In the hash, the path is also what stands there before the query; `location.search` is nobody's page. */
  const path = (): string => parts[0].replace(/\?[^#]*/, '');

  const view = (): ParsedQuery => {
    const now = address.href();
    if (now !== href) {
      const before = path();
      href = now;
      parts = cut(now, isHash);
      parsed = parse(parts[1]);
      if (edits.size > 0 && !isMemory) {
        // a parameter of one page must not appear on the next
        if (before !== path()) drop();
        else if (isSent && isDone(parsed, edits)) drop();
      }
      tellSoon();
    }
    return parsed;
  };

  const hear = (change: AddressChange): void => {
    if (edits.size > 0 && !isMemory) {
      const now = address.href();
      const isNewHash = !isHash && base !== now && withoutHash(base) === withoutHash(now);
      // the user asked for another state
      if (change === 'traverse' || (change === 'popstate' && !isNewHash)) drop();
      base = now;
    }
    view();
  };

  /** Looks after the edits until they are in the URL; tries again after `ms`, if given. */
  const wait = (ms?: number, run: () => void = attempt): void => {
    stopWaiting?.();
    const ends = [address.listen(hear), onLeave(flush)];
    if (ms !== undefined) ends.push(clock.after(ms, run));
    stopWaiting = () => {
      stopWaiting = undefined;
      for (const end of ends) end();
    };
  };

  const url = (query: string): string => {
    const [before, , after] = parts;
    if (!query) return before + after;
    return `${before}${isHash && !before.includes('#') ? '#' : ''}?${query}${after}`;
  };

  /** Those of the edits that the URL has room for. */
  const fitting = (): Edits => {
    warn('url-too-long', 'queryParams: what was written is too long for a URL and stays in memory until it fits.');
    let result = new Map<string, Texts>();
    for (const edit of edits) {
      const more = new Map([...result, edit]);
      if (!parse(spliceQuery(parsed, more)).isTooLong) result = more;
    }
    return result;
  };

  const attempt = (isForced = false): void => {
    view();
    if (edits.size === 0 || isMemory || isSent) return;
    if (isDone(parsed, edits)) {
      edits.clear();
      settle();
      return;
    }
    let now: Edits = edits;
    let query = spliceQuery(parsed, edits);
    // a query that is not read is not written either
    if (parsed.isTooLong || parse(query).isTooLong) {
      now = parsed.isTooLong ? new Map() : fitting();
      if (isDone(parsed, now)) {
        wait();
        return;
      }
      query = spliceQuery(parsed, now);
    }
    if (!navigate && address.isFixed()) {
      isMemory = true;
      warn('memory-mode', 'queryParams: the URL of this document cannot have a query; parameters stay in memory.');
      return;
    }
    const time = clock.monotonic();
    if (isForced || mode === 'push') bucket.force(time);
    else if (!bucket.take(time)) {
      wait(bucket.wait(time));
      return;
    }

    const target = url(query);
    const start = parts[0].length;
    base = href;
    let cause: unknown;
    try {
      if (navigate) {
        isSent = true;
        wait(navigateMs, () => {
          warn(
            'navigate-ignored',
            'queryParams: navigate() did not change the address within 10 s; the write is dropped.',
          );
          drop();
        });
        navigate(target, mode);
      } else address.write(target, mode, start);
    } catch (error) {
      // a refusal shows in the address; the router's own error is its owner's
      if (navigate) reportListenerError(error);
      cause = error;
    }
    view();
    if (isDone(parsed, now)) {
      for (const [key, list] of now) if (edits.get(key) === list) edits.delete(key);
      settle();
      if (edits.size > 0) wait();
      if (withoutHash(target).length - location.origin.length > longUrl)
        warn('long-url', `queryParams: the URL is longer than ${longUrl} characters; many servers refuse to load it.`);
    } else if (navigate) {
      // a router may take its time
    } else {
      bucket.empty(time);
      if (++refusals === maxRefusals)
        warn('url-refused', 'queryParams: the browser has refused to change the URL for a minute.', cause);
      wait(refusals < maxRefusals ? retryMs : undefined, flush);
    }
  };

  const flush = (): void => attempt(true);

  const edit = (key: string, list: Texts, how: HistoryMode, warnOf: Warn): void => {
    const before = edits.get(key) ?? parsed.texts.get(key);
    if (isSameTexts(before, list)) return;
    edits.set(key, list);
    warn = warnOf;
    base = href;
    if (how === 'push') mode = how;
    isSent = false;
    if (!isFlushQueued) {
      isFlushQueued = true;
      queueMicrotask(() => {
        isFlushQueued = false;
        attempt();
      });
    }
    if (!told) return;
    const now = list.length > 0 ? list : undefined;
    if (now) told.set(key, now);
    else told.delete(key);
    delivery.changed(key, now, before?.length ? before : undefined);
  };

  return {
    ...delivery,
    view,
    edits,
    write(changes, how, warnOf) {
      view();
      if (href === '') return false;
      // what others changed comes first
      if (isTellQueued) tell();
      const apply = (): void => {
        for (const [key, list] of changes) edit(key, list, how, warnOf);
      };
      if (told) delivery.batch(apply);
      else apply();
      return true;
    },
    flush,
    query: () => spliceQuery(view(), edits),
    href(changes) {
      view();
      return url(spliceQuery(parsed, new Map([...edits, ...(changes ?? [])])));
    },
  };
}
