import type { CacheableFunction } from './cacheable-function.js';
import type { CacheInfo, CommonMembers } from './members.js';
import type { CacheDataOptions } from './options.js';

/** A function whose results are kept; every caller gets a copy. */
export interface CachedData<A extends unknown[], R> extends CommonMembers<A, Promise<R>> {
  (...args: A): Promise<R>;
  /** Without arguments all entries of this function, else that of the call. Resolves when no reload finds them. */
  clear(...args: A | []): Promise<void>;
  /** Whether a fresh entry exists, here or on disk. */
  has(...args: A): Promise<boolean>;
  /** A fresh copy from memory, `undefined` where there is none (or only as a Blob); runs nothing. */
  peek(...args: A): R | undefined;
  /** Stores a value without running; resolves when a reload finds it. */
  prime(value: R, ...args: A): Promise<void>;
  /** Waits for what this tab is writing. */
  info(): Promise<CacheInfo>;
  /** The original function. */
  readonly wrapped: (...args: A) => R | Promise<R>;
  readonly name: string;
  readonly length: number;
}

export interface CacheData {
  <F extends CacheableFunction>(
    fn: F,
    options?: CacheDataOptions<Parameters<F>, ReturnType<F>>,
  ): CachedData<Parameters<F>, Awaited<ReturnType<F>>>;
  <A extends unknown[], R>(fn: (...args: A) => R, options?: CacheDataOptions<A, R>): CachedData<A, Awaited<R>>;
  /** Options first; also a decorator of methods. */
  (
    options?: CacheDataOptions,
  ): {
    <F extends CacheableFunction>(fn: F): CachedData<Parameters<F>, Awaited<ReturnType<F>>>;
    <This, A extends unknown[], R>(
      fn: (this: This, ...args: A) => R,
      context?: ClassMethodDecoratorContext<This, (this: This, ...args: A) => R>,
    ): CachedData<A, Awaited<R>>;
  };
  /** Clears all functions of this kind, in this tab and on disk, or the entries of a tag. */
  clear(target?: { tag: string }): Promise<void>;
  /** Of all functions that were used on this page. */
  info(): Promise<CacheInfo[]>;
}
