/** One unit of work; a promise is awaited. What it returns as {@link Measured} counts in place of its duration. */
export type Work = () => unknown;

/** A time that the work measured itself, such as that of its longest task. */
export class Measured {
  constructor(readonly ms: number) {}
}

export interface Contender {
  run: Work;
  /** Around each batch, unmeasured. */
  before?: () => unknown;
  after?: () => unknown;
}

/** `tabstate` may take at most this share of the contender's time. */
export type Target = number | { chromium?: number; firefox?: number; webkit?: number };

export interface LineOptions {
  /** `tabstate` and those that it is compared with. */
  contenders: Record<string, Work | Contender>;
  targets?: Record<string, Target>;
  /** µs that are short enough, whatever the others take. */
  enough?: number;
  setup?: () => unknown;
  teardown?: () => unknown;
  /** Units in a batch; default: as many as take 8 ms. */
  perBatch?: number;
  /** Batches of each contender; default: 21. */
  rounds?: number;
  engines?: string[];
  /** What counts is the number that `run` gives, once a round, and not its time: ms (`Infinity`: never) or a count. */
  measures?: 'ms' | 'count';
}

export interface Line extends LineOptions {
  name: string;
}

export interface Suite {
  area: string;
  lines: Line[];
}

export const line = (name: string, options: LineOptions): Line => ({ name, ...options });

export const suite = (area: string, lines: Line[]): Suite => ({ area, lines });

let kept: unknown;

/** Keeps a result alive, so that the work that made it is not optimised away. */
export function sink(value: unknown): void {
  kept = value === undefined ? kept : value;
}
