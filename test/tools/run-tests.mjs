// npm test [-- arguments of vitest]: all checks. What needs no browser runs beside the tests, which mostly wait for theirs.
import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ownRunFolder } from './run-folder.mjs';

ownRunFolder();
/** Is there as soon as everything is built; test/setup.built.ts waits for it. */
const builtMark = path.join(process.env.TMPDIR, 'built');
process.env.BUILT = builtMark;
const started = performance.now();
const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(0)} s`;
const running = new Set();
let failed = false;

/** Ends everything: the first step that fails names itself, and the rest is not waited for. */
function fail(reason, code = 1) {
  if (failed) return;
  failed = true;
  process.exitCode = code;
  console.error(`\n[test] ${reason}`);
  for (const { pid } of running) process.kill(-pid, 'SIGTERM');
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => fail(`ended by ${signal}`));

/** Runs one step; a quiet one shows what it printed when it has failed, so that outputs do not mix. */
async function step(name, command, args, { isQuiet = true, minutes = 10 } = {}) {
  if (failed) return;
  const begin = performance.now();
  const output = isQuiet ? 'pipe' : 'inherit';
  // a process group: npm and npx do not hand on signals
  const child = spawn(command, args, { stdio: ['ignore', output, output], detached: true });
  running.add(child);
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (data) => {
      printed += data;
    });
  const limit = setTimeout(() => fail(`${name} has not ended within ${minutes} minutes`), minutes * 60_000);
  const result = await new Promise((resolve) => {
    child.once('error', ({ message }) => resolve(message));
    child.once('close', (code, signal) => resolve(code ?? signal));
  });
  clearTimeout(limit);
  running.delete(child);
  if (failed && result !== 0) return;
  if (result === 0) console.log(`[test] ${name}: passed after ${seconds(begin)}`);
  else fail(`${printed}\n${name} failed (${result}) after ${seconds(begin)}`, result === 75 ? 75 : 1);
}
const npm = (name) => step(name, 'npm', ['run', '--silent', name]);

const built = npm('build:demo').then(() => failed || writeFileSync(builtMark, ''));
const checks = async () => {
  await npm('lint');
  await npm('types');
  await built;
  await npm('package');
  await npm('api');
};
const tests = async () => {
  // `types` has checked the same files
  const args = ['vitest', 'run', '--project=!types', ...process.argv.slice(2)];
  await step('vitest', 'npx', args, { isQuiet: false, minutes: 30 });
};
await Promise.all([checks(), tests()]);
rmSync(builtMark, { force: true });
console.log(`[test] ${failed ? 'failed' : 'all passed'} after ${seconds(started)}`);
