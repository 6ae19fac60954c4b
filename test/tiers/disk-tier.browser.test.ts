// The disk tier with the browser's own database.
import { describe, expect, it, vi } from 'vitest';
import { nextTask, systemClock } from '../../src/browser/clock.js';
import { readKept } from '../../src/disk/blobs.js';
import type { Note } from '../../src/disk/entry.js';
import { registerClass } from '../../src/registered-classes.js';
import {
  entryOf,
  freshName,
  inDatabase,
  isSame,
  onBlob,
  openTier,
  patchRow,
  refuseBlobs,
  rowCount,
  valueOf,
} from './disk-helpers.js';

const none = {};

describe('disk tier', () => {
  it('gives back what was written, also to a tier that is opened later', async () => {
    const name = freshName();
    const { tier, warnings } = openTier(name);
    expect(await tier.read('f', 'a')).toBeUndefined();
    expect(await tier.write('f', 'a', entryOf({ n: 1 }, { tags: ['t'], args: '(1)' }), none)).toBe('stored');
    tier.close();
    const later = openTier(name);
    const entry = await later.tier.read('f', 'a');
    expect(valueOf(entry)).toEqual({ n: 1 });
    expect(entry?.tags).toEqual(['t']);
    expect(entry?.expiresAt).toBe(Infinity);
    expect(await later.tier.database.list()).toMatchObject([{ identity: 'f', key: 'a', args: '(1)', tags: ['t'] }]);
    expect([...warnings, ...later.warnings]).toEqual([]);
    later.tier.close();
  });

  it('lays rows out as documented', async () => {
    const name = freshName();
    const { tier } = openTier(name);
    await tier.write('load/it', '"a"', entryOf([1, 2], { staleUntil: 5e12, expiresAt: 4e12, args: '("a")' }), none);
    const values = await inDatabase(name, 'readonly', ({ values: store }) => store.getAllKeys());
    expect(values).toEqual(['load%2Fit/"a"']);
    const row = await inDatabase(name, 'readonly', ({ values: store }) => store.get(values[0]!));
    expect(row).toMatchObject({ format: 1, data: [1, 2], expiresAt: 4e12, staleUntil: 5e12, epoch: 0 });
    const meta = await inDatabase(name, 'readonly', ({ meta: store }) => store.get(values[0]!));
    expect(meta).toMatchObject({ f: 'load/it', x: 5e12, e: 0, a: '("a")', n: row.bytes });
    const of = await inDatabase(name, 'readonly', ({ functions }) => functions.get('load%2Fit'));
    expect(of).toMatchObject({ cleared: 0, entries: 1, bytes: row.bytes, oldest: row.createdAt });
    tier.close();
  });

  it('takes one transaction for the first reads and writes, and one store for later reads', async () => {
    const name = freshName();
    const first = openTier(name).tier;
    await Promise.all(['1', '2', '3'].map((key) => first.write('f', key, entryOf(key), none)));
    first.close();
    const { tier } = openTier(name);
    const begin = vi.spyOn(IDBDatabase.prototype, 'transaction');
    const taken = (): unknown[] => begin.mock.calls.splice(0).map(([stores, mode]) => [mode, stores]);
    await Promise.all(['1', '2', '3'].map((key) => tier.read('f', key)));
    expect(taken()).toEqual([['readonly', ['values', 'functions']]]);
    await tier.read('f', '1');
    expect(taken()).toEqual([['readonly', ['values']]]);
    await Promise.all(['4', '5'].map((key) => tier.write('f', key, entryOf(key), none)));
    expect(taken()).toEqual([['readwrite', ['values', 'meta', 'functions', 'chunks']]]);
    begin.mockRestore();
    tier.close();
  });

  it('[CAC-154] writes a value with Blobs first and alone: WebKit never ends a transaction that refuses one later', async () => {
    const name = freshName();
    const { tier, warnings } = openTier(name);
    await tier.write('f', 'first', entryOf(0), none);
    const puts = vi.spyOn(IDBObjectStore.prototype, 'put');
    const values: Record<string, unknown> = {
      plain: { n: 1 },
      'blob 1': { blob: new Blob(['one']) },
      more: { n: 2 },
      'buffer 1': new Uint8Array(2 ** 20),
      'blob 2': [new Blob(['two'])],
      'buffer 2': new Uint8Array(2 ** 20),
      last: { n: 3 },
      'and last': { n: 4 },
    };
    try {
      const outcomes = Object.entries(values).map(([key, value]) => tier.write('f', key, entryOf(value), none));
      expect(new Set(await Promise.all(outcomes))).toEqual(new Set(['stored']));
      const transactions = new Map<IDBTransaction, string[]>();
      for (const [i, [, key]] of puts.mock.calls.entries()) {
        const { transaction, name: table } = puts.mock.contexts[i] as IDBObjectStore;
        transactions.set(transaction, [...(transactions.get(transaction) ?? []), `${table} ${key}`]);
      }
      const written = [...transactions.values()];
      expect(written.some((rows) => rows.includes('values f/last') && rows.includes('values f/and last'))).toBe(true);
      const withBlobs = written.filter((rows) => rows.some((row) => /^values .*(blob|buffer)/.test(row)));
      expect(withBlobs.length).toBeGreaterThanOrEqual(4);
      for (const rows of withBlobs) expect(rows.findLastIndex((row) => row.startsWith('values'))).toBe(0);
    } finally {
      puts.mockRestore();
    }
    for (const key of Object.keys(values)) expect(await tier.read('f', key)).toBeDefined();
    expect(warnings).toEqual([]);
    tier.close();
  });

  it('writes nothing at a read but that a function was used, once in a day', async () => {
    const name = freshName();
    const { tier } = openTier(name);
    const begin = vi.spyOn(IDBDatabase.prototype, 'transaction');
    const written = (): number => begin.mock.calls.splice(0).filter(([, mode]) => mode === 'readwrite').length;
    try {
      // the first look finds no row of the function
      await tier.read('f', 'a');
      await tier.write('f', 'a', entryOf(1), none);
      expect(written()).toBe(1);
      for (let i = 0; i < 3; i++) {
        expect(valueOf(await tier.read('f', 'a'))).toBe(1);
        await tier.database.list();
      }
      expect(written()).toBe(0);
      tier.close();

      await patchRow(name, 'functions', 'f', { seenAt: Date.now() - 2 * 24 * 3600_000 });
      const later = openTier(name).tier;
      written();
      for (let i = 0; i < 3; i++) {
        expect(valueOf(await later.read('f', 'a'))).toBe(1);
        await later.database.list(); // waits for what is written
      }
      expect(written()).toBe(1);
      later.close();
    } finally {
      begin.mockRestore();
    }
  });

  it('keeps functions and arguments apart, whatever their texts', async () => {
    const { tier } = openTier(freshName());
    const pairs = [
      ['a/b', 'c'],
      ['a', 'b/c'],
      ['a%2Fb', 'c'],
      ['*', ''],
      ['#t', ''],
      ['', 'x'],
    ] as const;
    for (const [identity, key] of pairs) await tier.write(identity, key, entryOf(`${identity}|${key}`), none);
    for (const [identity, key] of pairs) expect(valueOf(await tier.read(identity, key))).toBe(`${identity}|${key}`);
    await tier.clear({ identity: '*' });
    expect(await tier.read('*', '')).toBeUndefined();
    expect(valueOf(await tier.read('#t', ''))).toBe('#t|');
    tier.close();
  });

  it('[CAC-21] [CAC-22] keeps types through the database', async () => {
    const { tier } = openTier(freshName());
    const value = {
      map: new Map([[{ a: 1 }, new Set([{ b: 2 }])]]),
      date: new Date(5),
      invalid: new Date(Number.NaN),
      pattern: /x/gi,
      big: 12345678901234567890n,
      error: new RangeError('no', { cause: { code: 7 } }),
      infinite: [Infinity, -Infinity, Number.NaN, -0],
      sparse: Object.assign(new Array(3), { 0: 1, 2: 3 }) as number[],
      doubles: new Float64Array([1.5, Number.NaN, -0]),
      longs: new BigInt64Array([-1n, 2n]),
      bytes: new Uint8ClampedArray([1, 2, 255]),
      buffer: new Uint8Array([9, 8]).buffer,
      view: new DataView(new Uint8Array([1, 2, 3]).buffer),
      image: new ImageData(new Uint8ClampedArray([1, 2, 3, 255]), 1, 1),
    };
    expect(await tier.write('f', 'types', entryOf(value), none)).toBe('stored');
    const back = valueOf(await tier.read('f', 'types')) as typeof value;
    expect(back).toEqual(value);
    expect(1 in back.sparse).toBe(false);
    expect(back.error).toBeInstanceOf(RangeError);
    expect(back.error.cause).toEqual({ code: 7 });
    expect(Object.is(back.infinite[3], -0)).toBe(true);
    expect(back.doubles).toBeInstanceOf(Float64Array);
    expect([...new Uint8Array(back.buffer)]).toEqual([9, 8]);
    expect(back.view.getUint8(2)).toBe(3);
    tier.close();
  });

  it('[CAC-22] keeps Blobs and Files', async () => {
    const { tier } = openTier(freshName());
    const value = {
      blob: new Blob(['hello'], { type: 'text/plain' }),
      file: new File(['file'], 'a.txt', { type: 'text/csv', lastModified: 7 }),
    };
    expect(await tier.write('f', 'blobs', entryOf(value), none)).toBe('stored');
    const back = valueOf(await tier.read('f', 'blobs')) as typeof value;
    expect(await back.blob.text()).toBe('hello');
    expect(back.blob.type).toBe('text/plain');
    expect(await back.file.text()).toBe('file');
    expect([back.file.name, back.file.type, back.file.lastModified]).toEqual(['a.txt', 'text/csv', 7]);
    tier.close();
  });

  it('[CAC-23] makes URLs and instances of registered classes again', async () => {
    class Shop {
      constructor(readonly id: string) {}
      label(): string {
        return `shop ${this.id}`;
      }
    }
    registerClass(Shop, `Shop-${freshName()}`);
    const { tier } = openTier(freshName());
    const value = {
      url: new URL('https://example.org/a?b=1'),
      query: new URLSearchParams('a=1&a=2'),
      shop: new Shop('x'),
    };
    expect(await tier.write('f', 'leaves', entryOf(value), none)).toBe('stored');
    const back = valueOf(await tier.read('f', 'leaves')) as typeof value;
    expect(back.url).toBeInstanceOf(URL);
    expect(back.url.href).toBe(value.url.href);
    expect(back.query.getAll('a')).toEqual(['1', '2']);
    expect(back.shop).toBeInstanceOf(Shop);
    expect(back.shop.label()).toBe('shop x');
    tier.close();
  });

  it('[CAC-30] stores the window of a view, not its buffer', async () => {
    const name = freshName();
    const { tier } = openTier(name);
    const part = new Uint8Array(8_000_000).subarray(100, 104).fill(7);
    await tier.write('f', 'part', entryOf(part), none);
    const row = await inDatabase(name, 'readonly', ({ values }) => values.get('f/part'));
    expect((row.data as Uint8Array).buffer.byteLength).toBeLessThan(1000);
    expect(valueOf(await tier.read('f', 'part'))).toEqual(part);
    tier.close();
  });

  it('shares a transaction between the reads, and between the writes, of one microtask', async () => {
    const { tier } = openTier(freshName());
    const begin = vi.spyOn(IDBDatabase.prototype, 'transaction');
    try {
      const keys = Array.from({ length: 20 }, (_, i) => String(i));
      const written = await Promise.all(keys.map((key) => tier.write('f', key, entryOf(key), none)));
      expect(new Set(written)).toEqual(new Set(['stored']));
      expect(begin).toHaveBeenCalledTimes(1);
      const read = await Promise.all(keys.map((key) => tier.read('f', key)));
      expect(read.map(valueOf)).toEqual(keys);
      expect(begin).toHaveBeenCalledTimes(2);
    } finally {
      begin.mockRestore();
    }
    tier.close();
  });

  it('shares the next transaction between puts that come while one runs; a clear does not wait', async () => {
    const { tier } = openTier(freshName());
    await tier.write('f', 'first', entryOf(0), none); // opens the database
    const begin = vi.spyOn(IDBDatabase.prototype, 'transaction');
    const { port1, port2 } = new MessageChannel();
    const nextTask = (): Promise<void> =>
      new Promise((resolve) => {
        port1.onmessage = () => resolve();
        port2.postMessage(0);
      });
    const keys = Array.from({ length: 100 }, (_, i) => String(i));
    const written: Promise<unknown>[] = [];
    try {
      // each put in a task of its own, as results of runs come; the first one keeps the database busy
      const busy = tier.write('f', 'busy', entryOf('x'.repeat(20_000_000)), none);
      for (const key of keys) {
        written.push(tier.write('f', key, entryOf(key), none));
        await nextTask();
      }
      expect(await busy).toBe('stored');
      expect(new Set(await Promise.all(written))).toEqual(new Set(['stored']));
      expect(begin.mock.calls.length).toBeLessThan(50);

      const before = tier.write('f', 'before', entryOf(1), none);
      await Promise.resolve();
      const waiting = tier.write('f', 'waiting', entryOf(2), none);
      const cleared = tier.clear({ identity: 'f' });
      const seen = tier.read('f', '5');
      expect(await cleared).toBe(true);
      expect(await seen).toBeUndefined();
      await Promise.all([before, waiting]);
    } finally {
      begin.mockRestore();
      port1.close();
    }
    expect(await tier.read('f', 'waiting')).toBeUndefined();
    tier.close();
  });

  it('[CAC-148] stores nine of ten when one cannot be stored', async () => {
    const name = freshName();
    const { tier, warnings } = openTier(name);
    const bad = { ...entryOf(0), snapshot: { plan: 'tree', data: { f() {} }, bytes: 1, hasLeaves: false } as never };
    const keys = Array.from({ length: 10 }, (_, i) => String(i));
    const outcomes = await Promise.all(keys.map((key) => tier.write('f', key, key === '4' ? bad : entryOf(key), none)));
    expect(outcomes.filter((outcome) => outcome === 'stored')).toHaveLength(9);
    expect(outcomes[4]).toBe('refused');
    expect(await rowCount(name, 'values')).toBe(9);
    expect(await rowCount(name, 'meta')).toBe(9);
    expect((await tier.info('f')).entries).toBe(9);
    expect(warnings).toHaveLength(1);
    tier.close();
  });
});

