// Code as the playground's editor shows it, so that nothing moves when the editor takes its place.

import { htmlLanguage } from '@codemirror/lang-html';
import { highlightCode, tagHighlighter } from '@lezer/highlight';
import { colours } from '../bundled/colours.js';

const highlights = tagHighlighter(colours);
const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** @param {string} text HTML */
export function editorLines(text) {
  const lines = [''];
  const add = (html) => lines.push(lines.pop() + html);
  highlightCode(
    text,
    htmlLanguage.parser.parse(text),
    highlights,
    (part, classes) => add(classes ? `<span class="${classes}">${escaped(part)}</span>` : escaped(part)),
    () => lines.push(''),
  );
  return lines.map((line) => `<span class="line">${line}\n</span>`).join('');
}
