// What happy-dom does not have: sanitised values, rendered text, other realms, upgraded elements, the cost of a real page.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { param } from '../../src/index.js';
import { $, $$, boundPage, send, tick, type } from '../helpers/bound-page.js';

const page = boundPage();
beforeEach(page.begin);
afterEach(page.end);

describe('bind(sessionState) in a browser', () => {
  it.each([
    ['<div>one</div><div>two</div>', 'one\ntwo'],
    ['one<br>two', 'one\ntwo'],
    ['<p>a &lt;b&gt;</p>', 'a <b>'],
  ])('[SES-83] the lines of a contenteditable: %s', (html, text) => {
    page.open('<div contenteditable data-key=note></div>');
    page.bind(page.S, document);
    $('div').innerHTML = html;
    send($('div'), 'input');
    expect(page.S.note.trim()).toBe(text);
    page.S.note = '';
    page.S.note = text;
    expect($('div').innerText).toBe(text);
  });

  it('[SES-105] its commit is its blur', () => {
    page.open('<div contenteditable data-key=note></div><p contenteditable data-key=p data-on=change></p>');
    page.bind(page.S, 'div', { on: 'change' });
    page.bind(page.S, 'p');
    for (const target of ['div', 'p']) {
      $(target).textContent = 'typed';
      send($(target), 'input');
    }
    expect([page.S.note, page.S.p]).toEqual(['', '']);
    send($('div'), 'blur');
    send($('p'), 'focusout');
    expect([page.S.note, page.S.p]).toEqual(['typed', 'typed']);
  });

  it('[SES-93] files, elements and forms of an iframe', async () => {
    page.open('<iframe></iframe>');
    const inner = $<HTMLIFrameElement>('iframe').contentWindow as any;
    inner.document.body.innerHTML =
      '<form data-batch><input name=contains value=1><input type=file name=up></form><input name=t value=1>';
    page.bind(page.S, inner.document.querySelector('form'));
    page.bind(page.S, inner.document.querySelectorAll('body > input'));
    expect([page.S.contains, page.S.up, page.S.t]).toEqual(['1', null, '1']);
    const input = inner.document.querySelector('[type=file]');
    const transfer = new inner.DataTransfer();
    transfer.items.add(new inner.File(['x'], 'a.txt'));
    input.files = transfer.files;
    for (const name of ['input', 'change']) input.dispatchEvent(new inner.Event(name, { bubbles: true }));
    expect(page.S.up).toBe(null);
    inner.document.querySelector('form').requestSubmit();
    expect([page.S.up.name, input.files.length]).toEqual(['a.txt', 1]);
    const field = inner.document.querySelector('[name=t]');
    field.value = '2';
    field.dispatchEvent(new inner.Event('input', { bubbles: true }));
    expect(page.S.t).toBe('2');
    page.S.up = null;
    expect(input.files.length).toBe(0);
  });

  it('[SES-97] a form-associated custom element that comes later', async () => {
    if (!customElements.get('x-face'))
      customElements.define(
        'x-face',
        class extends HTMLElement {
          static formAssociated = true;
          value = 'v';
        },
      );
    page.open('<form><x-face name=there></x-face></form>');
    page.bind(page.S, 'form');
    $('form').insertAdjacentHTML('beforeend', '<x-face name=late></x-face>');
    await tick();
    expect(page.S.toDict()).toEqual({ there: 'v', late: 'v' });
  });

  it('[SES-97] a select that becomes one of several choices', async () => {
    page.open('<select id=s data-key=s><option>a<option>b</select><select id=t name=t><option>a<option>b</select>');
    page.bind(page.S, document);
    page.bind(page.S, '#t');
    for (const select of $$('select') as unknown as HTMLSelectElement[]) select.multiple = true;
    await tick();
    for (const select of $$('select') as unknown as HTMLSelectElement[]) {
      for (const option of select.options) option.selected = true;
      send(select, 'input', 'change');
    }
    expect(page.S.toDict()).toEqual({ s: ['a', 'b'], t: ['a', 'b'] });
  });

  it('[SES-97] another form by the attribute, and a select whose options are replaced', async () => {
    page.open('<form id=f1></form><form id=f2><input name=a value=1></form><select data-key=s><option>x</select>');
    page.bind(page.S, '#f1');
    page.bind(page.S, document);
    expect(page.S.has('a')).toBe(false);
    $('input').setAttribute('form', 'f1');
    await tick();
    expect(page.S.a).toBe('1');
    page.S.s = 'z';
    $('select').innerHTML = '<optgroup><option>y</optgroup>';
    await tick();
    expect($<HTMLSelectElement>('select').selectedIndex).toBe(-1);
    $('optgroup').insertAdjacentHTML('beforeend', '<option>z');
    await tick();
    expect($('select').value).toBe('z');
  });
});

