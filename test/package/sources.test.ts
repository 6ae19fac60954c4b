// Which file of src may import which.
import fs from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
const src = path.join(root, 'src');

/** From left to right; folders (or files) of one step do not import each other. */
const steps = [
  ['script-tag', 'script-tag-state', 'script-tag-inspector'],
  ['index'],
  ['legacy', 'connection', 'inspector', 'react', 'vue', 'solid', 'testing'],
  ['session-state', 'query-params', 'context', 'cache'],
  ['tiers'],
  ['stores'],
  ['disk', 'binding', 'spinner', 'registry', 'registered-classes', 'computed', 'version'],
  ['browser'],
  ['core'],
  ['errors'],
];
/** Allowed inside a step: every feature may reach the page's shared instances. */
const isAllowedNeighbour = (from: string, to: string): boolean =>
  to === 'registry' || (to === 'registered-classes' && from !== 'registry');

const dependencyHomes: Record<string, string> = {
  superjson: 'core/values/text.ts',
  'query-string': 'connection/http.ts',
  'js-cookie': 'browser/cookie-text.ts',
  'idb-keyval': 'browser/indexed-db.ts',
  react: 'react/index.ts',
  vue: 'vue/index.ts',
  'solid-js': 'solid/index.ts',
  'solid-js/web': 'solid/index.ts',
};

interface Import {
  from: string;
  to: string;
  kind: 'value' | 'type' | 'dynamic';
}

const files = fs
  .readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.replaceAll(path.sep, '/'));
const textOf = new Map(files.map((file) => [file, fs.readFileSync(path.join(src, file), 'utf8')]));

/** Whether a declaration leaves nothing behind once types are erased. */
const isTypeOnly = (node: ts.ImportDeclaration | ts.ExportDeclaration): boolean => {
  if (ts.isExportDeclaration(node)) {
    if (node.isTypeOnly) return true;
    const names = node.exportClause && ts.isNamedExports(node.exportClause) ? node.exportClause.elements : undefined;
    return names !== undefined && names.length > 0 && names.every((name) => name.isTypeOnly);
  }
  const clause = node.importClause;
  if (!clause) return false;
  if (clause.isTypeOnly) return true;
  const names = clause.namedBindings && ts.isNamedImports(clause.namedBindings) ? clause.namedBindings.elements : [];
  return !clause.name && names.length > 0 && names.every((name) => name.isTypeOnly);
};

const imports: Import[] = files.flatMap((from) => {
  const found: Import[] = [];
  const add = (specifier: string, kind: Import['kind']) => {
    const to = specifier.startsWith('.')
      ? path.posix.join(path.posix.dirname(from), specifier).replace(/\.js$/, '.ts')
      : specifier;
    found.push({ from, to, kind });
  };
  const visit = (node: ts.Node): void => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier)
      add((node.moduleSpecifier as ts.StringLiteral).text, isTypeOnly(node) ? 'type' : 'value');
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add((node.arguments[0] as ts.StringLiteral).text, 'dynamic');
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(from, textOf.get(from) ?? '', ts.ScriptTarget.ES2022, true));
  return found;
});
const inside = imports.filter(({ to }) => files.includes(to));
const placeOf = (file: string): string => (file.includes('/') ? (file.split('/')[0] ?? '') : file.replace(/\.ts$/, ''));
const stepOf = (file: string): number => steps.findIndex((step) => step.includes(placeOf(file)));

describe('src', () => {
  it('has a step for every file', () => {
    expect(files.filter((file) => stepOf(file) === -1)).toEqual([]);
  });

  it('imports to the right only', () => {
    const wrong = inside.filter(({ from, to, kind }) => {
      if (kind === 'type' || placeOf(from) === placeOf(to) || stepOf(to) > stepOf(from)) return false;
      return !(stepOf(to) === stepOf(from) && isAllowedNeighbour(placeOf(from), placeOf(to)));
    });
    expect(wrong.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });

  it('imports to the right only from tiers, disk and stores on, types too', () => {
    const below = ['tiers', 'stores', 'disk', 'binding', 'browser', 'core'];
    const wrong = inside.filter(({ from, to }) => below.includes(placeOf(from)) && stepOf(to) < stepOf(from));
    expect(wrong.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });

  it('has no import cycle between values', () => {
    const next = new Map<string, string[]>();
    for (const { from, to, kind } of inside) if (kind === 'value') next.set(from, [...(next.get(from) ?? []), to]);
    const done = new Set<string>();
    const cycles: string[] = [];
    const walk = (file: string, trail: string[]): void => {
      if (trail.includes(file)) cycles.push([...trail.slice(trail.indexOf(file)), file].join(' → '));
      if (done.has(file) || trail.includes(file)) return;
      for (const to of next.get(file) ?? []) walk(to, [...trail, file]);
      done.add(file);
    };
    for (const file of files) walk(file, []);
    expect(cycles).toEqual([]);
  });

  it('imports each dependency in one file, and no other package', () => {
    const packages = imports.filter(({ to }) => !to.endsWith('.ts'));
    expect(packages.filter(({ to, from }) => dependencyHomes[to] !== from)).toEqual([]);
  });

  it('resolves every relative import', () => {
    expect(imports.filter(({ to }) => to.endsWith('.ts') && !files.includes(to))).toEqual([]);
  });

  it('asks neither clock nor chance in core', () => {
    const forbidden =
      /\bDate\.now\b|\bnew Date\(\)|\bperformance\b|\bMath\.random\b|\bcrypto\.|\bset(Timeout|Interval)\b/;
    const code = (text: string): string => text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
    const pure = /^core\/|^cache\/key\/|^query-params\/(param\/|query-text|rate|url)/;
    const askers = files.filter((file) => pure.test(file) && forbidden.test(code(textOf.get(file) ?? '')));
    expect(askers).toEqual([]);
  });

  it('has index.ts only where package.json exports it', () => {
    const { exports } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
    const exported = Object.values<{ default?: string } | string>(exports)
      .map((target) => (typeof target === 'string' ? target : target.default))
      .filter((target) => target?.endsWith('/index.js'))
      .map((target) => target?.replace('./dist/', '').replace('.js', '.ts'));
    expect(files.filter((file) => path.basename(file) === 'index.ts').sort()).toEqual(exported.sort());
  });

  it('has no empty catch block', () => {
    expect(files.filter((file) => /catch\s*(\([^)]*\))?\s*\{\s*\}/.test(textOf.get(file) ?? ''))).toEqual([]);
  });
});

describe('texts of the repository', () => {
  it('name no absolute path and no registry host', () => {
    const kinds = /\.(ts|tsx|js|mjs|md|json|html|css|svelte|vue)$/;
    const skipped = /(^|[/\\])(node_modules|dist|\.git|coverage|screenshots|temp|results)([/\\]|$)/;
    const all = fs
      .readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((file) => kinds.test(file) && !skipped.test(file));
    // written in two halves, because this file is read too
    const pattern = new RegExp(
      `${['/wor', 'k/'].join('')}|${['/tmp/', 'wt'].join('')}|${['registry.npm', 'js'].join('')}`,
    );
    expect(all.filter((file) => pattern.test(fs.readFileSync(path.join(root, file), 'utf8')))).toEqual([]);
  });
});
