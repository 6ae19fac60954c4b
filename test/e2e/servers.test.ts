// The servers of docs/context.md that are installed here, with the documented lines in their configuration.
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { freePort, installed, removeDir, spawnTied, tempDir } from '../tools/browsers.mjs';
import { codeBlocks } from '../tools/code-blocks.mjs';
import { launch } from '../tools/tabs.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const documented = (language: string): string[] =>
  codeBlocks(root)
    .filter((block) => block.file === 'docs/context.md' && block.language === language)
    .map(({ code }) => code);

interface Server {
  /** The configuration that puts the documented lines into a site of static files. */
  configure(folder: string, port: number): string;
  run: string[];
  headers: Record<string, string[]>;
}
const temporary = (folder: string): string =>
  ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join(' ');
const servers: Record<string, Server> = {
  nginx: {
    configure: (
      folder,
      port,
    ) => `${process.getuid?.() === 0 ? 'user root; ' : ''}daemon off; pid ${folder}/pid; error_log stderr; events {}
      http { access_log off; default_type text/html; types { text/javascript js; } ${temporary(folder)}
        server { listen 127.0.0.1:${port}; root ${folder}/site; ${documented('nginx').join('\n')} } }`,
    run: ['-e', 'stderr', '-c'],
    // the meta comes first, then Server-Timing; nobody logged in, so there is no description of x-user
    headers: { 'X-Real-Ip': ['127.0.0.1', '127.0.0.1'] },
  },
  caddy: {
    configure: (folder, port) =>
      `{\n admin off\n auto_https off\n}\nhttp://127.0.0.1:${port} {\n root * ${folder}/site\n ${documented('caddyfile').join('\n')}\n file_server\n}`,
    run: ['run', '--adapter', 'caddyfile', '--config'],
    headers: { 'X-Real-Ip': ['127.0.0.1'] },
  },
};
const [engine] = Object.keys(installed());

describe('context.headers behind', () => {
  let browser: Awaited<ReturnType<typeof launch>>;
  beforeAll(async () => {
    browser = await launch(engine as string);
  });
  afterAll(() => browser?.close());

  for (const [name, { configure, run, headers }] of Object.entries(servers)) {
    const program = ['/usr/sbin', '/usr/bin', '/usr/local/bin']
      .map((folder) => path.join(folder, name))
      .find((file) => fs.existsSync(file));
    if (!program) console.warn(`[servers] ${name} is not installed: its lines of docs/context.md are not tried`);
    it.runIf(program)(`${name} has what it wrote`, async () => {
      const folder = tempDir(name);
      fs.mkdirSync(path.join(folder, 'site'));
      fs.copyFileSync(path.join(root, 'dist/tabstate.min.js'), path.join(folder, 'site/tabstate.min.js'));
      const page =
        '<!doctype html><html lang="en"><head><title>x</title></head><script src="tabstate.min.js"></script>';
      fs.writeFileSync(path.join(folder, 'site/index.html'), page);
      const port = await freePort();
      fs.writeFileSync(path.join(folder, 'conf'), configure(folder, port));
      const server = spawnTied(program as string, [...run, path.join(folder, 'conf')], {
        env: { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
      });
      const gone = new Promise((resolve) => server.once('exit', resolve));
      try {
        const url = `http://127.0.0.1:${port}/`;
        await vi.waitFor(async () => expect((await fetch(url)).status).toBe(200), 10_000);
        const tab = await browser.newTab();
        await tab.goto(url);
        const names = '["X-Real-Ip", "X-User"]';
        const found = await tab.eval(
          `Object.fromEntries(${names}.filter((name) => name in tabstate.context.headers).map((name) => [name, tabstate.context.headers.getAll(name)]))`,
        );
        expect(found).toEqual(headers);
        expect(await tab.eval('tabstate.context.ipAddress')).toBe('127.0.0.1');
        await tab.close();
      } finally {
        server.stdin?.end(); // ends its process group
        await gone;
        removeDir(folder);
      }
    });
  }
});
