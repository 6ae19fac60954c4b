// Several test files in one page of an engine or of happy-dom.
import { describe } from 'vitest';

/**
 * Runs test files in the page of this one, in happy-dom without those for engines only. A page of its own for each, with all
 * modules read again, takes as long as most of these files take.
 */
export function inOnePage(files: Record<string, () => Promise<unknown>>): void {
  for (const [name, load] of Object.entries(files)) {
    if ('happyDOM' in window && name.endsWith('.browser.test.ts')) continue;
    describe(name, async () => {
      await load().catch((cause: unknown) => {
        // an engine says only that an import failed
        throw new Error(`${name} did not load`, { cause });
      });
    });
  }
}
