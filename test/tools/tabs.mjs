// Several tabs of one browser with the same verbs in every engine: puppeteer-core (Chromium by CDP, Firefox by
// WebDriver BiDi) and plain W3C WebDriver over fetch (WebKitGTK).

import fs from 'node:fs';
import puppeteer from 'puppeteer-core';
import { chromiumAsRoot, freePort, installed, removeDir, spawnTied, tempDir, webkitEnv } from './browsers.mjs';

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Browsers that no test uses now. A start takes one to three seconds of a processor, and the files of a worker share it. */
const idle = { chromium: [], firefox: [], webkit: [] };

/**
 * A browser; in a test one that another test has closed, unless something is asked of it. `flags` and `env` go to the
 * browser, `prefs` to Firefox, `profile` to Chromium and Firefox.
 *
 * @param {string} engine
 * @param {{ profile?: string, flags?: string[], prefs?: Record<string, unknown>, env?: Record<string, string> }} [options]
 */
export async function launch(engine, options) {
  if (options || !process.env.VITEST) return start(engine, tempDir(engine), options ?? {});
  // it ends with its worker, and what it wrote goes with the folder of the run
  const browser = idle[engine].pop() ?? (await start(engine, tempDir(`kept-${engine}`), {}));
  return {
    ...browser,
    async close() {
      await browser.empty();
      idle[engine].push(browser);
    },
  };
}

async function start(engine, folder, options) {
  try {
    const browser = await (engine === 'webkit'
      ? launchWebKit(folder, options)
      : launchPuppeteer(engine, folder, options));
    return {
      ...browser,
      async close() {
        await browser.close();
        // what a browser writes, its sockets included
        removeDir(folder);
      },
    };
  } catch (error) {
    removeDir(folder);
    throw error;
  }
}

async function launchPuppeteer(engine, folder, { profile = folder, flags = [], prefs = {}, env = {} }) {
  const chromium = engine === 'chromium';
  const browser = await puppeteer.launch({
    browser: chromium ? 'chrome' : 'firefox',
    executablePath: installed()[engine],
    headless: true,
    acceptInsecureCerts: true,
    env: { ...process.env, TMPDIR: folder, ...env },
    userDataDir: profile,
    args: chromium ? [...chromiumAsRoot, ...flags] : flags,
    // automation lifts the limits on history writes that users have: the first flag and the first two prefs keep
    // them; without the second flag --load-extension has an effect
    ignoreDefaultArgs: chromium ? ['--disable-ipc-flooding-protection', '--disable-extensions'] : [],
    extraPrefsFirefox: {
      'dom.navigation.navigationRateLimit.count': 200,
      'dom.navigation.navigationRateLimit.timespan': 10,
      'dom.disable_open_during_load': false,
      // one more process for a tab that nobody opens
      'dom.ipc.processPrelaunch.enabled': false,
      ...prefs,
    },
  });
  const tab = (page) => ({
    engine,
    page, // puppeteer's own object, for what only one engine can do
    goto: (url) => page.goto(url),
    eval: (expression) => page.evaluate(expression), // its value; a promise is awaited
    inject: (source) => page.evaluate(`${source}\n;0`), // statements, for their effect
    reload: () => page.reload(),
    // page.goBack() waits for a load that a page out of the back/forward cache never has
    back: () => page.evaluate('void setTimeout(() => history.back(), 0)'),
    // trusted input; a file input is given the path of a file
    click: (selector) => page.click(selector),
    type: (selector, text) => page.type(selector, text),
    pick: async (selector, ...files) => (await page.$(selector)).uploadFile(...files),
    front: () => page.bringToFront(),
    // another tab comes to the front; the result shows this one again
    async hide() {
      const other = await browser.newPage();
      await other.bringToFront();
      return async () => {
        await other.close();
        await page.bringToFront();
      };
    },
    close: () => page.close(),
    resize: (width, height) => page.setViewport({ width, height }),
    screenshot: (file) => page.screenshot({ path: file }),
    async popup(url, features = '') {
      const opened = new Promise((resolve) => browser.once('targetcreated', resolve));
      await page.evaluate(`void window.open(${JSON.stringify(url)}, '_blank', ${JSON.stringify(features)})`);
      const popup = tab(await (await opened).page());
      // puppeteer's own wait may go with the blank page that it began in
      await until(() => popup.eval(`location.href === ${JSON.stringify(url)} && document.readyState === 'complete'`));
      return popup;
    },
  });
  const [first] = await browser.pages();
  return {
    engine,
    browser,
    newTab: async () => tab(await browser.newPage()),
    /** Closes all tabs, and deletes the cookies, which know no port. */
    async empty() {
      const pages = await browser.pages();
      await Promise.all(pages.filter((page) => page !== first).map((page) => page.close()));
      await browser.deleteCookie(...(await browser.cookies()));
    },
    close: () => browser.close(),
  };
}

