// The cache in web, shared and service workers.
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { installed } from '../tools/browsers.mjs';
import { server } from '../tools/server.mjs';
import { launch } from '../tools/tabs.mjs';

// docs/workers.md: the script file in each kind of worker, beside a page.
const root = path.resolve(import.meta.dirname, '../..');

const use = `
  let runs = 0;
  const square = tabstate.cacheData(async (n) => { runs++; return n * n; }, { name: 'square' });
  const warnings = [];
  console.warn = (text) => warnings.push(String(text).replace(/.*\\((\\S+)\\)$/s, '$1'));
  async function work() {
    const open = tabstate.cacheResource(() => ({ made: true }));
    const result = { value: await square(4), runs, same: open() === open() };
    await square.info();
    tabstate.sessionState.n = 1;
    result.n = tabstate.sessionState.n;
    result.page = tabstate.queryParams.define({ page: 1 }).toDict().page;
    tabstate.setConfig({ a: 1 });
    result.config = tabstate.config.a;
    result.shown = await tabstate.spinner('…', async () => 'done');
    result.warnings = warnings;
    return result;
  }`;
const worker = `importScripts('/tabstate.min.js'); ${use}
  const answer = async (port) => port.postMessage(await work().catch((error) => ({ error: String(error.stack) })));
  if ('onconnect' in self) self.onconnect = ({ ports: [port] }) => answer(port);
  else if ('onactivate' in self) {
    self.onactivate = (event) => event.waitUntil(self.clients.claim());
    self.onmessage = (event) => event.waitUntil(answer(event.source));
  } else answer(self);`;
const page = `<script src="/tabstate.min.js"></script><script>${use}
  const next = (target) => new Promise((resolve) => target.addEventListener('message', ({ data }) => resolve(data), { once: true }));
  const kinds = {
    async page() { const result = await work(); sessionStorage.clear(); return result; },
    web: () => next(new Worker('/worker.js')),
    async shared() {
      if (!('SharedWorker' in window)) return 'absent';
      const { port } = new SharedWorker('/worker.js');
      port.start();
      return next(port);
    },
    async service() {
      if (!navigator.serviceWorker) return 'absent';
      await navigator.serviceWorker.register('/worker.js');
      const { active } = await navigator.serviceWorker.ready;
      const answered = next(navigator.serviceWorker);
      navigator.serviceWorker.startMessages();
      active.postMessage('work');
      const result = await answered;
      await (await navigator.serviceWorker.getRegistration()).unregister();
      return result;
    },
    clear: () => square.clear(),
    has: () => square.has(4),
  };
</script>`;

describe('in workers', () => {
  let web: Awaited<ReturnType<typeof server>>;
  beforeAll(async () => {
    const script = (_: unknown, response: import('node:http').ServerResponse) =>
      response.setHeader('content-type', 'text/javascript').end(worker);
    web = await server({ '/': page, '/worker.js': script }, { root: path.join(root, 'dist') });
  });
  afterAll(() => web?.close());

  it.concurrent.each(Object.keys(installed()))('cached results are shared with the page, in %s', async (engine) => {
    const browser = await launch(engine);
    try {
      const tab = await browser.newTab();
      await tab.goto(`${web.url}/`);
      const common = { value: 16, same: true, n: 1, page: 1, config: 1, shown: 'done' };
      expect(await tab.eval('kinds.page()')).toEqual({ ...common, runs: 1, warnings: [] });
      for (const kind of ['web', 'shared', 'service']) {
        const result = await tab.eval(`kinds.${kind}()`);
        // WebKitGTK's ephemeral sessions know no service workers
        if (result === 'absent') expect(engine).toBe('webkit');
        else expect([kind, result]).toEqual([kind, { ...common, runs: 0, warnings: ['no-document'] }]);
      }
      await tab.eval('kinds.clear()');
      expect(await tab.eval('kinds.has()')).toBe(false);
      expect(await tab.eval('kinds.web()')).toMatchObject({ value: 16, runs: 1 });
      await vi.waitFor(async () => expect(await tab.eval('kinds.has()')).toBe(true));
    } finally {
      await browser.close();
    }
  });
});
