// context and cookies over http and https, in frames, workers and after Back.
import fs from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import resolve from '@rollup/plugin-node-resolve';
import { rollup } from 'rollup';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import * as onServer from '../../src/index.js';
import { removeDir, tempDir } from '../tools/browsers.mjs';
import { certificate } from '../tools/certificate.mjs';
import { inEngines } from '../tools/in-engines.js';
import { server } from '../tools/server.mjs';
import { launch } from '../tools/tabs.mjs';

const dist = path.resolve(import.meta.dirname, '../../dist');
const script = '<script src="/tabstate.min.js"></script><script>var C = tabstate.context;</script>';

describe('context without a document', () => {
  it('[CTX-7] has initial values and does nothing', () => {
    const { context, createContext, setCookie, removeCookie } = onServer;
    expect(typeof document).toBe('undefined');
    expect(context.toDict()).toEqual({
      cookies: {},
      headers: {},
      ipAddress: null,
      isEmbedded: false,
      locale: null,
      locales: [],
      theme: { type: null },
      timezone: null,
      timezoneOffset: null,
      url: null,
    });
    for (const name of Object.keys(context) as 'url'[]) {
      const listener = vi.fn();
      context.subscribe(name, listener)();
      context.ref(name).listen(listener)();
      expect(listener).not.toHaveBeenCalled();
      expect(context.ref(name).get()).toEqual(context.ref(name).init);
    }
    setCookie('a', '1');
    removeCookie('a');
    expect(() => setCookie('', '1')).toThrow(TypeError);
    expect(context.cookies['a']).toBe(undefined);
    expect(createContext({ ipAddress: () => '203.0.113.7' }).ipAddress).toBe('203.0.113.7');
  });

  it('runs the work of a spinner', async () => {
    expect(await onServer.spinner('x', () => 5, { delay: 0 })).toBe(5);
    await expect(onServer.spinner('x', Promise.reject(new Error('failed')))).rejects.toThrow('failed');
  });
});

const html = (body: string) => (_request: unknown, response: ServerResponse) => {
  response.setHeader('content-type', 'text/html; charset=utf-8');
  response.end(`<!doctype html><html lang="en"><title>test</title>${body}`);
};

/** What a frame finds, sent to its parent. */
const framed = `${script}<script>
  const warnings = [];
  console.warn = (text) => warnings.push(String(text));
  const answer = {};
  try {
    tabstate.context.subscribe('cookies', () => {});
    tabstate.setCookie('inframe', 'secret');
    tabstate.setCookie('inframe', 'secret');
    answer.context = C.toDict();
  } catch (error) { answer.error = String(error); }
  parent.postMessage({ ...answer, warnings, name: window.name }, '*');
</script>`;

const worker = `
  importScripts('/tabstate.min.js');
  const warnings = [];
  console.warn = (text) => warnings.push(String(text));
  const answer = (port) => {
    const { context, setCookie, removeCookie } = tabstate;
    const ends = Object.keys(context).map((name) => context.subscribe(name, () => {}));
    setCookie('inworker', 'secret');
    setCookie('inworker', 'secret');
    removeCookie('inworker');
    for (const end of ends) end();
    port.postMessage({ ...context.toDict(), warnings, ended: true });
  };
  // a web worker is its own port, a shared one gets a port, a service worker is sent one
  addEventListener('message', ({ ports }) => answer(ports[0] ?? self));
  addEventListener('connect', ({ ports: [port] }) => { port.onmessage = () => answer(port); });
`;

