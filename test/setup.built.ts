// `npm test` builds beside the first tests: those of what is built wait for it.
import { existsSync } from 'node:fs';

const { BUILT } = process.env;
if (BUILT) while (!existsSync(BUILT)) await new Promise((resolve) => setTimeout(resolve, 200));
