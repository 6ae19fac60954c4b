// tieredStore and unstorageStore.
import { createStorage } from 'unstorage';
import { describe, expect, it, vi } from 'vitest';
import {
  type CacheStore,
  createCache,
  memoryStore,
  registerClass,
  tieredStore,
  type UnstorageLike,
  unstorageStore,
} from '../../src/index.js';
import { entry, storeContract } from '../contract/store-contract.js';

storeContract('memoryStore', memoryStore);
storeContract('tieredStore', () => tieredStore(memoryStore(), memoryStore()));

storeContract('unstorageStore', () => unstorageStore(createStorage()));
storeContract('tieredStore over unstorageStore', () => tieredStore(memoryStore(), unstorageStore(createStorage())));

/** A store whose calls are recorded, and may fail. */
function recorded(calls: string[], name: string, failing: string[] = []): CacheStore {
  const store = memoryStore();
  return Object.fromEntries(
    (['get', 'set', 'delete', 'clear', 'close'] as const).map((verb) => [
      verb,
      (...args: [never, never]) => {
        calls.push(`${name}.${verb}`);
        if (failing.includes(verb)) throw new Error(`${name} failed`);
        return store[verb]?.(...args);
      },
    ]),
  ) as unknown as CacheStore;
}

describe('[CAC-206] tieredStore', () => {
  it('reads near, then far, and fills near', async () => {
    const calls: string[] = [];
    const far = recorded(calls, 'far');
    const store = tieredStore(recorded(calls, 'near'), far);
    await far.set('f/1', entry('v'));
    calls.length = 0;
    expect((await store.get('f/1'))?.value).toBe('v');
    expect(calls).toEqual(['near.get', 'far.get', 'near.set']);
    calls.length = 0;
    expect((await store.get('f/1'))?.value).toBe('v');
    expect(calls).toEqual(['near.get']);
    calls.length = 0;
    expect((await store.getMany?.(['f/1', 'f/2']))?.map((found) => found?.value)).toEqual(['v', undefined]);
    expect(calls).toEqual(['near.get', 'near.get', 'far.get']);
  });

  it('changes and closes both', async () => {
    const calls: string[] = [];
    const store = tieredStore(recorded(calls, 'near'), recorded(calls, 'far'));
    await store.set('f/1', entry(1));
    await store.delete('f/1');
    await store.clear('');
    store.close?.();
    const verbs = ['set', 'delete', 'clear', 'close'];
    expect(calls).toEqual(verbs.flatMap((verb) => [`near.${verb}`, `far.${verb}`]));
  });

  it('prefers a newer entry of far to a stale one of near', async () => {
    const [near, far] = [memoryStore(), memoryStore()];
    const store = tieredStore(near, far);
    await near.set('f/1', entry('old', { createdAt: 1, expiresAt: 2 }));
    expect((await store.get('f/1'))?.value).toBe('old');
    await far.set('f/1', entry('new', { createdAt: 5 }));
    expect((await store.get('f/1'))?.value).toBe('new');
    expect((await near.get('f/1'))?.value).toBe('new');
  });

  it('does not bring back what was cleared while it read', async () => {
    const [near, far] = [memoryStore(), memoryStore()];
    let answer = (): void => {};
    const slow: CacheStore = {
      ...far,
      get: async (key) => {
        const found = await far.get(key);
        await new Promise<void>((resolve) => {
          answer = resolve;
        });
        return found;
      },
      getMany: undefined as never,
    };
    const store = tieredStore(near, slow);
    await far.set('f/1', entry('v'));
    const read = store.get('f/1');
    await new Promise((resolve) => setTimeout(resolve));
    await store.clear('');
    answer();
    await read;
    expect(await near.get('f/1')).toBe(undefined);
  });

  it('gives what far has although near is in trouble, and tells when it sets', async () => {
    const calls: string[] = [];
    const far = memoryStore();
    const store = tieredStore(recorded(calls, 'near', ['get', 'set']), far);
    await far.set('f/1', entry('v'));
    expect((await store.get('f/1'))?.value).toBe('v');
    await expect(store.set('f/2', entry('w'))).rejects.toThrow('near failed');
    expect((await far.get('f/2'))?.value).toBe('w');
    const other = tieredStore(memoryStore(), recorded(calls, 'far', ['get', 'delete']));
    await expect(other.get('f/1')).rejects.toThrow('far failed');
    await expect(other.delete('f/1')).rejects.toThrow('far failed');
  });

  it('closes the far store, although the near one throws', () => {
    const near = {
      ...memoryStore(),
      close() {
        throw new Error('near');
      },
    };
    const close = vi.fn();
    expect(() => tieredStore(near, { ...memoryStore(), close }).close?.()).toThrow('near');
    expect(close).toHaveBeenCalledOnce();
  });

  it('closes a store that can be closed only', () => {
    const close = vi.fn();
    tieredStore(memoryStore(), { ...memoryStore(), close }).close?.();
    expect(close).toHaveBeenCalledOnce();
  });
});

