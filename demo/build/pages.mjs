// What the build puts into every page: <!-- head -->, <!-- start -->, <!-- nav -->, <!-- footer -->, <!-- code file#region --> and parts of the start page.

import { codeBlock } from './markdown.mjs';

const live = {
  'tour.html': 'Tour',
  'flights.html': 'Flights',
  'connection.html': 'Resources',
  'playground.html': 'Playground',
  'spa/index.html': 'React',
  'spa/vue/index.html': 'Vue',
  'spa/svelte/index.html': 'Svelte',
};
const parts = { 'tour.html': 'Try', 'learn/index.html': 'Learn', 'api/index.html': 'API' };

// a folder's page by the folder's name: static hosts know it by that
const folderOf = (page) => page.replace(/^index\.html$/, '').replace(/\/index\.html$/, '/');
const partOf = (name) => (name in live ? 'tour.html' : `${name.split('/')[0]}/index.html`);

/**
 * @param {string} html
 * @param {{ name: string, base: string, policy: string, repository: string, read: (script: string) => Promise<string>,
 *   pieces: Record<string, string> }} page `name`: the page's path; `base`: the way from it to the first page; `read`: the
 *   text of a file of the demo; `pieces`: what else stands in comments.
 */
export async function fillPage(html, { name, base, policy, repository, read, pieces = {} }) {
  const known = {
    start: () => start(base, policy),
    head: () => head(name, base, policy, repository),
    nav: () => nav(name, base),
    footer: () => footer(base, repository),
  };
  const page = html.replace(/ *<!-- ([\w-]+) -->/g, (all, part) => known[part]?.() ?? pieces[part] ?? all);
  const filled = page.split(/<!-- code ([\w./-]+)#([\w-]+) -->/);
  for (let i = 1; i < filled.length; i += 3) {
    const language = /\.(\w+)$/.exec(filled[i])[1];
    filled.splice(i, 2, codeBlock(regionOf(await read(filled[i]), filled[i + 1], filled[i]), language, filled[i]), '');
  }
  return filled.join('');
}

/** Of a page without anything of the site around it, too. */
const start = (base, policy) => `    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="${policy}">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <link rel="stylesheet" href="${base}style.css">`;

/** Most pages to read need no cache, and the apps bring their own. */
const withCache = ['index.html', 'tour.html', 'flights.html', 'connection.html', 'playground.html', 'learn/cache.html'];
const libraryOf = (name) => `tabstate${withCache.includes(name) ? '' : '.state'}.min.js`;

/** The picture is the repository's, because sites that show links want its whole address, and hosts of these pages differ. */
const head = (name, base, policy, repository) => `${start(base, policy)}
    <meta property="og:type" content="website">
    <meta property="og:site_name" content="tabstate">
    <meta property="og:image" content="${repository}/raw/main/docs/flights.png">
    <link rel="icon" href="${base}icon.svg" type="image/svg+xml">
    <script src="${base}theme.js"></script>
    <script src="${base}lib/${libraryOf(name)}" defer></script>
    <script src="${base}site.js" type="module"></script>
    <script src="${base}lib/tabstate-inspector.min.js" defer></script>`;

const items = (links, isHere, base) =>
  Object.entries(links)
    .map(([page, label]) => {
      const current = isHere(page) ? ` aria-current="${isHere(page)}"` : '';
      return `<li><a href="${base}${folderOf(page)}"${current}>${label}</a></li>`;
    })
    .join('');

function nav(name, base) {
  const below =
    name in live
      ? `\n    <nav class="live-pages" aria-label="Live pages"><ul>${items(live, (page) => page === name && 'page', base)}</ul></nav>`
      : '';
  return `    <a class="skip" href="#main">Skip to the content</a>
    <header class="site">
      <a class="brand" href="${base}" aria-label="tabstate, start page"${name === 'index.html' ? ' aria-current="page"' : ''}><img src="${base}icon.svg" alt="" width="28" height="28"><span>tabstate</span></a>
      <nav aria-label="Site"><ul>${items(parts, (page) => page === partOf(name) && 'true', base)}</ul></nav>
      <button id="search-open" type="button" data-base="${base}">Search</button>
      <button id="theme" type="button">Dark</button>
    </header>${below}`;
}

const footer = (base, repository) => `    <footer class="site">
      <ul>
        <li><a href="${repository}">Source</a></li>
        <li><a href="https://www.npmjs.com/package/tabstate">npm</a></li>
        <li><a href="${base}learn/changelog.html">Changes</a></li>
        <li><a href="${base}learn/contributing.html">Contributing</a></li>
        <li><a href="${repository}/blob/main/LICENSE">MIT licence</a></li>
      </ul>
      <p>Data: 2001 US flights of the Bureau of Transportation Statistics, airports and Seattle weather, from vega-datasets.
      Plots: uPlot. Everything on these pages runs and stays in this browser.</p>
    </footer>
    <tabstate-inspector></tabstate-inspector>`;

/** The lines between `// #region name` and `// #endregion` (or the same in HTML comments), moved to the left margin. */
export function regionOf(script, name, file) {
  const [, text] =
    new RegExp(`(?://|<!--) #region ${name}(?: -->)?\\n([^]*?)\\n *(?://|<!--) #endregion`).exec(script) ?? [];
  if (text === undefined) throw new Error(`${file} has no region ${name}.`);
  const lines = text.split('\n');
  const margin = Math.min(...lines.filter(Boolean).map((line) => /^ */.exec(line)[0].length));
  return lines.map((line) => line.slice(margin)).join('\n');
}
