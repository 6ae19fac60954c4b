// bind(queryParams, ref): a control beside one typed parameter.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { param } from '../../src/index.js';
import { $, boundPage, type } from '../helpers/bound-page.js';

const page = boundPage();
beforeEach(page.begin);
afterEach(page.end);

describe('bind(queryParams, ref)', () => {
  it.each(['x', '', '1e', '٣'])('[QRY-128] a text that says nothing, %j, shows the default and stays', (text) => {
    page.open('', `/p?z=1&page=${encodeURIComponent(text)}`);
    const before = page.url.href;
    page.S.page = 4;
    page.bind(page.Q, page.S.ref('page', 1), { key: 'page', default: 1 });
    expect(page.S.page).toBe(1);
    page.Q.flush();
    expect(page.url.href).toBe(before);
    page.S.page = 2;
    expect(page.query()).toBe('?z=1&page=2');
  });

  it('[QRY-128] also inside a batch, and the default itself stays, too', () => {
    page.open('', '/p?page=1');
    page.S.page = 4;
    page.S.batch(() => page.bind(page.Q, page.S.ref('page', 1), { key: 'page', default: 1 }));
    expect([page.S.page, page.query()]).toEqual([1, '?page=1']);
  });

  it('[QRY-128] goes back to what the URL gave', () => {
    page.open('', '/p?page=2');
    page.bind(page.Q, page.S.ref('page', 1), { key: 'page', default: 1 });
    page.S.page = 3;
    page.S.page = 2;
    expect(page.query()).toBe('?page=2');
    page.Q.page = 5;
    page.S.page = 2;
    expect(page.query()).toBe('?page=2');
  });

  it.each([
    [1, 2, '2'],
    [['a'], ['b', 'c'], 'b&k=c'],
    [true, false, 'false'],
    ['text', 'other', 'other'],
  ])('[QRY-135] null removes, where the default is %j', (initial, value, text) => {
    page.open('');
    page.bind(page.Q, page.S.ref('k', initial), { key: 'k', default: initial });
    page.S.k = value;
    expect(page.query()).toBe(`?k=${text}`);
    page.S.k = null;
    expect(page.query()).toBe('');
    // what the user empties stays empty
    expect(page.S.k).toBe(null);
    page.S.k = value;
    expect(page.query()).toBe(`?k=${text}`);
    page.S.k = undefined;
    expect(page.query()).toBe('');
    expect(page.reported).toEqual([]);
  });

  it('[QRY-135] null removes a day', () => {
    page.open('');
    const day = new Date('2026-01-01');
    page.bind(page.Q, page.S.ref('d', day), { key: 'd', default: day });
    page.S.d = new Date('2026-02-03');
    expect(page.query()).toBe('?d=2026-02-03');
    page.S.d = null;
    expect(page.query()).toBe('');
    page.bind(page.Q, page.S.ref('e'), { key: 'e', codec: param.date });
    page.S.e = new Date('2026-02-03');
    page.S.e = null;
    expect(page.query()).toBe('');
  });

  it('[QRY-135] a number that the user empties, bound to both', () => {
    page.open('<input type=number id=page data-key=page>', '/p?page=2');
    page.bind(page.Q, page.S.ref('page', 1), { key: 'page', default: 1 });
    page.bind(page.S, '#page');
    expect($('input').value).toBe('2');
    type($('input'), '');
    expect([page.S.page, $('input').value, page.query()]).toEqual([null, '', '']);
    type($('input'), '3');
    expect(page.query()).toBe('?page=3');
    expect(page.reported).toEqual([]);
  });

  it('[QRY-127] another path without the parameter changes nothing', async () => {
    page.open('', '/p?page=7');
    page.bind(page.Q, page.S.ref('page', 1), { key: 'page', default: 1 });
    page.url.visit('/other');
    page.Q.page;
    await Promise.resolve();
    expect([page.S.page, page.url.href]).toEqual([7, 'http://h/other']);
  });

  it('[QRY-136] the path counts anew with every URL', async () => {
    page.open('', '/p?page=7');
    page.bind(page.Q, page.S.ref('page', 1), { key: 'page', default: 1 });
    page.url.visit('/b?page=7');
    await Promise.resolve();
    page.Q.delete('page');
    expect(page.S.page).toBe(1);
  });

  it('[QRY-125] what the page writes and nobody can read ends as the default', () => {
    page.open('');
    page.bind(page.Q, page.S.ref('page', 1), { key: 'page', default: 1 });
    page.Q.page = 'x';
    expect([page.S.page, page.query()]).toEqual([1, '']);
  });
});
