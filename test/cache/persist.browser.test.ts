// cacheData over a reload, with the browser's own database.
import { describe, expect, it, vi } from 'vitest';
import type { CacheEvent } from '../../src/cache/bucket.js';
import { emitter } from '../../src/cache/emitter.js';
import { memoryStore } from '../../src/stores/memory-store.js';
import { type AnyCached, counted, deferred, failure, type TestCache, testCache } from '../helpers/caches.js';

let caches = 0;
/** Two caches on one database act like two tabs, or like a page before and after a reload. */
const pages = () => {
  const name = `persist-${Date.now()}-${++caches}`;
  return [testCache({ name }), testCache({ name }), testCache({ name })] as const;
};

/** A busy machine opens its first database slowly. */
const eventually = (look: () => unknown): Promise<unknown> => vi.waitFor(look, { timeout: 10_000 });

describe('cacheData on disk', () => {
  it('[CAC-1][CAC-137] is found again by another page of this origin', async () => {
    const [a, b] = pages();
    const fn = counted((x: number) => ({ x, at: new Date(5), map: new Map([[1, [2]]]) }));
    const options = { name: 'found', persist: true };
    const f = a.wrap('data', fn, options);
    const value = await f(1);
    expect(await f['info']()).toMatchObject({ entries: 1, persisted: true, misses: 1 });
    const g = b.wrap('data', fn, options);
    expect(await g['has'](1)).toBe(true);
    expect(await g(1)).toEqual(value);
    expect(await g(1)).toEqual(value);
    expect(fn.runs.length).toBe(1);
    expect(await g['info']()).toMatchObject({ hits: 2, misses: 0, entries: 1 });
    expect([...a.codes(), ...b.codes()]).toEqual([]);
  });

  it('[CAC-178] replays messages that lay on disk', async () => {
    const [a, b] = pages();
    const log: unknown[] = [];
    const options = { name: 'told', persist: true, onMessage: (message: unknown) => log.push(message) };
    const fn = (x: number): number => {
      const emit = emitter();
      emit({ x });
      emit('end');
      return x;
    };
    const f = a.wrap('data', fn, options);
    await f(1);
    await f['info']();
    log.push('---');
    const g = b.wrap('data', fn, options);
    await Promise.all([g(1), g(1)]);
    await g(1);
    const told = [{ x: 1 }, 'end'];
    expect(log).toEqual([...told, '---', ...told, ...told, ...told]);
  });

  it('[CAC-234] each function hears its own messages again after a reload', async () => {
    const [a, b] = pages();
    const log: string[] = [];
    const declare = ({ wrap }: TestCache) => {
      const sink = (name: string) => ({ onMessage: (text: unknown) => log.push(`${name}:${text}`) });
      const emitting = (text: string) =>
        async function load() {
          emitter()(text);
        };
      const one = wrap('data', emitting('1'), { name: 'one', persist: true, ...sink('one') });
      const two = wrap('data', emitting('2'), { name: 'two', persist: true, ...sink('two') });
      const silent = wrap('data', emitting('3'), { name: 'silent', persist: true });
      const outer = wrap(
        'data',
        async function load() {
          await Promise.all([one(), two(), silent()]);
        },
        { name: 'outer', persist: true, ...sink('outer') },
      );
      return { one, two, silent, outer };
    };
    const told = ['one:1', 'outer:3', 'two:2'];
    const first = declare(a);
    await first.outer();
    expect(log.splice(0).sort()).toEqual(told);
    await a.cacheData.info();
    const second = declare(b);
    await second.outer();
    expect(log.splice(0).sort()).toEqual(told);
    await second.two();
    await second.silent();
    await second.outer();
    expect(log.splice(0).sort()).toEqual([...told, 'two:2'].sort());
  });

  it('[CAC-223] what was changed between the call and the run is kept under no key', async () => {
    const [a, b] = pages();
    const fn = async (q: { page: number }) => `page ${q.page}`;
    const f = a.wrap('data', fn, { name: 'paged', persist: true });
    const q = { page: 0 };
    const calls: unknown[] = [];
    for (let i = 1; i <= 3; i++) {
      q.page = i;
      calls.push(f(q));
    }
    expect(await Promise.all(calls)).toEqual(['page 3', 'page 3', 'page 3']);
    expect(a.codes()).toEqual(['cache-argument-changed']);
    await f['info']();
    const g = b.wrap('data', fn, { name: 'paged', persist: true });
    expect(await Promise.all([1, 2, 3].map((page) => g['has']({ page })))).toEqual([false, false, true]);
    expect(await Promise.all([1, 2, 3].map((page) => g({ page })))).toEqual(['page 1', 'page 2', 'page 3']);
  });

  it('[CAC-103] prime is readable elsewhere when it resolves', async () => {
    const [a, b] = pages();
    const fn = counted((x: number) => x);
    const options = { name: 'primed', persist: true };
    await a.wrap('data', fn, options)['prime'](7, 1);
    expect(await b.wrap('data', fn, options)(1)).toBe(7);
    expect(fn.runs.length).toBe(0);
  });

  it('[CAC-122] clear is over everywhere when it resolves', async () => {
    const [a, b, c] = pages();
    const fn = counted(async (x: number) => x);
    const options = { name: 'cleared', persist: true };
    const f = a.wrap('data', fn, options);
    await Promise.all([f(1), f(2)]);
    await f['info']();
    await f['clear'](1);
    const g = b.wrap('data', fn, options);
    expect([await g['has'](1), await g['has'](2)]).toEqual([false, true]);
    await a.cacheData.clear();
    expect(await c.wrap('data', fn, options)['has'](2)).toBe(false);
  });

  it('[CAC-114] a clear during the flight keeps its result off the disk', async () => {
    const [a, b] = pages();
    const gate = deferred<number>();
    const options = { name: 'late', persist: true };
    const f = a.wrap('data', () => gate.promise, options);
    const call = f();
    await f['clear']();
    gate.resolve(1);
    expect(await call).toBe(1);
    expect(await f['has']()).toBe(false);
    expect(await b.wrap('data', () => 2, options)()).toBe(2);
  });

  it('[CAC-209] closures of one factory leave nothing on disk', async () => {
    const [a, b] = pages();
    const mk = (n: number) =>
      async function inner(x: number) {
        return [n, x];
      };
    const [f, g] = [a.wrap('data', mk(1), { persist: true }), a.wrap('data', mk(2), { persist: true })];
    expect([await f(5), await g(5)]).toEqual([
      [1, 5],
      [2, 5],
    ]);
    expect((await f['info']()).persisted).toBe(false);
    const [second, first] = [b.wrap('data', mk(2), { persist: true }), b.wrap('data', mk(1), { persist: true })];
    expect([await second(5), await first(5)]).toEqual([
      [2, 5],
      [1, 5],
    ]);
  });

  it('[CAC-210] what has no name runs again on the next page', async () => {
    const [a, b] = pages();
    const fn = counted((x: number) => x);
    for (const page of [a, b]) {
      const f = page.wrap('data', fn, { persist: true });
      await f(1);
      await f(1);
      await f['info']();
      expect(page.codes()).toEqual(['cache-unnamed']);
    }
    expect(fn.runs.length).toBe(2);
  });

  it('[CAC-34][CAC-214] a name finds the entries of a changed, a bound, a minified, a native function', async () => {
    const [a, b] = pages();
    const count = { runs: 0 };
    function scale(this: typeof count, x: number) {
      this.runs++;
      return 2 * x;
    }
    const first = scale.bind(count);
    const minified = new Function('c', 'return e=>(c.runs++,2*e)')(count) as (x: number) => number;
    const changed = async (x: number): Promise<number> => {
      count.runs++;
      return x + x;
    };
    await a.wrap('data', first, { name: 'twice', persist: true })(1);
    await a.cacheData.info();
    for (const fn of [minified, changed, first, Math.max])
      expect(await b.wrap('data', fn, { name: 'twice', persist: true })(1)).toBe(2);
    expect(count.runs).toBe(1);
    await b.wrap('data', changed, { name: 'twice', version: 2, persist: true })(1);
    expect(count.runs).toBe(2);
    const native = a.wrap('data', Math.hypot, { name: 'hypot', persist: true });
    await native(3, 4);
    expect((await native['info']()).persisted).toBe(true);
  });

  it('[CAC-216][CAC-217] a function of an object is stored, whatever its text says', async () => {
    const [a, b] = pages();
    const runs: unknown[] = [];
    const apis = [a, b].map(({ wrap }) => ({
      arrow: wrap('data', (x: number) => runs.push(`this ${x}`), { name: 'arrow', persist: true }),
      load: wrap(
        'data',
        async function load(x: number) {
          /* this and super may be slow */
          return runs.push(x);
        },
        { name: 'load', persist: true },
      ),
    }));
    await apis[0]!.arrow(1);
    await apis[0]!.load(1);
    await a.cacheData.info();
    await apis[1]!.arrow(1);
    await apis[1]!.load(1);
    expect(runs).toEqual(['this 1', 1]);
    expect(a.codes()).toEqual([]);
  });

  it('[CAC-215] of a method nothing lies on disk; hashFuncs for its class put it there', async () => {
    const [a, b] = pages();
    class Shop {
      constructor(readonly id: number) {}
    }
    let runs = 0;
    const fn = function (this: Shop, x: number) {
      runs++;
      return this.id + x;
    };
    const options = { name: 'price', method: true, persist: true };
    const f = a.wrap('data', fn, options);
    expect([await f.call(new Shop(1), 1), await f.call(new Shop(2), 1)]).toEqual([2, 3]);
    expect(await f['info']()).toMatchObject({ persisted: false });
    const shared = { ...options, name: 'shared', hashFuncs: [[Shop, ({ id }: Shop) => id]] };
    await a.wrap('data', fn, shared).call(new Shop(1), 1);
    await a.cacheData.info();
    runs = 0;
    expect(await b.wrap('data', fn, shared).call(new Shop(1), 1)).toBe(2);
    expect(runs).toBe(0);
  });

  it('[CAC-221] an unnamed cached function in deps counts on its page only', async () => {
    const [a, b] = pages();
    const fn = counted(() => 1);
    for (const page of [a, b]) {
      const dep = page.wrap('data', () => 5);
      const f = page.wrap('data', fn, { name: 'dependent', persist: true, deps: () => [dep] });
      await f();
      await f();
      await f['info']();
    }
    expect(fn.runs.length).toBe(2);
  });

  it('[CAC-104] validate sees what lay on disk', async () => {
    const [a, b] = pages();
    let n = 0;
    const fn = () => ++n;
    await a.wrap('data', fn, { name: 'checked', persist: true })();
    await a.cacheData.info();
    const seen: number[] = [];
    const g = b.wrap('data', fn, { name: 'checked', persist: true, validate: (value: number) => seen.push(value) < 0 });
    expect(await g()).toBe(2);
    expect(seen).toEqual([1]);
    expect((await g['info']()).entries).toBe(1);
  });

  it('[CAC-8] an error passes through, and nothing is stored', async () => {
    const [a] = pages();
    const E = new Error('no');
    const f = a.wrap('data', () => Promise.reject(E), { name: 'fails', persist: true });
    expect(await failure(() => f())).toBe(E);
    expect(await f['has']()).toBe(false);
  });

  it('[CAC-136] persist is checked', () => {
    const [{ wrap }] = pages();
    for (const persist of [undefined, null, true, false, 'indexeddb', 'disk']) wrap('data', () => 1, { persist });
    expect(() => wrap('data', () => 1, { persist: 'yesplz' })).toThrow(RangeError);
    expect(() => wrap('data', () => 1, { persist: 'yesplz' })).toThrow(/indexeddb.*disk/);
    expect(() => wrap('data', () => 1, { persist: 1 })).toThrow(TypeError);
    expect(() => wrap('resource', () => 1, { persist: true })).toThrow(TypeError);
  });

  it('[CAC-85][CAC-86] what a limit displaced is not found on disk a moment later', async () => {
    const [a] = pages();
    const few = counted((x: number) => x);
    const f = a.wrap('data', few, { name: 'few', persist: true, maxEntries: 2 });
    for (const x of [0, 1, 0, 1, 2, 1, 0]) await f(x);
    expect(few.runs.flat()).toEqual([0, 1, 2, 0]);
    const used = counted((x: number) => x);
    const g = a.wrap('data', used, { name: 'used', persist: true, maxEntries: 2 });
    for (const x of [0, 1, 0, 2, 0, 1]) await g(x);
    expect(used.runs.flat()).toEqual([0, 1, 2, 1]);
    const one = counted((x: number) => x);
    const h = a.wrap('data', one, { name: 'one', persist: true, maxSize: '300kB', maxEntries: 1 });
    for (const x of [0, 1, 0]) await h(x);
    expect(one.runs.flat()).toEqual([0, 1, 0]);
  });

  it('[CAC-91][CAC-103] an older value is not found after a larger one was primed or refreshed', async () => {
    const [a, b, c] = pages();
    let size = 100;
    const fn = counted((_x: number) => 'x'.repeat(size));
    const [f, g, h] = [a, b, c].map((page) =>
      page.wrap('data', fn, { name: 'grown', persist: true, maxSize: '5kB' }),
    ) as [AnyCached, AnyCached, AnyCached];
    for (const x of [1, 2, 3]) await f(x);
    await f['info']();
    for (const x of [1, 2, 3]) expect((await g(x)).length).toBe(100);
    size = 9000;
    await f['prime']('x'.repeat(size), 1);
    expect((await (f['refresh'](2) as Promise<string>)).length).toBe(size);
    await f['info']();
    // of another tab that has it in memory, and of one that has not
    await eventually(() => expect([g['peek'](1), g['peek'](2)]).toEqual([undefined, undefined]));
    expect([await h['has'](1), await h['has'](2), await h['has'](3)]).toEqual([false, false, true]);
    size = 50;
    for (const page of [f, g, h]) for (const x of [1, 2]) expect((await page(x)).length).toBe(50);
    expect((await h(3)).length).toBe(100);
  });

  it('[CAC-107] who loads again on a clear does not find the old row', async () => {
    const clears: [string, (f: AnyCached, cache: TestCache) => Promise<unknown>][] = [
      ['clear(1)', (f) => f['clear'](1)],
      ['clear()', (f) => f['clear']()],
      ['cacheData.clear()', (_f, cache) => cache.cacheData.clear()],
      ['cacheData.clear({ tag })', (_f, cache) => cache.cacheData.clear({ tag: 'all' })],
    ];
    for (const [how, clear] of clears) {
      const [a] = pages();
      const fn = counted(() => fn.runs.length);
      const f = a.wrap('data', fn, { name: 'again', persist: true, tags: ['all'] });
      const answers: Promise<unknown>[] = [];
      await f(1);
      await f['info']();
      const ref = f['ref'](1);
      const stop = ref.listen(() => {});
      await eventually(() => expect(ref.get()).toMatchObject({ status: 'success', value: 1, isFetching: false }));
      const end = f['subscribe'](({ type }: { type: string }) => type === 'clear' && answers.push(f(1)));
      await clear(f, a);
      expect(await Promise.all(answers), how).toEqual([2]);
      await eventually(() => expect(ref.get(), how).toMatchObject({ value: 2, isStale: false, isFetching: false }));
      stop();
      end();
    }
  });

  it('[CAC-106] what a ref finds on disk, or joins, is neither a hit nor a use', async () => {
    const [a, b, c] = pages();
    const options = { name: 'looked', persist: true, maxEntries: 2 };
    const fn = counted((x: number) => x);
    const f = a.wrap('data', fn, options);
    await f(1);
    await f(2);
    await f['info']();
    const g = b.wrap('data', fn, options);
    const ref = g['ref'](1);
    const stop = ref.listen(() => {});
    await eventually(() => expect(ref.get()).toMatchObject({ status: 'success', value: 1 }));
    expect(await g['info']()).toMatchObject({ hits: 0, misses: 0 });
    stop();
    await f(3);
    await f['info']();
    expect(await c.wrap('data', fn, options)['has'](1)).toBe(false);
    const slow = deferred<number>();
    const h = a.wrap('data', () => slow.promise, { name: 'slow', persist: true });
    const answer = h();
    const end = h['ref']().listen(() => {});
    slow.resolve(5);
    expect(await answer).toBe(5);
    expect(await h['info']()).toMatchObject({ hits: 0, misses: 1 });
    end();
  });

  it('[CAC-114][CAC-115] after a clear the next call runs at once, beside the run that was cleared', async () => {
    const clears: ((f: AnyCached, cache: TestCache) => Promise<unknown>)[] = [
      (f) => f['clear'](1),
      (f) => f['clear'](),
      (_f, cache) => cache.cacheData.clear(),
      (_f, cache) => cache.cacheData.clear({ tag: 'all' }),
    ];
    for (const clear of clears) {
      const [a, b] = pages();
      const gates = [deferred<string>(), deferred<string>()];
      const fn = counted(() => gates[fn.runs.length - 1]!.promise);
      const f = a.wrap('data', fn, { name: 'beside', persist: true, tags: ['all'] });
      const old = f(1);
      await eventually(() => expect(fn.runs.length).toBe(1));
      const cleared = clear(f, a);
      const fresh = f(1);
      await eventually(() => expect(fn.runs.length).toBe(2));
      gates[1]!.resolve('new');
      expect(await fresh).toBe('new');
      gates[0]!.resolve('old');
      expect(await old).toBe('old');
      await cleared;
      await f['info']();
      expect(await f(1)).toBe('new');
      expect(await b.wrap('data', () => 'other', { name: 'beside', persist: true })(1)).toBe('new');
    }
  });

  it('[CAC-115] also beside a cleared call that had been waiting for another tab', async () => {
    const [a, b] = pages();
    const [inA, inB] = [deferred<string>(), deferred<string>()];
    const other = counted(() => inB.promise);
    const theirs = b.wrap('data', other, { name: 'waited', persist: true })(1);
    await eventually(() => expect(other.runs.length).toBe(1));
    const fn = counted(() => inA.promise);
    const f = a.wrap('data', fn, { name: 'waited', persist: true });
    const old = f(1);
    await eventually(async () => {
      const { pending } = await navigator.locks.query();
      expect(pending?.some(({ name }) => name?.includes('waited'))).toBe(true);
    });
    await f['clear'](1);
    const fresh = f(1);
    await eventually(() => expect(fn.runs.length).toBe(2));
    inA.resolve('a');
    inB.resolve('b');
    expect(await Promise.all([old, fresh, theirs])).toEqual(['a', 'a', 'b']);
  });

  it('[CAC-116] a function for which nobody waits any more does not run', async () => {
    const [a] = pages();
    const fn = counted((_x: number, _signal: AbortSignal) => 1);
    const f = a.wrap('data', fn, { name: 'given up', persist: true });
    const controller = new AbortController();
    const reason = new Error('never mind');
    const call = failure(() => f(1, controller.signal));
    controller.abort(reason);
    expect(await call).toBe(reason);
    // the same steps once more, after which the first call's would be over
    await f(2, new AbortController().signal);
    expect(fn.runs.map(([x]) => x)).toEqual([2]);
    expect(await f['info']()).toMatchObject({ misses: 1, entries: 1 });
  });
});

describe('a page that only listens', () => {
  it.each(['disk', 'own store'])('[CAC-228] hears what another tab sets and clears, over the %s', async (place) => {
    const name = `listens-${Date.now()}-${place}`;
    const inner = memoryStore();
    const make = () => testCache({ name, ...(place === 'disk' ? {} : { store: inner }) });
    const [a, b] = [make(), make()];
    const options = { name: 'listened', persist: true };
    const events: unknown[] = [];
    const listening = a.wrap('data', (x: number) => x, options);
    const end = listening['subscribe'](({ type, tab, args }: CacheEvent) => events.push([type, tab, args]));
    const f = b.wrap('data', (x: number) => x, options);
    const clears = [() => f['clear'](1), () => f['clear'](), () => b.cacheData.clear()];
    for (const clear of clears) {
      await eventually(async () => {
        events.length = 0;
        await f['prime'](7, 1);
        await vi.waitFor(() => expect(events).toContainEqual(['set', 'other', undefined]), { timeout: 200 });
      });
      await clear();
      await eventually(() => expect(events).toContainEqual(['clear', 'other', undefined]));
    }
    end();
    events.length = 0;
    await f['prime'](8, 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(events).toEqual([]);
  });
});
