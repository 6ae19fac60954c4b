// The playground of the site.
import { deflateRawSync } from 'node:zlib';
import { beforeAll, expect, it, vi } from 'vitest';
import { demoSite, ready, slow, type Tab, text } from '../tools/demo-site.js';
import { inEngines } from '../tools/in-engines.js';

inEngines('the playground', (engine) => {
  const site = demoSite(engine);
  const { click, look, open, problems } = site;
  let tab: Tab;
  beforeAll(() => {
    tab = site.tab;
  });

  const listOf = (rows: string): Promise<string[]> =>
    tab.eval(
      `[...document.querySelectorAll('${rows}')].map((row) => [...row.cells ?? [row]].map(({ textContent }) => textContent).join(' '))`,
    );
  const lines = (): Promise<string[]> => listOf('#lines > li');
  const held = (): Promise<string[]> => listOf('#held > tr');
  const choose = (id: string, value: string): Promise<unknown> =>
    tab.inject(`{
      const field = document.getElementById('${id}');
      field.value = '${value}';
      field.dispatchEvent(new Event('change', { bubbles: true }));
    }`);
  /** Opens the code as a share link does. */
  const share = async (code: string): Promise<void> => {
    await tab.goto('about:blank'); // another hash alone would load nothing
    await open(`playground.html#?code=${deflateRawSync(code).toString('base64url')}`);
  };
  const script = (code: string): string => `<script type="module">import * as t from 'tabstate';\n${code}</script>`;

  it('shows its code at once; on a phone the editor takes its place, and it runs, when somebody gets there', async () => {
    await tab.resize(site.narrow, 900);
    await vi.waitFor(async () => expect(await tab.eval('innerWidth')).toBe(site.narrow));
    await open('playground.html');
    expect(await text(tab, 'code')).toContain('sessionState.clicks += 1');
    expect(await tab.eval(`document.querySelectorAll('iframe').length`)).toBe(0);
    // of the pane and of the beginning of each line in it
    const places = (lines: string): Promise<number[]> =>
      tab.eval(`(() => {
        const host = document.querySelector('#editor');
        const pane = host.getBoundingClientRect();
        const starts = [...(host.shadowRoot ?? host).querySelectorAll('${lines}')].flatMap((line) => {
          const range = document.createRange();
          range.selectNodeContents(line);
          const { left, top } = range.getBoundingClientRect();
          return line.textContent.trim() ? [left - pane.left, top - pane.top] : [];
        });
        return [pane.height, ...starts];
      })()`);
    const before = await places('.line');
    expect(before.length).toBeGreaterThan(20);
    const line = '#code .line:nth-child(12)';
    const clicked: string = await tab.eval(`document.querySelector('${line}').textContent.trim()`);
    expect(clicked).not.toBe('');
    await tab.click(line);
    const focused = `document.querySelector('#editor').shadowRoot?.activeElement?.getAttribute('aria-label')`;
    await vi.waitFor(async () => expect(await tab.eval(focused)).toBe('Code: an HTML page'));
    const active = `document.querySelector('#editor').shadowRoot.querySelector('.cm-activeLine').textContent.trim()`;
    expect(await tab.eval(active)).toBe(clicked);
    await vi.waitFor(async () => expect(await places('.cm-line')).toEqual(before.map((at) => expect.closeTo(at, 0))));
    await tab.inject(`document.querySelector('#result').scrollIntoView()`);
    await vi.waitFor(async () => expect(await held()).toContain('sessionStorage tabstate:clicks {"json":0}'));
    expect(await problems()).toEqual([]);
    await tab.resize(1280, 900);
    await vi.waitFor(async () => expect(await tab.eval('innerWidth')).toBe(1280));
  });

  it('keeps what is typed before the editor is there', async () => {
    await tab.resize(site.narrow, 900);
    await vi.waitFor(async () => expect(await tab.eval('innerWidth')).toBe(site.narrow));
    await open('playground.html');
    const line: string = await tab.eval(`document.querySelector('#code .line:nth-child(12)').textContent`);
    // in the task that asks for the editor
    await tab.inject(`{
      const code = document.getElementById('code');
      code.focus();
      getSelection().collapse(code.querySelector('.line:nth-child(12)'), 0);
      document.execCommand('insertText', false, 'early ');
    }`);
    const editor = `document.querySelector('#editor').shadowRoot`;
    await vi.waitFor(async () => expect(await tab.eval(`!!${editor}?.activeElement`)).toBe(true));
    expect(await tab.eval(`${editor}.querySelector('.cm-activeLine').textContent`)).toBe(`early ${line.trimEnd()}`);
    await tab.inject(`document.execCommand('insertText', false, 'late ')`);
    const typed = await vi.waitUntil(() => tab.eval(`tabstate.sessionState.code.match(/.*late.*/)?.[0]`));
    expect(typed).toBe(`early late ${line.trimEnd()}`);
    await tab.eval(`void tabstate.sessionState.clear()`);
    await tab.resize(1280, 900);
    await vi.waitFor(async () => expect(await tab.eval('innerWidth')).toBe(1280));
  });

  it('runs its examples', slow, async () => {
    await open('playground.html');
    const names = await tab.eval(`[...document.querySelectorAll('#example > option')].map(({ value }) => value)`);
    expect(names.length).toBeGreaterThan(4);
    for (const name of names) {
      await tab.eval(`void (document.getElementById('status').textContent = '')`);
      await choose('example', name);
      await vi.waitFor(async () => expect(await text(tab, 'status')).toBe('It runs.'));
      expect(await lines(), name).toEqual([]);
    }
    await choose('example', 'counter');
    await vi.waitFor(async () => expect(await held()).toContain('sessionStorage tabstate:clicks {"json":0}'));
    expect(await problems()).toEqual([]);
  });

  it('runs the code of a link, and keeps what it stores over its reloads, but nowhere else', async () => {
    await share(
      script(`
        t.sessionState.loads ??= 0;
        t.sessionState.loads += 1;
        t.setCookie('likes', 'tea');
        t.queryParams.page = t.sessionState.loads;
        const f = t.cacheData(() => { console.log('ran'); return 42; }, { name: 'answer' });
        await f();
        await f.info();
        if (t.sessionState.loads < 3) location.reload();
        else console.log(document.cookie, location.search);`),
    );
    await vi.waitFor(async () => expect(await lines()).toEqual(['ran', 'likes=tea ?page=3']));
    const kept = ['sessionStorage tabstate:loads {"json":3}', 'document.cookie likes tea', 'address page 3'];
    expect(await held()).toEqual(expect.arrayContaining(kept));
    expect((await held()).join()).toMatch(/cache answer\S* 42/);
    expect(await tab.eval(`[sessionStorage['tabstate:loads'], document.cookie].join()`)).toBe(',');
    await click('empty');
    await vi.waitFor(async () => expect(await lines()).toEqual(['ran', 'likes=tea ?page=3']));
  });

  it('lets a value expire', async () => {
    // what is still being written when the frame ends is computed again
    const code = `const f = t.cacheData(() => console.log('ran'), { name: 'f', ttl: '1h' });
      await f(); await f.info(); console.log('end');`;
    await share(script(code));
    await vi.waitFor(async () => expect(await lines()).toEqual(['ran', 'end']));
    await click('run');
    await vi.waitFor(async () => expect(await lines()).toEqual(['end']));
    for (const id of ['later', 'later', 'run']) await click(id);
    await vi.waitFor(async () => expect(await lines()).toEqual(['ran', 'end']));
    expect(await text(tab, 'clock')).toBe('The clock is 2 hours ahead.');
  });

  it('goes on when storage is full or blocked', async () => {
    await share(
      script(`t.sessionState.big = Math.random(); t.sessionState.flush(); console.log(typeof t.sessionState.big);`),
    );
    await vi.waitFor(async () => expect(await lines()).toEqual(['number']));
    for (const [trouble, code] of [
      ['full', 'storage-full'],
      ['blocked', 'storage-denied'],
    ] as const) {
      await choose('trouble', trouble);
      await vi.waitFor(async () => expect((await lines()).at(-1)).toBe('number'));
      expect((await lines()).join()).toContain(code);
    }
  });

  it('ends a loop without an end, and tells errors', async () => {
    const loops = ['for (;;) {}', 'do n++; while (true)', 'while (true) await 0;'];
    const each = loops.map((loop) => `try { ${loop} } catch { console.log('out of ${loop}'); }`);
    // scripts of their own: WebKit tells no error of a module that has waited
    await share(script('null.x;') + script(`let n = 0;\n${each.join('\n')}`));
    const ends = loops.map((loop) => `out of ${loop}`);
    await vi.waitFor(async () => expect(await lines()).toEqual(expect.arrayContaining(ends)));
    expect((await lines()).join()).toContain('TypeError');
    expect((await lines()).join()).toContain('was stopped');
    await click('stop');
    expect(await text(tab, 'status')).toBe('Stopped.');
    expect(await tab.eval(`document.querySelector('#result').childElementCount`)).toBe(0);
  });

  it('lets the code reach nothing of the site', async () => {
    const ways = ['parent.document', 'parent.tabstate', 'top.location.href'];
    await share(
      script(
        ways
          .map((way) => `try { ${way}; console.log('reached ${way}'); } catch ({ name }) { console.log(name); }`)
          .join('\n'),
      ),
    );
    await vi.waitFor(async () => expect(await lines()).toEqual(ways.map(() => 'SecurityError')));
  });

  it('keeps what is typed, and puts it into a link', async () => {
    await open('playground.html?example=visitor');
    await tab.inject(`
      document.querySelector('#editor').shadowRoot.querySelector('.cm-content').focus();
      document.execCommand('insertText', false, 'mine');`);
    await vi.waitFor(async () => expect(await tab.eval('tabstate.sessionState.code')).toMatch(/^mine<dl/));
    await tab.reload();
    await ready(tab);
    await click('share');
    await vi.waitFor(async () => expect(await tab.eval('location.hash')).toContain('code='));
    const hash: string = await tab.eval('location.hash');
    await tab.eval(`void tabstate.sessionState.clear()`);
    await tab.goto('about:blank');
    await open(`playground.html${hash}`);
    const typed = await tab.eval(
      `document.querySelector('#editor').shadowRoot.querySelector('.cm-content').textContent`,
    );
    expect(typed).toMatch(/^mine<dl/);
    await tab.goto('about:blank');
    await open(`playground.html${hash.slice(0, -20)}`);
    await vi.waitFor(async () => expect(await text(tab, 'status')).toContain('not whole'));
  });

  it('can be read by everyone', () => open('playground.html').then(() => look()));
});
