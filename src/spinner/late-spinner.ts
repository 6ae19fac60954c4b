// The spinner, whose code is loaded when one is to be seen.
import { systemClock } from '../browser/clock.js';
import { reportListenerError } from '../browser/report-error.js';
import type { ShowOptions, showSpinner } from './show-spinner.js';

let show: typeof showSpinner | undefined;
let loading: Promise<void> | undefined;

/** Its code is loaded with the first spinner that may be needed: half a second is time enough. */
const load = (): Promise<void> =>
  (loading ??= (async () => {
    show = (await import('./show-spinner.js')).showSpinner;
  })()
    // without a spinner the work goes on
    .catch(reportListenerError));

/** `showSpinner`, for those that may never need one. */
export function showSpinnerLate(text: string, { showTime }: Pick<ShowOptions, 'showTime'>): () => void {
  if (show) return show(text, { showTime });
  const startedAt = systemClock.monotonic();
  let isOver = false;
  let hide: (() => void) | undefined;
  void load().then(() => {
    if (!isOver) hide = show?.(text, { showTime, startedAt });
  });
  return () => {
    isOver = true;
    hide?.();
  };
}
