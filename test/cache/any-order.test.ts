// What must hold whatever comes in between: callbacks answer late, entries go by every way there is.
import fc from 'fast-check';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadStored } from '../../src/cache/late.js';
import { type Kind, kinds, microtasks, testCache } from '../helpers/caches.js';
import { inputs } from '../helpers/inputs.js';

beforeAll(loadStored);

/** A value with the time at which its run began, or at which it was handed in. */
interface Thing {
  key: number;
  born: number;
  released: number;
}

const keys = [0, 1, 2];
const key = fc.constantFrom(0, 0, 0, 1, 2);
const which = fc.nat(7);
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ type: fc.constant('call' as const), key }) },
  { weight: 6, arbitrary: fc.record({ type: fc.constant('end' as const), which, isGood: fc.integer({ max: 4 }) }) },
  { weight: 6, arbitrary: fc.record({ type: fc.constant('answer' as const), which, isGood: fc.integer({ max: 2 }) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('refresh' as const), key }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('prime' as const), key }) },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('clear' as const),
      key,
      how: fc.constantFrom('key', 'function', 'tag', 'all'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('wait' as const), ms: fc.constantFrom(1, 999, 1000, 3000) }),
  },
  { weight: 3, arbitrary: fc.constant({ type: 'settle' as const }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const setting = fc.record({
  isSync: fc.boolean(),
  ttl: fc.constantFrom(undefined, 1, 3),
  mode: fc.constantFrom('foreground', 'background', 'staleIfError'),
  maxEntries: fc.constantFrom(undefined, 1, 2),
  memory: fc.constantFrom('64MB', '600B'),
  asks: fc.constantFrom('nothing', 'validate', 'validate', 'cacheIf', 'both'),
  /** What `onRelease` does besides. */
  onRelease: fc.constantFrom('nothing', 'nothing', 'clear', 'call'),
});
type Setting = typeof setting extends fc.Arbitrary<infer T> ? T : never;

async function play(kind: Kind, given: Setting, steps: readonly Step[]): Promise<void> {
  const isSync = given.isSync && kind === 'resource';
  let now = 0;
  let runs = 0;
  let releases = 0;
  const clearedAt = keys.map(() => 0);
  const ends: ((isGood: boolean) => void)[] = [];
  const answers: ((isGood: boolean) => void)[] = [];
  const made: Thing[] = [];
  const make = (of: number): Thing => {
    const thing = { key: of, born: ++now, released: 0 };
    made.push(thing);
    return thing;
  };
  const later = (list: ((isGood: boolean) => void)[], value: (isGood: boolean) => unknown): Promise<any> =>
    new Promise((resolve) => list.push((isGood) => resolve(value(isGood))));
  const wrong: unknown[] = [];
  const cache = testCache({ memory: given.memory });
  const withTtl = given.ttl === undefined ? {} : { ttl: given.ttl };
  const asksValid = given.asks === 'validate' || given.asks === 'both';
  const run = (of: number): Thing | Promise<Thing> => {
    runs++;
    const thing = make(of);
    return isSync ? thing : later(ends, (isGood) => (isGood ? thing : Promise.reject(new Error('down'))));
  };
  const f = cache.wrap(kind, isSync ? run : async (of: number) => run(of), {
    tags: (of: number) => [`t${of}`],
    ...withTtl,
    ...(given.maxEntries ? { maxEntries: given.maxEntries } : {}),
    ...(given.ttl && given.mode === 'background' ? { refreshMode: 'background' } : {}),
    ...(given.ttl && given.mode === 'staleIfError' ? { staleIfError: true } : {}),
    ...(asksValid ? { validate: () => (isSync ? ++now % 3 > 0 : later(answers, (isGood) => isGood)) } : {}),
    ...(kind === 'data' && (given.asks === 'cacheIf' || given.asks === 'both')
      ? { cacheIf: () => later(answers, (isGood) => isGood) }
      : {}),
    ...(kind === 'resource'
      ? {
          onRelease(thing: Thing) {
            thing.released = ++now;
            if (releases++ > 20) return;
            if (given.onRelease === 'clear') clear(thing.key, 'function');
            if (given.onRelease === 'call') call(thing.key);
          },
        }
      : {}),
  });
  function call(of: number): void {
    const since = clearedAt[of]!;
    const check = (thing: Thing): void => {
      if (thing.key !== of) wrong.push(['another key', of, thing]);
      if (thing.born < since) wrong.push(['cleared before the call', since, { ...thing }]);
      if (thing.released) wrong.push(['released', { ...thing }]);
    };
    try {
      const got = f(of);
      if (isSync) check(got as Thing);
      else (got as Promise<Thing>).then(check, () => {});
    } catch (error) {
      // a release that calls what is running
      if ((error as Error).name !== 'CacheReentryError') throw error;
    }
  }
  function clear(of: number, how: string): void {
    for (const each of how === 'key' || how === 'tag' ? [of] : keys) clearedAt[each] = ++now;
    if (how === 'key') void f['clear'](of);
    else if (how === 'function') void f['clear']();
    else {
      const target = how === 'tag' ? { tag: `t${of}` } : undefined;
      void (kind === 'data' ? cache.cacheData : cache.cacheResource).clear(target as never);
    }
  }
  for (const action of steps) {
    if (action.type === 'call') call(action.key);
    else if (action.type === 'end') ends.splice(action.which, 1)[0]?.(action.isGood > 0);
    else if (action.type === 'answer') answers.splice(action.which, 1)[0]?.(action.isGood > 0);
    else if (action.type === 'clear') clear(action.key, action.how);
    else if (action.type === 'wait') vi.advanceTimersByTime(action.ms);
    else if (action.type === 'settle') await microtasks();
    else if (action.type === 'prime') {
      const thing = make(action.key);
      void f['prime'](thing, action.key);
      // what it displaces is released first, and may call a clear: this is newer
      thing.born = ++now;
    } else Promise.resolve(f['refresh'](action.key)).catch(() => {});
    // an object is handed out when its promise is resolved: what is cleared before anybody could look was still open then
    if (kind === 'resource') await microtasks();
  }
  // everything that still waits comes to an end
  for (let turn = 0; turn < 200; turn++) {
    await microtasks();
    (ends.shift() ?? answers.shift())?.(true);
  }
  expect(ends.length + answers.length).toBe(0);
  expect(wrong).toEqual([]);
  expect(runs).toBeLessThan(1000);
  clear(0, 'function');
  await microtasks();
  for (const of of keys) if (given.onRelease !== 'call') expect(f['peek'](of)).toBe(undefined);
}

describe.each(kinds)('whatever the order (%s)', (kind) => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('[CAC-224][CAC-225] nothing older than a clear is served, nothing released, and all comes to an end', async () => {
    await fc.assert(
      fc.asyncProperty(setting, fc.array(step, { minLength: 1, maxLength: 50, size: 'max' }), (given, steps) =>
        play(kind, given, steps),
      ),
      inputs(150),
    );
  });
});
