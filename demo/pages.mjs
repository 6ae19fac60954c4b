// What the build puts into every page: <!-- head -->, <!-- nav -->, <!-- footer --> and <!-- code file#region -->.

const links = {
  'index.html': 'Tour',
  'flights.html': 'Flights',
  'connection.html': 'Resources',
  'playground.html': 'Playground',
  'spa/index.html': 'React',
  'spa/vue/index.html': 'Vue',
  'spa/svelte/index.html': 'Svelte',
};

/**
 * @param {string} html
 * @param {{ name: string, base: string, policy: string, read: (script: string) => Promise<string> }} page
 *   `name`: the page's path; `base`: the way from it to the first page; `read`: the text of a script of the demo.
 */
export async function fillPage(html, { name, base, policy, read }) {
  const parts = { head: () => head(base, policy), nav: () => nav(name, base), footer: () => footer() };
  const page = html.replace(/^ *<!-- (head|nav|footer) -->/gm, (_all, part) => parts[part]());
  const filled = page.split(/<!-- code ([\w./-]+)#([\w-]+) -->/);
  for (let i = 1; i < filled.length; i += 3)
    filled.splice(i, 2, code(regionOf(await read(filled[i]), filled[i + 1], filled[i]), filled[i + 1]), '');
  return filled.join('');
}

const head = (base, policy) => `    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="${policy}">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <link rel="icon" href="${base}icon.svg" type="image/svg+xml">
    <link rel="stylesheet" href="${base}style.css">
    <script src="${base}lib/tabstate.min.js"></script>
    <script src="${base}theme.js"></script>
    <script src="${base}lib/tabstate-inspector.min.js" defer></script>`;

function nav(name, base) {
  const items = Object.entries(links).map(([page, label]) => {
    const here = page === name ? ' aria-current="page"' : '';
    // a folder's page by the folder's name: static hosts know it by that
    const href = `${base}${page.replace(/^index\.html$/, '').replace(/\/index\.html$/, '/')}`;
    return `          <li><a href="${href}"${here}>${label}</a></li>`;
  });
  return `    <a class="skip" href="#main">Skip to the content</a>
    <header class="site">
      <nav aria-label="Pages of the demo">
        <a class="brand" href="${base}"><img src="${base}icon.svg" alt="" width="28" height="28"> tabstate</a>
        <ul>
${items.join('\n')}
        </ul>
      </nav>
      <button id="theme" type="button">Dark</button>
    </header>`;
}

const footer = () => `    <footer class="site">
      <p>Data: 2001 US flights of the Bureau of Transportation Statistics, airports and Seattle weather, from vega-datasets.
      Plots: uPlot. Everything on these pages runs and stays in this browser.</p>
    </footer>
    <tabstate-inspector></tabstate-inspector>`;

/** The lines between `// #region name` and `// #endregion` (or the same in HTML comments), moved to the left margin. */
function regionOf(script, name, file) {
  const [, text] =
    new RegExp(`(?://|<!--) #region ${name}(?: -->)?\\n([^]*?)\\n *(?://|<!--) #endregion`).exec(script) ?? [];
  if (text === undefined) throw new Error(`${file} has no region ${name}.`);
  const lines = text.split('\n');
  const margin = Math.min(...lines.filter(Boolean).map((line) => /^ */.exec(line)[0].length));
  return lines.map((line) => line.slice(margin)).join('\n');
}

const words = 'async|await|const|let|function|return|if|else|for|of|new|import|from|throw|typeof';
const tokens = new RegExp(
  `(?<comment>//[^\\n]*)|(?<text>"[^"\\n]*"|'[^'\\n]*'|\`[^\`]*\`)|(?<word>\\b(?:${words})\\b)|(?<number>\\b\\d[\\d_.]*\\b)`,
  'g',
);

/** A block of JavaScript with its parts marked; it can be scrolled by keyboard. */
function code(text, name) {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const marked = escaped.replace(tokens, (all, ...rest) => {
    const [kind] = Object.entries(rest.at(-1)).find(([, value]) => value !== undefined);
    return `<span class="${kind}">${all}</span>`;
  });
  return `<pre tabindex="0" role="region" aria-label="Code: ${name}"><code>${marked}</code></pre>`;
}
