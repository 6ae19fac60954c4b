// The chunks of the cache, when they come late or not at all.
import path from 'node:path';
import resolve from '@rollup/plugin-node-resolve';
import { type OutputChunk, rollup } from 'rollup';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { inEngines } from '../tools/in-engines.js';
import { server } from '../tools/server.mjs';
import { launch } from '../tools/tabs.mjs';

const dist = path.resolve(import.meta.dirname, '../../dist/index.js');

/** `cacheData` as a bundler of a user cuts it, by file name. */
async function chunksOf(): Promise<OutputChunk[]> {
  const bundle = await rollup({
    input: 'entry',
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === 'entry' ? id : null),
        load: (id) =>
          id === 'entry' ? `export { cacheData, createCache, memoryStore } from ${JSON.stringify(dist)};` : null,
      },
      resolve({ browser: true }),
    ],
  });
  const { output } = await bundle.generate({ format: 'es' });
  await bundle.close();
  return output.filter((part): part is OutputChunk => part.type === 'chunk');
}

/** Calls twice what is stored, waits for the write, and tells what happened. */
const script = (entry: string): string => `<script type="module">
  const warnings = [];
  console.warn = (text) => warnings.push(text);
  const { cacheData } = await import('/${entry}');
  let runs = 0;
  const f = cacheData(async (x) => [x, ++runs], { name: 'f', showSpinner: true });
  const all = [await f(1), await f(1), await f(2)];
  await f.prime('primed', 3);
  all.push(await f(3));
  const { persisted } = await f.info();
  window.told = { all, runs, persisted, warnings: warnings.map((text) => /\\((cache-[a-z]+)\\)/.exec(text)?.[1] ?? text) };
</script>`;

/** Calls what structured clone cannot carry, and what has limits; waits for the writes, and tells what happened. */
const rareScript = (entry: string): string => `<script type="module">
  const warnings = [];
  console.warn = (text) => warnings.push(text);
  const { cacheData } = await import('/${entry}');
  let runs = 0;
  const f = cacheData(async (x) => (runs++, new URL('https://example.org/' + x)), { name: 'rare' });
  const g = cacheData(async (x) => (runs++, x), { name: 'limited', maxEntries: 5 });
  const all = [String(await f(1)), await g(1)];
  for (const each of [f, g]) await each.has(2);
  window.told = { all, runs, warnings: warnings.map((text) => /\\((cache-[a-z]+)\\)/.exec(text)?.[1] ?? text) };
</script>`;

/** Calls what needs each of the other chunks. */
const everyScript = (entry: string): string => `<script type="module">
  const rejected = [];
  addEventListener('unhandledrejection', ({ reason }) => rejected.push(String(reason)));
  console.warn = () => {};
  const { cacheData, createCache, memoryStore } = await import('/${entry}');
  const slow = cacheData(async (x) => new Promise((done) => setTimeout(done, 600, x)), { name: 'slow', maxEntries: 2, showSpinner: true, ttl: '1ms' });
  const big = createCache({ memory: 1e5, name: 'big' }).cacheData(async (x) => new Uint8Array(x));
  const session = cacheData(async (x) => x, { name: 'session', scope: 'session' });
  const stored = createCache({ store: memoryStore() }).cacheData(async (x) => x, { name: 'stored' });
  const all = [];
  for (const [f, x] of [[slow, 1], [big, 4e5], [session, 2], [stored, 3]]) {
    const value = await f(x).catch(String);
    all.push(value.length ?? value);
    await f(x).catch((error) => rejected.push(String(error)));
  }
  window.told = { all, rejected };
</script>`;