describe('disk tier: limits', () => {
  it('[CAC-89] drops the least recently used entry, with late touches in mind, and trims when the limit is lowered', async () => {
    const name = freshName();
    const { tier } = openTier(name);
    for (const key of ['a', 'b', 'c']) await tier.write('f', key, entryOf(key), { maxEntries: 3 });
    tier.touch('f', 'a', Date.now());
    await tier.write('f', 'd', entryOf('d'), { maxEntries: 3 });
    expect((await tier.database.list()).map(({ key }) => key).sort()).toEqual(['a', 'c', 'd']);
    await tier.write('f', 'e', entryOf('e'), { maxEntries: 2 });
    expect((await tier.database.list()).map(({ key }) => key).sort()).toEqual(['d', 'e']);
    expect(await tier.info('f')).toMatchObject({ entries: 2, persisted: true });
    tier.close();
  });

  it('[CAC-89] two tabs never leave more rows than the limit', async () => {
    const name = freshName();
    const tabs = [openTier(name).tier, openTier(name).tier];
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => tabs[i % 2]!.write('f', String(i), entryOf(i), { maxEntries: 3 })),
    );
    for (let i = 20; i < 26; i++)
      await Promise.all(tabs.map((tab, n) => tab.write('f', `${i}-${n}`, entryOf(i), { maxEntries: 3 })));
    expect(await rowCount(name, 'values')).toBe(3);
    expect(await rowCount(name, 'meta')).toBe(3);
    for (const tab of tabs) tab.close();
  });

  it('[CAC-88] drops expired entries first, and nothing when a key is written again', async () => {
    const { tier } = openTier(freshName());
    const now = Date.now();
    await tier.write('f', 'old', entryOf(1), { maxEntries: 3 });
    await tier.write('f', 'gone', entryOf(2, { expiresAt: now - 1, staleUntil: now - 1 }), { maxEntries: 3 });
    await tier.write('f', 'new', entryOf(3), { maxEntries: 3 });
    await tier.write('f', 'new', entryOf(4), { maxEntries: 3 });
    expect((await tier.database.list()).map(({ key }) => key).sort()).toEqual(['gone', 'new', 'old']);
    await tier.write('f', 'next', entryOf(5), { maxEntries: 3 });
    expect((await tier.database.list()).map(({ key }) => key).sort()).toEqual(['new', 'next', 'old']);
    tier.close();
  });

  it('[CAC-90] counts bytes, over writes and clears', async () => {
    const { tier } = openTier(freshName());
    const limits = { maxBytes: 1_000_000 };
    for (let i = 0; i < 10; i++) await tier.write('f', String(i), entryOf('x'.repeat(300_000)), limits);
    const full = await tier.info('f');
    expect(full.entries).toBe(3);
    expect(full.bytes).toBeGreaterThan(900_000);
    expect(full.bytes).toBeLessThanOrEqual(1_000_000);
    await tier.write('f', '9', entryOf('short'), limits);
    expect((await tier.info('f')).bytes).toBeLessThan(full.bytes - 290_000);
    await tier.clear({ identity: 'f' });
    expect(await tier.info('f')).toEqual({ entries: 0, bytes: 0, oldest: null, persisted: false });
    tier.close();
  });
});

