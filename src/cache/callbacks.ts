import type { Held } from './memory-tier.js';
import type { Room } from './records.js';
import type { Wrapper } from './wrapper.js';

/** A callback that says yes or no; what it throws is a no, with a warning. */
export function ask(
  w: Wrapper,
  option: string,
  callback: (...args: unknown[]) => unknown,
  value: unknown,
  args: readonly unknown[],
): unknown {
  try {
    return callback(value, ...args);
  } catch (cause) {
    refuse(w, option, cause);
    return false;
  }
}

/** Tells that a callback threw. */
export function refuse(w: Wrapper, option: string, cause: unknown): void {
  const { label } = w.record;
  w.core.warn('cache-callback', label, `${label}: its "${option}" function threw, which counts as false.`, cause);
}

/** Asks `validate` about an entry that lies behind. */
export async function isValid(w: Wrapper, room: Room, entry: Held, args: readonly unknown[]): Promise<boolean> {
  try {
    return Boolean(await w.settings.validate?.(await w.give(room, entry), ...args));
  } catch (cause) {
    refuse(w, 'validate', cause);
    return false;
  }
}
