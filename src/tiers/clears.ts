import type { ClearTarget, Note } from '../disk/entry.js';

/** Whether a clear reaches this entry. */
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

/** Whether one of these clears reaches it. */
export const isCovered = (
  clears: readonly { readonly target: ClearTarget }[],
  identity: string,
  key: string,
  tags?: readonly string[],
): boolean => clears.some(({ target }) => covers(target, identity, key, tags));

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

/** A note of another tab; `undefined` for what no version of this code would say. */
export function noteOf(message: unknown): Note | undefined {
  const { type, identity, key, target } = (message ?? {}) as Record<string, unknown>;
  const cleared = type === 'clear' ? targetOf(target) : undefined;
  if (cleared) return { type: 'clear', target: cleared };
  return type === 'set' && isText(identity) && isText(key) ? { type, identity, key } : undefined;
}

/** Clears of a tier without a database that were called and are not certain. */
export interface ClearLog {
  /** Returns what tells whether one of the clears of now covers an entry: it is gone, though the storage may still have it. */
  covering(): (identity: string, key: string, tags?: readonly string[]) => boolean;
  /** Runs a clear, and forgets it and those of the same target that failed once it is done. Rejects when it failed. */
  run(target: ClearTarget, work: () => Promise<unknown>): Promise<void>;
  /** Takes out those that failed longer ago than this, to be tried again. */
  takeFailed(ms: number): ClearTarget[];
}

export function createClearLog(monotonic: () => number): ClearLog {
  const open = new Set<{ readonly target: ClearTarget; failedAt?: number }>();
  return {
    covering() {
      const clears = [...open];
      return (...entry) => isCovered(clears, ...entry);
    },
    async run(target, work) {
      const one: { target: ClearTarget; failedAt?: number } = { target };
      open.add(one);
      try {
        await work();
      } catch (error) {
        one.failedAt = monotonic();
        throw error;
      }
      for (const other of open)
        if (other === one || (other.failedAt !== undefined && JSON.stringify(other.target) === JSON.stringify(target)))
          open.delete(other);
    },
    takeFailed(ms) {
      const failed = [...open].filter(({ failedAt = Infinity }) => monotonic() - failedAt > ms);
      for (const one of failed) open.delete(one);
      return failed.map(({ target }) => target);
    },
  };
}
