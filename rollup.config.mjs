import { readFileSync } from 'node:fs';
import path from 'node:path';
import resolve from '@rollup/plugin-node-resolve';
import terser from '@rollup/plugin-terser';
import ts from 'typescript';

const { dependencies, version } = JSON.parse(readFileSync('package.json', 'utf8'));
const { options: compilerOptions } = ts.parseJsonConfigFileContent(
  { ...ts.readConfigFile('tsconfig.json', ts.sys.readFile).config, files: [], include: [] },
  ts.sys,
  '.',
  { noEmit: false, declaration: false, isolatedDeclarations: false, sourceMap: true },
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
      const { outputText, sourceMapText } = ts.transpileModule(code, { fileName, compilerOptions });
      compiled.set(fileName, { code: outputText.replace(/\n\/\/# sourceMappingURL=.*/, ''), map: sourceMapText });
    }
    return compiled.get(fileName);
  },
});

// every warning is an error: an import cycle, too
const onwarn = ({ code, message }) => {
  throw new Error(`${code}: ${message}`);
};

const scriptTag = (input, file, name, contents = '') => ({
  input,
  onwarn,
  plugins: [compile(), resolve({ browser: true }), terser({ ecma: 2020, format: { comments: /^!/ } })],
  output: {
    file,
    ...(name ? { name } : {}),
    format: 'iife',
    inlineDynamicImports: true,
    sourcemap: true,
    banner: `/*! tabstate ${version}, MIT${contents} */`,
  },
});

export default [
  {
    input: [
      '',
      ...['legacy', 'connection', 'inspector', 'react', 'vue', 'solid', 'testing'].map((name) => `${name}/`),
    ].map((folder) => `src/${folder}index.ts`),
    external: [...Object.keys(dependencies), 'react', 'vue', 'solid-js', 'solid-js/web'],
    plugins: [compile()],
    onwarn,
    output: { dir: 'dist', format: 'es', preserveModules: true, preserveModulesRoot: 'src', sourcemap: true },
  },
  scriptTag(
    'src/script-tag.ts',
    'dist/tabstate.min.js',
    'tabstate',
    '; contains superjson, query-string, js-cookie (MIT), idb-keyval (Apache-2.0)',
  ),
  scriptTag('src/script-tag-inspector.ts', 'dist/tabstate-inspector.min.js'),
];
