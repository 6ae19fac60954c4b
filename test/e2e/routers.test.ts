// queryParams beside the routers of frameworks.
import fs from 'node:fs';
import path from 'node:path';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { removeDir } from '../tools/browsers.mjs';
import { inEngines } from '../tools/in-engines.js';
import { projectDir } from '../tools/project-dir.mjs';
import { server } from '../tools/server.mjs';
import { launch } from '../tools/tabs.mjs';

const root = path.resolve(import.meta.dirname, '../..');

/**
 * Small pages, one per router. Each tells how to go to a path, what the router takes for the query, and makes an
 * instance that hands its writes to the router.
 */
const pages = {
  'react-router': `
    import { createElement as h } from 'react';
    import { createRoot } from 'react-dom/client';
    import { createBrowserRouter, RouterProvider } from 'react-router';
    import { createQueryParams, queryParams as q } from 'tabstate';
    const router = createBrowserRouter([{ path: '*', element: h('h1', null, 'page') }]);
    createRoot(document.querySelector('#app')).render(h(RouterProvider, { router }));
    const handed = createQueryParams({
      navigate: (url, how) => router.navigate(url.slice(location.origin.length), { replace: how === 'replace' }),
    });
    window.R = { q, handed, go: (to) => router.navigate(to), search: () => router.state.location.search };`,
  'tanstack-history': `
    import { createBrowserHistory } from '@tanstack/history';
    import { createQueryParams, queryParams as q } from 'tabstate';
    const router = createBrowserHistory();
    router.subscribe(() => {});
    const handed = createQueryParams({ navigate: (url, how) => router[how](url.slice(location.origin.length)) });
    window.R = { q, handed, go: (to) => { router.push(to); router.flush(); }, search: () => router.location.search };`,
  'vue-router': `
    import { createApp, h } from 'vue';
    import { createRouter, createWebHistory, RouterView } from 'vue-router';
    import { createQueryParams, queryParams as q } from 'tabstate';
    const router = createRouter({
      history: createWebHistory(),
      routes: [{ path: '/:all(.*)', component: { render: () => h('h1', 'page') } }],
    });
    createApp({ render: () => h(RouterView) }).use(router).mount('#app');
    const handed = createQueryParams({ navigate: (url, how) => { router[how](url.slice(location.origin.length)); } });
    window.R = { q, handed, go: (to) => router.push(to),
      search: () => router.currentRoute.value.fullPath.replace(/^[^?#]*/, '').replace(/#.*/, '') };`,
};

/** The same for routers that live in the hash. */
const hashPages = {
  'react-hash-router': `
    import { createElement as h } from 'react';
    import { createRoot } from 'react-dom/client';
    import { createHashRouter, RouterProvider } from 'react-router';
    import { createQueryParams } from 'tabstate';
    const router = createHashRouter([{ path: '*', element: h('h1', null, 'page') }]);
    createRoot(document.querySelector('#app')).render(h(RouterProvider, { router }));
    const q = createQueryParams({ source: 'hash' });
    const handed = createQueryParams({
      source: 'hash',
      navigate: (url, how) => router.navigate(url.slice(url.indexOf('#') + 1), { replace: how === 'replace' }),
    });
    window.R = { q, handed, go: (to) => router.navigate(to), search: () => router.state.location.search };`,
  'vue-hash-router': `
    import { createApp, h } from 'vue';
    import { createRouter, createWebHashHistory, RouterView } from 'vue-router';
    import { createQueryParams } from 'tabstate';
    const router = createRouter({
      history: createWebHashHistory(),
      routes: [{ path: '/:all(.*)', component: { render: () => h('h1', 'page') } }],
    });
    createApp({ render: () => h(RouterView) }).use(router).mount('#app');
    const q = createQueryParams({ source: 'hash' });
    const handed = createQueryParams({
      source: 'hash',
      navigate: (url, how) => { router[how](url.slice(url.indexOf('#') + 1)); },
    });
    window.R = { q, handed, go: (to) => router.push(to),
      search: () => router.currentRoute.value.fullPath.replace(/^[^?#]*/, '').replace(/#.*/, '') };`,
};

const routers = Object.keys(pages) as (keyof typeof pages)[];
const hashRouters = Object.keys(hashPages) as (keyof typeof hashPages)[];

