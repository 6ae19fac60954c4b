// npm run demo: builds the site where something changed, serves demo/dist on 127.0.0.1 and prints the address.
// --no-build serves what is there.

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { startServer } from './server.mjs';

const wantedPort = 5173;
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
  server = await startServer({ port: wantedPort });
} catch (error) {
  if (error.code !== 'EADDRINUSE') throw error;
  server = await startServer({ port: 0 });
  console.log(
    `\n  Port ${wantedPort} is in use by another program (Vite's own servers take it): this one took a free port.`,
  );
}
console.log(`\n  The demo is at ${server.url}\n  Ctrl-C ends it.\n`);

function build() {
  console.log('Building the site (about a minute the first time; --no-build serves what is there):');
  const script = fileURLToPath(new URL('build.mjs', import.meta.url));
  const child = spawn(process.execPath, [script], { stdio: 'inherit', signal: stop.signal });
  return new Promise((resolve, reject) => {
    child.once('error', (error) => (stop.signal.aborted ? resolve() : reject(error)));
    child.once('exit', (code) => (code ? process.exit(code) : resolve()));
  });
}
