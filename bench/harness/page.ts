import type { Contender, Line, Suite } from './suite.js';

/** What a line measured: ms per unit of each contender, median, least and most of its batches. */
export interface LineResult {
  name: string;
  medians: Record<string, number>;
  spread: Record<string, [least: number, most: number]>;
  targets: Line['targets'];
  error?: string;
}

const batchMs = 8;
const maxUnits = 4_000_000;
const asContender = (work: Line['contenders'][string]): Contender =>
  typeof work === 'function' ? { run: work } : work;

async function batch({ run, before, after }: Contender, units: number): Promise<number> {
  await before?.();
  const start = performance.now();
  for (let n = 0; n < units; n++) {
    const result = run();
    if (result instanceof Promise) await result;
  }
  const took = performance.now() - start;
  await after?.();
  return took;
}

async function unitsFor(contender: Contender): Promise<number> {
  for (let units = 1; ; units *= 4) {
    const took = await batch(contender, units);
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

const median = (list: number[]): number => {
  const sorted = list.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
};

async function measure(line: Line): Promise<LineResult> {
  const { name, targets, rounds = 21 } = line;
  const result: LineResult = { name, medians: {}, spread: {}, targets };
  try {
    await line.setup?.();
    const contenders = Object.entries(line.contenders).map(([key, work]) => ({ key, contender: asContender(work) }));
    const units = new Map<string, number>();
    const times = new Map<string, number[]>();
    for (const { key, contender } of contenders) {
      units.set(key, line.perBatch ?? (await unitsFor(contender)));
      times.set(key, []);
    }
    for (let round = 0; round < rounds; round++)
      for (const { key, contender } of shuffle([...contenders])) {
        const count = units.get(key) as number;
        times.get(key)?.push((await batch(contender, count)) / count);
        // a breath, so that timers and collections of one contender do not fall into the next one's batch
        await new Promise((resolve) => setTimeout(resolve));
      }
    for (const [key, list] of times) {
      result.medians[key] = median(list);
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
