// context.theme: the system's, and the page's own.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { context, createContext } from '../../src/index.js';

const html = document.documentElement;
const added: Element[] = [];

/** A system preference that a test can turn. */
class Query extends EventTarget {
  matches = false;
  turn(matches: boolean): void {
    this.matches = matches;
    this.dispatchEvent(new Event('change'));
  }
}

let system: Query;

beforeEach(() => {
  system = new Query();
  vi.stubGlobal('matchMedia', () => system);
});

afterEach(() => {
  for (const element of [html, document.body]) {
    for (const name of element.getAttributeNames()) if (name !== 'lang') element.removeAttribute(name);
  }
  for (const element of added.splice(0)) element.remove();
  vi.unstubAllGlobals();
});

const type = (): string | null => createContext().theme.type;

describe('context.theme', () => {
  it('[CTX-26] follows the system', () => {
    const own = createContext();
    const told = vi.fn();
    expect(own.theme.type).toBe('light');
    const end = own.subscribe('theme', (now, before) => told(before.type, now.type));
    system.turn(true);
    expect([own.theme.type, own.theme['type']]).toEqual(['dark', 'dark']);
    expect(told.mock.calls).toEqual([['light', 'dark']]);
    end();
    system.turn(false);
    expect(told).toHaveBeenCalledOnce();
  });

  it('[CTX-27] reads the attribute on the first read and tells when it changes', async () => {
    html.dataset['theme'] = 'dark';
    const own = createContext();
    expect(own.theme.type).toBe('dark');
    const told = vi.fn();
    const end = own.subscribe('theme', (now) => told(now.type));
    html.dataset['theme'] = 'light';
    expect(own.theme.type).toBe('light');
    await vi.waitFor(() => expect(told.mock.calls).toEqual([['light']]));
    end();
  });

  it('[CTX-28] reads classes and attributes of html and body', () => {
    html.className = 'app dark wide';
    expect(type()).toBe('dark');
    html.className = 'dark light';
    expect(type()).toBe('light');
    document.body.className = 'dark';
    expect(type()).toBe('dark');
    html.className = 'darkness';
    document.body.className = '';
    expect(type()).toBe('light');
    document.body.setAttribute('data-bs-theme', 'dark');
    expect(type()).toBe('dark');
    html.className = 'light';
    expect(type()).toBe('dark');
    html.setAttribute('data-color-mode', 'light');
    expect(type()).toBe('light');
    html.setAttribute('data-theme', 'dark');
    expect(type()).toBe('dark');
  });

  it('tells of the body, also of one that comes later', async () => {
    const told = vi.fn();
    const own = createContext();
    const end = own.subscribe('theme', (now) => told(now.type));
    document.body.className = 'dark';
    await vi.waitFor(() => expect(told.mock.calls).toEqual([['dark']]));
    const before = document.body;
    const other = document.createElement('body');
    before.replaceWith(other);
    await vi.waitFor(() => expect(told.mock.calls).toEqual([['dark'], ['light']]));
    other.className = 'dark';
    await vi.waitFor(() => expect(told).toHaveBeenCalledTimes(3));
    end();
    other.replaceWith(before);
  });

  it('[CTX-29] leaves other theme names to the system', () => {
    html.dataset['theme'] = 'cupcake';
    system.matches = true;
    expect(type()).toBe('dark');
    html.dataset['theme'] = 'Dark';
    system.matches = false;
    expect(type()).toBe('light');
  });

  it('[CTX-31] reads the meta', () => {
    const meta = document.createElement('meta');
    meta.name = 'color-scheme';
    meta.content = 'dark';
    document.head.append(meta);
    added.push(meta);
    expect(type()).toBe('dark');
    meta.content = 'Only DARK';
    expect(type()).toBe('dark');
    meta.content = 'light dark';
    expect(type()).toBe('light');
    system.matches = true;
    expect(type()).toBe('dark');
  });

  it('[CTX-32] is one object until it changes, and null where nothing tells', () => {
    expect(context.theme).toBe(context.theme);
    const own = createContext();
    const before = own.theme;
    system.matches = true;
    expect(own.theme).not.toBe(before);
    expect(own.theme).toBe(own.theme);
    vi.stubGlobal('matchMedia', undefined);
    expect(type()).toBe(null);
    expect(Object.isFrozen(before)).toBe(true);
    expect({ ...before }).toEqual({ type: 'light' });
  });
});
