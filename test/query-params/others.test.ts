// Changes of the URL that somebody else makes.
import { describe, expect, it, vi } from 'vitest';
import { fakePage } from '../helpers/fake-address.js';
import { here, realPage } from '../helpers/real-page.js';

const path = location.pathname;

const task = (ms = 0): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Spends all tokens, so that plain writes wait. */
const spend = (q: { set(key: string, value: number): void; flush(): void }): void => {
  for (let i = 0; i < 70; i++) {
    q.set('spent', i);
    q.flush();
  }
};

describe('queryParams, changes of others', () => {
  it('[QRY-65] Back tells the listeners of what changed', async () => {
    // an entry of its own to come back to: the one of earlier tests may be skipped on Back
    history.pushState(null, '', path);
    const { q } = realPage('?a=1&b=1');
    const a = vi.fn();
    const b = vi.fn();
    history.pushState(null, '', `${path}?a=2&b=1`);
    const stops = [q.subscribe('a', a), q.subscribe('b', b)];
    history.back();
    await vi.waitFor(() => expect(here()).toBe('?a=1&b=1'), 5000);
    await vi.waitFor(() => expect(a.mock.calls).toEqual([['1', '2']]), 5000);
    await task(20);
    expect(a).toHaveBeenCalledTimes(1);
    expect(b).not.toHaveBeenCalled();
    for (const stop of stops) stop();
  });

  it('[QRY-57] a push makes an entry, Back and forward follow', async () => {
    const { q } = realPage('');
    // drops the entries of earlier tests that lie ahead
    history.pushState(null, '', path);
    const { length } = history;
    q.set('page', 2, { history: 'push' });
    q.flush();
    expect(history.length).toBe(length + 1);
    history.back();
    await vi.waitFor(() => expect(here()).toBe(''));
    expect(q.page).toBeUndefined();
    history.forward();
    await vi.waitFor(() => expect(here()).toBe('?page=2'));
    expect(q.page).toBe('2');
    expect(history.length).toBe(length + 1);
    history.back();
    await vi.waitFor(() => expect(here()).toBe(''));
  });

  it('[QRY-66] a foreign pushState reaches listeners in a microtask, where there is a Navigation API', async () => {
    const { q } = realPage('');
    const heard = vi.fn();
    const stop = q.subscribe('k', heard);
    history.replaceState(null, '', `${path}?k=9`);
    expect(heard).not.toHaveBeenCalled();
    await Promise.resolve();
    await Promise.resolve();
    const hasNavigation = !!(window as { navigation?: { currentEntry: unknown } }).navigation?.currentEntry;
    expect(heard.mock.calls).toEqual(hasNavigation ? [['9', undefined]] : []);
    // elsewhere the next event tells
    dispatchEvent(new Event('popstate'));
    await Promise.resolve();
    await Promise.resolve();
    expect(heard.mock.calls).toEqual([['9', undefined]]);
    stop();
  });

  it('[QRY-67] otherwise the next read does, after it', async () => {
    const { q, address } = fakePage();
    const heard = vi.fn();
    q.subscribe('k', heard);
    address.goto('?k=9');
    expect(q.k).toBe('9');
    expect(heard).not.toHaveBeenCalled();
    await Promise.resolve();
    expect(heard.mock.calls).toEqual([['9', undefined]]);
    await Promise.resolve();
    expect(heard).toHaveBeenCalledTimes(1);
  });

  it('[QRY-67] or the next write, before it', () => {
    const { q, address } = fakePage('?a=1');
    const heard = vi.fn();
    q.subscribe(heard);
    address.goto('?a=2&b=1');
    q.a = 3;
    expect(heard.mock.calls).toEqual([
      [
        [
          { key: 'a', value: '2', previous: '1' },
          { key: 'b', value: '1', previous: undefined },
        ],
      ],
      [[{ key: 'a', value: '3', previous: '2' }]],
    ]);
  });

  it('[QRY-68] a foreign pushState on the same path keeps pending edits', async () => {
    const { q } = realPage('');
    q.a = 1;
    history.pushState(null, '', `${path}?b=2`);
    expect(q.a).toBe('1');
    expect(q.b).toBe('2');
    await Promise.resolve();
    expect(here()).toBe('?b=2&a=1');
    history.back();
    await vi.waitFor(() => expect(here()).toBe(''));
  });

  it('[QRY-69] Back drops what waits for a token', async () => {
    const { q, now, address, clock } = fakePage('?x=1');
    spend(q);
    address.goto('?x=2');
    const heard = vi.fn();
    q.a = 1;
    await clock.advance(100);
    q.subscribe('a', heard);
    expect(now()).toBe('?x=2');
    address.goto('?x=1', 'traverse');
    await clock.advance(2000);
    expect(now()).toBe('?x=1');
    expect(q.a).toBeUndefined();
    expect(heard.mock.calls).toEqual([[undefined, '1']]);
    expect(clock.waiting).toBe(0);
  });

  it.each([
    ['another query', '?x=1', 'drops'],
    ['the same URL', '?x=2', 'drops'],
    ['another hash', '?x=2#h', 'keeps'],
  ])('[QRY-69] without Navigation API, popstate to %s %s', async (_, to, then) => {
    const { q, address, clock, now } = fakePage('?x=2');
    spend(q);
    address.goto('?x=2');
    q.a = 1;
    await clock.advance(0);
    address.goto(to);
    // another listener reads first
    expect(q.a).toBe('1');
    address.goto(to, 'popstate');
    await clock.advance(12_000);
    expect(now()).toBe(then === 'keeps' ? '?x=2&a=1#h' : to);
  });

  it('[QRY-70] a new hash in the same task keeps the edit', async () => {
    const { q } = realPage('');
    q.a = 1;
    location.hash = '#x';
    await Promise.resolve();
    await task();
    expect(here()).toBe('?a=1#x');
    history.back();
    await vi.waitFor(() => expect(location.hash).toBe(''));
  });

  it('[QRY-70] a new hash keeps what waits for a token, with a listener, too, without Navigation API', async () => {
    const { q, address } = fakePage();
    const stop = q.subscribe('b', () => {});
    spend(q);
    q.a = 1;
    await task();
    address.goto('#x', 'popstate');
    expect(q.a).toBe('1');
    expect(address.listeners).toBe(1);
    stop();
    address.goto('#y', 'popstate');
    expect(q.a).toBe('1');
    q.flush();
    expect(address.href()).toMatch(/&a=1#y$/);
    expect(address.listeners).toBe(0);
  });

  it('[QRY-71] another path drops what is pending', async () => {
    const { q, address, clock } = fakePage('?x=1');
    spend(q);
    q.a = 1;
    await clock.advance(0);
    address.goto('/other');
    await clock.advance(12_000);
    expect(address.href()).toBe('http://h/other');
    expect(q.a).toBeUndefined();
  });

  it('[QRY-71] at once, for a read; what is written after it stays', async () => {
    const { q, address, clock } = fakePage('?x=1');
    q.a = 1;
    address.goto('/other');
    expect(q.a).toBeUndefined();
    q.b = 2;
    await clock.advance(0);
    expect(address.href()).toBe('http://h/other?b=2');
  });

  it('[QRY-71] in the hash the path is the one before its query', async () => {
    const { q, address, clock } = fakePage('#/route?x=1', { source: 'hash' });
    q.a = 1;
    address.goto('?s=1#/route?x=1');
    expect(q.a).toBe('1');
    address.goto('?s=1#/other?x=1');
    expect(q.a).toBeUndefined();
    await clock.advance(0);
    expect(address.calls).toEqual([]);
  });

  it('[QRY-72] a new hash tells nobody', async () => {
    const { q } = realPage('?a=1');
    const heard = vi.fn();
    const stop = q.subscribe(heard);
    const stopKey = q.subscribe('a', heard);
    location.hash = '#x';
    await task(20);
    expect(q.a).toBe('1');
    expect(heard).not.toHaveBeenCalled();
    stop();
    stopKey();
    history.back();
    await vi.waitFor(() => expect(location.hash).toBe(''));
  });

  it('[QRY-73] the history API is never patched', async () => {
    const { pushState, replaceState } = history;
    const { q } = realPage('');
    const stop = q.subscribe('a', () => {});
    q.a = 1;
    await Promise.resolve();
    expect(history.pushState).toBe(pushState);
    expect(history.replaceState).toBe(replaceState);
    expect(Object.hasOwn(history, 'pushState') || Object.hasOwn(history, 'replaceState')).toBe(false);
    stop();
  });

  it('[QRY-74] a page that is shown again looks at its URL', async () => {
    const { q } = realPage('?a=1');
    const heard = vi.fn();
    const stop = q.subscribe(heard);
    dispatchEvent(new Event('pageshow'));
    await Promise.resolve();
    expect(heard).not.toHaveBeenCalled();
    expect(q.a).toBe('1');
    stop();
  });

  it('[QRY-75] a listener of a key follows its whole list, a ref its value', () => {
    const { q } = fakePage('?t=a&t=z');
    const key = vi.fn();
    const ref = vi.fn();
    q.subscribe('t', key);
    q.ref('t').listen(ref);
    q.t = ['b', 'z'];
    expect(key.mock.calls).toEqual([['z', 'z']]);
    expect(ref).not.toHaveBeenCalled();
    q.t = 'y';
    expect(ref.mock.calls).toEqual([['y', 'z']]);
  });

  it('[QRY-76] an error of a listener is reported, the others run', () => {
    const report = vi.fn();
    vi.stubGlobal('reportError', report);
    const { q } = fakePage();
    const second = vi.fn();
    q.subscribe('a', () => {
      throw new Error('listener');
    });
    q.subscribe('a', second);
    q.a = 1;
    expect(second.mock.calls).toEqual([['1', undefined]]);
    expect(report.mock.calls).toEqual([[new Error('listener')]]);
    vi.unstubAllGlobals();
  });

  it.each([1, 'secret', {}, null])('ref says that it needs a codec, not a default', (codec) => {
    expect(() => realPage('').q.ref('page', codec as never)).toThrow(
      new TypeError('queryParams.ref: "page" needs a codec, such as param.integer.'),
    );
  });

  it('refuses a listener that is no function', () => {
    const { q, listeners } = realPage('');
    expect(() => q.subscribe('a', undefined as never)).toThrow(TypeError);
    expect(() => q.subscribe('a', 5 as never)).toThrow(TypeError);
    expect(listeners).toBe(0);
  });

  it('[QRY-77] refs tell now and on change; with the last listener gone no browser listener is left', () => {
    const page = realPage('');
    const { q } = page;
    const f = vi.fn();
    const g = vi.fn();
    const add = vi.spyOn(window, 'addEventListener');
    const remove = vi.spyOn(window, 'removeEventListener');
    const stops = [q.ref('a').subscribe(f), q.ref('a').listen(g)];
    expect(page.listeners).toBe(1);
    q.a = 1;
    q.flush();
    expect(f.mock.calls).toEqual([[undefined], ['1']]);
    expect(g.mock.calls).toEqual([['1', undefined]]);
    for (const stop of [...stops, ...stops]) stop();
    expect(page.listeners).toBe(0);
    const types = (calls: unknown[][]): unknown[] => calls.map(([type]) => type).sort();
    expect(types(add.mock.calls)).toEqual(types(remove.mock.calls));
    q.a = 2;
    q.flush();
    expect(f).toHaveBeenCalledTimes(2);
    add.mockRestore();
    remove.mockRestore();
  });

  it('[QRY-77] nothing listens before somebody does, nor after a write has landed', async () => {
    const add = vi.spyOn(window, 'addEventListener');
    const addToDocument = vi.spyOn(document, 'addEventListener');
    const page = realPage('');
    const ref = page.q.ref('a');
    ref.set('1');
    await Promise.resolve();
    expect(here()).toBe('?a=1');
    expect(ref.value).toBe('1');
    expect(page.listeners).toBe(0);
    expect(add).not.toHaveBeenCalled();
    expect(addToDocument).not.toHaveBeenCalled();
    add.mockRestore();
    addToDocument.mockRestore();
  });

  it('listeners that change each other for ever are stopped', async () => {
    const { q, warnings, clock } = fakePage();
    q.subscribe('a', () => {
      q.b = Number(q.b ?? 0) + 1;
    });
    q.subscribe('b', () => {
      q.a = Number(q.a ?? 0) + 1;
    });
    q.a = 1;
    expect(warnings.map(({ code }) => code)).toEqual(['update-loop']);
    expect(warnings[0]?.message).toMatch(/listeners change "[ab]"(, "[ab]")? for ever\./);
    expect(warnings[0]?.message).toMatch(/\b[ab]\b/);
    await clock.advance(1);
    expect(Number(q.a)).toBeGreaterThan(10);
  });

  it('reserved keys are told to nobody', () => {
    const { q, another } = fakePage('?embed=1');
    const all = vi.fn();
    const key = vi.fn();
    q.subscribe(all);
    q.subscribe('embed', key);
    const open = another({ reserved: [] });
    open.embed = 2;
    expect(all).not.toHaveBeenCalled();
    expect(key).not.toHaveBeenCalled();
    open.update({ embed: 3, a: 1 });
    expect(all.mock.calls).toEqual([[[{ key: 'a', value: '1', previous: undefined }]]]);
  });

  it('a listener that writes is told in a next round', () => {
    const { q } = fakePage();
    const seen: unknown[] = [];
    q.subscribe('a', (value) => {
      if (value === '1') q.a = 2;
      seen.push(['first', value]);
    });
    q.subscribe('a', (value, previous) => seen.push(['second', value, previous]));
    q.a = 1;
    expect(seen).toEqual([
      ['first', '1'],
      ['second', '1', undefined],
      ['first', '2'],
      ['second', '2', '1'],
    ]);
  });
});
