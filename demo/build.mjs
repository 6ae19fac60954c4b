// npm run build:demo: writes the demo as static files that any web host can serve, under any path.

import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import resolve from '@rollup/plugin-node-resolve';
import terser from '@rollup/plugin-terser';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import vue from '@vitejs/plugin-vue';
import { rollup } from 'rollup';
import { build as vite } from 'vite';
import { policyOf } from './csp.mjs';
import { fillPage } from './pages.mjs';

const source = fileURLToPath(new URL('.', import.meta.url));
const root = path.join(source, '..');
const target = path.join(source, 'dist');
const packages = path.join(root, 'node_modules');

const copied = {
  'lib/tabstate.min.js': [root, 'dist/tabstate.min.js'],
  'lib/tabstate-inspector.min.js': [root, 'dist/tabstate-inspector.min.js'],
  'lib/uPlot.iife.min.js': [packages, 'uplot/dist/uPlot.iife.min.js'],
  'lib/uPlot.min.css': [packages, 'uplot/dist/uPlot.min.css'],
  'lib/sql-wasm-browser.js': [packages, 'sql.js/dist/sql-wasm-browser.js'],
  'lib/sql-wasm-browser.wasm': [packages, 'sql.js/dist/sql-wasm-browser.wasm'],
  'data/flights-3m.parquet': [packages, 'vega-datasets/data/flights-3m.parquet'],
  'data/airports.csv': [packages, 'vega-datasets/data/airports.csv'],
  'data/seattle-weather.csv': [packages, 'vega-datasets/data/seattle-weather.csv'],
};
const notServed = /\.mjs$|^(dist|spa)\b|flights\/worker\.js$/;

await rm(target, { recursive: true, force: true });
await mkdir(target, { recursive: true });
await Promise.all([copyOwnFiles(), copyPackages(), bundleWorker(), buildApps()]);
await fillPages();

/** Pages, scripts and styles go as they are: no bundler stands between them and the browser. */
async function copyOwnFiles() {
  for (const entry of await readdir(source, { recursive: true, withFileTypes: true })) {
    const name = path.relative(source, path.join(entry.parentPath, entry.name));
    if (entry.isDirectory() || notServed.test(name)) continue;
    await mkdir(path.join(target, path.dirname(name)), { recursive: true });
    await copyFile(path.join(source, name), path.join(target, name));
  }
}

async function copyPackages() {
  for (const folder of ['lib', 'data']) await mkdir(path.join(target, folder), { recursive: true });
  for (const [to, from] of Object.entries(copied)) await copyFile(path.join(...from), path.join(target, to));
}

/** The worker's decoders come from npm in many modules: one file for it. */
async function bundleWorker() {
  const bundle = await rollup({
    input: path.join(source, 'flights/worker.js'),
    plugins: [resolve({ browser: true }), terser()],
    onwarn(warning) {
      throw new Error(warning.message);
    },
  });
  await bundle.write({ file: path.join(target, 'flights/worker.js'), format: 'iife' });
  await bundle.close();
}

/** The single-page apps, as their users would build them. */
async function buildApps() {
  const apps = { react: 'spa', vue: 'spa/vue', svelte: 'spa/svelte' };
  const plugins = { react: [], vue: [vue()], svelte: [svelte({ configFile: false })] };
  for (const [app, folder] of Object.entries(apps))
    await vite({
      configFile: false,
      root: path.join(source, 'spa', app),
      base: './',
      logLevel: 'error',
      plugins: plugins[app],
      resolve: { alias: { tabstate: path.join(root, 'dist/index.js') } },
      build: { outDir: path.join(target, folder), emptyOutDir: false, modulePreload: false, target: 'es2022' },
    });
}

/** What all pages share is written once and put into each: policy, navigation, code shown beside what it does. */
async function fillPages() {
  const files = await readdir(target, { recursive: true });
  for (const name of files.filter((file) => file.endsWith('.html'))) {
    const file = path.join(target, name);
    const up = path.relative(path.dirname(file), target).split(path.sep).join('/');
    const page = await fillPage(await readFile(file, 'utf8'), {
      name: name.split(path.sep).join('/'),
      base: up === '' ? './' : `${up}/`,
      policy: policyOf(name),
      read: (script) => readFile(path.join(source, script), 'utf8'),
    });
    await writeFile(file, page);
  }
}
