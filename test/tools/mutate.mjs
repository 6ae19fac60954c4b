// npm run mutate -- core [file of src …]: which changes of the source does no test notice? Without files all of the area's.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';

const version = '9.6.1';
const packages = ['core', 'vitest-runner'].map((name) => `@stryker-mutator/${name}`);

/** Tests that tell whether the source still works, and what they are for; files that only engines run are left out. */
const areas = {
  core: { environment: 'node', tests: ['test/core/**/*.test.ts'], files: ['src/core/**/*.ts'] },
  'query-params': {
    environment: 'happy-dom',
    tests: ['test/query-params/**/*.test.ts'],
    files: ['src/query-params/**/*.ts'],
  },
  'session-state': {
    environment: 'happy-dom',
    tests: ['test/session-state/**/*.test.ts'],
    files: ['src/session-state/**/*.ts'],
  },
  key: { environment: 'node', tests: ['test/cache/key/**/*.test.ts'], files: ['src/cache/key/**/*.ts'] },
  cache: {
    environment: 'happy-dom',
    tests: ['test/cache/*.test.ts', 'test/tiers/*.test.ts', 'test/stores/*.test.ts'],
    files: ['src/cache/*.ts'],
  },
};

const [area, ...files] = process.argv.slice(2);
const found = areas[area];
if (!found) {
  console.error(`npm run mutate -- <${Object.keys(areas).join(' | ')}> [file of src …]`);
  process.exit(1);
}

const run = (command, args, env = process.env) => execFileSync(command, args, { stdio: 'inherit', env });

// a tool of a hundred packages that few need: not in package.json
const isThere = packages.every((name) => {
  const file = `node_modules/${name}/package.json`;
  return fs.existsSync(file) && JSON.parse(fs.readFileSync(file, 'utf8')).version === version;
});
if (!isThere) run('npm', ['install', '--no-save', ...packages.map((name) => `${name}@${version}`)]);

try {
  run('npx', ['stryker', 'run', 'test/tools/stryker.config.mjs'], {
    ...process.env,
    MUTATE_AREA: area,
    MUTATE_ENVIRONMENT: found.environment,
    MUTATE_TESTS: found.tests.join(' '),
    MUTATE_FILES: (files.length > 0 ? files : found.files).join(' '),
  });
} catch ({ status }) {
  process.exitCode = status ?? 1;
}
