import { rollup } from 'rollup';
import ts from '@rollup/plugin-typescript';
import resolve from '@rollup/plugin-node-resolve';
import { minify } from 'terser';
import { gzipSync } from 'node:zlib';
const code = process.argv[2];
const b = await rollup({ input: 'x', onwarn(){}, plugins: [{name:'v', resolveId(i){return i==='x'?process.cwd()+'/src/x.ts':null}, load(i){return i.endsWith('/src/x.ts')?code:null}}, ts({ include: ['src/**/*.ts'], compilerOptions:{noEmit:false,declaration:false,isolatedDeclarations:false, noUnusedLocals:false, noEmitOnError: false}}), resolve({browser:true})] });
const { output } = await b.generate({ format: 'es', inlineDynamicImports:true });
let rows=[];
for (const [id,m] of Object.entries(output[0].modules)) { if(!m.code) continue; try { const r = await minify(m.code,{module:false, compress:{toplevel:false}, mangle:true}); rows.push([id.replace(process.cwd()+'/',''), r.code.length, gzipSync(r.code,{level:9}).length]); } catch(e){ rows.push([id,m.code.length,e.message]) } }
rows.sort((a,b)=>b[1]-a[1]); console.table(rows);
