// What happens where the browser has no memory for a copy, with results in memory only; see short-memory.browser.test.ts.
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { loadStored } from '../../src/cache/late.js';
import { fakeTime, testCache } from '../helpers/caches.js';

const bytes = 100_000;

/** Copies of large buffers fail while `isShort`, after as many as `copies`. */
function shortMemory() {
  const { slice } = ArrayBuffer.prototype;
  const memory = { isShort: false, copies: 0 };
  vi.spyOn(ArrayBuffer.prototype, 'slice').mockImplementation(function (this: ArrayBuffer, from, to) {
    if (memory.isShort && this.byteLength >= bytes && memory.copies-- <= 0)
      throw new RangeError('Array buffer allocation failed');
    return slice.call(this, from, to);
  });
  return memory;
}

beforeAll(loadStored);
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe('cacheData in memory that is short', () => {
  const setUp = (options: object = {}) => {
    const { wrap, codes, warnings } = testCache();
    const own: Uint8Array[] = [];
    const f = wrap(
      'data',
      async function column() {
        own.push(new Uint8Array(bytes).fill(own.length + 1));
        return own.at(-1);
      },
      options,
    );
    return { f, own, codes, warnings };
  };

  it('[CAC-153] returns the result itself where it cannot be copied, and keeps nothing of it', async () => {
    const memory = shortMemory();
    const { f, own, codes, warnings } = setUp();
    memory.isShort = true;
    const [first, joined] = await Promise.all([f(), f()]);
    // compared here: to print them for a message would take seconds
    expect([first === own[0], joined === own[0], await f['has']()]).toEqual([true, true, false]);
    await f();
    expect([own.length, codes()]).toEqual([2, ['cache-size']]);
    expect(warnings[0]!.message).toBe('column: no memory for a copy of the result, which was handed out itself.');
  });

  it('hands out the kept copy where there is no memory for another one, and keeps it no more', async () => {
    const memory = shortMemory();
    const { f, own, codes, warnings } = setUp();
    memory.isShort = true;
    memory.copies = 1;
    const [first, joined] = await Promise.all([f(), f()]);
    expect([first === own[0], joined === first, first[0], await f['has']()]).toEqual([false, true, 1, false]);
    expect(codes()).toEqual(['cache-size']);
    expect(warnings[0]!.message).toContain('which was handed out itself');
    memory.isShort = false;
    expect([(await f())[0], own.length]).toEqual([2, 2]);
  });

  it.each([
    ['fresh', 0],
    ['stale', 11],
  ])('runs again where a copy of what it holds fails (%s)', async (_age, seconds) => {
    const time = fakeTime();
    const memory = shortMemory();
    const { f, own, codes } = setUp({ ttl: 10, refreshMode: 'background' });
    await f();
    time.to(seconds);
    memory.isShort = true;
    const again = await f();
    memory.isShort = false;
    expect([again === own[1], again[0], own.length]).toEqual([true, 2, 2]);
    expect(codes()).toEqual(['cache-size']);
    // the entry went with it
    expect([(await f())[0], own.length]).toEqual([3, 3]);
  });
});
