import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decompress } from 'fzstd';
import { parquetMetadata, parquetRead } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { policyOf } from '../../demo/csp.mjs';
import { startServer } from '../../demo/server.mjs';
import { removeDir, tempDir } from '../tools/browsers.mjs';
import { inEngines } from '../tools/in-engines.js';
import { launch } from '../tools/tabs.mjs';

type Tab = Awaited<ReturnType<Awaited<ReturnType<typeof launch>>['newTab']>>;

const axeSource = readFileSync(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
const parquet = readFileSync(new URL('../../node_modules/vega-datasets/data/flights-3m.parquet', import.meta.url));

const weather = readFileSync(
  new URL('../../node_modules/vega-datasets/data/seattle-weather.csv', import.meta.url),
  'utf8',
)
  .trim()
  .split('\n');

interface Facts {
  flights: string;
  delay: string;
  late: string;
  busiest: string;
}

/** The rows of the file, counted here from scratch: what the page must show for all flights and for one filter. */
async function countFile(): Promise<{ all: Facts; filtered: Facts }> {
  const file = parquet.buffer.slice(parquet.byteOffset, parquet.byteOffset + parquet.length) as ArrayBuffer;
  const metadata = parquetMetadata(file);
  const counts = [0, 1].map(() => ({ flights: 0, late: 0, minutes: 0, airports: new Map<string, number>() }));
  let start = 0;
  for (const group of metadata.row_groups) {
    const column: Record<string, unknown[]> = {};
    const end = start + Number(group.num_rows);
    await parquetRead({
      file,
      metadata,
      rowStart: start,
      rowEnd: end,
      compressors: { ZSTD: (input, length) => decompress(input, new Uint8Array(length)) },
      onChunk: ({ columnName, columnData }) => {
        column[columnName] = [...(column[columnName] ?? []), ...columnData];
      },
    });
    const { date, delay, distance, origin } = column as {
      date: Date[];
      delay: bigint[];
      distance: bigint[];
      origin: string[];
    };
    for (let i = 0; i < date.length; i++) {
      const isWeekend = [0, 6].includes(date[i]!.getUTCDay());
      const passes =
        origin[i] === 'ORD' &&
        isWeekend &&
        date[i]!.getUTCHours() >= 6 &&
        date[i]!.getUTCHours() <= 11 &&
        distance[i]! <= 1500n;
      for (const [j, count] of counts.entries()) {
        if (j === 1 && !passes) continue;
        count.flights += 1;
        count.minutes += Number(delay[i]);
        if (delay[i]! >= 15n) count.late += 1;
        count.airports.set(origin[i]!, (count.airports.get(origin[i]!) ?? 0) + 1);
      }
    }
    start = end;
  }
  const [all, filtered] = counts.map(({ flights, late, minutes, airports }) => ({
    flights: flights.toLocaleString('en'),
    delay: `${(minutes / flights).toFixed(1)} min`,
    late: `${((100 * late) / flights).toFixed(1)} %`,
    busiest: [...airports].sort((a, b) => b[1] - a[1])[0]![0],
  })) as [Facts, Facts];
  return { all, filtered };
}

const slow = { timeout: 120_000 };
/** For layout: engines lay out some time after a window has got its size. */
const waiting = { timeout: 5000, interval: 50 };

let counted: ReturnType<typeof countFile> | undefined; // once for all engines
const filterQuery = '?origin=ORD&from=6&to=11&distance=1500&days=weekend';

const text = (tab: Tab, id: string): Promise<string> => tab.eval(`document.getElementById('${id}').textContent`);
const facts = async (tab: Tab): Promise<Facts> => ({
  flights: await text(tab, 'flights'),
  delay: await text(tab, 'delay'),
  late: await text(tab, 'late'),
  busiest: await text(tab, 'busiest'),
});
const ready = (tab: Tab): Promise<void> =>
  vi.waitFor(async () => expect(await tab.eval(`document.documentElement.dataset.ready`)).toBe('true'), {
    timeout: 90_000,
    interval: 100,
  });

const dist = new URL('../../demo/dist/', import.meta.url).pathname;

/** The built demo, and in each of its pages one script of the test that collects what goes wrong. */
function withCollector(): string {
  const root = tempDir('demo');
  cpSync(dist, root, { recursive: true });
  writeFileSync(
    join(root, 'collect.js'),
    `{
      const problems = (window.problems = []);
      for (const level of ['error', 'warn']) {
        const log = console[level];
        console[level] = (...all) => { problems.push(level + ': ' + all.join(' ')); log.apply(console, all); };
      }
      addEventListener('error', (event) => problems.push('error: ' + (event.message ?? event.target?.src ?? event.target?.href)), true);
      addEventListener('unhandledrejection', (event) => problems.push('rejection: ' + event.reason));
      window.shift = 0; // only Chromium tells
      if (PerformanceObserver.supportedEntryTypes.includes('layout-shift'))
        new PerformanceObserver((list) => { for (const { value } of list.getEntries()) shift += value; }).observe({ type: 'layout-shift', buffered: true });
      document.addEventListener('securitypolicyviolation', (event) => problems.push('policy: ' + event.violatedDirective + ' ' + event.blockedURI));
    }`,
  );
  for (const name of readdirSync(root, { recursive: true }) as string[]) {
    if (name.endsWith('.html.gz')) rmSync(join(root, name)); // as it was
    if (!name.endsWith('.html')) continue;
    const up = '../'.repeat(name.split('/').length - 1);
    const page = readFileSync(join(root, name), 'utf8');
    expect(page, `${name} declares the policy`).toContain(policyOf(name));
    writeFileSync(join(root, name), page.replace('<meta name="viewport"', `<script src="${up}collect.js"></script>$&`));
  }
  return root;
}

inEngines(
  'the demo',
  (engine) => {
    let root: string;
    let server: Awaited<ReturnType<typeof startServer>>;
    let browser: Awaited<ReturnType<typeof launch>>;
    let expected: Awaited<ReturnType<typeof countFile>>;
    let tab: Tab;
    // colours are the same everywhere, layouts are not
    const everyLook =
      engine === 'chromium' ? ['light 1280', 'dark 1280', 'dark 480', 'light 480'] : ['light 1280', 'dark 480'];

    beforeAll(async () => {
      root = withCollector();
      server = await startServer({ root, prefix: '/some/folder' }); // not at the root of its host
      [browser, expected] = await Promise.all([launch(engine), (counted ??= countFile())]);
      tab = await browser.newTab();
      await tab.resize(1280, 900);
    });
    afterAll(async () => {
      await browser?.close();
      await server?.close();
      if (root) removeDir(root);
    });

    const open = async (page: string, on = tab) => {
      await on.front(); // a page in the background is not laid out again
      await on.goto(server.url + page);
      await ready(on);
      expect(await on.eval('window.shift'), `${page} keeps its layout while it loads`).toBeLessThan(0.02);
    };
    const click = (id: string, on = tab) => on.eval(`void document.getElementById('${id}').click()`);
    const problems = (on = tab): Promise<string[]> => on.eval('window.problems');

    /** What axe finds and whether the page is wider than the window, in light and dark, wide and narrow. */
    async function look(combinations = everyLook) {
      await tab.inject(`if (!window.axe) {${axeSource}\n}
        window.wide = () => {
          const { clientWidth, scrollWidth } = document.documentElement;
          const right = (element) => element.getBoundingClientRect().right + scrollX;
          return scrollWidth === clientWidth ? [] : [...document.querySelectorAll('body *')]
            .filter((element) => right(element) > clientWidth)
            .map((element) => element.outerHTML.slice(0, 80) + ' ends at ' + right(element));
        };`);
      for (const combination of combinations) {
        const [theme, width] = combination.split(' ');
        await tab.resize(Number(width), 900);
        await tab.eval(`tabstate.sessionState.theme = '${theme}'`);
        await vi.waitFor(async () => {
          expect(await tab.eval('innerWidth')).toBe(Number(width));
          expect(await tab.eval('wide()'), `wider than the window: ${combination}`).toEqual([]);
        }, waiting);
        const violations = await tab.eval(
          `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
            violations.map(({ id, nodes }) => id + ' ' + nodes.map(({ html }) => html).join(' ')))`,
        );
        expect(violations, combination).toEqual([]);
      }
      await tab.resize(1280, 900);
      expect(await problems()).toEqual([]);
    }

    describe('index.html', () => {
      it('runs the ten lines that it shows', async () => {
        await open('');
        await tab.click('#more');
        expect(await text(tab, 'stage')).toContain('clicked 1 times');
        await tab.click('#rate');
        await vi.waitFor(async () => expect(await text(tab, 'answer')).toBe('0.92'));
        await tab.reload();
        await ready(tab);
        expect(await text(tab, 'stage')).toContain('clicked 1 times');
        expect(await tab.eval(`document.querySelector('main pre').textContent`)).toContain('id="more"');
        await tab.eval('tabstate.sessionState.clear()');
      });

      it('can be read by everyone', () => open('').then(() => look()));
    });

    describe('Learn and API', () => {
      const visit = async (page: string) => {
        await tab.front();
        await tab.goto(server.url + page);
        await vi.waitFor(async () => expect(await tab.eval('window.problems')).toEqual([]));
      };

      it('are searched without a server', async () => {
        await visit('learn/');
        await tab.click('#search-open');
        await tab.type('#search input', 'storage-full');
        await vi.waitFor(async () =>
          expect(await tab.eval(`document.querySelector('#results')?.innerText`)).toContain('Warnings'),
        );
        const href = await tab.eval(
          `[...document.querySelectorAll('#results a')].find((link) => link.href.includes('session-state')).href`,
        );
        expect(href).toBe(`${server.url}learn/session-state.html#warnings`);
      });

      // each page is the same in all engines
      it.runIf(engine === 'chromium')('can be read by everyone', slow, async () => {
        const pages = (readdirSync(join(root, 'learn')) as string[]).filter((name) => name.endsWith('.html'));
        for (const page of pages) await visit(`learn/${page}`).then(() => look(['light 1280', 'dark 480']));
        for (const page of [
          '',
          'variables/sessionState.html',
          'interfaces/CachedData.html',
          'react/functions/useValue.html',
        ])
          await visit(`api/${page}`).then(() => look(['dark 1280', 'light 480']));
      });

      it('leads back from an address without a page', async () => {
        const answer = await fetch(`${server.url}learn/nothing/here.html`);
        expect(answer.status).toBe(404);
        await tab.goto(`${server.url}learn/nothing/here.html`);
        await tab.click('main .button');
        await vi.waitFor(async () => expect(await tab.eval('location.href')).toBe(server.url));
      });
    });

    describe('tour.html', () => {
      it('is a live tour: state survives a reload, goes with a duplicate, and stays out of a new tab', async () => {
        await open('tour.html');
        for (let i = 0; i < 3; i++) await click('more');
        await tab.inject(`{
        const slider = document.getElementById('celsius');
        slider.value = 100;
        slider.dispatchEvent(new Event('input', { bubbles: true }));
      }`);
        expect(await tab.eval(`document.getElementById('fahrenheit').value`)).toBe('212');
        await tab.reload();
        await ready(tab);
        expect(await text(tab, 'count')).toBe('3');
        expect(await tab.eval(`document.getElementById('fahrenheit').value`)).toBe('212');

        const copy = await tab.popup(`${server.url}tour.html`);
        await ready(copy);
        expect(await text(copy, 'count')).toBe('3');
        await click('more', copy);
        expect(await text(copy, 'count')).toBe('4');
        expect(await text(tab, 'count')).toBe('3');
        await copy.close();

        const fresh = await browser.newTab();
        await open('tour.html', fresh);
        expect(await text(fresh, 'count')).toBe('0');
        await fresh.close();
      });

      it('keeps the search in the address, where Back undoes a page', async () => {
        await open('tour.html?q=tea');
        expect(await tab.eval(`document.getElementById('q').value`)).toBe('tea');
        await tab.click('#next');
        await tab.click('#next');
        expect(await text(tab, 'page-number')).toBe('3');
        await vi.waitFor(async () => expect(await tab.eval('location.search')).toBe('?q=tea&page=3'));
        await tab.back();
        await vi.waitFor(async () => expect(await text(tab, 'page-number')).toBe('2'));
        expect(await tab.eval('location.search')).toBe('?q=tea&page=2');
        expect(await problems()).toEqual([]);
      });

      it('shows a header of the server and a cookie, and runs the weather once for all tabs', slow, async () => {
        await open('tour.html');
        expect(await text(tab, 'facts')).toContain('u17');
        await click('bake');
        await vi.waitFor(async () => expect(await text(tab, 'facts')).toContain('likes tea'));
        await click('eat');
        await vi.waitFor(async () => expect(await text(tab, 'facts')).not.toContain('likes tea'));
        const fresh = await browser.newTab();
        await open('tour.html', fresh);
        expect(await text(fresh, 'weather-runs')).toBe('0');
        expect(await problems(fresh)).toEqual([]);
        await fresh.close();
      });

      it('still says what was ordered after a reload', async () => {
        await open('tour.html');
        await tab.click('#order button');
        await vi.waitFor(async () => expect(await text(tab, 'ordered')).toContain('for nobody.'));
        await tab.reload();
        await ready(tab);
        expect(await text(tab, 'ordered')).toContain('for nobody.');
      });

      it('can be read by everyone', () => open('tour.html').then(() => look()));
    });

    describe('flights.html', () => {
      it('shows the numbers of the file, computed once for this tab, its reload and a second tab', slow, async () => {
        await open('flights.html');
        if ((await text(tab, 'runs')) === '0') {
          // tried before
          await click('clear');
          await vi.waitFor(async () => expect(await text(tab, 'status')).toContain('Cleared'));
          await tab.reload();
          await ready(tab);
        }
        expect(await facts(tab)).toEqual(expected.all);
        expect([await text(tab, 'runs'), await text(tab, 'summaries')]).toEqual(['1', '1']);

        await tab.reload();
        await ready(tab);
        expect(await facts(tab)).toEqual(expected.all);
        expect([await text(tab, 'runs'), await text(tab, 'summaries')]).toEqual(['0', '0']);
        const times = await Promise.all(['first', 'later', 'reload'].map((name) => text(tab, `time-${name}`)));
        console.log(`[demo] ${engine}: first run ${times[0]}, later run ${times[1]}, after reload ${times[2]}`);
        for (const time of times) expect(time).toMatch(/^[\d.]+ m?s$/);

        const second = await browser.newTab();
        await open('flights.html', second);
        expect(await facts(second)).toEqual(expected.all);
        expect([await text(second, 'runs'), await text(second, 'summaries')]).toEqual(['0', '0']);
        expect(await problems(second)).toEqual([]);
        await second.close();
      });

      it('shares its filters by the address', slow, async () => {
        await open(`flights.html${filterQuery}`);
        expect(await facts(tab)).toEqual(expected.filtered);
        const second = await browser.newTab();
        await open(`flights.html${filterQuery}`, second);
        expect(await facts(second)).toEqual(expected.filtered);
        expect([await text(second, 'runs'), await text(second, 'summaries')]).toEqual(['0', '0']);
        await second.close();
        await click('reset');
        await vi.waitFor(async () => expect(await facts(tab)).toEqual(expected.all));
        expect(await tab.eval('location.search')).toBe('');
      });

      it('goes back one step from an airport', async () => {
        await open('flights.html');
        await tab.click('#top button');
        await vi.waitFor(async () => expect(await tab.eval('location.search')).toBe('?origin=ORD'));
        expect(await tab.eval(`document.getElementById('origin').value`)).toBe('ORD');
        // the other airports stay, to be picked next
        await vi.waitFor(async () =>
          expect(await tab.eval(`document.querySelectorAll('#top [aria-pressed=true]').length`)).toBe(1),
        );
        expect(await tab.eval(`document.querySelectorAll('#top tr').length`)).toBe(10);
        await tab.back();
        await vi.waitFor(async () => expect(await facts(tab)).toEqual(expected.all));
        expect(await tab.eval(`document.getElementById('origin').value`)).toBe('');
        expect(await problems()).toEqual([]);
      });

      it('computes again after Clear, and tells the other tab', slow, async () => {
        const second = await browser.newTab();
        await open('flights.html', second);
        await open('flights.html');
        await click('clear');
        await vi.waitFor(async () => expect(await text(second, 'status')).toContain('Another tab cleared'));
        await click('again');
        await vi.waitFor(async () => expect(await text(tab, 'runs')).toBe('1'), { timeout: 90_000 });
        await second.close();
      });

      it('can be read by everyone', slow, () => open('flights.html').then(() => look()));
    });

    describe('connection.html', () => {
      it('opens one database, keeps answers, and tells a shared list from a copied one', async () => {
        await open('connection.html');
        expect([await text(tab, 'opened'), await text(tab, 'asked')]).toEqual(['1', '1']);
        expect(await text(tab, 'rows')).toBe('1,461');
        expect(await text(tab, 'answer')).toContain(`rain${weather.filter((row) => /^2012.*,rain$/.test(row)).length}`);
        const calls = await tab.eval(
          `[...document.querySelectorAll('#calls tr')].map((row) => row.innerText.split(/\\s+/).join(' '))`,
        );
        expect(calls).toEqual(['A 2 2', 'B 3 2', 'A 4 2']);
        await tab.click('#insert');
        await vi.waitFor(async () => expect(await text(tab, 'database-status')).toContain('Inserted'));
        await tab.click('#count');
        await vi.waitFor(async () => expect(await text(tab, 'rows')).toBe('1,462'));
        expect(await text(tab, 'opened')).toBe('1');
      });

      it('can be read by everyone', () => open('connection.html').then(() => look(['light 1280', 'dark 480'])));
    });

    describe('playground.html', () => {
      it('goes on when storage is full, corrupt or blocked, and lets a value expire', async () => {
        await open('playground.html');
        await click('fill');
        await vi.waitFor(async () => expect(await text(tab, 'full')).toContain('100,000 characters, in memory'));
        expect(await text(tab, 'warnings')).toContain('storage-full');
        await click('free');
        await vi.waitFor(async () => expect(await text(tab, 'full')).toContain('has been written'));
        await click('corrupt');
        await vi.waitFor(async () => expect(await text(tab, 'corrupted')).toContain('reads undefined'));
        expect(await text(tab, 'warnings')).toContain('storage-corrupt');
        await click('block');
        await vi.waitFor(async () => expect(await text(tab, 'blocked')).toContain('counts to 0'));
        for (const [later, runs] of [
          ['', '1'],
          ['minutes', '1'],
          ['hours', '2'],
        ]) {
          if (later) await click(later);
          await click('clock-call');
          await vi.waitFor(async () => expect(await text(tab, 'clock-status')).not.toBe(''));
          expect(await text(tab, 'clock-runs')).toBe(runs);
          await tab.eval(`document.getElementById('clock-status').textContent = ''`);
        }
      });

      it('can be read by everyone', () => open('playground.html').then(() => look(['light 1280', 'dark 480'])));
    });

    describe('the single-page apps', () => {
      it('share the tasks of the tab, the filter of the address and a cached function', slow, async () => {
        await open('');
        await tab.eval(`void tabstate.sessionState.delete('tasks')`);
        const rainy = String(weather.filter((row) => row.endsWith(',rain')).length);
        const visit = async (page: string) => {
          await tab.goto(server.url + page);
          await vi.waitFor(async () => expect(await text(tab, 'rain')).toBe(rainy), { timeout: 10_000 });
          return async () => (await tab.eval(`document.querySelector('.tasks').innerText`)).trim().split(/\s*\n\s*/);
        };
        const first = 'Open this list in another framework';
        const added: string[] = [];
        for (const [page, name] of [
          ['spa/', 'React'],
          ['spa/vue/', 'Vue'],
          ['spa/svelte/', 'Svelte'],
        ] as const) {
          const tasks = await visit(page);
          expect(await tasks()).toEqual([first, ...added]);
          await tab.inject(`{
          const field = document.getElementById('text');
          field.value = 'from ${name}';
          field.dispatchEvent(new Event('input', { bubbles: true }));
        }`);
          await tab.click('form button');
          added.push(`from ${name}`);
          await vi.waitFor(async () => expect(await tasks()).toEqual([first, ...added]));
          await look(['light 1280', 'dark 480']);
        }
        const tasks = await visit('spa/?only=open');
        expect(await text(tab, 'open')).toBe('4');
        await tab.click('.tasks input');
        await vi.waitFor(async () => expect(await tasks()).toEqual(added));
        await tab.click('header label input');
        await vi.waitFor(async () => expect(await tasks()).toEqual([first, ...added]));
        expect(await tab.eval('location.search')).toBe('');
      });
    });
  },
  true,
);
