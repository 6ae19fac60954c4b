// A spinner and modal dialogs.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { showSpinner } from '../../src/spinner/show-spinner.js';

const dialogs: HTMLDialogElement[] = [];
function openDialog(): HTMLDialogElement {
  const dialog = document.createElement('dialog');
  dialog.style.cssText = 'width: 100vw; height: 100vh; max-width: none; max-height: none';
  dialog.innerHTML = '<button>inside</button>';
  document.body.append(dialog);
  dialogs.push(dialog);
  dialog.showModal();
  return dialog;
}
afterEach(() => {
  for (const dialog of dialogs.splice(0)) dialog.remove();
});

/** What is painted at the spinner's centre. A modal dialog makes the rest of the page inert, which is not found by hit tests. */
const isOnTop = (dialog: HTMLElement): boolean => {
  const status = document.querySelector('.tabstate-spinner') as HTMLElement;
  if (!status.matches(':popover-open')) return false;
  // the top layer paints in the order in which elements entered it: a popover that is shown again enters last
  return order.lastIndexOf(status) > order.lastIndexOf(dialog);
};
const order: Element[] = [];
const { showModal } = HTMLDialogElement.prototype;
const { showPopover } = HTMLElement.prototype;
HTMLDialogElement.prototype.showModal = function () {
  order.push(this);
  showModal.call(this);
};
HTMLElement.prototype.showPopover = function () {
  order.push(this);
  showPopover.call(this);
};

describe('a spinner and modal dialogs', () => {
  it('is above a dialog that was open before', () => {
    const dialog = openDialog();
    const hide = showSpinner('Loading', { delayMs: 0 });
    expect(isOnTop(dialog)).toBe(true);
    hide();
    expect(document.querySelector('.tabstate-spinner')).toBe(null);
  });

  it('is above dialogs that open later, and keeps the focus where it is', async () => {
    const hide = showSpinner('Loading', { delayMs: 0 });
    const dialog = openDialog();
    await vi.waitFor(() => expect(isOnTop(dialog)).toBe(true));
    const inner = openDialog();
    await vi.waitFor(() => expect(isOnTop(inner)).toBe(true));
    expect(inner.contains(document.activeElement)).toBe(true);
    inner.close();
    await Promise.resolve();
    const second = showSpinner('more', { delayMs: 0 });
    expect(isOnTop(dialog)).toBe(true);
    hide();
    second();
    const count = order.length;
    openDialog();
    await Promise.resolve();
    await Promise.resolve();
    expect(order.length).toBe(count + 1);
  });

  it('looks the same in the top layer', () => {
    const hide = showSpinner('Loading', { delayMs: 0 });
    const status = document.querySelector('.tabstate-spinner') as HTMLElement;
    const { top, right } = status.getBoundingClientRect();
    expect(Math.round(top)).toBe(16);
    expect(Math.round(document.documentElement.clientWidth - right)).toBe(16);
    expect(getComputedStyle(status).borderTopWidth).toBe('0px');
    hide();
  });
});
