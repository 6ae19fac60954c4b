// The tests of this folder, in one page.
import { inOnePage } from '../tools/one-page.js';

inOnePage(import.meta.glob(['./**/*.test.ts', '!./one-page.browser.test.ts']));