describe('[CAC-206] unstorageStore', () => {
  it('keeps its keys as lower-case hex below its name', async () => {
    const storage = createStorage();
    await storage.setItem('tabstate2:foreign', 'x');
    await storage.setItem('foreign', 'x');
    const store = unstorageStore(storage);
    const other = unstorageStore(storage, { name: 'other' });
    await store.set('load/A', entry(1));
    await other.set('load/A', entry(2));
    expect((await storage.getKeys()).sort()).toEqual([
      'foreign',
      'other:6c6f6164:41',
      'tabstate2:foreign',
      'tabstate:6c6f6164:41',
    ]);
    await store.clear('');
    expect((await storage.getKeys()).sort()).toEqual(['foreign', 'other:6c6f6164:41', 'tabstate2:foreign']);
    expect((await other.get('load/A'))?.value).toBe(2);
    expect(() => unstorageStore(storage, { name: 'a:b' })).toThrow(TypeError);
  });

  it('keeps cycles, shared references, errors, addresses and registered classes', async () => {
    class Shop {
      constructor(readonly bytes: Uint8Array) {}
    }
    registerClass(Shop, 'store-test-Shop');
    const store = unstorageStore(createStorage());
    const shared = { n: 1 };
    const value: Record<string, unknown> = { a: shared, b: shared, shop: new Shop(new Uint8Array([1, 2])) };
    value['self'] = value;
    value['at'] = new URL('https://h.example/?a=1');
    value['query'] = new URLSearchParams('a=1&a=2');
    value['error'] = new RangeError('too far', { cause: 'x' });
    await store.set('f/1', entry(value));
    const found = (await store.get('f/1'))?.value as typeof value;
    expect(found['self']).toBe(found);
    expect(found['a']).toBe(found['b']);
    expect(found['shop']).toBeInstanceOf(Shop);
    expect((found['shop'] as Shop).bytes).toEqual(new Uint8Array([1, 2]));
    expect(String(found['at'])).toBe('https://h.example/?a=1');
    expect((found['query'] as URLSearchParams).getAll('a')).toEqual(['1', '2']);
    expect(found['error']).toBeInstanceOf(RangeError);
    expect((found['error'] as Error).cause).toBe('x');
  });

  it('[CAC-20] keeps a buffer that several views share', async () => {
    const storage = createStorage();
    const store = unstorageStore(storage);
    const buffer = new Uint8Array([0, 0, 1, 2, 3, 4, 0, 0]).buffer;
    await store.set('f/1', entry({ view: new Uint16Array(buffer, 2, 2), part: new DataView(buffer, 4), buffer }));
    const found = (await store.get('f/1'))?.value as { view: Uint16Array; part: DataView; buffer: ArrayBuffer };
    expect([...new Uint8Array(found.buffer)]).toEqual([0, 0, 1, 2, 3, 4, 0, 0]);
    expect(found.view.buffer).toBe(found.buffer);
    expect(found.part.buffer).toBe(found.buffer);
    expect([found.view.byteOffset, found.view.length, found.part.byteOffset]).toEqual([2, 2, 4]);
    const row = entry(0);
    const part = (content: unknown) =>
      JSON.stringify({
        json: { ...row, value: { kind: 'Uint8Array', content } },
        meta: { values: { value: [['class', 'tabstate-part']] }, v: 1 },
      });
    for (const broken of ['AQI=', [1e9], [{}], null]) {
      await storage.setItem('tabstate:66:32', part(broken));
      expect(await store.get('f/2')).toBe(undefined);
    }
  });

  it('leaves out what no text can hold, and warns once per function', async () => {
    const onWarning = vi.fn();
    const storage = createStorage();
    const store = unstorageStore(storage, { onWarning });
    await store.set('f%20n/1', entry('old'));
    const secret = new Blob(['secret']);
    await store.set('f%20n/1', entry({ file: [secret] }));
    await store.set('f%20n/2', entry(secret));
    expect(await store.get('f%20n/1')).toBe(undefined);
    expect(onWarning).toHaveBeenCalledOnce();
    expect(onWarning.mock.calls[0]?.[0]).toMatchObject({ code: 'cache-entry', key: 'f n' });
    expect(onWarning.mock.calls[0]?.[0].message).toContain('.file[0] is of type Blob');
    expect(await storage.getKeys()).toEqual([]);
  });

  it('takes an unreadable text for a missing one, and passes trouble on', async () => {
    const onWarning = vi.fn();
    const storage = createStorage();
    const store = unstorageStore(storage, { onWarning });
    await store.set('f/1', entry(1));
    for (const broken of [
      '{"json":',
      '{}',
      'text',
      '[1]',
      '{"json":{},"meta":{"values":{"a":[["class","gone"]]},"v":1}}',
    ]) {
      await storage.setItem('tabstate:66:31', broken);
      expect(await store.get('f/1'), broken).toBe(undefined);
    }
    expect(onWarning).toHaveBeenCalledOnce();
    const down = {
      ...storage,
      getItem: async () => Promise.reject(new Error('down')),
      setItem: async () => Promise.reject(new Error('down')),
    };
    await expect(unstorageStore(down).get('f/1')).rejects.toThrow('down');
    await expect(unstorageStore(down).set('f/1', entry(1))).rejects.toThrow('down');
  });
});

