// Caches of their own for tests, with runs that are counted, and time.
import { vi } from 'vitest';
import type { CacheData } from '../../src/cache/cache-data.js';
import { createCache } from '../../src/cache/create-cache.js';
import type { Warning } from '../../src/core/warning.js';

type Fn = (...args: any[]) => any;

/** The members of both kinds, always awaited in tests. */
export type AnyCached = Fn & Record<string, any>;

export interface TestCache {
  cacheData: CacheData;
  cacheResource: ReturnType<typeof createCache>['cacheResource'];
  warnings: Warning[];
  codes(): string[];
  /** Wraps with either kind; data in memory only. */
  wrap(kind: Kind, fn: Fn, options?: object): AnyCached;
}

export type Kind = 'data' | 'resource';
export const kinds: Kind[] = ['data', 'resource'];

let made = 0;

/** A cache of its own, with a database of its own, so that tests do not meet. */
export function testCache(options: object = {}): TestCache {
  const warnings: Warning[] = [];
  const name = `test ${Date.now()} ${++made}`;
  const cache = createCache({ name, onWarning: (warning) => warnings.push(warning), ...options });
  return {
    ...cache,
    warnings,
    codes: () => warnings.map(({ code }) => code),
    wrap: (kind, fn, given = {}) =>
      kind === 'data'
        ? (cache.cacheData(fn, { persist: false, ...given }) as unknown as AnyCached)
        : (cache.cacheResource(fn, given) as unknown as AnyCached),
  };
}

/** Counts runs: `counted((x) => x)` has `.runs`, the arguments of each run. */
export function counted<F extends Fn>(fn: F): F & { runs: any[][] } {
  const runs: any[][] = [];
  const wrapper = function (this: unknown, ...args: any[]) {
    runs.push(args);
    return fn.apply(this, args);
  };
  return Object.assign(wrapper as unknown as F, { runs });
}

/** Fakes both clocks; `to(seconds)` moves them to a time since the call. */
export function fakeTime(): { to(seconds: number): void } {
  vi.useFakeTimers();
  let at = 0;
  return {
    to(seconds) {
      vi.advanceTimersByTime(seconds * 1000 - at);
      at = seconds * 1000;
    },
  };
}

/** A promise with its ends outside. */
export function deferred<T = unknown>(): {
  promise: Promise<T>;
  resolve(value: T): void;
  reject(error: unknown): void;
} {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

/** What a call throws or rejects with. */
export async function failure(run: () => unknown): Promise<any> {
  try {
    await run();
  } catch (error) {
    return error;
  }
  throw new Error('It did not fail.');
}

/** Lets promise callbacks run. */
export async function microtasks(): Promise<void> {
  for (let i = 0; i < 30; i++) await Promise.resolve();
}
