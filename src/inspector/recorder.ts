// What has happened on this page and in other tabs while the inspector was on the page, and the calls that can be run again.
import type { CacheState, Watcher } from '../cache/cache-state.js';
import type { Identity } from '../cache/identity.js';
import type { Call } from '../cache/wrap.js';
import { describeArgs } from '../core/describe-args.js';
import { instances } from './page.js';

/** What happened, as often as it did without anything else between. Names only, never values. */
export interface Happening {
  at: number;
  readonly tab: string;
  readonly what: string;
  readonly name: string;
  times: number;
}

export interface Recorder {
  /** The newest first. */
  readonly happenings: Happening[];
  /** How an entry came about: known of what was called on this page. */
  callOf(identity: Identity, key: string): Call | undefined;
  /** Called after everything that happens. */
  onHappening(listener: () => void): () => void;
  /** Finds parts of the library that were not on the page yet. */
  attach(): void;
  stop(): void;
}

const most = 200;
/** Calls that are remembered of each function, with their arguments. */
const mostCalls = 1000;

/** The name of an entry: `getUser(7)`. @param args - in short */
export const nameOf = ({ label }: Identity, args = '…'): string => `${label}(${args})`;

export function createRecorder(): Recorder {
  const happenings: Happening[] = [];
  const listeners = new Set<() => void>();
  const calls = new WeakMap<Identity, Map<string, Call>>();
  const ends: (() => void)[] = [];
  let cache: CacheState | undefined;
  let isHearing = { sessionState: false, queryParams: false };

  const add = (tab: string, what: string, name: string): void => {
    const [last] = happenings;
    if (last?.tab === tab && last.what === what && last.name === name) {
      last.times++;
      last.at = Date.now();
    } else happenings.unshift({ at: Date.now(), tab, what, name, times: 1 });
    happenings.length = Math.min(happenings.length, most);
    for (const listener of listeners) listener();
  };
  const callOf: Recorder['callOf'] = (identity, key) => calls.get(identity)?.get(key);
  const watcher: Watcher = {
    begin(call) {
      const { w, key } = call;
      const known = calls.get(w.identity) ?? new Map<string, Call>();
      calls.set(w.identity, known);
      // again: the newest is last
      known.delete(key);
      known.set(key, call);
      if (known.size > mostCalls) known.delete(known.keys().next().value as string);
    },
    tell(identity, key, { type, tab, args = key === undefined ? undefined : callOf(identity, key)?.args }) {
      add(tab, type, nameOf(identity, args ? describeArgs(args) : key));
    },
  };

  return {
    happenings,
    callOf,
    onHappening(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    attach() {
      const page = instances();
      cache ??= page.cache;
      if (cache) cache.watcher ??= watcher;
      for (const state of ['sessionState', 'queryParams'] as const) {
        if (isHearing[state] || !page[state]) continue;
        isHearing[state] = true;
        ends.push(
          page[state].subscribe((changes: { key: string; value: unknown }[]) => {
            for (const { key, value } of changes)
              add('this', value === undefined ? 'delete' : 'set', `${state}.${key}`);
          }),
        );
      }
    },
    stop() {
      for (const end of ends.splice(0)) end();
      isHearing = { sessionState: false, queryParams: false };
      if (cache?.watcher === watcher) delete cache.watcher;
    },
  };
}
