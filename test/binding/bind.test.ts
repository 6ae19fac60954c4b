// bind(sessionState): when it begins, what it follows both ways, when it ends.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { bind as bindTo, createSessionState } from '../../src/index.js';
import { createRunning, shared } from '../../src/registry.js';

const tick = () => Promise.resolve().then(() => Promise.resolve());
const $ = <E extends Element = HTMLInputElement>(selector: string): E => document.querySelector(selector) as E;
/** What a user does: the property changes, then the events come. */
const type = (field: any, value: string, events = ['input']) => {
  field.value = value;
  for (const name of events) field.dispatchEvent(new Event(name, { bubbles: true }));
};
const tickBox = (field: HTMLInputElement, checked = true) => {
  if (field.checked !== checked) field.click();
};

let S: any;
let warnings: any[];
let ends: (() => void)[];
const bind = (...args: any[]): (() => void) => {
  const end = bindTo(S, ...(args as [any, any]));
  ends.push(end);
  return end;
};
const page = (html: string) => {
  document.body.innerHTML = html;
};

beforeEach(() => {
  warnings = [];
  ends = [];
  sessionStorage.clear();
  S = createSessionState({ onWarning: (warning: unknown) => warnings.push(warning) });
});
afterEach(() => {
  for (const end of ends) end();
  document.body.innerHTML = '';
  S.clear?.();
});

describe('bind(sessionState), when it begins', () => {
  it('[SES-81] takes the value of the page for a missing key', () => {
    page('<input data-key=name value=x><input data-key=__proto__ value=p><input data-key=get value=g>');
    bind(document);
    expect(S.name).toBe('x');
    expect(S.get('__proto__')).toBe('p');
    expect(S.get('get')).toBe('g');
    expect(({} as any).p).toBe(undefined);
  });

  it('[SES-81] shows the state where there is one, without a warning', () => {
    page('<input data-key=name value=x>');
    S.name = 'y';
    bind(document);
    expect($('input').value).toBe('y');
    expect(S.name).toBe('y');
    expect(warnings).toEqual([]);
  });

  it('takes keys from the option, the attribute and the name', () => {
    page('<input id=a name=n data-key=k value=1><input id=b name=n2 value=2><input id=c data-my=m value=3>');
    bind('#a', 'o');
    bind('#b');
    bind(document, { attribute: 'data-my' });
    expect([S.o, S.n2, S.m, S.k, S.n]).toEqual(['1', '2', '3', undefined, undefined]);
  });

  it('refuses what it cannot bind, and binds nothing then', () => {
    page('<input id=a data-key=k value=1><input id=b>');
    expect(() => bind(document.querySelectorAll('input'))).toThrow(/bind\(sessionState\).*data-key/s);
    expect(S.has('k')).toBe(false);
    for (const target of [null, undefined, 5, [null], {}]) expect(() => bind(target)).toThrow(TypeError);
  });

  it('passes over elements of a container that are no controls', () => {
    page('<ul><li data-key=1 value=3>a</li></ul><div data-key=d>x</div><input value=y>');
    bind(document);
    expect([...S]).toEqual([]);
  });

  it('[SES-101] warns of a selector without match', async () => {
    page('');
    bind('#never');
    bind('#never');
    expect(warnings.map(({ code }) => code)).toContain('bind-empty');
    expect(warnings[0].message).toContain('#never');
  });

  it('binds inside a shadow root', () => {
    page('<div id=host></div>');
    const root = $('#host').attachShadow({ mode: 'open' });
    root.innerHTML = '<input data-key=inside value=1>';
    bind(root);
    type(root.querySelector('input'), '2');
    expect(S.inside).toBe('2');
  });
});

