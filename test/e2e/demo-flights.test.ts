import { readFileSync } from 'node:fs';
import { decompress } from 'fzstd';
import { parquetMetadata, parquetRead } from 'hyparquet';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { demoSite, ready, slow, type Tab, text } from '../tools/demo-site.js';
import { inEngines } from '../tools/in-engines.js';

const parquet = readFileSync(new URL('../../node_modules/vega-datasets/data/flights-3m.parquet', import.meta.url));

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

let counted: ReturnType<typeof countFile> | undefined; // once for all engines
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
    let expected: Awaited<ReturnType<typeof countFile>>;
    beforeAll(async () => {
      tab = site.tab;
      expected = await (counted ??= countFile());
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

        const second = await newTab();
        await open('flights.html', second);
        expect(await facts(second)).toEqual(expected.all);
        expect([await text(second, 'runs'), await text(second, 'summaries')]).toEqual(['0', '0']);
        expect(await problems(second)).toEqual([]);
        await second.close();
      });

      it('shares its filters by the address', slow, async () => {
        await open(`flights.html${filterQuery}`);
        expect(await facts(tab)).toEqual(expected.filtered);
        const second = await newTab();
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
        const second = await newTab();
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
  },
  true,
);
