// bind with what users do: typing, choosing, submitting, going back.
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { removeDir, tempDir } from '../tools/browsers.mjs';
import { inEngines } from '../tools/in-engines.js';
import { server } from '../tools/server.mjs';
import { launch } from '../tools/tabs.mjs';

// What needs trusted input, a reload, the back/forward cache or a parser at work.
const dist = path.resolve(import.meta.dirname, '../../dist');
const script = '<script src="/tabstate.min.js"></script>';
const noStore = (html: string) => (_request: unknown, response: import('node:http').ServerResponse) => {
  response.setHeader('content-type', 'text/html; charset=utf-8');
  response.setHeader('cache-control', 'no-store');
  response.end(`<!doctype html><html lang="en"><title>test</title>${html}`);
};
const controls = `${script}<input id=t data-key=t><input id=n type=number data-key=n><input id=c type=checkbox data-key=c>
  <input id=p type=password data-key=p><input id=f type=file data-key=f><input id=m type=file multiple data-key=m>
  <select id=s data-key=s><option>a<option>b</select><textarea id=a data-key=a></textarea>
  <div id=e contenteditable data-key=e></div><button id=go data-key=go>Go</button><output id=o data-key=t></output>
  <form id=form data-batch><input id=x name=x><button id=send name=send>Send</button></form>
  <script>
    const S = tabstate.sessionState;
    window.log = [];
    S.subscribe((changes) => log.push(...changes.map(({ key, value }) => [key, value instanceof File ? value.name : value])));
    tabstate.bind(S, document);
    tabstate.bind(S, '#form', { onSubmit: (changes) => log.push(['submitted', changes.map(({ key }) => key)]) });
    log.length = 0;
  </script>`;
const restored = `${script}<input id=t data-key=t><input id=c type=checkbox data-key=c><input id=q name=q value=d>
  <script>tabstate.bind(tabstate.sessionState, document); tabstate.bind(tabstate.queryParams, '#q');</script>`;
const late = `${script}<script>
    const warnings = [];
    const state = tabstate.createSessionState({ prefix: 'late:', onWarning: (warning) => warnings.push(warning.code) });
    tabstate.bind(state, '#late', 'k');
    tabstate.bind(state, '#never', 'k');
  </script><p>text</p><input id=late value=there>`;
const unbound = `${script}<input id=q name=q value=d><script>
    // it does not go into the back/forward cache
    addEventListener('unload', () => {});
    if (sessionStorage.getItem("bound")) window.end = tabstate.bind(tabstate.queryParams, '#q');
  </script>`;
/** The parser stops after each part. */
const pieces =
  (state: string, ...parts: string[]) =>
  (_request: unknown, response: import('node:http').ServerResponse) => {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    const left = [
      `<!doctype html><html lang="en"><title>test</title>${script}<script>tabstate.bind(tabstate.${state}, document)</script>`,
      ...parts,
    ];
    const next = () => {
      const part = left.shift();
      if (part === undefined) response.end();
      else response.write(part, () => setTimeout(next, 100));
    };
    next();
  };
const group = [
  '<input type=radio name=r data-param=r value=a><select data-param=s><option>one',
  '<option>two</select><input type=checkbox data-param=c value=x><input type=radio name=r data-param=r value=b>',
  '<input type=checkbox data-param=c value=y>',
];
const texts = [
  '<textarea data-key=t data-param=t>one',
  ' two</textarea><div contenteditable data-key=e data-param=e>one <b>tw',
  'o</b> three</div><select data-key=s><option>one',
  '<option selected>two</select><select multiple data-key=m><option selected>one',
  '<option selected>two</select><textarea data-key=kept>o',
  'ne</textarea>',
];
const closing = `${script}<dialog id=dialog><div id=e contenteditable data-key=e></div></dialog>
  <div id=panel><div id=c contenteditable data-key=c data-on=change></div></div>
  <details><div contenteditable data-key=d>there</div></details><script>
    tabstate.bind(tabstate.sessionState, document);
    document.querySelector('#dialog').show();
  </script>`;
const pages = {
  '/closing': closing,
  '/unbound': noStore(unbound),
  '/pieces': pieces('queryParams', ...group),
  '/texts': pieces('sessionState', ...texts),
  '/query-texts': pieces('queryParams', ...texts),
  '/controls': controls,
  '/restored': noStore(restored),
  '/cached': restored,
  '/other': `${script}<script>tabstate.sessionState.t = 'from the other page';</script>`,
  '/late': late,
};