describe('disk tier: clears', () => {
  it('[CAC-122] hides what a clear covers, and nothing else', async () => {
    const name = freshName();
    const { tier } = openTier(name);
    const all = async (): Promise<unknown[]> =>
      (await Promise.all([tier.read('f', 'a'), tier.read('f', 'b'), tier.read('g', 'a')])).map(valueOf);
    const fill = async (): Promise<void> => {
      const epoch = tier.database.epoch();
      await tier.write('f', 'a', entryOf(1, { epoch, tags: ['x'] }), none);
      await tier.write('f', 'b', entryOf(2, { epoch, tags: ['y'] }), none);
      await tier.write('g', 'a', entryOf(3, { epoch, tags: ['x', 'y'] }), none);
    };
    await fill();
    expect(await tier.clear({ identity: 'f', key: 'a' })).toBe(true);
    expect(await all()).toEqual([undefined, 2, 3]);
    expect((await tier.info('f')).entries).toBe(1);
    await fill();
    await tier.clear({ identity: 'f' });
    expect(await all()).toEqual([undefined, undefined, 3]);
    await fill();
    await tier.clear({ tag: 'x' });
    expect(await all()).toEqual([undefined, 2, undefined]);
    expect(await tier.info('f')).toMatchObject({ entries: 1 });
    await fill();
    await tier.clear({ all: true });
    expect(await all()).toEqual([undefined, undefined, undefined]);
    expect(await tier.database.list()).toEqual([]);
    await fill();
    expect(await all()).toEqual([1, 2, 3]);
    expect(await tier.info('f')).toMatchObject({ entries: 2 });
    tier.close();
    const later = openTier(name).tier;
    expect(valueOf(await later.read('g', 'a'))).toBe(3);
    later.close();
  });

  it('counts what is written after a clear of everything', async () => {
    const name = freshName();
    const { tier } = openTier(name);
    await tier.clear({ all: true });
    await tier.write('f', 'a', entryOf(1, { epoch: tier.database.epoch() }), none);
    expect(await tier.info('f')).toMatchObject({ entries: 1, persisted: true });
    await tier.write('f', 'b', entryOf(2, { epoch: tier.database.epoch() }), none);
    expect(await tier.info('f')).toMatchObject({ entries: 2 });
    const other = openTier(name).tier;
    expect(other.database.epoch()).toBe(0);
    await other.database.learnEpoch();
    expect(other.database.epoch()).toBe(1);
    tier.close();
    other.close();
  });

  it('[CAC-123] [CAC-129] a clear in any tab wins over a run that began before it', async () => {
    const name = freshName();
    const [a, b] = [openTier(name).tier, openTier(name).tier];
    for (const target of [{ all: true }, { identity: 'f' }, { identity: 'f', key: 'k' }, { tag: 't' }] as const) {
      await Promise.all([a.read('f', 'k'), b.read('f', 'k')]);
      const epoch = a.database.epoch();
      await b.clear(target);
      expect(await a.write('f', 'k', entryOf('late', { epoch, tags: ['t'] }), none)).toBe('cleared');
      expect(await b.read('f', 'k')).toBeUndefined();
      await a.read('f', 'k');
      expect(await a.write('f', 'k', entryOf('new', { epoch: a.database.epoch(), tags: ['t'] }), none)).toBe('stored');
      expect(valueOf(await b.read('f', 'k'))).toBe('new');
      await a.clear({ all: true });
    }
    a.close();
    b.close();
  });

  it('a value that the user hands in wins over runs that began before, here and in other tabs', async () => {
    const name = freshName();
    const [a, b] = [openTier(name).tier, openTier(name).tier];
    await b.clear({ all: true });
    const early = a.database.epoch();
    expect(await a.write('f', 'k', entryOf('primed', { epoch: Infinity }), none)).toBe('stored');
    expect(await b.write('f', 'k', entryOf('late', { epoch: early }), none)).toBe('cleared');
    expect(valueOf(await b.read('f', 'k'))).toBe('primed');
    a.close();
    b.close();
  });

  it('[CAC-118] takes fifty clears at once', async () => {
    const { tier } = openTier(freshName());
    await tier.write('f', 'k', entryOf(1), none);
    expect(await Promise.all(Array.from({ length: 50 }, () => tier.clear({ identity: 'f' })))).not.toContain(false);
    expect(await tier.read('f', 'k')).toBeUndefined();
    expect(await tier.write('f', 'k', entryOf(2, { epoch: tier.database.epoch() }), none)).toBe('stored');
    expect(valueOf(await tier.read('f', 'k'))).toBe(2);
    tier.close();
  });

  it('[CAC-125] never serves what a clear that could not be written covers, until it can be written', async () => {
    const { tier, warnings } = openTier(freshName());
    await tier.write('f', 'k', entryOf('old'), none);
    const begin = vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(() => {
      throw new DOMException('refused', 'DataError');
    });
    expect(await tier.clear({ identity: 'f' })).toBe(false);
    begin.mockRestore();
    expect(warnings.map(({ code }) => code)).toEqual(['cache-storage']);
    expect(await tier.read('f', 'k')).toBeUndefined();
    expect(await tier.write('f', 'other', entryOf('new', { epoch: tier.database.epoch() }), none)).toBe('stored');
    expect(await tier.read('f', 'k')).toBeUndefined();
    expect(valueOf(await tier.read('f', 'other'))).toBe('new');
    tier.close();
  });
});

