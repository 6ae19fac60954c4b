// The files for script tags: ASCII, complete in themselves, with right hashes.
import fs from 'node:fs';
import path from 'node:path';
import vm from 'node:vm';
import { describe, expect, it } from 'vitest';
import { withIntegrity } from '../tools/integrity.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const dist = path.join(root, 'dist');
const read = (file: string): string => fs.readFileSync(path.join(dist, file), 'utf8');
const { version } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
const files = fs.readdirSync(dist).filter((file) => /\.min\.m?js$/.test(file));
const main = await import(path.join(dist, 'index.js'));
const legacy = await import(path.join(dist, 'legacy/index.js'));
const connection = await import(path.join(dist, 'connection/index.js'));

/** What the file without the cache leaves out. */
const ofTheCache = [
  ...['cacheData', 'cacheResource', 'createCache', 'emitter'],
  ...['idbStore', 'memoryStore', 'tieredStore', 'unstorageStore'],
  ...['CacheReentryError', 'UnhashableParamError', 'UnserializableReturnValueError', 'UserHashError'],
];
const names = {
  'tabstate.min.js': [...Object.keys(main), ...Object.keys(legacy), ...Object.keys(connection), 'version'],
  'tabstate.state.min.js': [...Object.keys(main).filter((name) => !ofTheCache.includes(name)), 'version'],
};
const state = 'tabstate.state.min.js';
const everything = 'tabstate.min.js';

describe('script tags', () => {
  it('are these files', () => {
    expect(files.sort()).toEqual([
      'tabstate-inspector.min.js',
      'tabstate.min.js',
      'tabstate.min.mjs',
      'tabstate.state.min.js',
    ]);
  });

  it.each(files)('%s is ASCII only, without import() and names of packages', (file) => {
    const code = read(file);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: all that is no ASCII
    expect(/[^\x00-\x7f]/.exec(code)?.[0]).toBe(undefined);
    expect(code).not.toMatch(/\bimport\s*\(/);
    expect(code).not.toMatch(/\bfrom\s*["']/);
    expect(code).toMatch(new RegExp(`^/\\*! tabstate ${version.replaceAll('.', '\\.')}, MIT`));
  });

  it.each(Object.entries(names))('%s has exactly its names', (file, expected) => {
    const context = vm.createContext({ console });
    const run = (code: string): unknown => vm.runInContext(code, context);
    run(read(file));
    expect((run('Object.keys(tabstate)') as string[]).sort()).toEqual(expected.sort());
    expect(run('tabstate.version')).toBe(version);
  });

  it('tabstate.min.mjs has the names of tabstate.min.js', async () => {
    const module = await import(path.join(dist, 'tabstate.min.mjs'));
    expect(Object.keys(module).sort()).toEqual(names[everything].sort());
    expect(module.version).toBe(version);
  });

  it.each([
    [state, everything],
    [everything, state],
    [state, state],
  ])('%s, then %s: they add to one object, in any order', (first, second) => {
    const context = vm.createContext({ console });
    const run = (code: string): unknown => vm.runInContext(code, context);
    run('var tabstate = { mine: 1 };');
    run(read(first));
    run('var before = { ...tabstate };');
    run(read(second));
    const all = new Set([first, second].flatMap((file) => names[file as keyof typeof names]));
    expect((run('Object.keys(tabstate)') as string[]).sort()).toEqual([...all, 'mine'].sort());
    expect(run('before.sessionState === tabstate.sessionState && before.context === tabstate.context')).toBe(true);
    // the classes are two, and know each other's errors
    expect(run('before.KeyError === tabstate.KeyError')).toBe(false);
    const caught = 'const catching = (t) => { try { t.sessionState.require("no"); } catch (error) { return error; } };';
    const checks = `(() => { ${caught}
      const { createSessionState: one } = before, { createSessionState: two } = tabstate;
      const errors = [one, two].map((create) => catching({ sessionState: create({ prefix: 'x', onWarning() {} }) }));
      const is = (library) => errors.map((error) => [error instanceof library.KeyError, error instanceof library.TabstateError,
        error instanceof Error, error instanceof library.ReservedKeyError]);
      return JSON.stringify([is(before), is(tabstate), errors.map(({ name, code, key }) => [name, code, key])]);
    })()`;
    const instance = [true, true, true, false];
    expect(JSON.parse(run(checks) as string)).toEqual([
      [instance, instance],
      [instance, instance],
      [
        ['KeyError', 'key-missing', 'no'],
        ['KeyError', 'key-missing', 'no'],
      ],
    ]);
  });

  it('knows nothing else as an error of the library', () => {
    const { KeyError, TabstateError } = main as typeof import('../../src/index.js');
    class Other extends Error {
      override get name(): string {
        return 'KeyError';
      }
    }
    class Mine extends KeyError {}
    const values: unknown[] = [undefined, null, 1, 'KeyError', {}, new Error('x'), new Other('x'), Object.create(null)];
    for (const value of values)
      expect([value instanceof KeyError, value instanceof TabstateError]).toEqual([false, false]);
    const mine = new Mine('context', 'k');
    expect([mine instanceof Mine, mine instanceof KeyError, mine instanceof TabstateError]).toEqual([true, true, true]);
    expect(new KeyError('context', 'k') instanceof Mine).toBe(false);
  });

  it('have their version and hashes in the README', () => {
    const readme = fs.readFileSync(path.join(root, 'README.md'), 'utf8');
    expect(withIntegrity(readme)).toBe(readme);
    for (const host of ['cdn.jsdelivr.net/npm', 'unpkg.com'])
      expect(readme).toMatch(
        new RegExp(`https://${host}/tabstate@${version}/dist/tabstate\\.min\\.js" integrity="sha384-`),
      );
  });

  it('the version of the sources is that of the package', () => {
    expect(fs.readFileSync(path.join(root, 'src/version.ts'), 'utf8')).toContain(`'${version}'`);
  });
});
