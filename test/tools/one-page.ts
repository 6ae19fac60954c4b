// Several test files in one page of an engine.
import { describe } from 'vitest';

/**
 * Runs test files in the page of this one. A page of its own for each, with all modules read again, takes an engine as long as
 * most of these files take.
 */
export function inOnePage(files: Record<string, () => Promise<unknown>>): void {
  for (const [name, load] of Object.entries(files))
    describe(name, async () => {
      await load();
    });
}
