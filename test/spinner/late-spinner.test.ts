// A spinner whose code comes late.
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { showSpinnerLate } from '../../src/spinner/late-spinner.js';
import { microtasks } from '../helpers/caches.js';

const shown = (): (string | null)[] => [...document.querySelectorAll('.tabstate-spinner')].map((e) => e.textContent);

describe('a spinner whose code is loaded late', () => {
  beforeAll(async () => {
    // its first use loads it
    const hide = showSpinnerLate('first', {});
    await vi.waitFor(() => import('../../src/spinner/show-spinner.js'));
    hide();
  });
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
  });
  afterEach(() => vi.useRealTimers());

  it('does not show what was over before its code came', async () => {
    await microtasks();
    expect(shown()).toEqual([]);
  });

  it('shows after half a second, and goes', async () => {
    const hide = showSpinnerLate('Loading', { showTime: true });
    await microtasks();
    vi.advanceTimersByTime(499);
    expect(shown()).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(shown()).toEqual(['Loading (0.5 s)']);
    hide();
    hide();
    expect(shown()).toEqual([]);
  });
});
