// spinner(): shows that a promise takes its time.
import { showSpinner } from './show-spinner.js';

export interface SpinnerOptions {
  /** Adds the seconds that have passed, in steps of 0.1. Default: `false`. */
  showTime?: boolean | null;
  /** Seconds before it shows. Default: 0.5. */
  delay?: number | null;
}

/**
 * Shows a text with a spinner while `work` runs, once that has taken half a second.
 *
 * It is an element with the class `tabstate-spinner` and `role="status"`; rules of the page for this class win over its
 * own. Without a document (server, worker) the work runs and nothing shows.
 *
 * @param work - a promise, or a function that is called at once
 * @returns What `work` gives. Its error passes through.
 * @throws TypeError, RangeError (rejects) if `delay` is not a number of seconds from 0
 * @example
 * const table = await spinner('Loading the table…', () => loadTable(), { showTime: true });
 */
export async function spinner<T>(
  text: string,
  work: Promise<T> | (() => T | Promise<T>),
  options?: SpinnerOptions | null,
): Promise<T> {
  const delay = options?.delay ?? 0.5;
  if (!(delay >= 0) || typeof delay !== 'number')
    throw new (typeof delay === 'number' ? RangeError : TypeError)(
      'spinner(text, work, { delay }): "delay" must be a number of seconds, 0 or more.',
    );
  const hide = showSpinner(text, { showTime: options?.showTime ?? false, delayMs: delay * 1000 });
  try {
    return await (typeof work === 'function' ? work() : work);
  } finally {
    hide();
  }
}
