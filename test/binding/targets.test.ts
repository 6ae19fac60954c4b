// What bind takes as its target, and what it refuses.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { bind } from '../../src/index.js';
import { $, $$, boundPage, nextTask, tick, type } from '../helpers/bound-page.js';

const page = boundPage();
beforeEach(page.begin);
afterEach(page.end);

describe('bind, what it is', () => {
  it('is no method: "bind" is an ordinary key', () => {
    page.S.bind = 1;
    expect([page.S.bind, 'bind' in page.S, Object.keys(page.S)]).toEqual([1, true, ['bind']]);
    page.Q.bind = 2;
    expect([page.Q.bind, page.query()]).toEqual(['2', '?bind=2']);
  });

  it.each([null, undefined, 5, {}, 'state', { batch() {}, flush() {} }])('refuses %j as a state', (state) => {
    expect(() => bind(state as any, document)).toThrow(TypeError);
  });

  it('shows nothing of what a state gives it', () => {
    const symbol = Symbol.for('tabstate.bind');
    expect(page.S[symbol]).toBeTypeOf('object');
    expect([symbol in page.S, Object.getOwnPropertySymbols(page.S), page.S[Symbol('other')]]).toEqual([
      false,
      [],
      undefined,
    ]);
    expect({ ...page.S }).toEqual({});
  });

  it('takes states of another copy of the library', async () => {
    vi.resetModules();
    const other = await import('../../src/index.js');
    page.open('<input data-key=k data-param=k value=x>');
    const ends = [other.bind(page.S, document), other.bind(page.Q, document)];
    type($('input'), 'y');
    expect([page.S.k, page.query()]).toEqual(['y', '?k=y']);
    for (const end of ends) end();
  });
});

describe('bind, hidden controls and controls without a name in a form', () => {
  it('[SES-103] a hidden companion neither ticks the checkbox nor is shown', () => {
    page.open('<form><input type=hidden name=admin value=0><input type=checkbox name=admin value=1></form>');
    page.bind(page.S, 'form');
    expect($('[type=checkbox]').checked).toBe(false);
    expect(page.S.admin).toBe(false);
    $('[type=checkbox]').click();
    expect([page.S.admin, $('[type=hidden]').value]).toEqual([true, '0']);
  });

  it.each([
    ['t', '<input type=hidden name=t value=""><select multiple name=t><option selected>a<option>b</select>', ['a']],
    ['r', '<input type=hidden name=r value=""><input type=radio name=r value=1 checked>', '1'],
    ['c', '<input type=checkbox name=c value=1 checked><input type=hidden name=c value=0>', true],
  ])('[SES-103] %s of %s', (key, html, value) => {
    page.open(`<form>${html}</form>`);
    page.bind(page.S, 'form');
    expect(page.S.get(key)).toEqual(value);
  });

  it('[SES-103] tokens stay those of the page', () => {
    for (const token of ['token-1', 'token-2']) {
      page.open(`<form><input type=hidden name=csrf value=${token}><input name=a value=x></form>`);
      page.bind(page.S, 'form');
      expect($('[name=csrf]').value).toBe(token);
      expect(page.S.has('csrf')).toBe(false);
      expect(page.S.a).toBe('x');
    }
  });

  it('[SES-103] a hidden control with the attribute is bound, and one that is named', () => {
    page.open('<form><input type=hidden data-key=a value=1></form><input id=b type=hidden name=b value=2>');
    page.bind(page.S, 'form');
    page.bind(page.S, '#b');
    expect([page.S.a, page.S.b]).toEqual(['1', '2']);
  });

  it.each(['<input type=search>', '<input name="" value=x>', '<select><option>a</select>', '<textarea></textarea>'])(
    '[SES-103] passes over %s',
    async (html) => {
      page.open(`<form><input name=a value=1>${html}</form>`);
      page.bind(page.S, 'form');
      page.bind(page.Q, 'form');
      $('form').insertAdjacentHTML('beforeend', `${html}<input name=late value=2>`);
      await tick();
      expect(page.S.toDict()).toEqual({ a: '1', late: '2' });
      expect(page.reported).toEqual([]);
    },
  );
});

