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
        load: (id) => (id === 'entry' ? `export { cacheData } from ${JSON.stringify(dist)};` : null),
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

inEngines('chunks of the cache', (engine) => {
  let web: Awaited<ReturnType<typeof server>>;
  let browser: Awaited<ReturnType<typeof launch>>;
  const blocked = { pattern: /^$/ };

  beforeAll(async () => {
    const chunks = await chunksOf();
    const entry = chunks.find(({ isEntry }) => isEntry) as OutputChunk;
    const files = chunks.map(({ fileName, code }) => [
      `/${fileName}`,
      // biome-ignore lint/suspicious/noExplicitAny: node's own request and response
      (_request: any, response: any) => {
        const isBlocked = blocked.pattern.test(fileName);
        response.writeHead(isBlocked ? 404 : 200, { 'content-type': 'text/javascript', 'cache-control': 'no-store' });
        response.end(isBlocked ? '' : code);
      },
    ]);
    web = await server({
      ...Object.fromEntries(files),
      '/page': script(entry.fileName),
      '/rare': rareScript(entry.fileName),
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
    blocked.pattern = pattern;
    expect(await visit()).toEqual({
      all,
      runs,
      persisted: false,
      warnings: ['cache-storage'],
    });
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
