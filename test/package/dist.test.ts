// What the built entries export, what importing them does, and what the manifests say.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
const dist = path.join(root, 'dist');

/** The names that users import: a change here is a change of the public API. */
const names = {
  '.': [
    'CacheReentryError',
    'KeyError',
    'QueryParamValueError',
    'ReservedKeyError',
    'TabstateError',
    'UnhashableParamError',
    'UnserializableReturnValueError',
    'UnserializableValueError',
    'UserHashError',
    'bind',
    'cacheData',
    'cacheResource',
    'computed',
    'context',
    'createCache',
    'createContext',
    'createQueryParams',
    'createSessionState',
    'emitter',
    'idbStore',
    'memoryStore',
    'param',
    'queryParams',
    'registerClass',
    'removeCookie',
    'sessionState',
    'setCookie',
    'spinner',
    'tieredStore',
    'unstorageStore',
  ],
  './legacy': ['cache', 'experimentalGetQueryParams', 'experimentalSetQueryParams'],
  './connection': ['config', 'connection', 'setConfig'],
  './inspector': ['defineInspector'],
  './react': ['useCached', 'useParams', 'useSessionState', 'useSuspenseCached', 'useValue'],
  './vue': ['useCached', 'useParams', 'useValue'],
  './solid': ['useCached', 'useParams', 'useValue'],
  './testing': ['memoryStorage', 'reset'],
};
const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\//g, '');
const fileOf = (entry: string): string => path.join(dist, entry.slice(2), 'index.js');

/** What an import could touch; reading any of these is an error in the child process below. */
const touchy = [
  'window', 'document', 'location', 'history', 'navigation', 'navigator', 'sessionStorage', 'localStorage', 'indexedDB',
  'cookieStore', 'BroadcastChannel', 'matchMedia', 'addEventListener', 'setTimeout', 'setInterval', 'queueMicrotask',
  'requestIdleCallback', 'requestAnimationFrame', 'fetch', 'MutationObserver', 'customElements', 'performance',
]; // biome-ignore format: a list of words
const importing = (entry: string, globals: string): string => `
  const touched = [];
  for (const name of ${JSON.stringify(touchy)})
    Object.defineProperty(globalThis, name, { configurable: true, get() { touched.push(name); ${globals} } });
  // an engine that notes a stack compiles the whole script again, for its lines
  globalThis.Error = new Proxy(Error, { construct(...args) { touched.push('new Error'); return Reflect.construct(...args); } });
  const before = Reflect.ownKeys(globalThis).length;
  const module = await import(${JSON.stringify(`file://${fileOf(entry)}`)});
  const added = Reflect.ownKeys(globalThis).slice(before).map(String);
  process.stdout.write(JSON.stringify({ touched, added, names: Object.keys(module) }));
  process.exit(0);`;
const run = (code: string) =>
  JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' }));

describe('dist', () => {
  for (const [entry, expected] of Object.entries(names))
    describe(entry, () => {
      it('exports exactly its names', () => {
        expect(run(importing(entry, 'return undefined;')).names.sort()).toEqual(expected);
      });
      // the frameworks themselves look around
      if (/react|vue|solid/.test(entry)) return;
      it('[CAC-202] does nothing observable when it is imported, not even where everything throws', () => {
        const { touched, added } = run(importing(entry, 'throw new Error(name);'));
        expect(touched).toEqual([]);
        expect(added.filter((key: string) => key !== 'Symbol(tabstate.v1)')).toEqual([]);
      });
    });

  it('[CAC-203] keeps no program in Node from ending', () => {
    const code = `
      const { createCache, memoryStore, sessionState, queryParams, context } = await import(${JSON.stringify(`file://${fileOf('.')}`)});
      const { cacheData } = createCache({ store: memoryStore() });
      const double = cacheData((x) => 2 * x, { name: 'double', tags: ['all'] });
      sessionState.subscribe(() => {});
      queryParams.subscribe(() => {});
      context.subscribe('url', () => {});
      const results = [await double(2), await double(2), double.subscribe(() => {}) && (await double.info()).hits];
      await cacheData.clear({ tag: 'all' });
      process.stdout.write(JSON.stringify(results));`;
    const options = { encoding: 'utf8', timeout: 30_000 } as const;
    expect(execFileSync(process.execPath, ['--input-type=module', '-e', code], options)).toBe('[4,4,1]');
  });

  it('keeps the licences of what the script tag contains in its first line', () => {
    const [banner] = fs.readFileSync(path.join(dist, 'tabstate.min.js'), 'utf8').split('\n');
    expect(banner).toMatch(
      /^\/\*! tabstate \d[\w.-]*, MIT; contains superjson, query-string, js-cookie \(MIT\), idb-keyval/,
    );
  });

  it('has declarations that name no package but the framework of their folder', () => {
    const declarations = fs
      .readdirSync(dist, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.d.ts'));
    expect(declarations.length).toBeGreaterThan(10);
    const naming = declarations.flatMap((file) =>
      [
        ...withoutComments(fs.readFileSync(path.join(dist, file), 'utf8')).matchAll(
          /(?:from|import\()\s*['"]([^.'"][^'"]*)/g,
        ),
      ].map(([, name]) => `${file}: ${name}`),
    );
    expect(naming.sort()).toEqual(['solid/index.d.ts: solid-js', 'vue/index.d.ts: vue']);
    // these are not in the DOM of TypeScript 5.4, which the README names
    const young = declarations.filter((file) =>
      /\bNavigation[A-Z]/.test(withoutComments(fs.readFileSync(path.join(dist, file), 'utf8'))),
    );
    expect(young).toEqual([]);
  });
});

describe('the manifest of JSR', () => {
  it('has the version and the entries of package.json, as sources', () => {
    const read = (file: string): { version: string; exports: Record<string, string | object> } =>
      JSON.parse(fs.readFileSync(path.join(root, file), 'utf8'));
    const [ours, theirs] = [read('package.json'), read('jsr.json')];
    expect(theirs.version).toBe(ours.version);
    const entries = Object.keys(ours.exports).filter((entry) => !/json$|dist/.test(entry));
    expect(Object.keys(theirs.exports)).toEqual(entries);
    for (const file of Object.values(theirs.exports)) expect(fs.existsSync(path.join(root, String(file)))).toBe(true);
  });
});
