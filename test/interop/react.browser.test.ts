// Refs in React without our hooks.
import { useStore } from '@nanostores/react';
import { createElement as h, Profiler, StrictMode, useEffect, useSyncExternalStore } from 'react';
import { createRoot, hydrateRoot, type Root } from 'react-dom/client';
import { renderToString } from 'react-dom/server';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  cacheData,
  context,
  createQueryParams,
  createSessionState,
  param,
  type ReadableRef,
  removeCookie,
  setCookie,
} from '../../src/index.js';

const hooks = [
  ['useStore of @nanostores/react', useStore as <T>(ref: ReadableRef<T>) => T],
  ['useSyncExternalStore', <T>(ref: ReadableRef<T>) => useSyncExternalStore(ref.listen, ref.get, ref.get)],
] as const;

let root: Root | undefined;
let box: HTMLElement;
let state: ReturnType<typeof createSessionState<Record<string, any>>>;
let commits: number;
const settled = () => new Promise((resolve) => setTimeout(resolve, 30));

beforeEach(() => {
  sessionStorage.clear();
  state = createSessionState({ prefix: 'react:' });
  box = document.body.appendChild(document.createElement('div'));
  commits = 0;
});
afterEach(() => {
  root?.unmount();
  root = undefined;
  box.remove();
});

/** Renders what `show` makes of the ref's value, and counts commits. */
async function mount<T>(use: (ref: any) => any, ref: ReadableRef<T>, show: (value: T) => unknown) {
  const effects = vi.fn();
  const View = () => {
    const value = use(ref);
    useEffect(effects); // after those of the hook, which a busy browser runs long after the commit
    return String(show(value));
  };
  const onRender = () => {
    commits++;
  };
  root = createRoot(box);
  root.render(h(StrictMode, null, h(Profiler, { id: 'view', onRender }, h(View))));
  await vi.waitFor(() => expect(effects).toHaveBeenCalled());
  await settled();
  commits = 0;
}
/** Exactly one commit, that shows this. */
async function shows(text: string) {
  await vi.waitFor(() => expect(box.textContent).toBe(text));
  await settled();
  expect(commits).toBe(1);
  commits = 0;
}

describe.each(hooks)('a ref in React with %s', (_name, use) => {
  it('[SES-76] renders once for a set and once for a change in place', async () => {
    await mount(use, state.ref('list', ['a']), (list: string[]) => list.join());
    expect(box.textContent).toBe('a');
    state.list = ['b'];
    await shows('b');
    state.list.push('c');
    await shows('b,c');
    state.ref('list').update((list: string[]) => {
      list.push('d');
    });
    await shows('b,c,d');
    state.other = 1;
    await settled();
    expect(commits).toBe(0);
  });

  it('[SES-76] renders once when several keys change in a batch', async () => {
    await mount(use, state.ref('n', 0), (n: number) => n);
    state.batch(() => {
      state.n = 1;
      state.n = 2;
    });
    await shows('2');
  });

  it('follows queryParams.ref', async () => {
    const query = createQueryParams();
    await mount(use, query.ref('page', param.integer.withDefault(1)), (page) => page);
    expect(box.textContent).toBe('1');
    query.page = 2;
    await shows('2');
    query.other = 'x';
    await settled();
    expect(commits).toBe(0);
    query.clear();
    await shows('1');
    query.flush();
  });

  it('[CTX-59] renders once when the theme or a cookie changes', async () => {
    document.documentElement.dataset['theme'] = 'light';
    await mount(use, context.ref('theme'), ({ type }) => type);
    expect(box.textContent).toBe('light');
    document.documentElement.dataset['theme'] = 'dark';
    await shows('dark');
    delete document.documentElement.dataset['theme'];
    root?.unmount();
    await mount(use, context.ref('cookies'), (cookies) => cookies['interop'] ?? 'none');
    expect(box.textContent).toBe('none');
    setCookie('interop', 'set');
    await shows('set');
    removeCookie('interop');
    await shows('none');
    expect(context.ref('cookies').init?.toDict()).toEqual({});
    expect(context.ref('theme').init).toEqual({ type: null });
  });

  it('follows the ref of a cached call', async () => {
    let runs = 0;
    const load = cacheData(async (id: number) => `value ${id} of run ${++runs}`, {
      name: `interop ${_name}`,
      persist: false,
    });
    await mount(use, load.ref(7), ({ status, value }) => value ?? status);
    await vi.waitFor(() => expect(box.textContent).toBe('value 7 of run 1'));
    await load.clear(7);
    await vi.waitFor(() => expect(box.textContent).toBe('value 7 of run 2'));
  });
});

describe('hydration', () => {
  it("[SES-77] shows the server's value first with { ssr: 'initial' }, then the stored one", async () => {
    const View = ({ of }: { of: typeof state }) =>
      h('p', null, useStore(of.ref('n', 1) as any, { ssr: 'initial' }) as number);
    // what a server, which has no state, makes
    box.innerHTML = renderToString(h(View, { of: createSessionState({ prefix: 'server:' }) as typeof state }));
    expect(box.textContent).toBe('1');
    state.n = 5;
    const onRecoverableError = vi.fn();
    const error = vi.spyOn(console, 'error').mockImplementation(() => {});
    root = hydrateRoot(box, h(View, { of: state }), { onRecoverableError });
    await vi.waitFor(() => expect(box.textContent).toBe('5'));
    expect(onRecoverableError).not.toHaveBeenCalled();
    expect(error).not.toHaveBeenCalled();
    error.mockRestore();
  });
});