describe('a storage that cannot list its keys', () => {
  /** As unstorage's IndexedDB driver with a base: its keys come with the base, and are filtered away. */
  const blind = (): UnstorageLike & { rows: Map<string, string> } => {
    const rows = new Map<string, string>();
    return {
      rows,
      getItem: async (key) => rows.get(key) ?? null,
      setItem: async (key, value) => void rows.set(key, value),
      removeItem: async (key) => void rows.delete(key),
      getKeys: async () => [],
    };
  };

  it('[CAC-206] is told of after the first set, and fails to clear loudly', async () => {
    const warnings: string[] = [];
    const onWarning = ({ code }: { code: string }): void => void warnings.push(code);
    const storage = blind();
    const store = unstorageStore(storage, { onWarning });
    await store.set('f/1', entry(1));
    await vi.waitFor(() => expect(warnings).toEqual(['cache-store']));
    await expect(store.clear('f/')).rejects.toThrow(/list/);
    await store.delete('f/1');
    expect(storage.rows.size).toBe(0);
    // another page, on which nothing was set
    await expect(unstorageStore(storage, { onWarning }).clear('')).rejects.toThrow(/list/);
    expect(storage.rows.size).toBe(0);
    expect(warnings).toEqual(['cache-store', 'cache-store']);
  });

  it('[CAC-206] is no reason to serve what was cleared', async () => {
    const warnings: string[] = [];
    const onWarning = ({ code }: { code: string }): void => void warnings.push(code);
    let runs = 0;
    const { cacheData } = createCache({ store: unstorageStore(blind(), { onWarning }), onWarning });
    const f = cacheData(async () => ++runs, { name: 'f' });
    expect(await f()).toBe(1);
    await f.info();
    await f.clear();
    expect(await f()).toBe(2);
    await cacheData.clear();
    expect(await f()).toBe(3);
    expect(warnings.sort()).toEqual(['cache-storage', 'cache-store']);
  });

  it('[CAC-206] asks a storage that can list once only', async () => {
    const storage = createStorage();
    const getKeys = vi.spyOn(storage, 'getKeys');
    const store = unstorageStore(storage);
    for (const key of ['f/1', 'f/2', 'g/1']) await store.set(key, entry(key));
    expect(getKeys).toHaveBeenCalledTimes(1);
    await store.clear('f/');
    expect(await storage.getKeys()).toHaveLength(1);
    await unstorageStore(storage).clear('');
    expect(await storage.getKeys()).toEqual([]);
  });

  it('[CAC-21] keeps the holes of a list', async () => {
    const store = unstorageStore(createStorage());
    /** `undefined` stands for a hole. */
    const sparse = (...items: unknown[]): unknown[] => {
      const list: unknown[] = [];
      list.length = items.length;
      for (const [i, item] of items.entries()) if (item !== undefined) list[i] = item;
      return list;
    };
    const self = sparse(undefined, 1, undefined, null);
    self[3] = self;
    const long: unknown[] = [];
    long[2_000_000] = { a: sparse(undefined, 2) };
    for (const value of [
      sparse(undefined, 1),
      [sparse(undefined)],
      self,
      long,
      new Map([['a', sparse(undefined, new Date(5))]]),
    ]) {
      await store.set('f/1', entry(value));
      expect((await store.get('f/1'))?.value).toStrictEqual(value);
    }
  });
});
