// What needs several tabs, reloads or a page that comes back: the built script tag in each engine.
import path from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { inEngines } from '../tools/in-engines.js';
import { server } from '../tools/server.mjs';
import { launch } from '../tools/tabs.mjs';

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** `load(x, ms)` takes `ms` and tells which run it was; `runs` counts those of this page. */
const functions = `<script>
  window.codes = [];
  window.events = [];
  window.cache = tabstate.createCache({ onWarning: ({ code }) => codes.push(code) });
  window.runs = 0;
  window.load = cache.cacheData(async (x, ms = 0) => {
    runs++;
    await new Promise((resolve) => setTimeout(resolve, ms));
    return { x, run: Math.random() };
  }, { name: 'load', ignore: [1] });
  window.aging = cache.cacheData(async (x) => {
    runs++;
    await new Promise((resolve) => setTimeout(resolve, 1500));
    return Math.random();
  }, { name: 'aging', ttl: 10, maxStale: 3600, refreshMode: 'background' });
  window.mine = cache.cacheData(async (x) => ++runs && { x, run: Math.random() }, { name: 'mine', scope: 'session' });
  load.subscribe((event) => events.push(event));
  window.later = (seconds) => { const { now } = Date; Date.now = () => now() + seconds * 1000; };
</script>`;
const library = '<script src="/tabstate.min.js"></script>';
const pages: Record<string, string> = {
  '/page': library + functions,
  '/other': '<p>another page</p>',
  '/no-locks': `<script>Object.defineProperty(navigator, 'locks', { value: undefined })</script>${library}${functions}`,
  '/no-channel': `<script>delete window.BroadcastChannel</script>${library}${functions}`,
  '/broken-channel': `<script>window.BroadcastChannel = class { constructor() { throw new DOMException('no', 'SecurityError') } }</script>${library}${functions}`,
  '/twice': `${library}<script>window.first = tabstate; delete window.tabstate; delete globalThis[Symbol.for('none')]</script>
    <script src="/tabstate.min.js?copy"></script>
    <script>
      window.runs = 0;
      const make = ({ cacheData }) => cacheData(async (x) => ++runs, { name: 'twice' });
      window.pair = [make(first), make(tabstate)];
    </script>`,
  '/differ': `${library}<script>
    window.runs = 0;
    window.shown = [];
    const user = location.search.slice(1);
    const me = (name, validate) => {
      const f = tabstate.cacheData(() => { runs++; return { user }; }, { name, validate });
      f.ref().listen(({ value }) => value && shown.push(value.user));
      return f;
    };
    window.all = [
      me('own', (v) => v.user === user),
      me('later', async (v) => v.user === user),
      me('never', () => false),
      me('throws', () => { throw new Error('in validate') }),
    ];
  </script>`,
  '/many': `<script>
    window.frames20 = Array.from({ length: 20 }, () => {
      const frame = document.createElement('iframe');
      frame.src = '/page';
      const loaded = new Promise((resolve) => { frame.onload = resolve });
      document.documentElement.append(frame);
      return { frame, loaded };
    });
  </script>`,
};

/** Tabs of one origin at once. Each is a process of its own in Firefox, and a window of the driver in WebKit: they take longer to open. */
const tabsAtOnce: Record<string, number> = { chromium: 20, firefox: 8, webkit: 8 };

