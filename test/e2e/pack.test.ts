// The library as it is packed: its files, in a page and in a bundle.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installed, removeDir, tempDir } from '../tools/browsers.mjs';
import { server } from '../tools/server.mjs';
import { launch } from '../tools/tabs.mjs';

// What a user gets: the packed library in an empty project, with a bundler and with the script tag.
const root = path.resolve(import.meta.dirname, '../..');
const npm = (folder: string, ...args: string[]): string =>
  execFileSync('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], { cwd: folder, encoding: 'utf8' });

const use = (source: string): string => `
  ${source}
  const square = cacheData(async function square(n) { window.runs = (window.runs ?? 0) + 1; return { n: n * n }; }, { name: 'square' });
  window.result = (async () => {
    sessionState.visits = (sessionState.visits ?? 0) + 1;
    queryParams.page = 2;
    queryParams.flush();
    const [one, two] = [await square(4), await square(4)];
    await square.info();
    return { visits: sessionState.visits, search: location.search, timezone: typeof context.timezone, n: [one.n, two.n], runs: window.runs ?? 0, same: one === two };
  })();`;
const names = 'cacheData, context, queryParams, sessionState';

describe('the packed library', () => {
  let project: string;
  let web: Awaited<ReturnType<typeof server>>;
  beforeAll(async () => {
    project = tempDir('pack');
    const tarball = npm(root, 'pack', '--silent', '--pack-destination', project).trim().split('\n').at(-1) as string;
    fs.writeFileSync(path.join(project, 'package.json'), '{ "private": true, "type": "module" }');
    npm(project, 'install', `./${tarball}`, '--prefer-offline');
    fs.writeFileSync(path.join(project, 'main.js'), use(`import { ${names} } from 'tabstate';`));
    const out = path.join(project, 'out');
    await build({
      configFile: false,
      root: project,
      logLevel: 'error',
      build: {
        outDir: out,
        modulePreload: false,
        rollupOptions: { input: path.join(project, 'main.js'), output: { entryFileNames: 'main.js' } },
      },
    });
    fs.copyFileSync(
      path.join(project, 'node_modules/tabstate/dist/tabstate.min.js'),
      path.join(out, 'tabstate.min.js'),
    );
    const pages = {
      '/bundled': '<script type="module" src="/main.js"></script>',
      '/tagged': `<script src="/tabstate.min.js"></script><script>{ const { ${names} } = tabstate; ${use('')} }</script>`,
    };
    web = await server(pages, { root: out });
  }, 120_000);
  afterAll(() => {
    web?.close();
    if (project) removeDir(project);
  });

  it('holds dist, docs, README, CHANGELOG, LICENSE and package.json, and nothing else', () => {
    const folders = fs.readdirSync(path.join(project, 'node_modules/tabstate')).sort();
    expect(folders).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'docs', 'package.json']);
  });

  it('brings its four dependencies and theirs, no more', () => {
    const direct = JSON.parse(
      fs.readFileSync(path.join(project, 'node_modules/tabstate/package.json'), 'utf8'),
    ).dependencies;
    expect(Object.keys(direct).sort()).toEqual(['idb-keyval', 'js-cookie', 'query-string', 'superjson']);
  });

  it('works in Node, where state is memory only', () => {
    const code = `import { sessionState, queryParams, context, cacheData } from 'tabstate';
      import 'tabstate/legacy'; import 'tabstate/connection'; import 'tabstate/inspector';
      sessionState.a = 1; let runs = 0; const f = cacheData(async (n) => { runs++; return n; });
      await f(1); await f(1);
      console.log(JSON.stringify([sessionState.a, queryParams.toDict(), context.locale, runs]));`;
    const printed = execFileSync(process.execPath, ['--input-type=module', '-e', code], {
      cwd: project,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    expect(JSON.parse(printed)).toEqual([1, {}, null, 2]);
  });

  for (const engine of Object.keys(installed()))
    it.concurrent(`works in ${engine}, bundled and as a script tag`, async () => {
      const browser = await launch(engine);
      try {
        const tab = await browser.newTab();
        const result = async (url: string) => {
          await tab.goto(web.url + url);
          return tab.eval(
            '(async () => { while (!window.result) await new Promise((r) => setTimeout(r, 10)); return window.result; })()',
          );
        };
        const expected = { search: '?page=2', timezone: 'string', n: [16, 16], same: false };
        expect(await result('/bundled')).toEqual({ ...expected, visits: 1, runs: 1 });
        // a reload of another kind: the same tab and origin, the script tag instead of the bundle
        expect(await result('/tagged')).toEqual({ ...expected, visits: 2, runs: 0 });
      } finally {
        await browser.close();
      }
    });
});
