// The tests of this folder, in one page.
import { inOnePage } from '../tools/one-page.js';

// parse-once replaces a module; what it counts is the same in every engine
inOnePage(import.meta.glob(['./**/*.test.ts', '!./one-page.browser.test.ts', '!./parse-once.test.ts']));
