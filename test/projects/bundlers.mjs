// Bundlers: the same page built by each. `small.js` shows what tree-shaking leaves of sessionState.

const html = '<!doctype html><html lang="en"><meta charset="utf-8"><title>t</title><script type="module" src="./main.js"></script>';

const main = `import { cacheData, context, queryParams, sessionState } from 'tabstate';
const square = cacheData(async (n) => { window.runs = (window.runs ?? 0) + 1; return { n: n * n }; }, { name: 'square' });
sessionState.visits = (sessionState.visits ?? 0) + 1;
queryParams.page = 2;
queryParams.flush();
const [one, two] = await Promise.all([square(4), square(4)]);
await square.info();
window.result = { runs: window.runs ?? 0, n: [one.n, two.n], visits: sessionState.visits, search: location.search, timezone: typeof context.timezone };
`;
const small = `import { sessionState } from 'tabstate';
globalThis.kept = sessionState;
`;
const files = { 'main.js': main, 'small.js': small };
const entries = "{ main: './main.js', small: './small.js' }";
const page = (build, extra) => ({ kind: 'page', ...build, files: { ...files, ...extra }, out: 'out' });

export const bundlers = {
  rollup: page(
    { packages: { rollup: 'latest', '@rollup/plugin-node-resolve': 'latest', '@rollup/plugin-terser': 'latest' }, build: ['rollup', '-c'] },
    {
      'rollup.config.mjs': `import resolve from '@rollup/plugin-node-resolve';
import terser from '@rollup/plugin-terser';
export default { input: ${entries}, plugins: [resolve({ browser: true }), terser()], output: { dir: 'out', format: 'es' } };`,
    },
  ),
  esbuild: page({
    packages: { esbuild: 'latest' },
    build: ['esbuild', 'main.js', 'small.js', '--bundle', '--splitting', '--format=esm', '--minify', '--outdir=out'],
  }),
  vite: page(
    { packages: { vite: '8' }, build: ['vite', 'build'] },
    {
      'index.html': html,
      'vite.config.mjs': `export default { base: './', build: { outDir: 'out', target: 'es2022', modulePreload: false,
        rollupOptions: { input: { main: './index.html', small: './small.js' }, preserveEntrySignatures: 'strict', output: { entryFileNames: '[name].js' } } } };`,
    },
  ),
  webpack: page(
    { packages: { webpack: '5', 'webpack-cli': 'latest' }, build: ['webpack'] },
    {
      'webpack.config.mjs': `export default { mode: 'production', target: 'web', entry: ${entries}, output: { path: import.meta.dirname + '/out' },
        performance: { hints: false } };`,
    },
  ),
  rspack: page(
    { packages: { '@rspack/core': 'latest', '@rspack/cli': 'latest' }, build: ['rspack', 'build'] },
    {
      'rspack.config.mjs': `export default { mode: 'production', target: 'web', entry: ${entries}, output: { path: import.meta.dirname + '/out' },
        performance: { hints: false } };`,
    },
  ),
  parcel: page(
    { packages: { parcel: 'latest' }, build: ['parcel', 'build', 'index.html', '--dist-dir', 'out', '--no-source-maps', '--public-url', './'] },
    { 'index.html': html },
  ),
};
