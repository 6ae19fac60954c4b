// queryParams with real history: Back, Forward, limits of the browsers, several tabs and copies.
import fs from 'node:fs';
import type { ServerResponse } from 'node:http';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { removeDir, tempDir } from '../tools/browsers.mjs';
import { inEngines } from '../tools/in-engines.js';
import { server } from '../tools/server.mjs';
import { launch } from '../tools/tabs.mjs';

const dist = path.resolve(import.meta.dirname, '../../dist');

/** The library twice, two instances in two copies, and whatever goes wrong. */
const script = `<script>
  var problems = [];
  addEventListener('error', (event) => problems.push('error ' + event.message));
  addEventListener('unhandledrejection', (event) => problems.push('rejection ' + event.reason));
  for (const level of ['warn', 'error']) console[level] = (...parts) => problems.push(level + ' ' + parts.join(' '));
</script>
<script src="/tabstate.min.js"></script><script>var first = { ...tabstate };</script>
<script src="/tabstate.min.js?2"></script><script>
  var second = tabstate;
  var q = first.queryParams;
  var calls = [];
  for (const name of ['pushState', 'replaceState']) {
    const real = history[name];
    history[name] = function (...args) { calls.push({ name, at: performance.now() }); return real.apply(this, args); };
  }
  var sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  var spend = (n = 60) => { for (let i = 0; i < n; i++) { q.spent = i; q.flush(); } };
  var until = async (ask, ms) => {
    const start = performance.now();
    while (!ask()) { if (performance.now() - start > ms) return false; await sleep(20); }
    return true;
  };
</script>`;

/** Uses the library and tells its parent. */
const framed = (origin: string): string => `<script src="${origin}/tabstate.min.js"></script><script>
  const answer = { name: window.name, before: location.href, warnings: [], heard: [] };
  console.warn = (text) => answer.warnings.push(String(text));
  const q = tabstate.queryParams;
  (async () => {
    try {
      q.subscribe('a', (now, before) => answer.heard.push([now ?? null, before ?? null]));
      q.a = 1;
      await 0;
      q.b = ['x', 'y'];
      q.flush();
      answer.read = q.toDict();
      answer.search = location.search;
      q.clear();
      q.a = 2;
      q.flush();
      answer.after = q.toDict();
      answer.url = location.href;
    } catch (error) { answer.error = String(error); }
    (opener ?? parent).postMessage(answer, '*');
  })();
</script>`;

const pages = {
  '/': script,
  '/other': '<h1>other</h1>',
  '/base': `<base href="/other/dir/">${script.replaceAll('src="/', 'src="/')}`,
  '//foo': script,
  '/windows-1252': (_request: unknown, response: ServerResponse) => {
    response.setHeader('content-type', 'text/html; charset=windows-1252');
    response.end(`<!doctype html><html lang="en"><title>test</title>${script}`);
  },
  '/plain': '<!doctype html><title>plain</title><script src="/tabstate.min.js"></script>',
  '/frames': `<script>var answers = {}; onmessage = ({ data }) => { answers[data.name] = data; };</script>`,
};

/** A browser of its own, with a tab of its own for each test. */
function ownTabs(engine: string) {
  let site: Awaited<ReturnType<typeof server>>;
  let browser: Awaited<ReturnType<typeof launch>>;
  let tab: Awaited<ReturnType<(typeof browser)['newTab']>>;
  beforeAll(async () => {
    site = await server({ ...pages, '/framed': framed('') }, { root: dist });
    browser = await launch(engine);
  });
  beforeEach(async () => {
    const last = tab;
    tab = await browser.newTab();
    await last?.close();
  });
  afterAll(async () => {
    await browser?.close();
    site?.close();
  });
  return {
    tab: () => tab,
    url: () => site.url,
    until: (expression: string, value: unknown, timeout = 10_000): Promise<void> =>
      vi.waitFor(async () => expect(await tab.eval(expression)).toEqual(value), { timeout, interval: 50 }),
  };
}

