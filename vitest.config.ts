import { defineConfig } from 'vitest/config';
import { engines, installed } from './test/tools/browsers.mjs';
import { decorators } from './test/tools/decorators.mjs';
import { LongestFirst } from './test/tools/longest-first.mjs';
import { ownRunFolder } from './test/tools/run-folder.mjs';
import { BrowserWatch, installedBrowser } from './test/tools/vitest-provider.mjs';

ownRunFolder();

// engines see variables of this prefix only
if (process.env.FUZZ) process.env.VITE_FUZZ ??= process.env.FUZZ;

const found = Object.keys(installed());
const missing = engines.filter((engine) => !found.includes(engine));
if (missing.length) console.warn(`[browsers] not installed, skipped: ${missing.join(', ')}`);

// Node 25's own sessionStorage hides happy-dom's; Node 20 refuses the flag that turns it off
const noNodeStorage = '--no-experimental-webstorage';
const execArgv = process.allowedNodeEnvironmentFlags.has(noNodeStorage) ? [noNodeStorage] : [];

// each test file loads in a frame of its own, which would ask the server for every module again
const keptModules = {
  name: 'kept-modules',
  configureServer({ middlewares, httpServer }: import('vite').ViteDevServer) {
    // Node closes a connection after five idle seconds, just when an engine on a busy machine may send its next request
    if (httpServer && 'keepAliveTimeout' in httpServer) httpServer.keepAliveTimeout = 120_000;
    if (process.argv.includes('watch')) return;
    middlewares.use((_request, response, next) => {
      const { setHeader } = response;
      response.setHeader = (name, value) =>
        setHeader.call(response, name, name === 'Cache-Control' && value === 'no-cache' ? 'max-age=3600' : value);
      next();
    });
  },
};

const dependencies = [
  ...['superjson', 'query-string', 'js-cookie', 'idb-keyval', 'fast-check', 'nanostores'],
  ...[
    'react',
    'react-dom/client',
    'react-dom/server',
    'preact',
    'vue',
    'vue/server-renderer',
    'solid-js',
    'solid-js/web',
    'svelte/store',
    'lit',
  ],
  ...['react', 'preact', 'vue', 'solid'].map((name) => `@nanostores/${name}`),
];

// real browsers on a busy machine: CI gives a test a second chance, a developer sees the first failure
const retry = process.env.CI ? 1 : 0;

// engines and Node share two cores, and property tests are long: what hangs is found all the same
const testTimeout = process.env.FUZZ ? 3_600_000 : 60_000;

const tests = 'test/**/*.test.ts';
const inNode = ['test/package/**', 'test/e2e/**'];
const onePage = 'test/**/one-page.browser.test.ts';
/** Replaces a module, which engines cannot; what it counts is the same in each. */
const replacing = 'test/query-params/parse-once.test.ts';

// In a whole run most files share a few pages, in engines and in happy-dom; one that is asked for by its name has its own.
const isWhole = !process.argv.slice(2).some((argument) => /\btest\/|\.test\b/.test(argument));
// These count what a page asks of the platform, and what another test has started asks, too.
const alone = ['context/context', 'disk/disk-faults', 'tiers/disk-tier'].map((name) => `test/${name}.browser.test.ts`);
const inEngine = isWhole
  ? { include: [onePage, 'test/spinner/*.test.ts', ...alone], exclude: [] }
  : { include: [tests], exclude: [...inNode, onePage, replacing] };

const inHappyDom = isWhole
  ? {
      include: [onePage, 'test/spinner/*.test.ts', replacing],
      exclude: ['test/core/**', 'test/**/!(one-page).browser.test.ts'],
    }
  : {
      include: [tests],
      exclude: [...inNode, 'test/core/**', 'test/cache/key/**', 'test/**/*.browser.test.ts'],
    };

/** What needs the build; two at a time, because the files of e2e mostly wait for their browsers. */
const afterOthers = { sequence: { groupOrder: 1 }, maxWorkers: 2 };

const projects = [
  {
    test: {
      name: 'core',
      // most of the time went into importing the same again
      isolate: false,
      environment: 'node',
      include: ['test/core/**/*.test.ts', 'test/cache/key/**/*.test.ts'],
      exclude: ['test/**/*.browser.test.ts'],
      execArgv,
      testTimeout,
    },
  },
  {
    plugins: [decorators],
    test: {
      name: 'happy-dom',
      environment: 'happy-dom',
      ...inHappyDom,
      setupFiles: ['test/setup.browser.ts'],
      execArgv,
      testTimeout,
    },
  },
  {
    test: {
      name: 'jsdom',
      environment: 'jsdom',
      include: ['test/testing/*.test.ts', 'test/interop/{react,vue}-hooks.test.ts'],
      execArgv,
      testTimeout,
    },
  },
  {
    test: {
      name: 'package',
      environment: 'node',
      include: ['test/package/**/*.test.ts'],
      setupFiles: ['test/setup.built.ts'],
      ...afterOthers,
      testTimeout: 120_000,
      hookTimeout: 120_000,
    },
  },
  {
    test: {
      name: 'types',
      include: [],
      typecheck: { enabled: true, only: true, tsconfig: 'test/tsconfig.json', include: ['test/types/**/*.test-d.ts'] },
    },
  },
];

const inBrowsers = [
  // the same files again, and *.browser.test.ts, inside each installed browser
  {
    plugins: [decorators, keptModules],
    // found too late, they would reload the page in the middle of a test
    optimizeDeps: { include: dependencies },
    test: {
      name: 'real',
      ...inEngine,
      setupFiles: ['test/setup.browser.ts', 'test/setup.history.ts', 'test/setup.patience.ts'],
      retry,
      testTimeout,
      browser: {
        enabled: true,
        provider: installedBrowser(),
        instances: found.map((engine) => ({ browser: engine as never, name: engine })),
        api: { host: '127.0.0.1' },
        fileParallelism: false,
        screenshotFailures: false,
        // nobody looks at Vitest's own pages; outside of CI their script alone took a ninth of the time of Chromium's page
        ui: false,
      },
    },
  },
  // several tabs, reloads, kills: the test runs in Node and steers the browsers
  {
    test: {
      name: 'e2e',
      environment: 'node',
      // files share their browsers
      isolate: false,
      include: ['test/e2e/**/*.test.ts'],
      setupFiles: ['test/setup.patience.ts', 'test/setup.built.ts'],
      ...afterOthers,
      // a file may have three groups of tests in each of three engines
      maxConcurrency: 9,
      retry,
      // 320 MB through the disk take 16 s on a machine where nothing else runs, 100 s on the same one in a whole run
      testTimeout: 300_000,
      hookTimeout: 120_000,
    },
  },
];

export default defineConfig({
  test: {
    reporters: ['default', new BrowserWatch()],
    // three engines start on a busy machine. Vitest reads it here only
    browser: { connectTimeout: 180_000 } as never,
    sequence: { sequencer: LongestFirst },
    projects: (found.length ? [...projects, ...inBrowsers] : projects) as never,
    coverage: { provider: 'istanbul', include: ['src/**/*.ts'] },
  },
});
