// What runs in the page: one suite, its contenders in shuffled batches, and the medians.
import { type Contender, type Line, Measured, type Suite } from './suite.js';

/** What a line measured: ms per unit of each contender, median, least and most of its batches. */
export interface LineResult {
  name: string;
  medians: Record<string, number>;
  spread: Record<string, [least: number, most: number]>;
  targets: Line['targets'];
  measures?: Line['measures'];
  enough?: Line['enough'];
  error?: string;
}

const batchMs = 8;
const maxUnits = 4_000_000;
const asContender = (work: Line['contenders'][string]): Contender =>
  typeof work === 'function' ? { run: work } : work;

async function batch({ run, before, after }: Contender, units: number): Promise<number> {
  await before?.();
  const start = performance.now();
  let measured: number | undefined;
  for (let n = 0; n < units; n++) {
    let result = run();
    if (result instanceof Promise) result = await result;
    if (result instanceof Measured) measured = (measured ?? 0) + result.ms;
  }
  const took = measured ?? performance.now() - start;
  await after?.();
  return took;
}

async function answer({ run, before, after }: Contender): Promise<number> {
  await before?.();
  const result = (await run()) as number;
  await after?.();
  return result;
}

async function unitsFor(contender: Contender): Promise<number> {
  // the first call compiles, and loads what the browser has not needed yet
  await batch(contender, 1);
  for (let units = 1; ; units *= 4) {
    // the shorter of two: a pause of the machine is not the work
    const took = Math.min(await batch(contender, units), await batch(contender, units));
    if (took >= batchMs || units >= maxUnits) return Math.max(1, Math.ceil((units * batchMs) / Math.max(took, 0.5)));
  }
}

function shuffle<T>(list: T[]): T[] {
  for (let i = list.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [list[i], list[j]] = [list[j] as T, list[i] as T];
  }
  return list;
}

const isWhole = (ms: number): boolean => Math.abs(ms - Math.round(ms)) < 1e-3;
const median = (list: number[]): number => {
  const sorted = list.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
};

/** What former lines have left is no burden of this one: Chromium has room for so many Blobs, collected or not. */
async function collectGarbage(): Promise<void> {
  const { gc } = globalThis as { gc?: () => void };
  for (let n = 0; gc && n < 3; n++) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function measure(line: Line): Promise<LineResult> {
  const { name, targets, measures, enough, rounds = 21 } = line;
  const result: LineResult = { name, medians: {}, spread: {}, targets, measures, enough };
  try {
    await collectGarbage();
    await line.setup?.();
    const contenders = Object.entries(line.contenders).map(([key, work]) => ({ key, contender: asContender(work) }));
    const units = new Map<string, number>();
    const times = new Map<string, number[]>();
    for (const { key, contender } of contenders) {
      units.set(key, line.perBatch ?? (measures ? 1 : await unitsFor(contender)));
      times.set(key, []);
    }
    for (let round = 0; round < rounds; round++)
      for (const { key, contender } of shuffle([...contenders])) {
        const count = units.get(key) as number;
        times.get(key)?.push(measures ? await answer(contender) : (await batch(contender, count)) / count);
        // a breath, so that timers and collections of one contender do not fall into the next one's batch
        await new Promise((resolve) => setTimeout(resolve));
      }
    // a clock that ticks once a millisecond says more about short batches by their mean
    const isCoarse = [...times].every(([key, list]) => list.every((ms) => isWhole(ms * units.get(key)!)));
    for (const [key, list] of times) {
      result.medians[key] = isCoarse && !measures ? list.reduce((sum, ms) => sum + ms, 0) / list.length : median(list);
      result.spread[key] = [Math.min(...list), Math.max(...list)];
    }
    await line.teardown?.();
  } catch (error) {
    result.error = error instanceof Error ? `${error.name}: ${error.message} ${error.stack}` : String(error);
  }
  return result;
}

/** Started by run.mjs in the page. */
export async function runSuite(suite: Suite, engine: string, only?: string): Promise<LineResult[]> {
  const results: LineResult[] = [];
  for (const line of suite.lines) {
    if (line.engines && !line.engines.includes(engine)) continue;
    if (only && !line.name.includes(only)) continue;
    results.push(await measure(line));
  }
  return results;
}
