// npm run build:demo: writes the site as static files that any web host can serve, under any path. What takes time is done
// again only when something changed that it is made of; a line says so.

import { execFile } from 'node:child_process';
import { copyFile, cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import resolve from '@rollup/plugin-node-resolve';
import terser from '@rollup/plugin-terser';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import vue from '@vitejs/plugin-vue';
import { rollup } from 'rollup';
import { build as vite } from 'vite';
import { documents } from './build/documents.mjs';
import { editorLines } from './build/editor-lines.mjs';
import { fillPage } from './build/pages.mjs';
import { startPage } from './build/start-page.mjs';
import { stepsIn } from './build/steps.mjs';
import { policyOf } from './csp.mjs';
import { outline } from './flights/projection.js';
import { examples } from './playground/examples.js';

const source = fileURLToPath(new URL('.', import.meta.url));
const root = path.join(source, '..');
const target = path.join(source, 'dist');
const packages = path.join(root, 'node_modules');
const made = path.join(packages, '.cache/tabstate-site');
const { repository } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
const repositoryUrl = repository.url.replace(/^git\+|\.git$/g, '');

const copied = {
  'lib/tabstate.min.js': [root, 'dist/tabstate.min.js'],
  'lib/tabstate.state.min.js': [root, 'dist/tabstate.state.min.js'],
  'lib/tabstate-inspector.min.js': [root, 'dist/tabstate-inspector.min.js'],
  'lib/uPlot.iife.min.js': [packages, 'uplot/dist/uPlot.iife.min.js'],
  'lib/uPlot.min.css': [packages, 'uplot/dist/uPlot.min.css'],
  'lib/worker.sql-wasm.js': [packages, 'sql.js/dist/worker.sql-wasm.js'],
  'lib/sql-wasm.wasm': [packages, 'sql.js/dist/sql-wasm.wasm'],
  'data/flights-3m.parquet': [packages, 'vega-datasets/data/flights-3m.parquet'],
  'data/airports.csv': [packages, 'vega-datasets/data/airports.csv'],
  'data/seattle-weather.csv': [packages, 'vega-datasets/data/seattle-weather.csv'],
  'flights.png': [root, 'docs/flights.png'],
};
const notServed = /\.mjs$|^bench\.json$|^(dist|spa|build|bundled)\b|flights\/(worker|projection)\.js$/;
const compressed = /\.(html|js|css|csv|json|svg|wasm)$/;

const step = stepsIn(root, made);
await step(
  'library',
  ['src', 'rollup.config.mjs', 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json'],
  [path.join(root, 'dist')],
  () => run('npm', ['run', '--silent', 'build']),
);
const lock = 'package-lock.json';
await Promise.all([
  step('API reference', ['src', 'tsconfig.json', lock], [path.join(made, 'api')], writeApi),
  (async () => {
    await step(
      'worker, search, editor',
      ['demo/flights', 'demo/bundled', 'demo/build/search-options.mjs', lock],
      [path.join(made, 'bundled')],
      bundleScripts,
    );
    await step(
      'React, Vue and Svelte apps',
      ['demo/spa', 'dist/index.js', 'src', lock],
      [path.join(made, 'spa')],
      buildApps,
    );
  })(),
]);
await step('pages', [], [], writePages);

function run(command, args) {
  const name = process.platform === 'win32' ? `${command}.cmd` : command;
  return promisify(execFile)(name, args, { cwd: root, shell: process.platform === 'win32' }).catch((error) => {
    throw new Error(`${command} ${args[0]} failed:\n${error.stdout}${error.stderr}`);
  });
}

/** One page for each name, from the doc comments. */
function writeApi(out) {
  const entries = ['', 'react/', 'vue/', 'solid/', 'connection/', 'testing/', 'inspector/', 'legacy/'];
  return run('npx', [
    ...['typedoc', '--plugin', 'typedoc-plugin-markdown', '--router', 'member', '--out', out, '--readme', 'none'],
    ...['--entryPoints', ...entries.map((entry) => `src/${entry}index.ts`)],
    ...['--hideBreadcrumbs', '--hidePageHeader', '--useCodeBlocks', '--disableSources', '--excludeInternal'],
    ...['--excludeExternals', '--parametersFormat', 'table', '--logLevel', 'Error'],
  ]);
}

/** What comes from npm in many modules: one file each. */
async function bundleScripts(out) {
  const scripts = { 'flights/worker.js': 'iife', 'bundled/search.js': 'es', 'bundled/editor.js': 'es' };
  for (const [name, format] of Object.entries(scripts)) {
    const bundle = await rollup({
      input: path.join(source, name),
      plugins: [resolve({ browser: true }), terser()],
      onwarn(warning) {
        throw new Error(warning.message);
      },
    });
    await bundle.write({ file: path.join(out, name.replace('bundled/', 'lib/')), format });
    await bundle.close();
  }
}

/** The single-page apps, as their users would build them. */
async function buildApps(out) {
  const apps = { react: '.', vue: 'vue', svelte: 'svelte' };
  const plugins = { react: [], vue: [vue()], svelte: [svelte({ configFile: false })] };
  for (const [app, folder] of Object.entries(apps))
    await vite({
      configFile: false,
      root: path.join(source, 'spa', app),
      base: './',
      logLevel: 'error',
      plugins: plugins[app],
      resolve: { alias: { tabstate: path.join(root, 'dist/index.js') } },
      build: { outDir: path.join(out, folder), emptyOutDir: false, modulePreload: false, target: 'es2022' },
    });
}

async function writePages() {
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  await copyOwnFiles();
  await cp(path.join(made, 'bundled'), target, { recursive: true });
  await cp(path.join(made, 'spa'), path.join(target, 'spa'), { recursive: true });
  for (const [to, from] of Object.entries(copied)) await write(to, (file) => copyFile(path.join(...from), file));
  const topology = JSON.parse(await readFile(path.join(packages, 'vega-datasets/data/us-10m.json'), 'utf8'));
  await write('data/us-map.json', JSON.stringify({ states: outline(topology) }));
  const { pages, search } = await documents({ root, api: path.join(made, 'api'), repository: repositoryUrl });
  for (const [name, html] of Object.entries(pages)) await write(name, html);
  await write('search.json', search);
  await fillPages();
  await compress();
}

/** @param {string | ((file: string) => Promise<void>)} content */
async function write(name, content) {
  const file = path.join(target, name);
  await mkdir(path.dirname(file), { recursive: true });
  await (typeof content === 'string' ? writeFile(file, content) : content(file));
}

/** Pages, scripts and styles go as they are: no bundler stands between them and the browser. */
async function copyOwnFiles() {
  for (const entry of await readdir(source, { recursive: true, withFileTypes: true })) {
    const name = path.relative(source, path.join(entry.parentPath, entry.name));
    if (!entry.isDirectory() && !notServed.test(name))
      await write(name, (file) => copyFile(path.join(source, name), file));
  }
}

/** What all pages share is written once and put into each: policy, navigation, code shown beside what it does. */
async function fillPages() {
  const read = (file) => readFile(path.join(source, file), 'utf8');
  // README has comments of these names, too
  const pieces = {
    'index.html': await startPage(root),
    'playground.html': { 'first-example': editorLines(examples.counter.text) },
  };
  for (const name of (await filesOf()).filter((file) => file.endsWith('.html'))) {
    const up = path.posix.relative(path.posix.dirname(name), '.');
    const html = await readFile(path.join(target, name), 'utf8');
    const page = {
      name,
      base: up === '' ? './' : `${up}/`,
      policy: policyOf(name),
      repository: repositoryUrl,
      read,
      pieces: pieces[name],
    };
    await write(name, await fillPage(html, page));
  }
}

/** Hosts that look for it send the compressed file that lies beside the other. */
async function compress() {
  for (const name of (await filesOf()).filter((file) => compressed.test(file)))
    await write(`${name}.gz`, (file) =>
      readFile(path.join(target, name))
        .then(promisify(gzip))
        .then((bytes) => writeFile(file, bytes)),
    );
}

async function filesOf() {
  return (await readdir(target, { recursive: true })).map((name) => name.split(path.sep).join('/'));
}
