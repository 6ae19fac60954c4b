// The build: one file per module for bundlers, and files for script tags.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import resolve from '@rollup/plugin-node-resolve';
import terser from '@rollup/plugin-terser';
import ts from 'typescript';

const { dependencies, peerDependencies, version } = JSON.parse(readFileSync('package.json', 'utf8'));
const { options: compilerOptions } = ts.parseJsonConfigFileContent(
  { ...ts.readConfigFile('tsconfig.json', ts.sys.readFile).config, files: [], include: [] },
  ts.sys,
  '.',
  { noEmit: false, declaration: false, isolatedDeclarations: false },
);

const compiled = new Map();

/**
 * Turns each file by itself into JavaScript, which `isolatedModules` allows. Types are checked once, by the compiler that
 * writes the declarations.
 */
const compile = () => ({
  name: 'compile',
  resolveId: (id, importer) =>
    importer?.endsWith('.ts') && /^\.{1,2}\//.test(id)
      ? path.resolve(importer, '..', id.replace(/\.js$/, '.ts'))
      : null,
  transform(code, fileName) {
    if (!fileName.endsWith('.ts')) return null;
    if (!compiled.has(fileName)) {
      compiled.set(fileName, ts.transpileModule(code, { fileName, compilerOptions }).outputText);
    }
    return { code: compiled.get(fileName), map: null };
  },
});

// every warning is an error: an import cycle, too
const onwarn = ({ code, message }) => {
  throw new Error(`${code}: ${message}`);
};

// only superjson asks for it, to copy what it deserializes out of place, which the library never does
const withoutCopies = () => ({
  name: 'without-copies',
  resolveId: (id) => (id === 'copy-anything' ? `\0${id}` : null),
  load: (id) => (id === '\0copy-anything' ? 'export const copy = undefined;' : null),
});

// ASCII only, because a page without a charset would read "…" wrongly
const minified = (input, file, contents, output) => ({
  input,
  onwarn,
  plugins: [
    compile(),
    withoutCopies(),
    resolve({ browser: true }),
    terser({ ecma: 2020, format: { ascii_only: true, comments: /^!/ }, module: output.format === 'es' }),
  ],
  output: {
    file: `dist/${file}`,
    inlineDynamicImports: true,
    banner: `/*! tabstate ${version}, MIT${contents} */`,
    ...output,
  },
});

// "extend": several files on one page add to one object
const scriptTag = (input, file, contents = '') =>
  minified(input, file, contents, { format: 'iife', name: 'tabstate', extend: true });

const all = '; contains superjson, query-string, js-cookie (MIT), idb-keyval (Apache-2.0)';
const entries = ['', 'legacy/', 'connection/', 'inspector/', 'react/', 'vue/', 'solid/', 'testing/'].map(
  (folder) => `src/${folder}index.ts`,
);

export default [
  {
    input: entries,
    external: [...Object.keys(dependencies), ...Object.keys(peerDependencies), 'solid-js/web'],
    plugins: [compile()],
    onwarn,
    // without source maps: the modules are readable as they are, and the package a third of the size
    output: { dir: 'dist', format: 'es', preserveModules: true, preserveModulesRoot: 'src' },
  },
  scriptTag('src/script-tag.ts', 'tabstate.min.js', all),
  scriptTag('src/script-tag-state.ts', 'tabstate.state.min.js', '; contains superjson, js-cookie (MIT)'),
  minified('src/script-tag.ts', 'tabstate.min.mjs', all, { format: 'es' }),
  minified('src/script-tag-inspector.ts', 'tabstate-inspector.min.js', '', { format: 'iife' }),
];
