// An address with a history, without a browser.
import type { Address, AddressChange, HistoryMode } from '../../src/browser/address.js';
import type { Warning } from '../../src/core/warning.js';
import type { QueryParams, QueryParamsOptions } from '../../src/query-params/members.js';
import { createQueryParamsOver } from '../../src/query-params/query-params.js';
import { createTokenBucket } from '../../src/query-params/rate.js';
import { createWriter } from '../../src/query-params/writer.js';
import { createFakeClock, type FakeClock } from './fake-clock.js';

export interface FakeAddress extends Address {
  /** What `write` was called with, refused calls included. */
  readonly calls: { url: string; mode: HistoryMode }[];
  /** What becomes of writes. */
  answer: 'write' | 'throw' | 'ignore';
  /** How many listen. */
  readonly listeners: number;
  /** Somebody else changes the URL: relative to the present one, as with `pushState`. */
  goto(url: string, change?: AddressChange): void;
}

/** An address bar without a browser; the URL goes through the URL parser as it would there. */
export function createFakeAddress(start: string): FakeAddress {
  let href = new URL(start, 'http://h/p').href;
  const calls: { url: string; mode: HistoryMode }[] = [];
  const listeners = new Set<(change: AddressChange) => void>();
  return {
    calls,
    answer: 'write',
    get listeners() {
      return listeners.size;
    },
    href: () => href,
    write(url, mode) {
      calls.push({ url, mode });
      if (this.answer === 'throw') throw new DOMException('too many calls', 'SecurityError');
      if (this.answer === 'write') href = new URL(url).href;
    },
    listen(listener) {
      const entry = (change: AddressChange): void => listener(change);
      listeners.add(entry);
      return () => listeners.delete(entry);
    },
    goto(url, change) {
      href = new URL(url, href).href;
      if (change) for (const listener of [...listeners]) listener(change);
    },
  };
}

export interface FakePage {
  q: QueryParams;
  address: FakeAddress;
  clock: FakeClock;
  warnings: Warning[];
  /** Another instance of the same source. */
  another(options?: QueryParamsOptions): QueryParams;
  /** Query and hash, after a flush. */
  flushed(): string;
  /** Query and hash as they are. */
  now(): string;
}

/** queryParams on the page `http://h/p` with this query and hash. */
export function fakePage(given = '', options: QueryParamsOptions = {}): FakePage {
  const address = createFakeAddress(given);
  const clock = createFakeClock();
  const warnings: Warning[] = [];
  const { navigate, source } = options;
  const writer = createWriter(
    {
      address,
      clock,
      bucket: createTokenBucket(),
      isHash: source === 'hash',
    },
    navigate,
  );
  const onWarning = (warning: Warning): void => void warnings.push(warning);
  const q = createQueryParamsOver(writer, { onWarning, ...options });
  const now = (): string => address.href().replace(/^[^?#]*/, '');
  return {
    q,
    address,
    clock,
    warnings,
    now,
    another: (more) => createQueryParamsOver(writer, { onWarning, ...more }),
    flushed() {
      q.flush();
      return now();
    },
  };
}
