// The code blocks of README and docs, as the tests run them.
import fs from 'node:fs';
import path from 'node:path';

/**
 * @typedef {{ file: string, line: number, language: string, code: string, before: string }} Block
 *
 * `before` is what stands in an HTML comment `<!-- before: … -->` above a block: names that the reader knows from his
 * own page and that the test has to declare.
 */

/** @param {string} root */
export function codeBlocks(root) {
  const docs = path.join(root, 'docs');
  const files = [
    'README.md',
    ...fs
      .readdirSync(docs)
      .filter((file) => file.endsWith('.md'))
      .map((file) => `docs/${file}`),
  ];
  /** @type {Block[]} */
  const blocks = [];
  for (const file of files) {
    const text = fs.readFileSync(path.join(root, file), 'utf8');
    for (const match of text.matchAll(/(?:<!-- before:\s*([\s\S]*?)-->\s*)?^```(\w+)\n([\s\S]*?)^```$/gm)) {
      const [whole, before = '', language = '', code = ''] = match;
      const line = text.slice(0, match.index + whole.indexOf('```')).split('\n').length;
      blocks.push({ file, line, language, code, before });
    }
  }
  return blocks;
}
