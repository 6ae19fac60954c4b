// Learn and API: every page of docs/, and what the doc comments say, as pages of the site with an index for its search.

import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import MiniSearch from 'minisearch';
import { render } from './markdown.mjs';
import { figure, readBench } from './plots.mjs';
import { searchOptions } from './search-options.mjs';

/** What Learn holds, in reading order: headings, and files of the repository with the names that links show. */
const chapters = {
  Start: { 'README.md': 'Overview', 'docs/recipes.md': 'Recipes' },
  'The four APIs': {
    'docs/session-state.md': 'sessionState',
    'docs/query-params.md': 'queryParams',
    'docs/context.md': 'context',
    'docs/cache.md': 'cacheData, cacheResource',
    'docs/bind.md': 'bind',
    'docs/connection.md': 'connection',
  },
  'In your project': {
    'docs/frameworks.md': 'Frameworks',
    'docs/servers.md': 'Servers',
    'docs/workers.md': 'Workers',
    'docs/testing.md': 'Testing',
  },
  'Coming from': {
    'docs/from-streamlit.md': 'Streamlit',
    'docs/from-nuqs.md': 'nuqs',
    'docs/from-zustand.md': 'zustand persist',
    'docs/from-tanstack-query.md': 'TanStack Query',
    'docs/legacy.md': 'Older Streamlit',
  },
  'In depth': {
    'docs/cache-keys.md': 'Cache keys and copies',
    'docs/storage.md': 'What is stored',
    'docs/design/cache.md': 'How the cache works',
    'docs/performance.md': 'Performance',
    'bench/README.md': 'Benchmarks',
  },
  Project: { 'CONTRIBUTING.md': 'Contributing', 'CHANGELOG.md': 'Changes' },
};

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/** @param {string} name a page's path @returns the way from it to the first page */
export const baseOf = (name) => '../'.repeat(name.split('/').length - 1) || './';

/**
 * @param {{ root: string, api: string, repository: string }} where the repository, typedoc's Markdown, and what links lead
 *   to that are no page of the site
 */
