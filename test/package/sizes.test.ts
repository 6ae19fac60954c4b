import fs from 'node:fs';
import path from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import resolve from '@rollup/plugin-node-resolve';
import { type OutputChunk, rollup } from 'rollup';
import { minify } from 'terser';
import { afterAll, describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
const dist = path.join(root, 'dist');

interface Budget {
  /** What somebody writes: `export { … } from '<entry>'`. */
  import: string;
  from?: string;
  /**
   * What a finished feature weighs and 3 %; raising one is a decision that its commit explains.
   * Bytes of the entry chunk after terser and compression; chunks loaded later by import() do not count.
   */
  most: number;
  by: 'brotli' | 'gzip';
  without: string[];
}

const budgets: Budget[] = [
  { import: 'context, setCookie, removeCookie', most: 5450, by: 'brotli', without: ['superjson', 'query-string', 'idb-keyval', 'session-state/'] },
  { import: 'queryParams', most: 15_050, by: 'gzip', without: ['superjson', 'js-cookie', 'idb-keyval'] },
  { import: 'queryParams, param', most: 15_550, by: 'gzip', without: ['superjson', 'js-cookie', 'idb-keyval'] },
  { import: 'sessionState', most: 16_200, by: 'brotli', without: ['query-string', 'js-cookie', 'idb-keyval'] },
  { import: 'cacheData', most: 20_000, by: 'brotli', without: ['superjson', 'query-string', 'js-cookie'] },
  { import: 'cacheResource', most: 14_650, by: 'brotli', without: ['superjson', 'idb-keyval', 'query-string', 'js-cookie'] },
]; // biome-ignore format: one line each

interface Weight {
  brotli: number;
  gzip: number;
}

interface Size extends Weight {
  modules: string[];
  /** What is loaded by import() when a call needs it, by name. */
  later: (Weight & { name: string })[];
}

async function weigh(chunks: OutputChunk[]): Promise<Weight> {
  const code = (await Promise.all(chunks.map(({ code }) => minify(code, { module: true, ecma: 2020 }))))
    .map(({ code }) => code)
    .join('\n');
  return { brotli: brotliCompressSync(code).length, gzip: gzipSync(code, { level: 9 }).length };
}

async function sizeOf(names: string, entry = 'index.js'): Promise<Size> {
  const bundle = await rollup({
    input: 'entry',
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === 'entry' ? id : null),
        load: (id) => (id === 'entry' ? `export { ${names} } from ${JSON.stringify(path.join(dist, entry))};` : null),
      },
      resolve({ browser: true }),
    ],
  });
  const { output } = await bundle.generate({ format: 'es' });
  await bundle.close();
  const chunks = output.filter((part): part is OutputChunk => part.type === 'chunk');
  const main = chunks.find(({ isEntry }) => isEntry) as OutputChunk;
  // what the entry chunk imports statically is loaded with it
  const first = new Set([main]);
  for (const { imports } of first) for (const chunk of chunks) if (imports.includes(chunk.fileName)) first.add(chunk);
  const later = chunks.filter((chunk) => !first.has(chunk));
  return {
    ...(await weigh([...first])),
    modules: [...first].flatMap(({ modules }) => Object.keys(modules)).filter((id) => id !== 'entry'),
    later: await Promise.all(later.map(async (chunk) => ({ name: chunk.name, ...(await weigh([chunk])) }))),
  };
}

const kB = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`;
const rows: string[] = [];

describe('sizes', () => {
  for (const { import: names, from, most, by, without } of budgets)
    it(`${names}: at most ${kB(most)} ${by}`, async () => {
      const size = await sizeOf(names, from);
      rows.push(`| \`${names}\` | ${kB(size.gzip)} | ${kB(size.brotli)} |`);
      for (const { name, gzip, brotli } of size.later)
        rows.push(`| \`${names}\`, when needed: ${name} | ${kB(gzip)} | ${kB(brotli)} |`);
      const intruders = without.filter((name) =>
        size.modules.some((id) => id.includes(name.endsWith('/') ? `/dist/${name}` : `/node_modules/${name}/`)),
      );
      expect(intruders).toEqual([]);
      expect(size[by]).toBeLessThanOrEqual(most);
    });

  it.each(['react', 'vue', 'solid'])(
    'tabstate/%s: at most 0.95 kB brotli beside the framework and the state',
    async (name) => {
      const bundle = await rollup({
        input: path.join(dist, name, 'index.js'),
        external: (id) => /^(react|vue|solid-js)\b/.test(id) || /dist[/\\]session-state/.test(id),
      });
      const { output } = await bundle.generate({ format: 'es' });
      await bundle.close();
      const { brotli } = await weigh(output.filter((part): part is OutputChunk => part.type === 'chunk'));
      expect(brotli).toBeLessThanOrEqual(950);
    },
  );

  it('tabstate/legacy, the experimental pair: at most 0.3 kB gzip beyond queryParams', async () => {
    const { gzip: alone } = await sizeOf('queryParams');
    const { gzip: pair } = await sizeOf('experimentalGetQueryParams, experimentalSetQueryParams', 'legacy/index.js');
    expect(pair - alone).toBeLessThanOrEqual(300);
  });

  for (const [file, most] of [
    ['tabstate.min.js', undefined],
    ['tabstate-inspector.min.js', 8000],
  ] as const)
    it(`${file}${most ? `: at most ${kB(most)} gzip` : ' is listed'}`, () => {
      const code = fs.readFileSync(path.join(dist, file));
      const gzip = gzipSync(code, { level: 9 }).length;
      rows.push(`| \`${file}\` | ${kB(gzip)} | ${kB(brotliCompressSync(code).length)} |`);
      expect(gzip).toBeLessThanOrEqual(most ?? 75_000);
    });

  afterAll(() => {
    // UPDATE_SIZES=1 writes what was measured into the README
    if (!process.env.UPDATE_SIZES) return;
    const readme = path.join(root, 'README.md');
    const table = ['| import | gzip | brotli |', '|---|---|---|', ...rows].join('\n');
    const text = fs
      .readFileSync(readme, 'utf8')
      .replace(/(<!-- sizes -->\n)[\s\S]*?(\n<!-- \/sizes -->)/, `$1\n${table}\n$2`);
    fs.writeFileSync(readme, text);
  });

  it('are those of the README', () => {
    if (process.env.UPDATE_SIZES) return;
    const readme = fs.readFileSync(path.join(root, 'README.md'), 'utf8');
    const table = /<!-- sizes -->([\s\S]*?)<!-- \/sizes -->/.exec(readme)?.[1] ?? '';
    const numbers = (line: string): number[] => [...line.matchAll(/([\d.]+) kB/g)].map(([, number]) => Number(number));
    for (const row of rows) {
      const name = row.split('|')[1];
      const line = table.split('\n').find((each) => each.split('|')[1] === name) ?? '';
      // another version of a dependency within its range may change the last digit
      const written = numbers(line);
      expect(written, `README row of ${name}`).toHaveLength(2);
      for (const [i, number] of numbers(row).entries())
        expect(Math.abs(number - (written[i] as number)), `README row of ${name}`).toBeLessThan(0.25);
    }
  });
});
