// The built demo in a browser: what the tests of its pages have in common.
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, vi } from 'vitest';
import { policyOf } from '../../demo/csp.mjs';
import { startServer } from '../../demo/server.mjs';
import { tempDir } from './browsers.mjs';
import { launch } from './tabs.mjs';

export type Tab = Awaited<ReturnType<Awaited<ReturnType<typeof launch>>['newTab']>>;

const axeSource = readFileSync(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
/** Rows of the file, with its header. */
export const weather: string[] = readFileSync(
  new URL('../../node_modules/vega-datasets/data/seattle-weather.csv', import.meta.url),
  'utf8',
)
  .trim()
  .split('\n');

export const slow = { timeout: 120_000 };
/** For layout: engines lay out some time after a window has got its size. */
const waiting = { timeout: 5000, interval: 50 };

export const text = (tab: Tab, id: string): Promise<string> => tab.eval(`document.getElementById('${id}').textContent`);
export const ready = (tab: Tab): Promise<void> =>
  vi.waitFor(async () => expect(await tab.eval(`document.documentElement.dataset.ready`)).toBe('true'), {
    timeout: 90_000,
    interval: 50,
  });

export const dist: string = new URL('../../demo/dist/', import.meta.url).pathname;

/** The built demo, and in each of its pages one script of the test that collects what goes wrong. */
function withCollector(): string {
  const root = tempDir('kept-demo');
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

/** One for all engines and files of a worker; it goes with the folder of the run. */
let root: string | undefined;

/** Serves the demo below a folder of its host and opens it; for the tests of one engine. */
export function demoSite(engine: string) {
  let server: Awaited<ReturnType<typeof startServer>>;
  let browser: Awaited<ReturnType<typeof launch>>;
  let tab: Tab;
  // windows of WebKitGTK are not narrower
  const narrow = engine === 'webkit' ? 480 : 390;
  // each theme and each width once
  const everyLook = ['light 1280', `dark ${narrow}`];

  beforeAll(async () => {
    root ??= withCollector();
    server = await startServer({ root, prefix: '/some/folder' }); // not at the root of its host
    browser = await launch(engine);
    tab = await browser.newTab();
    await tab.resize(1280, 900);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  const problems = (on = tab): Promise<string[]> => on.eval('window.problems');
  const site = {
    get url() {
      return server.url;
    },
    get tab() {
      return tab;
    },
    narrow,
    newTab: () => browser.newTab(),
    problems,
    click: (id: string, on = tab): Promise<void> => on.eval(`void document.getElementById('${id}').click()`),
    async open(page: string, on = tab) {
      await on.front(); // a page in the background is not laid out again
      await on.goto(server.url + page);
      await ready(on);
      expect(await on.eval('window.shift'), `${page} keeps its layout while it loads`).toBeLessThan(0.02);
    },
    /** A page without a script of its own. */
    async visit(page: string) {
      await tab.front();
      await tab.goto(server.url + page);
      await vi.waitFor(async () => expect(await problems()).toEqual([]));
      expect(await tab.eval('window.shift'), `${page} keeps its layout while it loads`).toBeLessThan(0.02);
    },
    /**
     * Whether the page is wider than the window, in light and dark, wide and narrow; and what axe finds, in one engine,
     * because names, roles and colours are the same in all.
     *
     * @param options - `withColours`: looks at contrasts, too, which takes longest
     */
    async look(combinations = everyLook, { withColours = true } = {}) {
      const isReader = engine === 'chromium';
      await tab.inject(`if (${isReader} && !window.axe) {${isReader ? axeSource : ''}\n}
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
        if (!isReader) continue;
        const rules = `{ 'color-contrast': { enabled: ${withColours} } }`;
        const violations = await tab.eval(
          `axe.run(document, { resultTypes: ['violations'], rules: ${rules} }).then(({ violations }) =>
            violations.map(({ id, nodes }) => id + ' ' + nodes.map(({ html }) => html).join(' ')))`,
        );
        expect(violations, combination).toEqual([]);
      }
      await tab.resize(1280, 900);
      expect(await problems()).toEqual([]);
    },
  };
  return site;
}