describe('queryParams beside routers', () => {
  let folder: string;
  let site: Awaited<ReturnType<typeof server>>;
  beforeAll(async () => {
    folder = projectDir('routers');
    const input: Record<string, string> = {};
    for (const [name, page] of Object.entries({ ...pages, ...hashPages })) {
      input[name] = path.join(folder, `${name}.js`);
      fs.writeFileSync(input[name], page);
    }
    const out = path.join(folder, 'out');
    await build({
      configFile: false,
      root: folder,
      logLevel: 'error',
      define: {
        'process.env.NODE_ENV': '"production"',
        __VUE_PROD_DEVTOOLS__: 'false',
        __VUE_OPTIONS_API__: 'true',
        __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
      },
      resolve: { alias: { tabstate: path.join(root, 'dist/index.js') } },
      build: {
        outDir: out,
        minify: false,
        target: 'es2022',
        modulePreload: false,
        rollupOptions: { input, output: { entryFileNames: '[name].js' } },
      },
    });
    // every path under a router's name is its page
    const html = Object.fromEntries(
      [...routers, ...hashRouters].flatMap((name) =>
        ['one', 'two'].map((page) => [
          `/${name}/${page}`,
          `<script>var problems = []; addEventListener('error', (event) => problems.push(event.message));
            addEventListener('unhandledrejection', (event) => problems.push(String(event.reason)));</script>
           <div id="app"></div><script type="module" src="/${name}.js"></script>`,
        ]),
      ),
    );
    site = await server(html, { root: out });
  }, 120_000);
  afterAll(() => {
    site?.close();
    if (folder) removeDir(folder);
  });

  inEngines('routers', (engine) => {
    let browser: Awaited<ReturnType<typeof launch>>;
    let tab: Awaited<ReturnType<(typeof browser)['newTab']>>;
    beforeAll(async () => {
      browser = await launch(engine);
    });
    afterAll(() => browser?.close());
    const until = (expression: string, value: unknown): Promise<void> =>
      vi.waitFor(async () => expect(await tab.eval(expression)).toEqual(value), { timeout: 10_000, interval: 50 });
    const here = 'location.pathname + location.search + location.hash';

    it.each(routers)('%s keeps working: query, hash, state and Back', async (name) => {
      const [one, two] = [`/${name}/one`, `/${name}/two`];
      tab = await browser.newTab();
      await tab.goto(`${site.url}${one}?z=0#h`);
      await until('!!window.R', true);
      const before = await tab.eval('history.state');

      // a plain write: what the router keeps in the state stays
      await tab.eval('(R.q.a = 1, R.q.flush(), 1)');
      expect(await tab.eval(here)).toBe(`${one}?z=0&a=1#h`);
      const state = await tab.eval('history.state');
      if (name === 'vue-router') expect(state).toEqual({ ...before, current: `${one}?z=0&a=1#h` });
      else expect(state).toEqual(before);

      // the router goes on, Back comes to what was written
      await tab.eval(`(R.go('${two}'), 1)`);
      await until(here, two);
      expect(await tab.eval('R.q.a ?? null')).toBe(null);
      await tab.eval('(R.q.b = 2, R.q.flush(), 1)');
      expect(await tab.eval(here)).toBe(`${two}?b=2`);
      await tab.eval('(void setTimeout(() => history.back()), 1)');
      await until(here, `${one}?z=0&a=1#h`);
      expect(await tab.eval('[R.q.a, R.q.b ?? null]')).toEqual(['1', null]);
      await until('R.search()', '?z=0&a=1');
      await tab.eval('(void setTimeout(() => history.forward()), 1)');
      await until(here, `${two}?b=2`);
      await until('R.search()', '?b=2');

      // handed to the router: it knows at once, and a push is one entry
      const length = await tab.eval('history.length');
      await tab.eval('(R.handed.c = 3, R.handed.flush(), 1)');
      await until(here, `${two}?b=2&c=3`);
      await until('R.search()', '?b=2&c=3');
      expect(await tab.eval('history.length')).toBe(length);
      await tab.eval("(R.handed.set('c', 'é 4', { history: 'push' }), 1)");
      await until('R.handed.getAll("c").concat(new URLSearchParams(location.search).get("c"))', ['é 4', 'é 4']);
      await until('new URLSearchParams(R.search()).get("c")', 'é 4');
      expect(await tab.eval('history.length')).toBe(length + 1);
      await tab.eval('(void setTimeout(() => history.back()), 1)');
      await until(here, `${two}?b=2&c=3`);
      await until('R.search()', '?b=2&c=3');
      expect(await tab.eval('[R.handed.c, R.q.c, problems]')).toEqual(['3', '3', []]);
      await tab.close();
    });

    it.each(hashRouters)('%s keeps working: what stands around its query, and Back', async (name) => {
      tab = await browser.newTab();
      await tab.goto(`${site.url}/${name}/one?s=1#/one?z=0`);
      await until('!!window.R', true);
      await until('R.search()', '?z=0');

      // a plain write stays in the hash
      await tab.eval('(R.q.a = 1, R.q.flush(), 1)');
      const first = `/${name}/one?s=1#/one?z=0&a=1`;
      expect(await tab.eval(here)).toBe(first);
      await tab.eval("(R.go('/two'), 1)");
      await until('location.hash', '#/two');
      expect(await tab.eval('R.q.a ?? null')).toBe(null);
      await tab.eval('(void setTimeout(() => history.back()), 1)');
      await until(here, first);
      await until('R.search()', '?z=0&a=1');
      await tab.eval('(void setTimeout(() => history.forward()), 1)');
      await until('location.hash', '#/two');

      // handed to the router: it knows at once, and a push is one entry
      const length = await tab.eval('history.length');
      await tab.eval('(R.handed.c = 3, R.handed.flush(), 1)');
      await until('[location.hash, R.search()]', ['#/two?c=3', '?c=3']);
      expect(await tab.eval('history.length')).toBe(length);
      await tab.eval("(R.handed.set('c', 4, { history: 'push' }), 1)");
      await until('[location.hash, R.search(), R.q.c]', ['#/two?c=4', '?c=4', '4']);
      expect(await tab.eval('history.length')).toBe(length + 1);
      await tab.eval('(void setTimeout(() => history.back()), 1)');
      await until('[location.hash, R.search(), location.search]', ['#/two?c=3', '?c=3', '?s=1']);
      expect(await tab.eval('[R.handed.c, R.q.c, problems]')).toEqual(['3', '3', []]);
      await tab.close();
    });
  });
});
