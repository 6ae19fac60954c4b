// Through how many files a call goes: somebody who reads the code has to walk the same way. The numbers go down only.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { server } from '../tools/server.mjs';
import { launch } from '../tools/tabs.mjs';
import { trace, tracedScript } from '../tools/trace.mjs';

const later = 'await new Promise((resolve) => setTimeout(resolve, 300));';

describe('the way of a call', () => {
  let web: Awaited<ReturnType<typeof server>>;
  let browser: Awaited<ReturnType<typeof launch>>;
  let script: string;

  beforeAll(async () => {
    web = await server();
    browser = await launch('chromium');
    script = await tracedScript();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    web?.close();
  });

  it.each([
    ['a hit in memory', "await load('b')", 12],
    ['a hit on disk', "await loadFromDisk('b')", 25],
    ['a miss until it is stored', `await load('d'); ${later}`, 30],
  ])('%s: `%s` enters at most %i files', async (_what, run, most) => {
    const tab = await browser.newTab();
    try {
      await tab.goto(web.url);
      await tab.inject(script);
      // nothing stays in a memory of one byte
      const setup = `
        // a second try must not find what the first has stored
        const make = (options) =>
          tabstate.createCache({ name: crypto.randomUUID(), ...options }).cacheData(async (id) => ({ id }), { name: 'load' });
        globalThis.load = make();
        globalThis.loadFromDisk = make({ memory: 1 });
        for (const each of [load, loadFromDisk]) {
          await each('a');
          await each('b');
          await each.info();
        }
        ${later}`;
      const { files, way } = await trace(tab, run, setup);
      expect(files, way.join('\n')).toBeLessThanOrEqual(most);
    } finally {
      await tab.close();
    }
  });
});