// these three groups mostly wait for the browser's budget of history writes: beside each other, each in its own browser
inEngines('queryParams in two copies', (engine) => {
  const { tab, url } = ownTabs(engine);

  it('[QRY-79] [QRY-80] [QRY-87] [QRY-93] two copies at 60 sets a second and a second script at 4 keep the budget', async () => {
    await tab().goto(`${url()}/`);
    const consoleTexts: string[] = [];
    tab().page?.on('console', (message: { type(): string; text(): string }) =>
      consoleTexts.push(`${message.type()} ${message.text()}`),
    );
    const result = await tab().eval(`(async () => {
      const a = first.createQueryParams(), b = second.createQueryParams();
      const start = performance.now();
      let refused = 0, n = 0, mismatches = 0;
      const foreign = setInterval(() => {
        const mark = 'h' + n;
        try { history.replaceState({ mark }, '', '#' + mark); } catch { refused++; }
        if (location.hash !== '#' + mark || history.state.mark !== mark) refused++;
      }, 250);
      while (performance.now() - start < 12000) {
        n++;
        a.set('i', n);
        b.j = n;
        if (a.j !== String(n) || b.i !== String(n)) mismatches++;
        await sleep(1000 / 60 - 2);
      }
      clearInterval(foreign);
      const end = performance.now();
      const isRight = () => new URLSearchParams(location.search).get('i') === String(n) && new URLSearchParams(location.search).get('j') === String(n);
      const landed = await until(isRight, 5000);
      const within = (ms) => Math.max(...calls.map(({ at }) => calls.filter((each) => each.at >= at && each.at < at + ms).length));
      return { isOne: first.createQueryParams !== second.createQueryParams && first.queryParams === second.queryParams, sets: n, refused, mismatches, landed,
        took: performance.now() - end, calls: calls.length, within10: within(10000), problems };
    })()`);
    expect(result).toMatchObject({ isOne: true, refused: 0, mismatches: 0, landed: true, problems: [] });
    expect(result.took).toBeLessThan(1500);
    // 60 of the library and 4 a second of the other script
    expect(result.within10).toBeLessThanOrEqual(60 + 41);
    expect(result.sets).toBeGreaterThan(200);
    expect(consoleTexts).toEqual([]);
  });
});

inEngines('queryParams over an exhausted budget', (engine) => {
  const { tab, url } = ownTabs(engine);

  it('[QRY-81] [QRY-82] what is written over an exhausted budget of the browser is right 12 s later', async () => {
    await tab().goto(`${url()}/`);
    const exhaust = `
      const exhaust = () => {
        for (let i = 0; i < ${{ chromium: 700, firefox: 1300, webkit: 150 }[engine]}; i++)
          try { History.prototype.replaceState.call(history, history.state, '', '?raw=' + i); } catch {}
        let before = location.search;
        try { History.prototype.replaceState.call(history, history.state, '', '?probe=' + Math.random()); } catch {}
        return location.search === before;
      };`;
    const result = await tab().eval(`(async () => {${exhaust}
      const isExhausted = exhaust();
      const length = history.length;
      q.k = 'final';
      const atOnce = [q.k, location.search.includes('final')];
      const start = performance.now();
      const landed = await until(() => location.search.endsWith('&k=final'), 14000);
      const took = performance.now() - start;
      q.k = 'further';
      const further = await until(() => location.search.endsWith('&k=further'), 3000);
      return { isExhausted, atOnce, landed, took, further, entries: history.length - length, problems };
    })()`);
    expect(result).toMatchObject({
      isExhausted: true,
      atOnce: ['final', false],
      landed: true,
      further: true,
      entries: 0,
      problems: [],
    });
    expect(result.took).toBeLessThan(12_000);
    const pushed = await tab().eval(`(async () => {${exhaust}
      const isExhausted = exhaust();
      const length = history.length;
      q.set('p', 'final', { history: 'push' });
      const landed = await until(() => location.search.endsWith('p=final'), 14000);
      await sleep(1200);
      return { isExhausted, landed, p: q.p, entries: history.length - length, problems };
    })()`);
    expect(pushed).toEqual({ isExhausted: true, landed: true, p: 'final', entries: 1, problems: [] });
  });
});

