// The start page, the tour and the framework apps of the site.
import { existsSync } from 'node:fs';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { demoSite, dist, ready, slow, type Tab, text, weather } from '../tools/demo-site.js';
import { inEngines } from '../tools/in-engines.js';

inEngines('the start page, the tour and the apps', (engine) => {
  const site = demoSite(engine);
  const { click, look, narrow, newTab, open, problems } = site;
  let tab: Tab;
  beforeAll(() => {
    tab = site.tab;
  });

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

    it('names the whole address of a picture, for sites that show links', async () => {
      await open('');
      const address: string = await tab.eval(`document.querySelector('[property="og:image"]').content`);
      const [, file] = /^https:\/\/github\.com\/[^/]+\/[^/]+\/raw\/main\/(.+)$/.exec(address) ?? [];
      expect(existsSync(`${dist}../../${file}`)).toBe(true);
    });

    it('can be read by everyone', () => open('').then(() => look()));
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

      const copy = await tab.popup(`${site.url}tour.html`);
      await ready(copy);
      expect(await text(copy, 'count')).toBe('3');
      await click('more', copy);
      expect(await text(copy, 'count')).toBe('4');
      expect(await text(tab, 'count')).toBe('3');
      await copy.close();

      const fresh = await newTab();
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
      const fresh = await newTab();
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

    it('has an inspector that fits a phone', async () => {
      await open('tour.html');
      await tab.resize(narrow, 900);
      await tab.inject(`
        window.inspector = document.querySelector('tabstate-inspector').shadowRoot;
        window.outside = () => {
          const { left, right } = inspector.querySelector('section').getBoundingClientRect();
          const limits = [Math.max(left, 0), Math.min(right, innerWidth)];
          return [...inspector.querySelectorAll('section, section *')].filter((element) => {
            const box = element.getBoundingClientRect();
            const isHidden = box.width === 0 || element.closest('thead');
            return !isHidden && (box.left < limits[0] || box.right > limits[1]);
          }).map(({ outerHTML }) => outerHTML.slice(0, 80));
        };
        inspector.querySelector('.open').click();`);
      const press = (selector: string): Promise<void> =>
        vi.waitFor(() => tab.eval(`inspector.querySelector('${selector}').click()`));
      for (const i of [0, 1, 2, 4, 3]) {
        await press(`#tab-${i}`);
        expect(await tab.eval('outside()'), `tab ${i}`).toEqual([]);
      }
      await press('[aria-label^="Show the entries"]');
      await vi.waitFor(async () => expect(await tab.eval(`inspector.textContent`)).toContain('Refresh'));
      expect(await tab.eval('outside()')).toEqual([]);
      await tab.resize(1280, 900);
    });
  });

  describe('the single-page apps', () => {
    it('share the tasks of the tab, the filter of the address and a cached function', slow, async () => {
      await open('');
      await tab.eval(`void tabstate.sessionState.delete('tasks')`);
      const rainy = String(weather.filter((row) => row.endsWith(',rain')).length);
      const visit = async (page: string) => {
        await tab.goto(site.url + page);
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
        await look();
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
});
