import { readFileSync } from 'node:fs';
import resolve from '@rollup/plugin-node-resolve';
import terser from '@rollup/plugin-terser';
import typescript from '@rollup/plugin-typescript';

const { dependencies, version } = JSON.parse(readFileSync('package.json', 'utf8'));
// types are checked once, by the compiler that writes the declarations
const compile = () =>
  typescript({ compilerOptions: { noEmit: false, noCheck: true, declaration: false, isolatedDeclarations: false } });

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
    input: ['index', 'legacy/index', 'connection/index', 'inspector/index'].map((name) => `src/${name}.ts`),
    external: Object.keys(dependencies),
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
