// Frameworks with a server: one page, rendered there and taken over in the browser. It shows a key of the session state that
// has another value by then, a parameter of the URL, and a cached call.

const model = `import { cacheData, queryParams, sessionState } from 'tabstate';
export const view = queryParams.define({ page: 1 });
export const count = sessionState.ref('count', 1);
export const load = cacheData(async () => {
  localStorage.setItem('runs', String(Number(localStorage.getItem('runs')) + 1));
  return 'value ' + localStorage.getItem('runs');
}, { name: 'load' });
`;
/** The value that a reload finds in place of the server's. */
const store = 'sessionState.count = 5;';
const shows = { html: '1 1 pending', first: '5 3 value 1', second: '5 3 value 1' };

const react = (more = '') => `import { useEffect } from 'react';
import { sessionState } from 'tabstate';
import { useCached, useParams, useSessionState } from 'tabstate/react';
import { load, view } from './model.js';
export default function Shows({ initial }) {
  const [count] = useSessionState('count', 1);
  const { page } = useParams(view, initial);
  const { status, value } = useCached(load);
  useEffect(() => { if (value) ${store} }, [value]);
  return <p id="shows">{\`\${count} \${page} \${value ?? status}\`}</p>;
}
${more}`;

export const servers = {
  next: {
    kind: 'server',
    packages: { next: '16', react: '19', 'react-dom': '19' },
    files: {
      'app/layout.jsx': `export default function Layout({ children }) { return <html lang="en"><body>{children}</body></html>; }`,
      'app/page.jsx': `import Shows from './shows.jsx';\nexport default function Page() { return <main><Shows /></main>; }`,
      'app/shows.jsx': `'use client';\n${react()}`,
      'app/model.js': model,
    },
    build: ['next', 'build'],
    serve: (port) => ['npx', '--no-install', 'next', 'start', '-p', `${port}`, '-H', '127.0.0.1'],
    shows,
  },
  nuxt: {
    kind: 'server',
    packages: { nuxt: '~4.0.0' },
    files: {
      'app/model.js': model,
      'app/app.vue': `<script setup>
import { watchEffect } from 'vue';
import { sessionState } from 'tabstate';
import { useCached, useParams, useValue } from 'tabstate/vue';
import { count, load, view } from './model.js';
const number = useValue(count);
const params = useParams(view);
const cached = useCached(load);
if (import.meta.client) watchEffect(() => { if (cached.value.value) ${store} });
</script>
<template><p id="shows">{{ number }} {{ params.page }} {{ cached.value ?? cached.status }}</p></template>`,
      'nuxt.config.mjs': 'export default { compatibilityDate: "2025-07-15", telemetry: false };',
    },
    build: ['nuxt', 'build'],
    serve: () => ['node', '.output/server/index.mjs'],
    shows,
  },
  sveltekit: {
    kind: 'server',
    packages: { '@sveltejs/kit': '2', '@sveltejs/adapter-node': '5', '@sveltejs/vite-plugin-svelte': '6', svelte: '5', vite: '7' },
    files: {
      'svelte.config.js': `import adapter from '@sveltejs/adapter-node';\nexport default { kit: { adapter: adapter() } };`,
      'vite.config.js': `import { sveltekit } from '@sveltejs/kit/vite';\nexport default { plugins: [sveltekit()] };`,
      'src/app.html': '<!doctype html><html lang="en"><head>%sveltekit.head%</head><body>%sveltekit.body%</body></html>',
      'src/lib/model.js': model,
      'src/routes/+page.svelte': `<script>
  import { onMount } from 'svelte';
  import { sessionState } from 'tabstate';
  import { count, load, view } from '$lib/model.js';
  const page = view.ref('page');
  let cached = $state({ status: 'pending' });
  onMount(() => load.ref().subscribe((state) => { cached = state; if (state.value) ${store} }));
</script>
<p id="shows">{$count} {$page} {cached.value ?? cached.status}</p>`,
    },
    build: ['vite', 'build'],
    serve: () => ['node', 'build'],
    shows,
  },
  astro: {
    kind: 'server',
    packages: { astro: '5' },
    files: {
      'src/model.js': model,
      'src/pages/index.astro': `---
import { count, view } from '../model.js';
---
<html lang="en"><body><p id="shows">{count.init} {view.ref('page').init} pending</p>
<script>
  import { sessionState } from 'tabstate';
  import { count, load, view } from '../model.js';
  const show = () => {
    const { status, value } = load.ref().get();
    document.querySelector('#shows').textContent = [count.get(), view.page, value ?? status].join(' ');
  };
  count.subscribe(show);
  const user = load.ref();
  user.subscribe(({ value }) => { show(); if (value) ${store} });
</script></body></html>`,
    },
    build: ['astro', 'build'],
    serve: (port) => ['npx', '--no-install', 'astro', 'preview', '--port', `${port}`, '--host', '127.0.0.1'],
    shows,
  },
  'react-router': {
    kind: 'server',
    packages: {
      '@react-router/dev': '7.18.4', '@react-router/node': '7.18.4', '@react-router/serve': '7.18.4', 'react-router': '7.18.4',
      react: '19', 'react-dom': '19', isbot: '5', vite: '7',
    },
    files: {
      'vite.config.js': `import { reactRouter } from '@react-router/dev/vite';\nexport default { plugins: [reactRouter()] };`,
      'react-router.config.js': 'export default { ssr: true };',
      'app/root.jsx': `import { Outlet, Scripts } from 'react-router';
export default function Root() { return <html lang="en"><head><title>t</title></head><body><Outlet /><Scripts /></body></html>; }`,
      'app/routes.js': `import { index } from '@react-router/dev/routes';\nexport default [index('./home.jsx')];`,
      'app/model.js': model,
      'app/shows.jsx': react(),
      'app/home.jsx': `import Shows from './shows.jsx';
import { view } from './model.js';
export const loader = ({ request }) => view.parse(request);
export default function Home({ loaderData }) { return <Shows initial={loaderData} />; }`,
    },
    build: ['react-router', 'build'],
    serve: () => ['npx', '--no-install', 'react-router-serve', './build/server/index.js'],
    shows: { ...shows, html: '1 3 pending' },
  },
}; // biome-ignore format: files as they are