describe('bind(sessionState), edits', () => {
  it('[SES-82] follows each input, and is followed', () => {
    page('<input data-key=name>');
    const onChange = vi.fn();
    bind(document, { onChange });
    type($('input'), 'a');
    expect(S.name).toBe('a');
    type($('input'), 'ab');
    expect(S.name).toBe('ab');
    expect(onChange).toHaveBeenCalledTimes(2);
    S.name = 'z';
    expect($('input').value).toBe('z');
    expect(onChange).toHaveBeenCalledTimes(2);
  });

  it('[SES-82] does not write what the element shows already', () => {
    page('<input data-key=name><input type=number data-key=n>');
    bind(document);
    const spy = vi.spyOn($('input'), 'value', 'set');
    type($('input'), 'abc');
    spy.mockClear();
    S.name = 'abc';
    S.batch(() => {
      S.name = 'q';
      S.name = 'abc';
    });
    expect(spy).not.toHaveBeenCalled();
  });

  it.each([
    ['input type=text value=a', 'b', 'b'],
    ['input type=search value=a', 'b', 'b'],
    ['input type=url value=a', 'b', 'b'],
    ['input type=email value=a', 'b', 'b'],
    ['input type=tel value=a', 'b', 'b'],
    ['input type=hidden value=a', 'b', 'b'],
    ['input type=color value=#ff0000', '#00ff00', '#00ff00'],
    ['textarea', 'b', 'b'],
    ['input type=number value=1', '2.5', 2.5],
    ['input type=number value=1', '', null],
    ['input type=range min=0 max=10 value=5', '7', 7],
    ['input type=date value=2026-01-01', '2026-02-03', '2026-02-03'],
    ['input type=date value=2026-01-01', '', null],
    ['input type=time value=10:00', '11:30', '11:30'],
    ['input type=month value=2026-01', '2026-02', '2026-02'],
    ['input type=week value=2026-W01', '2026-W05', '2026-W05'],
    ['input type=datetime-local value=2026-01-01T10:00', '2026-01-01T11:00', '2026-01-01T11:00'],
  ])('[SES-83] <%s>: %j is %j', (html, text, value) => {
    page(`<${html} data-key=k></${html.split(' ')[0]}>`);
    const field = $<any>('[data-key]');
    bind(document);
    const initial = S.k;
    type(field, text);
    expect(S.k).toBe(value);
    S.k = initial;
    expect(field.value).toBe(initial === null ? '' : String(initial));
    S.k = value;
    expect(field.value).toBe(value === null ? '' : String(value));
  });

  it('[SES-83] checkbox', () => {
    page('<input type=checkbox data-key=c checked>');
    bind(document);
    expect(S.c).toBe(true);
    $('input').click();
    expect(S.c).toBe(false);
    S.c = true;
    expect($('input').checked).toBe(true);
  });

  it('[SES-83] radio', () => {
    page(
      '<input type=radio name=r data-key=r value=a><input type=radio name=r data-key=r value=b checked><input type=radio name=r data-key=r value=c>',
    );
    bind(document);
    expect(S.r).toBe('b');
    $('[value=c]').click();
    expect(S.r).toBe('c');
    S.r = 'a';
    expect($('[value=a]').checked).toBe(true);
    S.r = null;
    expect($(':checked')).toBe(null);
  });

  it('[SES-83] radio without a choice', () => {
    page('<input type=radio name=r data-key=r value=a><input type=radio name=r data-key=r value=b>');
    bind(document);
    expect(S.r).toBe(null);
    expect(S.has('r')).toBe(true);
  });

  it('[SES-83] select', () => {
    page('<select data-key=s><option value=a>A</option><option value=b selected>B</option></select>');
    bind(document);
    expect(S.s).toBe('b');
    type($('select'), 'a', ['input', 'change']);
    expect(S.s).toBe('a');
    S.s = 'b';
    expect($('select').value).toBe('b');
    S.s = null;
    expect($<HTMLSelectElement>('select').selectedIndex).toBe(-1);
  });

  it('[SES-83] select multiple gives a fresh list', () => {
    page('<select multiple data-key=m><option>a</option><option selected>b</option><option>c</option></select>');
    bind(document);
    expect(S.m).toEqual(['b']);
    const before = S.m;
    $<HTMLSelectElement>('select').options[0]!.selected = true;
    $('select').dispatchEvent(new Event('change', { bubbles: true }));
    expect(S.m).toEqual(['a', 'b']);
    expect(S.m).not.toBe(before);
    S.m = ['c'];
    expect([...$<HTMLSelectElement>('select').selectedOptions].map((option) => option.value)).toEqual(['c']);
  });

  it('[SES-83] contenteditable', () => {
    page('<div contenteditable data-key=e>one</div>');
    bind(document);
    expect(S.e).toBe('one');
    $('div').textContent = 'two';
    $('div').dispatchEvent(new Event('input', { bubbles: true }));
    expect(S.e).toBe('two');
    S.e = '<b>three</b>';
    expect($('div').textContent).toBe('<b>three</b>');
    expect($('div').children.length).toBe(0);
  });

  it('[SES-83] output only shows', () => {
    page('<output data-key=o>nothing yet</output><output data-key=p></output>');
    S.p = 5;
    bind(document);
    expect(S.has('o')).toBe(false);
    expect($('[data-key=p]').value).toBe('5');
    S.o = 'now';
    expect($('output').value).toBe('now');
    type($('output'), 'changed');
    expect(S.o).toBe('now');
  });

  it('[SES-83] any element with a value property', () => {
    page('<my-field id=x data-key=v></my-field>');
    const field = $<any>('#x');
    field.value = { a: 1 };
    bind(document);
    expect(S.v).toEqual({ a: 1 });
    field.value = [1];
    field.dispatchEvent(new Event('input'));
    expect(S.v).toEqual([1]);
    S.v = 'q';
    expect(field.value).toBe('q');
  });

  it('a hidden control shows what it was when its key is deleted', () => {
    page('<input type=hidden data-key=h value=1>');
    bind(document);
    S.h = '2';
    expect($('input').value).toBe('2');
    delete S.h;
    expect($('input').value).toBe('1');
  });

  it('[SES-84] leaves state and text alone while a number is unfinished', () => {
    page('<input type=number data-key=n value=3>');
    const field = $('input');
    bind(document);
    type(field, '');
    expect(S.n).toBe(null);
    type(field, '4');
    for (const _unfinished of ['-', '1e']) {
      Object.defineProperty(field, 'value', { configurable: true, get: () => '', set: () => expect.fail('written') });
      Object.defineProperty(field, 'validity', { configurable: true, get: () => ({ badInput: true }) });
      field.dispatchEvent(new Event('input', { bubbles: true }));
      expect(S.n).toBe(4);
    }
  });

  it('[SES-85] checkboxes of one key with values are a list in document order', () => {
    page('<input type=checkbox data-key=c value=a><input type=checkbox data-key=c value=b checked>');
    bind(document);
    expect(S.c).toEqual(['b']);
    $('[value=a]').click();
    expect(S.c).toEqual(['a', 'b']);
    S.c = ['a'];
    expect($('[value=b]').checked).toBe(false);
  });

  it('[SES-85] checkboxes of one key without values are in step', () => {
    page('<input id=a type=checkbox data-key=c><input id=b type=checkbox data-key=c>');
    bind(document);
    expect(S.c).toBe(false);
    $('#b').click();
    expect(S.c).toBe(true);
    expect($('#a').checked).toBe(true);
  });

  it('[SES-85] one checkbox over a list', () => {
    page('<input type=checkbox data-key=c value=a>');
    S.c = ['a'];
    bind(document);
    expect($('input').checked).toBe(true);
    $('input').click();
    expect(S.c).toEqual([]);
  });

  it('[SES-85] checkboxes that are bound one by one make a list, too', () => {
    page('<input id=a type=checkbox value=a><input id=b type=checkbox value=b checked>');
    bind('#a', 'c');
    bind('#b', 'c');
    expect(S.c).toEqual(['b']);
    $('#a').click();
    expect(S.c).toEqual(['a', 'b']);
  });

  it('[SES-85] text and range of one key are in step', () => {
    page('<input id=t data-key=k value=3><input id=r type=range min=0 max=10 data-key=k>');
    bind(document);
    expect($('#r').value).toBe('3');
    type($('#r'), '7');
    expect(S.k).toBe(7);
    expect($('#t').value).toBe('7');
    type($('#t'), '4');
    expect($('#r').value).toBe('4');
  });

  it('[SES-86] onChange gets value, previous, event and the args of bind time; subscribers come after', () => {
    page('<input data-key=k value=o>');
    const calls: unknown[] = [];
    const args = [1];
    S.subscribe('k', () => calls.push('subscriber'));
    bind(document, { args, onChange: (...all: unknown[]) => calls.push([...all, S.k]) });
    args.push(2);
    calls.length = 0;
    type($('input'), 'v');
    expect(calls).toEqual([['v', 'o', expect.any(Event), 1, 'v'], 'subscriber']);
    $('input').dispatchEvent(new Event('input'));
    $('input').dispatchEvent(new Event('change'));
    expect(calls.length).toBe(2);
  });

  it('[SES-87] sliders linked by callbacks', () => {
    page('<input id=c type=range min=-100 max=100 value=-100><input id=f type=range min=-148 max=212 value=-148>');
    const onC = vi.fn((value: number) => {
      S.f = Math.round(value * 1.8 + 32);
    });
    const onF = vi.fn((value: number) => {
      S.c = Math.round((value - 32) / 1.8);
    });
    bind('#c', { key: 'c', onChange: onC });
    bind('#f', { key: 'f', onChange: onF });
    type($('#c'), '0');
    expect($('#f').value).toBe('32');
    type($('#f'), '212');
    expect($('#c').value).toBe('100');
    type($('#c'), '100');
    expect(S.f).toBe(212);
    expect(onC).toHaveBeenCalledTimes(1);
    expect(onF).toHaveBeenCalledTimes(1);
  });

  it('[SES-87] exclusive checkboxes', () => {
    page('<input id=a type=checkbox><input id=b type=checkbox>');
    const calls: string[] = [];
    bind('#a', { key: 'a', onChange: (on: boolean) => (calls.push('a'), on && (S.b = false)) });
    bind('#b', { key: 'b', onChange: (on: boolean) => (calls.push('b'), on && (S.a = false)) });
    $('#b').click();
    $('#a').click();
    expect([S.a, S.b, $('#b').checked]).toEqual([true, false, false]);
    expect(calls).toEqual(['b', 'a']);
  });

  it.each([
    ['unticks the other box', [false, true, false], ['2']],
    ['unticks the one that was clicked', [true, false, false], ['1']],
    ['unticks all', [false, false, false], []],
    ['ticks a third', [true, true, true], ['1', '2', '3']],
  ])('[SES-85] takes what is shown when a listener of the page %s', (what, shown, list) => {
    page(`<p>${[1, 2, 3].map((i) => `<input type=checkbox name=k value=${i}>`).join('')}</p>`);
    const all = [...document.querySelectorAll('input')];
    bind(all);
    const [first, second, third] = all as [HTMLInputElement, HTMLInputElement, HTMLInputElement];
    first.click();
    const change = (): void => {
      if (what.endsWith('other box')) first.checked = false;
      if (what.endsWith('clicked')) second.checked = false;
      if (what.endsWith('all')) for (const each of all) each.checked = false;
      if (what.endsWith('third')) third.checked = true;
    };
    document.addEventListener('change', change, { once: true });
    second.click();
    expect(all.map(({ checked }) => checked)).toEqual(shown);
    expect(S.k).toEqual(list);
  });

  it('[SES-85] takes what is shown when a listener of the page for change chooses another radio', () => {
    page('<input type=radio name=r value=1><input type=radio name=r value=2>');
    const all = [...document.querySelectorAll('input')];
    bind(all);
    document.addEventListener('change', () => all[0]!.click(), { once: true });
    all[1]!.click();
    expect([all[0]!.checked, S.r]).toEqual([true, '1']);
    document.addEventListener('change', () => void (all[0]!.checked = true), { once: true });
    all[1]!.click();
    expect([all[0]!.checked, S.r]).toEqual([true, '1']);
  });

  it('[SES-88] reports the error of a callback, and goes on', async () => {
    page('<input data-key=k><output data-key=k></output>');
    const report = vi.fn();
    vi.stubGlobal('reportError', report);
    bind('input', {
      onChange() {
        throw new Error('first');
      },
    });
    bind('output', { key: 'k' });
    type($('input'), 'v');
    expect(S.k).toBe('v');
    expect($('output').value).toBe('v');
    bind('input', { key: 'j', onChange: async () => Promise.reject(new Error('second')) });
    type($('input'), 'w');
    await vi.waitFor(() => expect(report.mock.calls.map(([error]) => (error as Error).message)).toContain('second'));
    expect((report.mock.calls[0]![0] as Error).message).toBe('first');
    vi.unstubAllGlobals();
  });

  it('[SES-89] ignores events of disabled controls', () => {
    page('<input id=a data-key=a value=1 disabled><button data-key=b disabled>b</button>');
    bind(document);
    type($('#a'), '2');
    $('button').dispatchEvent(new Event('click', { bubbles: true }));
    expect([S.a, S.b]).toEqual(['1', false]);
  });

  it('[SES-107] takes values during a composition and does not disturb it', () => {
    page('<input data-key=k>');
    const onChange = vi.fn();
    bind(document, { onChange });
    const field = $('input');
    const send = (name: string) => field.dispatchEvent(new Event(name, { bubbles: true }));
    send('compositionstart');
    type(field, 'に');
    expect(S.k).toBe('に');
    type(field, 'にほ');
    expect(S.k).toBe('にほ');
    S.k = 'x';
    expect(field.value).toBe('にほ');
    type(field, '日本');
    expect(S.k).toBe('日本');
    S.k = 'z';
    expect(field.value).toBe('日本');
    send('compositionend');
    expect([S.k, field.value]).toEqual(['z', 'z']);
    expect(onChange).toHaveBeenCalledTimes(3);
    S.k = 'y';
    expect(field.value).toBe('y');
  });

  it.each(['compositionend', 'blur', 'focusout'])('[SES-107] a composition ends with %s', (name) => {
    page('<input data-key=k>');
    bind(document);
    const field = $('input');
    field.dispatchEvent(new Event('compositionstart', { bubbles: true }));
    type(field, 'a');
    field.dispatchEvent(new Event(name, { bubbles: name !== 'blur' }));
    S.k = 'b';
    expect(field.value).toBe('b');
  });

  it('[SES-107] a composition ends when the control is disabled, or leaves', async () => {
    page('<input data-key=k>');
    bind('input');
    const field = $('input');
    const start = () => field.dispatchEvent(new Event('compositionstart', { bubbles: true }));
    start();
    field.disabled = true;
    field.dispatchEvent(new Event('compositionend', { bubbles: true }));
    field.disabled = false;
    type(field, 'abc');
    expect(S.k).toBe('abc');
    S.k = 'y';
    expect(field.value).toBe('y');
    start();
    field.disabled = true;
    S.k = 'z';
    expect(field.value).toBe('z');
    field.disabled = false;
    start();
    field.disabled = true;
    await tick();
    field.disabled = false;
    S.k = 'u';
    expect(field.value).toBe('u');
    start();
    field.remove();
    S.k = 'w';
    expect(field.value).toBe('w');
  });

  it('takes values on commit only where it is told to', () => {
    page('<input id=a data-key=a><input id=b data-key=b data-on=change>');
    bind('#a', { on: 'change' });
    bind('#b');
    type($('#a'), 'x');
    type($('#b'), 'x');
    expect([S.a, S.b]).toEqual(['', '']);
    type($('#a'), 'x', ['change']);
    type($('#b'), 'x', ['change']);
    expect([S.a, S.b]).toEqual(['x', 'x']);
  });

  it('converts with parse and format', () => {
    page('<input data-key=d value=1,2>');
    const onChange = vi.fn();
    bind(document, { parse: (text: string) => text.split(','), format: (list: string[]) => list.join(','), onChange });
    expect(S.d).toEqual(['1', '2']);
    type($('input'), '3', ['input', 'change']);
    expect(S.d).toEqual(['3']);
    expect(onChange).toHaveBeenCalledTimes(1);
    S.d = ['a', 'b'];
    expect($('input').value).toBe('a,b');
  });

  it('calls the callbacks of two bindings of one element', () => {
    page('<input data-key=k>');
    const first = vi.fn();
    const second = vi.fn();
    bind(document, { onChange: first });
    bind('input', { onChange: second });
    type($('input'), 'v');
    expect(first).toHaveBeenCalledTimes(1);
    expect(second).toHaveBeenCalledWith('v', '', expect.any(Event));
  });

  it('shows the HTML default for a deleted key, which stays missing', () => {
    page(`<input data-key=t value=d><input type=checkbox data-key=c checked><textarea data-key=a>d</textarea>
      <select data-key=s><option>x</option><option selected>y</option></select>
      <input type=radio data-key=r value=1><input type=radio data-key=r value=2 checked>
      <input type=range data-key=g min=0 max=10 value=4><div contenteditable data-key=e>d</div>`);
    bind(document);
    Object.assign(S, { t: 'q', c: false, a: 'q', s: 'x', r: '1', g: 9, e: 'q' });
    for (const [key] of S) delete S[key];
    expect($('[data-key=t]').value).toBe('d');
    expect($('[data-key=c]').checked).toBe(true);
    expect($('[data-key=a]').value).toBe('d');
    expect($('[data-key=s]').value).toBe('y');
    expect($('[data-key=r]:checked').value).toBe('2');
    expect($('[data-key=g]').value).toBe('4');
    expect($('[data-key=e]').textContent).toBe('d');
    expect([...S]).toEqual([]);
    type($('[data-key=t]'), 'n');
    expect(S.t).toBe('n');
  });
});

