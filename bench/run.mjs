// npm run bench [-- area … --engines chromium,firefox,webkit --only "part of a line's name"]
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'vite';
import { installed } from '../test/tools/browsers.mjs';
import { server } from '../test/tools/server.mjs';
import { launch } from '../test/tools/tabs.mjs';

const here = import.meta.dirname;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { engines: { type: 'string', default: 'chromium' }, only: { type: 'string' } },
});
const areas = fs
  .readdirSync(here)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => path.basename(file, '.ts'))
  .filter((area) => (positionals.length === 0 ? !area.endsWith('-limits') : positionals.includes(area)));
const unknown = positionals.filter((area) => !areas.includes(area));
if (unknown.length) throw new Error(`no such area: ${unknown.join(', ')}`);
const engines = values.engines.split(',').filter((engine) => installed()[engine]);

/** A module for the page, with everything it imports. */
async function bundle(name, outDir, code) {
  const entry = path.join(outDir, `${name}.entry.ts`);
  fs.writeFileSync(entry, code);
  await build({
    configFile: false,
    root: path.dirname(here),
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"' },
    resolve: { alias: { tabstate: path.join(here, '../src/index.ts') } },
    build: {
      outDir,
      emptyOutDir: false,
      modulePreload: false,
      chunkSizeWarningLimit: 10_000,
      rollupOptions: { input: { [name]: entry }, output: { entryFileNames: '[name].js' } },
    },
  });
}

const round = (ratio) => (ratio >= 100 ? ratio.toFixed(0) : ratio >= 10 ? ratio.toFixed(1) : ratio.toFixed(2));
const time = (ms) => (ms >= 1 ? `${ms.toFixed(2)} ms` : `${(ms * 1000).toFixed(2)} µs`);

const verdictOn = (value, target, isEnough = false) =>
  target === undefined ? '' : `  (target ${target}: ${isEnough || value <= target ? 'met' : 'MISSED'})`;

function print(area, engine, results) {
  console.log(`\n## ${area}, ${engine}\n`);
  for (const { name, medians, targets = {}, measures, enough = 0, error } of results) {
    if (error) {
      console.log(`- ${name}\n    FAILED ${error}`);
      if (medians.tabstate === undefined) continue;
    }
    if (measures) {
      console.log(`- ${name}`);
      for (const [key, ms] of Object.entries(medians))
        console.log(
          `    ${measures === 'count' ? ms : ms === null ? 'never' : time(ms)} ${key}${verdictOn(ms ?? Infinity, targets[key])}`,
        );
      continue;
    }
    console.log(`- ${name}: ${time(medians.tabstate)}`);
    for (const [key, median] of Object.entries(medians)) {
      if (key === 'tabstate') continue;
      const target = typeof targets[key] === 'object' ? targets[key][engine] : targets[key];
      const ratio = medians.tabstate / median;
      console.log(
        `    ${round(ratio).padStart(7)} × ${key}${verdictOn(ratio, target, medians.tabstate * 1000 <= enough)}`,
      );
    }
  }
}

const outDir = fs.mkdtempSync(path.join(os.tmpdir(), 'tabstate-bench-'));
fs.mkdirSync(path.join(here, 'results'), { recursive: true });
let web;
try {
  for (const area of areas)
    await bundle(
      area,
      outDir,
      `import suite from ${JSON.stringify(path.join(here, `${area}.ts`))};
       import { runSuite } from ${JSON.stringify(path.join(here, 'harness/page.ts'))};
       globalThis.runBench = (engine, only) => runSuite(suite, engine, only);`,
    );
  // what a page that uses one feature loads, to be imported by a line
  if (areas.includes('session-state'))
    await bundle(
      'only-session-state',
      outDir,
      `import { sessionState } from 'tabstate'; globalThis.only = sessionState;`,
    );
  if (areas.includes('start')) {
    for (const file of fs.readdirSync(path.join(here, 'peers/start'))) {
      const name = `start-${path.basename(file, '.ts')}`;
      await bundle(
        name,
        outDir,
        `import { firstRead } from ${JSON.stringify(path.join(here, 'peers/start', file))};
         globalThis.hasRead = [firstRead()];`,
      );
      // Rolldown makes no classic script of what has late parts, also where nothing loads them; those import from this one
      const script = path.join(outDir, `${name}.js`);
      const code = fs.readFileSync(script, 'utf8').replace(/export\s*\{[^}]*\};?\s*$/, '');
      fs.writeFileSync(script, `(() => {${code}})();`);
    }
    // what is shipped, so that npm run build comes first
    for (const file of ['tabstate.state.min.js', 'tabstate.min.js']) {
      const code = fs.readFileSync(path.join(here, '../dist', file), 'utf8');
      fs.writeFileSync(
        path.join(outDir, `start-${file}`),
        `${code}\n;globalThis.hasRead = [tabstate.sessionState.get('count')];`,
      );
    }
  }
  const page = (area) => `<script type="module" src="/${area}.js"></script>`;
  web = await server(Object.fromEntries(areas.map((area) => [`/${area}`, page(area)])), { root: outDir });
  for (const engine of engines)
    for (const area of areas) {
      const browser = await launch(engine, {
        // start opens a tab for each run
        flags: engine === 'chromium' ? ['--js-flags=--expose-gc', '--disable-popup-blocking'] : [],
        // Firefox's clock ticks once a millisecond otherwise
        prefs: { 'privacy.reduceTimerPrecision': false },
      });
      try {
        const tab = await browser.newTab();
        if (engine === 'chromium')
          await tab.page.exposeFunction('slowDown', (times) => tab.page.emulateCPUThrottling(times));
        await tab.goto(`${web.url}/${area}`);
        // WebKit's driver comes back before the module has run
        for (let waits = 0; !(await tab.eval('typeof runBench === "function"')); waits++) {
          if (waits > 300) throw new Error(`bench/${area}.ts throws, or does not load`);
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
        // started and polled, because a driver may give up on one long call
        await tab.inject(`runBench(${JSON.stringify(engine)}, ${JSON.stringify(values.only ?? null)}).then((results) => { window.benchResults = JSON.stringify(results); },
          (error) => { window.benchResults = JSON.stringify([{ name: 'suite', error: String(error) }]); })`);
        let results;
        while (!results) {
          await new Promise((resolve) => setTimeout(resolve, 500));
          results = await tab.eval('window.benchResults ?? null');
        }
        const parsed = JSON.parse(results);
        print(area, engine, parsed);
        fs.writeFileSync(path.join(here, 'results', `${area}.${engine}.json`), `${JSON.stringify(parsed, null, 2)}\n`);
      } finally {
        await browser.close();
      }
    }
} finally {
  web?.close();
  fs.rmSync(outDir, { recursive: true, force: true });
}
