// How large each import is, against its budget and README's figure.
import fs from 'node:fs';
import path from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import resolve from '@rollup/plugin-node-resolve';
import { type OutputChunk, type Plugin, rollup } from 'rollup';
import { minify } from 'terser';
import { afterAll, describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
const { dependencies, devDependencies } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
const dist = path.join(root, 'dist');

interface Budget {
  /** What somebody writes: `export { … } from '<entry>'`. */
  import: string;
  from?: string;
  /** Bytes of the entry chunk after terser and brotli; chunks loaded later by import() do not count. Numbers go down only. */
  most: number;
  without: string[];
}

const budgets: Budget[] = [
  { import: 'context, setCookie, removeCookie', most: 5930, without: ['superjson', 'query-string', 'idb-keyval', 'session-state/', 'binding/'] },
  { import: 'queryParams', most: 7735, without: ['superjson', 'query-string', 'js-cookie', 'idb-keyval', 'binding/'] },
  { import: 'queryParams, param', most: 8440, without: ['superjson', 'query-string', 'js-cookie', 'idb-keyval', 'binding/'] },
  { import: 'sessionState', most: 12_830, without: ['query-string', 'js-cookie', 'idb-keyval', 'binding/'] },
  { import: 'cacheData', most: 11_030, without: ['superjson', 'query-string', 'js-cookie'] },
  { import: 'cacheResource', most: 14_890, without: ['superjson', 'idb-keyval', 'query-string', 'js-cookie'] },
]; // biome-ignore format: one line each

/** Script files: bytes after brotli. */
const files: Record<string, number> = {
  'tabstate.min.js': 72_570,
  'tabstate.state.min.js': 31_270,
  'tabstate.min.mjs': 72_590,
  'tabstate-inspector.min.js': 5760,
};

interface Weight {
  brotli: number;
  gzip: number;
}

interface Size extends Weight {
  modules: string[];
  /** What is loaded by import() when a call needs it, by name. */
  later: (Weight & { name: string })[];
}

/**
 * A fresh install has the newest version of a dependency within its range, the lock file an older one. `newest-superjson`
 * among the development dependencies stands in for `superjson`; one without a newer version has none.
 */
const newest: Plugin = {
  name: 'newest',
  resolveId(id, importer) {
    const alias = `newest-${id}`;
    return devDependencies[alias] ? this.resolve(alias, importer, { skipSelf: true }) : null;
  },
};

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
      newest,
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
  for (const { import: names, from, most, without } of budgets)
    it(`${names}: at most ${kB(most)} brotli`, async () => {
      const size = await sizeOf(names, from);
      rows.push(`| \`${names}\` | ${kB(size.gzip)} | ${kB(size.brotli)} |`);
      for (const { name, gzip, brotli } of size.later)
        rows.push(`| \`${names}\`, when needed: ${name} | ${kB(gzip)} | ${kB(brotli)} |`);
      const intruders = without.filter((name) =>
        size.modules.some((id) => id.includes(name.endsWith('/') ? `/dist/${name}` : `/node_modules/${name}/`)),
      );
      expect(intruders).toEqual([]);
      expect(size.brotli).toBeLessThanOrEqual(most);
    });

  it('cacheData, all that a first stored call loads: at most 32.2 kB brotli', async () => {
    const { brotli, later } = await sizeOf('cacheData');
    const needed = later.filter(({ name }) => name === 'late-course' || name === 'stored');
    expect(needed).toHaveLength(2);
    expect(needed.reduce((sum, each) => sum + each.brotli, brotli)).toBeLessThanOrEqual(32_250);
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

  for (const [file, most] of Object.entries(files))
    it(`${file}: at most ${kB(most)} brotli`, () => {
      const code = fs.readFileSync(path.join(dist, file));
      const brotli = brotliCompressSync(code).length;
      rows.push(`| \`${file}\` | ${kB(gzipSync(code, { level: 9 }).length)} | ${kB(brotli)} |`);
      expect(brotli).toBeLessThanOrEqual(most);
    });

  it('has the newest dependencies in range under these names', () => {
    for (const name of Object.keys(dependencies)) {
      const alias: string | undefined = devDependencies[`newest-${name}`];
      if (alias) expect(alias).toMatch(new RegExp(`^npm:${name}@${dependencies[name].replace(/^\^(\d+).*/, '$1')}\\.`));
    }
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