describe('bind(sessionState), triggers and files', () => {
  it('[SES-91] a button is true while its click is delivered', () => {
    page('<button data-key=go><b>Go</b></button>');
    const seen: unknown[] = [];
    bind(document, { onChange: (value: unknown, previous: unknown) => seen.push(['callback', value, previous, S.go]) });
    S.subscribe('go', (value: unknown) => seen.push(['subscriber', value]));
    $('button').addEventListener('click', () => seen.push(['listener', S.go]));
    expect(S.go).toBe(false);
    $('b').click();
    expect(S.go).toBe(false);
    expect(seen).toEqual([
      ['callback', true, false, true],
      ['subscriber', true],
      ['listener', true],
      ['subscriber', false],
    ]);
    $<any>('button').click();
    expect(seen.length).toBe(8);
  });

  it('[SES-91] becomes false also when the page stops the click', async () => {
    page('<button data-key=go>Go</button>');
    bind(document);
    $('button').addEventListener('click', (event) => event.stopPropagation());
    $<any>('button').click();
    await vi.waitFor(() => expect(S.go).toBe(false));
  });

  it('[SES-92] refuses assignments to a bound button', () => {
    page('<button data-key=go>Go</button><input type=file data-key=file>');
    const end = bind(document);
    expect(() => (S.go = true)).toThrow(expect.objectContaining({ name: 'ReservedKeyError', key: 'go' }));
    expect(() => (S.file = 'x')).toThrow(expect.objectContaining({ name: 'ReservedKeyError', key: 'file' }));
    expect([S.go, S.file]).toEqual([false, null]);
    S.go = false;
    S.file = null;
    end();
    S.go = true;
    expect(S.go).toBe(true);
  });
});

