// The spinner on the page; loaded when one is first shown.
import { systemClock } from '../browser/clock.js';

// :where() lets any rule of the page win. The colours are fixed: what is below is not known
const css = `:where(.tabstate-spinner) {
  position: fixed; inset: 1rem 1rem auto auto; z-index: 2147483647; max-width: calc(100vw - 2rem); box-sizing: border-box;
  margin: 0; border: 0; overflow: visible;
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

let sheet: CSSStyleSheet | HTMLStyleElement | undefined;
let status: HTMLElement | undefined;
let observer: MutationObserver | undefined;

/** An adopted style sheet passes a strict Content-Security-Policy; jsdom and old engines adopt none. */
function addStyle(): void {
  if (document.adoptedStyleSheets) {
    if (!sheet) {
      sheet = new CSSStyleSheet();
      sheet.replaceSync(css);
    }
    if (!document.adoptedStyleSheets.includes(sheet as CSSStyleSheet))
      document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet as CSSStyleSheet];
  } else {
    const element = (sheet ??= document.createElement('style')) as HTMLStyleElement;
    element.textContent = css;
    if (!element.isConnected) document.head.append(element);
  }
}

/** Above everything: no z-index is above a modal dialog, and what is shown last is on top of the others. */
function raise(): void {
  if (!status?.showPopover) return;
  status.popover = 'manual';
  try {
    status.hidePopover();
    status.showPopover();
  } catch {
    // in a document that is not shown nothing is a popover, and a closed one would be hidden
    status.removeAttribute('popover');
  }
}

/** One element for all that is running, with a line each. */
function addLine(line: HTMLElement): void {
  addStyle();
  if (!status) {
    status = document.createElement('div');
    status.className = 'tabstate-spinner';
    status.setAttribute('role', 'status');
  }
  if (!status.isConnected) (document.body ?? document.documentElement).append(status);
  status.append(line);
  raise();
  // showModal() sets "open"
  observer ??= new MutationObserver(raise);
  observer.observe(document, { subtree: true, attributeFilter: ['open'] });
}

export interface ShowOptions {
  readonly showTime?: boolean | undefined;
  readonly delayMs?: number;
  /** When the work began, on the monotonic clock. Default: now. */
  readonly startedAt?: number;
}

/**
 * Shows a spinner `delayMs` after the start, until the returned function is called (twice is harmless). Nothing without a
 * document. It never throws: a page that lacks what a spinner needs gets none.
 */
export function showSpinner(text: string, options: ShowOptions = {}): () => void {
  const now = systemClock.monotonic();
  const { showTime = false, delayMs = 500, startedAt = now } = options;
  const waitMs = delayMs - (now - startedAt);
  // a timer of more than 31 bits fires at once
  if (typeof document === 'undefined' || waitMs > 2 ** 31 - 1) return () => {};
  let line: HTMLElement | undefined;
  let cancel: () => void = () => {};

  const show = (): void => {
    try {
      const added = document.createElement('div');
      added.append(text);
      if (showTime) {
        const time = document.createElement('span');
        // a screen reader would tell it ten times a second
        time.setAttribute('aria-hidden', 'true');
        const tick = (): void => {
          time.textContent = ` (${((systemClock.monotonic() - startedAt) / 1000).toFixed(1)} s)`;
          cancel = systemClock.after(100, tick);
        };
        tick();
        added.append(time);
      }
      line = added;
      addLine(added);
    } catch {
      // the work is what counts, and an error of a timer would end a test run
      hide();
    }
  };
  const hide = (): void => {
    cancel();
    line?.remove();
    if (status?.firstChild) return;
    status?.remove();
    observer?.disconnect();
  };

  if (waitMs <= 0) show();
  else cancel = systemClock.after(waitMs, show);
  return hide;
}
