// Calls at once: joined flights, errors, signals, order.
import { describe, expect, it, vi } from 'vitest';
import { CacheReentryError } from '../../src/errors.js';
import { counted, deferred, failure, kinds, microtasks, testCache } from '../helpers/caches.js';

describe.each(kinds)('calls at once (%s)', (kind) => {
  it('[CAC-111] fifty equal calls share a run', async () => {
    const fn = counted(async (x: number) => ({ x }));
    const f = testCache().wrap(kind, fn);
    const results = await Promise.all(Array.from({ length: 50 }, () => f(1)));
    expect(fn.runs.length).toBe(1);
    for (const result of results) expect(result).toEqual({ x: 1 });
  });

  it('[CAC-112] other keys do not wait', async () => {
    const gate = deferred<number>();
    const fn = counted((x: number) => (x === 1 ? gate.promise : Promise.resolve(x)));
    const f = testCache().wrap(kind, fn);
    const slow = [f(1), f(1)];
    expect(await f(2)).toBe(2);
    gate.resolve(1);
    expect(await Promise.all(slow)).toEqual([1, 1]);
    expect(fn.runs.flat()).toEqual([1, 2]);
  });

  it('[CAC-113] a rejection reaches every caller, and nobody else', async () => {
    const E = new Error('no');
    let n = 0;
    const f = testCache().wrap(kind, async () => {
      if (++n === 1) throw E;
      return n;
    });
    const errors = await Promise.all([f(), f(), f()].map((call) => failure(() => call)));
    expect(errors).toEqual([E, E, E]);
    expect(errors[1]).toBe(E);
    expect(await f()).toBe(2);
  });

  it('[CAC-114] clear during a flight: its caller has the value, the next call runs', async () => {
    const cache = testCache();
    const kindOf = kind === 'data' ? cache.cacheData : cache.cacheResource;
    const clears: [(f: any) => unknown, number][] = [
      [(f) => f.clear(), 2],
      [(f) => f.clear(1), 2],
      [() => kindOf.clear(), 2],
      [(f) => f.clear(2), 1],
    ];
    for (const [clear, runs] of clears) {
      const gate = deferred<number>();
      const fn = counted((x: number) => (fn.runs.length === 1 ? gate.promise : Promise.resolve(x * 100)));
      const f = cache.wrap(kind, fn);
      const call = f(1);
      await clear(f);
      gate.resolve(7);
      expect(await call).toBe(7);
      expect(await f(1)).toBe(runs === 2 ? 100 : 7);
      expect(fn.runs.length).toBe(runs);
    }
  });

  it('[CAC-115] a call after a clear starts a run of its own; the late result is never served', async () => {
    const gates = [deferred<string>(), deferred<string>()];
    let runs = 0;
    const f = testCache().wrap(kind, (_x: number) => gates[runs++]!.promise);
    const early = f(1);
    void f['clear']();
    const later = f(1);
    expect(runs).toBe(2);
    gates[1]!.resolve('new');
    expect(await later).toBe('new');
    gates[0]!.resolve('old');
    expect(await early).toBe('old');
    expect(await f(1)).toBe('new');
  });

  it('[CAC-115] a clear also reaches a call beside which a refresh began', async () => {
    const gates = [deferred<string>(), deferred<string>(), deferred<string>()];
    let runs = 0;
    const f = testCache().wrap(kind, () => gates[runs++]!.promise);
    const calls = [f(), f['refresh']()];
    void f['clear']();
    gates[0]!.resolve('call');
    gates[1]!.resolve('refresh');
    expect(await Promise.all(calls)).toEqual(['call', 'refresh']);
    expect(f['peek']()).toBeUndefined();
  });

  it('[CAC-116] a caller gives up by its signal; the others get the value', async () => {
    const gate = deferred<number>();
    let given: AbortSignal | undefined;
    const fn = counted((_x: number, { signal }: { signal?: AbortSignal } = {}) => {
      given = signal;
      return gate.promise;
    });
    const f = testCache().wrap(kind, fn);
    const [a, b] = [new AbortController(), new AbortController()];
    const calls = [f(1, { signal: a.signal }), f(1, { signal: b.signal })];
    expect(given).not.toBe(a.signal);
    a.abort(new Error('enough'));
    expect((await failure(() => calls[0])).message).toBe('enough');
    expect(given!.aborted).toBe(false);
    gate.resolve(5);
    expect(await calls[1]).toBe(5);
    expect(await f(1, {})).toBe(5);
    expect(fn.runs.length).toBe(1);
  });

  it("[CAC-116] when all give up the body's signal aborts and nothing is stored", async () => {
    let given: AbortSignal | undefined;
    const gates = [deferred<number>(), deferred<number>()];
    const fn = counted((_x: number, signal: AbortSignal) => {
      given = signal;
      return gates[fn.runs.length - 1]!.promise;
    });
    const f = testCache().wrap(kind, fn);
    const [a, b] = [new AbortController(), new AbortController()];
    const calls = [f(1, a.signal), f(1, b.signal)];
    const first = given!;
    a.abort();
    b.abort('reason');
    expect((await failure(() => calls[0])).name).toBe('AbortError');
    expect(await failure(() => calls[1])).toBe('reason');
    expect([first.aborted, first.reason]).toEqual([true, 'reason']);
    const next = f(1, new AbortController().signal);
    gates[0]!.resolve(1);
    await microtasks();
    gates[1]!.resolve(2);
    expect(await next).toBe(2);
    expect(fn.runs.length).toBe(2);
  });

  it('[CAC-116] a caller without a signal never gives up; an aborted one never starts', async () => {
    const gate = deferred<number>();
    const fn = counted(async (_x: number, _options?: object) => gate.promise);
    const f = testCache().wrap(kind, fn);
    const a = new AbortController();
    const calls = [f(1, { signal: a.signal }), f(1, {})];
    a.abort();
    await failure(() => calls[0]);
    gate.resolve(3);
    expect(await calls[1]).toBe(3);
    if (kind === 'data') {
      expect((await failure(() => f(2, { signal: a.signal }))).name).toBe('AbortError');
      expect(fn.runs.length).toBe(1);
    }
  });

  it('[CAC-117] a function that waits for itself is told', async () => {
    const { wrap } = testCache();
    const f = wrap(kind, async (x: number): Promise<number> => (x > 9 ? x : f(x)), { name: 'self' });
    const error = await failure(() => f(1));
    expect(error).toBeInstanceOf(CacheReentryError);
    expect(error.functionName).toBe('self');
    const g = wrap(kind, async (x: number): Promise<number> => h(x));
    const h = wrap(kind, async (x: number): Promise<number> => (x === 1 ? g(1) : x));
    expect(await failure(() => g(1))).toBeInstanceOf(CacheReentryError);
    expect(await g(2)).toBe(2);
    const down = wrap(kind, async (x: number): Promise<number> => (x === 0 ? 0 : down(x - 1)));
    expect(await down(3)).toBe(0);
  });

  it('[CAC-117] over joined flights, too', async () => {
    const { wrap } = testCache();
    const order: string[] = [];
    const gate = deferred();
    const a = wrap(kind, async (): Promise<number> => {
      order.push('a');
      return b();
    });
    const b = wrap(kind, async (): Promise<number> => {
      order.push('b');
      await gate.promise;
      return 1;
    });
    const calls = [a(), b()];
    gate.resolve(0);
    expect(await Promise.all(calls)).toEqual([1, 1]);
    expect(order).toEqual(['a', 'b']);
  });

  it('a body joins a run under way that does not wait for it', async () => {
    const { wrap } = testCache();
    const gate = deferred<number>();
    const innermost = wrap(kind, () => gate.promise);
    const inner = wrap(kind, async (): Promise<number> => innermost());
    const outer = wrap(kind, async (): Promise<number> => (await inner()) + 1);
    const calls = [inner(), outer()];
    gate.resolve(1);
    expect(await Promise.all(calls)).toEqual([1, 2]);
  });

  it('who joins a run is a hit, unless by a ref or a refresh', async () => {
    const gate = deferred<number>();
    const f = testCache().wrap(kind, () => gate.promise);
    const calls = [f(), f(), f()];
    f['ref']().listen(() => {});
    gate.resolve(1);
    await Promise.all(calls);
    await Promise.all([f['refresh'](), f['refresh']()]);
    expect(await f['info']()).toMatchObject({ hits: 2, misses: 1 });
  });

  it('a failure after all have given up is no error event', async () => {
    const gate = deferred<number>();
    const f = testCache().wrap(kind, (_signal: AbortSignal) => gate.promise);
    const events: unknown[] = [];
    f['subscribe']((event: unknown) => events.push(event));
    const a = new AbortController();
    const call = f(a.signal);
    a.abort();
    await failure(() => call);
    gate.reject(new Error('late'));
    await microtasks();
    expect(events).toEqual([]);
  });

  it('a signal that outlives the call keeps nothing of it', async () => {
    const { signal } = new AbortController();
    const added = vi.spyOn(signal, 'addEventListener');
    const removed = vi.spyOn(signal, 'removeEventListener');
    await testCache().wrap(kind, async (_signal: AbortSignal) => 1)(signal);
    expect(removed.mock.calls).toEqual(added.mock.calls);
    expect(added.mock.calls.length).toBe(1);
  });

  it('[CAC-116] a caller gives up while `validate` is asked; what is there stays for others', async () => {
    const asked = deferred<boolean>();
    const fn = counted(async (_signal?: AbortSignal) => 'value');
    const f = testCache().wrap(kind, fn, { validate: () => asked.promise });
    await f();
    const controller = new AbortController();
    const [called, other] = [f(controller.signal), f()];
    await microtasks();
    controller.abort('enough');
    expect(await Promise.race([failure(() => called), microtasks()])).toBe('enough');
    asked.resolve(true);
    expect(await other).toBe('value');
    expect(fn.runs.length).toBe(1);
  });

  it('[CAC-116] one of several signals is enough, also one that has aborted before', async () => {
    const f = testCache().wrap(kind, (..._signals: AbortSignal[]) => new Promise(() => {}));
    const [early, late] = [new AbortController(), new AbortController()];
    early.abort(new Error('early'));
    expect((await failure(() => f(late.signal, early.signal))).message).toBe('early');
    const call = f(new AbortController().signal, late.signal);
    late.abort(new Error('late'));
    expect((await failure(() => call)).message).toBe('late');
  });

  it('a signal in an object without a prototype counts, too', async () => {
    let given: AbortSignal | undefined;
    const f = testCache().wrap(kind, async ({ signal }: { signal: AbortSignal }) => {
      given = signal;
    });
    const { signal } = new AbortController();
    await f(Object.assign(Object.create(null), { signal }));
    expect(given).toBeInstanceOf(AbortSignal);
    expect(given).not.toBe(signal);
  });

  it('one in an instance is not touched', async () => {
    class Request {
      constructor(readonly signal: AbortSignal) {}
    }
    const given: unknown[] = [];
    const f = testCache().wrap(kind, async (request: Request) => given.push(request) && 1, {
      hashFuncs: [[Request, () => 'request']],
    });
    const request = new Request(new AbortController().signal);
    await f(request);
    expect(given[0]).toBe(request);
  });

  it('[CAC-118] fifty clears at once', async () => {
    const fn = counted(async () => 1);
    const f = testCache().wrap(kind, fn);
    await f();
    await Promise.all(Array.from({ length: 50 }, () => f['clear']()));
    await f();
    await f();
    expect(fn.runs.length).toBe(2);
  });
});

describe('a synchronous resource', () => {
  it('[CAC-117] that calls itself throws', () => {
    const f = testCache().wrap('resource', (): unknown => f());
    expect(() => f()).toThrow(CacheReentryError);
  });
});
