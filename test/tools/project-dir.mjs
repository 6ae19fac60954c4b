// Folders for projects that tests build.
import fs from 'node:fs';
import path from 'node:path';
import { tempDir } from './browsers.mjs';

/** A temporary folder whose modules find what this repository has installed. */
export function projectDir(name) {
  const folder = tempDir(name);
  fs.symlinkSync(path.resolve(import.meta.dirname, '../../node_modules'), path.join(folder, 'node_modules'));
  return folder;
}
