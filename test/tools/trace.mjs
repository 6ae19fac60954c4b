// Which functions of src a call enters, and how often it walks from file to file, in a real browser.
//
//   node test/tools/trace.mjs --setup 'tabstate.sessionState.k = 1; await 0' 'tabstate.sessionState.k = 2; await 0'
//
// `--setup` runs before, unrecorded: warm up there. `--log` prints the way, `--engine` chooses another than Chromium. Both
// codes are bodies of an async function, beside `window.tabstate`; what runs until the last `await` is recorded.
//
// In a test (project e2e):
//
//   const tab = await browser.newTab();                                  // of launch('chromium'), test/tools/tabs.mjs
//   await tab.goto(web.url);                                             // of server(), test/tools/server.mjs
//   await tab.inject(await tracedScript());
//   const { files, moves, way } = await trace(tab, 'await load(2)', 'globalThis.load = …; await load(1); await load(2)');
//   expect(files).toBeLessThanOrEqual(12);
//
// `functions` counts entries, `files` distinct files. A move is an entry into another file than the last entry; `back`
// are moves into a file that had been left before, so moves = files + back.
import path from 'node:path';
import { parseArgs } from 'node:util';
import ts from 'typescript';
import { build } from 'vite';
import { server } from './server.mjs';
import { launch } from './tabs.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const source = path.join(root, 'src') + path.sep;

const nameOf = (node) =>
  (ts.isConstructorDeclaration(node) && 'constructor') ||
  node.name?.getText() ||
  ((ts.isVariableDeclaration(node.parent) || ts.isPropertyAssignment(node.parent)) && node.parent.name.getText()) ||
  '(anonymous)';

/** The same code, where every function begins with a mark: `globalThis.entered?.push('file function')`. */
function marked(code, file) {
  const tree = ts.createSourceFile(file, code, ts.ScriptTarget.Latest, true);
  const inserts = [];
  const visit = (node) => {
    if (ts.isFunctionLike(node) && node.body) {
      const mark = `globalThis.entered?.push(${JSON.stringify(`${file} ${nameOf(node)}`)})`;
      const { body } = node;
      if (ts.isBlock(body)) inserts.push([body.getStart() + 1, `${mark};`]);
      else inserts.push([body.getStart(), `(${mark},(`], [body.getEnd(), '))']);
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  let result = '';
  let last = 0;
  // two that end in one place close in any order
  for (const [at, text] of inserts.sort((a, b) => a[0] - b[0])) {
    result += code.slice(last, at) + text;
    last = at;
  }
  return result + code.slice(last);
}

/** A classic script that sets `window.tabstate` (or `name`) to a marked build of the entry. */
export async function tracedScript(entry = 'src/script-tag.ts', name = 'tabstate') {
  const plugin = {
    name: 'marks',
    enforce: 'pre',
    transform: (code, id) => (id.startsWith(source) ? { code: marked(code, path.relative(source, id)) } : null),
  };
  const [{ output }] = await build({
    configFile: false,
    root,
    logLevel: 'error',
    plugins: [plugin],
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      write: false,
      minify: false,
      target: 'es2022',
      lib: { entry: path.join(root, entry), formats: ['iife'], name, fileName: () => 'traced.js' },
    },
  });
  // a variable of an injected script may be local to it
  return `${output[0].code}\nglobalThis.${name} = ${name};`;
}

/** What is entered while `run` runs, the body of an async function. */
export async function trace(tab, run, setup = '') {
  const way = JSON.parse(
    await tab.eval(`(async () => {
      await (async () => { ${setup} })();
      const way = (globalThis.entered = []);
      try { await (async () => { ${run} })(); } finally { globalThis.entered = undefined; }
      return JSON.stringify(way);
    })()`),
  );
  const places = way.map((entry) => entry.split(' ')[0]);
  const files = new Set(places).size;
  const moves = places.filter((file, i) => file !== places[i - 1]).length;
  return { functions: way.length, files, moves, back: moves - files, way };
}

if (process.argv[1] === import.meta.filename) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      setup: { type: 'string' },
      engine: { type: 'string', default: 'chromium' },
      log: { type: 'boolean' },
    },
  });
  const web = await server();
  const browser = await launch(values.engine);
  try {
    const tab = await browser.newTab();
    await tab.goto(web.url);
    await tab.inject(await tracedScript());
    for (const run of positionals) {
      const { way, ...counts } = await trace(tab, run, values.setup);
      if (values.log) for (const entry of way) console.log(entry);
      console.log(run, counts);
    }
  } finally {
    await browser.close();
    web.close();
  }
}