const pages = (log: string[]) => {
  const noted = (answer: (request: IncomingMessage, response: ServerResponse) => void) => {
    return (request: IncomingMessage, response: ServerResponse) => {
      log.push(request.url as string);
      answer(request, response);
    };
  };
  return {
    '/': noted(html(script)),
    '/other': html('<h1>other</h1><script>document.cookie = "afar=1; path=/";</script>'),
    '/sub/': (request: IncomingMessage, response: ServerResponse) => {
      const { encrypted } = request.socket as { encrypted?: boolean };
      response.setHeader('set-cookie', [
        'dup=root; Path=/',
        'dup=sub; Path=/sub',
        'hidden=1; Path=/; HttpOnly',
        'bad=%FF; Path=/',
        'cut=%E0%A4%A; Path=/',
        'constructor=c; Path=/',
        '__proto__=p; Path=/',
        '=nameless; Path=/',
        ...(encrypted ? ['__Host-h=1; Path=/; Secure'] : []),
      ]);
      html(script)(request, response);
    },
    '/set': (request: IncomingMessage, response: ServerResponse) => {
      response.setHeader('set-cookie', decodeURIComponent(request.url?.split('?')[1] ?? ''));
      response.end();
    },
    '/echo': (request: IncomingMessage, response: ServerResponse) => response.end(request.headers.cookie ?? ''),
    '/timing': (request: IncomingMessage, response: ServerResponse) => {
      response.setHeader('server-timing', 'x-user;desc="u18", tenant;desc="a,b", db;dur=5');
      html(`<meta name="x-user" content="u17">${script}`)(request, response);
    },
    '/worker.js': (_request: IncomingMessage, response: ServerResponse) => {
      response.setHeader('content-type', 'text/javascript');
      response.end(worker);
    },
    '/umlaut': (_request: IncomingMessage, response: ServerResponse) => {
      // as a server writes it: each byte of UTF-8 as it is
      response.setHeader('server-timing', Buffer.from('x-user;desc="Jürgen", x-city;desc="北京"').toString('latin1'));
      response.setHeader('content-type', 'text/html');
      response.end(Buffer.from(`<!doctype html><title>test</title>${script}`));
    },
    '/framed': html(framed),
    '/frames': html('<script>window.answers = {}; onmessage = ({ data }) => { answers[data.name] = data; };</script>'),
    '/bfcache': html(`<style>p { margin: 0 }</style>${script}<script>
      var told = { theme: [], cookies: [] };
      var marker = Math.random();
      C.subscribe('theme', (now, before) => told.theme.push([before.type, now.type]));
      C.subscribe('cookies', (now, before) => told.cookies.push([before.afar, now.afar]));
      addEventListener('pageshow', ({ persisted }) => { window.persisted = persisted; });
      // no event tells of this one
      const [sheet] = document.styleSheets;
      addEventListener('pagehide', () => sheet.insertRule(':root { color-scheme: light }'), { once: true });
    </script>`),
    '/csp': (request: IncomingMessage, response: ServerResponse) => {
      const policy = "default-src 'none'; script-src 'self'; style-src 'self'";
      response.setHeader('content-security-policy', policy);
      html(
        `<main><h1>Page</h1><p>text</p></main><script src="/watch.js"></script><script src="/tabstate.min.js"></script>`,
      )(request, response);
    },
    '/watch.js': (_request: IncomingMessage, response: ServerResponse) => {
      response.setHeader('content-type', 'text/javascript');
      response.end(`window.violations = [];
        addEventListener('securitypolicyviolation', (event) => violations.push(event.violatedDirective));`);
    },
  };
};

