// @vitest-environment jsdom
import { afterEach, expect, it } from 'vitest';
import { bind, createQueryParams, createSessionState } from '../../src/index.js';

// What many people's own tests run in: no CSS.escape, no innerText, no layout.
const field = <E extends Element = HTMLInputElement>(selector: string): E => document.querySelector(selector) as E;
const type = (target: HTMLInputElement, value: string) => {
  target.value = value;
  for (const name of ['input', 'change', 'blur']) target.dispatchEvent(new Event(name, { bubbles: true }));
};
const state = createSessionState<Record<string, unknown>>();
const query = createQueryParams();
const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
  state.clear();
  query.clear();
});

it.each([
  ['a container', () => document],
  ['a form', () => 'form'],
  ['controls', () => '[name]'],
])('bind works in jsdom: %s', async (_, target) => {
  document.body.innerHTML = `<form><input name=t data-key=t data-param=t><input name=contains data-key=contains value=x>
    <input name=elements data-key=elements value=y><input type=checkbox name=c data-key=c data-param=c>
    <input type=range name=n data-key=n data-param=n min=0 max=10><input type=radio name=r data-key=r value=a checked>
    <input type=color name=k data-key=k data-param=k><input type=datetime-local name=w data-key=w data-param=w>
    <select name=s data-key=s data-param=s><option>1<option>2</select><textarea name=a data-key=a></textarea>
    <output data-key=t></output><div contenteditable name=e data-key=e>one</div></form><x-later data-key=x></x-later>`;
  for (const each of [state, query]) ends.push(bind(each, target(), each === query ? { attribute: 'data-param' } : {}));
  type(field('[name=t]'), 'typed');
  field('[name=c]').click();
  type(field('[name=n]'), '7');
  field('[name=e]').textContent = 'two';
  field('[name=e]').dispatchEvent(new Event('input', { bubbles: true }));
  expect([state['t'], state['c'], state['n'], state['e'], state['contains'], state['r']]).toEqual([
    'typed',
    true,
    7,
    'two',
    'x',
    'a',
  ]);
  expect(query.toDict()).toMatchObject({ t: 'typed', c: 'true', n: '7' });
  query.flush();
  expect(location.search).toContain('n=7');
  state['s'] = '2';
  expect(field('select').value).toBe('2');
  HTMLElement.prototype.append.call(field('form'), Object.assign(document.createElement('input'), { name: 'late' }));
  field('[name=late]').setAttribute('data-key', 'late');
  await new Promise((resolve) => setTimeout(resolve));
  if (target() !== '[name]') expect(state['late']).toBe('');
  HTMLFormElement.prototype.reset.call(field('form'));
  await new Promise((resolve) => setTimeout(resolve));
  expect([state['t'], query['n']]).toEqual(['', undefined]);
});
