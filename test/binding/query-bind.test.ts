// bind(queryParams): controls whose name is a parameter.
import { atom } from 'nanostores';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/browser/clock.js';
import { bind as bindTo, createQueryParams, param } from '../../src/index.js';
import { createQueryParamsOver } from '../../src/query-params/query-params.js';
import { createTokenBucket } from '../../src/query-params/rate.js';
import { createWriter } from '../../src/query-params/writer.js';

const tick = async () => {
  for (let i = 0; i < 5; i++) await Promise.resolve();
};
const $ = <E extends Element = HTMLInputElement>(selector: string): E => document.querySelector(selector) as E;
const type = (field: any, value: string, events = ['input']) => {
  field.value = value;
  for (const name of events) field.dispatchEvent(new Event(name, { bubbles: true }));
};
const addOption = (text: string) => {
  const option = document.createElement('option');
  option.textContent = text;
  $('select').append(option);
};
const home = `${location.pathname}${location.search}`;
const range = '<input type=range name=n min=0 max=10 value=5>';

let q: any;
let ends: (() => void)[] = [];
const bind = (...args: any[]): (() => void) => {
  const end = bindTo(q, ...(args as [any, any]));
  ends.push(end);
  return end;
};
// engines limit history writes: most tests have an address of their own
let url: string;
let entries: number;
let hear: Set<(change: any) => void>;
const address = {
  href: () => url,
  write(href: string, mode: string) {
    url = href;
    if (mode === 'push') entries++;
    for (const listener of [...hear]) listener('other');
  },
  listen(listener: (change: any) => void) {
    hear.add(listener);
    return () => hear.delete(listener);
  },
};
/** Somebody else changes the address. */
const visit = (href: string, change = 'other') => {
  url = `http://h${href}`;
  for (const listener of [...hear]) listener(change);
};
/** A page with this query and this body. */
const page = (query: string, html: string) => {
  url = `http://h/p${query}`;
  entries = 1;
  hear = new Set();
  document.body.innerHTML = html;
  q = createQueryParamsOver(createWriter({ address, clock: systemClock, bucket: createTokenBucket() } as any));
};
const query = (): string => {
  q.flush();
  return new URL(url).search;
};

beforeEach(() => {
  ends = [];
});
afterEach(() => {
  for (const end of ends) end();
  document.body.innerHTML = '';
});

