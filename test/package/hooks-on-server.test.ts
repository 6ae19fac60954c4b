// no window, no document: plain Node
import { createElement as h, Suspense } from 'react';
import { renderToString as renderReact, renderToReadableStream } from 'react-dom/server';
import { renderToString as renderSolid } from 'solid-js/web';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSSRApp } from 'vue';
import { renderToString as renderVue } from 'vue/server-renderer';
import { cacheData, context, queryParams, sessionState } from '../../src/index.js';
import * as react from '../../src/react/index.js';
import * as solid from '../../src/solid/index.js';
import * as vue from '../../src/vue/index.js';

let runs = 0;
const load = cacheData(async (id: number) => id + ++runs, { name: 'on a server' });
const view = queryParams.define({ page: 1 });
const count = sessionState.ref('count', 1);
const textOf = (...parts: unknown[]): string => parts.join(' ');

describe('hooks on a server', () => {
  beforeEach(() => {
    vi.spyOn(console, 'warn');
    vi.spyOn(console, 'error');
  });
  afterEach(() => {
    expect([vi.mocked(console.warn).mock.calls, vi.mocked(console.error).mock.calls]).toEqual([[], []]);
    vi.restoreAllMocks();
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    expect([Object.keys(sessionState), runs]).toEqual([[], 0]);
    vi.restoreAllMocks();
  });

  it('[SES-110] React shows initial values, each visitor those of their own', () => {
    const View = ({ user }: { user: string }) => {
      const [name] = react.useSessionState('user', user);
      const { status } = react.useCached(load, 1);
      const { page } = react.useParams(view);
      return textOf(react.useValue(count), name, status, page, react.useValue(context.ref('locale')));
    };
    expect(renderReact(h(View, { user: 'Ada' }))).toBe('1 Ada pending 1 ');
    expect(renderReact(h(View, { user: 'Grace' }))).toBe('1 Grace pending 1 ');
  });

  it('[SES-110] React streams the fallback of useSuspenseCached, and asks once', async () => {
    let renders = 0;
    const View = () => {
      // a microtask later than now would never come
      if (++renders > 100) throw new Error('asked for ever');
      return `${react.useSuspenseCached(load, 1)}`;
    };
    const onError = vi.fn();
    const stream = await renderToReadableStream(h(Suspense, { fallback: 'waiting' }, h(View)), { onError });
    await stream.allReady;
    expect(await new Response(stream).text()).toContain('waiting');
    expect(onError.mock.calls.map(([{ message }]) => message)).toEqual([expect.stringContaining('client rendering')]);
  });

  it('[SES-111] Vue shows initial values', async () => {
    const app = createSSRApp({
      setup() {
        const parts = [vue.useValue(count), vue.useCached(load, 1), vue.useParams(view)] as const;
        return () => textOf(parts[0].value, parts[1].value.status, parts[2].value.page);
      },
    });
    expect(await renderVue(app)).toBe('1 pending 1');
  });

  it('[SES-111] Solid shows initial values', () => {
    const html = renderSolid(() =>
      textOf(solid.useValue(count)(), solid.useCached(load, 1)().status, solid.useParams(view)().page),
    );
    expect(html).toBe('1 pending 1');
  });
});