export async function documents({ root, api, repository }) {
  const sources = [...(await learnSources(root)), ...(await apiSources(api))];
  const names = new Map(sources.map(({ file, name }) => [file, name]));
  const { charts } = await readBench();
  const pages = sources.map(({ file, name, text, label }) => {
    const page = { name, label, file, ...render(text, linkFrom(file, name), label) };
    // plots in the page itself have the colours of its theme
    page.html = page.html.replace(/<p><img src="[^"]*plots\/(\w+)\.svg"[^>]*><\/p>/g, (_all, id) =>
      figure(charts.find((chart) => chart.id === id)),
    );
    return page;
  });
  function linkFrom(file, name) {
    return (href) => {
      if (/^(\w+:|#)/.test(href)) return href;
      const [to, hash = ''] = href.split(/(?=#)/);
      const target = path.join(path.dirname(file), decodeURI(to));
      if (target === 'docs/flights.png') return `${baseOf(name)}flights.png`;
      const page = names.get(target);
      if (page) return path.relative(path.dirname(name), page) + hash;
      if (target.startsWith(api)) throw new Error(`${file} leads to ${href}, which typedoc did not write.`);
      return `${repository}/blob/main/${target}${hash}`;
    };
  }
  checkLinks(pages);
  const learn = pages.filter(({ file }) => !file.startsWith(api));
  const reference = pages.filter(({ file }) => file.startsWith(api));
  const learnMenu = Object.entries(chapters).map(([title, files]) => ({
    title,
    pages: learn.filter(({ file }) => file in files),
  }));
  const apiMenu = [...new Set(reference.map(entryOf))].map((title) => ({
    title,
    pages: reference.filter((page) => entryOf(page) === title),
  }));
  const html = {};
  for (const [part, menu, all] of [
    ['learn', learnMenu, learn],
    ['api', apiMenu, reference],
  ]) {
    for (const [i, page] of all.entries()) html[page.name] = article(page, menu, all[i - 1], all[i + 1]);
    html[`${part}/index.html`] = overview(part, menu);
  }
  return { pages: html, search: searchIndex(pages) };
}

async function learnSources(root) {
  const files = Object.values(chapters).flatMap((group) => Object.entries(group));
  const known = new Set(files.map(([file]) => file));
  for (const file of await readdir(path.join(root, 'docs')))
    if (file.endsWith('.md') && !known.has(`docs/${file}`)) throw new Error(`docs/${file} has no place in Learn.`);
  return Promise.all(
    files.map(async ([file, label]) => {
      const flat = file
        .replace(/^docs\//, '')
        .replace(/^README/, 'overview')
        .replace(/\/README/, '')
        .replace(/\.md$/, '');
      const name = `learn/${flat.replaceAll('/', '-').toLowerCase()}.html`;
      return { file, label, name, text: await readFile(path.join(root, file), 'utf8') };
    }),
  );
}

/** The page of each name that an entry exports; typedoc's own lists are left out. */
async function apiSources(api) {
  const files = (await readdir(api, { recursive: true })).filter(
    (file) => /\w\.md$/.test(file) && !file.endsWith('README.md'),
  );
  return Promise.all(
    files.sort(byEntry).map(async (file) => {
      const text = await readFile(path.join(api, file), 'utf8');
      const name = `api/${file.replace(/^index\//, '').replace(/\.md$/, '.html')}`;
      return { file: path.join(api, file), name, label: path.basename(file, '.md'), text: withKind(text, file) };
    }),
  );
}

const order = ['variables', 'functions', 'classes', 'interfaces', 'type-aliases'];
const rank = (file) =>
  (file.startsWith('index/') ? '' : path.dirname(path.dirname(file))) + order.indexOf(file.split('/').at(-2));
const byEntry = (a, b) => (rank(a) + a.toLowerCase() < rank(b) + b.toLowerCase() ? -1 : 1);

/** `# Function: bind()` as `# bind()`: the menu says what it is. */
const withKind = (text) => text.replace(/^# [\w ]+: /, '# ');

/** The heading of the menu under which a page of the API stands. */
const entryOf = ({ name }) => {
  const [, first] = name.split('/');
  if (!order.includes(first)) return `tabstate/${first}`;
  return ['interfaces', 'type-aliases'].includes(first)
    ? 'Types of tabstate'
    : first === 'classes'
      ? 'Errors'
      : 'tabstate';
};

function checkLinks(pages) {
  const ids = new Map(
    pages.map(({ name, html }) => [name, new Set(Array.from(html.matchAll(/ id="([^"]+)"/g), ([, id]) => id))]),
  );
  const dead = [];
  for (const { name, html } of pages)
    for (const [, href] of html.matchAll(/<a[^>]* href="([^":]+)"/g)) {
      const [to, id] = href.split('#');
      const target = to === '' ? name : path.join(path.dirname(name), to);
      if (!ids.has(target) || (id && !ids.get(target).has(decodeURI(id)))) dead.push(`${name}: ${href}`);
    }
  if (dead.length) throw new Error(`Links that lead nowhere:\n${dead.join('\n')}`);
}

function searchIndex(pages) {
  const index = new MiniSearch(searchOptions);
  let id = 0;
  for (const { name, label, title, sections } of pages)
    for (const { id: hash, title: section, text } of sections) {
      const words = text.replace(/\s+/g, ' ').trim();
      if (!words && hash) continue;
      const part = name.startsWith('api/') ? 'API' : 'Learn';
      index.add({
        id: id++,
        href: `${name}${hash && `#${hash}`}`,
        page: `${part}: ${label}`,
        title: section || title,
        text: words,
        start: words.slice(0, 140),
      });
    }
  return JSON.stringify(index);
}

const shell = ({ title, description }, body) => `<!doctype html>
<html lang="en">
  <head>
    <!-- head -->
    <title>${escaped(title)} – tabstate</title>
    <meta name="description" content="${escaped(description)}">
  </head>
  <body>
    <!-- nav -->
${body}
    <!-- footer -->
  </body>
</html>
`;

function article(page, menu, previous, next) {
  const { name, title, html, headings, sections } = page;
  const href = (other) => path.relative(path.dirname(name), other.name);
  const isFlat = headings.length < 3;
  const step = (other, rel, words) =>
    other
      ? `<a rel="${rel}" href="${href(other)}"><small>${words}</small> ${escaped(other.label)}</a>`
      : '<span></span>';
  const text = sections
    .map((section) => section.text)
    .join(' ')
    .replace(/\s+/g, ' ')
    .trim();
  return shell(
    { title, description: text.slice(0, 150).replace(/\s\S*$/, '') },
    `    <div class="book">
      <details class="contents" open>
        <summary>Contents</summary>
        <nav aria-label="Contents">
${menu.map((group) => menuGroup(group, page, href)).join('\n')}
        </nav>
      </details>
      <main id="main" class="prose">
${html}
        <nav class="steps" aria-label="Pages beside this one">${step(previous, 'prev', 'Before')}${step(next, 'next', 'Next')}</nav>
      </main>
      <nav class="toc" aria-label="On this page"${isFlat ? ' hidden' : ''}>
        <p>On this page</p>
        <ul>${headings.map(({ id, title: text, level }) => `<li class="level-${level}"><a href="#${id}">${escaped(text)}</a></li>`).join('')}</ul>
      </nav>
    </div>`,
  );
}

const menuGroup = (
  { title, pages },
  page,
  href,
) => `          <details${pages.includes(page) || !/tabstate|Errors/.test(title) ? ' open' : ''}>
            <summary>${title}</summary>
            <ul>${pages
              .map(
                (other) =>
                  `<li><a href="${href(other)}"${other === page ? ' aria-current="page"' : ''}>${escaped(other.label)}</a></li>`,
              )
              .join('')}</ul>
          </details>`;

const words = {
  learn: [
    'Learn',
    'Every page about tabstate: the four APIs, frameworks and servers, recipes, and what changes for those who come from elsewhere.',
  ],
  api: ['API', 'Every name that tabstate and its entries export, from the comments beside the code.'],
};

function overview(part, menu) {
  const [title, description] = words[part];
  const about = ({ sections }) => {
    const text = sections
      .map((section) => section.text)
      .join(' ')
      .replace(/^[^.]*;\s*|\s+/g, ' ')
      .trim();
    return escaped(/^.{0,110}(?=\s|$)/.exec(text)[0]) + (text.length > 110 ? ' …' : '');
  };
  const card = (page) =>
    `<li><a href="${page.name.slice(part.length + 1)}">${escaped(page.label)}</a>${part === 'learn' ? `<p>${about(page)}</p>` : ''}</li>`;
  return shell(
    { title, description },
    `    <main id="main">
      <div class="hero">
        <h1>${title}</h1>
        <p>${description}</p>
      </div>
${menu.map((group) => `      <section class="card"><h2>${group.title}</h2><ul class="${part === 'learn' ? 'shelf' : 'names'}">${group.pages.map(card).join('')}</ul></section>`).join('\n')}
    </main>`,
  );
}
