// Bundlers: the same page built by each. `small.js` shows what tree-shaking leaves of sessionState.

const html =
  '<!doctype html><html lang="en"><meta charset="utf-8"><title>t</title><script type="module" src="./main.js"></script>';

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
const page = (build, extra) => ({ kind: 'page', ...build, files: { ...files, ...extra } });
/** One configuration for each of the two, as source text. */
const both = (config) => `[['main', 'out'], ['small', 'small']].map(([name, folder]) => (${config}))`;
const asWebpack = both(`{ mode: 'production', target: 'web', entry: { [name]: './' + name + '.js' },
  output: { path: import.meta.dirname + '/' + folder }, performance: { hints: false } }`);
const esbuild = (name, folder) => [
  'esbuild',
  `${name}.js`,
  '--bundle',
  '--splitting',
  '--format=esm',
  '--minify',
  `--outdir=${folder}`,
];
const parcel = (page, folder) => [
  'parcel',
  'build',
  page,
  '--dist-dir',
  folder,
  '--no-source-maps',
  '--public-url',
  './',
];

export const bundlers = {
  rollup: page(
    {
      packages: { rollup: '4', '@rollup/plugin-node-resolve': '16', '@rollup/plugin-terser': '1' },
      build: ['rollup', '-c'],
    },
    {
      'rollup.config.mjs': `import resolve from '@rollup/plugin-node-resolve';
import terser from '@rollup/plugin-terser';
export default ${both(`{ input: { [name]: name + '.js' }, plugins: [resolve({ browser: true }), terser({ ecma: 2020 })],
  output: { dir: folder, format: 'es' } }`)};`,
    },
  ),
  // esbuild's minifier alone makes 6 % more of the same code than terser, its chunks 4 %
  esbuild: page({
    packages: { esbuild: 'latest' },
    builds: [esbuild('main', 'out'), esbuild('small', 'small')],
    within: 0.12,
  }),
  // Rolldown keeps a chunk for each import() whose callers are gone, and parts of the start that they share become chunks, too
  vite: page(
    {
      packages: { vite: '8' },
      within: 0.07,
      builds: [
        ['vite', 'build'],
        ['vite', 'build', '-c', 'small.config.mjs'],
      ],
    },
    {
      'index.html': html,
      'vite.config.mjs': `export default { base: './', build: { outDir: 'out', target: 'es2022', modulePreload: false } };`,
      'small.config.mjs': `export default { build: { outDir: 'small', target: 'es2022', modulePreload: false,
        rollupOptions: { input: './small.js', output: { entryFileNames: 'small.js' } } } };`,
    },
  ),
  webpack: page(
    { packages: { webpack: '5', 'webpack-cli': 'latest' }, build: ['webpack'] },
    { 'webpack.config.mjs': `export default ${asWebpack};` },
  ),
  rspack: page(
    { packages: { '@rspack/core': '2', '@rspack/cli': '2' }, build: ['rspack', 'build'] },
    { 'rspack.config.mjs': `export default ${asWebpack};` },
  ),
  // Parcel reads the `exports` of packages, such as those of superjson's own dependency, only when it is told to
  parcel: page(
    {
      packages: { parcel: 'latest' },
      manifest: { '@parcel/resolver-default': { packageExports: true } },
      builds: [parcel('index.html', 'out'), parcel('small.html', 'small')],
    },
    { 'index.html': html, 'small.html': html.replace('main.js', 'small.js') },
  ),
};
