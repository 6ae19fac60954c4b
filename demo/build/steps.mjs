// Steps of a build, which are left out while nothing has changed.
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;

/**
 * Steps of a build that say what they do, and are left out while neither what they read nor what they wrote has changed.
 *
 * @param {string} root what `inputs` are relative to
 * @param {string} folder where the steps are remembered
 */
export function stepsIn(root, folder) {
  /** `outputs`: one folder, which `run` is given, and which is emptied before. A step without any always runs. */
  return async function step(name, inputs, [output] = [], run) {
    const start = performance.now();
    const memory = path.join(folder, `${name.replace(/\W+/g, '-')}.txt`);
    const state = async () =>
      [
        await digest(
          inputs.map((input) => path.join(root, input)),
          true,
        ),
        await digest([output], false),
      ].join('\n');
    if (output) {
      const before = await state();
      if (before === (await readFile(memory, 'utf8').catch(() => ''))) return console.log(`  ${name}: unchanged`);
      await rm(output, { recursive: true, force: true });
      await mkdir(path.dirname(output), { recursive: true });
    }
    console.log(`  ${name} …`);
    await run(output);
    if (output) {
      await mkdir(folder, { recursive: true });
      await writeFile(memory, await state());
    }
    console.log(`  ${name}: done after ${seconds(start)}`);
  };
}

/** A short text that changes with names and contents (`isDeep`) or names, sizes and times of files. */
async function digest(paths, isDeep) {
  const hash = createHash('sha256');
  for (const place of paths) {
    const found = await stat(place).catch(() => undefined); // an output that is not there yet
    if (!found) continue;
    const names = found.isDirectory() ? (await readdir(place, { recursive: true })).sort() : [''];
    for (const name of names) {
      const file = path.join(place, name);
      const about = await stat(file);
      if (about.isDirectory()) continue;
      hash.update(`${name} ${about.size} `).update(isDeep ? await readFile(file) : `${about.mtimeMs}`);
    }
  }
  return hash.digest('hex');
}
