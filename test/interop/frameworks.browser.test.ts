// Refs as they are in Preact, Vue, Solid, Svelte and Lit.
import { useStore as usePreact } from '@nanostores/preact';
import { useStore as useSolid } from '@nanostores/solid';
import { useStore as useVue } from '@nanostores/vue';
import { html, LitElement, type ReactiveController, type ReactiveControllerHost } from 'lit';
import { h as preact, render } from 'preact';
import { createEffect, createRoot } from 'solid-js';
import { derived, get } from 'svelte/store';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createApp, defineComponent, h as vue } from 'vue';
import { createSessionState, type ReadableRef } from '../../src/index.js';

let state: ReturnType<typeof createSessionState<Record<string, any>>>;
let box: HTMLElement;
const settled = () => new Promise((resolve) => setTimeout(resolve, 30));
const shows = (text: string) => vi.waitFor(() => expect(box.textContent?.trim()).toBe(text));

beforeEach(() => {
  sessionStorage.clear();
  state = createSessionState({ prefix: 'interop:' });
  box = document.body.appendChild(document.createElement('div'));
});
afterEach(() => box.remove());

describe('a ref in Preact', () => {
  it('follows sets and changes in place', async () => {
    const View = () => preact('p', null, usePreact(state.ref('list', ['a']) as any).join());
    render(preact(View, null), box);
    await shows('a');
    state.list = ['b'];
    await shows('b');
    await settled();
    state.list.push('c');
    await shows('b,c');
    render(null, box);
  });
});

describe('a ref in Vue', () => {
  it('[SES-78] renders a child that got a part of the value as its prop', async () => {
    state.todos = [
      { text: 'one', done: false },
      { text: 'two', done: false },
    ];
    let renders = 0;
    const Todo = defineComponent({
      props: { todo: Object },
      setup: (props) => () => {
        renders++;
        return vue('p', `${props.todo!['text']}:${props.todo!['done']} `);
      },
    });
    const app = createApp({
      setup() {
        const todos = useVue(state.ref('todos') as any) as any;
        return () => todos.value.map((todo: any) => vue(Todo, { todo }));
      },
    });
    app.mount(box);
    await shows('one:false two:false');
    expect(renders).toBe(2);
    state.todos[0].done = true;
    await shows('one:true two:false');
    // the other child's object is the same one
    expect(renders).toBe(3);
    app.unmount();
  });
});

describe('a ref in Solid', () => {
  it('follows replaced objects and plain values', async () => {
    const seen: unknown[] = [];
    const end = createRoot((dispose) => {
      const count = useSolid(state.ref('n', 0) as any) as () => unknown;
      const list = useSolid(state.ref('list', ['a']) as any) as () => string[];
      createEffect(() => seen.push(count()));
      createEffect(() => seen.push(list().join()));
      return dispose;
    });
    await vi.waitFor(() => expect(seen).toEqual([0, 'a']));
    state.n = 1;
    state.list = [...state.list, 'b'];
    await vi.waitFor(() => expect(seen).toEqual([0, 'a', 1, 'a,b']));
    end();
    state.n = 2;
    await settled();
    expect(seen.length).toBe(4);
  });
});

describe("a ref under Svelte's store contract", () => {
  it('[SES-79] get, derived and $ref', async () => {
    const count = state.ref('n', 1);
    expect(get(count as any)).toBe(1);
    const twice = derived(count as any, (n: any) => n * 2);
    const seen: unknown[] = [];
    const end = twice.subscribe((value) => seen.push(value));
    // $n = 5
    count.set(5);
    expect(seen).toEqual([2, 10]);
    end();
    // $list.push(1); $list = $list
    const list = state.ref('list', [] as number[]);
    const told = vi.fn();
    state.subscribe('list', told);
    (get(list as any) as number[]).push(1);
    list.set(list.value);
    expect(told).toHaveBeenCalledTimes(1);
    await settled();
    expect(sessionStorage.getItem('interop:list')).toBe('{"json":[1]}');
  });
});

describe('a ref in Lit', () => {
  class RefController<T> implements ReactiveController {
    #end: (() => void) | undefined;
    constructor(
      private readonly host: ReactiveControllerHost,
      readonly ref: ReadableRef<T>,
    ) {
      host.addController(this);
    }
    hostConnected() {
      this.#end = this.ref.listen(() => this.host.requestUpdate());
    }
    hostDisconnected() {
      this.#end?.();
    }
  }

  it('updates the host while it is connected', async () => {
    const ref = state.ref('list', ['a']);
    let renders = 0;
    class View extends LitElement {
      list = new RefController(this, ref);
      override createRenderRoot() {
        return this;
      }
      override render() {
        renders++;
        return html`<p>${this.list.ref.get().join()}</p>`;
      }
    }
    customElements.define('interop-lit', View);
    const element = box.appendChild(document.createElement('interop-lit'));
    await shows('a');
    await settled();
    renders = 0;
    state.list.push('b');
    await shows('a,b');
    await settled();
    expect(renders).toBe(1);
    element.remove();
    state.list = ['c'];
    await settled();
    expect(renders).toBe(1);
  });
});
