// The browser is killed in mid-write, again and again, and started with the same profile: no torn pair, right counters.
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { open, removeDir, tempDir } from '../tools/browsers.mjs';
import { inEngines } from '../tools/in-engines.js';
import { server } from '../tools/server.mjs';

/** Reports what lies in the database, then writes until it is killed. */
const page = `<script src="/tabstate.min.js"></script><script>
  const report = (body) => fetch('/report', { method: 'POST', body: JSON.stringify(body) });
  const read = () => new Promise((resolve, reject) => {
    const request = indexedDB.open('tabstate-cache');
    request.onerror = () => reject(request.error);
    request.onupgradeneeded = ({ dataLoss }) => {
      // Chromium throws a database away whose checksums do not fit after a kill, and says so
      window.isThrownAway = dataLoss === 'total';
      request.transaction.abort();
    };
    request.onsuccess = () => {
      const db = request.result;
      const found = {};
      const transaction = db.transaction(['values', 'meta', 'functions']);
      for (const store of ['values', 'meta']) transaction.objectStore(store).getAllKeys().onsuccess = ({ target }) => { found[store] = target.result; };
      transaction.objectStore('functions').get('f').onsuccess = ({ target }) => { found.entries = target.result?.entries ?? 0; };
      transaction.oncomplete = () => { db.close(); resolve({ values: found.values.length, meta: found.meta.length, entries: found.entries, isSame: found.values.join() === found.meta.join() }); };
    };
  });
  (async () => {
    const before = await read().catch(() => ({ values: 0, meta: 0, entries: 0, isSame: true }));
    let codes = [];
    let isSlow = false;
    const { cacheData } = tabstate.createCache({ onWarning: ({ code, cause }) => {
      // a browser that mends its database after a kill may answer too late: that is no fault, and nothing is acknowledged
      if (cause?.name === 'TimeoutError') isSlow = true;
      else codes.push(code);
    } });
    const f = cacheData(async (x) => 'x'.repeat(1000) + x, { name: 'f' });
    const start = before.values;
    await f('first after ' + start);
    const { entries } = await f.info();
    await report({ before, codes, entries: isSlow ? 0 : entries, isThrownAway: !!window.isThrownAway });
    for (let i = 1; i <= 1000; i++) { f(start + i); if (i % 10 === 0) await new Promise((resolve) => setTimeout(resolve)); }
    await f.info();
  })();
</script>`;

// each start of a browser takes a second or more: the engine with the fastest start gets most of them
const kills: Record<string, number> = { chromium: 8, firefox: 3, webkit: 3 };
const killsOf = (engine: string): number => Number(process.env.KILLS ?? kills[engine] ?? 3);

inEngines('cacheData in a browser that is killed', (engine) => {
  let web: Awaited<ReturnType<typeof server>>;
  let profile: string;

  beforeAll(async () => {
    profile = tempDir(engine);
    web = await server({ '/page': page }, { root: path.resolve('dist') });
  });
  afterAll(() => {
    web.close();
    removeDir(profile);
  });

  it('[CAC-149] every meta row has its value, counters equal rows, and nothing acknowledged is lost', {
    timeout: 60_000 + 6000 * killsOf(engine),
  }, async () => {
    const reports: {
      before: { values: number; meta: number; entries: number; isSame: boolean };
      codes: string[];
      /** Acknowledged before the kill; 0 when the database was too slow to tell. */
      entries: number;
      /** By the browser itself. */
      isThrownAway: boolean;
    }[] = [];
    for (let i = 0; i <= killsOf(engine); i++) {
      const reported = new Promise<(typeof reports)[number]>((resolve) => web.reports.once('report', resolve));
      const browser = await open(engine, `${web.url}/page`, { profile });
      reports.push(await reported);
      await new Promise((resolve) => setTimeout(resolve, 40 * (i % 7)));
      await browser.kill();
    }
    let acknowledged = 0;
    for (const { before, codes, entries, isThrownAway } of reports) {
      expect(before).toMatchObject({ meta: before.values, entries: before.values, isSame: true });
      expect(before.values, 'nothing acknowledged is lost').toBeGreaterThanOrEqual(isThrownAway ? 0 : acknowledged);
      expect(codes).toEqual([]);
      acknowledged = Math.max(entries, isThrownAway ? 0 : acknowledged);
    }
    expect(acknowledged).toBeGreaterThan(0);
  });
});