describe('bind, each element on its own', () => {
  it('reports what cannot be bound, and binds the others', () => {
    page.open('<form><input name=a><input name=embed><input name=b></form>', '/p?a=1&b=2');
    page.bind(page.Q, 'form');
    expect([$('[name=a]').value, $('[name=b]').value]).toEqual(['1', '2']);
    expect(page.reported).toEqual([expect.objectContaining({ name: 'ReservedKeyError', key: 'embed' })]);
  });

  it('reports a custom element that cannot be read yet', () => {
    customElements.define(
      'x-early',
      class extends HTMLElement {
        get value() {
          return this.querySelector('input')!.value;
        }
      },
    );
    page.open('<input data-key=a value=1><x-early data-key=t></x-early><input data-key=b value=2>');
    page.bind(page.S, document);
    expect(page.S.toDict()).toEqual({ a: '1', b: '2' });
    expect(page.reported.length).toBe(1);
  });

  it('throws for an element that was named, and binds nothing then', () => {
    page.open('<input id=a data-key=k value=1><input id=b>');
    expect(() => page.bind(page.S, '#b')).toThrow(/data-key/);
    expect(() => page.bind(page.S, 'input')).toThrow(TypeError);
    expect(() => page.bind(page.Q, '#b')).toThrow(/data-param/);
    expect(page.S.has('k')).toBe(false);
  });
});

describe('bind, members of forms that controls hide', () => {
  const names = [
    ...['contains', 'elements', 'nodeType', 'querySelectorAll', 'addEventListener', 'localName', 'hasAttribute'],
    ...[
      'children',
      'attributes',
      'matches',
      'getAttribute',
      'getRootNode',
      'closest',
      'parentElement',
      'ownerDocument',
    ],
    ...['isConnected', 'removeEventListener', 'id', 'form', 'value', 'constructor', '__proto__', 'toString'],
  ];
  it.each(names)('[SES-103] a control named %s', async (name) => {
    page.open(`<form data-batch=""><input name=other value=1></form>`);
    const field = document.createElement('input');
    field.name = name;
    field.value = 'x';
    $('form').append(field);
    page.bind(page.S, $<any>('form'), { batch: false });
    page.bind(page.Q, 'form', { batch: false });
    expect([page.S.get(name), page.S.other]).toEqual(['x', '1']);
    type(field, 'y');
    type($('[name=other]'), '2');
    expect([page.S.get(name), page.S.other, page.Q.get(name)]).toEqual(['y', '2', 'y']);
    const late = document.createElement('input');
    late.name = 'late';
    HTMLFormElement.prototype.appendChild.call($('form'), late);
    await tick();
    expect(page.S.has('late')).toBe(true);
    HTMLFormElement.prototype.reset.call($('form'));
    await nextTask();
    expect(page.S.other).toBe('1');
    expect(page.reported).toEqual([]);
  });

  it('[SES-103] in a batched form within a container', () => {
    page.open(
      '<section><form data-batch><input name=hasAttribute data-key=a><input name=getAttribute data-key=b></form></section>',
    );
    page.bind(page.S, 'section');
    type($('[data-key=a]'), 'x');
    expect(page.S.a).toBe('');
    HTMLFormElement.prototype.requestSubmit.call($('form'));
    expect(page.S.a).toBe('x');
  });
});

describe('bind, custom elements and forms', () => {
  class Field extends HTMLElement {
    #value = 'html';
    get value() {
      return this.#value;
    }
    set value(value) {
      this.#value = value;
    }
  }

  it.each([
    ['found in a container', 'x-late-a', 'main'],
    ['named', 'x-late-b', 'x-late-b'],
    ['of a form', 'x-late-c', 'form'],
  ])('[SES-105] one that is upgraded later, %s', async (_, name, target) => {
    page.open(`<main><form><${name} data-key=late data-param=late></${name}></form></main>`, '/p?other=1');
    page.S.late = 'from state';
    page.bind(page.S, target);
    page.bind(page.Q, target);
    await tick();
    customElements.define(name, class extends Field {});
    if (!($<any>(name) instanceof Field)) $('form').innerHTML = `<${name} data-key=late data-param=late></${name}>`;
    await nextTask();
    const field = $<any>(name);
    expect(field.value).toBe('from state');
    type(field, 'typed');
    expect([page.S.late, page.query()]).toEqual(['typed', '?other=1&late=typed']);
  });

  it('binds nothing late when it has ended', async () => {
    page.open('<x-late-d data-key=late></x-late-d>');
    page.bind(page.S, document)();
    customElements.define('x-late-d', class extends Field {});
    await nextTask();
    expect(page.S.has('late')).toBe(false);
  });

  it('a custom element without class and key is a container', () => {
    page.open('<x-app><input data-key=a value=1></x-app>');
    page.bind(page.S, 'x-app');
    expect(page.S.a).toBe('1');
  });

  it.each(['', 'ff', 5, {}])('only a form counts as one: form is %j', (form) => {
    if (!customElements.get('x-sl')) customElements.define('x-sl', class extends Field {});
    page.open('<main><form data-batch><x-sl data-key=a></x-sl></form></main>');
    $<any>('x-sl').form = form;
    page.bind(page.S, 'main');
    type($('x-sl'), 'typed');
    expect(page.S.a).toBe('html');
    $<HTMLFormElement>('form').requestSubmit();
    expect(page.S.a).toBe('typed');
  });
});

