// Read by `npm run mutate`, which says what is changed and by which tests.
const { MUTATE_AREA, MUTATE_FILES = '' } = process.env;

export default {
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  // what is related to a file would be looked up for every mutant
  vitest: { configFile: 'test/tools/mutation.config.ts', related: false },
  mutate: MUTATE_FILES.split(' '),
  coverageAnalysis: 'perTest',
  // what runs when a module is loaded would need a worker of its own for every mutant
  ignoreStatic: true,
  disableTypeChecks: false,
  concurrency: 1,
  timeoutMS: 15_000,
  dryRunTimeoutMinutes: 20,
  ignorePatterns: ['bench', 'coverage', 'demo', 'dist', 'docs', 'etc'],
  reporters: ['clear-text', 'json'],
  clearTextReporter: { allowEmojis: false, logTests: false },
  jsonReporter: { fileName: `coverage/mutation-${MUTATE_AREA}.json` },
  tempDirName: 'coverage/stryker',
};
