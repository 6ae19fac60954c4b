// Every request that the disk tier makes in one life of a few entries fails once, in each of four ways. Whatever fails:
// nothing wrong is served, what was acknowledged is there on the next page, and the user hears of one trouble at most.
import { afterEach, expect, it, vi } from 'vitest';
import { entryOf, freshName, inDatabase, openTier, valueOf } from '../tiers/disk-helpers.js';

/** How the n-th request fails: at the call, by its event, with its transaction, or not within the time that is waited. */
const ways = ['throws', 'fails', 'aborts', 'is late'] as const;
type Way = (typeof ways)[number];

interface Fault {
  readonly way: Way;
  /** Of the request that fails. */
  readonly nth: number;
  made: number;
  /** Lets a late request answer. */
  release?(): void;
}
/** By database. */
const faults = new Map<string, Fault>();

const failure = (): DOMException => new DOMException('Made to fail', 'UnknownError');

/** Takes the success of a request away from who has asked, and gives it back with the result. */
function withhold(request: IDBRequest): (event: Event) => void {
  let handler: ((event: Event) => void) | null = null;
  Object.defineProperty(request, 'onsuccess', {
    get: () => handler,
    set: (given) => {
      handler = given;
    },
  });
  return (event) => handler?.call(request, event);
}

function spoil(fault: Fault, request: IDBRequest): IDBRequest {
  const transaction = request.transaction as IDBTransaction;
  if (fault.way === 'aborts') queueMicrotask(() => transaction.abort());
  if (fault.way === 'fails') {
    withhold(request);
    transaction.commit = () => {}; // one that is under way cannot be aborted by a page, though by its requests
    request.addEventListener('success', () => {
      let isPrevented = false;
      const event = { target: request, preventDefault: () => (isPrevented = true) } as unknown as Event;
      Object.defineProperty(request, 'error', { value: failure() });
      request.onerror?.(event);
      transaction.onerror?.(event);
      // as the browser does it, unless somebody has aborted already
      if (!isPrevented) transaction.abort();
    });
  }
  if (fault.way === 'is late') {
    const answer = withhold(request);
    let isReleased = false;
    fault.release = () => (isReleased = true);
    // requests for nothing hold the transaction open, as one that hangs does, also where nobody waits for it
    transaction.commit = () => {};
    const hold = (event: Event): void => {
      if (isReleased) answer(event);
      else
        originals.get.call(transaction.objectStore(transaction.objectStoreNames[0] as string), '').onsuccess = () =>
          hold(event);
    };
    request.addEventListener('success', hold);
  }
  return request;
}

const originals = { get: IDBObjectStore.prototype.get };

/** All ways to ask: each counts, by its database. */
function watchRequests(): void {
  const wrap = (prototype: object, method: string, nameOf: (self: never) => string): void => {
    const original = (prototype as Record<string, (...args: unknown[]) => IDBRequest>)[method];
    if (!original) return;
    vi.spyOn(prototype as Record<string, (...args: unknown[]) => unknown>, method).mockImplementation(function (
      this: never,
      ...args: unknown[]
    ) {
      const fault = faults.get(nameOf(this));
      if (!fault || ++fault.made !== fault.nth) return original.apply(this, args);
      if (fault.way === 'throws') throw failure();
      return spoil(fault, original.apply(this, args));
    } as never);
  };
  const reads = ['get', 'getKey', 'getAll', 'getAllKeys', 'getAllRecords', 'count'];
  for (const method of [...reads, 'put', 'add', 'delete', 'clear'])
    wrap(IDBObjectStore.prototype, method, (store: IDBObjectStore) => store.transaction.db.name);
  for (const method of reads)
    wrap(IDBIndex.prototype, method, (index: IDBIndex) => index.objectStore.transaction.db.name);
}

afterEach(() => {
  vi.restoreAllMocks();
  faults.clear();
});

/** What may be found under a key: several values while it is not certain what became of a write. */
type Allowed = Map<string, Set<unknown>>;

/** What a test waits for is late on a busy machine, too; there, time passes slowly. */
const unhurried = 0.1;
let speed = unhurried;

/** Time passes as fast as `speed` says: at 4 a read has half a second, a write two and a half. */
function fakeTime(): void {
  const { setTimeout: wait } = globalThis;
  const now = performance.now.bind(performance);
  vi.spyOn(performance, 'now').mockImplementation(() => 40 * now());
  vi.spyOn(globalThis, 'setTimeout').mockImplementation(((run: () => void, ms = 0) => wait(run, ms / speed)) as never);
}

