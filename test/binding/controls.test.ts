// Which value a form control shows for a state's, and gives back.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { $, $$, boundPage, nextTask, send, tick, type } from '../helpers/bound-page.js';

const page = boundPage();
beforeEach(page.begin);
afterEach(page.end);

describe('bind(sessionState), what a control shows and gives', () => {
  it.each(['0', 'false', 'true', '', 'x'])('[SES-105] the text %j never ticks a box', (text) => {
    page.open('<input type=checkbox data-key=c>');
    page.S.c = text;
    page.bind(page.S, document);
    expect($('input').checked).toBe(false);
    expect(page.S.c).toBe(text);
  });

  it.each([
    [true, true],
    [1, true],
    [0, false],
    [null, false],
    [undefined, false],
    [new Set(['on']), true],
    [new Set(), false],
    [['on'], true],
  ])('[SES-105] the value %j of a checkbox', (value, isChecked) => {
    page.open('<input type=checkbox data-key=c>');
    page.S.c = value;
    page.bind(page.S, document);
    expect($('input').checked).toBe(isChecked);
  });

  it('[SES-105] null chooses no radio, also where one has an empty value', () => {
    page.open('<input type=radio name=r data-key=r value=""><input type=radio name=r data-key=r value=a>');
    page.bind(page.S, document);
    expect(page.S.r).toBe(null);
    expect($$('input').map(({ checked }) => checked)).toEqual([false, false]);
    $('input').click();
    expect(page.S.r).toBe('');
    page.S.r = undefined;
    expect($('input').checked).toBe(false);
    page.S.r = '';
    expect($('input').checked).toBe(true);
  });

  it('[SES-105] one checkbox becomes two: true is the list of those that are ticked', async () => {
    page.open('<div><input type=checkbox data-key=tags value=a></div>');
    page.bind(page.S, 'div');
    $('[value=a]').click();
    expect(page.S.tags).toBe(true);
    $('div').insertAdjacentHTML('beforeend', '<input type=checkbox data-key=tags value=b>');
    await tick();
    expect(page.S.tags).toEqual(['a']);
    expect($('[value=b]').checked).toBe(false);
    $('[value=b]').click();
    expect(page.S.tags).toEqual(['a', 'b']);
  });

  it.each([
    ['unticked', '', []],
    ['the new one ticked', 'checked', ['b']],
  ])('[SES-105] one checkbox becomes two, %s', async (_, checked, list) => {
    page.open('<div><input type=checkbox data-key=tags value=a></div>');
    page.bind(page.S, 'div');
    expect(page.S.tags).toBe(false);
    $('div').insertAdjacentHTML('beforeend', `<input type=checkbox data-key=tags value=b ${checked}>`);
    await tick();
    expect(page.S.tags).toEqual(list);
  });

  it('[SES-85] a Set counts as a list', () => {
    page.open('<input type=checkbox data-key=c value=a><input type=checkbox data-key=c value=b>');
    page.S.c = new Set(['b']);
    page.bind(page.S, document);
    expect($$('input').map(({ checked }) => checked)).toEqual([false, true]);
    $('input').click();
    expect(page.S.c).toEqual(['a', 'b']);
  });

  it('[SES-85] lists are in the order of the document, whatever order they were bound in', () => {
    page.open('<input type=checkbox value=a id=a><input type=checkbox value=b id=b><input type=checkbox value=c id=c>');
    for (const target of ['#c', '#a', '#b']) page.bind(page.S, target, 'k');
    for (const target of ['#c', '#b', '#a']) $(target).click();
    expect(page.S.k).toEqual(['a', 'b', 'c']);
  });

  it('[SES-86] only real changes count', () => {
    page.open('<input id=t data-key=n><select data-key=s><option>1<option>2</select><input type=checkbox data-key=c>');
    const onChange = vi.fn();
    Object.assign(page.S, { n: 5, s: 2, c: 1 });
    page.bind(page.S, document, { onChange });
    for (const field of $$('[data-key]')) send(field, 'input', 'change', 'blur');
    expect(page.S.toDict()).toEqual({ n: 5, s: 2, c: 1 });
    expect(onChange).not.toHaveBeenCalled();
    type($('#t'), '6', 'change');
    expect(page.S.n).toBe('6');
    expect(onChange).toHaveBeenCalledTimes(1);
  });

  it('[SES-86] a reset without an edit changes nothing', async () => {
    page.open('<form><input name=n value=5></form>');
    page.S.n = 5;
    page.bind(page.S, 'form');
    $<HTMLFormElement>('form').reset();
    await nextTask();
    expect(page.S.n).toBe(5);
  });

  it('[SES-105] what the page itself makes of an edit is taken, once', () => {
    page.open('<input data-key=t data-param=t>');
    const onChange = vi.fn();
    page.bind(page.S, document, { onChange });
    page.bind(page.Q, document);
    for (const target of [$('input'), document, window])
      target.addEventListener('input', () => ($('input').value = `${$('input').value.toUpperCase()}.`), { once: true });
    type($('input'), 'abc');
    expect([$('input').value, page.S.t, page.query()]).toEqual(['ABC...', 'ABC...', '?t=ABC...']);
    expect(onChange).toHaveBeenCalledTimes(1);
  });

  it('[SES-105] a limit of the page', () => {
    page.open(
      '<div><input type=checkbox data-key=c data-param=c value=1><input type=checkbox data-key=c data-param=c value=2></div>',
    );
    $('div').addEventListener('change', (event) => {
      if (document.querySelectorAll(':checked').length > 1) (event.target as HTMLInputElement).checked = false;
    });
    page.bind(page.S, 'div');
    page.bind(page.Q, 'div');
    for (const box of $$('input')) box.click();
    expect($$('input').map(({ checked }) => checked)).toEqual([true, false]);
    expect([page.S.c, page.query()]).toEqual([['1'], '?c=1']);
  });

  it.each([undefined, Number.NaN, null, 'x'])('[SES-83] a progress without value: %j', (value) => {
    page.open('<progress data-key=p value=0.5></progress>');
    page.S.p = 0.25;
    page.bind(page.S, document);
    page.S.p = value;
    expect(page.reported).toEqual([]);
    expect($('progress').hasAttribute('value')).toBe(false);
  });
});

