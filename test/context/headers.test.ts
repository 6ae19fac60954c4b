// context.headers, from metas and Server-Timing.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { context, createContext, KeyError } from '../../src/index.js';

const added: Element[] = [];
function add(html: string, parent: Element = document.head): HTMLElement {
  const holder = document.createElement('div');
  holder.innerHTML = html;
  const element = holder.firstElementChild as HTMLElement;
  parent.append(element);
  added.push(element);
  return element;
}

afterEach(() => {
  for (const element of added.splice(0)) element.remove();
  vi.restoreAllMocks();
});

describe('context.headers', () => {
  it('[CTX-53] reads metas by any spelling', () => {
    add('<meta name="x-user" content="u17">');
    const { headers } = context;
    expect([headers['X-User'], headers['x-USER'], headers.get('x-user')]).toEqual(['u17', 'u17', 'u17']);
    expect('X-USER' in headers).toBe(true);
    expect(headers.has('x-User')).toBe(true);
  });

  it('[CTX-54] lists names in one spelling, first values, and all', () => {
    add('<meta name="accept" content="a">');
    add('<meta name="Accept" content="b">');
    add('<meta http-equiv="x-FOO-bar" content="1">');
    const keys = Object.keys(context.headers);
    expect(keys).toEqual(expect.arrayContaining(['Accept', 'X-Foo-Bar']));
    expect(keys.filter((key) => key.toLowerCase() === 'accept')).toHaveLength(1);
    expect(context.headers['accept']).toBe('a');
    expect(context.headers.getAll('ACCEPT')).toEqual(['a', 'b']);
    expect({ ...context.headers }).toMatchObject({ Accept: 'a', 'X-Foo-Bar': '1' });
    expect({ ...context.headers }).toEqual(context.headers.toDict());
    expect(Object.fromEntries(context.headers)).toEqual(context.headers.toDict());
  });

  it('[CTX-55] adds Server-Timing entries with a description', () => {
    const serverTiming = [
      { name: 'x-user', description: 'u18' },
      { name: 'tenant', description: 'a,b' },
      { name: 'db', description: '', duration: 5 },
    ];
    const asked = vi.spyOn(performance, 'getEntriesByType').mockReturnValue([{ serverTiming }] as never);
    add('<meta name="x-user" content="u17">');
    const { headers } = createContext();
    expect(headers['x-user']).toBe('u17');
    expect(headers.getAll('x-user')).toEqual(['u17', 'u18']);
    expect(headers['Tenant']).toBe('a,b');
    expect(Object.keys(headers)).not.toContain('Db');
    headers.toDict();
    expect(asked).toHaveBeenCalledOnce();
  });

  it.each([
    ['Jürgen', 'JÃ¼rgen'],
    ['Jürgen', 'Jürgen'],
    ['北京 😀', '\u00e5\u008c\u0097\u00e4\u00ba\u00ac \u00f0\u009f\u0098\u0080'],
    ['100% ok', '100% ok'],
    ['%4A', '%4A'],
    ['ÿÃ', 'ÿÃ'],
  ])('[CTX-63] reads %s from the UTF-8 bytes of Server-Timing', (text, description) => {
    vi.spyOn(performance, 'getEntriesByType').mockReturnValue([
      { serverTiming: [{ name: 'x-visitor', description }] },
    ] as never);
    expect(createContext().headers['X-Visitor']).toBe(text);
  });

  it('[CTX-56] takes metas of the head that have a name', () => {
    add('<meta name="in-body" content="x">', document.body);
    add('<meta name="no-content">');
    add('<meta charset="utf-8">');
    add('<meta property="og:title" content="x">');
    expect(context.headers['In-Body']).toBe(undefined);
    expect(context.headers['No-Content']).toBe('');
    expect(context.headers.has('no-content')).toBe(true);
    const keys = Object.keys(context.headers).map((key) => key.toLowerCase());
    for (const absent of ['', 'charset', 'og:title', 'in-body']) expect(keys).not.toContain(absent);
  });

  it('[CTX-57] sees metas that come later, and tells', async () => {
    const told = vi.fn();
    const end = context.subscribe('headers', (now, before) => told(before['x-late'], now['x-late']));
    const meta = add('<meta name="x-late" content="1">');
    expect(context.headers['x-late']).toBe('1');
    await vi.waitFor(() => expect(told.mock.calls).toEqual([[undefined, '1']]));
    meta.setAttribute('content', '2');
    await vi.waitFor(() => expect(told.mock.calls[1]).toEqual(['1', '2']));
    meta.setAttribute('content', '2');
    meta.remove();
    await vi.waitFor(() => expect(told.mock.calls.slice(2)).toEqual([['2', undefined]]));
    end();
  });

  it('[CTX-58] has undefined or a KeyError for what is missing', () => {
    expect(context.headers['nope']).toBe(undefined);
    expect(() => context.headers.require('nope')).toThrow(KeyError);
    expect(() => context.headers.require('nope')).toThrow(expect.objectContaining({ key: 'nope' }));
    for (const name of ['constructor', '__proto__', 'toString']) {
      expect(context.headers[name]).toBe(undefined);
      expect(name in context.headers).toBe(false);
    }
  });
});