inEngines('chunks of the cache', (engine) => {
  let web: Awaited<ReturnType<typeof server>>;
  let browser: Awaited<ReturnType<typeof launch>>;
  const blocked = { pattern: /^$/, throws: false };

  /** As webpack's own `import()` in a worker, which calls importScripts. */
  const throwing = (code: string): string =>
    code.replace(/import\('\.\/([^']+)'\)/g, (whole, name) =>
      blocked.throws && blocked.pattern.test(name) ? `(() => { throw new Error('${name}'); })()` : whole,
    );

  beforeAll(async () => {
    const chunks = await chunksOf();
    const entry = chunks.find(({ isEntry }) => isEntry) as OutputChunk;
    const files = chunks.map(({ fileName, code }) => [
      `/${fileName}`,
      // biome-ignore lint/suspicious/noExplicitAny: node's own request and response
      (_request: any, response: any) => {
        const isBlocked = blocked.pattern.test(fileName);
        response.writeHead(isBlocked ? 404 : 200, { 'content-type': 'text/javascript', 'cache-control': 'no-store' });
        response.end(isBlocked ? '' : throwing(code));
      },
    ]);
    web = await server({
      ...Object.fromEntries(files),
      '/page': script(entry.fileName),
      '/rare': rareScript(entry.fileName),
      '/every': everyScript(entry.fileName),
    });
    browser = await launch(engine);
  });
  afterAll(async () => {
    await browser?.close();
    web?.close();
  });

  // biome-ignore lint/suspicious/noExplicitAny: what the page tells
  async function visit(page = 'page'): Promise<any> {
    const tab = await browser.newTab();
    try {
      await tab.goto(`${web.url}/${page}`);
      return await vi.waitFor(
        async () => {
          const told = await tab.eval('window.told ?? null');
          if (!told) throw new Error('The page has not told yet.');
          return told;
        },
        { timeout: 15_000, interval: 100 },
      );
    } finally {
      await tab.close();
    }
  }

  it.each([
    ['leaves results in memory where the code that stores', /^stored-/, 2, [[1, 1], [1, 1], [2, 2], 'primed']],
    [
      'just runs the function where the code of calls',
      /^late-course-/,
      4,
      [
        [1, 1],
        [1, 2],
        [2, 3],
        [3, 4],
      ],
    ],
  ])('%s cannot be loaded, with one warning', async (_what, pattern, runs, all) => {
    const told = { all, runs, persisted: false, warnings: ['cache-storage'] };
    blocked.pattern = pattern;
    expect(await visit()).toEqual(told);
    blocked.throws = true;
    expect(await visit()).toEqual(told);
    blocked.throws = false;
  });

  it('goes on where the import() of a bundler throws at once, as in workers of webpack', async () => {
    blocked.pattern = /^(rare|show-spinner|session-tier|store-tier|entry-text|big-results)-/;
    blocked.throws = true;
    expect(await visit('every')).toEqual({ all: [1, 4e5, 2, 3], rejected: [] });
    blocked.throws = false;
  });

  it('keeps them over a reload where everything is there', async () => {
    blocked.pattern = /^$/;
    expect(await visit()).toMatchObject({ runs: 2, persisted: true, warnings: [] });
    expect(await visit()).toMatchObject({ all: [[1, 1], [1, 1], [2, 2], 'primed'], runs: 0, persisted: true });
  });

  it('runs the function, and keeps what is stored, where the code for rare values and limits cannot be loaded', async () => {
    const all = ['https://example.org/1', 1];
    blocked.pattern = /^rare-/;
    expect(await visit('rare')).toEqual({ all, runs: 2, warnings: ['cache-storage'] });
    blocked.pattern = /^$/;
    expect(await visit('rare')).toEqual({ all, runs: 2, warnings: [] });
    expect(await visit('rare')).toEqual({ all, runs: 0, warnings: [] });
    blocked.pattern = /^rare-/;
    // the value cannot be read now, and what is stored in its place neither
    expect(await visit('rare')).toEqual({ all, runs: 1, warnings: ['cache-entry', 'cache-storage'] });
    blocked.pattern = /^$/;
    expect(await visit('rare')).toEqual({ all, runs: 0, warnings: [] });
  });
});
