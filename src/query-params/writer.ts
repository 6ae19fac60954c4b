import type { Address, AddressChange, HistoryMode } from '../browser/address.js';
import type { Timer } from '../browser/clock.js';
import { onLeave } from '../browser/page-life.js';
import { reportListenerError } from '../browser/report-error.js';
import type { Delivery } from '../core/batch.js';
import {
  type Edits,
  fittingEdits,
  isSameTexts,
  type ParsedQuery,
  parseQuery,
  spliceQuery,
  type Texts,
  withEdits,
} from '../core/query-text.js';
import type { TokenBucket } from '../core/rate.js';
import { createNotices } from './notices.js';
import { cutUrl, joinUrl, withoutHash } from './url.js';
import { createWatch } from './watch.js';

export type Warn = (code: string, message: string, cause?: unknown) => void;

export interface WriterOptions {
  address: Address;
  clock: Timer;
  bucket: TokenBucket;
  /** The query inside the hash. */
  isHash?: boolean;
  navigate?: ((url: string, mode: HistoryMode) => void) | undefined;
}

/** The query of the address and the edits that wait to be written; shared by all instances of a page. */
export interface QueryWriter extends Delivery<Texts> {
  /** The query as it is in the URL now, without edits. */
  view(): ParsedQuery;
  /** The texts of a key with the pending edits; `undefined` for a missing key. */
  texts(key: string): Texts | undefined;
  /** Of the view. */
  readonly isTooLong: boolean;
  /** All of them; not to be changed. */
  all(): ReadonlyMap<string, Texts>;
  /**
   * Keeps an edit and tells the listeners.
   *
   * @param warn - gets the warnings of this edit
   */
  write(key: string, list: Texts, mode: HistoryMode, warn: Warn): void;
  flush(): void;
  /** Whether what reads for a key does not stand in the URL yet. */
  isPending(key: string): boolean;
  /** Whether the last change of the URL was one of its path. */
  readonly hasMoved: boolean;
  /** The raw query with the pending edits. */
  query(): string;
  /** The URL with the pending edits and these. */
  href(changes: Edits): string;
}

const retryMs = 1000;
const maxRefusals = 60;
const navigateMs = 10_000;
const longUrl = 8000;

