// What a clear reaches, and how tabs tell each other of it.
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