describe('bind(queryParams), when it begins', () => {
  it('[QRY-118] shows what the URL says', () => {
    page('?n=7', range);
    bind('input');
    expect($('input').value).toBe('7');
    expect(query()).toBe('?n=7');
  });

  it.each(['99', 'abc', 'nan', '5', '5.0', '', '0x5', '-1', '5;'])(
    '[QRY-138] shows the default for %j and leaves the URL alone until an edit',
    (text) => {
      page(`?z=1&n=${text}`, range);
      bind('input');
      expect($('input').value).toBe('5');
      expect(query()).toBe(`?z=1&n=${text}`);
      type($('input'), '6');
      expect(query()).toBe('?z=1&n=6');
      expect(entries).toBe(1);
    },
  );

  it('[QRY-138] also next to a foreign write', () => {
    page('?n=99', range);
    bind('input');
    q.other = 1;
    expect(query()).toBe('?n=99&other=1');
    $('input').dispatchEvent(new Event('change', { bubbles: true }));
    expect(query()).toBe('?n=99&other=1');
  });

  it.each([
    ['TRUE', true],
    ['true', true],
    ['1', true],
    ['on', true],
    ['own', true],
    ['yes', false],
    ['0', false],
    ['false', false],
    ['', false],
  ])('[QRY-139] checkbox, ?c=%s', (text, isChecked) => {
    page(`?c=${text}`, '<input type=checkbox name=c value=own>');
    bind('input');
    expect($('input').checked).toBe(isChecked);
    expect(query()).toBe(`?c=${text}`);
    $('input').click();
    expect(query()).toBe(isChecked ? '' : '?c=true');
  });

  it('[QRY-139] a checkbox that is ticked by default can be unticked', () => {
    page('?c=no', '<input type=checkbox name=c checked>');
    bind('input');
    expect($('input').checked).toBe(true);
    $('input').click();
    expect(query()).toBe('?c=false');
    $('input').click();
    expect(query()).toBe('');
  });

  it('[QRY-140] select', async () => {
    const html = '<select name=s><option>a</option><option>b</option></select>';
    page('?s=b', html);
    bind('select')();
    expect($('select').value).toBe('b');
    page('?s=zzz', html);
    bind('select');
    expect($('select').value).toBe('a');
    expect(query()).toBe('?s=zzz');
    addOption('zzz');
    await tick();
    expect($('select').value).toBe('zzz');
    expect(query()).toBe('?s=zzz');
    type($('select'), 'b', ['input', 'change']);
    expect(query()).toBe('?s=b');
  });

  it('[QRY-141] select multiple', () => {
    const html = '<select name=m multiple><option>a</option><option>b</option></select>';
    const chosen = () => [...$<HTMLSelectElement>('select').options].filter((o) => o.selected).map((o) => o.value);
    page('?m=a&m=b&m=a', html);
    bind('select')();
    expect(chosen()).toEqual(['a', 'b']);
    expect(query()).toBe('?m=a&m=b&m=a');
    page('?m=zzz', html);
    bind('select');
    expect(chosen()).toEqual([]);
    expect(query()).toBe('?m=zzz');
  });

  it('[QRY-142] writes what the user has changed before', () => {
    page('', `${range}<input type=checkbox name=c><select name=s><option>a</option><option>b</option></select>`);
    $('input').value = '6';
    $('[name=c]').checked = true;
    $('select').value = 'b';
    bind('[name]');
    expect(query()).toBe('?n=6&c=true&s=b');
  });

  it('[QRY-142] radios, options and checkboxes that arrive in pieces keep the link', async () => {
    page(
      '?r=b&c=y&c=x&s=two&n=15',
      '<main><input type=radio name=r data-param=r value=a><input type=checkbox data-param=c value=x>' +
        '<select data-param=s><option>one</option></select><input type=range data-param=n min=0 max=10></main>',
    );
    bind('main');
    const link = query();
    const add = async (html: string) => {
      $('main').insertAdjacentHTML('beforeend', html);
      await tick();
      expect(query()).toBe(link);
    };
    await add('<input type=radio name=r data-param=r value=b>');
    await add('<input type=checkbox data-param=c value=y>');
    addOption('two');
    $('[type=range]').max = '20';
    await add('<p></p>');
    expect($('[name=r]:checked').value).toBe('b');
    expect([...document.querySelectorAll<HTMLInputElement>('[data-param=c]')].map((box) => box.checked)).toEqual([
      true,
      true,
    ]);
    expect([$('select').value, $('[type=range]').value]).toEqual(['two', '15']);
  });

  it('shows the last of a repeated parameter', () => {
    page('?n=3&n=4', range);
    bind('input');
    expect($('input').value).toBe('4');
    expect(query()).toBe('?n=3&n=4');
  });

  it.each([
    ['<input name=n type=number min=0 max=10 value=5>', '11', '5'],
    ['<input name=n type=number min=0 max=10 value=5>', '10', '10'],
    ['<input name=n value=x>', 'any+text', 'any text'],
    ['<textarea name=n></textarea>', 'a%0D%0Ab', 'a\nb'],
    ['<input type=color name=n value=#ff0000>', '%2300ff00', '#00ff00'],
    ['<input type=date name=n>', '2026-01-02', '2026-01-02'],
    ['<input type=date name=n value=2026-05-05>', 'yesterday', '2026-05-05'],
  ])('texts that the control accepts: %s ?n=%s', (html, text, shown) => {
    page(`?n=${text}`, html);
    bind('[name=n]');
    expect($('[name=n]').value).toBe(shown);
    expect(query()).toBe(`?n=${text}`);
  });

  it('radio and checkboxes of one key', () => {
    page(
      '?r=b&c=y&c=no&c=x',
      `<input type=radio name=r value=a checked><input type=radio name=r value=b>
       <input type=checkbox name=c value=x><input type=checkbox name=c value=y>`,
    );
    bind('input');
    expect($('[name=r]:checked').value).toBe('b');
    expect([...document.querySelectorAll<HTMLInputElement>('[name=c]:checked')].map(({ value }) => value)).toEqual([
      'x',
      'y',
    ]);
    expect(query()).toBe('?r=b&c=y&c=no&c=x');
    $('[value=x]').click();
    expect(query()).toBe('?r=b&c=y');
    $('[value=y]').click();
    $('[value=a]').click();
    expect(query()).toBe('');
  });

  it('a list whose default is not empty can be emptied', () => {
    page('', '<input type=checkbox name=c value=x checked><input type=checkbox name=c value=y>');
    bind('input');
    expect(query()).toBe('');
    $('[value=x]').click();
    expect(query()).toBe('?c=');
    ends.pop()!();
    $('[value=x]').checked = true;
    bind('input');
    expect($('[value=x]').checked).toBe(false);
  });

  it('refuses a reserved key', () => {
    page('', '<input name=embed>');
    expect(() => bind('input')).toThrow(expect.objectContaining({ name: 'ReservedKeyError', key: 'embed' }));
  });
});

