// What has no such file in its own folder, in one page.
import { inOnePage } from './tools/one-page.js';

inOnePage(
  import.meta.glob([
    './**/*.test.ts',
    '!./one-page.browser.test.ts',
    '!./{package,e2e}/**',
    // a page of their own: faked clocks stop the element of one another, and some count what a page asks of the platform
    '!./spinner/**',
    '!./disk/**',
    '!./tiers/disk-tier.browser.test.ts',
    '!./{binding,cache,context,core,query-params,session-state}/**',
  ]),
);
