// Frameworks with a server: one page, rendered there and taken over in the browser. It shows a key of the session state that
// has another value by then, a parameter of the URL, and a cached call. The server reads the request by `view.parse` and says
// what it has kept of the requests before.

const model = `import { cacheData, queryParams, sessionState } from 'tabstate';
export const view = queryParams.define({ page: 1 });
let runs = 0;
const counted = cacheData(async () => ++runs, { name: 'counted' });
export const onServer = async (request) => {
  const { page } = view.parse(request);
  return { page, kept: JSON.stringify([typeof page, count.get(), queryParams.toString(), await counted()]) };
};
export const count = sessionState.ref('count', 1);
export const load = cacheData(async () => {
  localStorage.setItem('runs', String(Number(localStorage.getItem('runs')) + 1));
  return 'value ' + localStorage.getItem('runs');
}, { name: 'load' });
`;
/** The value that a reload finds in place of the server's. */
const store = 'sessionState.count = 5;';
const shows = { html: (page) => `1 ${page} pending`, first: '5 3 value 1', second: '5 3 value 1' };

const react = (more = '') => `import { useEffect } from 'react';
import { sessionState } from 'tabstate';
import { useCached, useParams, useSessionState } from 'tabstate/react';
import { load, view } from './model.js';
export default function Shows({ page: initial, kept }) {
  const [count] = useSessionState('count', 1);
  const { page } = useParams(view, { page: initial });
  const { status, value } = useCached(load);
  useEffect(() => { if (value) ${store} }, [value]);
  return <><p id="shows">{\`\${count} \${page} \${value ?? status}\`}</p><p id="kept">{kept}</p></>;
}
${more}`;

export const servers = {
  next: {
    kind: 'server',
    packages: { next: '16', react: '19', 'react-dom': '19' },
    files: {
      'app/layout.jsx': `export default function Layout({ children }) { return <html lang="en"><body>{children}</body></html>; }`,
      'app/page.jsx': `import Shows from './shows.jsx';
import { onServer } from './model.js';
export default async function Page({ searchParams }) {
  return <main><Shows {...await onServer(new URLSearchParams(await searchParams))} /></main>;
}`,
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
import { count, load, onServer, view } from './model.js';
const url = useRequestURL();
const { data } = await useAsyncData('server', () => onServer(url));
const number = useValue(count);
const params = useParams(view, view.parse(url));
const cached = useCached(load);
if (import.meta.client) watchEffect(() => { if (cached.value.value) ${store} });
</script>
<template><p id="shows">{{ number }} {{ params.page }} {{ cached.value ?? cached.status }}</p><p id="kept">{{ data.kept }}</p></template>`,
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
      'src/routes/+page.server.js': `import { onServer } from '$lib/model.js';\nexport const load = ({ request }) => onServer(request);`,
      'src/routes/+page.svelte': `<script>
  import { onMount } from 'svelte';
  import { sessionState } from 'tabstate';
  import { count, load, view } from '$lib/model.js';
  let { data } = $props();
  let page = $state(data.page);
  onMount(() => view.ref('page').subscribe((value) => { page = value; }));
  let cached = $state({ status: 'pending' });
  onMount(() => load.ref().subscribe((state) => { cached = state; if (state.value) ${store} }));
</script>
<p id="shows">{$count} {page} {cached.value ?? cached.status}</p><p id="kept">{data.kept}</p>`,
    },
    build: ['vite', 'build'],
    serve: () => ['node', 'build'],
    shows,
  },
  astro: {
    kind: 'server',
    packages: { astro: '5', '@astrojs/node': '9' },
    files: {
      'astro.config.mjs': `import node from '@astrojs/node';\nexport default { output: 'server', adapter: node({ mode: 'standalone' }) };`,
      'src/model.js': model,
      'src/pages/index.astro': `---
import { count, onServer } from '../model.js';
const { page, kept } = await onServer(Astro.request);
---
<html lang="en"><body><p id="shows">{count.init} {page} pending</p><p id="kept">{kept}</p>
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
    serve: () => ['node', 'dist/server/entry.mjs'],
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
import { onServer } from './model.js';
export const loader = ({ request }) => onServer(request);
export default function Home({ loaderData }) { return <Shows {...loaderData} />; }`,
    },
    build: ['react-router', 'build'],
    serve: () => ['npx', '--no-install', 'react-router-serve', './build/server/index.js'],
    shows,
  },
}; // biome-ignore format: files as they are