async function launchWebKit(folder, { flags = [], env = {} }) {
  const port = await freePort();
  const driver = spawnTied('WebKitWebDriver', [`--port=${port}`, '--host=127.0.0.1'], {
    env: { ...process.env, TMPDIR: folder, ...(await webkitEnv(folder)), ...env },
  });
  const gone = new Promise((resolve) => driver.once('exit', resolve));
  const call = async (method, path, body = {}) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      body: method === 'POST' ? JSON.stringify(body) : undefined,
    });
    const { value } = await response.json();
    if (!response.ok) throw new Error(`${value?.error}: ${value?.message}`);
    return value;
  };
  await until(() => call('GET', '/status'));
  const args = ['--automation', '--javascript-can-open-windows-automatically=true', ...flags];
  const { sessionId } = await call('POST', '/session', {
    capabilities: { alwaysMatch: { 'webkitgtk:browserOptions': { binary: installed().webkit, args } } },
  });
  const send = (method, path, body) => call(method, `/session/${sessionId}${path}`, body);

  // a WebDriver session has one current window: calls queue up and switch to theirs
  let current;
  let queue = Promise.resolve();
  const inWindow = (handle, work) => {
    const result = queue.then(async () => {
      if (current !== handle) await send('POST', '/window', { handle });
      current = handle;
      return work();
    });
    queue = result.catch(() => {});
    return result;
  };
  const find = async (selector) =>
    Object.values(await send('POST', '/element', { using: 'css selector', value: selector }))[0];
  // the code is the script itself: a page's Content-Security-Policy may forbid eval()
  const asking = (expression) => `const done = arguments[0];
    (async () => (${expression}\n))().then((value) => done({ value }), (error) => done({ error: String(error) }))`;
  const tab = (handle) => {
    // this driver may answer while the page is still `interactive`, before its modules have run
    const loaded = () => until(() => self.eval(`document.readyState === 'complete'`));
    const self = {
      engine: 'webkit',
      handle,
      goto: (url) => inWindow(handle, () => send('POST', '/url', { url })).then(loaded),
      eval: (expression) =>
        inWindow(handle, async () => {
          const { value, error } = await send('POST', '/execute/async', { script: asking(expression), args: [] });
          if (error) throw new Error(error);
          return value;
        }),
      inject: (source) => inWindow(handle, () => send('POST', '/execute/sync', { script: source, args: [] })),
      reload: () => inWindow(handle, () => send('POST', '/refresh')).then(loaded),
      back: () => inWindow(handle, () => send('POST', '/back')),
      click: (selector) => inWindow(handle, async () => send('POST', `/element/${await find(selector)}/click`)),
      type: (selector, text) =>
        inWindow(handle, async () => send('POST', `/element/${await find(selector)}/value`, { text })),
      pick: (selector, ...files) => self.type(selector, files.join('\n')),
      front: () => inWindow(handle, () => {}),
      // windows that lie below others stay visible: only one that is minimized is hidden
      async hide() {
        await inWindow(handle, () => send('POST', '/window/minimize'));
        return () => inWindow(handle, () => send('POST', '/window/maximize'));
      },
      close: () =>
        inWindow(handle, async () => {
          await send('DELETE', '/window');
          current = undefined;
        }),
      resize: (width, height) => inWindow(handle, () => send('POST', '/window/rect', { width, height })),
      screenshot: (file) =>
        inWindow(handle, async () => fs.writeFileSync(file, await send('GET', '/screenshot'), 'base64')),
      async popup(url, features = '') {
        const before = await send('GET', '/window/handles');
        await self.eval(`void window.open(${JSON.stringify(url)}, '_blank', ${JSON.stringify(features)})`);
        const opened = await until(async () =>
          (await send('GET', '/window/handles')).find((other) => !before.includes(other)),
        );
        const popup = tab(opened);
        await until(() => popup.eval(`location.href === ${JSON.stringify(url)} && document.readyState === 'complete'`));
        return popup;
      },
    };
    return self;
  };
  // this window stays open: closing the last one ends the session, and a new one needs a current one
  const first = (current = await send('GET', '/window'));
  return {
    engine: 'webkit',
    // 'window', because window.open() returns null in a 'tab' that WebDriver made
    newTab: () => inWindow(first, async () => tab((await send('POST', '/window/new', { type: 'window' })).handle)),
    async empty() {
      for (const handle of await send('GET', '/window/handles'))
        if (handle !== first)
          await inWindow(handle, async () => {
            await send('DELETE', '/cookie');
            await send('DELETE', '/window');
            current = undefined;
          });
    },
    async close() {
      await send('DELETE', '').catch(() => {});
      driver.stdin.end(); // ends the driver's process group
      await gone;
    },
  };
}

/** The first truthy answer of `ask`; a rejection counts as no answer. */
async function until(ask, triesLeft = 400) {
  const answer = await ask().catch((error) => {
    if (triesLeft === 0) throw error;
  });
  if (answer) return answer;
  if (triesLeft === 0) throw new Error('gave up waiting');
  await sleep(25);
  return until(ask, triesLeft - 1);
}
