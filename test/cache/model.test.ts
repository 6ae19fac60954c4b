// A cached function against a model: any interleaving of calls, ends, clears, refreshes, primes and time.
import fc from 'fast-check';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadStored } from '../../src/cache/late.js';
import { type Kind, kinds, microtasks, testCache } from '../helpers/caches.js';

beforeAll(loadStored);

/** `VITE_MODEL_STEPS=100000` for a long run. */
const steps = Number((import.meta.env as Record<string, string | undefined>)['VITE_MODEL_STEPS'] ?? 3000);
const perPlay = 60;

/** One run of the cached function, ended by the test. */
interface Run {
  id: number;
  key: number;
  mode: 'call' | 'refresh' | 'background';
  dropped: boolean;
  order: number;
  end(isSuccess: boolean): void;
  callers: Promise<unknown>[];
}

interface Entry {
  value: number;
  wall: number;
  mono: number;
  order: number;
}

interface Options {
  ttl: number;
  maxStale: number;
  maxEntries: number;
  background: boolean;
}

/** What the cache should do, written down as plainly as possible. */
class Model {
  entries = new Map<number, Entry>();
  runs: Run[] = [];
  joinable = new Map<number, Run>();
  failed = new Map<number, { wall: number; mono: number }>();
  order = 0;
  constructor(readonly options: Options) {}

  age(entry: Entry): 'fresh' | 'stale' | 'expired' {
    if (this.options.ttl === Number.POSITIVE_INFINITY) return 'fresh';
    const age = Math.max(Date.now() - entry.wall, performance.now() - entry.mono);
    if (entry.wall - Date.now() > 60_000) return 'expired';
    if (age < this.options.ttl) return 'fresh';
    return age < this.options.ttl + this.options.maxStale ? 'stale' : 'expired';
  }
  /** Whichever clock says that a minute is over. */
  isPaused(key: number): boolean {
    const { wall, mono } = this.failed.get(key) ?? { wall: -Infinity, mono: -Infinity };
    return Math.max(Date.now() - wall, performance.now() - mono) < 60_000;
  }
  uselessAt(entry: Entry): number {
    return entry.wall + this.options.ttl + (this.options.background ? this.options.maxStale : 0);
  }
  sweep(): void {
    for (const [key, entry] of this.entries) if (this.uselessAt(entry) <= Date.now()) this.entries.delete(key);
  }
  store(key: number, value: number, order: number): boolean {
    const before = this.entries.get(key);
    if (before && before.order > order) return false;
    this.sweep();
    const isNew = !this.entries.has(key);
    this.entries.delete(key);
    while (isNew && this.entries.size >= this.options.maxEntries)
      this.entries.delete(this.entries.keys().next().value as number);
    this.entries.set(key, { value, wall: Date.now(), mono: performance.now(), order });
    return true;
  }
  drop(key: number): void {
    for (const run of this.runs) if (run.key === key) run.dropped = true;
    this.joinable.delete(key);
    this.failed.delete(key);
  }
  end(run: Run, isSuccess: boolean): void {
    this.runs.splice(this.runs.indexOf(run), 1);
    if (this.joinable.get(run.key) === run) this.joinable.delete(run.key);
    if (!isSuccess) {
      if (run.mode === 'background' && !run.dropped)
        this.failed.set(run.key, { wall: Date.now(), mono: performance.now() });
      return;
    }
    const isEvicted = run.mode === 'background' && !this.entries.has(run.key);
    if (!run.dropped && !isEvicted && this.store(run.key, run.id, run.order)) this.failed.delete(run.key);
  }
}

const key = fc.constantFrom(0, 0, 1, 2, 3);
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant('call' as const), key }) },
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant('end' as const),
      which: fc.nat(9),
      isSuccess: fc.integer({ min: 0, max: 3 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('refresh' as const), key }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('clear' as const), key: fc.option(key) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('prime' as const), key }) },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant('wait' as const), ms: fc.constantFrom(1, 999, 1000, 3000, 60_000) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('jump' as const),
      ms: fc.constantFrom(-3_600_000, -1000, 500, 3_600_000),
    }),
  },
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

