// The order of the files. Without results of an earlier run, as in CI, Vitest takes the largest file first, and then one
// worker waits for what the other one began last.
import { BaseSequencer } from 'vitest/node';

/** From the longest; in an order in which heavy files meet those that wait. What is not listed comes after them. */
const longest = [
  'demo-flights',
  'cache-kill',
  'demo',
  'cache-tabs',
  'demo-playground',
  'docs',
  'cache-faults',
  'session-state',
  'demo-learn',
  'query-params',
  'context',
  'soak',
  'projects',
];

const rankOf = ({ moduleId }) => {
  const at = longest.findIndex((name) => moduleId.endsWith(`/e2e/${name}.test.ts`));
  return at < 0 ? longest.length : at;
};

/** The page with most tests: others come between its history writes and those of queryParams (see setup.history.ts). */
const isFirst = ({ moduleId }) => moduleId.endsWith('/test/one-page.browser.test.ts');

export class LongestFirst extends BaseSequencer {
  async sort(files) {
    const sorted = await super.sort(files);
    // the sort is stable, and groups stay what they are: all of e2e stands together
    const isEndToEnd = ({ project }) => project.name === 'e2e';
    const rest = sorted.filter((file) => !isEndToEnd(file));
    return [
      ...rest.sort((a, b) => isFirst(b) - isFirst(a)),
      ...sorted.filter(isEndToEnd).sort((a, b) => rankOf(a) - rankOf(b)),
    ];
  }
}
