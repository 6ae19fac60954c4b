// Tests in one page of an engine keep to its limit of history writes.
import { beforeEach } from 'vitest';

// WebKit refuses the 101st history write of ten seconds, all frames of a page counted. A fast machine gets there, so a test
// waits until it has forty writes of its own. The real clock is kept, because a test may fake it.
const { now } = Date;
const { setTimeout: later } = window;
const page = top as unknown as { historyWrites?: number[] };
const writes = (page.historyWrites ??= []);

for (const name of ['pushState', 'replaceState'] as const) {
  const write = History.prototype[name];
  History.prototype[name] = function (...given) {
    writes.push(now());
    return write.apply(this, given);
  };
}

beforeEach(async () => {
  const sixtiethLast = writes.at(-60);
  if (sixtiethLast) await new Promise((resolve) => later(resolve, sixtiethLast + 10_000 - now()));
});