describe('disk tier: other tabs', () => {
  it('[CAC-131] [CAC-132] tells after the commit, without values, and hears nothing else', async () => {
    const name = freshName();
    const [a, b] = [openTier(name).tier, openTier(name).tier];
    expect(b.shared.hears).toBe(true);
    const raw: unknown[] = [];
    const channel = new BroadcastChannel(`tabstate-cache:${name}`);
    channel.onmessage = ({ data }) => raw.push(data);
    const missed: unknown[] = [];
    let heard = 0;
    const stop = b.shared.onNote((note: Note) => {
      heard++;
      if (note.type === 'set')
        void b.read(note.identity, note.key).then((entry) => {
          if (valueOf(entry) === undefined || Number(valueOf(entry)) < Number(note.key)) missed.push(note);
        });
    });
    for (let i = 0; i < 200; i++) await a.write('f', String(i), entryOf(i), none);
    await vi.waitFor(() => expect(heard).toBe(200));
    expect(missed).toEqual([]);
    await a.clear({ identity: 'f' });
    await vi.waitFor(() => expect(heard).toBe(201));
    expect(JSON.stringify(raw)).not.toContain('data');
    for (const garbage of [null, 1, 'x', {}, { notes: 1 }, { notes: [null, {}, { type: 'set' }, { type: 'clear' }] }])
      channel.postMessage(garbage);
    channel.postMessage({ notes: [{ type: 'clear', target: { identity: 'end' } }], epoch: 'x' });
    await vi.waitFor(() => expect(heard).toBe(202));
    stop();
    channel.close();
    a.close();
    b.close();
  });

  it('holds a lock per key, waits no longer than told, and goes on when the holder is gone', async () => {
    const name = freshName();
    const [a, b] = [openTier(name).tier, openTier(name).tier];
    let release = (): void => {};
    const holding = a.shared.lock('f', 'k', {}, () => new Promise<void>((resolve) => (release = resolve)));
    await vi.waitFor(async () => expect((await navigator.locks.query()).held?.length).toBeGreaterThan(0));
    expect(await b.shared.lock('f', 'k', { ifAvailable: true }, async (held) => held)).toBe(false);
    expect(await b.shared.lock('f', 'other', { ifAvailable: true }, async (held) => held)).toBe(true);
    expect(await b.shared.lock('f', 'k', { waitMs: 50 }, async (held) => held)).toBe(false);
    const waiting = b.shared.lock('f', 'k', { waitMs: 10_000 }, async (held) => held);
    release();
    expect(await waiting).toBe(true);
    await holding;
    await expect(a.shared.lock('f', 'k', {}, () => Promise.reject(new Error('own')))).rejects.toThrow('own');
    expect(await a.shared.lock('f', 'x'.repeat(5000), {}, async (held) => held)).toBe(true);
    a.close();
    b.close();
  });
});

