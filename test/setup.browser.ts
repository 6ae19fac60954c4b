// One tab serves all files of a run: what a test stored, and the URL it wrote, would reach the next one.
import { afterEach } from 'vitest';

const home = location.href;

afterEach(async () => {
  sessionStorage.clear();
  localStorage.clear();
  for (const pair of document.cookie.split('; '))
    if (pair) document.cookie = `${pair.split('=')[0]}=; max-age=-1; path=/`;
  for (const { name } of (await globalThis.indexedDB?.databases()) ?? [])
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
