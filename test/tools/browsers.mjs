// Finds the installed browsers and opens a page in one of them. No driver, no dependency.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

export const engines = ['chromium', 'firefox', 'webkit'];

const isProgram = (file) => {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return true;
  } catch {
    return false;
  }
};
const onPath = (name) =>
  (process.env.PATH ?? '')
    .split(':')
    .map((dir) => path.join(dir, name))
    .find(isProgram);
const firstOf = (...files) => files.find((file) => file && fs.existsSync(file));

// Debian and Ubuntu put MiniBrowser into the first two folders, Fedora into the third
const miniBrowsers = ['webkit2gtk-4.1', 'webkit2gtk-4.0', 'webkitgtk-6.0'].flatMap((name) => [
  `/usr/lib/x86_64-linux-gnu/${name}/MiniBrowser`,
  `/usr/lib/aarch64-linux-gnu/${name}/MiniBrowser`,
  `/usr/libexec/${name}/MiniBrowser`,
]);

/**
 * Engine name to program, for those that are installed. `ENGINES=firefox,webkit` narrows the list;
 * `REQUIRE_BROWSERS=1` makes a missing engine an error.
 */
export function installed() {
  const { CHROMIUM_BIN, FIREFOX_BIN, MINIBROWSER_BIN, DISPLAY, ENGINES, REQUIRE_BROWSERS } = process.env;
  const programs = {
    chromium: firstOf(CHROMIUM_BIN, onPath('chromium'), onPath('chromium-browser'), onPath('google-chrome')),
    firefox: firstOf(FIREFOX_BIN, onPath('firefox-esr'), onPath('firefox')),
    webkit: DISPLAY || onPath('Xvfb') ? firstOf(MINIBROWSER_BIN, ...miniBrowsers) : undefined,
  };
  const wanted = ENGINES?.split(',') ?? engines;
  if (REQUIRE_BROWSERS)
    for (const engine of wanted)
      if (!programs[engine]) throw new Error(`${engine} is not installed: run test/tools/install-browsers.sh`);
  return Object.fromEntries(Object.entries(programs).filter(([engine, file]) => file && wanted.includes(engine)));
}

export const tempDir = (name) => fs.mkdtempSync(path.join(os.tmpdir(), `${name}-`));
/** Node empties a folder once and then only tries to remove it, but a browser that is ending may still write. */
export function removeDir(folder) {
  for (let tries = 4; ; tries--)
    try {
      return fs.rmSync(folder, { recursive: true, force: true, maxRetries: 4, retryDelay: 100 });
    } catch (error) {
      if (tries === 0) throw error;
    }
}

/** A port of 127.0.0.1 that nobody listens on at this moment. */
export function freePort() {
  return new Promise((resolve) => {
    const socket = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });
}

// The shell's standard input is a pipe from this process. When the pipe closes, for whatever reason
// (exit, crash, SIGKILL, SIGTERM without exit handlers), the whole process group is killed.
const keeper = (asking = '') => `exec 9<&0; trap : TERM
"$0" "$@" </dev/null 9<&- & program=$!
{ read -r _ <&9; ${asking} kill -KILL 0; } & watch=$!
exec 9<&-
while :; do wait $program; code=$?; kill -0 $program 2>/dev/null || break; done
kill -KILL $watch 2>/dev/null; exit $code`;

/**
 * Starts a program in its own process group that cannot outlive this process. `isAsked`: it is asked to end, and killed a
 * second later.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {{ env?: Record<string, string | undefined>, stdio?: import('node:child_process').StdioOptions & unknown[], isAsked?: boolean }} [options]
 * @returns {import('node:child_process').ChildProcess}
 */
export function spawnTied(program, args, { env, stdio = ['ignore', 'ignore'], isAsked = false } = {}) {
  const script = keeper(isAsked ? "trap '' TERM; kill -TERM 0; sleep 1;" : '');
  return spawn('/bin/sh', ['-c', script, program, ...args], { env, detached: true, stdio: ['pipe', ...stdio] });
}

let screen;

/** `DISPLAY` of this process, or of an Xvfb that is started on first use and picks a free number itself. */
export async function display() {
  if (process.env.DISPLAY) return process.env.DISPLAY;
  screen ??= new Promise((resolve, reject) => {
    const args = ['-displayfd', '3', '-screen', '0', '1280x1024x24', '-nolisten', 'tcp'];
    // a killed one leaves its socket in /tmp/.X11-unix
    const options = { env: process.env, stdio: ['ignore', 'ignore', 'pipe'], isAsked: true };
    const xvfb = spawnTied('Xvfb', args, options);
    // before anybody looks for what is left
    process.prependOnceListener('exit', () => xvfb.exitCode ?? process.kill(-xvfb.pid, 'SIGTERM'));
    let text = '';
    xvfb.stdio[3].on('data', (data) => {
      text += data;
      if (text.includes('\n')) resolve(`:${text.trim()}`);
    });
    xvfb.once('error', reject);
    xvfb.once('exit', (code) => reject(new Error(`Xvfb exited with ${code}`)));
    for (const handle of [xvfb, xvfb.stdin, xvfb.stdio[3]]) handle.unref();
  });
  return screen;
}