inEngines('cacheData in several tabs', (engine) => {
  const many = Number(process.env.TABS ?? tabsAtOnce[engine]);
  let web: Awaited<ReturnType<typeof server>>;
  let browser: Awaited<ReturnType<typeof launch>>;
  type Tab = Awaited<ReturnType<typeof browser.newTab>>;
  let a: Tab;
  let b: Tab;

  beforeAll(async () => {
    web = await server(pages, { root: path.resolve('dist') });
    browser = await launch(engine);
    [a, b] = [await browser.newTab(), await browser.newTab()];
  });
  afterAll(async () => {
    await browser.close();
    web.close();
  });

  const open = async (tab: Tab, page = '/page'): Promise<void> => {
    await tab.goto(web.url + page);
  };
  const both = async (page = '/page'): Promise<void> => {
    await open(a, page);
    await open(b, page);
    await a.eval('cache.cacheData.clear()');
    await b.eval('load.info()');
  };
  const settled = (tab: Tab): Promise<unknown> => tab.eval('load.info()');

  it('[CAC-126] finds in B, and after a reload, what A computed', async () => {
    await both();
    const value = await a.eval('load(1)');
    await settled(a);
    expect(await b.eval('load(1)')).toEqual(value);
    expect(await b.eval('runs')).toBe(0);
    await a.reload();
    expect(await a.eval('load(1)')).toEqual(value);
    expect(await a.eval('load(1)')).toEqual(value);
    expect(await a.eval('runs')).toBe(0);
    expect(await a.eval('load.info()')).toMatchObject({ entries: 1, hits: 2, misses: 0, persisted: true });
  });

  it('[CAC-127] runs once for two tabs that miss together; once per tab without locks', async () => {
    await both();
    // started apart: the driver of WebKit asks one tab after the other
    for (const tab of [a, b]) await tab.eval('void (window.answer = load(1, 700))');
    expect(await a.eval('answer')).toEqual(await b.eval('answer'));
    expect(((await a.eval('runs')) as number) + ((await b.eval('runs')) as number)).toBe(1);
    await both('/no-locks');
    for (const tab of [a, b]) await tab.eval('void (window.answer = Promise.all([load(2, 1000), load(2, 1000)]))');
    for (const tab of [a, b]) await tab.eval('answer');
    expect([await a.eval('runs'), await b.eval('runs')]).toEqual([1, 1]);
  });

  it('[CAC-127] runs once for twenty pages that miss together', async () => {
    await both();
    await open(a, '/many');
    await a.eval('Promise.all(frames20.map(({ loaded }) => loaded))');
    expect(
      await a.eval(
        'Promise.all(frames20.map(({ frame }) => frame.contentWindow.load(9, 100))).then((all) => new Set(all.map(({ run }) => run)).size)',
      ),
    ).toBe(1);
    expect(await a.eval('frames20.reduce((sum, { frame }) => sum + frame.contentWindow.runs, 0)')).toBe(1);
  });

  it(`[CAC-127] runs once for ${many} tabs that miss together`, { timeout: 120_000 }, async () => {
    await both();
    const tabs: Tab[] = [];
    try {
      while (tabs.length < many) {
        tabs.push(await browser.newTab());
        await open(tabs.at(-1) as Tab);
      }
      // the run lasts until all of them wait for it, but no longer than they do
      await a.eval(`cache.cacheData.clear().then(() => {
        window.slow = cache.cacheData(async () => { runs++; await new Promise((resolve) => { window.finish = resolve; setTimeout(resolve, 6000) }); return Math.random() }, { name: 'slow' });
        void slow();
      })`);
      await vi.waitFor(async () => expect(await a.eval('runs')).toBe(1));
      const waits = `window.slow = cache.cacheData(async () => ++runs, { name: 'slow' }); window.answer = slow();`;
      for (const tab of tabs) await tab.inject(waits);
      await a.eval('finish()');
      const first = await a.eval('slow()');
      expect(first).toBeLessThan(1);
      for (const tab of tabs) expect(await tab.eval('answer')).toBe(first);
      for (const tab of tabs) expect(await tab.eval('runs')).toBe(0);
      expect(await a.eval('runs')).toBe(1);
    } finally {
      for (const tab of tabs) await tab.close();
    }
  });

  it('[CAC-128] drops in A what B clears, and says so', async () => {
    await both();
    await a.eval('load(1)');
    await settled(a);
    await a.eval('void (events.length = 0)');
    await b.eval('load.clear(1)');
    await vi.waitFor(async () =>
      expect(await a.eval("JSON.stringify(events.map(({ type, tab }) => type + ' ' + tab))")).toBe('["clear other"]'),
    );
    expect(await a.eval('load.peek(1) === undefined')).toBe(true);
    expect(await a.eval('load.has(1)')).toBe(false);
  });

  it('[CAC-129] a clear in B wins over a run in A', async () => {
    await both();
    const running = a.eval('load(1, 700)') as Promise<{ run: number }>;
    await vi.waitFor(async () => expect(await a.eval('runs')).toBe(1));
    await b.eval('cache.cacheData.clear()');
    const { run } = await running;
    await settled(a);
    expect(((await b.eval('load(1)')) as { run: number }).run).not.toBe(run);
    expect(await b.eval('runs')).toBe(1);
  });

  it('[CAC-130] goes on when the tab that computes is closed', async () => {
    await both();
    const c = await browser.newTab();
    await open(c);
    await c.eval('void load(1, 60_000)');
    await vi.waitFor(async () => expect(await c.eval('runs')).toBe(1));
    await b.eval(
      'void (window.waited = undefined, load(1, 0).then(() => { waited = performance.now() - window.closedAt }))',
    );
    await sleep(100);
    await b.eval('void (window.closedAt = performance.now())');
    await c.close();
    await vi.waitFor(async () => expect(await b.eval('typeof waited')).toBe('number'), 5000);
    expect(await b.eval('runs')).toBe(1);
  });

  it('[CAC-130] goes on when the tab that computes goes to another page, which keeps it for the way back', async () => {
    await both();
    await a.inject("load('left', 60_000).catch(() => {})");
    await vi.waitFor(async () => expect(await a.eval('runs')).toBe(1));
    await open(a, '/other');
    const took = await b.eval(`(async () => {
      const start = performance.now();
      await load('left');
      return performance.now() - start;
    })()`);
    // half of the wait for a holder that is stuck
    expect(took).toBeLessThan(5000);
  });

  it('[CAC-98] refreshes once for twenty callers in two tabs', async () => {
    await both();
    const old = await a.eval('aging(1)');
    await a.eval('aging.info()');
    await Promise.all([a, b].map((tab) => tab.eval('later(15)')));
    await a.eval('void (runs = 0)');
    const ask = 'Promise.all(Array.from({ length: 10 }, () => aging(1))).then((all) => [...new Set(all)])';
    expect(await Promise.all([a.eval(ask), b.eval(ask)])).toEqual([[old], [old]]);
    await vi.waitFor(async () => {
      expect(await a.eval('aging(1)')).not.toBe(old);
      expect(await b.eval('aging(1)')).toBe(await a.eval('aging(1)'));
    }, 10_000);
    expect(((await a.eval('runs')) as number) + ((await b.eval('runs')) as number)).toBe(1);
  });

  it('[CAC-133] gives the value of B to a page that comes back', async () => {
    await both();
    const old = (await a.eval('load(1)')) as { run: number };
    await settled(a);
    await a.goto(`${web.url}/other`);
    const fresh = await b.eval('load.refresh(1)');
    await settled(b);
    expect(fresh).not.toEqual(old);
    await a.back();
    await vi.waitFor(async () => expect(await a.eval('typeof load')).toBe('function'), 5000);
    expect(await a.eval('load(1)')).toEqual(fresh);
  });

  it('[CAC-134] sees the value of B after five seconds without a channel', async () => {
    for (const page of ['/no-channel', '/broken-channel']) {
      await both(page);
      const old = await a.eval('load(1)');
      await settled(a);
      const fresh = await b.eval('load.refresh(1)');
      await settled(b);
      expect(await a.eval('load(1)')).toEqual(old);
      await a.eval('later(6)');
      expect(await a.eval('load(1)')).toEqual(fresh);
      expect(await a.eval('codes')).toEqual([]);
    }
  });

  it('[CAC-135] keeps what belongs to a tab in that tab, over a reload', async () => {
    await both();
    const value = await a.eval('mine(1)');
    await a.eval('mine.info()');
    expect(await b.eval('mine(1)')).not.toEqual(value);
    await a.reload();
    expect(await a.eval('mine(1)')).toEqual(value);
    expect(await a.eval('runs')).toBe(0);
    await a.eval('cache.cacheData.clear()');
    await a.reload();
    expect(await a.eval('mine(1)')).not.toEqual(value);
  });

  it('a page that is left right after a hit keeps nobody from the database', async () => {
    await both();
    await a.eval('load(1)');
    await settled(a);
    await b.eval('load(1)');
    await b.goto(`${web.url}/other`);
    await a.reload();
    await a.eval('load(1)');
    await a.goto(`${web.url}/other`);
    await open(a);
    await a.eval('cache.cacheData.clear()');
    expect(await a.eval('codes')).toEqual([]);
  });

  it('[CAC-122] a clear is over when it resolves, and touches nothing else of the origin', async () => {
    await both();
    await a.eval('load(1)');
    await settled(a);
    await a.eval("void (localStorage.foreign = 'x', tabstate.sessionState.kept = 1, tabstate.sessionState.flush())");
    await a.eval('load.clear()');
    await a.reload();
    expect(await a.eval('load.has(1)')).toBe(false);
    expect(await a.eval('[localStorage.foreign, tabstate.sessionState.kept]')).toEqual(['x', 1]);
  });

  it('[CAC-204] two copies of the library on a page share one cache', async () => {
    await open(a, '/twice');
    await a.eval('pair[0].clear()');
    expect(await a.eval('first !== tabstate')).toBe(true);
    expect(await a.eval('Promise.all([pair[0](1), pair[1](1)])')).toEqual([1, 1]);
    expect(await a.eval('pair[1].peek(1)')).toBe(1);
    expect(await a.eval('runs')).toBe(1);
  });

  it('[CAC-130] [CAC-138] waits for a stuck holder no longer than ten seconds; memory hits leave the disk alone', async () => {
    await both();
    await a.eval('void load(1, 1e9)');
    await vi.waitFor(async () => expect(await a.eval('runs')).toBe(1));
    await a.eval('load(2)');
    await settled(a);
    await b.eval('void (window.answer = undefined, load(1).then((value) => { answer = value }))');
    // what opens transactions in A while it only serves memory hits
    const modes = (await a.eval(`new Promise((resolve) => {
        const modes = [];
        const { transaction } = IDBDatabase.prototype;
        IDBDatabase.prototype.transaction = function (names, mode, ...more) {
          modes.push(mode ?? 'readonly');
          return transaction.call(this, names, mode, ...more);
        };
        const timer = setInterval(() => load(2), 20);
        setTimeout(() => { clearInterval(timer); IDBDatabase.prototype.transaction = transaction; resolve(modes); }, 10_000);
      })`)) as string[];
    // the sweep of this page, five seconds after its first use, is one of them
    expect(modes.filter((mode) => mode !== 'readwrite')).toEqual([]);
    expect(modes.length).toBeLessThanOrEqual(2);
    expect(await a.eval('runs')).toBe(2);
    await vi.waitFor(async () => expect(await b.eval('answer?.x')).toBe(1), 8000);
    expect(await b.eval('runs')).toBe(1);
  });

  it('[CAC-229] tabs with refs whose validate differs do not run in turn', async () => {
    await open(a, '/differ?ann');
    await open(b, '/differ?bob');
    await sleep(2000);
    for (const [tab, user] of [
      [a, 'ann'],
      [b, 'bob'],
    ] as const) {
      expect(await tab.eval('shown.at(-1)')).toBe(user);
      // of four functions
      expect(await tab.eval('runs')).toBeLessThan(4 * 4);
      expect(await tab.eval('runs')).toBeGreaterThan(3);
    }
  });

  it('a page that is left in the middle of reads and writes keeps nobody from the database', async () => {
    await both();
    await b.eval('load(1)');
    await settled(b);
    for (const many of ['(i) => load(Math.random())', '(i) => load.clear(-i)', '(i) => load.has(i)']) {
      await open(a);
      // a thousand under way at any time: the page is left in the middle of some
      await a.eval(`(() => {
        const many = ${many};
        const next = (i) => many(i).then(() => next(i + 1));
        for (let i = 0; i < 1000; i++) void next(i);
      })()`);
      await sleep(100);
      await open(a, '/other');
      await b.reload();
      expect(await b.eval('load(1).then(() => load(2)).then(() => load.info()).then(() => ({ runs, codes }))')).toEqual(
        {
          runs: 1,
          codes: [],
        },
      );
      await b.eval('load.clear(2)');
    }
    await a.back();
    await vi.waitFor(async () => expect(await a.eval('typeof load')).toBe('function'), 5000);
    expect(await a.eval('load(1).then(() => codes)')).toEqual([]);
  });
});