describe('bind(sessionState), storage', () => {
  const text = (key: string) => sessionStorage.getItem(`tabstate:${key}`);
  const flush = async () => {
    await tick();
    S.flush();
  };

  it('[SES-83] what was entered is there after a reload', async () => {
    const html = `<input data-key=t><input type=number data-key=n><input type=checkbox data-key=c>
      <input type=checkbox data-key=l value=a><input type=checkbox data-key=l value=b>`;
    page(html);
    const end = bind(document);
    type($('[data-key=t]'), 'x');
    type($('[data-key=n]'), '3');
    $('[data-key=c]').click();
    $('[value=b]').click();
    await flush();
    end();
    page(html);
    S = createSessionState();
    bind(document);
    expect([S.t, S.n, S.c, S.l]).toEqual(['x', 3, true, ['b']]);
    expect($('[data-key=t]').value).toBe('x');
    expect($('[data-key=n]').value).toBe('3');
    expect($('[data-key=c]').checked).toBe(true);
    expect([$('[value=a]').checked, $('[value=b]').checked]).toEqual([false, true]);
  });

  it.each([
    ['<input type=password data-key=k>', {}],
    ['<input autocomplete=cc-number data-key=k>', {}],
    ['<input autocomplete="section-a one-time-code" data-key=k>', {}],
    ['<input data-persist=false data-key=k>', {}],
    ['<input data-key=k>', { persist: false }],
  ])('[SES-94] never stores %s, and removes an older text', async (html, options) => {
    S.k = 'old';
    await flush();
    expect(text('k')).toBe('{"json":"old"}');
    page(html);
    bind(document, options);
    await flush();
    expect(text('k')).toBe(null);
    type($('input'), 'secret');
    expect(S.k).toBe('secret');
    await flush();
    expect(text('k')).toBe(null);
  });

  it('[SES-94] a secret stays one when its type becomes text, and a text becomes one', async () => {
    page('<input type=password data-key=k><input data-key=j>');
    bind(document);
    type($('input'), 'secret');
    $('input').type = 'text';
    type($('input'), 'secret2');
    type($('[data-key=j]'), 'open');
    await flush();
    expect([S.k, text('k'), text('j')]).toEqual(['secret2', null, '{"json":"open"}']);
    $('[data-key=j]').type = 'password';
    type($('[data-key=j]'), 'hidden');
    await flush();
    expect([S.j, text('j')]).toEqual(['hidden', null]);
  });

  it('[SES-91][SES-93] never stores triggers and files, also where only what can be stored may be set', async () => {
    S = createSessionState({ strict: true });
    page('<button data-key=go>Go</button><input type=file data-key=file><my-field data-key=v></my-field>');
    bind('button, input');
    $<any>('button').click();
    const file = new File(['x'], 'a.txt');
    Object.defineProperty($('input'), 'files', { configurable: true, value: [file] });
    $('input').dispatchEvent(new Event('change'));
    await flush();
    expect(S.file).toBe(file);
    expect([text('go'), text('file')]).toEqual([null, null]);
  });
});

