// Values of a megabyte and more: Blobs in memory and on disk.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createCache } from '../../src/cache/create-cache.js';
import { freshName, inDatabase, isSame, onBlob, refuseBlobs } from '../tiers/disk-helpers.js';

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
      async (of: string) => {
        runs++;
        return { column: doubles(), text: 'x', of };
      },
      { name: 'column', ...options },
    );
    return { column, codes, runs: () => runs };
  };

  for (const [where, memory, options] of [
    ['in memory', '64MB', {}],
    ['in memory only', '64MB', { persist: false }],
    ['in Blobs and on disk, being too large for the heap', '1MB', {}],
    ['in Blobs only', '1MB', { persist: false }],
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

  for (const options of [{}, { persist: false }])
    it(`[CAC-152] peeks at what lies on the heap, and never at what lies in Blobs: ${JSON.stringify(options)}`, async () => {
      const held = setUp('64MB', options);
      await held.column('a');
      expect(isSame(held.column.peek('a')!.column, doubles())).toBe(true);
      await clear?.();
      const large = setUp('1MB', options);
      await large.column('a');
      await large.column.info();
      expect(large.column.peek('a')).toBeUndefined();
      expect(await large.column.has('a')).toBe(true);
      expect(isSame((await large.column('a')).column, doubles())).toBe(true);
      expect(large.column.peek('a')).toBeUndefined();
      expect(large.runs()).toBe(1);
    });

  it('[CAC-153] moves the buffers into Blobs, one in a task, and gives fresh ones of them', async () => {
    const tasks: number[] = [];
    let task = 0;
    const ticking = setInterval(() => task++);
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      task++;
      channel.port2.postMessage(0);
    };
    channel.port2.postMessage(0);
    const watched = onBlob(() => tasks.push(task));
    try {
      const { cacheData } = createCache({ name: freshName(), memory: '1MB' });
      clear = () => cacheData.clear();
      const columns = cacheData(async () => [doubles(), doubles(), doubles(), doubles()], { name: 'columns' });
      const first = await columns();
      expect(tasks, 'the caller waits for none').toEqual([]);
      await columns.info();
      // those that memory holds are those that were stored
      expect(new Set(tasks).size).toBe(4);
      expect(tasks.length).toBe(4);
      const [second, third] = await Promise.all([columns(), columns()]);
      expect(new Set([...first, ...second!, ...third!].map(({ buffer }) => buffer)).size).toBe(12);
      for (const column of [...first, ...second!, ...third!]) expect(isSame(column, doubles())).toBe(true);
    } finally {
      watched.end();
      clearInterval(ticking);
      channel.port1.close();
    }
  });

  it('[CAC-153] holds the Blobs that were stored, not those that the page made for it', async () => {
    const Real = Blob;
    const made = new Set<Blob>();
    globalThis.Blob = new Proxy(Real, {
      construct(target, args) {
        const blob = Reflect.construct(target, args) as Blob;
        made.add(blob);
        return blob;
      },
    });
    const read = new Set<Blob>();
    const { arrayBuffer } = Real.prototype;
    try {
      const { column, runs } = setUp('1MB');
      await column('a');
      expect(await column.info()).toMatchObject({ persisted: true });
      expect(made.size).toBeGreaterThan(0);
      vi.spyOn(Real.prototype, 'arrayBuffer').mockImplementation(function (this: Blob) {
        read.add(this);
        return arrayBuffer.call(this);
      });
      expect(isSame((await column('a')).column, doubles())).toBe(true);
      expect(runs()).toBe(1);
      expect(read.size).toBe(1);
      expect([...read].filter((blob) => made.has(blob))).toEqual([]);
    } finally {
      globalThis.Blob = Real;
      vi.restoreAllMocks();
    }
  });

  it('reads a value in Blobs after its record is gone', async () => {
    const name = freshName();
    const open = () => {
      let runs = 0;
      const { cacheData } = createCache({ name, memory: '1MB' });
      const column = cacheData(
        async () => {
          runs++;
          return { column: doubles(), at: new Date(5) };
        },
        { name: 'column' },
      );
      return { column, clear: () => cacheData.clear(), runs: () => runs };
    };
    const first = open();
    clear = first.clear;
    await first.column();
    await first.column.info();
    // as after a reload: its Blobs are those of the record
    const second = open();
    expect(isSame((await second.column()).column, doubles())).toBe(true);
    await inDatabase(name, 'readwrite', ({ values, meta, functions }) => {
      for (const store of [values, meta, functions]) store.clear();
    });
    for (const { column } of [first, second]) {
      const value = await column();
      expect(isSame(value.column, doubles())).toBe(true);
      expect(value.at).toEqual(new Date(5));
    }
    expect([first.runs(), second.runs()]).toEqual([1, 0]);
  });

  it('runs again when a value in Blobs cannot be read any more', async () => {
    const { column, codes, runs } = setUp('1MB', { persist: false });
    await column('a');
    await column.info();
    const read = vi
      .spyOn(Blob.prototype, 'arrayBuffer')
      .mockRejectedValue(new DOMException('gone', 'NotReadableError'));
    try {
      expect(isSame((await column('a')).column, doubles())).toBe(true);
      expect(runs()).toBe(2);
    } finally {
      read.mockRestore();
    }
    await column.info();
    expect(isSame((await column('a')).column, doubles())).toBe(true);
    expect(runs()).toBe(2);
    expect(codes).toEqual([]);
  });

  it('does without Blobs that cannot be read as soon as they are made', async () => {
    const { column, codes, runs } = setUp('1MB', {});
    const read = vi
      .spyOn(Blob.prototype, 'arrayBuffer')
      .mockRejectedValue(new DOMException('no room', 'NotReadableError'));
    try {
      await column('a');
      await column.info();
    } finally {
      read.mockRestore();
    }
    expect(isSame((await column('a')).column, doubles())).toBe(true);
    expect(runs()).toBe(1);
    expect(codes).toEqual([]);
  });

  it('does without Blobs that cannot be made', async () => {
    for (const [options, runsAgain] of [
      [{ persist: false }, 1],
      [{}, 0],
    ] as const) {
      const warned = runsAgain ? ['cache-size'] : [];
      const { column, codes, runs } = setUp('1MB', options);
      let isFirst = true;
      const watched = onBlob(() => {
        if (!isFirst) return;
        isFirst = false;
        throw new RangeError('out of memory');
      });
      try {
        await column('a');
        await column.info();
        expect(isFirst).toBe(false);
        expect(isSame((await column('a')).column, doubles())).toBe(true);
        expect(runs()).toBe(1 + runsAgain);
        expect(codes).toEqual(warned);
      } finally {
        watched.end();
      }
      await clear?.();
    }
  });

  it('[CAC-155] stores the bytes of its Blobs where the database refuses Blobs', async () => {
    const refusing = refuseBlobs();
    const name = freshName();
    try {
      let runs = 0;
      const open = () =>
        createCache({ name, memory: '1MB' }).cacheData(
          async () => {
            runs++;
            return doubles();
          },
          { name: 'column' },
        );
      const before = open();
      clear = () => before.clear();
      await before();
      expect(await before.info()).toMatchObject({ entries: 1, persisted: true });
      expect(refusing.refused()).toBeGreaterThan(0);
      expect(before.peek()).toBeUndefined();
      expect(isSame(await before(), doubles())).toBe(true);
      const after = open();
      for (let i = 0; i < 3; i++) {
        expect(isSame(await after(), doubles())).toBe(true);
        await after.info();
        expect(after.peek()).toBeUndefined();
      }
      expect(runs).toBe(1);
    } finally {
      refusing.end();
    }
  });

  it('shows a value in Blobs through a ref, and asks validate about it', async () => {
    const asked: number[] = [];
    const { cacheData } = createCache({ name: freshName(), memory: '1MB' });
    clear = () => cacheData.clear();
    let runs = 0;
    const column = cacheData(
      async () => {
        runs++;
        return doubles();
      },
      { name: 'column', validate: (value) => asked.push(value.length) < 3 },
    );
    await column();
    await column.info();
    const ref = column.ref();
    const states: unknown[] = [];
    const stop = ref.subscribe((state) => states.push(state));
    await vi.waitFor(() => expect(ref.value).toMatchObject({ status: 'success', isFetching: false }));
    expect(isSame((ref.value as { value: Float64Array }).value, doubles())).toBe(true);
    stop();
    expect([asked, runs]).toEqual([[count], 1]);
    await column();
    expect([asked, runs]).toEqual([[count, count], 1]);
    await column(); // refused
    expect([asked, runs]).toEqual([[count, count, count], 2]);
  });

  it('brings a value that fits into memory to the heap with its second use after a reload', async () => {
    const name = freshName();
    const make = (): Promise<Float64Array> => Promise.resolve(doubles());
    const open = () => createCache({ name }).cacheData(make, { name: 'column' });
    const before = open();
    clear = () => before.clear();
    await before();
    await before.info();
    const after = open();
    const first = await after();
    expect(after.peek()).toBeUndefined();
    transferAway(first);
    const second = await after();
    transferAway(second);
    expect(isSame(after.peek()!, doubles())).toBe(true);
  });

  it('tells whether a big entry lies on disk without reading its Blobs', async () => {
    const name = freshName();
    let age = 0;
    vi.spyOn(Date, 'now').mockImplementation(() => performance.timeOrigin + performance.now() + age);
    const open = () =>
      createCache({ name }).cacheData(async () => ({ column: doubles(), of: 'x' }), { name: 'column', ttl: 60 });
    const before = open();
    clear = () => before.clear();
    await before();
    await before.info();
    const read = vi.spyOn(Blob.prototype, 'arrayBuffer');
    try {
      expect(await open().has()).toBe(true);
      age = 61_000;
      expect(await open().has()).toBe(false);
      age = 0;
      expect(read).not.toHaveBeenCalled();
      const after = open();
      expect(isSame((await after()).column, doubles())).toBe(true);
      expect(read).toHaveBeenCalled();
      await before.clear();
      expect(await open().has()).toBe(false);
    } finally {
      vi.restoreAllMocks();
    }
  });

  it('counts Blobs a little, so that many of them do not stay for ever', async () => {
    const { column, runs } = setUp('1MB', { persist: false });
    // 2.4 MB each: a sixteenth of it counts
    for (let i = 0; i < 20; i++) {
      await column(String(i));
      await column.info();
    }
    expect(runs()).toBe(20);
    await column('19');
    await column('16');
    expect(runs()).toBe(20);
    await column('0');
    expect(runs()).toBe(21);
  });
});
