// Markdown and code as HTML, highlighted here so that pages need neither a script nor an inline style for it.

import hljs from 'highlight.js';
import markdownIt from 'markdown-it';
import anchor from 'markdown-it-anchor';

const aliases = { vue: 'xml', svelte: 'xml', html: 'xml', tsx: 'ts', jsx: 'js', sh: 'bash' };

/** A block of code with a button that copies it; its lines wrap, so nothing of it is out of sight. */
export function codeBlock(text, language, name = '') {
  const known = hljs.getLanguage(aliases[language] ?? language) ? (aliases[language] ?? language) : 'plaintext';
  // comments far to the right would begin anywhere in the next line of the page
  const code = text
    .replace(/\n$/, '')
    .replace(/^(.*\S) {3,}((?:\/\/|#) .*)$/gm, (line, left, comment) =>
      line.length > 60 ? `${left} ${comment}` : line,
    );
  // long chains of calls break before a dot
  const value = hljs
    .highlight(code, { language: known })
    .value.replace(/(?<=[\w)\]]|<\/span>)\.(?=<span|[a-z])/gi, '<wbr>.');
  const title = name && `<p class="file">${name}</p>`;
  return `<div class="code">${title}<button type="button" class="copy" hidden>Copy</button><pre><code>${value}</code></pre></div>\n`;
}

/** Anchors as GitHub makes them, so that links work in both places. */
const slugify = (text) =>
  text
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-');

const markdown = markdownIt({ html: true, highlight: undefined }).use(anchor, {
  slugify,
  permalink: anchor.permalink.headerLink({ safariReaderFix: true }),
  level: [2, 3, 4],
});
markdown.renderer.rules.fence = (tokens, i) =>
  codeBlock(tokens[i].content, tokens[i].info.split(/\s/)[0]) + (tokens[i].meta?.stage ?? '');
markdown.renderer.rules.table_open = () => '<div class="scroll" tabindex="0" role="group" aria-label="Table"><table>\n';
markdown.renderer.rules.table_close = () => '</table></div>\n';

/**
 * A block of HTML below `<!-- live: what to try -->` runs on the page, below its code: a stage with its elements, and its
 * script as a file of its own, which the policy allows.
 */
function liveOf(code, hint) {
  const metas = code.match(/<meta .*>\n/g) ?? [];
  const [all, script] = /<script>\n([\s\S]*?)<\/script>\n/.exec(code);
  const elements = [...metas, all, '<script src="tabstate.min.js"></script>\n'].reduce(
    (rest, part) => rest.replace(part, ''),
    code,
  );
  const stage = `<div class="stage" role="group" aria-label="The example, live">${elements}<p class="note">${markdown.renderInline(hint)}</p></div>\n`;
  return { stage, script, metas: metas.join('') };
}

/** Headings of the API that say nothing by themselves: their text is found with that of the heading above. */
const generic = /^((Type )?Parameters|Returns|Throws|Call Signature|Example)$/;

/**
 * @param {string} text
 * @param {(href: string) => string} link where a link of the text goes on the site
 * @param {string} other whose code stands on the left of pairs
 * @returns the page's HTML, its title, its headings, its text in sections, for the search, and the live example
 */
export function render(text, link, other) {
  const source = text
    .replace(/<!-- before:[\s\S]*?-->\n?/g, '')
    .replace(/<!-- side by side -->\n\n?/g, '<!-- pair -->\n\n');
  const tokens = markdown.parse(source, {});
  const headings = [];
  const sections = [{ title: '', id: '', text: '' }];
  let title = '';
  let live;
  let heads = [];
  let column = 0;
  tokens.forEach((token, i) => {
    const [, hint] = (token.type === 'html_block' && /^<!-- live: (.*) -->/.exec(token.content)) || [];
    if (hint) {
      live = liveOf(tokens[i + 1].content, hint);
      tokens[i + 1].meta = live;
      token.content = '';
    }
    // on a phone each cell of a table with many columns names its column
    if (token.type === 'thead_open') heads = [];
    if (token.type === 'th_open') heads.push(plain(tokens[i + 1]));
    if (token.type === 'tr_open') column = 0;
    if (token.type === 'td_open') {
      if (heads.length > 2 && column > 0 && heads[column]) token.attrSet('data-head', heads[column]);
      column += 1;
    }
    for (const child of token.children ?? []) {
      const name = child.type === 'image' ? 'src' : child.type === 'link_open' && 'href';
      if (name) child.attrSet(name, link(child.attrGet(name)));
    }
    const inside = plain(tokens[i + 1]);
    if (token.type === 'heading_open' && token.tag === 'h1') title ||= inside;
    else if (token.type === 'heading_open') {
      const id = token.attrGet('id');
      if (token.tag !== 'h4' && !generic.test(inside))
        headings.push({ id, title: inside, level: Number(token.tag[1]) });
      if (!generic.test(inside)) sections.push({ title: inside, id, text: '' });
    } else if (token.type === 'fence') sections.at(-1).text += ` ${token.content}`;
    else if (token.type === 'inline' && tokens[i - 1].type !== 'heading_open')
      sections.at(-1).text += ` ${plain(token)}`;
  });
  const html = markdown.renderer
    .render(tokens, markdown.options, {})
    .replaceAll('<th></th>', '<td></td>')
    // the policy allows no style in the text
    .replace(/<(t[hd])([^>]*) style="text-align:(\w+)"/g, '<$1$2 class="$3"')
    // two blocks of code that a comment declares a pair stand side by side where there is room
    .replace(
      /<!-- pair -->\s*(?:<div class="code">([\s\S]*?)<\/div>)\s*(?:<div class="code">([\s\S]*?)<\/div>)/g,
      (_all, left, right) => {
        const block = (name, inside) => `<div class="code"><p class="file">${name}</p>${inside}</div>`;
        return `<div class="pair">${block(other, left)}${block('tabstate', right)}</div>`;
      },
    );
  return { title, html, headings, sections, live };
}

const plain = (token) =>
  (token?.children ?? []).map(({ type, content }) => (type === 'softbreak' ? ' ' : content)).join('');
