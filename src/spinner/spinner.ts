import { systemClock } from '../browser/clock.js';

export interface SpinnerOptions {
  /** Adds the seconds that have passed, in steps of 0.1. Default: `false`. */
  showTime?: boolean;
  /** Seconds before it shows. Default: 0.5. */
  delay?: number;
}

// :where() lets any rule of the page win. The colours are fixed: what is below is not known
const css = `:where(.tabstate-spinner) {
  position: fixed; inset: 1rem 1rem auto auto; z-index: 2147483647; max-width: calc(100vw - 2rem); box-sizing: border-box;
  padding: 0.5rem 0.75rem; border-radius: 0.5rem; background: #262730; color: #fff; font: 0.875rem/1.4 system-ui, sans-serif;
  box-shadow: 0 2px 8px #0006; pointer-events: none; overflow-wrap: anywhere }
:where(.tabstate-spinner > div) { display: flex; gap: 0.5rem; align-items: center; white-space: pre-wrap }
:where(.tabstate-spinner > div)::before {
  content: ""; flex: none; width: 0.75rem; height: 0.75rem; border: 2px solid #fff6; border-top-color: #fff; border-radius: 50%;
  animation: tabstate-spin 0.8s linear infinite }
:where(.tabstate-spinner span) { font-variant-numeric: tabular-nums }
@keyframes tabstate-spin { to { transform: rotate(1turn) } }
@media (prefers-reduced-motion: reduce) { :where(.tabstate-spinner > div)::before { animation-duration: 8s } }
@media print { :where(.tabstate-spinner) { display: none } }`;

let sheet: CSSStyleSheet | undefined;
let status: HTMLElement | undefined;

/** One element for all that is running, with a line each. An adopted style sheet passes a strict Content-Security-Policy. */
function addLine(line: HTMLElement): void {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
  }
  if (!document.adoptedStyleSheets.includes(sheet))
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  if (!status) {
    status = document.createElement('div');
    status.className = 'tabstate-spinner';
    status.setAttribute('role', 'status');
  }
  if (!status.isConnected) (document.body ?? document.documentElement).append(status);
  status.append(line);
}

/**
 * Shows a spinner after `delayMs`, until the returned function is called (twice is harmless). Nothing without a document.
 */
export function showSpinner(
  text: string,
  { showTime = false, delayMs = 500 }: { showTime?: boolean | undefined; delayMs?: number } = {},
): () => void {
  // a timer of more than 31 bits fires at once
  if (typeof document === 'undefined' || delayMs > 2 ** 31 - 1) return () => {};
  const start = systemClock.monotonic();
  let line: HTMLElement | undefined;
  let cancel: () => void = () => {};

  const show = (): void => {
    line = document.createElement('div');
    line.append(text);
    if (showTime) {
      const time = document.createElement('span');
      // a screen reader would tell it ten times a second
      time.setAttribute('aria-hidden', 'true');
      const tick = (): void => {
        time.textContent = ` (${((systemClock.monotonic() - start) / 1000).toFixed(1)} s)`;
        cancel = systemClock.after(100, tick);
      };
      tick();
      line.append(time);
    }
    addLine(line);
  };

  if (delayMs <= 0) show();
  else cancel = systemClock.after(delayMs, show);
  return () => {
    cancel();
    line?.remove();
    if (!status?.firstChild) status?.remove();
  };
}

/**
 * Shows a text with a spinner while `work` runs, once that has taken half a second.
 *
 * It is an element with the class `tabstate-spinner` and `role="status"`; rules of the page for this class win over its
 * own. Without a document (server, worker) the work runs and nothing shows.
 *
 * @param work - a promise, or a function that is called at once
 * @returns What `work` gives. Its error passes through.
 * @throws TypeError (rejects) if `delay` is not a number of seconds from 0
 * @example
 * const table = await spinner('Loading the table…', () => loadTable(), { showTime: true });
 */
export async function spinner<T>(
  text: string,
  work: Promise<T> | (() => T | Promise<T>),
  { showTime, delay = 0.5 }: SpinnerOptions = {},
): Promise<T> {
  if (typeof delay !== 'number' || !(delay >= 0))
    throw new TypeError('spinner(text, work, { delay }): "delay" must be a number of seconds, 0 or more.');
  const hide = showSpinner(text, { showTime, delayMs: delay * 1000 });
  try {
    return await (typeof work === 'function' ? work() : work);
  } finally {
    hide();
  }
}
