// Every code block of README and docs, run in each engine.
import fs from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installed, removeDir } from '../tools/browsers.mjs';
import { codeBlocks } from '../tools/code-blocks.mjs';
import { projectDir } from '../tools/project-dir.mjs';
import { server } from '../tools/server.mjs';
import { launch } from '../tools/tabs.mjs';

// Every block of TypeScript, JavaScript and HTML in README and docs runs in each engine, on a page of its own.
const root = path.resolve(import.meta.dirname, '../..');
const blocks = codeBlocks(root);
const scripts = blocks.filter(({ language }) => ['ts', 'js', 'tsx', 'jsx'].includes(language));
const pages = blocks.filter(({ language }) => language === 'html');
const isOfTheLibrary = (id: string): boolean =>
  id.startsWith(path.join(root, 'dist')) && !/dist.(react|vue|solid|inspector|testing)/.test(id);
const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
const titleOf = ({ file, line }: { file: string; line: number }): string => `${file}:${line}`;

// errors are collected from the first moment on; the library's warnings are not errors
const listening = `<script>
  // what the example before stored, also while it was left, is not there for this one
  sessionStorage.clear();
  localStorage.clear();
  window.trouble = [];
  addEventListener('error', (event) => trouble.push(String(event.error?.stack ?? event.message)));
  // what examples fetch: this server answers unknown addresses with a page
  const { fetch: fetchReally } = window;
  window.fetch = async (...request) => {
    const response = await fetchReally(...request);
    const isPage = response.headers.get('content-type')?.startsWith('text/html');
    return isPage ? new Response('{"id":7,"name":"Ada","items":[1,2,3]}') : response;
  };
  addEventListener('unhandledrejection', (event) => trouble.push('rejection: ' + (event.reason?.stack ?? event.reason)));
</script>`;
const body = '<main><h1>Example</h1><div id="app"></div></main>';

describe('code blocks of README and docs', () => {
  let web: Awaited<ReturnType<typeof server>>;
  let folder: string;
  beforeAll(async () => {
    folder = projectDir('docs');
    const input: Record<string, string> = {};
    scripts.forEach(({ code, before, language }, i) => {
      const file = path.join(folder, `block-${i}.${language.endsWith('x') ? 'tsx' : 'ts'}`);
      const source = `${before}\n${code}\nexport {};`;
      // no engine runs decorators yet
      fs.writeFileSync(file, /^\s*@/m.test(code) ? ts.transpileModule(source, { compilerOptions }).outputText : source);
      input[`block-${i}`] = file;
    });
    const out = path.join(folder, 'out');
    await build({
      configFile: false,
      root: folder,
      logLevel: 'error',
      define: { 'process.env.NODE_ENV': '"production"' },
      // Vitest's own NODE_ENV would ask for React's development calls
      oxc: { jsx: { runtime: 'automatic', development: false } },
      resolve: {
        alias: [
          {
            find: /^tabstate\/(legacy|connection|inspector|react|solid|testing)$/,
            replacement: path.join(root, 'dist/$1/index.js'),
          },
          { find: /^tabstate$/, replacement: path.join(root, 'dist/index.js') },
        ],
      },
      build: {
        outDir: out,
        minify: false,
        target: 'es2022',
        modulePreload: false,
        rolldownOptions: {
          input,
          output: {
            entryFileNames: '[name].js',
            // what most examples need is one file, which the browser keeps
            codeSplitting: {
              groups: [{ name: 'tabstate', test: isOfTheLibrary }],
            },
          },
        },
      },
    });
    for (const file of fs.readdirSync(path.join(root, 'dist')).filter((name) => /\.min\.m?js$/.test(name)))
      fs.copyFileSync(path.join(root, 'dist', file), path.join(out, file));
    const served: Record<string, string | ((request: unknown, response: import('node:http').ServerResponse) => void)> =
      {};
    scripts.forEach((_, i) => {
      served[`/script-${i}`] = `${listening}${body}<script type="module">
        import('/block-${i}.js').then(() => { window.done = true; }, (error) => { trouble.push(String(error.stack ?? error)); window.done = true; });
      </script>`;
    });
    pages.forEach(({ code, before }, i) => {
      served[`/page-${i}`] =
        `${listening}${before}${code.replace(/https:[^"]*\/dist\//g, '/')}<script>addEventListener('load', () => { window.done = true; });</script>`;
    });
    web = await server(served, { root: out, areKept: true });
  });
  afterAll(() => {
    web?.close();
    if (folder) removeDir(folder);
  });

  it('exist', () => {
    expect(scripts.length).toBeGreaterThan(0);
  });

  for (const engine of Object.keys(installed()))
    it.concurrent(`run in ${engine}`, async () => {
      const browser = await launch(engine);
      const trouble: Record<string, string[]> = {};
      try {
        const tab = await browser.newTab();
        const all = [
          ...scripts.map((block, i) => ({ block, url: `/script-${i}` })),
          ...pages.map((block, i) => ({ block, url: `/page-${i}` })),
        ];
        for (const { block, url } of all) {
          await tab.goto(web.url + url);
          const found = await tab.eval(`(async () => {
            for (let n = 0; n < 200 && !window.done; n++) await new Promise((resolve) => setTimeout(resolve, 10));
            await new Promise((resolve) => setTimeout(resolve, 30));
            return window.done ? trouble : [...trouble, 'did not end'];
          })()`);
          if (found.length) trouble[titleOf(block)] = found;
        }
      } finally {
        await browser.close();
      }
      expect(trouble).toEqual({});
    }, 180_000);
});
