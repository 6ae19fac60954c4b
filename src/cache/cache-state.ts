// What all functions of a cache share, and the default cache of the page.
import { reportListenerError } from '../browser/report-error.js';
import { createWarner, type Warning } from '../core/warning.js';
import type { EntryRow } from '../disk/entry.js';
import { shared } from '../registry.js';
import type { CacheEvent } from './bucket.js';
import type { Identity, Kind } from './identity.js';
import type { Memory } from './memory.js';
import { createWeakItems, type WeakItems } from './weak-items.js';
import type { Call } from './wrap.js';

/** What the inspector hears as long as it is on the page. */
export interface Watcher {
  /** A call that memory could not answer. */
  begin(call: Call): void;
  /** @param key - absent where more than one entry is meant */
  tell(identity: Identity, key: string | undefined, event: CacheEvent): void;
}

/** What all functions of a cache share; one per page for the default cache. */
export interface CacheState {
  /** Of the memory, in bytes. */
  readonly budget: number;
  /** Made with the first call. */
  memory?: Memory;
  /** Functions as long as somebody holds them: wrappers may be made in a loop. */
  readonly identities: WeakItems<Identity>;
  /** Those whose live objects must stay within reach of `cacheResource.clear()`. */
  readonly kept: Set<Identity>;
  readonly byName: Map<string, Identity>;
  readonly byFunction: WeakMap<Function, Map<string, Identity>>;
  /** Warns once per code and function. */
  warn(code: string, label: string, message: string, cause?: unknown): void;
  report(warning: Warning): void;
  /** Background refreshes under way. */
  refreshing: number;
  /** Of the newest flight or prime. */
  order: number;
  /** Of the inspector. */
  watcher?: Watcher;
  /** What the inspector asks for; set by `createCacheData`. */
  stored?: {
    /** What lies in the tiers that are in use. */
    rows(): Promise<EntryRow[]>;
    /** Forgets a function's entries, or one of them, here and there. */
    clear(identity: Identity, key?: string): Promise<void>;
  };
}

/** Budget of the memory in bytes, where `createCache({ memory })` does not say another one. */
export const defaultMemory = 64_000_000;

export function createState(budget: number, onWarning?: (warning: Warning) => void): CacheState {
  const { warn: report } = createWarner(onWarning, reportListenerError);
  return {
    budget,
    identities: createWeakItems(),
    kept: new Set(),
    byName: new Map(),
    byFunction: new WeakMap(),
    warn: (code, key, message, cause) =>
      report({ code, key, message: `${key}: ${message}`, ...(cause === undefined ? {} : { cause }) }),
    report,
    refreshing: 0,
    order: 0,
  };
}

/** What the default `cacheData` and `cacheResource` share. */
export const defaultState = (): CacheState => shared('cache', () => createState(defaultMemory));

export const identitiesOf = (state: CacheState, kind: Kind): Identity[] =>
  state.identities.list().filter((identity) => identity.kind === kind);

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
