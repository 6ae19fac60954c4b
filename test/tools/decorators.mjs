// TC39 decorators in tests: Vite leaves them in place, and no engine runs them yet.
import ts from 'typescript';

/** @type {import('vite').Plugin} */
export const decorators = {
  name: 'decorators',
  enforce: 'pre',
  transform(code, id) {
    if (!/decorator[^/]*\.test\.ts$/.test(id)) return null;
    const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, sourceMap: true };
    const { outputText, sourceMapText } = ts.transpileModule(code, { fileName: id, compilerOptions });
    return { code: outputText, map: sourceMapText ?? null };
  },
};