describe('disk tier: big values', () => {
  const doubles = (count: number, seed: number): Float64Array => new Float64Array(count).map((_, i) => i * seed);

  it('[CAC-151] keeps columns as Blobs beside their row', async () => {
    const name = freshName();
    const { tier, warnings } = openTier(name);
    const table = {
      a: doubles(300_000, 1),
      b: doubles(300_000, 2),
      text: 'x',
      inner: [new Uint8Array(2_000_000).fill(3).buffer],
    };
    expect(await tier.write('f', 'k', entryOf(table), none)).toBe('stored');
    const row = await inDatabase(name, 'readonly', ({ values }) => values.get('f/k'));
    expect(row.buffers).toHaveLength(3);
    for (const buffer of row.buffers) expect(buffer).toBeInstanceOf(Blob);
    const back = valueOf(await tier.read('f', 'k')) as typeof table;
    expect(isSame(back.a, table.a) && isSame(back.b, table.b)).toBe(true);
    expect(isSame(new Uint8Array(back.inner[0]!), new Uint8Array(2_000_000).fill(3))).toBe(true);
    expect(back.text).toBe('x');
    expect(back.a.buffer).not.toBe(back.b.buffer);
    expect(warnings).toEqual([]);
    tier.close();
  });

  it('makes each Blob, which copies its bytes, in a task of its own', async () => {
    const { tier } = openTier(freshName());
    const value = [1, 2, 3].map((seed) => doubles(200_000, seed));
    let [made, madeInThisTask, most] = [0, 0, 0];
    const watched = onBlob(() => {
      made++;
      most = Math.max(most, ++madeInThisTask);
      void nextTask().then(() => (madeInThisTask = 0));
    });
    try {
      expect(await tier.write('f', 'k', entryOf(value), none)).toBe('stored');
    } finally {
      watched.end();
    }
    expect([made, most]).toEqual([3, 1]);
    tier.close();
  });

  it('stores bytes where the browser has no room for a Blob, and tries Blobs again the next time', async () => {
    const { tier, warnings } = openTier(freshName());
    const refusing = refuseBlobs('NotReadableError');
    const column = doubles(200_000, 4);
    try {
      expect(await tier.write('f', 'a', entryOf({ column }), none)).toBe('stored');
      expect(await tier.write('f', 'b', entryOf({ column }), none)).toBe('stored');
      expect(refusing.refused()).toBeGreaterThanOrEqual(2);
    } finally {
      refusing.end();
    }
    for (const key of ['a', 'b'])
      expect(isSame((valueOf(await tier.read('f', key)) as { column: Float64Array }).column, column)).toBe(true);
    expect(warnings).toEqual([]);
    tier.close();
  });

  it('gives the Blobs of an entry without reading them', async () => {
    const { tier } = openTier(freshName());
    const value = { column: doubles(200_000, 4), other: doubles(200_000, 5), text: 'x' };
    const entry = entryOf(value);
    await tier.write('f', 'k', entry, none);
    await tier.write('f', 'small', entryOf({ n: 1 }), none);
    const read = vi.spyOn(Blob.prototype, 'arrayBuffer');
    const found = await tier.database.inBlobs('f', 'k');
    expect(read).not.toHaveBeenCalled();
    read.mockRestore();
    expect(found?.createdAt).toBe(entry.createdAt);
    expect(found?.snapshot).toMatchObject({ bytes: entry.bytes, largeBytes: 3_200_000 });
    const back = (await readKept(found!.snapshot)) as typeof value;
    expect(isSame(back.column, value.column) && isSame(back.other, value.other)).toBe(true);
    expect(back.text).toBe('x');
    expect(await tier.database.inBlobs('f', 'none')).toBeUndefined();
    const refusing = refuseBlobs();
    await tier.write('f', 'k', entryOf(value), none);
    refusing.end();
    expect(await tier.database.inBlobs('f', 'k')).toBeUndefined();
    tier.close();
  });

  it('[CAC-155] stores bytes where the browser refuses Blobs, and remembers it', async () => {
    const name = freshName();
    const { tier, warnings } = openTier(name);
    const refusing = refuseBlobs();
    const big = { column: doubles(4_100_000, 3) }; // 33 MB: more than a piece
    const small = { column: doubles(200_000, 4) };
    const files = {
      file: new File(['hello'], 'a.txt', { type: 'text/plain', lastModified: 5 }),
      blobs: [new Blob(['x'], { type: 'a/b' })],
      url: new URL('https://example.org/'),
      again: [] as unknown[],
    };
    files.again.push(files.file, files.blobs[0]);
    try {
      expect(await tier.write('f', 'files', entryOf(files), none)).toBe('stored');
      expect(await tier.write('f', 'big', entryOf(big), none)).toBe('stored');
      expect(await tier.write('f', 'small', entryOf(small), none)).toBe('stored');
      expect(refusing.refused()).toBe(1);
    } finally {
      refusing.end();
    }
    expect(await rowCount(name, 'chunks')).toBe(2);
    expect(isSame((valueOf(await tier.read('f', 'big')) as typeof big).column, big.column)).toBe(true);
    expect(isSame((valueOf(await tier.read('f', 'small')) as typeof small).column, small.column)).toBe(true);
    const back = valueOf(await tier.read('f', 'files')) as typeof files;
    expect(back.file).toBeInstanceOf(File);
    expect([back.file.name, back.file.type, back.file.lastModified, await back.file.text()]).toEqual([
      'a.txt',
      'text/plain',
      5,
      'hello',
    ]);
    expect([back.blobs[0]!.type, await back.blobs[0]!.text()]).toEqual(['a/b', 'x']);
    expect(back.url.href).toBe('https://example.org/');
    // the same ones in both places
    expect(back.again[0]).toBe(back.file);
    expect(back.again[1]).toBe(back.blobs[0]);
    expect(warnings).toEqual([]);
    // overwriting and deleting take the pieces along
    await tier.write('f', 'big', entryOf('small now'), none);
    expect(await rowCount(name, 'chunks')).toBe(0);
    tier.close();
  });

  it('[CAC-146] misses when a piece is gone, and deletes the rest', async () => {
    const name = freshName();
    const { tier, warnings } = openTier(name);
    const refusing = refuseBlobs();
    await tier.write('f', 'k', entryOf({ column: doubles(4_100_000, 3) }), none);
    refusing.end();
    expect(await rowCount(name, 'chunks')).toBe(2);
    await inDatabase(name, 'readwrite', ({ chunks }) => {
      chunks.openCursor().onsuccess = (event) => (event.target as IDBRequest<IDBCursor>).result.delete();
    });
    expect(await tier.read('f', 'k')).toBeUndefined();
    expect(warnings.map(({ code }) => code)).toEqual(['cache-entry']);
    await tier.info('f');
    expect(await rowCount(name, 'values')).toBe(0);
    expect(await rowCount(name, 'chunks')).toBe(0);
    tier.close();
  });

  it('[CAC-146] misses when a piece is something else', async () => {
    const column = doubles(4_100_000, 3);
    for (const garbage of ['text', new Float64Array(4), new ArrayBuffer(0)]) {
      const name = freshName();
      const { tier, warnings } = openTier(name);
      const refusing = refuseBlobs();
      await tier.write('f', 'k', entryOf({ column }), none);
      refusing.end();
      await inDatabase(name, 'readwrite', ({ chunks }) => {
        chunks.openCursor().onsuccess = (event) => {
          const cursor = (event.target as IDBRequest<IDBCursor>).result;
          chunks.put(garbage, cursor.primaryKey);
        };
      });
      expect(await tier.read('f', 'k')).toBeUndefined();
      expect(warnings.map(({ code }) => code)).toEqual(['cache-entry']);
      await tier.info('f');
      expect(await rowCount(name, 'values')).toBe(0);
      tier.close();
    }
  });

  it('[CAC-156] the sweep removes pieces whose row was never written', async () => {
    const name = freshName();
    const { tier } = openTier(name);
    await tier.write('f', 'k', entryOf(1), none);
    await inDatabase(name, 'readwrite', ({ chunks }) => {
      chunks.put(new ArrayBuffer(8), ['f/k', 'abc-1', 0]);
      chunks.put(new ArrayBuffer(8), ['f/other', 'abc-2', 0]);
    });
    await tier.sweep();
    expect(await rowCount(name, 'chunks')).toBe(0);
    expect(valueOf(await tier.read('f', 'k'))).toBe(1);
    tier.close();
  });
});

