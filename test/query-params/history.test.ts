// What a write of queryParams leaves in the URL, the state and the history.
import { describe, expect, it, vi } from 'vitest';
import { createQueryParams, queryParams } from '../../src/index.js';
import { fakePage } from '../helpers/fake-address.js';
import { here, realPage } from '../helpers/real-page.js';

const back = async (): Promise<void> => {
  const restored = new Promise((resolve) => addEventListener('popstate', resolve, { once: true }));
  history.back();
  await restored;
};

describe('queryParams, URL, state and history', () => {
  it('[QRY-54] keeps hash and state', () => {
    const { q, flushed } = realPage('?a=1#sec', {}, { router: { key: 'k' } });
    const { length } = history;
    q.a = 2;
    expect(flushed()).toBe('?a=2#sec');
    expect(history.state).toEqual({ router: { key: 'k' } });
    expect(history.length).toBe(length);
  });

  it('[QRY-55] keeps a copy of the address in the state in step', () => {
    const current = `${location.pathname}?z=0#h`;
    const { q, flushed } = realPage('?z=0#h', {}, { current, position: 3 });
    q.k = 1;
    expect(flushed()).toBe('?z=0&k=1#h');
    expect(history.state).toEqual({ current: `${location.pathname}?z=0&k=1#h`, position: 3 });
  });

  it.each([
    ['of another address', '/elsewhere?z=0'],
    ['that begins after the query', '#h'],
    ['that is empty', ''],
    ['that is no text', { path: '/p' }],
  ])('[QRY-55] leaves a current %s alone', (_, current) => {
    const { q, flushed } = realPage('?z=0#h', {}, { current });
    q.k = 1;
    flushed();
    expect(history.state).toEqual({ current });
  });

  it('[QRY-55] keeps it in step in the hash, too', () => {
    const { q, flushed } = realPage('#/route?x=1', { source: 'hash' }, { current: '/route?x=1' });
    q.x = 2;
    expect(flushed()).toBe('#/route?x=2');
    expect(history.state).toEqual({ current: '/route?x=2' });
  });

  it('[QRY-56] is not bent by <base href>', () => {
    const base = document.createElement('base');
    base.href = '/other/dir/';
    document.head.append(base);
    try {
      const path = location.pathname;
      const { q, flushed } = realPage('');
      q.x = 'é';
      expect(flushed()).toBe('?x=%C3%A9');
      expect(location.pathname).toBe(path);
      expect(q.href({ y: 1 })).toBe(`${location.origin}${path}?x=%C3%A9&y=1`);
    } finally {
      base.remove();
    }
  });

  it('[QRY-56] is not bent by a path that looks like a host', () => {
    const { q, address, flushed } = fakePage('http://h//foo');
    q.x = 'é';
    expect(flushed()).toBe('?x=%C3%A9');
    expect(address.href()).toBe('http://h//foo?x=%C3%A9');
  });

  it('[QRY-58] pushes and plain sets of a task make one entry', async () => {
    const { q, calls } = realPage('');
    // drops the entries of earlier tests that lie ahead
    history.pushState(null, '', location.pathname);
    const { length } = history;
    q.set('a', 1, { history: 'push' });
    q.set('b', 2, { history: 'push' });
    q.c = 3;
    q.set('d', 4, { history: 'push' });
    await Promise.resolve();
    expect(here()).toBe('?a=1&b=2&c=3&d=4');
    expect(calls).toEqual(['push']);
    expect(history.length).toBe(length + 1);
    await back();
    expect(here()).toBe('');
    expect([...q]).toEqual([]);
  });

  it('[QRY-58] a push of what the same task has set plainly is a push', async () => {
    const { q, address } = fakePage();
    q.a = 1;
    q.set('a', 1, { history: 'push' });
    await Promise.resolve();
    expect(address.calls).toEqual([{ url: 'http://h/p?a=1', mode: 'push' }]);
  });

  it('[QRY-59] a push that changes nothing makes no entry', async () => {
    const { q, flushed, calls } = realPage('?a=1');
    q.set('a', 1, { history: 'push' });
    flushed();
    expect(calls).toEqual([]);
    q.b = 2;
    flushed();
    expect(calls).toEqual(['replace']);
    q.set('b', 3, { history: 'push' });
    q.b = 2;
    await Promise.resolve();
    q.b = 4;
    flushed();
    expect(calls).toEqual(['replace', 'replace']);
  });

  it('[QRY-60] push by default, replace per call', () => {
    const { q, flushed, calls } = realPage('', { history: 'push' });
    q.a = 1;
    flushed();
    q.set('a', 2, { history: 'replace' });
    expect(flushed()).toBe('?a=2');
    expect(calls).toEqual(['push', 'replace']);
  });

  it('[QRY-60] an option of a single call wins everywhere', () => {
    const { q, address, flushed } = fakePage('?a=1&b=2', { history: 'push' });
    const view = q.define({ n: 0 });
    const replace = { history: 'replace' } as const;
    for (const write of [
      () => q.delete('a', replace),
      () => q.setDefault('c', 1, replace),
      () => q.update({ d: 1 }, replace),
      () => q.fromDict({ e: 1 }, replace),
      () => view.update({ n: 1 }, replace),
      () => view.reset(replace),
      () => q.clear(replace),
    ]) {
      write();
      flushed();
    }
    expect(address.calls.map(({ mode }) => mode)).toEqual(Array(7).fill('replace'));
    q.x = 1;
    flushed();
    view.n = 1;
    flushed();
    q.ref('x').set('2');
    flushed();
    expect(address.calls.slice(7).map(({ mode }) => mode)).toEqual(['push', 'push', 'push']);
  });

  it('[QRY-61] href gives the absolute URL with pending edits and writes nothing', () => {
    const { q, address } = fakePage('?a=1#h');
    q.c = 3;
    expect(q.href({ a: 2, b: 'x' })).toBe('http://h/p?a=2&c=3&b=x#h');
    expect(q.href()).toBe('http://h/p?a=1&c=3#h');
    expect(q.href({ a: null, c: [] })).toBe('http://h/p#h');
    expect(q.toDict()).toEqual({ a: '1', c: '3' });
    expect(q.toString()).toBe('a=1&c=3');
    expect(address.calls).toEqual([]);
  });

  it('[QRY-62] navigate gets the absolute URL instead of the history API', async () => {
    const navigate = vi.fn();
    const { q, address } = fakePage('', { navigate });
    q.a = 1;
    await Promise.resolve();
    expect(navigate.mock.calls).toEqual([['http://h/p?a=1', 'replace']]);
    expect(q.a).toBe('1');
    q.flush();
    expect(navigate).toHaveBeenCalledTimes(1);
    expect(address.calls).toEqual([]);
  });

  it('[QRY-62] once the address shows the write, it is over', async () => {
    const { q, address, clock, warnings } = fakePage('', {
      navigate: (url) => void clock.after(500, () => address.goto(url, 'other')),
    });
    q.a = 1;
    await clock.advance(1000);
    expect(q.a).toBe('1');
    address.goto('?a=2', 'other');
    expect(q.a).toBe('2');
    expect(clock.waiting).toBe(0);
    expect(address.listeners).toBe(0);
    await clock.advance(20_000);
    expect(warnings).toEqual([]);
  });

  it('[QRY-63] what navigate ignores is dropped after 10 s with one warning', async () => {
    const navigate = vi.fn();
    const { q, clock, warnings } = fakePage('', { navigate });
    const heard = vi.fn();
    q.subscribe('a', heard);
    q.a = 1;
    await clock.advance(9_999);
    expect(q.a).toBe('1');
    await clock.advance(1);
    expect(q.a).toBeUndefined();
    expect(warnings.map(({ code }) => code)).toEqual(['navigate-ignored']);
    expect(warnings[0]?.message).toContain('navigate() did not change the URL in 10 s; the write is dropped.');
    expect(heard.mock.calls).toEqual([
      ['1', undefined],
      [undefined, '1'],
    ]);
    expect(navigate).toHaveBeenCalledTimes(1);
    q.a = 2;
    await clock.advance(20_000);
    expect(navigate).toHaveBeenCalledTimes(2);
    expect(warnings).toHaveLength(1);
  });

  it('an error of navigate is reported and does not reach the writer', async () => {
    const report = vi.fn();
    vi.stubGlobal('reportError', report);
    const { q, clock } = fakePage('', {
      navigate: () => {
        throw new Error('router');
      },
    });
    q.a = 1;
    expect(() => q.flush()).not.toThrow();
    expect(report).toHaveBeenCalledOnce();
    expect(q.a).toBe('1');
    await clock.advance(10_000);
    expect(q.a).toBeUndefined();
    vi.unstubAllGlobals();
  });

  it('[QRY-64] the query inside the hash', () => {
    const { q, flushed, now } = fakePage('?s=1#/route?x=1', { source: 'hash' });
    expect(q.s).toBeUndefined();
    expect(q.x).toBe('1');
    q.x = 2;
    expect(flushed()).toBe('?s=1#/route?x=2');
    expect(q.href({ y: 3 })).toBe('http://h/p?s=1#/route?x=2&y=3');
    q.clear();
    expect(flushed()).toBe('?s=1#/route');
    const empty = fakePage('', { source: 'hash' });
    empty.q.x = 1;
    expect(empty.flushed()).toBe('#?x=1');
    const second = fakePage('#/route?x=1#anchor', { source: 'hash' });
    second.q.x = 2;
    expect(second.flushed()).toBe('#/route?x=2#anchor');
    expect(now()).toBe('?s=1#/route');
  });

  it('[QRY-64] in the real address', () => {
    const { q, flushed } = realPage('?s=1#/route?x=1', { source: 'hash' });
    q.x = 'é&';
    expect(flushed()).toBe('?s=1#/route?x=%C3%A9%26');
    expect(q.x).toBe('é&');
  });

  it('instances of a page see each other at once', () => {
    history.replaceState(null, '', `${location.pathname}?a=1`);
    const other = createQueryParams({ history: 'push' });
    const hash = createQueryParams({ source: 'hash' });
    const heard = vi.fn();
    const stop = other.subscribe('a', heard);
    queryParams.a = 2;
    expect(other.a).toBe('2');
    expect(heard.mock.calls).toEqual([['2', '1']]);
    expect(hash.a).toBeUndefined();
    queryParams.flush();
    expect(here()).toBe('?a=2');
    stop();
    expect(() => createQueryParams({ source: 'x' as never })).toThrow(TypeError);
  });
});
