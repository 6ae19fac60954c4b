// npm run mutate -- cache [file of src …]: which changes of the source does no test notice? Without files all of the area's.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { startVitest } from 'vitest/node';
import { decorators } from './decorators.mjs';

/** Folders with tests that need neither an engine nor the build. */
const areas = {
  core: ['core'],
  'query-params': ['query-params'],
  'session-state': ['session-state'],
  cache: ['cache', 'tiers', 'stores', 'connection', 'legacy', 'testing'],
};
const [area, ...named] = process.argv.slice(2);
if (!Object.hasOwn(areas, area ?? '')) {
  console.error(`npm run mutate -- <${Object.keys(areas).join(' | ')}> [file of src …]`);
  process.exit(1);
}
const filesIn = (folder) =>
  fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .flatMap((entry) => (entry.isFile() ? path.resolve(entry.parentPath, entry.name) : []));
const isTest = (file) => /(?<!\.browser)\.test\.ts$/.test(file) && !/query-params-server/.test(file);
const tests = areas[area].flatMap((folder) => filesIn(`test/${folder}`)).filter(isTest);
const sources = named.length > 0 ? named.map((file) => path.resolve(file)) : filesIn(`src/${area}`);

// a tool of many packages that few need: not in package.json
const home = path.resolve('coverage/mutation');
const entry = path.join(home, 'node_modules/@stryker-mutator/instrumenter/dist/src/index.js');
if (!fs.existsSync(entry)) {
  const packages = ['install', '--no-save', '--prefix', home, '@stryker-mutator/instrumenter@9.6.1'];
  execFileSync('npm', packages, { stdio: 'inherit' });
}
const { Instrumenter } = await import(entry);
const instrumenter = new Instrumenter({ debug() {}, info() {}, isDebugEnabled: () => false });
const { files, mutants: all } = await instrumenter.instrument(
  sources.map((name) => ({ name, mutate: true, content: fs.readFileSync(name, 'utf8') })),
  { ignorers: [], excludedMutations: [], plugins: [] },
);
const mutants = all.filter((_, i) => i % Number(process.env.EVERY ?? 1) === 0);
const changed = new Map(files.map(({ name, content }) => [name, content]));

/** What the worker says, a line each: its process, then each change with how it went. */
const results = path.join(home, `${area}-${process.pid}.jsonl`);
fs.writeFileSync(results, '');
const readResults = () => {
  const lines = fs.readFileSync(results, 'utf8').split('\n').slice(0, -1);
  const parsed = lines.map((line) => JSON.parse(line));
  const worker = parsed.findLast(([id]) => id === 'worker')?.[1];
  return { worker, outcomes: new Map(parsed.flatMap(([id, ...rest]) => (id === 'worker' ? [] : [[id, rest]]))) };
};

/** Of files whose changes have all been tried: what was not noticed. */
const told = new Set();
function tell(outcomes) {
  for (const name of sources) {
    const own = mutants.filter(({ fileName }) => fileName === name);
    if (told.has(name) || !own.every(({ id }) => outcomes.has(id))) continue;
    told.add(name);
    const file = path.relative('', name);
    const count = (state) => own.filter(({ id }) => outcomes.get(id)[0] === state).length;
    console.log(`\n${file}: ${own.length} changes, ${count('noticed')} noticed, ${count('unreached')} unreached`);
    for (const { id, location, mutatorName, replacement } of own) {
      const [state] = outcomes.get(id);
      const { line, column } = location.start;
      const text = replacement.replaceAll(/\s+/g, ' ');
      if (state !== 'noticed') console.log(`${file}:${line + 1}:${column + 1} ${state} ${mutatorName} ${text}`);
    }
  }
}

const end = (worker) => {
  try {
    process.kill(worker, 'SIGKILL');
  } catch {
    // it has ended by itself
  }
};

let size = 0;
const watch = setInterval(() => {
  const { worker, outcomes } = readResults();
  tell(outcomes);
  const now = fs.statSync(results).size;
  // a change that goes round in circles takes the worker with it
  if (now === size && outcomes.size > 0) {
    const next = mutants.find(({ id }) => !outcomes.has(id));
    if (next) fs.appendFileSync(results, `${JSON.stringify([next.id, 'noticed', 0, 'no end'])}\n`);
    end(worker);
  }
  size = now;
}, 60_000);

let left = mutants;
while (left.length > 0) {
  const vitest = await startVitest(
    'test',
    [],
    {
      config: false,
      watch: false,
      include: tests,
      environment: area === 'core' ? 'node' : 'happy-dom',
      pool: 'forks',
      maxWorkers: 1,
      // modules that were read anew for each change stay in part
      execArgv: ['--max-old-space-size=4000'],
      isolate: false,
      testTimeout: 60_000,
      teardownTimeout: 1000,
      silent: true,
      reporters: [['default', { summary: false }]],
      runner: path.resolve('test/tools/mutation-runner.ts'),
      provide: {
        mutation: {
          most: Number(process.env.MOST ?? Infinity),
          tests,
          sources,
          results,
          mutants: left.map(({ id, fileName }) => [id, path.dirname(fileName).replace('/src/', '/test/')]),
        },
      },
    },
    {
      resolve: { alias: { 'fast-check': path.resolve('test/tools/few-inputs.ts') } },
      plugins: [decorators, { name: 'mutants', enforce: 'pre', transform: (_code, id) => changed.get(id) }],
    },
  );
  await vitest.close();
  const { worker, outcomes } = readResults();
  end(worker);
  const before = left.length;
  left = mutants.filter(({ id }) => !outcomes.has(id));
  // nothing was tried: the tests fail without any change
  if (left.length === before) process.exit(1);
}
clearInterval(watch);
const { outcomes } = readResults();
tell(outcomes);
const noticed = [...outcomes.values()].filter(([state]) => state === 'noticed').length;
console.log(`\n${outcomes.size} changes, ${noticed} noticed: ${Math.round((noticed / outcomes.size) * 100)} %`);
