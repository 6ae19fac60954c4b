// Learn, API and the resources page of the site.
import { readdirSync } from 'node:fs';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { demoSite, dist, type Tab, text, weather } from '../tools/demo-site.js';
import { inEngines } from '../tools/in-engines.js';

inEngines('Learn, API and resources', (engine) => {
  const site = demoSite(engine);
  const { click, look, open, problems, visit } = site;
  let tab: Tab;
  beforeAll(() => {
    tab = site.tab;
  });

  describe('Learn and API', () => {
    it('are searched without a server', async () => {
      await visit('learn/');
      await tab.click('#search-open');
      await tab.type('#search input', 'storage-full');
      await vi.waitFor(async () =>
        expect(await tab.eval(`document.querySelector('#results')?.innerText`)).toContain('Warnings'),
      );
      const href = await tab.eval(
        `[...document.querySelectorAll('#results a')].find((link) => link.href.includes('learn/session-state')).href`,
      );
      expect(href).toBe(`${site.url}learn/session-state.html#warnings`);
    });

    it('keep what is typed while the search loads', async () => {
      await visit('learn/');
      const selected = await tab.eval(`(async () => {
        document.querySelector('#search-open').click();
        const field = document.querySelector('#search input');
        field.value = 'storage';
        while (!document.querySelector('#results a')) await new Promise((resolve) => setTimeout(resolve, 20));
        await new Promise((resolve) => setTimeout(resolve));
        return [document.activeElement === field, field.selectionEnd - field.selectionStart];
      })()`);
      expect(selected).toEqual([true, 0]);
    });

    it('keep their layout while they load, also on a phone', async () => {
      for (const width of [390, 1280]) {
        await tab.resize(width, 900);
        await visit('learn/cache.html');
        expect(await tab.eval(`document.querySelector('.contents').open`)).toBe(width > 1000);
        const isSeen = `document.querySelector('.contents nav a').checkVisibility({ contentVisibilityAuto: true })`;
        expect(await tab.eval(isSeen)).toBe(width > 1000);
      }
    });

    describe('run what they show:', () => {
      const texts = (ids: string): Promise<string[]> =>
        tab.eval(`[...document.querySelectorAll('.stage ${ids}')].map(({ textContent }) => textContent)`);
      const input = (selector: string, value: string): Promise<unknown> =>
        tab.inject(`{
          const field = document.querySelector('.stage ${selector}');
          field.value = '${value}';
          field.dispatchEvent(new Event('input', { bubbles: true }));
        }`);
      /** Opens the page; its script is the one that stands above. */
      const visitLive = async (name: string): Promise<void> => {
        await visit(`learn/${name}.html`);
        const isShown = `fetch('${name}.js').then((response) => response.text())
          .then((script) => document.querySelector('.code:has(+ .stage) pre').textContent.includes(script))`;
        expect(await tab.eval(isShown)).toBe(true);
      };

      it('sessionState', async () => {
        await visitLive('session-state');
        await input('[data-key=name]', 'Ada');
        await click('more');
        await vi.waitFor(async () => expect(await texts('output')).toEqual(['Ada', '1']));
        await tab.reload();
        await vi.waitFor(async () => expect(await texts('output')).toEqual(['Ada', '1']));
        await tab.eval('tabstate.sessionState.clear()');
      });

      it('queryParams', async () => {
        await visitLive('query-params');
        expect(await texts('output')).toEqual(['2005']);
        await input('[name=year]', '2011');
        await vi.waitFor(async () => expect(await tab.eval('location.search')).toBe('?year=2011'));
        await tab.reload();
        await vi.waitFor(async () => expect(await texts('output')).toEqual(['2011']));
      });

      it('context', async () => {
        await visitLive('context');
        expect((await texts('#hello'))[0]).toMatch(/^Hello u17\. .+20\d\d/);
        const [theme] = await texts('#colours');
        await click('theme');
        await vi.waitFor(async () => expect(await texts('#colours')).toEqual([theme === 'dark' ? 'light' : 'dark']));
        expect(await texts('#plan')).toEqual(['free']);
        await click('pro');
        await vi.waitFor(async () => expect(await texts('#plan')).toEqual(['pro']));
        await tab.eval(`tabstate.removeCookie('plan')`);
        await vi.waitFor(async () => expect(await texts('#plan')).toEqual(['free']));
      });

      it('cacheData', async () => {
        await visitLive('cache');
        const ask = async (): Promise<string> => {
          await click('ask');
          return vi.waitFor(async () => {
            const [answer] = await texts('#answer');
            expect(answer).toMatch(/^49 after/);
            return answer as string;
          });
        };
        const first = await ask();
        // what is still being written when a page ends is computed again
        await tab.eval('tabstate.cacheData.info()');
        await tab.reload();
        await vi.waitFor(async () => expect(await texts('#answer')).toEqual(['']));
        expect((await ask()).replace(/\d+ ms/, '')).toBe(first.replace(/\d+ ms/, ''));
      });

      it('bind', async () => {
        await visitLive('bind');
        expect((await texts('output'))[0]).toBe('');
        await input('[data-key=name]', 'Ada');
        await input('[name=year]', '2011');
        await vi.waitFor(async () => expect(await texts('output')).toEqual(['Ada']));
        await vi.waitFor(async () => expect(await tab.eval('location.search')).toBe('?year=2011'));
        await tab.eval('tabstate.sessionState.clear()');
      });
    });

    it('show what a constant has, with the comments', async () => {
      await visit('api/variables/cacheData.html');
      const page: string = await tab.eval(`document.querySelector('main').innerText`);
      expect(page).toContain('cacheData<F>(fn, options?)');
      expect(page).toContain('Clears all functions of this kind');
      await visit('api/variables/sessionState.html');
      expect(await tab.eval(`document.querySelector('#setdefault + .code + p').textContent`)).toMatch(/\w{3}/);
      expect(await tab.eval(`document.querySelector('.toc a[href="#setdefault"]').textContent`)).toBe('setDefault()');
    });

    // each page is the same in all engines
    // they share one layout and one set of colours: each page in one of both, and colours where there is more than text
    const pages = (readdirSync(`${dist}learn`) as string[]).filter((name) => name.endsWith('.html'));
    const colourful = ['index.html', 'cache.html', 'performance.html', 'from-nuqs.html'];
    it.runIf(engine === 'chromium').each(pages)('learn/%s can be read by everyone', async (page) => {
      await visit(`learn/${page}`);
      const form = pages.indexOf(page) % 2 ? 'light 1280' : 'dark 390';
      await look([form], { withColours: colourful.includes(page) });
    });

    it
      .runIf(engine === 'chromium')
      .each([
        'index.html',
        'variables/sessionState.html',
        'interfaces/CachedData.html',
        'react/functions/useValue.html',
      ])('api/%s can be read by everyone', async (page) => {
      await visit(`api/${page}`);
      await look(['dark 1280', 'light 390'], { withColours: page.startsWith('var') });
    });

    it('leads back from an address without a page', async () => {
      const answer = await fetch(`${site.url}learn/nothing/here.html`);
      expect(answer.status).toBe(404);
      await tab.goto(`${site.url}learn/nothing/here.html`);
      await tab.click('main .button');
      await vi.waitFor(async () => expect(await tab.eval('location.href')).toBe(site.url));
    });
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
      await tab.click('#release');
      expect(await text(tab, 'database-status')).toContain('Closed');
      await tab.click('#count');
      await vi.waitFor(async () => expect(await text(tab, 'rows')).toBe('1,461'));
      expect(await text(tab, 'opened')).toBe('2');
      await tab.inject(`document.querySelector('#sql').value = 'SELECT x FROM nowhere'`);
      await tab.click('#ask [type=submit]');
      const refused = /refused, three times: no such table: nowhere/;
      await vi.waitFor(async () => expect(await text(tab, 'query-status')).toMatch(refused), { timeout: 10_000 });
      expect(await problems()).toEqual([]);
    });

    it('can be read by everyone', () => open('connection.html').then(() => look()));
  });
});
