// Learn and API: every page of docs/, and what the doc comments say, as pages of the site with an index for its search.

import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import MiniSearch from 'minisearch';
import { render } from './markdown.mjs';
import { figure, readBench } from './plots.mjs';
import { searchOptions } from './search-options.mjs';

/** What Learn holds, in reading order: headings, and files of the repository with the names that links show and what they tell. */
const chapters = {
  Start: {
    'README.md': ['Overview', 'What it is, how to install it, and the four APIs with an example each.'],
    'docs/recipes.md': [
      'Recipes',
      'A share link, a draft, offline first, other tabs, big tables: each in a few lines.',
    ],
  },
  'The four APIs': {
    'docs/session-state.md': ['sessionState', 'The state of a tab: an object that survives reloads.'],
    'docs/query-params.md': ['queryParams', 'State that belongs in the address, typed if you like.'],
    'docs/context.md': ['context', 'Cookies, locale, time zone, theme, headers.'],
    'docs/cache.md': ['cacheData, cacheResource', 'Functions whose results are kept, as copies or as one live object.'],
    'docs/bind.md': ['bind', 'Forms and fields, both ways, with state or address.'],
    'docs/connection.md': ['connection', 'Something that is opened once and asked often, such as a database.'],
  },
  'In your project': {
    'docs/frameworks.md': ['Frameworks', 'Hooks for React, Vue and Solid; Svelte, Lit and others as they are.'],
    'docs/servers.md': ['Servers', 'Next, Nuxt, SvelteKit, Astro, React Router: what runs where.'],
    'docs/workers.md': ['Workers', 'The same cache in web, shared and service workers.'],
    'docs/testing.md': ['Testing', 'A fresh start for each test, storage in memory, fake timers.'],
  },
  'Coming from': {
    'docs/from-streamlit.md': ['Streamlit', 'The Python line, the JavaScript line, and what differs.'],
    'docs/from-nuqs.md': ['nuqs', 'Typed query parameters side by side.'],
    'docs/from-zustand.md': ['zustand persist', 'A store with actions, and an object without.'],
    'docs/from-tanstack-query.md': ['TanStack Query', 'Results that are kept, and when to stay.'],
    'docs/legacy.md': ['Older Streamlit', 'The deprecated names, for code that is being moved.'],
  },
  'In depth': {
    'docs/cache-keys.md': ['Cache keys and copies', 'Which arguments are equal, and what a caller may change.'],
    'docs/storage.md': ['What is stored', 'Where, how long, how large, and what happens when it is full.'],
    'docs/performance.md': ['Performance', 'Where it is faster than its peers, and where slower.'],
    'bench/README.md': ['Benchmarks', 'Every line in three browsers, and what misses its target.'],
  },
  'How it works': {
    'docs/design/core.md': ['What all features stand on', 'Layers, the registry, texts, copies and keys.'],
    'docs/design/session-state.md': ['The session state', 'Looks, writes and what listeners are told, tick by tick.'],
    'docs/design/query-params.md': ['The query parameters', 'Edits, the address, history and its limits.'],
    'docs/design/cache.md': ['The cache', 'The course of a call, from memory to disk and other tabs.'],
    'docs/design/faults.md': ['What storage does wrong', 'Each trouble, what the library does, and its test.'],
  },
  Project: {
    'CONTRIBUTING.md': ['Contributing', 'How the code is laid out, and what a change needs.'],
    'CHANGELOG.md': ['Changes', 'What is new, changed and mended.'],
  },
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
  const pages = sources.map(({ file, name, text, label, about, isRepeated }) => {
    const page = { name, label, about, file, isRepeated, ...render(text, linkFrom(file, name), label) };
    // plots in the page itself have the colours of its theme
    page.html = page.html.replace(/<p><img src="[^"]*plots\/(\w+)\.svg"[^>]*><\/p>/g, (_all, id) =>
      figure(charts.find((chart) => chart.id === id)),
    );
    // its place is kept until it is there
    page.html = page.html.replaceAll(/<img src="[^"]*flights\.png"/g, '$& width="1280" height="900"');
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
    for (const [i, page] of all.entries()) {
      html[page.name] = article(page, menu, all[i - 1], all[i + 1]);
      if (page.live) html[page.name.replace(/html$/, 'js')] = page.live.script;
    }
    html[`${part}/index.html`] = overview(part, menu);
  }
  return { pages: html, search: searchIndex(pages) };
}

