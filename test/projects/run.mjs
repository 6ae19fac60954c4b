// The packed library in projects as users have them, each in an empty folder of its own.
//   node test/projects/run.mjs              all, one after the other (needs npm run build, a registry and Chromium)
//   node test/projects/run.mjs vite jest    those whose name begins so
// Prints a table; exit status 1 when one of them fails. KEEP=1 leaves the folders.
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { brotliCompressSync } from 'node:zlib';
import { freePort, removeDir, tempDir } from '../tools/browsers.mjs';
import { server } from '../tools/server.mjs';
import { launch } from '../tools/tabs.mjs';
import { bundlers } from './bundlers.mjs';
import { runners } from './runners.mjs';
import { servers } from './servers.mjs';
import { types } from './types.mjs';

const root = path.resolve(import.meta.dirname, '../..');

/** Every project by its name. */
export const projects = { ...bundlers, ...runners, ...types, ...servers };

const lines = (text) =>
  stripVTControlCharacters(text)
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);

/** Runs a program in a project; an error holds what it printed. */
function run(folder, [program, ...args], env = {}) {
  try {
    return execFileSync(program, args, {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 300_000,
      env: {
        ...process.env,
        NODE_ENV: undefined,
        VITEST: undefined,
        CI: '1',
        NEXT_TELEMETRY_DISABLED: '1',
        NUXT_TELEMETRY_DISABLED: '1',
        ASTRO_TELEMETRY_DISABLED: '1',
        ...env,
      },
    });
  } catch (error) {
    throw new Error(
      `${program} ${args[0] ?? ''}: ${lines(`${error.stderr}\n${error.stdout}\n${error.message}`).slice(0, 6).join(' / ')}`,
    );
  }
}

/** The tarball, made once. */
export function pack(folder) {
  const printed = run(root, ['npm', 'pack', '--silent', '--pack-destination', folder]);
  return path.join(folder, lines(printed).at(-1));
}

/** A project with its packages and the library; `isLinked`: with what this repository has installed in place of packages. */
function create({ packages, files, type = 'module', manifest = {} }, tarball, isLinked) {
  const folder = tempDir('project');
  const linked = isLinked ? Object.keys(packages) : [];
  const dependencies = Object.fromEntries(Object.entries(packages).filter(([name]) => !linked.includes(name)));
  fs.writeFileSync(
    path.join(folder, 'package.json'),
    JSON.stringify({ private: true, type, dependencies, ...manifest }),
  );
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    fs.writeFileSync(path.join(folder, name), text);
  }
  run(folder, ['npm', 'install', tarball, '--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline']);
  for (const name of linked) {
    const place = path.join(folder, 'node_modules', name);
    fs.mkdirSync(path.dirname(place), { recursive: true });
    fs.symlinkSync(path.join(root, 'node_modules', name), place);
  }
  return folder;
}

