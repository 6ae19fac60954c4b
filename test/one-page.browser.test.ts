// What has no such file in its own folder, in one page of an engine.
import { inOnePage } from './tools/one-page.js';

// what has no such file in its own folder
inOnePage(
  import.meta.glob([
    './**/*.test.ts',
    '!./one-page.browser.test.ts',
    '!./{package,e2e}/**',
    // their faked clocks stop the element of one another
    '!./spinner/**',
    '!./{binding,cache,context,core,query-params,session-state}/**',
  ]),
);
