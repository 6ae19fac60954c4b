// What the panels share: the instances of this page, redrawing, rows.
import type { CacheResource } from '../cache/cache-resource.js';
import type { CacheState } from '../cache/cache-state.js';
import type { Context } from '../context/context.js';
import type { QueryParams } from '../query-params/members.js';
import type { TokenBucket } from '../query-params/rate.js';
import type { QueryWriter } from '../query-params/writer.js';
import type { SessionState } from '../session-state/members.js';
import type { Recorder } from './recorder.js';

/** What this page's copy of the library offers, found in its registry; a feature that is not loaded is missing. */
export interface PageInstances {
  sessionState?: SessionState;
  queryParams?: QueryParams;
  /** The history calls that this page may still make at once, and who writes the query. */
  queryParamsPage?: { bucket: TokenBucket; search?: QueryWriter };
  context?: Context;
  /** What the default `cacheData` and `cacheResource` share. */
  cache?: CacheState;
  cacheResource?: CacheResource;
}

export const instances = (): PageInstances =>
  (globalThis as unknown as Record<symbol, PageInstances | undefined>)[Symbol.for('tabstate.v1')] ?? {};

/** One tab of the inspector. `render` fills the element and returns the function that lets go of everything. */
export interface Panel {
  title: string;
  render(root: HTMLElement, recorder: Recorder): () => void;
}

/**
 * Runs `draw` now and again soon after it is asked to, once for many changes. A timer, because animation frames stop in
 * frames that are out of sight.
 */
export function redrawn(draw: () => void): { again: () => void; stop: () => void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  draw();
  return {
    again: () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        draw();
      }, 30);
    },
    stop: () => clearTimeout(timer),
  };
}

/** Rows that are drawn at first; more on demand, so that 10,000 entries cost no more than these. */
export const rowsAtOnce = 100;
