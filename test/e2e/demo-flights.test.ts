// The flights of the site.
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { demoSite, ready, slow, type Tab, text } from '../tools/demo-site.js';
import { inEngines } from '../tools/in-engines.js';

interface Facts {
  flights: string;
  delay: string;
  late: string;
  busiest: string;
}

/** Of flights-3m.parquet, counted by itself: all rows, and those that pass the filters below. */
const expected: Record<'all' | 'filtered', Facts> = {
  all: { flights: '3,000,000', delay: '6.7 min', late: '20.9 %', busiest: 'ORD' },
  filtered: { flights: '13,698', delay: '-0.9 min', late: '12.8 %', busiest: 'ORD' },
};
/** On Saturdays and Sundays, from 6:00 until 11:59, at most 1,500 miles. */
const filterQuery = '?origin=ORD&from=6&to=11&distance=1500&days=weekend';

const facts = async (tab: Tab): Promise<Facts> => ({
  flights: await text(tab, 'flights'),
  delay: await text(tab, 'delay'),
  late: await text(tab, 'late'),
  busiest: await text(tab, 'busiest'),
});

inEngines(
  'the flights',
  (engine) => {
    const site = demoSite(engine);
    const { click, look, newTab, open, problems } = site;
    let tab: Tab;
    beforeAll(() => {
      tab = site.tab;
    });

    describe('flights.html', () => {
      it('shows the numbers of the file, computed once for this tab and its reload', slow, async () => {
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
      });

      it('shares its filters by the address, and with a second tab what was computed', slow, async () => {
        await open(`flights.html${filterQuery}`);
        expect(await facts(tab)).toEqual(expected.filtered);
        const second = await newTab();
        await open(`flights.html${filterQuery}`, second);
        expect(await facts(second)).toEqual(expected.filtered);
        expect([await text(second, 'runs'), await text(second, 'summaries')]).toEqual(['0', '0']);
        expect(await problems(second)).toEqual([]);
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

      it('makes the plots that are near, and all of them to be printed', slow, async () => {
        await open('flights.html');
        const plots = (): Promise<number> => tab.eval(`document.querySelectorAll('canvas').length`);
        expect(await plots()).toBeLessThan(5);
        await tab.inject(`dispatchEvent(new Event('beforeprint'))`);
        expect(await plots()).toBe(5);
        expect(await problems()).toEqual([]);
      });

      it('can be read by everyone', slow, () => open('flights.html').then(() => look()));

      it('computes again after Clear, and tells the other tab', slow, async () => {
        const second = await newTab();
        await open('flights.html', second);
        await open('flights.html');
        await click('clear');
        await vi.waitFor(async () => expect(await text(second, 'status')).toContain('Another tab cleared'));
        await second.close();
        // as long as the first run, and the same in every engine
        if (engine !== 'chromium') return;
        await click('again');
        await vi.waitFor(async () => expect(await text(tab, 'runs')).toBe('1'), { timeout: 90_000 });
      });
    });
  },
  true,
);
