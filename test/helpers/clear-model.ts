/**
 * A seeded model of clears: any interleaving of calls, every form of clear, refreshes, primes, evictions, slow answers of
 * `validate` and expiry, in one tab or two. Whatever is served is no older than the last clear that began before the call.
 */
import type { CacheData } from '../../src/cache/cache-data.js';
import type { CachedResource, CacheResource } from '../../src/cache/cache-resource.js';

/** `VITE_MODEL_STEPS=10000` for a long run; `VITE_MODEL_SEED` for the seed that one of them named. */
const { VITE_MODEL_STEPS, VITE_MODEL_SEED } = import.meta.env as Record<string, string | undefined>;
const perRound = 50;

/** Plays a share of these steps, or of those that a long run asks for. */
export async function playAll(steps: number, share: number, play: (seed: number) => Promise<void>): Promise<void> {
  if (VITE_MODEL_SEED) return play(Number(VITE_MODEL_SEED));
  const rounds = Math.max(1, Math.round((Number(VITE_MODEL_STEPS ?? steps) * share) / perRound));
  const first = VITE_MODEL_STEPS ? Date.now() % 1e9 : 1;
  for (let i = 0; i < rounds; i++) await play(first + i);
}

export type Random = (below: number) => number;
export function randomOf(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

export interface Tab {
  readonly cacheData: CacheData;
  readonly cacheResource: CacheResource;
}

/** Where the model is played. */
export interface Stage {
  /** For messages. */
  readonly place: string;
  /** How many tabs play; one more is opened at the end, after a reload. */
  readonly tabs: number;
  readonly options?: object;
  open(memory: number): Tab;
  /** Lets a random time pass, also none. */
  pause(): Promise<void>;
  /** All notes that were sent before have been heard. */
  heardAll(): Promise<void>;
}

interface Value {
  readonly made: number;
  /** Of the tab. */
  readonly by: number;
  readonly isPrimed: boolean;
}

interface Clear {
  readonly tab: number;
  readonly begun: number;
  covers(fn: string, key: number): boolean;
  /** When the other tab has certainly heard of it. */
  heard: number;
}

const names = ['f', 'g'];

/** Options of a round; `ttl` in seconds. */
function optionsOf(random: Random, pause: () => Promise<void>): object {
  return {
    ...(random(3) === 0 ? { ttl: 0.02, refreshMode: 'background' as const, maxStale: 5 } : {}),
    ...(random(4) === 0 ? { maxEntries: 2 } : {}),
    ...(random(3) === 0 ? { validate: () => (random(2) ? true : pause().then(() => random(4) > 0)) } : {}),
    tags: (key: number) => [`t${key % 2}`],
  };
}

/** Data, in memory and behind it. */
export async function playClears(stage: Stage, random: Random, seed: number): Promise<void> {
  const { place, pause } = stage;
  const memory = [64_000_000, 150][random(2)] as number;
  const options = { ...optionsOf(random, pause), ...stage.options };
  let now = 0;
  const log: string[] = [`${JSON.stringify(options)} memory ${memory}`];
  /** When what was primed is certainly stored. */
  const sure = new Map<number, number>();
  const clears: Clear[] = [];
  const calls: Promise<unknown>[] = [];
  const tabs = Array.from({ length: stage.tabs }, (_, by) => {
    const cache = stage.open(memory);
    const functions = names.map((own) =>
      cache.cacheData(
        async (of: number): Promise<Value> => {
          const made = ++now;
          log.push(`${made} run of ${own}(${of}) in tab ${by}`);
          await pause();
          if (random(12) === 0) throw new Error('the run fails');
          return { made, by, isPrimed: false };
        },
        { ...options, name: own },
      ),
    );
    return { cache, functions };
  });

  const check = (tab: number, fn: string, key: number, at: number, value: Value | undefined, what: string): void => {
    if (!value) return;
    for (const clear of clears) {
      if (!clear.covers(fn, key)) continue;
      // what another tab primes is as new as its commit, which may be later than the clear of this one
      const made = !value.isPrimed || value.by === clear.tab ? value.made : (sure.get(value.made) ?? Infinity);
      if ((clear.tab === tab ? clear.begun : clear.heard) < at && made < clear.begun)
        throw new Error(
          `${place}, seed ${seed}: ${what} ${fn}(${key}) of tab ${tab} at ${at} got ${made}, cleared at ${clear.begun} by tab ${clear.tab}; ${JSON.stringify(value)}\n${log.join('\n')}`,
        );
    }
  };
  const failed = (error: Error): undefined => {
    if (error.message !== 'the run fails') throw error;
    return undefined;
  };
  const clear = (tab: number, covers: Clear['covers'], work: () => Promise<void>): void => {
    const made: Clear = { tab, begun: ++now, covers, heard: Infinity };
    clears.push(made);
    calls.push(
      work().then(async () => {
        if (tabs.length > 1) await stage.heardAll();
        made.heard = ++now;
      }),
    );
  };
  const step = (): void => {
    const tab = random(tabs.length);
    const { cache, functions } = tabs[tab] as (typeof tabs)[number];
    const fn = random(2);
    const f = functions[fn] as (typeof functions)[number];
    const own = names[fn] as string;
    const key = random(3);
    const at = ++now;
    const kind = random(20);
    log.push(`${at} tab ${tab} ${own}(${key}) kind ${kind}`);
    const heard = (what: string) => (value: Value | undefined) => {
      log.push(`${now} ${what} at ${at} ${own}(${key}) got ${value?.made}`);
      check(tab, own, key, at, value, what);
    };
    if (kind < 10) calls.push(f(key).catch(failed).then(heard('the call')));
    else if (kind === 10) calls.push(f.refresh(key).catch(failed).then(heard('the refresh of')));
    else if (kind === 11) check(tab, own, key, at, f.peek(key), 'a peek at');
    else if (kind === 12) {
      const value = { made: at, by: tab, isPrimed: true, ...(random(4) ? {} : { big: new Float64Array(200_000) }) };
      calls.push(f.prime(value, key).then(() => void sure.set(at, ++now)));
    } else if (kind < 15)
      clear(
        tab,
        (name) => name === own,
        () => f.clear(),
      );
    else if (kind < 17)
      clear(
        tab,
        (name, of) => name === own && of === key,
        () => f.clear(key),
      );
    else if (kind === 17)
      clear(
        tab,
        () => true,
        () => cache.cacheData.clear(),
      );
    else if (kind === 18)
      clear(
        tab,
        (_name, of) => of % 2 === key % 2,
        () => cache.cacheData.clear({ tag: `t${key % 2}` }),
      );
    else calls.push(f.info());
  };

  try {
    for (let i = 0; i < perRound; i++) {
      step();
      await pause();
      if (random(12) === 0) await Promise.all(calls);
    }
    await Promise.all(calls);
    // what lies behind the memory obeys as well
    const at = ++now;
    const page = stage.open(memory);
    await Promise.all(
      names.flatMap((own) =>
        [0, 1, 2].map(async (key) => {
          const run = async (of: number): Promise<Value> => ({ made: ++now + 0 * of, by: 99, isPrimed: false });
          const value = await page.cacheData(run, { ...options, name: own })(key);
          check(99, own, key, at, value, 'after a reload');
        }),
      ),
    );
  } finally {
    await Promise.allSettled(calls);
    for (const { cache } of tabs) await cache.cacheData.clear();
  }
}

interface Resource {
  readonly made: number;
  /** The task in which it was released. */
  releasedIn: number;
}

/** Resources: what is released is never handed out, and nothing that a clear covers. `pause` lets all promises settle. */
export async function playResources(stage: Stage, random: Random, seed: number): Promise<void> {
  const { pause } = stage;
  const { cacheResource } = stage.open(64_000_000);
  const isSync = random(3) === 0;
  const { validate, ...options } = optionsOf(random, pause) as { validate?: () => unknown };
  let now = 0;
  const log: string[] = [`${JSON.stringify(options)} ${isSync ? 'synchronous' : ''} ${validate ? 'validate' : ''}`];
  const clears: Omit<Clear, 'tab' | 'heard'>[] = [];
  const calls: unknown[] = [];
  let isPlaying = true;
  let task = 0;
  const make = (of: number): Resource => {
    log.push(`${++now} run of ${of}`);
    return { made: now, releasedIn: Infinity };
  };
  const f = cacheResource(
    isSync
      ? make
      : async (of: number) => {
          const made = make(of);
          await pause();
          return made;
        },
    {
      ...options,
      ...(validate ? { validate: isSync ? () => random(4) > 0 : validate } : {}),
      onRelease: (value: Resource) => {
        if (value.releasedIn < Infinity) throw new Error(`${value.made} is released twice`);
        log.push(`${now} released ${value.made}`);
        value.releasedIn = task;
        // who hears of it may clear, or want another one
        if (isPlaying && random(8) === 0) clear(random(3), random(2) === 0);
        else if (isPlaying && random(7) === 0) call(random(3));
      },
    } as object,
  ) as CachedResource<[of: number], Resource | Promise<Resource>>;

  const check = (key: number, at: number, value: Resource | undefined, what: string): void => {
    if (!value) return;
    const older = clears.find(({ begun, covers }) => begun < at && value.made < begun && covers('', key));
    // what was resolved may still be released before its caller goes on, in the same task
    if (!older && value.releasedIn >= task) return;
    const fault = older ? `made at ${value.made}, cleared at ${older.begun}` : `${value.made}, which is released`;
    throw new Error(`${stage.place}, seed ${seed}: ${what} ${key} at ${at} got ${fault}\n${log.join('\n')}`);
  };
  const clear = (key: number, isWhole: boolean): void => {
    clears.push({ begun: ++now, covers: (_fn, of) => isWhole || of === key });
    log.push(`${now} clear ${isWhole ? 'all' : key}`);
    void (isWhole ? f.clear() : f.clear(key));
  };
  const take = (key: number, at: number, outcome: unknown, what: string): void => {
    if (outcome instanceof Promise) calls.push(outcome.then((value) => check(key, at, value as Resource, what)));
    else check(key, at, outcome as Resource, what);
  };
  const call = (key: number): void => {
    const at = ++now;
    log.push(`${at} call ${key}`);
    take(key, at, f(key), 'the call of');
  };
  for (let i = 0; i < perRound; i++) {
    const key = random(3);
    const kind = random(16);
    const at = ++now;
    log.push(`${at} kind ${kind} of ${key}`);
    if (kind < 9) call(key);
    else if (kind === 9) take(key, at, f.refresh(key), 'the refresh of');
    else if (kind === 10) check(key, at, f.peek(key) as Resource | undefined, 'a peek at');
    else if (kind === 11) void f.prime({ made: at, releasedIn: Infinity }, key);
    else if (kind < 14) clear(key, kind === 12);
    else if (kind === 14) {
      clears.push({ begun: ++now, covers: (_fn, of) => of % 2 === key % 2 });
      cacheResource.clear({ tag: `t${key % 2}` });
    } else f.info();
    await pause();
    task++;
    if (random(12) === 0) await Promise.all(calls);
  }
  isPlaying = false;
  await Promise.all(calls);
  cacheResource.clear();
}
