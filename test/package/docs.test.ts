// README and docs: code that compiles, links that lead somewhere, tests that exist.
import fs from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { codeBlocks } from '../tools/code-blocks.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const blocks = codeBlocks(root);

describe('README and docs', () => {
  it('hold TypeScript that compiles against the library', () => {
    const sources = new Map(
      blocks
        .filter(({ language }) => language === 'ts' || language === 'tsx')
        .map(({ file, line, code, before, language }) => [
          path.join(root, `${file.replace(/\W/g, '-')}-${line}.${language}`),
          `${before.trimEnd().replaceAll('\n', ' ')}\n${code}\nexport {};`,
        ]),
    );
    const { config } = ts.readConfigFile(path.join(root, 'tsconfig.json'), ts.sys.readFile);
    const { options } = ts.convertCompilerOptionsFromJson(
      {
        ...config.compilerOptions,
        isolatedDeclarations: false,
        exactOptionalPropertyTypes: false,
        declaration: false,
        noUnusedLocals: false,
        noUnusedParameters: false,
        jsx: 'react-jsx',
        paths: {
          tabstate: ['./src/index.ts'],
          'tabstate/legacy': ['./src/legacy/index.ts'],
          'tabstate/connection': ['./src/connection/index.ts'],
          'tabstate/inspector': ['./src/inspector/index.ts'],
          'tabstate/react': ['./src/react/index.ts'],
          'tabstate/solid': ['./src/solid/index.ts'],
          'tabstate/testing': ['./src/testing/index.ts'],
        },
      },
      root,
    );
    const host = ts.createCompilerHost(options);
    const { readFile, fileExists, getSourceFile } = host;
    host.fileExists = (file) => sources.has(file) || fileExists(file);
    host.readFile = (file) => sources.get(file) ?? readFile(file);
    host.getSourceFile = (file, ...rest) => {
      const text = sources.get(file);
      return text === undefined
        ? getSourceFile(file, ...rest)
        : ts.createSourceFile(file, text, ts.ScriptTarget.ES2022);
    };
    const program = ts.createProgram([...sources.keys()], options, host);
    // `npm run types` checks the library
    const ofBlocks = [...sources.keys()].flatMap((name) => {
      const file = program.getSourceFile(name);
      return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
    });
    const problems = [...program.getOptionsDiagnostics(), ...program.getGlobalDiagnostics(), ...ofBlocks].map(
      ({ file, start = 0, messageText }) => {
        const at = file ? `${path.basename(file.fileName)}+${file.getLineAndCharacterOfPosition(start).line}` : '';
        return `${at}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
      },
    );
    expect(problems).toEqual([]);
  });

  it('link to files that exist', () => {
    const files = [
      'README.md',
      'CONTRIBUTING.md',
      ...fs.readdirSync(path.join(root, 'docs')).map((file) => `docs/${file}`),
    ].filter((file) => file.endsWith('.md'));
    const broken = files.flatMap((file) =>
      [
        ...fs
          .readFileSync(path.join(root, file), 'utf8')
          .replace(/^```[\s\S]*?^```|`[^`\n]*`/gm, '')
          .matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g),
      ]
        .map(([, target = '']) => target)
        .filter((target) => !fs.existsSync(path.resolve(root, path.dirname(file), target)))
        .map((target) => `${file} → ${target}`),
    );
    expect(broken).toEqual([]);
  });
});

describe('the tables of design documents', () => {
  it('name tests that exist', () => {
    const folder = path.join(root, 'docs/design');
    const rows = fs
      .readdirSync(folder)
      .flatMap((name) => fs.readFileSync(path.join(folder, name), 'utf8').split('\n'))
      .map((line) => /\| `(test\/\S+\.ts)`(?: ((?:CAC|SES|QRY|CTX)-\d+))? \|$/.exec(line))
      .filter((found) => found !== null);
    expect(rows.length).toBeGreaterThanOrEqual(31);
    for (const [, file, id] of rows) {
      const text = fs.readFileSync(path.join(root, file as string), 'utf8');
      if (id) expect(text.includes(`[${id}]`), `${id} in ${file}`).toBe(true);
    }
  });
});