describe('bind(queryParams), afterwards', () => {
  it('[QRY-124] follows the user, without entries', () => {
    page('', range);
    bind('input');
    type($('input'), '7');
    expect(q.n).toBe('7');
    expect(query()).toBe('?n=7');
    type($('input'), '5');
    expect(query()).toBe('');
    expect(entries).toBe(1);
  });

  it('[QRY-125] follows code; refused values end as the default', () => {
    page('', range);
    bind('input');
    q.n = 3;
    expect($('input').value).toBe('3');
    expect(query()).toBe('?n=3');
    q.n = 99;
    expect($('input').value).toBe('5');
    expect(query()).toBe('');
  });

  it('[QRY-126] follows Back', async () => {
    page('', range);
    bind('input');
    q.set('n', 8, { history: 'push' });
    q.flush();
    expect($('input').value).toBe('8');
    expect(entries).toBe(2);
    visit('/p', 'traverse');
    await vi.waitFor(() => expect($('input').value).toBe('5'));
    expect(query()).toBe('');
  });

  it('[QRY-127] another path without the parameter changes nothing', async () => {
    page('?n=7', range);
    bind('input');
    visit('/other');
    expect(q.n).toBe(undefined);
    await tick();
    expect($('input').value).toBe('7');
    expect([query(), url]).toEqual(['', 'http://h/other']);
    visit('/p?n=2');
    await tick();
    expect($('input').value).toBe('2');
    visit('/p');
    await tick();
    expect($('input').value).toBe('5');
  });

  it.each([
    ['delete', (q: any) => q.delete('n')],
    ['clear', (q: any) => q.clear()],
    ['null', (q: any) => (q.n = null)],
    ['fromDict', (q: any) => q.fromDict({ other: 1 })],
    ['a foreign replace', () => visit('/b')],
    ['Back on that path', () => visit('/b', 'traverse')],
  ])('[QRY-136] after a push to another path %s resets', async (_, remove) => {
    page('?n=7', range);
    bind('input');
    visit('/b?n=7');
    await tick();
    expect($('input').value).toBe('7');
    remove(q);
    await tick();
    expect($('input').value).toBe('5');
  });

  it.each<[string, () => void]>([
    ['new limits', () => $('[name=n]').setAttribute('max', '20')],
    ['another control of the key', () => $('form').insertAdjacentHTML('beforeend', '<input name=n value=5>')],
    ['the back/forward cache', () => window.dispatchEvent(new Event('pageshow'))],
  ])('[QRY-127] what is shown from another path is not written after %s', async (_what, run) => {
    page('?n=7&r=b', `<form>${range}<input type=radio name=r value=a checked><input type=radio name=r value=b></form>`);
    bind('form');
    visit('/other');
    await tick();
    expect([$('[name=n]').value, $('[value=b]').checked]).toEqual(['7', true]);
    run();
    await tick();
    expect(query()).toBe('');
    type($('[name=n]'), '8');
    expect(query()).toBe('?n=8');
  });

  it('[QRY-142] an edit that waits for its submit is not written by new limits', async () => {
    page('', `<form data-batch>${range}</form>`);
    bind('form');
    type($('[name=n]'), '7');
    $('[name=n]').setAttribute('max', '20');
    await tick();
    expect([query(), $('[name=n]').value]).toEqual(['', '7']);
    $<HTMLFormElement>('form').requestSubmit();
    expect(query()).toBe('?n=7');
  });

  it('[QRY-136] several paths on', async () => {
    page('?n=7', range);
    bind('input');
    for (const path of ['/a?n=7', '/b', '/c?n=3', '/c?n=3&m=1', '/d?n=3']) {
      visit(path);
      await tick();
    }
    expect($('input').value).toBe('3');
    visit('/d?m=1');
    await tick();
    expect($('input').value).toBe('5');
  });

  it('[QRY-138] foreign changes to what it cannot show leave the URL alone', async () => {
    page('?n=7', range);
    bind('input');
    visit('/p?n=99');
    await tick();
    expect([$('input').value, query()]).toEqual(['5', '?n=99']);
    visit('/p?n=4', 'traverse');
    await tick();
    expect([$('input').value, query()]).toEqual(['4', '?n=4']);
  });

  it.each([
    [range, ['99', '-1', 'x', true, ''], '5'],
    [`${range}<output name=n></output>`, ['99'], '5'],
    ['<input type=number name=n max=10 value=2>', [11, 'x'], '2'],
    ['<select name=n><option>a</option><option>b</option></select>', ['c', ''], 'a'],
  ])('[QRY-125] what is refused ends as the default: %s', (html, values, initial) => {
    for (const value of values) {
      page('', html);
      bind('[name=n]')();
      bind('[name=n]');
      q.n = value;
      expect($('[name=n]').value).toBe(initial);
      expect(query()).toBe('');
      ends.pop()!();
    }
  });

  it('[QRY-135] an emptied control that its codec cannot write removes', () => {
    page('?n=5&m=2', '<input type=number name=n value=1><input type=number name=m>');
    bind('[name=n]', { codec: param.integer });
    bind('[name=m]', { codec: param.number.withDefault(3) });
    type($('[name=n]'), '');
    expect(query()).toBe('?m=2');
    type($('[name=m]'), '');
    expect(query()).toBe('');
    type($('[name=n]'), '7');
    expect(query()).toBe('?n=7');
  });

  it('[QRY-124] does not rewrite a field by what a codec makes of an unfinished edit', async () => {
    const upper = { parse: ([text = '']: string[]) => text.trim().toUpperCase(), format: String };
    page('?n=5', '<form><input type=number name=n value=1><input name=t></form><input id=other>');
    bind('[name=n]', { codec: param.integer });
    bind('[name=t]', { codec: upper });
    bind('#other', { key: 't', codec: upper });
    type($('[name=n]'), '');
    expect([query(), $('[name=n]').value]).toEqual(['', '']);
    type($('[name=n]'), '7', ['input', 'change']);
    expect([query(), $('[name=n]').value]).toEqual(['?n=7', '7']);
    type($('[name=n]'), '', ['input', 'change']);
    expect([query(), $('[name=n]').value]).toEqual(['', '1']);
    type($('[name=t]'), 'a ');
    expect([query(), $('[name=t]').value, $('#other').value]).toEqual(['?t=a+', 'a ', 'A']);
    type($('[name=t]'), 'a b', ['input', 'blur']);
    expect([query(), $('[name=t]').value]).toEqual(['?t=a+b', 'A B']);
    type($('[name=t]'), 'c');
    q.t = 'd';
    expect($('[name=t]').value).toBe('D');
    // what is refused waits
    type($('[name=n]'), '1.5', ['input', 'change']);
    expect([query(), $('[name=n]').value]).toEqual(['?t=d', '1.5']);
    type($('[name=t]'), 'e ');
    $<HTMLFormElement>('form').reset();
    await vi.waitFor(() => expect(query()).toBe(''));
    expect([$('[name=n]').value, $('[name=t]').value]).toEqual(['1', '']);
  });

  it('[QRY-142] what the browser restores before the page is shown is written; a parameter wins', () => {
    page('?m=3', `${range}<input name=m value=x><form data-batch><input name=b data-param=b></form>`);
    bind('[name]');
    $('input').value = '8';
    $('[name=m]').value = 'restored';
    $('[name=b]').value = 'pending';
    window.dispatchEvent(new Event('pageshow'));
    expect(query()).toBe('?m=3&n=8');
    expect([$('[name=m]').value, $('[name=b]').value]).toEqual(['3', 'pending']);
  });

  it('[QRY-143] reset: what is not there is not removed', async () => {
    page('?n=abc&m=x', `<form>${range}<input name=m></form>`);
    bind('input');
    $<HTMLFormElement>('form').reset();
    await vi.waitFor(() => expect(query()).toBe('?n=abc'));
  });

  it('a number that the user empties is written as such', () => {
    page('', '<input type=number name=a value=3><input type=number name=b>');
    bind('input');
    type($('[name=a]'), '');
    type($('[name=b]'), '4');
    type($('[name=b]'), '');
    expect(query()).toBe('?a=');
    ends.pop()!();
    $('[name=a]').value = '3';
    bind('input');
    expect($('[name=a]').value).toBe('');
  });

  it('a number beyond its limits is not written', () => {
    page('?n=4', '<input type=number name=n min=0 max=10>');
    bind('input');
    type($('input'), '99');
    expect(query()).toBe('?n=4');
    expect($('input').value).toBe('99');
    type($('input'), '9');
    expect(query()).toBe('?n=9');
  });

  it('two controls of one key are in step', () => {
    page('', `${range}<input type=number name=n min=0 max=10 value=5>`);
    bind('input');
    type($('input'), '8');
    expect($('[type=number]').value).toBe('8');
    type($('[type=number]'), '2');
    expect($('input').value).toBe('2');
    expect(query()).toBe('?n=2');
  });

  it('two controls of one key may have other limits', () => {
    page('', '<input type=range name=n min=0 max=5 value=1><input type=number name=n min=0 max=10 value=1>');
    bind('input');
    type($('[type=number]'), '8');
    expect([query(), $('[type=number]').value]).toEqual(['?n=8', '8']);
  });

  it('makes an entry where it is told to', () => {
    page('', range);
    bind('input', { history: 'push' });
    type($('input'), '7');
    expect(query()).toBe('?n=7');
    expect(entries).toBe(2);
  });

  it('[QRY-125] takes the text of a select or a Ref for what the codec means by it', () => {
    page('', '<select name=n><option>1<option>2<option>x</select>');
    bind('select', { codec: param.integer, default: 1 });
    const select = $('select') as unknown as HTMLSelectElement;
    const choose = (value: string) => {
      select.value = value;
      select.dispatchEvent(new Event('input', { bubbles: true }));
      select.dispatchEvent(new Event('change', { bubbles: true }));
    };
    choose('2');
    expect(query()).toBe('?n=2');
    choose('1');
    expect(query()).toBe('');
    const ref = atom<unknown>(1);
    bind(ref as never, { key: 'page', default: 1 as never });
    ref.set('2');
    expect(query()).toBe('?page=2');
    expect(ref.get()).toBe('2');
    ref.set('1');
    expect(query()).toBe('');
  });

  it('takes a codec and a default', () => {
    page('?s=up', '<input name=s>');
    bind('input', { codec: param.oneOf(['asc', 'desc']), default: 'asc' });
    expect($('input').value).toBe('asc');
    type($('input'), 'de');
    expect(query()).toBe('?s=up');
    type($('input'), 'desc');
    expect(query()).toBe('?s=desc');
    delete q.s;
    expect($('input').value).toBe('asc');
  });

  it('[QRY-143] ignores disabled controls; a reset removes', async () => {
    page('?n=7', `<form>${range}</form>`);
    bind('input');
    $('input').disabled = true;
    type($('input'), '8');
    expect(query()).toBe('?n=7');
    $('input').disabled = false;
    $<HTMLFormElement>('form').reset();
    await vi.waitFor(() => expect(query()).toBe(''));
    expect($('input').value).toBe('5');
  });

  it('a batched form writes on submit, in one call', () => {
    page('', '<form data-batch><input name=a><input type=checkbox name=b><button>Go</button></form>');
    bind('form');
    const told = vi.fn();
    q.subscribe(told);
    type($('[name=a]'), 'x');
    $('[name=b]').click();
    expect(query()).toBe('');
    $<HTMLFormElement>('form').requestSubmit();
    expect(query()).toBe('?a=x&b=true');
    expect(told).toHaveBeenCalledTimes(1);
  });

  it('binds controls of a container by data-param, also later ones', async () => {
    page('?a=1&b=2', '<div id=box><input data-param=a><input name=b></div>');
    bind('#box');
    expect([$('input').value, $('[name=b]').value]).toEqual(['1', '']);
    $('#box').insertAdjacentHTML('beforeend', '<input id=late data-param=b>');
    await tick();
    expect($('#late').value).toBe('2');
  });
});

