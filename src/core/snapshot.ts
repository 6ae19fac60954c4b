/**
 * How a stored value is copied, decided once by the walk that checked it.
 * `value`: a primitive, no copy. `tree`: no object twice, copied by hand. `graph`: cycles or shared references,
 * `structuredClone`. `columns`: 1 MB or more in buffers, small skeleton and buffers on their own.
 */
export type Plan = 'value' | 'tree' | 'graph' | 'columns';

/** A checked, private copy of a result. */
export interface Snapshot {
  readonly plan: Plan;
  /** The copy itself; never handed out, unless `copy` is `share` or `freeze`. */
  readonly data: unknown;
  /** Estimated size in bytes, by the walk. */
  readonly bytes: number;
}