describe('bind, liveness', () => {
  it('[SES-103] a custom element whose `form` throws keeps no other one from being bound', () => {
    class Odd extends HTMLElement {
      value = 'v';
      get form(): never {
        throw new Error('not yet');
      }
    }
    customElements.define('x-odd', Odd);
    page.open(
      '<main><x-odd data-key=a></x-odd><form data-batch><x-odd data-key=b></x-odd><input data-key=c value=1></form></main>',
    );
    page.bind(page.S, 'main');
    expect([page.S.a, page.S.b, page.S.c]).toEqual(['v', 'v', '1']);
    const [first, second] = document.querySelectorAll<any>('x-odd');
    for (const field of [first, second]) {
      field.value = 'w';
      field.dispatchEvent(new Event('input', { bubbles: true }));
    }
    expect([page.S.a, page.S.b]).toEqual(['w', 'v']);
    $<HTMLFormElement>('form').requestSubmit();
    expect(page.S.b).toBe('w');
  });

  it('[SES-97] a control of a bound form that gets another name', async () => {
    page.open('<form><p><input name=r0 value=a></p><p><input name=r1 value=b></p></form>');
    page.bind(page.S, 'form');
    $('p').remove();
    $('input').name = 'r0';
    await tick();
    expect($('input').value).toBe('a');
    type($('input'), 'c');
    expect([page.S.r0, page.S.r1]).toEqual(['c', 'b']);
  });

  it('[SES-97] one that is named gets another name', async () => {
    page.open('<input name=a value=1>');
    page.bind(page.S, 'input');
    $('input').name = 'b';
    await tick();
    type($('input'), '2');
    expect(page.S.toDict()).toEqual({ a: '1', b: '2' });
  });

  it('[SES-97] a heading that becomes editable, and is none any more', async () => {
    page.open('<h1 data-key=title>old</h1>');
    page.S.title = 'new';
    page.bind(page.S, document);
    expect($('h1').textContent).toBe('old');
    $('h1').setAttribute('contenteditable', 'true');
    await tick();
    expect($('h1').textContent).toBe('new');
    $('h1').removeAttribute('contenteditable');
    await tick();
    page.S.title = 'newer';
    expect($('h1').textContent).toBe('new');
  });

  it('[SES-97] a control that becomes another kind', async () => {
    page.open('<input data-key=n value=7><input id=t name=t value=8>');
    page.bind(page.S, document);
    page.bind(page.S, '#t');
    $('input').type = 'number';
    $('#t').type = 'number';
    await tick();
    type($('input'), '8');
    type($('#t'), '9');
    expect(page.S.toDict()).toEqual({ n: 8, t: 9 });
  });

  it('a pending entry survives a "show password" button', async () => {
    page.open('<form data-batch><input type=password name=p></form>');
    page.bind(page.S, 'form');
    type($('input'), 'secret');
    $('input').type = 'text';
    await tick();
    expect($('input').value).toBe('secret');
    $<HTMLFormElement>('form').requestSubmit();
    expect(page.S.p).toBe('secret');
    page.S.flush();
    expect(sessionStorage.getItem('tabstate:p')).toBe(null);
  });

  it('[SES-97] a control outside that joins a bound form, and leaves it', async () => {
    page.open('<form id=f1></form><div></div>');
    page.bind(page.S, 'form');
    $('div').innerHTML = '<input form=f1 name=late value=1>';
    await tick();
    // happy-dom finds no form by its id
    if ($('input').form === null) return;
    expect(page.S.late).toBe('1');
    type($('input'), '2');
    expect(page.S.late).toBe('2');
    $('input').setAttribute('form', 'other');
    await tick();
    type($('input'), '3');
    expect(page.S.late).toBe('2');
  });

  it('[SES-98] unbound in the middle of an event', () => {
    page.open('<input data-key=k value=1>');
    const end = page.bind(page.S, document);
    $('input').addEventListener('input', end);
    type($('input'), '2');
    expect(page.S.k).toBe('1');
  });

  it('takes what the page stops on its way', async () => {
    page.open('<div><input data-key=a><p><input data-key=b></p></div>');
    page.bind(page.S, document);
    $('[data-key=a]').addEventListener('input', (event) => event.stopPropagation());
    $('p').addEventListener('input', (event) => event.stopPropagation());
    for (const field of $$('input')) type(field, 'x');
    expect(page.S.a).toBe('x');
    await vi.waitFor(() => expect(page.S.b).toBe('x'));
  });
});