inEngines('bind', (engine) => {
  let web: Awaited<ReturnType<typeof server>>;
  let browser: Awaited<ReturnType<typeof launch>>;
  let tab: any;
  let folder: string;
  const state = (expression: string): Promise<any> => tab.eval(expression.replaceAll('S.', 'tabstate.sessionState.'));
  const open = async (name: string): Promise<void> => {
    await tab.goto(`${web.url}${name}`);
  };

  beforeAll(async () => {
    folder = tempDir('files');
    for (const name of ['a.txt', 'b.txt']) fs.writeFileSync(path.join(folder, name), name);
    web = await server(pages, { root: dist });
    browser = await launch(engine);
    tab = await browser.newTab();
  });
  afterAll(async () => {
    await browser?.close();
    web?.close();
    removeDir(folder);
  });

  it('[SES-82][SES-84] follows what is typed', async () => {
    await open('/controls');
    await tab.type('#t', 'ab');
    expect(await tab.eval('log')).toEqual([
      ['t', 'a'],
      ['t', 'ab'],
    ]);
    expect(await tab.eval('document.querySelector("#o").value')).toBe('ab');
    await tab.type('#n', '5');
    expect(await state('S.n')).toBe(5);
    await tab.type('#n', 'e');
    expect(await state('S.n')).toBe(5);
    await tab.type('#n', '1');
    expect(await state('S.n')).toBe(50);
    await tab.eval('void (document.querySelector("#n").value = "")');
    await tab.type('#n', '-');
    expect(await state('S.n')).toBe(50);
    await tab.type('#n', '3');
    expect(await state('S.n')).toBe(-3);
    // what code sets replaces an unfinished entry, empty as its value may be
    await tab.eval('void (document.querySelector("#n").value = "")');
    await tab.type('#n', '-');
    await state('void (S.n = null)');
    expect(await tab.eval('document.querySelector("#n").validity.badInput')).toBe(false);
    await tab.type('#n', '4');
    expect(await state('S.n')).toBe(4);
    await tab.type('#e', 'one');
    expect(await state('S.e')).toBe('one');
    if (engine === 'webkit') await tab.eval('void document.execCommand("insertParagraph")');
    else await tab.page.keyboard.press('Enter');
    await tab.type('#e', 'two');
    expect(await state('S.e')).toBe(await tab.eval('document.querySelector("#e").innerText'));
    expect((await state('S.e')).replace(/\n+/, '|')).toMatch(/one|two/);
    await tab.type('#a', 'xy');
    expect(await state('S.a')).toBe('xy');
  });

  it('[SES-82] keeps the caret where it is', async () => {
    await open('/controls');
    await state('void (S.t = "abcd")');
    await tab.click('#t');
    await tab.eval('void document.querySelector("#t").setSelectionRange(2, 2)');
    if (engine === 'webkit') await tab.eval('void document.execCommand("insertText", false, "X")');
    else await tab.page.keyboard.type('X');
    expect(await tab.eval('[document.querySelector("#t").value, document.querySelector("#t").selectionStart]')).toEqual(
      ['abXcd', 3],
    );
    expect(await state('S.t')).toBe('abXcd');
  });

  it('[SES-83][SES-91] follows clicks', async () => {
    await open('/controls');
    await tab.click('#c');
    expect(await state('S.c')).toBe(true);
    await tab.eval('void (log.length = 0)');
    await tab.click('#go');
    expect(await tab.eval('log')).toEqual([
      ['go', true],
      ['go', false],
    ]);
    expect(await tab.eval('sessionStorage.getItem("tabstate:go")')).toBe(null);
  });

  it('[SES-95] a batched form, sent by Enter and by its button', async () => {
    await open('/controls');
    await tab.type('#x', 'v');
    expect(await state('S.x')).toBe('');
    await tab.click('#send');
    expect(await state('[S.x, S.send]')).toEqual(['v', false]);
    expect(await tab.eval('log')).toEqual([
      ['submitted', ['x', 'send']],
      ['x', 'v'],
      ['send', true],
      ['send', false],
    ]);
    expect(await tab.eval('location.pathname')).toBe('/controls');
  });

  it('[SES-93] files', async () => {
    await open('/controls');
    await tab.pick('#f', path.join(folder, 'a.txt'));
    await vi.waitFor(async () => expect(await state('S.f?.name')).toBe('a.txt'));
    await tab.pick('#m', path.join(folder, 'a.txt'), path.join(folder, 'b.txt'));
    await vi.waitFor(async () => expect(await state('S.m.map(({ name }) => name)')).toEqual(['a.txt', 'b.txt']));
    await state('void (S.f = null, S.flush())');
    expect(await tab.eval('document.querySelector("#f").files.length')).toBe(0);
    expect(await tab.eval('[sessionStorage.getItem("tabstate:f"), sessionStorage.getItem("tabstate:m")]')).toEqual([
      null,
      null,
    ]);
  });

  it('[SES-83][SES-94] after a reload everything is there but secrets', async () => {
    await open('/controls');
    await tab.eval('void tabstate.sessionState.clear()');
    await tab.reload();
    await tab.type('#t', 'text');
    await tab.type('#p', 'secret');
    await tab.click('#c');
    await tab.reload();
    expect(await state('[S.t, S.c]')).toEqual(['text', true]);
    expect(await tab.eval('[document.querySelector("#t").value, document.querySelector("#c").checked]')).toEqual([
      'text',
      true,
    ]);
    expect(await tab.eval('Object.values(sessionStorage).join()')).not.toContain('secret');
  });

  it('[SES-99][SES-100] form restoration does not win over the state', async () => {
    await open('/restored');
    await tab.type('#t', 'typed');
    await tab.click('#c');
    await tab.type('#q', 'x');
    // another script changes the state without the page's controls hearing of it: what the browser restores is older
    await tab.eval(
      'void (sessionStorage.setItem("tabstate:t", JSON.stringify({ json: "newer" })), sessionStorage.setItem("tabstate:c", JSON.stringify({ json: false })))',
    );
    const shown = '[document.readyState, document.querySelector("#t").value, document.querySelector("#c").checked]';
    await tab.reload();
    await vi.waitFor(async () => expect(await tab.eval(shown)).toEqual(['complete', 'newer', false]));
    expect(await state('[S.t, S.c]')).toEqual(['newer', false]);
    await tab.type('#t', '!');
    await tab.goto(`${web.url}/late`);
    await tab.back();
    await vi.waitFor(async () => expect(await tab.eval('location.pathname')).toBe('/restored'));
    await vi.waitFor(async () => expect(await tab.eval(shown)).toEqual(['complete', 'newer!', false]));
    expect(await tab.eval('document.querySelector("#q").value')).toContain('x');
    expect(await tab.eval('new URLSearchParams(location.search).get("q")')).toContain('x');
  });

  it('[QRY-142] what the browser restores into a control without parameter is written', async () => {
    await open('/unbound');
    await tab.type('#q', 'x');
    const typed = await tab.eval('document.querySelector("#q").value');
    await tab.eval('void (sessionStorage.setItem("bound", "yes"))');
    await tab.goto(`${web.url}/late`);
    await tab.back();
    await vi.waitFor(async () => expect(await tab.eval('location.pathname')).toBe('/unbound'));
    await vi.waitFor(async () => expect(await tab.eval('document.readyState')).toBe('complete'));
    // WebKit may bring the whole page back as it was, unbound; engines differ in what they restore into another
    const isBound = await tab.eval('typeof end === "function"');
    const shown = await tab.eval('document.querySelector("#q").value');
    expect([typed, 'd']).toContain(shown);
    await vi.waitFor(async () =>
      expect(await tab.eval('new URLSearchParams(location.search).get("q")')).toBe(
        isBound && shown !== 'd' ? shown : null,
      ),
    );
  });

  it('[QRY-142] a link survives a page that comes in pieces', async () => {
    await open('/pieces?r=b&s=two&c=y&c=x&n=15');
    await vi.waitFor(async () => expect(await tab.eval('document.readyState')).toBe('complete'), 10_000);
    expect(await tab.eval('location.search')).toBe('?r=b&s=two&c=y&c=x&n=15');
    expect(
      await tab.eval(
        '[document.querySelector("[name=r]:checked")?.value, document.querySelector("select").value, document.querySelectorAll("[data-param=c]:checked").length]',
      ),
    ).toEqual(['b', 'two', 2]);
  });

  it('[SES-81] takes texts and options whole from a page that comes in pieces', async () => {
    await open('/other');
    await state('void (S.clear(), S.kept = "mine")');
    await open('/texts');
    await vi.waitFor(async () => expect(await tab.eval('document.readyState')).toBe('complete'), 10_000);
    await vi.waitFor(async () =>
      expect(await state('S.toDict()')).toEqual({
        t: 'one two',
        e: 'one two three',
        s: 'two',
        m: ['one', 'two'],
        kept: 'mine',
      }),
    );
    const shown =
      '[...document.querySelectorAll("[data-key]")].map((field) => field.selectedOptions?.length ?? field.value ?? field.innerHTML)';
    expect(await tab.eval(shown)).toEqual(['one two', 'one <b>two</b> three', 1, 2, 'mine']);
  });

  it('[QRY-142] a text that comes in pieces is no edit', async () => {
    await open('/query-texts');
    await vi.waitFor(async () => expect(await tab.eval('document.readyState')).toBe('complete'), 10_000);
    // `pageshow` is over, too
    await tab.eval('new Promise((resolve) => setTimeout(resolve, 100))');
    expect(await tab.eval('location.search')).toBe('');
    expect(await tab.eval('document.querySelector("[contenteditable]").innerHTML')).toBe('one <b>two</b> three');
    await tab.type('[contenteditable]', '!');
    expect(await tab.eval('tabstate.queryParams.e')).toContain('!');
  });

  it('[SES-105] an editable text keeps its line breaks when its dialog or panel closes', async () => {
    await open('/other');
    await state('void S.clear()');
    await open('/closing');
    // closed <details> have no innerText
    expect(await state('S.d')).toBe('there');
    for (const id of ['e', 'c']) {
      await tab.type(`#${id}`, 'one');
      if (engine === 'webkit') await tab.eval('void document.execCommand("insertParagraph")');
      else await tab.page.keyboard.press('Enter');
      await tab.type(`#${id}`, 'two');
      const shown = await tab.eval(`document.querySelector("#${id}").innerText`);
      expect(shown).toMatch(/one\n+two/);
      // the browser sends `blur` when it is not rendered any more
      await tab.eval(
        'void (document.querySelector("#dialog").close(), document.querySelector("#panel").hidden = true)',
      );
      await vi.waitFor(async () => expect(await tab.eval('document.activeElement.localName')).toBe('body'));
      expect(await state(`S.${id}`)).toBe(shown);
      // what is set while it is not rendered keeps them, too
      await state(`void (S.${id} = "three\\nfour")`);
      await tab.eval(`void document.querySelector("#${id}").dispatchEvent(new FocusEvent("blur"))`);
      expect(await state(`S.${id}`)).toBe('three\nfour');
      await tab.eval('void (document.querySelector("#panel").hidden = false)');
    }
  });

  it('[SES-60][SES-61] a page out of the back/forward cache shows its state', async () => {
    await open('/cached');
    await state('void (S.t = "before")');
    await tab.eval('void (window.kept = true)');
    await tab.goto(`${web.url}/other`);
    await tab.back();
    await vi.waitFor(async () => expect(await tab.eval('location.pathname')).toBe('/cached'));
    await vi.waitFor(async () => {
      const [inStorage, inState, shown] = await tab.eval(
        '[JSON.parse(sessionStorage.getItem("tabstate:t")).json, tabstate.sessionState.t, document.querySelector("#t").value]',
      );
      expect([inState, shown]).toEqual([inStorage, inStorage]);
      // Firefox gives the page its own old storage when it comes out of the cache
      if (engine === 'chromium') expect(inStorage).toBe('from the other page');
    });
  });

  it('[SES-101] a selector that matches later, or never', async () => {
    // Firefox's driver no longer hears of loads in a tab that went back
    tab = await browser.newTab();
    await open('/late');
    await vi.waitFor(async () => expect(await tab.eval('state.k')).toBe('there'), 10_000);
    expect(await tab.eval('warnings')).toEqual(['bind-empty']);
    await tab.type('#late', '!');
    expect(await tab.eval('state.k')).toContain('!');
  });

  if (engine === 'chromium') {
    it('[SES-107] an input method is followed and not disturbed', async () => {
      await open('/controls');
      await tab.eval(
        'void (tabstate.sessionState.delete("t"), document.querySelector("#t").value = "", tabstate.sessionState.t = "", log.length = 0)',
      );
      await tab.click('#t');
      const devtools = await tab.page.createCDPSession();
      const compose = (text: string) =>
        devtools.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length });
      for (const text of ['n', 'に', 'にほ']) await compose(text);
      const field = 'document.querySelector("#t")';
      expect(await tab.eval(`${field}.value`)).toBe('にほ');
      expect(await state('S.t')).toBe('にほ');
      await state('void (S.t = "x")');
      expect(await tab.eval(`${field}.value`)).toBe('にほ');
      await devtools.send('Input.insertText', { text: '日本' });
      expect(await tab.eval(`[${field}.value, tabstate.sessionState.t]`)).toEqual(['日本', '日本']);
      expect(await tab.eval('log')).toEqual([
        ['t', 'n'],
        ['t', 'に'],
        ['t', 'にほ'],
        ['t', 'x'],
        ['t', '日本'],
      ]);
      await compose('ab');
      await tab.eval(`void (${field}.disabled = true)`);
      await tab.eval(`void (${field}.disabled = false)`);
      await state('void (S.t = "shown")');
      await tab.click('#t');
      await tab.type('#t', '!');
      expect(await state('S.t')).toContain('!');
      await state('void (S.t = "z")');
      expect(await tab.eval(`${field}.value`)).toBe('z');
    });
  }

  if (engine !== 'webkit') {
    it('[SES-98] 1,000 times bind, move and unbind leave nothing', async () => {
      await open('/late');
      await tab.inject(`
        window.gone = [];
        const q = tabstate.createQueryParams();
        const main = document.body.appendChild(document.createElement('main'));
        main.innerHTML = '<form><input data-key=a data-param=a><select data-key=s data-param=s><option>1<option>2</select></form><p></p>';
        window.cycle = () => {
          const ends = [tabstate.bind(state, main), tabstate.bind(q, main), tabstate.bind(state, main.querySelectorAll('input'), 'b')];
          const input = main.querySelector('input');
          main.querySelector('p').append(input);
          state.b = Math.random();
          input.dispatchEvent(new Event('input', { bubbles: true }));
          main.querySelector('form').append(input);
          for (const end of ends) end();
        };
        // without unbinding: elements are held weakly
        window.drop = () => {
          const pair = [document.createElement('input'), document.createElement('input')];
          tabstate.bind(state, pair, 'weak');
          gone.push(new WeakRef(pair[0]));
          return pair[1];
        };`);
      if (engine === 'chromium') {
        const devtools = await tab.page.createCDPSession();
        const measure = async () => {
          for (let n = 0; n < 3; n++) await devtools.send('HeapProfiler.collectGarbage');
          const { usedSize } = await devtools.send('Runtime.getHeapUsage');
          const { jsEventListeners, nodes } = await devtools.send('Memory.getDOMCounters');
          return { kibibytes: usedSize / 1024, jsEventListeners, nodes };
        };
        const round = () => tab.inject('for (let n = 0; n < 250; n++) cycle()');
        // the engine compiles on the way
        for (let n = 0; n < 4; n++) await round();
        const first = await measure();
        const growths: number[] = [];
        let [before, after] = [first, first];
        // a leak shows each time, what the engine compiles once
        for (let times = 0; times < 3 && !growths.some((growth) => growth < 50); times++) {
          before = after;
          for (let n = 0; n < 4; n++) await round();
          after = await measure();
          growths.push(after.kibibytes - before.kibibytes);
        }
        expect(Math.min(...growths)).toBeLessThan(50);
        expect(after.jsEventListeners).toBe(first.jsEventListeners);
        expect(after.nodes).toBeLessThanOrEqual(first.nodes + 5);
        await tab.inject('window.kept = Array.from({ length: 10 }, drop)');
        await measure();
        expect(await tab.eval('gone.filter((ref) => ref.deref()).length')).toBe(0);
      }
      // what was unbound hears nothing
      await tab.inject('for (let n = 0; n < 1000; n++) cycle(); state.b = "after"; state.a = "after"');
      expect(await tab.eval('document.querySelector("main input").value')).not.toBe('after');
    });
  }
});
