// npm run demo: builds the library and the demo, serves demo/dist on 127.0.0.1 and prints the address.
// --no-build serves what is there.

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { startServer } from './server.mjs';

const stop = new AbortController();
let server;
for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, async () => {
    stop.abort();
    await server?.close();
    process.exit(0);
  });

if (!process.argv.includes('--no-build')) await build();
try {
  server = await startServer({ port: 5173 });
} catch (error) {
  if (error.code !== 'EADDRINUSE') throw error;
  server = await startServer({ port: 0 });
}
console.log(`\n  The demo is at ${server.url}\n  Ctrl-C ends it.\n`);

function build() {
  const cwd = fileURLToPath(new URL('..', import.meta.url));
  console.log('Building the library and the demo …');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const child = spawn(npm, ['run', '--silent', 'build:demo'], { cwd, stdio: 'inherit', signal: stop.signal });
  return new Promise((resolve, reject) => {
    child.once('error', (error) => (stop.signal.aborted ? resolve() : reject(error)));
    child.once('exit', (code) => (code ? process.exit(code) : resolve()));
  });
}