async function play(kind: Kind, options: Options, steps: Step[]): Promise<void> {
  const { wrap } = testCache();
  const model = new Model(options);
  let ids = 0;
  /** Runs that the library has started and the model has not accounted for yet. */
  const started: { id: number; key: number; end(isSuccess: boolean): void }[] = [];
  const f = wrap(
    kind,
    (k: number) =>
      new Promise((resolve, reject) => {
        const id = ++ids;
        started.push({ id, key: k, end: (isSuccess) => (isSuccess ? resolve(id) : reject(new Error(`run ${id}`))) });
      }),
    {
      ...(options.ttl < Number.POSITIVE_INFINITY ? { ttl: options.ttl / 1000, maxStale: options.maxStale / 1000 } : {}),
      ...(options.maxEntries < Number.POSITIVE_INFINITY ? { maxEntries: options.maxEntries } : {}),
      ...(options.background ? { refreshMode: 'background' } : {}),
    },
  );
  const outcomes = new Map<Run, Promise<unknown>[]>();
  /** The library must have started exactly this run. */
  const expectRun = async (run: Omit<Run, 'id' | 'end' | 'callers' | 'order' | 'dropped'>): Promise<Run> => {
    await microtasks();
    expect(started.map((each) => each.key)).toEqual([run.key]);
    const { id, end } = started.pop()!;
    const made: Run = { ...run, id, end, order: ++model.order, dropped: false, callers: [] };
    model.runs.push(made);
    model.joinable.set(run.key, made);
    outcomes.set(made, made.callers);
    return made;
  };
  const settle = (promise: unknown): Promise<unknown> =>
    Promise.resolve(promise as Promise<unknown>).catch((error: Error) => error.message);

  for (const action of steps) {
    switch (action.type) {
      case 'call': {
        model.sweep();
        const entry = model.entries.get(action.key);
        const age = entry && model.age(entry);
        const call = settle(f(action.key));
        if (entry && (age === 'fresh' || (age === 'stale' && options.background))) {
          expect(await call).toBe(entry.value);
          model.entries.delete(action.key);
          model.entries.set(action.key, entry);
          const isPaused = model.isPaused(action.key);
          const refreshing = model.runs.filter(({ mode }) => mode === 'background').length;
          if (age === 'stale' && !model.joinable.has(action.key) && !isPaused && refreshing < 4)
            await expectRun({ key: action.key, mode: 'background' });
          break;
        }
        if (entry) model.entries.delete(action.key);
        const run = model.joinable.get(action.key) ?? (await expectRun({ key: action.key, mode: 'call' }));
        run.callers.push(call);
        break;
      }
      case 'refresh': {
        const call = settle(f['refresh'](action.key));
        const present = model.joinable.get(action.key);
        const run = present?.mode === 'refresh' ? present : await expectRun({ key: action.key, mode: 'refresh' });
        run.callers.push(call);
        break;
      }
      case 'end': {
        const run = model.runs[action.which % Math.max(1, model.runs.length)];
        if (!run) break;
        const isSuccess = action.isSuccess > 0;
        run.end(isSuccess);
        await microtasks();
        model.end(run, isSuccess);
        for (const caller of run.callers) expect(await caller).toBe(isSuccess ? run.id : `run ${run.id}`);
        break;
      }
      case 'clear':
        void (action.key === null ? f['clear']() : f['clear'](action.key));
        if (action.key === null) {
          for (const k of [0, 1, 2, 3]) model.drop(k);
          model.entries.clear();
        } else {
          model.drop(action.key);
          model.entries.delete(action.key);
        }
        break;
      case 'prime': {
        const value = ++ids;
        await f['prime'](value, action.key);
        model.drop(action.key);
        model.store(action.key, value, ++model.order);
        break;
      }
      case 'wait':
        vi.advanceTimersByTime(action.ms);
        break;
      case 'jump':
        vi.setSystemTime(Date.now() + action.ms);
        break;
    }
    await microtasks();
    expect(started).toEqual([]);
    for (const k of [0, 1, 2, 3]) {
      const entry = model.entries.get(k);
      const isFresh = entry !== undefined && model.age(entry) === 'fresh';
      expect([k, f['peek'](k)]).toEqual([k, isFresh ? entry.value : undefined]);
    }
  }
  for (const run of [...model.runs]) run.end(true);
  await microtasks();
}

describe.each(kinds)('any interleaving (%s)', (kind) => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('[CAC-115][CAC-99] of calls, ends, clears, refreshes, primes and time does what the model says', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          ttl: fc.constantFrom(1000, 3000, Number.POSITIVE_INFINITY),
          maxStale: fc.constantFrom(0, 2000, 3_600_000),
          maxEntries: fc.constantFrom(1, 2, Number.POSITIVE_INFINITY),
          background: fc.boolean(),
        }),
        fc.array(step, { minLength: 1, maxLength: perPlay, size: 'max' }),
        (options, steps) =>
          play(kind, { ...options, background: options.background && options.ttl < Number.POSITIVE_INFINITY }, steps),
      ),
      { numRuns: Math.ceil((2 * steps) / perPlay) },
    );
  });
});
