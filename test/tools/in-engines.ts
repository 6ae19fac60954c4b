// The same tests in every installed engine.
import { describe } from 'vitest';
import { installed } from './browsers.mjs';

/**
 * Defines the same tests for every installed engine; the tests of one engine run one after the other. The engines run
 * side by side, because each mostly waits for its browser.
 *
 * @param isHeavy - the pages keep the processor busy: one engine after the other
 */
export function inEngines(what: string, define: (engine: string) => void, isHeavy = false): void {
  for (const engine of Object.keys(installed()))
    describe(engine, { concurrent: !isHeavy }, () => {
      describe.sequential(what, () => define(engine));
    });
}
