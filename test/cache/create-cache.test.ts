// createCache: options, names, and what its parts share.
import { describe, expect, it } from 'vitest';
import { createCache } from '../../src/cache/create-cache.js';
import { memoryStore } from '../../src/stores/memory-store.js';

const create = createCache as (options: unknown) => ReturnType<typeof createCache>;

describe('createCache', () => {
  it('takes null for an option as if it were not given', async () => {
    const { cacheData } = create({ name: null, store: null, memory: null, onWarning: null });
    const double = cacheData((x: number) => 2 * x, { name: 'double', persist: false });
    expect(await double(2)).toBe(4);
    if (typeof indexedDB !== 'undefined')
      expect((await indexedDB.databases()).map(({ name }) => name)).not.toContain('tabstate-cache:null');
  });

  it('names itself and the option that is wrong', () => {
    const wrong: [unknown, typeof TypeError | typeof RangeError, RegExp][] = [
      [null, TypeError, /^createCache: the options/],
      ['maps', TypeError, /^createCache: the options/],
      [{ nam: 'maps' }, TypeError, /^createCache: unknown option "nam"\. There are name, store, memory, onWarning/],
      [{ name: 5 }, TypeError, /^createCache: `name`/],
      [{ store: {} }, TypeError, /^createCache: `store`/],
      [{ store: 5 }, TypeError, /^createCache: `store`/],
      [{ store: { ...memoryStore(), set: true } }, TypeError, /^createCache: `store`/],
      [{ memory: true }, TypeError, /^createCache: `memory`/],
      [{ memory: 'much' }, RangeError, /^createCache: `memory`/],
      [{ onWarning: 5 }, TypeError, /^createCache: `onWarning`/],
    ];
    for (const [options, ErrorClass, message] of wrong) {
      expect(() => create(options)).toThrow(ErrorClass);
      expect(() => create(options)).toThrow(message);
    }
    expect(() => create({ name: '', store: memoryStore(), memory: 1e6, onWarning() {} })).not.toThrow();
  });
});