describe('bind(queryParams) in a browser', () => {
  it.each([
    ['<input type=datetime-local name=k>', '2026-01-01T10:00:00', '2026-01-01T10:00'],
    ['<input type=datetime-local name=k>', '2026-01-01+10:00', '2026-01-01T10:00'],
    ['<input type=datetime-local name=k>', '2026-01-01T10:00:00.000', '2026-01-01T10:00'],
    ['<input type=color name=k>', '%23FF0000', '#ff0000'],
    ['<input type=color name=k>', '%23AbCdEf', '#abcdef'],
    ['<input type=email multiple name=k>', 'a%40b.c,+d%40e.f', 'a@b.c,d@e.f'],
    ['<input type=email name=k>', '+a%40b.c+', 'a@b.c'],
    ['<input type=url name=k>', '+https://a.b+', 'https://a.b'],
    ['<input type=number name=k>', '007', '7'],
    ['<input type=time name=k>', '10:00:00', '10:00:00'],
  ])('[QRY-137] what a control normalises: %s of %s', (html, text, shown) => {
    page.open(html, `/p?k=${text}`);
    page.bind(page.Q, 'input');
    // an engine may keep what another shortens
    if ($('input').value !== decodeURIComponent(text)) expect($('input').value).toBe(shown);
    expect($('input').value).not.toBe('');
    expect(page.url.href).toBe(`http://h/p?k=${text}`);
  });

  it.each([
    ['<input type=color name=k value=#102030>', 'nonsense', '#102030'],
    ['<input type=datetime-local name=k>', 'tomorrow', ''],
    ['<input type=range name=k min=0 max=10 value=3>', '11', '3'],
    ['<input type=date name=k value=2026-01-01 min=2026-01-01>', '2025-01-01', '2026-01-01'],
  ])('[QRY-138] what it cannot show: %s of %s', (html, text, shown) => {
    page.open(html, `/p?k=${text}`);
    page.bind(page.Q, 'input');
    expect($('input').value).toBe(shown);
    expect(page.query()).toBe(`?k=${text}`);
  });

  it.each([
    '<input type=color name=k>',
    '<input type=color name=k value="#FF0000">',
    '<input type=datetime-local name=k value="2026-01-01 10:00">',
    '<input type=datetime-local name=k value="2026-01-01T10:00:00">',
    '<input type=email name=k value=" a@b.c ">',
    '<input type=email multiple name=k value="a@b.c, d@e.f">',
    '<input type=date name=k value=never>',
    '<input type=range name=k>',
    '<input type=range name=k min=0 max=10 value=99>',
    '<input type=number name=k value=x>',
    '<input name=k value="a&#10;b">',
    '<textarea name=k>a\r\nb</textarea>',
    '<select name=k><option>a<option selected>b<option selected>c</select>',
    '<select name=k><option disabled>a<option>b</select>',
  ])('[QRY-137] a default that is normalised is still the default: %s', async (html) => {
    page.open(html, '/p');
    page.bind(page.Q, '[name=k]');
    await tick();
    expect(page.query()).toBe('');
    const shown = $('[name=k]').value;
    page.Q.k = 'other';
    delete page.Q.k;
    expect($('[name=k]').value).toBe(shown);
    page.bind(page.S, '[name=k]');
    page.S.k = 'other';
    delete page.S.k;
    expect($('[name=k]').value).toBe(shown);
  });

  it.each([
    ['date', '2026-01-02', '2026-03-04'],
    ['month', '2026-02', '2026-03'],
  ])('[QRY-135] param.date and <input type=%s>', (kind, shown, typed) => {
    const ofMonth = param.custom<Date>({
      parse: ([text]) => param.date.parse([`${text}`.length === 7 ? `${text}-01` : `${text}`]),
      format: (date) => date.toISOString().slice(0, 7),
    });
    page.open(`<input type=${kind} name=d>`, `/p?d=${shown}`);
    page.bind(page.Q, '[name=d]', { codec: kind === 'date' ? param.date : ofMonth });
    const field = $('input');
    // a text field in engines without such a control
    if (field.type === 'text') return;
    expect(field.value).toBe(shown);
    type(field, typed, 'input', 'change');
    expect([field.value, page.query()]).toEqual([typed, `?d=${typed}`]);
    type(field, '', 'input', 'change');
    expect([field.value, page.query()]).toEqual(['', '']);
    page.Q.d = shown;
    expect(field.value).toBe(shown);
  });

  it('[QRY-142] a link survives options that come later, dependent selects included', async () => {
    page.open(
      '<select name=country><option value="">All</select><select name=city></select><select name=n><option>1</select>',
      '/p?country=de&city=bonn&n=7',
    );
    page.bind(page.Q, 'select');
    const link = page.query();
    $('[name=country]').insertAdjacentHTML('beforeend', '<option value=de>Germany');
    await tick();
    expect($('[name=country]').value).toBe('de');
    for (const city of ['aachen', 'bonn', 'chemnitz']) {
      $('[name=city]').insertAdjacentHTML('beforeend', `<option>${city}`);
      await tick();
    }
    expect([$('[name=city]').value, page.query()]).toEqual(['bonn', link]);
    expect($('[name=n]').value).toBe('1');
  });

  it('[QRY-137] a choice of nothing and the choice of an empty value are two', () => {
    page.open('<select multiple name=m><option value="">any<option>a</select>');
    page.bind(page.Q, 'select');
    const [any, a] = $<HTMLSelectElement>('select').options as any;
    any.selected = true;
    send($('select'), 'input', 'change');
    expect(page.query()).toBe('?m=&m=');
    page.bind(page.Q, 'select');
    expect([any.selected, a.selected]).toEqual([true, false]);
  });
});

