// What Stryker runs for each mutant: tests that need neither a browser nor the built package.
import path from 'node:path';
import { defineConfig } from 'vitest/config';

const { MUTATE_ENVIRONMENT, MUTATE_TESTS = '' } = process.env;

export default defineConfig({
  resolve: { alias: { 'fast-check': path.join(import.meta.dirname, 'few-inputs.ts') } },
  test: {
    environment: MUTATE_ENVIRONMENT,
    // a worker lives for one mutant: its files may share modules
    isolate: false,
    include: MUTATE_TESTS.split(' '),
    exclude: ['test/**/*.browser.test.ts', 'test/**/decorator*.test.ts', 'test/core/query-params-server.test.ts'],
  },
});
