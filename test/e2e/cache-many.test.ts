// Many entries of one function: what they cost must not grow with their number. ENTRIES=100000 makes more of them.
import path from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { inEngines } from '../tools/in-engines.js';
import { server } from '../tools/server.mjs';
import { launch } from '../tools/tabs.mjs';

const count = Number(process.env.ENTRIES ?? 1000);

/**
 * The sweep comes at once instead of after 5 s, and the storage has ten times as long to answer as a user would be kept
 * waiting: other engines run beside this one. `rows` counts what lies in the database.
 */
const page = `<script>
  const { setTimeout: wait } = window;
  window.setTimeout = (run, ms, ...rest) => wait(run, ms === 5000 ? 50 : ms > 1900 ? 10 * ms : ms, ...rest);
  window.errors = [];
  addEventListener('unhandledrejection', (event) => errors.push('rejection: ' + event.reason));
  addEventListener('error', (event) => errors.push('error: ' + event.message));
  window.changes = 0;
  for (const method of ['put', 'delete']) {
    const original = IDBObjectStore.prototype[method];
    IDBObjectStore.prototype[method] = function (...args) { changes++; return original.apply(this, args); };
  }
  const { now } = Date;
  window.later = (ms) => { Date.now = () => now() + ms; };
</script>
<script src="/tabstate.min.js"></script>
<script>
  window.runs = 0;
  window.cache = tabstate.createCache({ memory: '1MB', onWarning: ({ code, cause }) => errors.push(code + ' ' + cause) });
  window.many = cache.cacheData(async (i) => { runs++; return { i, text: 'x'.repeat(50) }; }, { name: 'many' });
  window.old = cache.cacheData(async (i) => { runs++; return { i }; }, { name: 'old', ttl: 60 });
  window.fill = async (fn, from, to) => {
    for (let at = from; at < to; at += 1000) {
      await Promise.all(Array.from({ length: Math.min(1000, to - at) }, (_, i) => fn(at + i)));
      await fn.info();
    }
  };
  window.rows = () => new Promise((resolve, reject) => {
    const request = indexedDB.open('tabstate-cache');
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const db = request.result;
      const counts = ['values', 'meta'].map((store) => db.transaction(store).objectStore(store).count());
      counts[1].onsuccess = () => { db.close(); resolve(counts.map(({ result }) => result)); };
    };
  });
</script>`;

inEngines('cacheData with many entries', (engine) => {
  let web: Awaited<ReturnType<typeof server>>;
  let browser: Awaited<ReturnType<typeof launch>>;

  beforeAll(async () => {
    web = await server({ '/page': page }, { root: path.resolve('dist') });
    browser = await launch(engine);
  });
  afterAll(async () => {
    await browser.close();
    web.close();
  });

  it('[CAC-94] [CAC-124] finds, counts, clears and sweeps them', { timeout: 180_000 + count * 10 }, async () => {
    const tab = await browser.newTab();
    await tab.goto(`${web.url}/page`);
    for (let from = 0; from < count; from += 5000)
      await tab.eval(`fill(many, ${from}, ${Math.min(count, from + 5000)})`);
    await tab.eval('fill(old, 0, 300)');
    expect(await tab.eval('many.info().then(({ entries, persisted }) => ({ entries, persisted }))')).toEqual({
      entries: count,
      persisted: true,
    });

    await tab.reload();
    const some = [0, 1, Math.floor(count / 2), count - 1];
    expect(
      await tab.eval(`Promise.all(${JSON.stringify(some)}.map((i) => many(i))).then((all) => all.map(({ i }) => i))`),
    ).toEqual(some);
    expect(await tab.eval('many.info().then(({ entries, hits, misses }) => ({ entries, hits, misses }))')).toEqual({
      entries: count,
      hits: some.length,
      misses: 0,
    });

    // expired ones go without a look at the others
    await tab.eval('later(120_000)');
    await tab.reload();
    await tab.eval('(later(120_000), many(0))');
    await vi.waitFor(async () => expect(await tab.eval('rows()')).toEqual([count, count]), { timeout: 60_000 });
    expect(await tab.eval('many.info().then(({ entries }) => entries)')).toBe(count);

    // a clear is a stamp, whatever it covers
    await tab.eval('void (changes = 0)');
    await tab.eval('many.clear()');
    expect(await tab.eval('changes')).toBeLessThanOrEqual(3);
    expect(await tab.eval('many.info().then(({ entries }) => entries)')).toBe(0);
    expect(await tab.eval('many.has(1)')).toBe(false);
    expect(await tab.eval('many(1).then(({ i }) => ({ i, runs }))')).toEqual({ i: 1, runs: 1 });
    await tab.eval('many.info()');

    await tab.reload();
    expect(await tab.eval('many(1).then(({ i }) => ({ i, runs }))')).toEqual({ i: 1, runs: 0 });
    await vi.waitFor(async () => expect(await tab.eval('rows()')).toEqual([1, 1]), { timeout: 60_000 + count * 6 });
    expect(await tab.eval('many.info().then(({ entries }) => entries)')).toBe(1);
    expect(await tab.eval('errors')).toEqual([]);
    await tab.close();
  });
});