export function createQueryWriter({ address, clock, bucket, isHash = false, navigate }: WriterOptions): QueryWriter {
  const edits = new Map<string, Texts>();
  let at = cutUrl('', isHash);
  let seen = '';
  let parsed = parseQuery('');
  /** What the last call should have made of it. */
  let expected = parsed;
  /** The URL when a write or a change was last seen: tells a new hash from Back. */
  let base = '';
  let mode: HistoryMode = 'replace';
  let warn: Warn;
  let isFlushQueued = false;
  let isMemory = false;
  let hasMoved = false;
  let isSent = false;
  let refusals = 0;

  const view = (): ParsedQuery => {
    const href = address.href();
    const isNew = href !== seen;
    // also where it is equal: WebKit knows the same text of the same URL again without reading it
    seen = href;
    if (isNew) look(href);
    return parsed;
  };
  const look = (href: string): void => {
    const { path } = at;
    at = cutUrl(href, isHash);
    if (at.query !== parsed.text) parsed = at.query === expected.text ? expected : parseQuery(at.query, parsed);
    // a parameter of one page must not appear on the next
    hasMoved = path !== at.path;
    if (hasMoved || (isSent && isDone(edits))) drop();
    soon();
  };
  const isDone = (some: Edits): boolean => spliceQuery(parsed, some) === parsed;
  const all = (): ReadonlyMap<string, Texts> => {
    const { texts } = view();
    return edits.size > 0 ? withEdits(texts, edits) : texts;
  };

  const {
    soon,
    now: tellNow,
    edited,
    ...delivery
  } = createNotices({
    all,
    listen: () => address.listen(hear),
    onLoop: (keys) =>
      warn('update-loop', `Listeners of queryParams change each other's keys for ever (${keys.join(', ')}).`),
    later: (run) => clock.after(0, run),
  });

  const settle = (): void => {
    mode = 'replace';
    isSent = false;
    refusals = 0;
    watch.stop();
  };
  const drop = (): void => {
    if (isMemory || edits.size === 0) return;
    edits.clear();
    settle();
    soon();
  };
  const hear = (change: AddressChange): void => {
    const href = address.href();
    // the user asked for another state; without Navigation API a new hash looks like Back
    if (
      change === 'traverse' ||
      (change === 'popstate' && (isHash || base === href || withoutHash(base) !== withoutHash(href)))
    )
      drop();
    base = href;
    view();
  };
  /** As long as there are edits that the URL does not have. */
  const watch = createWatch(clock, () => [address.listen(hear), onLeave(flush)]);

  const attempt = (isForced = false): void => {
    if (edits.size === 0 || isMemory) return;
    view();
    if (edits.size === 0 || isSent) return;
    let now: Edits = edits;
    expected = spliceQuery(parsed, now);
    // a query that is not read is not written either
    if (parsed.isTooLong || expected.isTooLong) {
      if (!parsed.isTooLong)
        warn('url-too-long', 'queryParams: what was written is too long for a URL and stays in memory until it fits.');
      now = fittingEdits(parsed, edits);
      expected = spliceQuery(parsed, now);
    }
    if (expected === parsed) {
      if (now === edits) drop();
      else watch.wait();
      return;
    }
    if (!navigate && /^(about|blob|data):/.test(at.href)) {
      isMemory = true;
      warn('memory-mode', 'queryParams: the URL of this document cannot have a query; parameters stay in memory.');
      return;
    }
    const time = clock.monotonic();
    if (isForced || mode === 'push') bucket.force(time);
    else if (!bucket.take(time)) {
      watch.wait(bucket.wait(time), attempt);
      return;
    }

    const url = joinUrl(at, expected.text, isHash);
    base = at.href;
    let cause: unknown;
    try {
      if (navigate) {
        isSent = true;
        watch.wait(navigateMs, () => {
          warn(
            'navigate-ignored',
            'queryParams: navigate() did not change the address within 10 s; the write is dropped.',
          );
          drop();
        });
        navigate(url, mode);
      } else address.write(url, mode, at.before.length);
    } catch (error) {
      // a refusal shows in the address; the router's own error is its owner's
      if (navigate) reportListenerError(error);
      cause = error;
    }
    view();
    if (isDone(now)) {
      for (const [key, list] of now) if (edits.get(key) === list) edits.delete(key);
      settle();
      if (edits.size > 0) watch.wait();
      if (url.length > longUrl && url.replace(/^[^/]*\/\/[^/]*|#.*/gs, '').length > longUrl)
        warn('long-url', `queryParams: the URL is longer than ${longUrl} characters; many servers refuse to load it.`);
    } else if (!navigate) {
      bucket.empty(time);
      if (++refusals === maxRefusals)
        warn('url-refused', 'queryParams: the browser has refused to change the URL for a minute.', cause);
      watch.wait(refusals < maxRefusals ? retryMs : undefined, flush);
    }
  };
  const flush = (): void => attempt(true);

  return {
    ...delivery,
    view,
    texts(key) {
      const { texts } = view();
      const edit = edits.size > 0 ? edits.get(key) : undefined;
      return edit ? (edit.length > 0 ? edit : undefined) : texts.get(key);
    },
    get isTooLong() {
      return parsed.isTooLong;
    },
    all,
    write(key, list, how, warnOf) {
      view();
      if (at.href === '') {
        warnOf('no-document', 'queryParams: there is no document; what is written is forgotten.');
        return;
      }
      // what others changed comes first
      tellNow();
      const before = edits.get(key) ?? parsed.texts.get(key);
      if (isSameTexts(before, list)) return;
      edits.set(key, list);
      warn = warnOf;
      base = at.href;
      if (how === 'push') mode = how;
      isSent = false;
      if (!isFlushQueued) {
        isFlushQueued = true;
        queueMicrotask(() => {
          isFlushQueued = false;
          attempt();
        });
      }
      edited(key, list, before);
    },
    flush,
    isPending: (key) => edits.has(key),
    get hasMoved() {
      return hasMoved;
    },
    query: () => spliceQuery(view(), edits).text,
    href(changes) {
      const query = spliceQuery(view(), new Map([...edits, ...changes]));
      return joinUrl(at, query.text, isHash);
    },
  };
}
