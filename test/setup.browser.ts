// One tab serves all files of a run: what a test stored, and the URL it wrote, would reach the next one.
import { afterEach } from 'vitest';

const home = location.href;
// the page's own, whatever a test makes of it
const { cookieStore, setTimeout } = globalThis as typeof globalThis & { cookieStore?: { getAll(): Promise<unknown> } };

/**
 * Once a listener of cookieStore was used, WebKit shows removed cookies again, up to 100 ms later, until it has heard of their
 * end. What the store answers comes after that.
 */
async function removeCookies(): Promise<void> {
  // in a later task setCookie looks whether its cookie is there
  if (document.cookie !== '') await new Promise((resolve) => setTimeout(resolve));
  do {
    for (const pair of document.cookie.split('; '))
      if (pair) document.cookie = `${pair.split('=')[0]}=; max-age=-1; path=/`;
    await cookieStore?.getAll();
  } while (document.cookie !== '');
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
