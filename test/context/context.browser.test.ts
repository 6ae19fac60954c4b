// context with the real facts of an engine.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { context, createContext, removeCookie, setCookie } from '../../src/index.js';

const frames: HTMLIFrameElement[] = [];

/** A frame of the same origin that has loaded. */
function frame(attributes: Partial<HTMLIFrameElement>): Promise<HTMLIFrameElement> {
  const element = Object.assign(document.createElement('iframe'), attributes);
  frames.push(element);
  return new Promise((resolve) => {
    element.onload = () => resolve(element);
    document.body.append(element);
  });
}

/** Listeners that are added and removed while `work` runs. */
function watched(targets: (EventTarget | undefined)[]): { count: () => number; restore: () => void } {
  let count = 0;
  const spies = targets.flatMap((target) => {
    if (!target) return [];
    const add = target.addEventListener;
    const remove = target.removeEventListener;
    target.addEventListener = (...args: Parameters<typeof add>) => {
      count++;
      return add.apply(target, args);
    };
    target.removeEventListener = (...args: Parameters<typeof remove>) => {
      count--;
      return remove.apply(target, args);
    };
    return [target];
  });
  return {
    count: () => count,
    restore() {
      for (const target of spies) {
        Reflect.deleteProperty(target, 'addEventListener');
        Reflect.deleteProperty(target, 'removeEventListener');
      }
    },
  };
}

afterEach(() => {
  for (const element of frames.splice(0)) element.remove();
  vi.restoreAllMocks();
});