/** Loads a page twice in Chromium; gives what it shows and what it printed. */
async function look(url, expression) {
  const browser = await launch('chromium');
  try {
    const tab = await browser.newTab();
    const messages = [];
    tab.page.on('console', (message) => messages.push(`${message.type()}: ${message.text()}`));
    tab.page.on('pageerror', (error) => messages.push(`error: ${error.message}`));
    const result = async () => {
      for (let n = 0; n < 200; n++) {
        const found = await tab.eval(expression);
        if (found) return found;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      return undefined;
    };
    await tab.goto(url);
    const first = await result();
    await tab.reload();
    return {
      first,
      second: await result(),
      messages: messages.filter((text) => !/favicon|Failed to load resource/.test(text)),
    };
  } finally {
    await browser.close();
  }
}

function compare(found, expected, messages) {
  if (JSON.stringify(found) !== JSON.stringify(expected))
    throw new Error(`${JSON.stringify({ found, expected, messages })}`);
  if (messages.length > 0) throw new Error(messages[0]);
}

/** kB that the README promises for `sessionState`. */
const promised = () =>
  Number(/\| `sessionState` \|.*\| ([\d.]+) kB \|/.exec(fs.readFileSync(path.join(root, 'README.md'), 'utf8'))[1]);

/** Brotli size of the chunk of `small.js`, whatever was added to its name, and what it loads at once, which must be that of the README, 5 % more or less. */
function weigh(out, { within = 0.05 }) {
  const seen = new Set();
  const follow = (name) => {
    if (seen.has(name)) return;
    seen.add(name);
    for (const [, next] of fs
      .readFileSync(path.join(out, name), 'utf8')
      .matchAll(/(?:from|import)\s*["']\.\/([^"']+)["']/g))
      follow(path.join(path.dirname(name), next));
  };
  follow(fs.readdirSync(out).find((name) => /^small\b.*\.js$/.test(name)));
  const code = [...seen].map((name) => fs.readFileSync(path.join(out, name)));
  const size = brotliCompressSync(Buffer.concat(code)).length / 1000;
  const off = size / promised() - 1;
  const note = `sessionState ${size.toFixed(2)} kB, ${(100 * off).toFixed(1)} % off`;
  if (Math.abs(off) > within) throw new Error(note);
  return note;
}

async function checkPage(folder, project) {
  const files = path.join(folder, 'out');
  const page = fs.existsSync(path.join(files, 'index.html'))
    ? fs.readFileSync(path.join(files, 'index.html'), 'utf8')
    : '<!doctype html><html lang="en"><title>t</title><script type="module" src="./main.js"></script>';
  const web = await server({ '/': page }, { root: files });
  try {
    const { first, second, messages } = await look(`${web.url}/`, 'window.result');
    const expected = { runs: 1, n: [16, 16], visits: 1, search: '?page=2', timezone: 'string' };
    compare([first, second], [expected, { ...expected, runs: 0, visits: 2 }], messages);
  } finally {
    web.close();
  }
  return weigh(path.join(folder, 'small'), project);
}

async function checkServer(folder, { serve, env = {}, shows }) {
  const port = await freePort();
  const [program, ...args] = serve(port);
  const child = spawn(program, args, {
    cwd: folder,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_ENV: 'production', PORT: `${port}`, HOST: '127.0.0.1', ...env },
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (printed += data));
  try {
    const url = `http://127.0.0.1:${port}/?page=3`;
    let isUp = false;
    for (let n = 0; n < 300 && !isUp; n++) {
      isUp = await fetch(url).then(
        () => true,
        () => false,
      );
      if (!isUp) await new Promise((resolve) => setTimeout(resolve, 100));
    }
    if (!isUp) throw new Error(`the server does not answer: ${lines(printed).slice(0, 4).join(' / ')}`);
    const runs = [];
    for (const page of [3, 4, 1]) {
      const sent = await (await fetch(`http://127.0.0.1:${port}/?page=${page}`)).text();
      const html = sent.replace(/<!--.*?-->/g, '').replaceAll('&quot;', '"');
      const found = ['shows', 'kept'].map((id) => html.match(new RegExp(`id="${id}"[^>]*>([^<]*)`))?.[1]);
      const [type, count, query, run] = JSON.parse(found[1] ?? '[]');
      // each request has its own parameters, and a cached function runs for each: nothing is shared between visitors
      compare([found[0], type, count, query], [shows.html(page), 'number', 1, ''], []);
      runs.push(run);
    }
    if (new Set(runs).size !== runs.length) throw new Error(`the server kept a result between requests: ${runs}`);
    const { first, second, messages } = await look(
      url,
      `(() => { const text = document.querySelector('#shows')?.textContent; return /value/.test(text) ? text : undefined; })()`,
    );
    compare([first, second], [shows.first, shows.second], messages);
    const warned = lines(printed).filter((line) => /tabstate|mismatch/i.test(line) && !/[\\/]/.test(line.slice(0, 1)));
    if (warned.some((line) => line.includes('[tabstate]'))) throw new Error(`the server printed: ${warned[0]}`);
    return 'rendered, hydrated, nothing kept';
  } finally {
    process.kill(-child.pid, 'SIGTERM');
  }
}

const versionOf = (folder, name) =>
  JSON.parse(fs.readFileSync(path.join(folder, 'node_modules', name, 'package.json'), 'utf8')).version;

/** Makes, builds and runs a project. @returns its row */
export async function check(name, tarball, { isLinked = false } = {}) {
  const project = projects[name];
  let folder;
  let version = '';
  try {
    folder = create(project, tarball, isLinked);
    version = versionOf(folder, Object.keys(project.packages)[0]);
    const programs = path.join(root, 'node_modules/.bin') + path.delimiter;
    const env = isLinked ? { PATH: programs + process.env.PATH } : {};
    for (const command of project.builds ?? [project.build]) {
      const printed = run(folder, isLinked ? command : ['npx', '--no-install', ...command], { ...env, ...project.env });
      if (/\[tabstate\]/.test(printed)) throw new Error(lines(printed).find((line) => line.includes('[tabstate]')));
    }
    const note =
      project.kind === 'page'
        ? await checkPage(folder, project)
        : project.kind === 'server'
          ? await checkServer(folder, project)
          : '';
    return { name, version, result: 'works', note };
  } catch (error) {
    return { name, version, result: 'FAILS', note: error.message };
  } finally {
    if (folder && !process.env.KEEP) removeDir(folder);
    else if (folder) console.log(folder);
  }
}

if (process.argv[1] === import.meta.filename) {
  const wanted = process.argv.slice(2);
  const names = Object.keys(projects).filter(
    (name) => wanted.length === 0 || wanted.some((start) => name.startsWith(start)),
  );
  const packed = tempDir('packed');
  const tarball = pack(packed);
  console.log('| project | version | result | note |\n|---|---|---|---|');
  for (const name of names) {
    const { version, result, note } = await check(name, tarball);
    console.log(`| ${name} | ${version} | ${result} | ${note} |`);
    if (result !== 'works') process.exitCode = 1;
  }
  removeDir(packed);
}