async function learnSources(root) {
  const files = Object.values(chapters).flatMap((group) => Object.entries(group));
  const known = new Set(files.map(([file]) => file));
  for (const file of await readdir(path.join(root, 'docs'), { recursive: true }))
    if (file.endsWith('.md') && !known.has(`docs/${file}`)) throw new Error(`docs/${file} has no place in Learn.`);
  return Promise.all(
    files.map(async ([file, [label, about]]) => {
      const flat = file
        .replace(/^docs\//, '')
        .replace(/^README/, 'overview')
        .replace(/\/README/, '')
        .replace(/\.md$/, '');
      const name = `learn/${flat.replaceAll('/', '-').toLowerCase()}.html`;
      return { file, label, about, name, text: await readFile(path.join(root, file), 'utf8') };
    }),
  );
}

/** The page of each name that an entry exports; typedoc's own lists are left out. */
async function apiSources(api) {
  const files = (await readdir(api, { recursive: true })).filter(
    (file) => /\w\.md$/.test(file) && !file.endsWith('README.md'),
  );
  const texts = new Map();
  for (const file of files.sort(byEntry)) texts.set(file, tidy(await readFile(path.join(api, file), 'utf8')));
  const pageOf = (name, from) =>
    [...texts.keys()]
      .filter((file) => path.basename(file) === `${name}.md`)
      .sort((a, b) => Number(b.split('/')[0] === from) - Number(a.split('/')[0] === from))[0];
  /** The interface that declares what a value of this type has: itself, or the first of an intersection. */
  function membersOf(type, from) {
    const page = pageOf(type, from);
    const alias = /^type \w+(?:<.*?>)? = (?:object & )?(\w+)/m.exec(texts.get(page) ?? '');
    return alias ? pageOf(alias[1], from) : page;
  }
  const shownElsewhere = new Set();
  /** A constant's members stand on its own page, below what its comment says. */
  function withMembers(text, file) {
    const [declared, type] = /^(?:const|let) \w+: (\w+)\b.*;\n```\n/m.exec(text) ?? [];
    const [entry] = file.split('/');
    const source = declared && membersOf(type, entry);
    if (!source) return text;
    const away = (page) => path.relative(path.dirname(file), page);
    const all = texts.get(source);
    const members = all
      .slice(all.search(/^## (Call Signature|Properties|Methods)$/m))
      .replace(/\]\(([^)#:]+\.md)/g, (_all, to) => `](${away(path.join(path.dirname(source), to))}`)
      .replaceAll(`\n${type}`, `\n${path.basename(file, '.md')}`);
    shownElsewhere.add(source);
    return `${text.replace(declared, `${declared}\nType: [\`${type}\`](${away(pageOf(type, entry))})\n`)}\n${members}`;
  }
  return [...texts].map(([file, text]) => ({
    file: path.join(api, file),
    name: `api/${file.replace(/^index\//, '').replace(/\.md$/, '.html')}`,
    label: path.basename(file, '.md'),
    text: withMembers(text, file),
    get isRepeated() {
      return shownElsewhere.has(file);
    },
  }));
}

/** Without what typedoc writes and a signature says already; `# Function: bind()` as `# bind()`, for the menu says what it is. */
const tidy = (text) =>
  text
    .replace(/^# (~~)?[\w ]+: /, '# $1')
    .replace(/^#+ Inherited from\n\n.*\n\n?/gm, '')
    .replace(/^#+ Returns\n\n`void`\n\n?/gm, '')
    .replace(/^#+ Type Parameters\n\n\| Type Parameter \|\n.*\n(?:\| <a id="[^"]*"><\/a> `\w+` \|\n)+\n?/gm, '')
    .replace(/^## Param\n\n\*\*options\*\*\n/m, '## Options\n')
    .replace(/^\*\*\*\n\n?/gm, '');

const order = ['variables', 'functions', 'classes', 'interfaces', 'type-aliases'];
const rank = (file) =>
  (file.startsWith('index/') ? '' : path.dirname(path.dirname(file))) + order.indexOf(file.split('/').at(-2));
const byEntry = (a, b) => (rank(a) + a.toLowerCase() < rank(b) + b.toLowerCase() ? -1 : 1);

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
  const dead = [];
  const ids = new Map();
  for (const { name, html } of pages) {
    const all = Array.from(html.matchAll(/ id="([^"]+)"/g), ([, id]) => id);
    ids.set(name, new Set(all));
    // of an example and a heading, for instance
    if (ids.get(name).size < all.length) throw new Error(`${name} has an id twice: ${all.sort().join(' ')}`);
  }
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
  // what is on two pages is found once
  for (const { name, label, title, sections } of pages.filter(({ isRepeated }) => !isRepeated))
    for (const { id: hash, title: section, text } of sections) {
      const words = text.replace(/\s+/g, ' ').trim();
      if (!words && hash) continue;
      const part = name.startsWith('api/') ? 'API' : name.startsWith('learn/design-') ? 'Inside' : 'Learn';
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

const shell = ({ title, description, head = '' }, body) => `<!doctype html>
<html lang="en">
  <head>
    <!-- head -->
    <title>${escaped(title)} – tabstate</title>
    <meta name="description" content="${escaped(description)}">${head}
  </head>
  <body>
    <!-- nav -->
${body}
    <!-- footer -->
  </body>
</html>
`;

function article(page, menu, previous, next) {
  const { name, title, html, headings, sections, live } = page;
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
    { title, description: text.slice(0, 150).replace(/\s\S*$/, ''), head: live && liveHead(page) },
    `    <div class="book">
      <details class="contents">
        <summary>Contents</summary>
        <nav aria-label="Contents">
${menu.map((group) => menuGroup(group, page, href)).join('\n')}
        </nav>
      </details>
      <main id="main" class="prose${name.startsWith('api/') ? ' reference' : ''}">
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

const liveHead = ({ name, live: { metas } }) => `
    ${metas}<script src="${path.basename(name, '.html')}.js" type="module"></script>`;

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
  const card = (page) =>
    `<li><a href="${page.name.slice(part.length + 1)}">${escaped(page.label)}</a>${page.about ? `<p>${page.about}</p>` : ''}</li>`;
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
