// What happens where the browser has no memory for a copy. The errors, and the short read, are those that Chromium and
// Firefox were seen to give when the system limited their page's process; such a limit itself often ends the page.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createCache } from '../../src/cache/create-cache.js';
import { freshName, isSame, rowCount } from '../tiers/disk-helpers.js';

const doubles = (): Float64Array => Float64Array.from({ length: 300_000 }, (_, i) => i * 1.5); // 2.4 MB

const errors: Record<string, () => unknown> = {
  Chromium: () => new RangeError('Array buffer allocation failed'),
  Firefox: () => 'out of memory',
  WebKit: () => new RangeError('Out of memory'),
};

/** Copies of big buffers fail while `isShort`, after as many as `copies`. */
function shortMemory(makeError: () => unknown) {
  const { slice } = ArrayBuffer.prototype;
  const memory = { isShort: false, copies: 0 };
  vi.spyOn(ArrayBuffer.prototype, 'slice').mockImplementation(function (this: ArrayBuffer, from, to) {
    if (memory.isShort && this.byteLength > 1e6 && memory.copies-- <= 0) throw makeError();
    return slice.call(this, from, to);
  });
  return memory;
}

describe('cacheData where memory is short', () => {
  let name = '';
  let clear: (() => Promise<void>) | undefined;
  afterEach(async () => {
    vi.restoreAllMocks();
    await clear?.();
  });

  const open = (options: { memory?: string; persist?: boolean; ttl?: number; refreshMode?: 'background' } = {}) => {
    const { memory = '64MB', ...rest } = options;
    const warnings: { code: string; message: string }[] = [];
    const own: { column: Float64Array }[] = [];
    const { cacheData } = createCache({ name, memory, onWarning: (warning) => warnings.push(warning) });
    clear = () => cacheData.clear();
    const column = cacheData(
      async (of = 'a') => {
        own.push({ column: doubles() });
        return { ...own.at(-1)!, of };
      },
      { name: 'column', ...rest },
    );
    return { column, own, codes: () => warnings.map(({ code }) => code), warnings };
  };
  const setUp = (options: Parameters<typeof open>[0] = {}) => {
    name = freshName();
    return open(options);
  };

  for (const [engine, makeError] of Object.entries(errors))
    it(`[CAC-153] returns the result itself where it cannot be copied, and keeps nothing of it: as in ${engine}`, async () => {
      const memory = shortMemory(makeError);
      const { column, own, codes, warnings } = setUp();
      memory.isShort = true;
      const [first, joined] = await Promise.all([column(), column()]);
      // compared here: to print them for a message would take seconds
      expect(first.column === own[0]!.column).toBe(true);
      expect(joined.column === own[0]!.column).toBe(true);
      expect(await column.has()).toBe(false);
      expect(await column.info()).toMatchObject({ entries: 0 });
      await column();
      expect(own.length).toBe(2);
      expect(codes()).toEqual(['cache-size']);
      expect(warnings[0]!.message).toContain('column');
      memory.isShort = false;
      await column();
      await column();
      expect(await column.info()).toMatchObject({ entries: 1, persisted: true });
      expect(own.length).toBe(3);
    });

  for (const [engine, makeError] of Object.entries(errors))
    it(`hands out the kept copy where there is no memory for another one, and stores nothing: as in ${engine}`, async () => {
      const memory = shortMemory(makeError);
      const { column, own, codes } = setUp();
      memory.isShort = true;
      memory.copies = 1;
      const [first, joined] = await Promise.all([column(), column()]);
      expect(first.column === own[0]!.column).toBe(false);
      expect(isSame(first.column, doubles())).toBe(true);
      expect(joined.column === first.column).toBe(true);
      first.column[0] = -1;
      memory.isShort = false;
      await column.info();
      expect(await rowCount(name, 'values')).toBe(0);
      expect(isSame((await column()).column, doubles())).toBe(true);
      expect(own.length).toBe(2);
      expect(codes()).toEqual(['cache-size']);
    });

  it('reads the disk, or runs again, where a copy of what lies in memory fails', async () => {
    const memory = shortMemory(errors.Chromium!);
    for (const [persist, runs] of [
      [true, 1],
      [false, 2],
    ] as const) {
      const { column, own, codes } = setUp({ persist });
      await column();
      await column.info();
      memory.isShort = true;
      const again = await column();
      memory.isShort = false;
      expect(isSame(again.column, doubles())).toBe(true);
      expect(own.length).toBe(runs);
      expect(codes()).toEqual(persist ? [] : ['cache-size']);
      await clear?.();
    }
  });

  it('leaves a primed value out, and a stale one where it is', async () => {
    const memory = shortMemory(errors.Chromium!);
    const primed = setUp({ persist: false });
    memory.isShort = true;
    await primed.column.prime({ column: doubles(), of: 'a' });
    expect(primed.column.peek()).toBeUndefined();
    expect(primed.codes()).toEqual(['cache-size']);
    memory.isShort = false;
    let age = 0;
    vi.spyOn(Date, 'now').mockImplementation(() => performance.timeOrigin + performance.now() + age);
    const kept = setUp({ persist: false, ttl: 10, refreshMode: 'background' });
    await kept.column();
    age = 11_000;
    memory.isShort = true;
    memory.copies = 1;
    expect(isSame((await kept.column()).column, doubles())).toBe(true);
    await kept.column.info();
    await vi.waitFor(() => expect(kept.own.length).toBe(2));
    memory.isShort = false;
    expect(isSame((await kept.column()).column, doubles())).toBe(true);
    expect(kept.codes()).toEqual(['cache-size']);
  });

  for (const [what, read] of [
    ['an error, as in Chromium', () => Promise.reject(new DOMException('no memory', 'NotReadableError'))],
    ['a part of it, as in Firefox', () => Promise.resolve(new ArrayBuffer(1_048_576))],
  ] as const)
    for (const kind of ['a column', 'bare bytes'])
      it(`[CAC-146] keeps a row whose Blob gives ${what}, though the function fails: ${kind}`, async () => {
        name = freshName();
        let runs = 0;
        let isOffline = false;
        const codes: string[] = [];
        const make = () => {
          const { cacheData } = createCache({ name, onWarning: ({ code }) => codes.push(code) });
          clear = () => cacheData.clear();
          return cacheData(
            async () => {
              if (isOffline) throw new Error('offline');
              runs++;
              return kind === 'a column' ? doubles() : doubles().buffer;
            },
            { name: 'big' },
          );
        };
        const before = make();
        await before();
        expect(await before.info()).toMatchObject({ persisted: true });
        const stored = await rowCount(name, 'values');
        const { arrayBuffer } = Blob.prototype;
        const reading = vi.spyOn(Blob.prototype, 'arrayBuffer').mockImplementation(function (this: Blob) {
          return this.size > 1e6 ? read() : arrayBuffer.call(this);
        });
        isOffline = true;
        await expect(make()(), 'it ran again').rejects.toThrow('offline');
        reading.mockRestore();
        expect(codes).toEqual(['cache-entry']);
        expect(await rowCount(name, 'values')).toBe(stored);
        const after = make();
        expect((await after()).byteLength).toBe(2_400_000);
        expect(runs).toBe(1);
      });
});
