import { isThenable } from '../core/promises.js';
import { CacheReentryError } from '../errors.js';
import type { Held } from './memory-tier.js';
import type { Room } from './records.js';
import { isPromised, type Wrapper } from './wrapper.js';

/**
 * What `validate` or `cacheIf` answers: at once, or in a promise that never rejects. What it throws, or rejects with, is
 * a no, with a warning.
 */
export function ask(
  w: Wrapper,
  option: 'validate' | 'cacheIf',
  value: unknown,
  args: readonly unknown[],
): boolean | Promise<boolean> {
  const refuse = (cause: unknown): boolean => {
    const { label } = w.record;
    w.core.warn('cache-callback', label, `${label}: its "${option}" function threw, which counts as false.`, cause);
    return false;
  };
  try {
    const answer = w.settings[option]?.(value, ...args);
    return isThenable(answer) ? Promise.resolve(answer).then(Boolean, refuse) : Boolean(answer);
  } catch (cause) {
    return refuse(cause);
  }
}

/** Of which entries the synchronous part of a `validate` runs in this moment. */
const asking = new Set<Held>();

/**
 * Asks `validate` about a stored entry; without one it is valid.
 *
 * @throws TypeError for a promise where nobody can wait for it, CacheReentryError for a `validate` that calls its own function
 */
export function isValid(w: Wrapper, room: Room, entry: Held, args: readonly unknown[]): boolean | Promise<boolean> {
  if (!w.settings.validate) return true;
  // it would be asked again, without end
  if (asking.has(entry)) throw new CacheReentryError(w.record.label);
  const asked = (value: unknown): boolean | Promise<boolean> => {
    asking.add(entry);
    try {
      return ask(w, 'validate', value, args);
    } finally {
      asking.delete(entry);
    }
  };
  const shown = w.give(room, entry);
  if (w.isAway?.(entry)) return (shown as Promise<unknown>).then(asked, () => false);
  const answer = asked(shown);
  if (typeof answer !== 'boolean' && !isPromised(w, entry))
    throw new TypeError(
      `${w.record.label}: its "validate" function returned a promise, which only a function that returns a promise can wait for.`,
    );
  return answer;
}
