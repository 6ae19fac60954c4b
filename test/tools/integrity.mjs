// Writes the hashes of the files for script tags, and the version, into the CDN lines of the README. Runs after a build.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');

/** The text with the version and the hash of the file in each CDN line: `…/tabstate@<version>/dist/<file>" integrity="…"`. */
export function withIntegrity(text) {
  const { version } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
  return text
    .replace(/(\btabstate@)\d[\w.-]*(\/dist\/)/g, `$1${version}$2`)
    .replace(/(\/dist\/([\w.-]+)" integrity=")[^"]*/g, (_all, start, file) => {
      const hash = createHash('sha384').update(fs.readFileSync(path.join(root, 'dist', file)));
      return `${start}sha384-${hash.digest('base64')}`;
    });
}

if (process.argv[1] === import.meta.filename) {
  const readme = path.join(root, 'README.md');
  const text = fs.readFileSync(readme, 'utf8');
  const now = withIntegrity(text);
  if (now !== text) fs.writeFileSync(readme, now);
}
