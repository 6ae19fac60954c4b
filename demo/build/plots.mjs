// The bench's figures as bars. node demo/build/plots.mjs writes them for docs/performance.md after demo/bench.json has changed.

import { mkdir, readFile, writeFile } from 'node:fs/promises';

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const file = new URL('../bench.json', import.meta.url);

/** @returns {Promise<{ when: string, where: string, charts: Chart[], sizes: Record<string, Record<string, number>> }>} */
export const readBench = async () => JSON.parse(await readFile(file, 'utf8'));

/**
 * @typedef {{ id: string, title: string, unit: string, bars: Record<string, number> }} Chart shorter bars are better
 * @param {Chart} chart
 * @param {string} [more] attributes and style of a picture that stands alone
 */
function bars({ title, unit, bars }, more = '', style = '') {
  const entries = Object.entries(bars);
  const most = Math.max(...Object.values(bars));
  const rows = entries.map(([name, amount], i) => {
    const y = 30 * i;
    const width = Math.max(2, (amount / most) * 300);
    const own = name === 'tabstate' ? ' class="own"' : '';
    const text = (x, at, words) => `<text x="${x.toFixed(1)}" y="${y + at}">${escaped(words)}</text>`;
    return `<g${own}>${text(0, 11, name)}<rect y="${y + 15}" width="${width.toFixed(1)}" height="8" rx="3"/>${text(width + 6, 23, `${amount} ${unit}`)}</g>`;
  });
  const label = `${title}: ${entries.map(([name, amount]) => `${name} ${amount} ${unit}`).join(', ')}.`;
  return `<svg ${more}viewBox="0 0 370 ${30 * entries.length}" role="img" aria-label="${escaped(label)}">${style}${rows.join('')}</svg>`;
}

/** For a page of the site, which has the colours. */
export const figure = (chart) =>
  `<figure class="bench"><figcaption>${escaped(chart.title)}</figcaption>${bars(chart)}</figure>`;

const style = `<style>text{font:11px system-ui,sans-serif;fill:#555d73}rect{fill:#8a92a8}.own rect{fill:#3b4fd8}.own text{font-weight:650;fill:#161927}
@media (prefers-color-scheme:dark){text{fill:#a6aec8}rect{fill:#6a7396}.own rect{fill:#94a6ff}.own text{fill:#e9ebf5}}</style>`;

if (process.argv[1] === import.meta.filename) {
  const folder = new URL('../../docs/plots/', import.meta.url);
  await mkdir(folder, { recursive: true });
  for (const chart of (await readBench()).charts)
    await writeFile(
      new URL(`${chart.id}.svg`, folder),
      `${bars(chart, 'xmlns="http://www.w3.org/2000/svg" width="555" ', style)}\n`,
    );
}
