// The parts of the start page that come from elsewhere: README's CDN lines and sizes, and what the bench has measured.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { withIntegrity } from '../../test/tools/integrity.mjs';
import { codeBlock } from './markdown.mjs';
import { figure, readBench } from './plots.mjs';

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** @param {string} root the repository */
export async function startPage(root) {
  const readme = withIntegrity(await readFile(path.join(root, 'README.md'), 'utf8'));
  const bench = await readBench();
  const [line] = /<script src="https:\/\/cdn\.jsdelivr\.net[^>]*tabstate\.min\.js"[^>]*><\/script>/.exec(readme);
  const tag = line.replaceAll(' ', '\n');
  return {
    'install-npm': codeBlock('npm install tabstate', 'sh'),
    'install-tag': codeBlock(tag, 'html'),
    sizes: sizes(readme, bench.sizes),
    charts: bench.charts.slice(0, 2).map(figure).join('\n'),
    'charts-note': `${bench.when}, ${bench.where}.`,
  };
}

function sizes(readme, peers) {
  const sizeOf = (name) => new RegExp(`^\\| \`${name}\` \\|[^|]*\\| ([\\d.]+) kB \\|`, 'm').exec(readme)[1];
  const rows = Object.entries(peers).map(([name, others]) => {
    const beside = Object.entries(others).map(([peer, size]) => `${escaped(peer)} ${size}`);
    return `<tr><th scope="row"><code>${name}</code></th><td class="number">${sizeOf(name)}</td><td>${beside.join('<br>')}</td></tr>`;
  });
  return `<table class="weights folded"><caption>kB, minified and compressed with brotli, dependencies included</caption>
<thead><tr><th scope="col">Import</th><th scope="col" class="number">tabstate</th><th scope="col">Others</th></tr></thead>
<tbody>${rows.join('')}</tbody></table>`;
}
