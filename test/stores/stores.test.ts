import { describe, expect, it, vi } from 'vitest';
import { type CacheStore, memoryStore, tieredStore } from '../../src/index.js';
import { entry, storeContract } from '../contract/store-contract.js';

storeContract('memoryStore', memoryStore);
storeContract('tieredStore', () => tieredStore(memoryStore(), memoryStore()));

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

  it('closes a store that can be closed only', () => {
    const close = vi.fn();
    tieredStore(memoryStore(), { ...memoryStore(), close }).close?.();
    expect(close).toHaveBeenCalledOnce();
  });
});