describe('context in a browser', () => {
  it('[CTX-6] touches nothing when it is imported', async () => {
    const spies = [
      vi.spyOn(document, 'cookie', 'get'),
      vi.spyOn(document, 'cookie', 'set'),
      vi.spyOn(Intl, 'DateTimeFormat'),
      vi.spyOn(window, 'matchMedia'),
      vi.spyOn(EventTarget.prototype, 'addEventListener'),
      vi.spyOn(window, 'getComputedStyle'),
      vi.spyOn(window, 'setTimeout'),
    ];
    // another copy of the module, so that it runs again
    const path = '../../src/context/context.js?again';
    const again = await import(/* @vite-ignore */ path);
    const before = spies.map((spy) => spy.mock.calls.length);
    again.createContext();
    expect(spies.map((spy) => spy.mock.calls.length)).toEqual(before);
    // Vite itself adds listeners while it loads a module
    expect(spies.filter((_spy, i) => i !== 4 && i !== 6).map((spy) => spy.mock.calls.length)).toEqual([0, 0, 0, 0, 0]);
    expect(again.context).toBe(context);
  });

  it('[CTX-8] reads through another document', async () => {
    const { contentDocument } = await frame({
      srcdoc: '<!doctype html><html data-theme="dark"><meta name="x-user" content="framed"><title>frame</title>',
    });
    setCookie('shared', '1');
    const framed = createContext({ document: () => contentDocument as Document });
    expect(framed.headers['X-User']).toBe('framed');
    expect(framed.theme.type).toBe('dark');
    expect(framed.url).toBe(null);
    expect(framed.isEmbedded).toBe(true);
    expect(framed.cookies['shared']).toBe('1');
    expect(framed.timezone).toBe(context.timezone);
    expect(context.headers['X-User']).toBe(undefined);
  });

  it('[CTX-8] gives initial values for a document without a window', async () => {
    const element = await frame({ srcdoc: '<!doctype html><meta name="x-user" content="1">' });
    const page = element.contentDocument as Document;
    const gone = createContext({ document: () => page });
    element.remove();
    expect(gone.toDict()).toMatchObject({ locale: null, timezone: null, theme: { type: null }, isEmbedded: false });
    gone.subscribe('theme', () => {})();
  });

  it('[CTX-20] [CTX-21] follows the path, and tells of it once', async () => {
    const told = vi.fn();
    const end = context.subscribe('url', told);
    const before = context.url;
    history.pushState({}, '', `${location.pathname}?other=1`);
    expect(context.url).toBe(before);
    await Promise.resolve();
    expect(told).not.toHaveBeenCalled();
    const path = location.pathname;
    history.pushState({}, '', '/b');
    expect(context.url).toBe(`${location.origin}/b`);
    await vi.waitFor(() => expect(told.mock.calls).toEqual([[`${location.origin}/b`, before]]));
    history.replaceState({}, '', path);
    end();
    expect(told.mock.calls.length).toBeLessThanOrEqual(2);
  });

  it('[CTX-30] reads the computed color-scheme', () => {
    const style = document.createElement('style');
    document.head.append(style);
    const system = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
    for (const [scheme, type] of [
      ['dark', 'dark'],
      ['light', 'light'],
      ['only dark', 'dark'],
      ['DARK', 'dark'],
      ['light dark', system],
      ['normal', system],
    ]) {
      style.textContent = `:root { color-scheme: ${scheme} }`;
      expect(context.theme.type, scheme).toBe(type);
    }
    style.textContent = ':root { color-scheme: dark }';
    const inAttribute = document.documentElement;
    inAttribute.style.colorScheme = 'light';
    expect(context.theme.type).toBe('light');
    inAttribute.style.colorScheme = '';
    style.remove();
  });

  it('[CTX-45] [CTX-46] tells once of what scripts write', async () => {
    const told: unknown[] = [];
    const end = context.subscribe('cookies', (now, before) => told.push([before['n'], now['n']]));
    document.cookie = 'n=1; path=/';
    await vi.waitFor(() => expect(told).toEqual([[undefined, '1']]), 5000);
    document.cookie = 'n=1; path=/';
    document.cookie = 'n=2; path=/';
    await vi.waitFor(() => expect(told.slice(1)).toEqual([['1', '2']]));
    document.cookie = 'n=; path=/; max-age=0';
    await vi.waitFor(() => expect(told.slice(2)).toEqual([['2', undefined]]));
    end();
    document.cookie = 'n=3; path=/';
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(told).toHaveLength(3);
  });

  it('[CTX-50] sets and removes on the path /', async () => {
    history.replaceState(null, '', '/deep/page');
    setCookie('deep', '1');
    history.replaceState(null, '', '/');
    expect(context.cookies['deep']).toBe('1');
    removeCookie('deep');
    await vi.waitFor(() => expect(context.cookies['deep']).toBe(undefined));
  });

  it('[CTX-62] misses no cookie of a path that only history has been to', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const told = (name: string): number => warn.mock.calls.filter(([text]) => String(text).includes(name)).length;
    const [elsewhere, lost] = ['elsewhere', 'lost'].map((name) => `${name}-${Math.random()}`) as [string, string];
    const { href } = location;
    history.pushState({}, '', '/some/where');
    // the page sees cookies of the path at which it was opened, wherever it has gone since
    setCookie(elsewhere, '1', { path: '/some' });
    const write = vi.spyOn(document, 'cookie', 'set').mockImplementation(() => {});
    setCookie(lost, '1');
    write.mockRestore();
    await vi.waitFor(() => expect(told(lost)).toBe(1));
    expect(told(elsewhere)).toBe(0);
    removeCookie(elsewhere, { path: '/some' });
    history.replaceState({}, '', href);
  });

  it('[CTX-47] listens while somebody subscribes, and starts no timer', async () => {
    const { cookieStore } = window as unknown as { cookieStore?: EventTarget };
    const { navigation } = window as unknown as { navigation?: EventTarget };
    const listeners = watched([window, document, cookieStore, navigation]);
    const interval = vi.spyOn(window, 'setInterval');
    const timeout = vi.spyOn(window, 'setTimeout');
    const names = Object.keys(context) as ['url'];
    const own = createContext();
    for (const name of names) own.ref(name).get();
    expect(listeners.count()).toBe(0);
    const ends = names.map((name) => own.subscribe(name, () => {}));
    expect(listeners.count()).toBeGreaterThan(0);
    expect(interval).not.toHaveBeenCalled();
    expect(timeout).not.toHaveBeenCalled();
    for (const end of ends) end();
    expect(listeners.count()).toBe(0);
    listeners.restore();
  });
});
