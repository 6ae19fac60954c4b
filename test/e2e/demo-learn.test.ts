import { readdirSync } from 'node:fs';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { demoSite, dist, slow, type Tab, text, weather } from '../tools/demo-site.js';
import { inEngines } from '../tools/in-engines.js';

inEngines('Learn, API and resources', (engine) => {
  const site = demoSite(engine);
  const { look, open, visit } = site;
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
        `[...document.querySelectorAll('#results a')].find((link) => link.href.includes('session-state')).href`,
      );
      expect(href).toBe(`${site.url}learn/session-state.html#warnings`);
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

    // each page is the same in all engines
    it.runIf(engine === 'chromium')('can be read by everyone', slow, async () => {
      const pages = (readdirSync(`${dist}learn`) as string[]).filter((name) => name.endsWith('.html'));
      // they share one layout and one set of colours: each page in one of both, and colours where there is more than text
      const colourful = ['index.html', 'cache.html', 'performance.html', 'from-nuqs.html'];
      for (const [i, page] of pages.entries()) {
        await visit(`learn/${page}`);
        await look([i % 2 ? 'light 1280' : 'dark 390'], { withColours: colourful.includes(page) });
      }
      for (const page of [
        '',
        'variables/sessionState.html',
        'interfaces/CachedData.html',
        'react/functions/useValue.html',
      ])
        await visit(`api/${page}`).then(() =>
          look(['dark 1280', 'light 390'], { withColours: page.startsWith('var') }),
        );
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
    });

    it('can be read by everyone', () => open('connection.html').then(() => look()));
  });
});