describe('bind(sessionState) inside a cached function', () => {
  it('[CAC-185] warns once per function, and binds', () => {
    const running = shared('running', createRunning);
    page('<input data-key=k>');
    for (const functionName of ['load', 'load', 'other', undefined]) {
      running.functionName = functionName;
      bind('input');
    }
    expect(warnings.map(({ code, key }) => [code, key])).toEqual([
      ['cached-bind', 'load'],
      ['cached-bind', 'other'],
    ]);
    type($('input'), 'v');
    expect(S.k).toBe('v');
  });
});

describe('bind(sessionState), forms', () => {
  const html =
    '<form data-batch><input name=a value=1><input type=checkbox name=b><button name=send>Send</button></form>';

  it('[SES-95] a batched form reaches the state on submit', () => {
    page(html);
    const onSubmit = vi.fn();
    const onChange = vi.fn();
    const all = vi.fn();
    bind('form', { onSubmit, onChange, args: [7] });
    S.subscribe(all);
    type($('[name=a]'), '2', ['input', 'change']);
    tickBox($('[name=b]'));
    expect([S.a, S.b]).toEqual(['1', false]);
    expect(all).not.toHaveBeenCalled();
    const seen: unknown[] = [];
    S.subscribe('a', () => seen.push(S.send));
    $<any>('button').click();
    expect([S.a, S.b, S.send]).toEqual(['2', true, false]);
    expect(seen).toEqual([true]);
    expect(onSubmit).toHaveBeenCalledTimes(1);
    const [changes, event, ...args] = onSubmit.mock.calls[0]!;
    expect(changes.map(({ key, value, previous }: any) => [key, value, previous])).toEqual([
      ['a', '2', '1'],
      ['b', true, false],
      ['send', true, false],
    ]);
    expect(event.type).toBe('submit');
    expect(event.defaultPrevented).toBe(true);
    expect(args).toEqual([7]);
    expect(onChange).toHaveBeenCalledTimes(3);
    expect(all.mock.calls[0]![0].length).toBe(3);
  });

  it('[SES-95] takes nothing from what is disabled, which no form sends', () => {
    page(html);
    const onSubmit = vi.fn();
    bind('form', { onSubmit });
    $('[name=a]').value = '2';
    $('[name=a]').disabled = true;
    $<HTMLFormElement>('form').requestSubmit();
    expect(S.a).toBe('1');
    expect(onSubmit.mock.calls[0]![0]).toEqual([]);
    for (const field of document.querySelectorAll<any>('form *')) field.disabled = true;
    $<HTMLFormElement>('form').requestSubmit();
    expect(onSubmit).toHaveBeenCalledTimes(2);
  });

  it('[SES-95] inside a bound container, with data-key', () => {
    page('<form data-batch><input data-key=a value=1></form><form><input data-key=b value=1></form>');
    bind(document);
    type($('[data-key=a]'), '2');
    type($('[data-key=b]'), '2');
    expect([S.a, S.b]).toEqual(['1', '2']);
    $<HTMLFormElement>('form').requestSubmit();
    expect(S.a).toBe('2');
  });

  it('[SES-95] tells of a submit once, also where one bound root stands in the other', () => {
    page('<section><form data-batch><input data-key=a value=1><button data-key=go>Go</button></form></section>');
    const onSubmit = vi.fn();
    const onChange = vi.fn();
    bind('section, form', { onSubmit, onChange });
    type($('input'), '2');
    $<any>('button').click();
    expect(onSubmit).toHaveBeenCalledTimes(1);
    expect(onChange).toHaveBeenCalledTimes(2);
    expect([S.a, S.go]).toEqual(['2', false]);
  });

  it('leaves the default to the browser where the form goes somewhere', () => {
    page('<form data-batch action=/x><input name=a></form>');
    bind('form');
    let prevented: boolean | undefined;
    window.addEventListener(
      'submit',
      (event) => {
        prevented = event.defaultPrevented;
        event.preventDefault();
      },
      { once: true },
    );
    $<HTMLFormElement>('form').requestSubmit();
    expect(prevented).toBe(false);
  });

  it('does nothing on submit without batch', () => {
    page('<form action=/x><input name=a></form>');
    const onSubmit = vi.fn((event) => event.preventDefault());
    window.addEventListener('submit', onSubmit, { once: true });
    const told = vi.fn();
    bind('form', { onSubmit: told });
    $<HTMLFormElement>('form').requestSubmit();
    expect(onSubmit).toHaveBeenCalledTimes(1);
    expect(told).not.toHaveBeenCalled();
  });

  it('[SES-96] reset is read in the next task', async () => {
    page('<form><input name=a value=1><input type=checkbox name=b checked></form>');
    bind('form');
    type($('[name=a]'), '2');
    tickBox($('[name=b]'), false);
    expect([S.a, S.b]).toEqual(['2', false]);
    $<HTMLFormElement>('form').reset();
    await vi.waitFor(() => expect([S.a, S.b]).toEqual(['1', true]));
  });

  it('[SES-96] reset reaches inputs that were named one by one', async () => {
    page('<form><input name=a value=1></form>');
    bind('input');
    type($('input'), '2');
    $<HTMLFormElement>('form').reset();
    await vi.waitFor(() => expect(S.a).toBe('1'));
  });
});

