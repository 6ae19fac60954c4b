// Test runners of users: the page of docs/testing.md, in each environment.

const test = (from, fake) => `${from}
import { cacheData, queryParams, sessionState } from 'tabstate';
import { reset } from 'tabstate/testing';
beforeEach(reset);
let runs = 0;
const load = cacheData(async (n) => n + ++runs, { name: 'load', ttl: '1h' });
for (const round of [1, 2])
  test('round ' + round + ' sees a first import', async () => {
    runs = 0;
    expect([Object.keys(sessionState), location.search]).toEqual([[], '']);
    sessionState.n = 1;
    queryParams.page = 2;
    queryParams.flush();
    expect(location.search).toBe('?page=2');
    expect([await load(1), await load(1)]).toEqual([2, 2]);
  });
test('fake timers make results expire', async () => {
  ${fake}.useFakeTimers();
  runs = 0;
  expect(await load(1)).toBe(2);
  ${fake}.setSystemTime(Date.now() + 2 * 3600_000);
  expect(await load(1)).toBe(3);
  ${fake}.useRealTimers();
});
`;
const vitest = (environment, version) => ({
  kind: 'command',
  packages: { vitest: '4', [environment]: version },
  build: ['vitest', 'run'],
  files: {
    'a.test.js': test("import { beforeEach, expect, test, vi } from 'vitest';", 'vi'),
    'vitest.config.mjs': `export default { test: { environment: '${environment}' } };`,
  },
});
const jest = {
  kind: 'command',
  packages: { jest: '30', 'jest-environment-jsdom': '30', '@babel/core': '7', '@babel/preset-env': '7' },
  build: ['jest'],
  type: 'commonjs',
};

export const runners = {
  'vitest-jsdom': vitest('jsdom', '29.0.1'),
  'vitest-happy-dom': vitest('happy-dom', '21'),
  'jest-jsdom': {
    ...jest,
    files: {
      'a.test.js': test('', 'jest'),
      'babel.config.json': '{ "presets": [["@babel/preset-env", { "targets": { "node": "current" } }]] }',
      'jest.config.json': '{ "testEnvironment": "jsdom", "transformIgnorePatterns": [] }',
    },
  },
};
