// usage: node /tmp/size.mjs "export {queryParams} from '...'"
import { rollup } from 'rollup';
import ts from '@rollup/plugin-typescript';
import resolve from '@rollup/plugin-node-resolve';
import terser from '@rollup/plugin-terser';
import { gzipSync, brotliCompressSync } from 'node:zlib';
for (const code of process.argv.slice(2)) {
  const b = await rollup({ input: 'x', onwarn(){}, plugins: [{name:'v', resolveId(i){return i==='x'?process.cwd()+'/src/x.ts':null}, load(i){return i.endsWith('/src/x.ts')?code:null}}, ts({ include: ['src/**/*.ts'], compilerOptions:{noEmit:false,declaration:false,isolatedDeclarations:false, noUnusedLocals:false, noEmitOnError: false}}), resolve({browser:true}), terser({ecma:2020, module:true})] });
  const { output } = await b.generate({ format: 'es', inlineDynamicImports:true });
  const t = output[0].code;
  console.log(code, t.length, 'gzip', gzipSync(t,{level:9}).length, 'br', brotliCompressSync(t).length);
  if (process.env.OUT) (await import('node:fs')).writeFileSync(process.env.OUT, t);
}
