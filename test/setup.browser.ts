// One tab serves all files of a run: what a test stored, and the URL it wrote, would reach the next one.
import { afterEach, beforeEach } from 'vitest';

const home = location.href;

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

afterEach(async () => {
  sessionStorage.clear();
  localStorage.clear();
  for (const pair of document.cookie.split('; '))
    if (pair) document.cookie = `${pair.split('=')[0]}=; max-age=0; path=/`;
  for (const { name } of await indexedDB.databases())
    await new Promise((resolve) => {
      const request = indexedDB.deleteDatabase(name!);
      request.onsuccess = request.onerror = request.onblocked = resolve;
    });
  try {
    if (location.href !== home) history.replaceState(null, '', home);
  } catch {
    // a test of the browser's limit on history writes has reached it: the next test puts it back
  }
});
