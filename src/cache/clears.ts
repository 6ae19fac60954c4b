import type { FunctionRow, MetaRow, RootRow } from './disk-tables.js';
import type { ClearTarget } from './tier.js';

/** The number of clears that this tab knows of: those it has read of, and its own at once. */
export interface Epochs {
  now(): number;
  /** A clear of this tab begins. */
  next(): number;
  /** The database, or a note, names this epoch. */
  learn(epoch: number): void;
}

export function createEpochs(): Epochs {
  let epoch = 0;
  return {
    now: () => epoch,
    next: () => ++epoch,
    learn(seen) {
      if (seen > epoch) epoch = seen;
    },
  };
}

/** The newest stamp that covers an entry of this function; `tagged`: the stamps of its tags. */
export const stampFor = (
  root: RootRow,
  row: FunctionRow | undefined,
  tagged: readonly number[] = [],
  own: Pick<MetaRow, 'cleared'> | undefined = undefined,
): number => Math.max(root.cleared, row?.cleared ?? 0, own?.cleared ?? 0, ...tagged);

export const covers = (
  target: ClearTarget,
  identity: string,
  key: string,
  tags: readonly string[] | undefined,
): boolean =>
  'all' in target ||
  ('tag' in target
    ? (tags?.includes(target.tag) ?? false)
    : target.identity === identity && (!('key' in target) || target.key === key));

const isText = (value: unknown): value is string => typeof value === 'string';

/** A clear's target as another tab sent it; `undefined` for anything else. */
export function targetOf(value: unknown): ClearTarget | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { all, identity, key, tag } = value as Record<string, unknown>;
  if (all === true) return { all };
  if (isText(tag)) return { tag };
  if (!isText(identity)) return undefined;
  if (key === undefined) return { identity };
  return isText(key) ? { identity, key } : undefined;
}
