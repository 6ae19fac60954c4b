// Results that live in this tab's sessionStorage.
import { afterEach, describe, expect, it } from 'vitest';
import { createCache } from '../../src/cache/create-cache.js';

let made = 0;

/** Opens a cache again and again, as reloads do. */
function reloads(): () => ReturnType<typeof createCache>['cacheData'] {
  const name = `session ${Date.now()} ${++made}`;
  return () => createCache({ name }).cacheData;
}

afterEach(() => sessionStorage.clear());

describe("cacheData({ scope: 'session' })", () => {
  it('[CAC-135] [CAC-21] keeps classes of errors and bytes over a reload', async () => {
    const open = reloads();
    const value = { error: new TypeError('e', { cause: 1 }), bytes: new Uint8Array([1, 2]).buffer };
    const f = open()((): typeof value => value, { name: 'f', scope: 'session' });
    await f();
    expect(await f.info()).toMatchObject({ persisted: true });
    let runs = 0;
    const again = await open()(
      (): typeof value => {
        runs++;
        return value;
      },
      { name: 'f', scope: 'session' },
    )();
    expect(runs).toBe(0);
    expect(again.error).toBeInstanceOf(TypeError);
    expect([again.error.message, again.error.cause]).toEqual(['e', 1]);
    expect(new Uint8Array(again.bytes)).toEqual(new Uint8Array([1, 2]));
  });

  it.each(['session', 'global'] as const)(
    '[CAC-89] [CAC-86] drops the least recently used entry: %s',
    async (scope) => {
      const open = reloads();
      const options = { name: 'f', scope, maxEntries: 2 };
      const f = open()((x: number) => x, options);
      for (const x of [1, 2, 1, 3]) await f(x);
      await f.info();
      const again = open()((x: number) => -x, options);
      expect([await again.has(1), await again.has(2), await again.has(3)]).toEqual([true, false, true]);
    },
  );
});
