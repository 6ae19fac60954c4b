// The address after every kind of navigation, and who hears of it.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createAddress } from '../../src/browser/address.js';

const home = location.href;
const path = location.pathname;
afterEach(() => history.replaceState(null, '', home));

describe('address.href', () => {
  it('is location.href after every kind of change, in the task of the change', async () => {
    const address = createAddress();
    const changes: (() => unknown)[] = [
      () => history.pushState(null, '', `${path}?a=1`),
      () => history.replaceState(null, '', `${path}?a=2`),
      () => history.replaceState({ only: 'the state' }, ''),
      () => history.pushState(null, '', '/another/path'),
      () => history.pushState(null, '', `${path}?b=1`),
      () => {
        location.hash = '#x';
      },
      () => location.replace('#y'),
      () => {
        location.href = '#z';
      },
    ];
    expect(address.href()).toBe(location.href);
    for (const change of changes) {
      const before = address.href();
      change();
      expect(address.href(), `${change}`).toBe(location.href);
      if (change !== changes[2]) expect(address.href()).not.toBe(before);
    }
    const seen: [string, string][] = [];
    const note = (): void => void seen.push([address.href(), location.href]);
    addEventListener('popstate', note);
    addEventListener('hashchange', note);
    history.back();
    await vi.waitFor(() => expect(seen.length).toBeGreaterThan(0), 5000);
    expect(address.href()).toBe(location.href);
    for (const [read, real] of seen) expect(read).toBe(real);
    removeEventListener('popstate', note);
    removeEventListener('hashchange', note);
  });

  it('does not trust the current entry of a polyfill', () => {
    const real = Object.getOwnPropertyDescriptor(window, 'navigation');
    const currentEntry = {};
    Object.defineProperty(window, 'navigation', { configurable: true, get: () => ({ currentEntry }) });
    try {
      const address = createAddress();
      expect(address.href()).toBe(home);
      history.replaceState(null, '', `${path}?polyfilled`);
      expect(address.href()).toBe(location.href);
    } finally {
      if (real) Object.defineProperty(window, 'navigation', real);
      else Reflect.deleteProperty(window, 'navigation');
    }
  });
});
