// What happy-dom does not have: disabled fieldsets, sanitised values, options that select themselves, real files.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { bind as bindTo, cacheData, createSessionState } from '../../src/index.js';

const $ = <E extends Element = HTMLInputElement>(selector: string): E => document.querySelector(selector) as E;
const type = (field: any, value: string, events = ['input']) => {
  field.value = value;
  for (const name of events) field.dispatchEvent(new Event(name, { bubbles: true }));
};

let S: any;
let ends: (() => void)[] = [];
const bind = (...args: any[]): (() => void) => {
  const end = bindTo(S, ...(args as [any, any]));
  ends.push(end);
  return end;
};
const page = (html: string) => {
  document.body.innerHTML = html;
};

beforeEach(() => {
  ends = [];
  sessionStorage.clear();
  S = createSessionState();
});
afterEach(() => {
  for (const end of ends) end();
  document.body.innerHTML = '';
});

describe('bind(sessionState) in a browser', () => {
  it('[SES-89] ignores events below a disabled fieldset, but for its legend', () => {
    page('<fieldset disabled><legend><input data-key=l value=1></legend><input data-key=b value=1></fieldset>');
    bind(document);
    type($('[data-key=b]'), '2');
    type($('[data-key=l]'), '2');
    expect([S.b, S.l]).toEqual(['1', '2']);
  });

  it('takes what a select without options shows when they come', async () => {
    page('<select data-key=s></select><select id=t></select>');
    bind(document);
    bind('#t', 't');
    expect([S.s, S.t]).toEqual([null, null]);
    $('select').innerHTML = '<option>a</option><option>b</option>';
    $('#t').innerHTML = '<option>a</option><option selected>b</option>';
    await vi.waitFor(() => expect([S.s, S.t]).toEqual(['a', 'b']));
    S.s = 'c';
    expect($<HTMLSelectElement>('select').selectedIndex).toBe(-1);
    $('select').insertAdjacentHTML('beforeend', '<option>c</option>');
    await vi.waitFor(() => expect($('select').value).toBe('c'));
  });

  it('[SES-83] an output goes back to its own text, a range to its middle', () => {
    page('<output data-key=o>none</output><input type=range data-key=r min=0 max=10><input type=color data-key=c>');
    bind(document);
    expect([S.r, S.c]).toEqual([5, '#000000']);
    Object.assign(S, { o: 'x', r: 9, c: '#ff0000' });
    expect($('output').value).toBe('x');
    for (const key of ['o', 'r', 'c']) delete S[key];
    expect([$('output').value, $('[data-key=r]').value, $('[data-key=c]').value]).toEqual(['none', '5', '#000000']);
  });

  it('[SES-93] files: one, several, emptied, and shown in an element that comes later', () => {
    page('<input id=one type=file data-key=one><input id=all type=file multiple data-key=all>');
    const pick = (field: HTMLInputElement, ...names: string[]) => {
      const transfer = new DataTransfer();
      for (const name of names) transfer.items.add(new File(['x'], name));
      field.files = transfer.files;
      for (const event of ['input', 'change']) field.dispatchEvent(new Event(event, { bubbles: true }));
    };
    const onChange = vi.fn();
    const end = bind(document, { onChange });
    expect([S.one, S.all]).toEqual([null, []]);
    pick($('#one'), 'a.txt');
    pick($('#all'), 'b.txt', 'c.txt');
    expect(onChange).toHaveBeenCalledTimes(2);
    expect(S.one).toBeInstanceOf(File);
    expect(S.one.name).toBe('a.txt');
    expect(S.all.map(({ name }: File) => name)).toEqual(['b.txt', 'c.txt']);
    end();
    page('<input id=one type=file data-key=one>');
    bind(document);
    expect($('#one').files![0]!.name).toBe('a.txt');
    S.one = null;
    expect($('#one').files!.length).toBe(0);
    expect($('#one').value).toBe('');
  });

  it('[SES-97] binds and lets go controls of a bound form', async () => {
    page('<form id=f><input name=a value=1></form><input form=f name=b value=2>');
    bind('form');
    expect([S.a, S.b]).toEqual(['1', '2']);
    type($('[name=b]'), '3');
    expect(S.b).toBe('3');
    $('form').insertAdjacentHTML(
      'beforeend',
      '<select name=c><option>x</select><button name=d>d</button><button>e</button>',
    );
    await vi.waitFor(() => expect([S.c, S.d]).toEqual(['x', false]));
    const field = $('[name=a]');
    field.remove();
    await vi.waitFor(() => {
      S.a = `${S.a}.`;
      expect(field.value).not.toBe(S.a);
    });
  });

  it('[CAC-185] bind in a cached body, nested twice, warns once per function and binds', async () => {
    page('<input data-key=k>');
    const warnings: (string | undefined)[] = [];
    S = createSessionState({ onWarning: ({ code, key }) => warnings.push(`${code} ${key}`) });
    const options = { persist: false };
    const inner = cacheData(async (n: number) => (bind('input'), n), { ...options, name: 'bind-inner' });
    const outer = cacheData(async (n: number) => (bind('input'), bind('input'), inner(n)), {
      ...options,
      name: 'bind-outer',
    });
    expect(await outer(1)).toBe(1);
    expect(await outer(2)).toBe(2);
    bind('input');
    expect(warnings).toEqual(['cached-bind bind-outer', 'cached-bind bind-inner']);
    type($('input'), 'v');
    expect(S.k).toBe('v');
  });
});