describe('bind(sessionState), liveness', () => {
  it('[SES-97] binds what comes, lets go what leaves', async () => {
    page('<div id=box><input data-key=a value=1></div>');
    bind('#box');
    const field = $('input');
    field.remove();
    await tick();
    S.a = 'gone';
    expect(field.value).toBe('1');
    type(field, 'ignored');
    expect(S.a).toBe('gone');
    $('#box').append(field);
    await tick();
    expect(field.value).toBe('gone');
    $('#box').insertAdjacentHTML('beforeend', '<p><input data-key=b value=2></p>');
    await tick();
    expect(S.b).toBe('2');
    type($('[data-key=b]'), '3');
    expect(S.b).toBe('3');
    type(field, 'back');
    expect(S.a).toBe('back');
  });

  it('[SES-97] keeps an element that is only moved', async () => {
    page('<div id=one><input data-key=a value=1></div><div id=two></div>');
    bind(document);
    const field = $('input');
    $('#two').append(field);
    await tick();
    type(field, '2');
    expect(S.a).toBe('2');
  });

  it('[SES-97] follows an attribute that changes', async () => {
    page('<input data-key=a value=1>');
    bind(document);
    $('input').setAttribute('data-key', 'b');
    await tick();
    type($('input'), '2');
    expect([S.a, S.b]).toEqual(['1', '2']);
  });

  it('[SES-97] a radio that comes later may be the checked one', async () => {
    page('<input type=radio data-key=r value=a>');
    bind(document);
    expect(S.r).toBe(null);
    document.body.insertAdjacentHTML('beforeend', '<input type=radio data-key=r value=b checked>');
    await tick();
    expect(S.r).toBe('b');
  });

  it('writes a select again when its options come', async () => {
    page('<select data-key=s></select>');
    S.s = 'b';
    bind('select', 's');
    $('select').innerHTML = '<option>a</option><option>b</option>';
    await tick();
    expect($('select').value).toBe('b');
    expect(S.s).toBe('b');
  });

  it('[SES-98] unbinding leaves nothing linked, and keeps the value', async () => {
    page('<form><input data-key=a value=1></form>');
    const end = bind(document);
    end();
    end();
    type($('input'), '2');
    expect(S.a).toBe('1');
    S.a = '3';
    expect($('input').value).toBe('2');
    document.body.insertAdjacentHTML('beforeend', '<input data-key=b value=2>');
    await tick();
    expect(S.has('b')).toBe(false);
  });

  it('binds what is in no document yet, alone and in a fragment', () => {
    page('');
    const fragment = document.createElement('template').content;
    fragment.append(document.createElement('form'));
    fragment.firstElementChild!.innerHTML = '<input name=a value=1><input name=b value=2>';
    const alone = document.createElement('input');
    bind([...fragment.querySelectorAll('input')]);
    bind(alone, 'alone');
    document.body.append(fragment, alone);
    for (const field of document.querySelectorAll('input')) type(field, 'typed');
    expect(S.toDict()).toEqual({ a: 'typed', b: 'typed', alone: 'typed' });
  });

  it('[SES-98] removes every listener that it added', () => {
    page('<form><input name=a data-key=a></form><select data-key=s></select>');
    const form = $('form');
    const listeners = new Map<string, number>();
    const targets: EventTarget[] = [document, form, $('input')];
    for (const target of targets) {
      const add = target.addEventListener.bind(target);
      target.addEventListener = (type: string, listener: any, options: any) => {
        const name = `${target.constructor.name} ${type}`;
        if (!listeners.has(name)) options.signal.addEventListener('abort', () => listeners.delete(name));
        listeners.set(name, 1);
        add(type, listener, options);
      };
    }
    const ends = [bind(document), bind('input')];
    expect(listeners.size).toBeGreaterThan(8);
    for (const end of ends) end();
    expect([...listeners]).toEqual([]);
    for (const target of targets) delete (target as any).addEventListener;
  });

  it('all elements are written again on pageshow', () => {
    page('<input data-key=a value=1><form data-batch><input id=b data-key=b value=1></form>');
    bind(document);
    $('input').value = 'restored';
    $('#b').value = 'restored';
    window.dispatchEvent(new Event('pageshow'));
    expect($('input').value).toBe('1');
    expect($('#b').value).toBe('restored');
  });
});