/** One page. @returns what is to be found by the next one */
async function live(fault: Fault): Promise<() => Promise<void>> {
  const name = freshName();
  const database = `tabstate-cache:${name}`;
  const { tier, warnings } = openTier(name);
  const allowed: Allowed = new Map();
  const may = (key: string): Set<unknown> => allowed.get(key) ?? new Set([undefined]);
  const isUncertain = fault.way === 'is late';
  const limits = { maxEntries: 4 };

  const write = async (key: string, value: unknown, more: Parameters<typeof entryOf>[1] = {}): Promise<void> => {
    const before = may(key);
    const outcome = await tier.write('f', key, entryOf(value, { epoch: tier.database.epoch(), ...more }), limits);
    if (outcome === 'stored') allowed.set(key, new Set([value]));
    // what was late may be written after all
    else allowed.set(key, new Set(isUncertain ? [...before, value] : before));
  };
  const read = async (key: string): Promise<void> => {
    const found = valueOf(await tier.read('f', key));
    // a read that fails is a miss
    if (found !== undefined) expect([...may(key)], `${key} is read`).toContainEqual(found);
  };
  const clear = async (target: Parameters<typeof tier.clear>[0], keys: readonly string[]): Promise<void> => {
    const isCertain = await tier.clear(target);
    for (const key of keys) {
      const before = [...may(key)];
      // this tab serves nothing of it any more, whether or not it was written
      if (fault.way !== 'is late') expect(valueOf(await tier.read('f', key)), `${key} is cleared`).toBeUndefined();
      allowed.set(key, new Set(isCertain ? [undefined] : [undefined, ...before]));
    }
  };

  // the database is made first: how opening fails has tests of its own
  await tier.write('other', 'k', entryOf('other'), {});
  faults.set(database, fault);
  await Promise.all([write('a', 'a1'), write('b', { b: 1 }, { tags: ['t'] })]);
  await Promise.all([read('a'), read('b'), read('none')]);
  await write('a', 'a2');
  await read('a');
  tier.touch('f', 'a', Date.now() + 100_000);
  await clear({ identity: 'f', key: 'a' }, ['a']);
  await write('a', 'a3');
  await clear({ tag: 't' }, ['b']);
  await write('old', 'old', {
    createdAt: Date.now() - 20_000,
    expiresAt: Date.now() - 10_000,
    staleUntil: Date.now() - 5000,
  });
  allowed.set('old', new Set([undefined, 'old']));
  await tier.delete('f', 'old');
  await tier.sweep();
  await read('a');
  fault.release?.();
  // nobody would release what is held from now on
  if (isUncertain) faults.delete(database);
  await tier.info('f');
  tier.close();
  faults.delete(database);

  const codes = new Set(warnings.map(({ code, key }) => `${code} ${key ?? ''}`));
  expect(codes.size, [...codes].join(', ')).toBeLessThanOrEqual(1);

  return () => lookFromNextPage(name, may);
}

async function lookFromNextPage(name: string, may: (key: string) => Set<unknown>): Promise<void> {
  const next = openTier(name);
  let entries = 0;
  for (const key of ['a', 'b', 'old']) {
    const found = valueOf(await next.tier.read('f', key));
    if (found !== undefined) entries++;
    expect([...may(key)], `${key} on the next page`).toContainEqual(found);
  }
  expect((await next.tier.info('f')).entries, 'entries that are counted').toBe(entries);
  expect(valueOf(await next.tier.read('other', 'k'))).toBe('other');
  await next.tier.sweep();
  let known: IDBValidKey[] = [];
  const rows = await inDatabase(name, 'readonly', ({ meta, values }) => {
    meta.getAllKeys().onsuccess = ({ target }) => {
      known = (target as IDBRequest).result;
    };
    return values.getAllKeys();
  });
  // what is known of an entry may also be that it was cleared
  expect(known, 'what is known of values').toEqual(expect.arrayContaining(rows as IDBValidKey[]));
  expect(next.warnings).toEqual([]);
  next.tier.close();
}

/** Every request in turn; by default each way takes a sixth of them, each another. VITE_REQUESTS=all takes all. */
const isAll = import.meta.env['VITE_REQUESTS'] === 'all';

/** Lives at once. */
const together = 8;

it.each(ways)(
  'a request that %s: nothing wrong is served, nothing acknowledged is lost, one warning',
  async (way) => {
    watchRequests();
    fakeTime();
    const isLate = way === 'is late';
    const step = isAll ? 1 : 6;
    let nth = isAll ? 1 : 1 + (ways.indexOf(way) % step);
    let failed = 0;
    for (let isOver = false; !isOver; ) {
      const batch = Array.from({ length: together }, (_, i): Fault => ({ way, nth: nth + i * step, made: 0 }));
      nth += together * step;
      const each = <T>(work: (fault: Fault, i: number) => Promise<T>): Promise<T[]> =>
        Promise.all(
          batch.map((fault, i) =>
            work(fault, i).catch((error) => {
              throw new Error(`request ${fault.nth}: ${error.message}`, { cause: error });
            }),
          ),
        );
      speed = isLate ? 4 : unhurried;
      const next = await each(live);
      speed = unhurried;
      await each((_, i) => (next[i] as () => Promise<void>)());
      failed += batch.filter(({ made, nth: failing }) => made >= failing).length;
      // after a late one little is asked for, and a busy machine has late ones of its own
      isOver = isLate ? nth > 60 : batch.some(({ made, nth: failing }) => made < failing);
    }
    // the life is as long as it was when this was written, or longer
    expect(failed).toBeGreaterThanOrEqual(isLate ? 1 : 60 / step);
  },
  120_000,
);
