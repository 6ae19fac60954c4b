import { afterEach, describe, expect, it } from 'vitest';
import { createCache } from '../../src/cache/create-cache.js';
import { freshName, isSame } from './disk-helpers.js';

const count = 300_000; // 2.4 MB
const doubles = (): Float64Array => Float64Array.from({ length: count }, (_, i) => i * 1.5);
/** Takes the buffer from its holder, as `postMessage(buffer, [buffer])` does. */
const transferAway = ({ buffer }: Float64Array): void => {
  new MessageChannel().port1.postMessage(buffer, [buffer as ArrayBuffer]);
};

describe('cacheData: big values', () => {
  let clear: (() => Promise<void>) | undefined;
  afterEach(() => clear?.());

  const setUp = (memory: string, options: { persist?: boolean } = {}) => {
    const codes: string[] = [];
    let runs = 0;
    const { cacheData } = createCache({ name: freshName(), memory, onWarning: ({ code }) => codes.push(code) });
    clear = () => cacheData.clear();
    const column = cacheData(
      async (_of: string) => {
        runs++;
        return { column: doubles(), text: 'x' };
      },
      { name: 'column', ...options },
    );
    return { column, codes, runs: () => runs };
  };

  for (const [where, memory, options] of [
    ['in memory', '64MB', {}],
    ['in memory only', '64MB', { persist: false }],
    ['on disk, being too large for memory', '1MB', {}],
  ] as const)
    it(`[CAC-152] gives full data after a caller has transferred its buffer away: ${where}`, async () => {
      const { column, codes, runs } = setUp(memory, options);
      for (let i = 0; i < 4; i++) {
        const own = await column('a');
        expect(own.text).toBe('x');
        expect(isSame(own.column, doubles())).toBe(true);
        transferAway(own.column);
        expect(own.column.length).toBe(0);
      }
      await column.info();
      const late = await column('a');
      expect(isSame(late.column, doubles())).toBe(true);
      expect(runs()).toBe(1);
      expect(codes).toEqual([]);
    });

  it('[CAC-152] peeks at what memory holds, and never at what only a Blob on disk holds', async () => {
    const held = setUp('64MB');
    await held.column('a');
    expect(isSame(held.column.peek('a')!.column, doubles())).toBe(true);
    await clear?.();
    const large = setUp('1MB');
    await large.column('a');
    expect(large.column.peek('a')).toBeUndefined();
    expect(await large.column.has('a')).toBe(true);
    expect(large.column.peek('a')).toBeUndefined();
    expect(isSame((await large.column('a')).column, doubles())).toBe(true);
    expect(large.column.peek('a')).toBeUndefined();
    expect(large.runs()).toBe(1);
  });
});