describe('bind(queryParams), limits and ends', () => {
  it.each([
    '<input type=password name=k>',
    '<input type=file name=k>',
    '<button name=k>',
    '<input name=k autocomplete="billing cc-number">',
    '<input name=k data-persist=false>',
  ])('[QRY-129] refuses %s', (html) => {
    page('', html);
    expect(() => bind('[name=k]')).toThrow(TypeError);
    expect(() => bind('[name=k]')).toThrow(/"k"/);
  });

  it('[QRY-129] passes over them in a form', () => {
    page(
      '',
      '<form><input type=password name=p value=1><input type=file name=f><input type=hidden name=h value=1><input type=hidden data-param=i value=1><button name=b value=1>b</button><input name=t></form>',
    );
    q.i = 2;
    bind('form');
    type($('[name=p]'), 'secret');
    type($('[name=t]'), 'x');
    expect(query()).toBe('?i=2&t=x');
    expect($('[data-param=i]').value).toBe('2');
  });

  it('a hidden control with the attribute is written when it differs from what it was', () => {
    page('?h=5', '<input type=hidden data-param=h value=1>');
    bind('input');
    expect(query()).toBe('?h=5');
    expect($('input').value).toBe('5');
    type($('input'), '2');
    expect(query()).toBe('?h=2');
    type($('input'), '1');
    expect(query()).toBe('');
    q.h = 3;
    q.h = null;
    expect($('input').value).toBe('1');
  });

  it('[QRY-130] unbinding ends it, and keeps the parameter', () => {
    page('?n=7', range);
    const end = bind('input');
    end();
    type($('input'), '8');
    q.m = 1;
    q.n = 3;
    expect($('input').value).toBe('8');
    expect(query()).toBe('?n=3&m=1');
  });

  it('[QRY-130] removeOnUnbind', () => {
    page('?n=7', range);
    bind('input', { removeOnUnbind: true })();
    expect(query()).toBe('');
  });
});