describe('bind, cost', () => {
  const boxes = (n: number) =>
    Array.from({ length: n }, (_, i) => `<input type=checkbox data-key=c data-param=c value=v${i}>`).join('');
  const options = (n: number) => Array.from({ length: n }, (_, i) => `<option>v${i}`).join('');
  const select = (n: number, multiple = '') => `<select ${multiple} data-key=s data-param=s>${options(n)}</select>`;
  /** How often the page's elements are asked for something. */
  const count = async (n: number, run: (n: number) => Promise<void> | void): Promise<number> => {
    page.open('<main></main>', '/p?c=v1&s=v1');
    page.S.c = ['v1'];
    let asked = 0;
    const undo = [HTMLInputElement, HTMLOptionElement, HTMLSelectElement, Element, Node].flatMap(({ prototype }) =>
      Object.entries(Object.getOwnPropertyDescriptors(prototype)).map(([name, descriptor]) => {
        const { get, value } = descriptor as PropertyDescriptor;
        const counted = (fn: (...args: unknown[]) => unknown) =>
          function (this: unknown, ...args: unknown[]) {
            asked++;
            return fn.apply(this, args);
          };
        if (name !== 'constructor' && (get || typeof value === 'function'))
          Object.defineProperty(prototype, name, {
            ...descriptor,
            ...(get ? { get: counted(get) } : { value: counted(value) }),
          });
        return () => Object.defineProperty(prototype, name, descriptor);
      }),
    );
    try {
      await run(n);
    } finally {
      for (const put of undo) put();
    }
    return asked;
  };
  const both = (target: string) => {
    page.bind(page.S, target);
    page.bind(page.Q, target);
  };

  it.each<[string, (n: number) => Promise<void> | void]>([
    [
      'checkboxes that are there, and a click',
      (n) => (($('main').innerHTML = boxes(n)), both('main'), $('input').click()),
    ],
    ['checkboxes that are appended', async (n) => (both('main'), ($('main').innerHTML = boxes(n)), await tick())],
    ['checkboxes that are named', (n) => (($('main').innerHTML = boxes(n)), both('input'))],
    ['a select that is there', (n) => (($('main').innerHTML = select(n)), both('main'))],
    [
      'a select multiple, and a change',
      (n) => (($('main').innerHTML = select(n, 'multiple')), both('main'), send($('select'), 'change')),
    ],
    [
      'options that are appended one by one',
      async (n) => {
        $('main').innerHTML = select(1);
        both('main');
        for (let i = 1; i < n; i++) $('select').append(new Option(`v${i}`));
        await tick();
      },
    ],
    ['a deleted key', (n) => (($('main').innerHTML = boxes(n)), page.bind(page.S, 'main'), delete page.S.c)],
    ['a page that is shown again', (n) => (($('main').innerHTML = boxes(n)), both('main'), send(window, 'pageshow'))],
  ])('[QRY-134] is linear: %s', async (_, run) => {
    const few = await count(500, run);
    expect(await count(2000, run)).toBeLessThan(4.1 * few);
  });

  it('[QRY-134] asks a codec of the page once per change, however many controls there are', () => {
    let calls = 0;
    const codec = { parse: (texts: string[]) => (calls++, texts), format: (value: unknown) => value as string[] };
    page.open(boxes(500), '/p?c=v1');
    page.bind(page.Q, 'input', { codec });
    expect(calls).toBeLessThan(10);
    calls = 0;
    $$('input')[7]!.click();
    expect(calls).toBeLessThan(20);
  });
});
