// One temporary folder for all that a run writes (its tests, browsers and tools), and an end for all that it starts.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const mark = 'TABSTATE_RUN';

// what tools keep for their next run, and browsers and the site that tests share: they go with the folder
const caches = /^(node-compile-cache|v8-compile-cache.*|kept-.*)$/;

// Its standard input is a pipe from the run. The pipe closes when the run was killed before it could clean up.
const keeper = `trap '' INT TERM HUP; read -r _
for file in /proc/[0-9]*/environ; do
  grep -qzxF "${mark}=$0" "$file" 2>/dev/null && { pid=\${file#/proc/}; kill -KILL "\${pid%/environ}"; }
done
for _ in 1 2 3 4 5; do rm -rf "$0" && break; sleep 1; done`;

/** Process id to command line, of what this run has started and what still runs (Linux only). */
function running(folder) {
  const found = new Map();
  if (!fs.existsSync('/proc/self/environ')) return found;
  for (const pid of fs.readdirSync('/proc')) {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue;
    try {
      const variables = fs.readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
      if (!variables.includes(`${mark}=${folder}`)) continue;
      const command = fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').slice(0, 150);
      if (command) found.set(Number(pid), command);
    } catch {
      // it has ended meanwhile, or is another user's
    }
  }
  return found;
}

function end(folder) {
  // browsers that were just closed need a moment
  let left = running(folder);
  for (let n = 0; n < 50 && left.size > 0; n++) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    left = running(folder);
  }
  // a run that failed may have been stopped before it could tidy up
  const report = process.exitCode ? () => {} : console.error;
  const files = fs.readdirSync(folder).filter((name) => !caches.test(name));
  for (const [pid, command] of left) {
    report(`[run] left behind: process ${pid} ${command}`);
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // it has ended meanwhile
    }
  }
  for (const name of files) report(`[run] left behind in the temporary folder: ${name}`);
  if (left.size + files.length > 0) process.exitCode ||= 1;
  fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}

/**
 * Gives this process and its children one temporary folder of their own. When the process exits, what is still there
 * or still runs is named, makes the run fail, and is removed. A process that another one has given a folder keeps it.
 */
export function ownRunFolder() {
  if (process.env[mark]) return;
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tabstate-'));
  const options = { env: { PATH: process.env.PATH }, detached: true, stdio: ['pipe', 'ignore', 'ignore'] };
  const watcher = spawn('/bin/sh', ['-c', keeper, folder], options);
  watcher.unref();
  watcher.stdin.unref();
  Object.assign(process.env, { [mark]: folder, TMPDIR: folder });
  process.once('exit', () => {
    end(folder);
    watcher.kill('SIGKILL');
  });
}
