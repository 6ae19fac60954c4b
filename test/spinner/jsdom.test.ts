// @vitest-environment jsdom
import { afterEach, describe, expect, it, vi } from 'vitest';
import { spinner } from '../../src/index.js';
import { showSpinner } from '../../src/spinner/show-spinner.js';

const shown = (): (string | null)[] => [...document.querySelectorAll('.tabstate-spinner')].map((e) => e.textContent);

// jsdom is without adopted style sheets and popovers; the same file runs in browsers, which have them
describe('a spinner in a page that lacks what it needs', () => {
  afterEach(() => vi.restoreAllMocks());

  it('[CAC-176] shows, is styled and goes', async () => {
    let end: (value: number) => void = () => {};
    const done = spinner('Loading', () => new Promise<number>((resolve) => (end = resolve)), { delay: 0 });
    expect(shown()).toEqual(['Loading']);
    const element = document.querySelector('.tabstate-spinner') as HTMLElement;
    expect(getComputedStyle(element).position).toBe('fixed');
    end(5);
    expect(await done).toBe(5);
    expect(shown()).toEqual([]);
  });

  it.each([
    [
      'elements',
      () =>
        vi.spyOn(document, 'createElement').mockImplementation(() => {
          throw new Error('no elements');
        }),
    ],
    ['head', () => vi.spyOn(document, 'head', 'get').mockReturnValue(null as never)],
    [
      'append',
      () =>
        vi.spyOn(Element.prototype, 'append').mockImplementation(() => {
          throw new Error('no append');
        }),
    ],
    [
      'MutationObserver',
      () =>
        vi.spyOn(globalThis, 'MutationObserver').mockImplementation((() => {
          throw new Error('none');
        }) as never),
    ],
  ])('[CAC-176] the work goes on without %s', async (_what, take) => {
    take();
    expect(await spinner('x', async () => 7, { delay: 0, showTime: true })).toBe(7);
    showSpinner('y', { delayMs: 0 })();
    vi.restoreAllMocks();
    expect(shown()).toEqual([]);
  });

  it('[CAC-176] shows without popovers', () => {
    const { showPopover } = HTMLElement.prototype as { showPopover?: () => void };
    HTMLElement.prototype.showPopover = () => {
      throw new DOMException('not here', 'NotSupportedError');
    };
    const hide = showSpinner('x', { delayMs: 0 });
    expect(document.querySelector('.tabstate-spinner')?.hasAttribute('popover')).toBe(false);
    if (showPopover) HTMLElement.prototype.showPopover = showPopover;
    else Reflect.deleteProperty(HTMLElement.prototype, 'showPopover');
    hide();
    expect(shown()).toEqual([]);
  });
});