inEngines('context', (engine) => {
  const log: string[] = [];
  const other = engine === 'webkit' ? '127.0.0.1' : 'insecure.test';
  const named = (url: string, host = other): string => url.replace('127.0.0.1', host);
  let browser: Awaited<ReturnType<typeof launch>>;
  let plain: Awaited<ReturnType<typeof server>>;
  let secure: Awaited<ReturnType<typeof server>>;
  let tab: Awaited<ReturnType<(typeof browser)['newTab']>>;
  const until = (expression: string, value: unknown): Promise<void> =>
    vi.waitFor(async () => expect(await tab.eval(expression)).toEqual(value), { timeout: 10_000, interval: 50 });

  beforeAll(async () => {
    let bundle = '';
    const build = await rollup({ input: path.join(dist, 'index.js'), plugins: [resolve({ browser: true })] });
    bundle = (await build.generate({ format: 'es', inlineDynamicImports: true })).output[0].code;
    await build.close();
    const bundled = {
      '/bundle.js': (_request: unknown, response: ServerResponse) => {
        response.setHeader('content-type', 'text/javascript');
        response.end(bundle);
      },
    };
    plain = await server({ ...pages(log), ...bundled }, { root: dist });
    secure = await server(pages([]), { root: dist, tls: certificate() });
    browser = await launch(engine, {
      flags: {
        chromium: [
          '--host-resolver-rules=MAP insecure.test 127.0.0.1',
          '--accept-lang=fr-FR,fr',
          '--blink-settings=preferredColorScheme=0',
        ],
        webkit: ['--dark-mode', '--ignore-tls-errors'],
      }[engine],
      prefs: {
        'network.dns.localDomains': 'insecure.test',
        'intl.accept_languages': 'fr-FR,fr',
        'ui.systemUsesDarkTheme': 1,
      },
      env: { TZ: 'Europe/Berlin' },
    });
    tab = await browser.newTab();
  });
  afterAll(async () => {
    await browser?.close();
    plain?.close();
    secure?.close();
  });

  it('[CTX-10] [CTX-13] [CTX-24] [CTX-26] tells language, zone and theme on the first read, without a request', async () => {
    await tab.goto(`${plain.url}/?a=1#b`);
    const facts = await tab.eval(`(() => {
      const facts = C.toDict();
      return { ...facts, isSame: C.locales === C.locales, isFrozen: Object.isFrozen(C.locales), now: new Date().getTimezoneOffset(),
        isAccepted: !!new Intl.Locale(facts.locale) };
    })()`);
    expect(facts).toMatchObject({
      timezone: 'Europe/Berlin',
      theme: { type: 'dark' },
      url: plain.url,
      isEmbedded: false,
      ipAddress: null,
      isSame: true,
      isFrozen: true,
      isAccepted: true,
    });
    expect(facts.timezoneOffset).toBe(facts.now);
    expect([-60, -120]).toContain(facts.timezoneOffset);
    if (engine !== 'webkit') expect(facts).toMatchObject({ locale: 'fr-FR', locales: ['fr-FR', 'fr'] });
    expect(log).toEqual(['/?a=1']);
  });

  it('[CTX-9] is one object for the script tag and a bundle', async () => {
    expect(
      await tab.eval(`import('/bundle.js').then((bundle) => {
        const told = [];
        C.subscribe('cookies', (now) => told.push(now.copies));
        bundle.setCookie('copies', '2');
        return [bundle.context === tabstate.context, bundle.setCookie !== tabstate.setCookie, told];
      })`),
    ).toEqual([true, true, ['2']]);
  });

  it('[CTX-55] reads Server-Timing and metas', async () => {
    await tab.goto(`${plain.url}/timing`);
    expect(
      await tab.eval("[C.headers['x-user'], C.headers.getAll('X-USER'), C.headers.tenant, 'Db' in C.headers]"),
    ).toEqual(['u17', ['u17', 'u18'], 'a,b', false]);
  });

  it('[CTX-36] [CTX-41] [CTX-42] [CTX-43] reads what a server set', async () => {
    await tab.goto(`${plain.url}/sub/`);
    const cookies = await tab.eval(`(() => {
      const { cookies } = C;
      return { dup: cookies.dup, dups: cookies.getAll('dup'), hidden: cookies.hidden, names: Object.keys(cookies),
        odd: [cookies.bad, cookies.cut, cookies.constructor, cookies.__proto__], plain: ({}).constructor === Object };
    })()`);
    expect(cookies).toMatchObject({
      dup: 'sub',
      dups: ['sub', 'root'],
      odd: ['%FF', '%E0%A4%A', 'c', 'p'],
      plain: true,
    });
    expect(cookies.hidden ?? null).toBe(null);
    expect(cookies.names).toEqual(expect.arrayContaining(['bad', 'cut', 'constructor', '__proto__']));
    expect(cookies.names).not.toContain('');
    expect(cookies.names).not.toContain('nameless');
    expect(cookies.names).not.toContain('hidden');
  });

  it('[CTX-45] [CTX-46] tells of Set-Cookie of a fetch, not of HttpOnly', async () => {
    await tab.goto(`${plain.url}/`);
    await tab.inject(
      "window.told = []; C.subscribe('cookies', (now, before) => told.push([before.f ?? null, now.f ?? null]));",
    );
    const fetching = (cookie: string): Promise<unknown> =>
      tab.eval(`fetch('/set?${encodeURIComponent(cookie)}').then(() => 1)`);
    await fetching('f=1; Path=/');
    await until('told', [[null, '1']]);
    await fetching('secret=1; Path=/; HttpOnly');
    await fetching('f=1; Path=/');
    await fetching('f=2; Path=/');
    await until('told.slice(1)', [['1', '2']]);
    await fetching('f=; Path=/; Max-Age=0');
    await until('told.slice(2)', [['2', null]]);
  });

  it('[CTX-47] tells of setCookie, and of foreign writes when the page is seen, on a plain http origin', async () => {
    await tab.goto(`${named(plain.url)}/`);
    await tab.inject("window.told = []; C.subscribe('cookies', (now) => told.push(now.k ?? null));");
    if (engine === 'chromium') expect(await tab.eval('typeof cookieStore')).toBe('undefined');
    await tab.inject("tabstate.setCookie('k', '1');");
    await until('told', ['1']);
    await tab.inject("document.cookie = 'k=2; path=/'; dispatchEvent(new Event('focus'));");
    await until('told.at(-1)', '2');
    if (engine !== 'webkit') expect(await tab.eval('told')).toEqual(['1', '2']);
  });

  it('[CTX-49] sets a cookie with safe defaults on https, and without Secure on http', async () => {
    const set = "tabstate.setCookie('a', 'ü; x', { expires: 1 });";
    await tab.goto(`${named(secure.url)}/`);
    await tab.inject(set);
    await until("fetch('/echo').then((r) => r.text()).then((t) => t.split('; ').filter((c) => c.startsWith('a=')))", [
      'a=%C3%BC%3B%20x',
    ]);
    expect(await tab.eval('C.cookies.a')).toBe('ü; x');
    if (engine === 'chromium')
      expect(
        await tab.eval("cookieStore.get('a').then(({ path, sameSite, secure }) => ({ path, sameSite, secure }))"),
      ).toEqual({
        path: '/',
        sameSite: 'lax',
        secure: true,
      });
    // a page without https does not see it
    await tab.goto(`${named(plain.url)}/`);
    expect(await tab.eval('C.cookies.a ?? null')).toBe(null);
    await tab.inject(set.replace("'a'", "'b'"));
    await until('C.cookies.b', 'ü; x');
    // cookies of an origin do not know its port
    await tab.goto(`${named(secure.url)}/`);
    expect(await tab.eval('[C.cookies.a, C.cookies.b]')).toEqual(['ü; x', 'ü; x']);
  });

  it('sets and removes __Host- cookies on https, and warns on http', async () => {
    await tab.goto(`${named(secure.url)}/sub/`);
    expect(await tab.eval("C.cookies['__Host-h']")).toBe('1');
    await tab.inject("tabstate.removeCookie('__Host-h'); tabstate.setCookie('__Host-own', '2');");
    await until("[C.cookies['__Host-h'] ?? null, C.cookies['__Host-own']]", [null, '2']);
    if (engine === 'webkit') return; // it knows 127.0.0.1 only, a secure context
    await tab.goto(`${named(plain.url)}/`);
    await tab.inject(`window.warnings = []; console.warn = (text) => warnings.push(String(text));
      tabstate.setCookie('__Host-own', 'value'); tabstate.setCookie('s', 'value', { secure: true }); tabstate.setCookie('s', 'value', { secure: true });`);
    const warnings = await tab.eval('warnings');
    expect(warnings).toHaveLength(2);
    for (const warning of warnings) expect(warning).toMatch(/cookie-refused/);
    expect(warnings.join()).not.toContain('value');
  });

  it('[CTX-61] replaces and removes what a server spelt in its own way', async () => {
    await tab.goto(`${plain.url}/`);
    const raws = ['user[name]', 'app:session', 'a@b', '%41', '%A1', 'a(b)', 'sp%20ace'];
    await tab.eval(
      `Promise.all(${JSON.stringify(raws)}.map((raw) => fetch('/set?' + encodeURIComponent(raw + '=1; Path=/'))))`,
    );
    await until("C.cookies['user[name]']", '1');
    await tab.inject("for (const name of Object.keys(C.cookies)) tabstate.setCookie(name, '2');");
    await until("Object.keys(C.cookies).every((name) => C.cookies.getAll(name).join() === '2')", true);
    const names = await tab.eval('Object.keys(C.cookies)');
    expect(names).toEqual(expect.arrayContaining(['user[name]', 'app:session', 'a@b', 'A', '%A1', 'a(b)', 'sp ace']));
    await until("fetch('/echo').then((r) => r.text()).then((t) => /\\[|:|@|%41/.test(t))", false);
    await tab.inject('for (const name of Object.keys(C.cookies)) tabstate.removeCookie(name);');
    await until('Object.keys(C.cookies)', []);
  });

  it('[CTX-62] removes partitioned cookies, and warns of one that the browser keeps from scripts', async () => {
    await tab.goto(`${named(secure.url)}/`);
    await tab.inject(`window.warnings = []; console.warn = (text) => warnings.push(String(text));
      tabstate.setCookie('p', '1', { partitioned: true }); tabstate.setCookie('lives', '1', { maxAge: 60 });
      tabstate.setCookie('own', '1', { domain: location.hostname });`);
    await until('[C.cookies.p, C.cookies.lives, C.cookies.own]', ['1', '1', '1']);
    if (engine === 'chromium') {
      const lives = await tab.eval("cookieStore.get('lives').then(({ expires }) => expires - Date.now())");
      expect(Math.abs(lives - 60_000)).toBeLessThan(10_000);
    }
    await tab.inject("tabstate.removeCookie('p'); tabstate.removeCookie('lives');");
    await until('[C.cookies.p ?? null, C.cookies.lives ?? null]', [null, null]);
    await tab.eval("fetch('/set?' + encodeURIComponent('kept=1; Path=/; HttpOnly')).then(() => 1)");
    await tab.inject("tabstate.setCookie('kept', 'secret'); tabstate.setCookie('kept', 'secret');");
    // WebKit shows scripts the value that it does not keep
    const isShown = engine === 'webkit';
    await until('document.cookie.includes("kept=")', isShown);
    await until('warnings.map((text) => /kept.*cookie-refused/s.test(text))', isShown ? [] : [true]);
    expect(String(await tab.eval('warnings'))).not.toContain('secret');
  });

  it('[CTX-63] reads Server-Timing in UTF-8', async () => {
    await tab.goto(`${plain.url}/umlaut`);
    await until("[C.headers['X-User'], C.headers['X-City']]", ['Jürgen', '北京']);
  });

  it('[CTX-64] knows the visitor in workers, and no cookies', async () => {
    await tab.goto(`${plain.url}/`);
    const told = await tab.eval(`(async () => {
      const facts = { locale: C.locale, locales: [...C.locales], timezone: C.timezone, timezoneOffset: C.timezoneOffset };
      const channel = (port, send) => new Promise((resolve) => { port.onmessage = ({ data }) => resolve(data); send(); });
      const web = new Worker('/worker.js');
      const shared = new SharedWorker('/worker.js').port;
      const registration = await navigator.serviceWorker.register('/worker.js');
      const service = registration.installing ?? registration.waiting ?? registration.active;
      const { port1, port2 } = new MessageChannel();
      const all = {
        web: await channel(web, () => web.postMessage(0)),
        shared: await channel(shared, () => shared.postMessage(0)),
        service: await channel(port1, () => service.postMessage(0, [port2])),
      };
      await registration.unregister();
      web.terminate();
      return { facts, all };
    })()`);
    expect(Object.keys(told.all)).toEqual(['web', 'shared', 'service']);
    for (const [kind, answer] of Object.entries<Record<string, unknown>>(told.all)) {
      const { warnings, ended, ...facts } = answer as { warnings: string[]; ended: boolean };
      expect(facts, kind).toEqual({
        ...told.facts,
        cookies: {},
        headers: {},
        ipAddress: null,
        isEmbedded: false,
        theme: { type: null },
        url: null,
      });
      expect(ended, kind).toBe(true);
      expect(warnings, kind).toEqual([expect.stringMatching(/setCookie.*inworker.*workers.*cookie-refused/s)]);
      expect(warnings.join(), kind).not.toContain('secret');
    }
  });

  it('[CTX-19] [CTX-23] [CTX-48] works in frames of other origins, sandboxed frames, srcdoc and data: pages', async () => {
    await tab.goto(`${plain.url}/frames`);
    const foreign = named(plain.url, engine === 'webkit' ? 'localhost' : 'insecure.test');
    const absolute = framed.replace('src="/', `src="${plain.url}/`);
    await tab.inject(`
      const add = (name, set) => { const frame = document.createElement('iframe'); frame.name = name; set(frame); document.body.append(frame); };
      add('foreign', (f) => { f.src = ${JSON.stringify(`${foreign}/framed`)}; });
      add('told', (f) => { f.src = ${JSON.stringify(`${foreign}/framed?embed=false`)}; });
      add('sandboxed', (f) => { f.sandbox = 'allow-scripts'; f.src = '/framed'; });
      add('srcdoc', (f) => { f.srcdoc = ${JSON.stringify(absolute).replaceAll('</', '<\\/')}; });
      add('data', (f) => { f.src = 'data:text/html,' + encodeURIComponent(${JSON.stringify(absolute).replaceAll('</', '<\\/')}); });`);
    await until('Object.keys(answers).length', 5);
    const answers = await tab.eval('answers');
    for (const { error, name } of Object.values(answers) as { error?: string; name: string }[])
      expect(error, name).toBe(undefined);
    expect(answers.foreign.context).toMatchObject({ isEmbedded: true, url: `${foreign}/framed` });
    expect(answers.told.context).toMatchObject({ isEmbedded: false, url: `${foreign}/framed` });
    expect(answers.sandboxed.context).toMatchObject({ isEmbedded: true, cookies: {}, url: `${plain.url}/framed` });
    expect(answers.srcdoc.context).toMatchObject({ isEmbedded: true, url: null });
    expect(answers.data.context).toMatchObject({ isEmbedded: true, url: null, cookies: {} });
    for (const name of ['sandboxed', 'data']) {
      expect(answers[name].warnings, name).toHaveLength(1);
      expect(answers[name].warnings[0]).toMatch(/inframe.*cookie-refused/);
      expect(answers[name].warnings[0]).not.toContain('secret');
    }
  });

  it('[CTX-60] tells once of what changed while the page was in the back/forward cache', async () => {
    // a tab of its own: after a page out of this cache, Firefox's driver waits for the next load in vain
    const before = tab;
    tab = await browser.newTab();
    await tab.goto(`${plain.url}/bfcache`);
    const marker = await tab.eval('marker');
    await tab.goto(`${plain.url}/other`);
    await tab.back();
    await until('window.persisted ?? null', true);
    expect(await tab.eval('marker')).toBe(marker);
    await until('told.theme', [['dark', 'light']]);
    await until('told.cookies.map(([, now]) => now)', ['1']);
    expect(await tab.eval('told.theme.length')).toBe(1);
    await tab.close();
    tab = before;
  });

  it('[CAC-177] shows a spinner under a strict Content-Security-Policy that axe has nothing against', async () => {
    await tab.goto(`${plain.url}/csp`);
    const axe = fs.readFileSync(path.resolve(import.meta.dirname, '../../node_modules/axe-core/axe.min.js'), 'utf8');
    await tab.inject(`window.before = document.querySelector('h1').getBoundingClientRect().top;
      tabstate.spinner('Loading…', new Promise((resolve) => { window.finish = resolve; }), { delay: 0, showTime: true });`);
    const style =
      await tab.eval(`(() => { const { position, backgroundColor } = getComputedStyle(document.querySelector('.tabstate-spinner'));
      return [position, backgroundColor, document.querySelector('h1').getBoundingClientRect().top - before]; })()`);
    expect(style).toEqual(['fixed', 'rgb(38, 39, 48)', 0]);
    await tab.inject(axe);
    expect(
      await tab.eval("axe.run(document).then(({ violations }) => violations.map(({ id, help }) => id + ': ' + help))"),
    ).toEqual([]);
    expect(await tab.eval("violations.filter((directive) => directive.startsWith('style'))")).toEqual([]);
    await tab.inject('finish()');
    await until("document.querySelectorAll('.tabstate-spinner').length", 0);
  });

  it('[CTX-19] has the address of a file', async ({ onTestFinished }) => {
    const folder = tempDir('file');
    onTestFinished(() => removeDir(folder));
    fs.copyFileSync(path.join(dist, 'tabstate.min.js'), path.join(folder, 'tabstate.min.js'));
    fs.writeFileSync(
      path.join(folder, 'page.html'),
      `<!doctype html><title>file</title>${script.replace('="/', '="')}`,
    );
    const url = pathToFileURL(path.join(folder, 'page.html')).href;
    await tab.goto(`${url}?a=1#b`);
    await until('typeof C', 'object');
    expect(await tab.eval('[C.url, C.isEmbedded]')).toEqual([url, false]);
  });

  it('[CTX-15] has the offset of Yerevan', async () => {
    if (engine === 'webkit') {
      // without a locale the browser is one that calls its language "C", too
      const armenian = await launch(engine, {
        env: { TZ: 'Asia/Yerevan', LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8', LANGUAGE: '' },
      });
      try {
        const page = await armenian.newTab();
        await page.goto(`${plain.url}/`);
        expect(await page.eval('[C.timezone, C.timezoneOffset]')).toEqual(['Asia/Yerevan', -240]);
        const [language, locale] = await page.eval('[navigator.language, C.locale]');
        expect(language).toBe('C');
        expect(() => new Intl.Locale(locale)).not.toThrow();
      } finally {
        await armenian.close();
      }
      return;
    }
    const page = tab as unknown as { page: { emulateTimezone(zone: string): Promise<void> } };
    await page.page.emulateTimezone('Asia/Yerevan');
    await tab.goto(`${plain.url}/`);
    expect(await tab.eval('[C.timezone, C.timezoneOffset]')).toEqual(['Asia/Yerevan', -240]);
  });
});
