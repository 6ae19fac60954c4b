// The packed library in a project of a user.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { check, pack } from '../projects/run.mjs';
import { installed, removeDir, tempDir } from '../tools/browsers.mjs';

// The bundler that most have; `node test/projects/run.mjs` builds with all of them.
describe.runIf('chromium' in installed())('the packed library in a project', () => {
  let folder: string;
  let tarball: string;
  beforeAll(() => {
    folder = tempDir('packed');
    tarball = pack(folder);
  });
  afterAll(() => removeDir(folder));

  it('vite: one run, a hit after a reload, no message', async () => {
    expect(await check('vite', tarball, { isLinked: true })).toMatchObject({ name: 'vite', result: 'works' });
  });
});