const firefoxPrefs = {
  'app.normandy.enabled': false,
  'browser.aboutwelcome.enabled': false,
  'browser.safebrowsing.downloads.enabled': false,
  'browser.sessionstore.resume_from_crash': false,
  'browser.shell.checkDefaultBrowser': false,
  'browser.startup.homepage_override.mstone': 'ignore',
  'datareporting.policy.dataSubmissionEnabled': false,
  'datareporting.policy.dataSubmissionPolicyBypassNotification': true,
  'dom.disable_open_during_load': false,
  'dom.testing.testutils.enabled': true,
  'extensions.getAddons.cache.enabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': 'data:,',
  'toolkit.startup.max_resumed_crashes': -1,
  'toolkit.telemetry.enabled': false,
};

/** As root Chromium starts only without its sandbox. */
export const chromiumAsRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];

const commands = {
  chromium: (profile, { flags }) => ({
    args: [
      '--headless=new',
      `--user-data-dir=${profile}`,
      '--no-first-run',
      '--no-default-browser-check',
      '--disable-sync',
      '--disable-component-update',
      '--disable-background-networking',
      '--password-store=basic',
      '--use-mock-keychain',
      '--disable-gpu',
      '--disable-popup-blocking',
      '--js-flags=--expose-gc',
      ...chromiumAsRoot,
      ...flags,
    ],
  }),
  firefox: (profile, { flags, prefs }) => {
    const lines = Object.entries({ ...firefoxPrefs, ...prefs }).map(
      ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`,
    );
    fs.writeFileSync(path.join(profile, 'user.js'), lines.join('\n'));
    return {
      args: ['--headless', '--no-remote', '--profile', profile, ...flags],
      env: { MOZ_CRASHREPORTER_DISABLE: '1' },
    };
  },
  webkit: async (profile, { flags }) => ({
    args: ['--javascript-can-open-windows-automatically=true', `--cookies-file=${profile}/cookies.db`, ...flags],
    env: {
      ...(await webkitEnv(profile)),
      // the heap that a machine with much memory is given holds the frames of dozens of test files: 1.9 GB
      JSC_forceRAMSize: `${512 << 20}`,
    },
  }),
};

/**
 * What WebKitGTK writes goes into `folder`. It takes `navigator.language` from the locale, and makes the invalid tag "C"
 * of C.UTF-8.
 */
export async function webkitEnv(folder) {
  const locale = process.env.LC_ALL || process.env.LANG || 'C';
  const english = /^(C|POSIX)\b/.test(locale) ? { LC_ALL: '', LANG: 'en_US.UTF-8', LANGUAGE: 'en_US' } : {};
  return {
    ...english,
    NO_AT_BRIDGE: '1',
    // without a graphics card each layer is composed by the processor: a third of what these tests cost
    WEBKIT_DISABLE_COMPOSITING_MODE: '1',
    DISPLAY: await display(),
    HOME: folder,
    XDG_DATA_HOME: `${folder}/data`,
    XDG_CACHE_HOME: `${folder}/cache`,
    XDG_CONFIG_HOME: `${folder}/config`,
  };
}

/**
 * Opens `url` in a real browser, with its own profile unless one is given.
 * `kill(signal)` ends it at once and keeps the profile; `close()` ends it and removes its own profile.
 *
 * @param {string} engine
 * @param {string} url
 * @param {{ profile?: string, flags?: string[], prefs?: Record<string, unknown>, env?: Record<string, string> }} [options]
 */
export async function open(engine, url, { profile, flags = [], prefs = {}, env = {} } = {}) {
  const program = installed()[engine];
  if (!program) throw new Error(`${engine} is not installed`);
  const folder = profile ?? tempDir(engine);
  fs.mkdirSync(folder, { recursive: true });
  const command = await commands[engine](folder, { flags, prefs });
  const browser = spawnTied(program, [...command.args, url], {
    // a killed browser leaves its sockets in the temporary folder: they go with its profile
    env: { ...process.env, TMPDIR: folder, ...command.env, ...env },
    ...(process.env.BROWSER_LOG ? { stdio: ['inherit', 'inherit'] } : {}),
  });
  const gone = new Promise((resolve) => browser.once('exit', resolve));
  const signal = (name) => {
    try {
      process.kill(-browser.pid, name);
    } catch {
      // the group has ended
    }
  };
  return {
    pid: browser.pid,
    gone,
    async kill(name = 'SIGKILL') {
      signal(name);
      await gone;
      signal(name);
    },
    async close() {
      signal('SIGTERM');
      await Promise.race([gone, new Promise((resolve) => setTimeout(resolve, 3000).unref())]);
      signal('SIGKILL');
      await gone;
      if (!profile) removeDir(folder);
    },
  };
}