inEngines('queryParams', (engine) => {
  const { tab, url, until } = ownTabs(engine);

  it('[QRY-83] [QRY-78] on a fresh page 40 writes go out at once, the rest within half a second', async () => {
    await tab().goto(`${url()}/`);
    const result = await tab().eval(`(async () => {
      const atOnce = [];
      for (let i = 0; i < 10000; i++) q.i = i;
      await 0;
      const first = [location.search, calls.length];
      for (let i = 1; i <= 59; i++) {
        await new Promise((resolve) => { const { port1, port2 } = new MessageChannel(); port1.onmessage = () => { port1.close(); resolve(); }; port2.postMessage(0); });
        q.i = 'n' + i;
        await 0;
        if (location.search === '?i=n' + i) atOnce.push(i);
      }
      const landed = await until(() => location.search === '?i=n59', 3000);
      return { first, atOnce, landed, problems };
    })()`);
    expect(result).toMatchObject({ first: ['?i=9999', 1], landed: true, problems: [] });
    expect(result.atOnce.slice(0, 39)).toEqual(Array.from({ length: 39 }, (_, i) => i + 1));
    expect(result.atOnce.length).toBeLessThan(59);
  });

  it('[QRY-84] [QRY-85] [QRY-74] flush and leaving do not wait; Back finds the write and nothing is told', async () => {
    await tab().goto(`${url()}/`);
    expect(
      await tab().eval(`(() => {
        spend();
        q.a = 1;
        q.flush();
        return location.search;
      })()`),
    ).toBe('?spent=59&a=1');
    await tab().inject(`
      window.heard = []; window.shown = [];
      q.subscribe((changes) => heard.push(changes));
      addEventListener('pageshow', (event) => shown.push(event.persisted));
      q.b = 2;
      setTimeout(() => { q.c = 3; location.assign('/other'); }, 50);`);
    await until('location.pathname', '/other');
    await until('document.readyState', 'complete');
    await tab().back();
    await until("document.readyState === 'complete' && location.search", '?spent=59&a=1&b=2&c=3');
    const back = await tab().eval(`(async () => {
      const url = new URLSearchParams(location.search);
      const isKept = typeof shown === 'object' && shown[0] === true;
      await sleep(50);
      return { isKept, a: q.a, c: q.c, heard: isKept ? heard.length : 2, problems, url: location.search };
    })()`);
    // two: of b and of c
    expect(back).toMatchObject({ a: '1', c: '3', heard: 2, problems: [], url: '?spent=59&a=1&b=2&c=3' });
    if (engine !== 'chromium') expect(back.isKept).toBe(true);
  });

  it('[QRY-69] Back drops what waits for a token', async () => {
    await tab().goto(`${url()}/?x=1`);
    await tab().inject(`
      history.pushState(null, '', '?x=2');
      spend(42);
      history.replaceState(null, '', '?x=2');
      window.heard = [];
      q.subscribe('a', (now, before) => heard.push([now ?? null, before ?? null]));
      q.a = 1;
      setTimeout(() => history.back(), 20);`);
    await until('location.search', '?x=1');
    expect(
      await tab().eval(
        '(async () => { await sleep(2000); return [location.search, q.a ?? null, heard, problems]; })()',
      ),
    ).toEqual([
      '?x=1',
      null,
      [
        ['1', null],
        [null, '1'],
      ],
      [],
    ]);
  });

  it('[QRY-86] a hidden tab writes at once', async () => {
    await tab().goto(`${url()}/`);
    await tab().inject(`
      spend();
      window.atHiding = null;
      q.a = 1;
      // after the library's own listener
      setTimeout(() => document.addEventListener('visibilitychange', () => { if (document.hidden) atHiding ??= location.search; }));`);
    expect(await tab().eval('[location.search, atHiding]')).toEqual(['?spent=59', null]);
    const show = await tab().hide();
    await until('atHiding', '?spent=59&a=1');
    await show();
  });

  it('[QRY-56] neither base, path nor encoding of a page bend a write', async () => {
    for (const page of ['/base', '//foo', '/windows-1252']) {
      await tab().goto(`${url()}${page}`);
      expect(
        await tab().eval(
          "(q.x = 'é', q.flush(), [location.pathname, location.search, location.host === new URL(document.URL).host])",
        ),
      ).toEqual([page, '?x=%C3%A9', true]);
    }
  });

  it('[QRY-88] a history that always throws leaves reads and writes as they are', async () => {
    await tab().goto(`${url()}/`);
    expect(
      await tab().eval(`(async () => {
        history.replaceState = () => { throw new DOMException('no', 'SecurityError'); };
        q.a = 1;
        await sleep(1500);
        q.flush();
        return [q.a, location.search, problems];
      })()`),
    ).toEqual(['1', '', []]);
  });

  it('[QRY-89] [QRY-90] documents that cannot have a query keep it in memory, sandboxed ones write it', async () => {
    await tab().goto(`${url()}/frames`);
    const source = JSON.stringify(framed(url())).replaceAll('</', '<\\/');
    await tab().inject(`
      const source = ${source};
      const add = (name, set) => { const frame = document.createElement('iframe'); frame.name = name; set(frame); document.body.append(frame); return frame; };
      add('srcdoc', (f) => { f.srcdoc = source; });
      add('blob', (f) => { f.src = URL.createObjectURL(new Blob([source], { type: 'text/html' })); });
      add('data', (f) => { f.src = 'data:text/html,' + encodeURIComponent(source); });
      add('sandboxed', (f) => { f.sandbox = 'allow-scripts'; f.src = '/framed?x=1'; });
      const blank = add('blank', () => {}).contentDocument;
      blank.open();
      blank.write('<!doctype html><title>blank</title>');
      blank.close();
      const script = blank.createElement('script');
      script.src = '/tabstate.min.js';
      script.onload = () => { const run = blank.createElement('script'); run.textContent = source.split('<script>')[1].split('</scr' + 'ipt>')[0]; blank.head.append(run); };
      blank.head.append(script);`);
    await until('Object.keys(answers).sort().join()', 'blank,blob,data,sandboxed,srcdoc');
    const { sandboxed, ...fixed } = (await tab().eval('answers')) as Record<
      string,
      { error?: string; warnings: string[]; before: string; url: string; heard: unknown; read: unknown; after: unknown }
    >;
    const heard = [
      ['1', null],
      [null, '1'],
      ['2', null],
    ];
    for (const [name, answer] of Object.entries(fixed)) {
      // document.open() gives about:blank the URL of its opener, which is writable
      const isWritable = answer.before.startsWith('http');
      expect(answer, name).toMatchObject({ heard, read: { a: '1', b: 'y' }, after: { a: '2' } });
      expect(answer.error, name).toBeUndefined();
      expect(answer.warnings.length, name).toBe(isWritable ? 0 : 1);
      if (isWritable) continue;
      expect(answer.warnings[0], name).toMatch(/memory-mode/);
      expect(answer.url, name).toBe(answer.before);
    }
    expect(sandboxed).toMatchObject({
      heard,
      warnings: [],
      read: { x: '1', a: '1', b: 'y' },
      search: '?x=1&a=1&b=x&b=y',
      url: `${url()}/framed?a=2`,
    });
  });

  it('[QRY-18] reads are right after document.open(), which changes the URL without a history entry', async () => {
    await tab().goto(`${url()}/frames?p=1`);
    await tab().inject(`
      const frame = document.createElement('iframe');
      frame.src = '/plain?x=1';
      frame.onload = () => {
        frame.onload = null;
        const { contentWindow: page, contentDocument: inner } = frame;
        const q = page.tabstate.queryParams;
        const read = () => [q.x ?? null, q.p ?? null, q.toString(), page.location.search];
        answers.reads = [read(), read()];
        inner.open();
        answers.reads.push(read());
        inner.write('<!doctype html><title>new</title>');
        answers.reads.push(read());
        inner.close();
        answers.reads.push(read());
        page.history.replaceState(null, '', '?x=3');
        answers.reads.push(read());
        inner.open();
        inner.close();
        answers.reads.push(read());
        answers.done = true;
      };
      document.body.append(frame);`);
    await until('answers.done', true);
    const before = ['1', null, 'x=1', '?x=1'];
    const after = [null, '1', 'p=1', '?p=1'];
    expect(await tab().eval('answers.reads')).toEqual([
      before,
      before,
      after,
      after,
      after,
      ['3', null, 'x=3', '?x=3'],
      after,
    ]);
  });

  it('[QRY-90] a page from a file is writable', async ({ onTestFinished }) => {
    const folder = tempDir('file');
    onTestFinished(() => removeDir(folder));
    fs.copyFileSync(path.join(dist, 'tabstate.min.js'), path.join(folder, 'tabstate.min.js'));
    fs.writeFileSync(
      path.join(folder, 'page.html'),
      '<!doctype html><title>file</title><script src="tabstate.min.js"></script>',
    );
    await tab().goto(`file://${folder}/page.html`);
    await until('typeof tabstate', 'object');
    expect(
      await tab().eval(
        '(tabstate.queryParams.a = 1, tabstate.queryParams.flush(), [location.search, tabstate.queryParams.a])',
      ),
    ).toEqual(['?a=1', '1']);
  });
});
