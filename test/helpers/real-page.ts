// queryParams over the address of the page that the tests run in.
import { createAddress, type HistoryMode } from '../../src/browser/address.js';
import { systemClock } from '../../src/browser/clock.js';
import type { Warning } from '../../src/core/warning.js';
import type { QueryParams, QueryParamsOptions } from '../../src/query-params/members.js';
import { createQueryParamsOver } from '../../src/query-params/query-params.js';
import { createTokenBucket } from '../../src/query-params/rate.js';
import { createWriter } from '../../src/query-params/writer.js';

export interface RealPage {
  q: QueryParams;
  warnings: Warning[];
  /** History calls that were made through the address since the page was given. */
  readonly calls: HistoryMode[];
  /** How many browser listeners there are. */
  readonly listeners: number;
  flushed(): string;
  now(): string;
}

/** Query and hash of the real address. */
export const here = (): string => location.search + location.hash;

/**
 * queryParams over the browser's own address and history, set to this query, hash and state. The bucket of tokens is
 * its own, so that tests do not wait for each other's.
 */
export function realPage(given = '', options: QueryParamsOptions = {}, state: unknown = null): RealPage {
  if (here() !== given || state !== null) history.replaceState(state, '', location.pathname + given);
  const address = createAddress();
  const calls: HistoryMode[] = [];
  const warnings: Warning[] = [];
  let listeners = 0;
  const writer = createWriter(
    {
      address: {
        ...address,
        write(url, mode, queryStart) {
          calls.push(mode);
          address.write(url, mode, queryStart);
        },
        listen(listener) {
          listeners++;
          const stop = address.listen(listener);
          return () => {
            listeners--;
            stop();
          };
        },
      },
      clock: systemClock,
      bucket: createTokenBucket(),
      isHash: options.source === 'hash',
    },
    options.navigate,
  );
  const q = createQueryParamsOver(writer, { onWarning: (warning) => warnings.push(warning), ...options });
  return {
    q,
    warnings,
    calls,
    get listeners() {
      return listeners;
    },
    now: here,
    flushed() {
      q.flush();
      return here();
    },
  };
}
