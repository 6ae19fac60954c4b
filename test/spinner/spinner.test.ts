// The spinner: when it shows, what it says, where it stands.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { spinner } from '../../src/index.js';
import { showSpinner } from '../../src/spinner/show-spinner.js';

const shown = (): (string | null)[] => [...document.querySelectorAll('.tabstate-spinner')].map((e) => e.textContent);
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
});

afterEach(() => {
  vi.useRealTimers();
});

describe('spinner', () => {
  it('[CAC-176] never shows for work of 0.1 s', async () => {
    const done = spinner('short', () => wait(100).then(() => 7));
    await vi.advanceTimersByTimeAsync(99);
    expect(shown()).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(await done).toBe(7);
    await vi.advanceTimersByTimeAsync(1000);
    expect(shown()).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('[CAC-176] shows from 0.5 s to the end, for a promise and for a function', async () => {
    for (const isFunction of [true, false]) {
      const done = spinner('Loading `x`', isFunction ? () => wait(1000) : wait(1000));
      await vi.advanceTimersByTimeAsync(499);
      expect(shown()).toEqual([]);
      await vi.advanceTimersByTimeAsync(1);
      expect(shown()).toEqual(['Loading `x`']);
      expect(document.querySelector('.tabstate-spinner')?.getAttribute('role')).toBe('status');
      expect(document.querySelector('.tabstate-spinner')?.parentElement).toBe(document.body);
      await vi.advanceTimersByTimeAsync(500);
      await done;
      expect(shown()).toEqual([]);
    }
    expect(vi.getTimerCount()).toBe(0);
  });

  it('[CAC-176] passes errors on and leaves no element', async () => {
    const error = new Error('work failed');
    const sync = spinner('x', () => {
      throw error;
    });
    await expect(sync).rejects.toBe(error);
    const late = spinner('x', () => wait(800).then(() => Promise.reject(error)));
    const caught = expect(late).rejects.toBe(error);
    await vi.advanceTimersByTimeAsync(600);
    expect(shown()).toEqual(['x']);
    await vi.advanceTimersByTimeAsync(200);
    await caught;
    expect(shown()).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('[CAC-176] shows one after another, and several at once in one element', async () => {
    const one = spinner('one', () => wait(1000));
    await vi.advanceTimersByTimeAsync(400);
    const two = spinner('two', () => wait(1000));
    await vi.advanceTimersByTimeAsync(200);
    expect(shown()).toEqual(['one']);
    await vi.advanceTimersByTimeAsync(300);
    expect(document.querySelectorAll('.tabstate-spinner')).toHaveLength(1);
    expect([...document.querySelectorAll('.tabstate-spinner > div')].map((e) => e.textContent)).toEqual(['one', 'two']);
    await vi.advanceTimersByTimeAsync(100);
    await one;
    expect(shown()).toEqual(['two']);
    await vi.advanceTimersByTimeAsync(400);
    await two;
    expect(shown()).toEqual([]);
  });

  it('[CAC-175] shows the time in steps of 0.1 s when asked to, not to screen readers', async () => {
    const done = spinner('Loading', () => wait(2000), { showTime: true });
    await vi.advanceTimersByTimeAsync(500);
    expect(shown()).toEqual(['Loading (0.5 s)']);
    await vi.advanceTimersByTimeAsync(100);
    expect(shown()).toEqual(['Loading (0.6 s)']);
    await vi.advanceTimersByTimeAsync(900);
    expect(shown()).toEqual(['Loading (1.5 s)']);
    expect(document.querySelector('.tabstate-spinner span')?.getAttribute('aria-hidden')).toBe('true');
    await vi.advanceTimersByTimeAsync(500);
    await done;
    expect(vi.getTimerCount()).toBe(0);
  });

  it('takes a delay in seconds', async () => {
    const now = spinner('now', () => wait(10), { delay: 0 });
    expect(shown()).toEqual(['now']);
    const later = spinner('later', () => wait(3000), { delay: 2 });
    await vi.advanceTimersByTimeAsync(1999);
    await now;
    expect(shown()).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(shown()).toEqual(['later']);
    const never = spinner('never', () => wait(1000), { delay: Number.POSITIVE_INFINITY });
    await vi.advanceTimersByTimeAsync(1000);
    await Promise.all([later, never]);
    expect(shown()).toEqual([]);
    for (const [delay, name] of [
      [-1, 'RangeError'],
      [Number.NaN, 'RangeError'],
      ['1' as never, 'TypeError'],
    ] as const)
      await expect(spinner('x', () => 1, { delay })).rejects.toMatchObject({
        name,
        message: expect.stringContaining('"delay"'),
      });
  });

  it('takes null for its options', async () => {
    expect(await spinner('x', () => 1, null)).toBe(1);
    expect(await spinner('x', () => 2, { delay: null, showTime: null })).toBe(2);
  });

  it('shows an empty one and takes text as text', async () => {
    const hides = [showSpinner('', { delayMs: 0 }), showSpinner('<b>x</b>', { delayMs: 0 })];
    expect(shown()).toEqual(['<b>x</b>']);
    expect(document.querySelectorAll('.tabstate-spinner > div')).toHaveLength(2);
    for (const hide of [...hides, ...hides]) hide();
    expect(shown()).toEqual([]);
  });

  it('comes back after the page emptied its body', () => {
    const hide = showSpinner('one', { delayMs: 0 });
    document.body.replaceChildren();
    const hideOther = showSpinner('two', { delayMs: 0 });
    expect(document.querySelectorAll('.tabstate-spinner > div')).toHaveLength(2);
    hide();
    hideOther();
    expect(shown()).toEqual([]);
  });
});
