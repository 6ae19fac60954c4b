// What users' functions are asked: `validate` and `cacheIf`.
import { isThenable } from '../core/promises.js';
import { CacheReentryError } from '../errors.js';
import { type Entry, isInBlobs, isPromised } from './entry.js';
import type { Call, Wrapped } from './wrap.js';

/**
 * What `validate` or `cacheIf` answers: at once, or in a promise that never rejects. What it throws, or rejects with, is
 * a no, with a warning.
 */
export function ask(
  { state, identity, settings }: Wrapped,
  option: 'validate' | 'cacheIf',
  value: unknown,
  args: readonly unknown[],
): boolean | Promise<boolean> {
  const refuse = (cause: unknown): boolean => {
    state.warn('cache-callback', identity.label, `\`${option}\` threw, which counts as false.`, cause);
    return false;
  };
  try {
    const answer = settings[option]?.(value, ...args);
    return isThenable(answer) ? Promise.resolve(answer).then(Boolean, refuse) : Boolean(answer);
  } catch (cause) {
    return refuse(cause);
  }
}

/** The entries whose `validate` runs its synchronous part in this moment. */
const asking = new Set<Entry>();

/**
 * Asks `validate` about a stored entry; without one it is valid.
 *
 * @throws TypeError for a promise where nobody can wait for it, CacheReentryError for a `validate` that calls its own function
 */
export function isValid({ w, bucket, args }: Call, entry: Entry): boolean | Promise<boolean> {
  const { label } = w.identity;
  if (!w.settings.validate) return true;
  // it would be asked again, without end
  if (asking.has(entry)) throw new CacheReentryError(label);
  const asked = (value: unknown): boolean | Promise<boolean> => {
    asking.add(entry);
    try {
      return ask(w, 'validate', value, args);
    } finally {
      asking.delete(entry);
    }
  };
  const shown = w.values.give(bucket, entry);
  if (isInBlobs(entry)) return (shown as Promise<unknown>).then(asked, () => false);
  const answer = asked(shown);
  if (typeof answer !== 'boolean' && !isPromised(w, entry))
    throw new TypeError(`${label}: \`validate\` must not return a promise, since the function returns none.`);
  return answer;
}