describe('disk tier: sweep', () => {
  it('[CAC-94] [CAC-124] removes expired and cleared rows, and keeps the counters right', async () => {
    const name = freshName();
    const { tier } = openTier(name);
    const past = { expiresAt: 1, staleUntil: 1 };
    await Promise.all([
      ...Array.from({ length: 1200 }, (_, i) => tier.write('f', `old${i}`, entryOf(i, past), none)),
      tier.write('f', 'live', entryOf('live'), none),
      ...Array.from({ length: 600 }, (_, i) => tier.write('g', String(i), entryOf(i, { tags: [`t${i % 2}`] }), none)),
      tier.write('h', 'x', entryOf('x'), none),
    ]);
    expect((await tier.info('f')).entries).toBe(1201);
    await tier.clear({ tag: 't0' });
    await tier.clear({ identity: 'h' });
    expect((await tier.info('g')).entries).toBe(300);
    await tier.sweep();
    expect(await rowCount(name, 'values')).toBe(301);
    expect(await rowCount(name, 'meta')).toBe(301);
    expect((await tier.info('f')).entries).toBe(1);
    expect((await tier.info('g')).entries).toBe(300);
    expect(valueOf(await tier.read('f', 'live'))).toBe('live');
    await tier.clear({ all: true });
    await tier.sweep();
    expect(await rowCount(name, 'meta')).toBe(0);
    tier.close();
  });

  it('[CAC-138] is one transaction where there is nothing to remove', async () => {
    const name = freshName();
    const { tier } = openTier(name);
    await tier.write('f', 'k', entryOf(1), none);
    const begin = vi.spyOn(IDBDatabase.prototype, 'transaction');
    await tier.sweep();
    // tiers of other tests sweep, too
    const own = begin.mock.calls.filter((_, i) => (begin.mock.contexts[i] as IDBDatabase).name.endsWith(name));
    expect(own.map(([, mode]) => mode)).toEqual(['readwrite']);
    begin.mockRestore();
    tier.close();
  });

  it('takes rows that lie together with one request, and none that lies between them', async () => {
    const name = freshName();
    const { tier } = openTier(name);
    const past = { expiresAt: 1, staleUntil: 1 };
    const key = (i: number): string => String(i).padStart(3, '0');
    // in f runs of ten expired rows and single ones between live rows, in g all of them
    const isOld = (i: number): boolean => i < 100 && (i % 11 !== 0 || i % 2 === 1);
    const all = Array.from({ length: 150 }, (_, i) => i);
    await Promise.all([
      ...all.map((i) => tier.write('f', key(i), entryOf(i, isOld(i) ? past : {}), none)),
      ...all.map((i) => tier.write('g', key(i), entryOf(i, past), none)),
      ...all.map((i) => tier.write('h', key(i), entryOf(i), none)),
    ]);
    const asked = vi.spyOn(IDBObjectStore.prototype, 'delete');
    await tier.sweep();
    await tier.clear({ identity: 'h', key: key(7) });
    await tier.clear({ identity: 'h' });
    await tier.sweep();
    const requests = asked.mock.calls.length;
    asked.mockRestore();
    expect(requests).toBeLessThan(60);
    const live = all.filter((i) => !isOld(i));
    expect(await inDatabase<IDBValidKey[]>(name, 'readonly', ({ values }) => values.getAllKeys())).toEqual(
      live.map((i) => `f/${key(i)}`),
    );
    // of a cleared key the stamp stays for a day
    expect(await rowCount(name, 'meta')).toBe(live.length + 1);
    expect(await tier.info('f')).toMatchObject({ entries: live.length });
    for (const identity of ['g', 'h']) expect(await tier.info(identity)).toMatchObject({ entries: 0, bytes: 0 });
    tier.close();
  });

  it('deletes less at a time where the storage is slow, so that no read waits for long', async () => {
    const name = freshName();
    let isSlow = false;
    let time = 0;
    // each look at the clock is a second later
    const { tier } = openTier(name, { ...systemClock, monotonic: () => (isSlow ? (time += 1000) : performance.now()) });
    await Promise.all(
      Array.from({ length: 200 }, (_, i) =>
        tier.write('f', String(i), entryOf(i, { expiresAt: 1, staleUntil: 1 }), none),
      ),
    );
    isSlow = true;
    const begun = vi.spyOn(IDBDatabase.prototype, 'transaction');
    await tier.sweep();
    const writes = begun.mock.calls.filter(([, mode]) => mode === 'readwrite').length;
    begun.mockRestore();
    expect(await rowCount(name, 'values')).toBe(0);
    // 100, then 10 at a time
    expect(writes).toBeGreaterThanOrEqual(10);
    tier.close();
  });

  it('reads a thousand entries that are asked for one after the other in a few transactions', async () => {
    const { tier } = openTier(freshName());
    await tier.write('f', '7', entryOf('seven'), none);
    const begun = vi.spyOn(IDBDatabase.prototype, 'transaction');
    const reads: Promise<unknown>[] = [];
    for (let i = 0; i < 1000; i++) {
      reads.push(tier.read('f', String(i)));
      await null;
      await null;
    }
    const found = await Promise.all(reads);
    expect(begun.mock.calls.length).toBeLessThanOrEqual(20);
    begun.mockRestore();
    expect(found.filter(Boolean)).toHaveLength(1);
    tier.close();
  });

  it('removes functions that nobody has used for long, named ones later', async () => {
    const name = freshName();
    const { tier } = openTier(name);
    const day = 24 * 3600_000;
    await tier.write('unnamed', 'k', entryOf(1), none);
    await tier.write('named', 'k', entryOf(2), { named: true });
    await tier.write('recent', 'k', entryOf(3), none);
    for (const of of ['unnamed', 'named']) await patchRow(name, 'functions', of, { seenAt: Date.now() - 40 * day });
    await tier.sweep();
    expect((await tier.database.list()).map(({ identity }) => identity).sort()).toEqual(['named', 'recent']);
    expect(await rowCount(name, 'values')).toBe(2);
    await patchRow(name, 'functions', 'named', { seenAt: Date.now() - 400 * day });
    await tier.sweep();
    expect((await tier.database.list()).map(({ identity }) => identity)).toEqual(['recent']);
    tier.close();
  });
});