describe('bind(queryParams) of a ref', () => {
  it('[QRY-128] keeps both in step; the URL wins, the default is left out', () => {
    page('?page=2', '');
    const state = atom<number>(4);
    bind(state, { key: 'page', default: 1 });
    expect(state.get()).toBe(2);
    state.set(3);
    expect(query()).toBe('?page=3');
    state.set(1);
    expect(query()).toBe('');
    q.page = 5;
    expect(state.get()).toBe(5);
    q.page = 'x';
    expect(state.get()).toBe(1);
    expect(query()).toBe('');
  });

  it('writes what the ref holds, and takes the default where the parameter goes', () => {
    page('', '');
    const state = atom<string[]>(['a']);
    bind(state, { key: 't', default: [] });
    expect(query()).toBe('?t=a');
    const list = ['x', 'y'];
    state.set(list);
    expect(query()).toBe('?t=x&t=y');
    expect(state.get()).toBe(list);
    delete q.t;
    expect(state.get()).toEqual([]);
    expect(Object.isFrozen(state.get())).toBe(false);
  });

  it('takes a codec, and needs a key', () => {
    page('?d=2026-01-02', '');
    const state = atom<Date | undefined>(undefined);
    expect(() => bind(state)).toThrow(TypeError);
    bind(state, { key: 'd', codec: param.date });
    expect(state.get()).toEqual(new Date('2026-01-02'));
    delete q.d;
    expect(state.get()).toBe(undefined);
  });

  it('ends, with and without removal', () => {
    page('', '');
    const state = atom<number>(4);
    bind(state, { key: 'p', default: 1 })();
    state.set(5);
    expect(query()).toBe('?p=4');
    q.p = 6;
    expect(state.get()).toBe(5);
    const end = bind(state, { key: 'p', default: 1, removeOnUnbind: true });
    end();
    expect(query()).toBe('');
    q.p = 3;
    end();
    expect(query()).toBe('?p=3');
  });
});

describe('bind(queryParams) and the address bar', () => {
  it('[QRY-124][QRY-126] follows each other', async () => {
    history.replaceState(null, '', `${location.pathname}?foreign=%zz&n=7#h`);
    document.body.innerHTML = range;
    q = createQueryParams();
    bind('input');
    expect($('input').value).toBe('7');
    type($('input'), '8');
    await tick();
    expect(location.search + location.hash).toBe('?foreign=%zz&n=8#h');
    type($('input'), '5');
    await tick();
    expect(location.search + location.hash).toBe('?foreign=%zz#h');
    q.set('n', 3, { history: 'push' });
    q.flush();
    expect(location.search).toBe('?foreign=%zz&n=3');
    if (navigator.userAgent.includes('HappyDOM')) {
      // no session history: what Back does to the address, and its event
      history.replaceState(null, '', `${location.pathname}?foreign=%zz#h`);
      window.dispatchEvent(new PopStateEvent('popstate'));
    } else history.back();
    await vi.waitFor(() => expect($('input').value).toBe('5'));
    q.flush();
    expect(location.search).toBe('?foreign=%zz');
    history.replaceState(null, '', home);
  });
});
