// The components of docs/frameworks.md, compiled by their frameworks.
import fs from 'node:fs';
import path from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import vue from '@vitejs/plugin-vue';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { installed, removeDir } from '../tools/browsers.mjs';
import { codeBlocks } from '../tools/code-blocks.mjs';
import { projectDir } from '../tools/project-dir.mjs';
import { server } from '../tools/server.mjs';
import { launch } from '../tools/tabs.mjs';

// The components of docs/frameworks.md that need a compiler, compiled and used.
const root = path.resolve(import.meta.dirname, '../..');
const blocks = codeBlocks(root).filter(({ file }) => file === 'docs/frameworks.md');
const codeOf = (language: string): string => blocks.find((block) => block.language === language)!.code;

describe('compiled components of docs/frameworks.md', () => {
  let web: Awaited<ReturnType<typeof server>>;
  let folder: string;
  beforeAll(async () => {
    folder = projectDir('frameworks');
    const files = {
      'App.vue': codeOf('vue'),
      'App.svelte': codeOf('svelte'),
      'vue.js': `import { createApp } from 'vue'; import { sessionState } from 'tabstate'; import App from './App.vue';
        window.state = sessionState; createApp(App).mount('#app');`,
      'svelte.js': `import { mount } from 'svelte'; import { sessionState } from 'tabstate'; import App from './App.svelte';
        window.state = sessionState; mount(App, { target: document.querySelector('#app') });`,
    };
    for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(folder, name), text);
    const input = { vue: path.join(folder, 'vue.js'), svelte: path.join(folder, 'svelte.js') };
    await build({
      configFile: false,
      root: folder,
      logLevel: 'error',
      plugins: [vue(), svelte({ configFile: false })] as never,
      resolve: {
        alias: { 'tabstate/vue': path.join(root, 'dist/vue/index.js'), tabstate: path.join(root, 'dist/index.js') },
      },
      build: {
        outDir: path.join(folder, 'out'),
        minify: false,
        modulePreload: false,
        rollupOptions: { input, output: { entryFileNames: '[name].js' } },
      },
    });
    const page = (name: string) => `<div id="app"></div><script type="module" src="/${name}.js"></script>`;
    web = await server({ '/vue': page('vue'), '/svelte': page('svelte') }, { root: path.join(folder, 'out') });
  });
  afterAll(() => {
    web?.close();
    if (folder) removeDir(folder);
  });

  it.concurrent.each(Object.keys(installed()))('[SES-78][SES-79] in %s', async (engine) => {
    const browser = await launch(engine);
    try {
      const tab: any = await browser.newTab();
      const text = () => tab.eval('document.querySelector("#app").textContent.trim().replace(/\\s+/g, " ")');
      const shows = (wanted: string) => vi.waitFor(async () => expect(await text()).toBe(wanted), 5000);
      await tab.goto(`${web.url}/vue`);
      await shows('Write');
      await tab.click('input');
      await shows('Write (done)');
      expect(await tab.eval('state.todos[0].done')).toBe(true);
      await tab.eval('void state.todos.push({ text: "Test", done: false })');
      await shows('Write (done) Test');
      await tab.goto(`${web.url}/svelte`);
      await shows('0:');
      await tab.click('button');
      await tab.click('button');
      await shows('2: 1, 2');
      expect(await tab.eval('[state.count, state.list]')).toEqual([2, [1, 2]]);
      await tab.eval('void (state.count = 7, state.list.pop())');
      await shows('7: 1');
      await tab.reload();
      await shows('7: 1');
    } finally {
      await browser.close();
    }
  });
});
