import { shared } from '../registry.js';
import { type CacheCore, createCore } from './records.js';

/** Budget of the memory tier in bytes, where `createCache({ memory })` does not say another one. */
export const defaultMemory = 64_000_000;

/** What the default `cacheData` and `cacheResource` share. */
export const defaultCore = (): CacheCore => shared('cache', () => createCore(defaultMemory));

/**
 * Neither a page nor a worker: memory belongs to all users there, so nothing may be kept. Asked late, because tests and
 * frameworks bring a document later.
 */
export function isServer(): boolean {
  const { WorkerGlobalScope } = globalThis as { WorkerGlobalScope?: new () => object };
  return (
    typeof document === 'undefined' &&
    typeof indexedDB === 'undefined' &&
    !(typeof WorkerGlobalScope === 'function' && globalThis instanceof WorkerGlobalScope)
  );
}