describe('bind(sessionState), contenteditable', () => {
  it('[SES-83] what an edit inserts is still there when its event comes', async () => {
    page.open('<div contenteditable data-key=e data-param=e></div>', '/p?e=x');
    page.bind(page.S, document);
    page.bind(page.Q, document);
    // the browser inserts first, and microtasks run before the event
    $('div').textContent = 'typed';
    await tick();
    send($('div'), 'input');
    expect([page.S.e, page.query()]).toEqual(['typed', '?e=typed']);
  });
});

describe('bind(sessionState), parse and format', () => {
  const decimal = {
    parse: (value: any) => (value === '' ? null : Number(value.replace(',', '.'))),
    format: (value: any) => (value === null || value === undefined ? '' : String(value).replace('.', ',')),
  };

  it('[SES-104] a field is not rewritten by its own edit before it is finished', () => {
    page.open('<input data-key=n><output data-key=n></output>');
    page.bind(page.S, document, decimal);
    for (const [text, value] of [
      ['1', 1],
      ['1,', 1],
      ['1,0', 1],
      ['1,05', 1.05],
      ['1,0', 1],
      ['1,07', 1.07],
      ['1,070', 1.07],
    ] as const) {
      type($('input'), text);
      expect([$('input').value, page.S.n]).toEqual([text, value]);
    }
    send($('input'), 'change');
    expect([$('input').value, $('output').value]).toEqual(['1,07', '1,07']);
  });

  it.each(['change', 'blur', 'focusout'])('[SES-104] %s finishes it', (name) => {
    page.open('<input data-key=t>');
    page.bind(page.S, document, { parse: (text: any) => text.trim() });
    type($('input'), 'ab c');
    type($('input'), 'ab ');
    expect([$('input').value, page.S.t]).toEqual(['ab ', 'ab']);
    send($('input'), name);
    expect($('input').value).toBe('ab');
  });

  it('[SES-104] what code sets is shown at once', () => {
    page.open('<input data-key=n>');
    page.bind(page.S, document, { ...decimal, onChange: (value: any) => value > 9 && (page.S.n = 9) });
    type($('input'), '1,50');
    page.S.n = 2.5;
    expect($('input').value).toBe('2,5');
    type($('input'), '10');
    expect($('input').value).toBe('9');
  });

  it('[SES-104] in a batched form', () => {
    page.open('<form data-batch><input name=n></form>');
    page.bind(page.S, 'form', decimal);
    type($('input'), '1,50');
    $<HTMLFormElement>('form').requestSubmit();
    expect([page.S.n, $('input').value]).toEqual([1.5, '1,5']);
  });

  it('[SES-88] an error of parse or format is reported, and the rest goes on', () => {
    page.open('<input data-key=a><input data-key=b>');
    const fail = (value: any) => {
      if (value === 'bad') throw new Error('refused');
      return value;
    };
    page.bind(page.S, document, { parse: fail, format: fail });
    type($('input'), 'bad');
    page.S.b = 'bad';
    type($('[data-key=b]'), 'good');
    expect([page.S.a, page.S.b]).toEqual(['', 'good']);
    expect(page.reported.length).toBe(2);
  });
});

describe('bind, forms', () => {
  it('[SES-96] outputs show the state again after a reset', async () => {
    page.open('<form><input name=n value=4><output data-key=total data-param=n>-</output></form>', '/p?n=6');
    page.S.total = 5;
    page.bind(page.S, 'form');
    type($('input'), '7');
    $<HTMLFormElement>('form').reset();
    await nextTask();
    expect([$('output').value, page.S.n, page.S.total]).toEqual(['5', '4', 5]);
  });

  it('[SES-95] an unfinished entry survives what comes and goes around it', async () => {
    page.open('<form data-batch><input type=radio name=r value=a><input name=t></form>');
    page.bind(page.S, 'form');
    type($('[name=t]'), 'typed');
    $('form').insertAdjacentHTML('beforeend', '<input type=radio name=r value=b>');
    await tick();
    send(window, 'pageshow');
    expect([$('[name=t]').value, page.S.t]).toEqual(['typed', '']);
  });
});

describe('bind(sessionState), secrets', () => {
  it('[SES-94] never stores what code set before the control was bound', async () => {
    page.open('<input type=password data-key=pw><input autocomplete=cc-csc data-key=csc>');
    Object.assign(page.S, { pw: 'x', csc: 'y' });
    page.bind(page.S, document);
    await tick();
    page.S.flush();
    expect(Object.keys(sessionStorage)).toEqual([]);
  });

  it('[SES-94] a key stays secret when its control has gone', async () => {
    page.open('<div><input type=password data-key=pw value=x></div>');
    page.bind(page.S, 'div');
    $('input').remove();
    await tick();
    page.S.pw = 'y';
    page.S.flush();
    expect(Object.keys(sessionStorage)).toEqual([]);
  });
});
