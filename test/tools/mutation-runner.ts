// A runner of Vitest for `npm run mutate`: one run of all tests says which of them reach which change of the source; then each
// change is tried by these alone, all in this worker. Stryker calls a changed place a mutant.
import fs from 'node:fs';
import path from 'node:path';
import { startTests } from '@vitest/runner';
import { inject, TestRunner, vi } from 'vitest';

type Task = Parameters<TestRunner['onAfterRunTask']>[0];
type Hits = Record<string, number>;

const {
  most,
  tests: files,
  mutants,
  sources: mutated,
  results,
} = inject('mutation' as never) as {
  most: number;
  tests: string[];
  /** Each with the folder of the tests that are nearest. */
  mutants: [id: string, folder: string][];
  sources: string[];
  results: string;
};
const report = (...parts: unknown[]): void => fs.appendFileSync(results, `${JSON.stringify(parts)}\n`);

/** What the instrumented source reads and counts. */
interface Stryker {
  activeMutant?: string | undefined;
  currentTestId?: string | undefined;
  hitCount?: number;
  mutantCoverage: { static: Hits; perTest: Record<string, Hits> };
}
const page = globalThis as { __stryker__?: Stryker; [registry: symbol]: Record<string, unknown> | undefined };
const stryker: Stryker = { mutantCoverage: { static: {}, perTest: {} } };
page.__stryker__ = stryker;

/** All modules are evaluated anew, with all that a page makes once. */
function renew(): void {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.resetModules();
  const defaults = page[Symbol.for('tabstate.v1')] ?? {};
  for (const name of Object.keys(defaults)) delete defaults[name];
}

/** Of a file: its tests with the milliseconds they take. */
const times: Record<string, Record<string, number>> = {};
/** How often a file has noticed a mutant first. */
const noticed: Record<string, number> = {};

/** One change, until the first test that fails. */
class Trial extends TestRunner {
  failed: Task | undefined;

  override onAfterRunTask(test: Task): void {
    super.onAfterRunTask(test);
    if (test.result?.state !== 'fail') return;
    this.failed ??= test;
    this['cancelRun'] = true;
  }

  override async onAfterRunSuite(): Promise<void> {}
}

async function trial(base: TestRunner, mutant: string, folder: string): Promise<void> {
  const { static: atLoad, perTest } = stryker.mutantCoverage;
  const tests: Record<string, string[]> = {};
  for (const file of files) {
    const own = Object.keys(times[file] ?? {}).filter((id) => times[file]![id]! < most);
    const reached = own.filter((id) => perTest[id]?.[mutant]);
    // while the file was read: all of its tests may tell
    if (perTest[file]?.[mutant] || (mutant in atLoad && reached.length > 0)) tests[file] = own;
    else if (reached.length > 0) tests[file] = reached;
  }
  stryker.activeMutant = mutant;
  stryker.hitCount = 0;
  renew();
  // what is near, is quick and has noticed much comes first
  const cost = (file: string): number => {
    const ms = tests[file]!.reduce((sum, id) => sum + times[file]![id]!, 30) / ((noticed[file] ?? 0) + 1);
    return path.dirname(file) === folder ? ms / 10 : ms;
  };
  const start = performance.now();
  let by = '';
  for (const filepath of Object.keys(tests).sort((a, b) => cost(a) - cost(b))) {
    if (performance.now() - start > 20 * most) break;
    const taken = tests[filepath]!.map((id) => times[filepath]![id]!);
    const runner = new Trial({ ...base.config, testTimeout: Math.max(1000, ...taken.map((ms) => ms * 5)) });
    // a loop without end asks for the limit in each turn
    const until = performance.now() + 5 * taken.reduce((sum, ms) => sum + ms, 1000);
    Object.defineProperty(stryker, 'hitLimit', {
      configurable: true,
      get: () => (performance.now() < until ? Infinity : 0),
    });
    Object.defineProperty(runner, 'moduleRunner', { value: base['moduleRunner'] });
    runner.__setTraces(base['_otel']);
    const [file] = await startTests([{ filepath, testIds: tests[filepath]! } as never], runner);
    if (file!.result?.state !== 'fail') continue;
    by = `${filepath} ${runner.failed?.name ?? 'as a whole'}`;
    noticed[filepath] = (noticed[filepath] ?? 0) + 1;
    break;
  }
  stryker.activeMutant = undefined;
  report(
    mutant,
    Object.keys(tests).length === 0 ? 'unreached' : by ? 'noticed' : 'survived',
    Math.round(performance.now() - start),
    by,
  );
}

export default class extends TestRunner {
  hasFailed = false;

  async onBeforeCollect([file]: string[]): Promise<void> {
    renew();
    if (Object.keys(times).length === 0) {
      report('worker', process.pid);
      // what is changed where a module is read is counted apart from the tests
      for (const source of mutated) await this['moduleRunner'].import(source);
      renew();
    }
    stryker.currentTestId = file;
  }

  override async onBeforeRunTask(test: Task): Promise<void> {
    await super.onBeforeRunTask(test);
    stryker.currentTestId = test.id;
  }

  override onAfterRunTask(test: Task): void {
    super.onAfterRunTask(test);
    this.hasFailed ||= test.result?.state === 'fail';
    (times[test.file.filepath] ??= {})[test.id] = test.result?.duration ?? 0;
    stryker.currentTestId = test.file.filepath;
  }

  override async onAfterRunFiles(): Promise<void> {
    super.onAfterRunFiles();
    if (Object.keys(times).length < files.length || this.hasFailed) return;
    for (const [mutant, folder] of mutants) await trial(this, mutant, folder);
  }
}
