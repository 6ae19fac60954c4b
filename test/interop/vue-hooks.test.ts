// The hooks of tabstate/vue.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  createApp,
  createSSRApp,
  defineComponent,
  effectScope,
  h,
  nextTick,
  vModelText,
  ref as vueRef,
  withDirectives,
} from 'vue';
import { renderToString } from 'vue/server-renderer';
import { cacheData, context, createSessionState, queryParams, sessionState } from '../../src/index.js';
import { reset } from '../../src/testing/index.js';
import { useCached, useParams, useValue } from '../../src/vue/index.js';

// what a bundler defines; without it Vue says so in the console
Object.assign(globalThis, {
  __VUE_OPTIONS_API__: true,
  __VUE_PROD_DEVTOOLS__: false,
  __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: true,
});

let box: HTMLElement;
let warnings: ReturnType<typeof vi.spyOn>;
let errors: ReturnType<typeof vi.spyOn>;
const settled = () => new Promise((resolve) => setTimeout(resolve, 30));
const shows = (text: string) => vi.waitFor(() => expect(box.textContent).toBe(text));

beforeEach(async () => {
  await reset();
  box = document.body.appendChild(document.createElement('div'));
  warnings = vi.spyOn(console, 'warn');
  errors = vi.spyOn(console, 'error');
});
afterEach(() => {
  expect([warnings.mock.calls, errors.mock.calls]).toEqual([[], []]);
  box.remove();
  vi.restoreAllMocks();
});

describe('tabstate/vue', () => {
  it('[SES-111] useValue is a writable ref for v-model', async () => {
    const name = sessionState.ref('name', 'Ada');
    const app = createApp({
      setup() {
        const text = useValue(name);
        return () => [
          withDirectives(h('input', { 'onUpdate:modelValue': (value: string) => (text.value = value) }), [
            [vModelText, text.value],
          ]),
          text.value,
        ];
      },
    });
    app.mount(box);
    expect(box.textContent).toBe('Ada');
    const input = box.querySelector('input')!;
    expect(input.value).toBe('Ada');
    input.value = 'Grace';
    input.dispatchEvent(new Event('input', { bubbles: true }));
    await shows('Grace');
    expect(sessionState['name']).toBe('Grace');
    sessionState['name'] = 'Edsger';
    await shows('Edsger');
    expect(input.value).toBe('Edsger');
    app.unmount();
  });

  it('[SES-111] renders once for a set and for a change in place, and not after an unmount', async () => {
    const list = createSessionState({ prefix: 'vue:' }).ref('list', ['a']);
    let renders = 0;
    const app = createApp({
      setup() {
        const items = useValue(list);
        return () => {
          renders++;
          return items.value.join();
        };
      },
    });
    app.mount(box);
    await settled();
    renders = 0;
    list.set(['b']);
    await shows('b');
    list.value.push('c');
    await shows('b,c');
    await settled();
    expect(renders).toBe(2);
    app.unmount();
    list.set(['d']);
    await settled();
    expect(renders).toBe(2);
  });

  it('[SES-111] useParams follows a view', async () => {
    const view = queryParams.define({ page: 1, q: '' });
    const app = createApp({
      setup() {
        const params = useParams(view);
        return () => `${params.value.page}${params.value.q}`;
      },
    });
    app.mount(box);
    expect(box.textContent).toBe('1');
    view.update({ page: 2, q: 'x' });
    await shows('2x');
    app.unmount();
  });

  it('[SES-111] useCached loads, and loads again for other arguments', async () => {
    const runs: number[] = [];
    const load = cacheData(
      async (id: number) => {
        runs.push(id);
        return `user ${id}`;
      },
      { name: 'vue user', persist: false },
    );
    const id = vueRef(1);
    const app = createApp({
      setup() {
        const user = useCached(load, id);
        return () => user.value.value ?? user.value.status;
      },
    });
    app.mount(box);
    await shows('user 1');
    id.value = 2;
    await shows('user 2');
    id.value = 1;
    await shows('user 1');
    expect(runs).toEqual([1, 2]);
    app.unmount();
    id.value = 3;
    await settled();
    expect(runs).toEqual([1, 2]);
  });

  it('[SES-111] useCached tells of arguments that cannot be a key once, and goes on with the next ones', async () => {
    const load = cacheData(async (id: unknown) => `user ${id}`, { name: 'vue odd', persist: false });
    const id = vueRef<unknown>(1);
    const app = createApp({
      setup() {
        const user = useCached(load, id);
        return () => user.value.value ?? user.value.status;
      },
    });
    const told: unknown[] = [];
    app.config.errorHandler = (error) => told.push((error as Error).name);
    app.mount(box);
    await shows('user 1');
    id.value = () => 1;
    await settled();
    expect(told).toEqual(['UnhashableParamError']);
    id.value = 2;
    await shows('user 2');
    app.unmount();
  });

  it('[SES-111] works in a scope without a component, and ends with it', () => {
    const n = createSessionState({ prefix: 'vue:' }).ref('n', 1);
    const scope = effectScope();
    const shown = scope.run(() => useValue(n))!;
    n.set(2);
    expect(shown.value).toBe(2);
    scope.stop();
    n.set(3);
    expect(shown.value).toBe(2);
  });

  it('[SES-111] a server renders the initial values and stores nothing; hydration finds them', async () => {
    let runs = 0;
    const load = cacheData(async () => `run ${++runs}`, { name: 'vue server', persist: false });
    const view = queryParams.define({ page: 1 });
    const Child = defineComponent({
      props: { n: Number },
      setup: (props) => {
        const n = useValue(sessionState.ref('n', 1));
        return () => h('b', `${n.value}${props.n}`);
      },
    });
    const View = defineComponent({
      setup() {
        const n = useValue(sessionState.ref('n', 1));
        const params = useParams(view);
        const handed = useParams(view, { page: 4 });
        const cached = useCached(load);
        const theme = useValue(context.ref('theme'));
        return () =>
          h('p', [
            `${n.value} ${params.value.page} ${handed.value.page} ${cached.value.value ?? cached.value.status} ${theme.value.type} `,
            h(Child, { n: n.value }),
          ]);
      },
    });
    const html = await renderToString(createSSRApp(View));
    expect(html).toBe('<p>1 1 4 pending null <b>11</b></p>');
    expect([Object.keys(sessionState), runs]).toEqual([[], 0]);
    sessionState['n'] = 5;
    view.page = 3;
    box.innerHTML = html;
    const app = createSSRApp(View);
    app.mount(box);
    await vi.waitFor(() => expect(box.textContent).toContain('5 3 3 run 1'));
    expect(box.querySelector('b')!.textContent).toBe('55');
    await nextTick();
    app.unmount();
  });

  it.each([
    ['useValue', () => useValue(vueRef(1) as never), 'a ref'],
    ['useParams', () => useParams(sessionState as never), 'a view'],
    ['useCached', () => useCached((async () => 1) as never), 'a function wrapped by cacheData'],
  ])('[SES-111] %s says what it was given wrongly', (hook, use, what) => {
    expect(use).toThrow(TypeError);
    expect(use).toThrow(`${hook}: its first argument must be ${what}`);
  });
});
