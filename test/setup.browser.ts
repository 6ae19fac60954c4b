// One tab serves all files of a run: what a test stored, and the URL it wrote, would reach the next one.
import { afterEach } from 'vitest';

const home = location.href;
const { setTimeout } = globalThis; // the page's own, whatever a test makes of it

/** Once a listener of cookieStore was used, WebKit shows removed cookies again for a moment. */
async function removeCookies(): Promise<void> {
  for (let quiet = 0; document.cookie !== '' || (quiet > 0 && quiet < 3); quiet++) {
    if (document.cookie !== '') quiet = 0;
    for (const pair of document.cookie.split('; '))
      if (pair) document.cookie = `${pair.split('=')[0]}=; max-age=-1; path=/`;
    await new Promise((resolve) => setTimeout(resolve, 'cookieStore' in window ? 10 : 0));
  }
}

afterEach(async () => {
  sessionStorage.clear();
  localStorage.clear();
  await removeCookies();
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
