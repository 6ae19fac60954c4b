import { nameOf } from '../browser/open-database.js';
import type { Warning } from '../core/warning.js';

/** What the user hears of trouble with IndexedDB. */
export interface DiskWarnings {
  absent(cause: unknown): void;
  damaged(identity: string, cause: unknown): void;
  unread(identity: string, cause: unknown): void;
  large(identity: string, bytes: number): void;
  unwritten(cause: unknown): void;
}

const advice = 'results are kept in memory only, and are gone with the page.';

export function createDiskWarnings(warn: (warning: Warning) => void): DiskWarnings {
  const unreadable = (identity: string, cause: unknown, how: string): void =>
    warn({
      code: 'cache-entry',
      message: `A stored result of ${identity} cannot be read${how}, and the function runs again.`,
      key: identity,
      ...(cause === undefined ? {} : { cause }),
    });
  return {
    absent: (cause) =>
      warn({
        code: 'cache-storage',
        message: `This page cannot use IndexedDB, or it does not answer: ${advice}`,
        cause,
      }),
    damaged: (identity, cause) => unreadable(identity, cause, ': it is deleted'),
    unread: (identity, cause) => unreadable(identity, cause, ' now, as when memory is short'),
    large: (identity, bytes) =>
      warn({
        code: 'cache-size',
        message: `A result of more than 512 MB is stored only if maxSize is at least its size (${bytes} bytes).`,
        key: identity,
      }),
    unwritten: (cause) =>
      warn(
        nameOf(cause) === 'QuotaExceededError'
          ? {
              code: 'cache-quota',
              message:
                'The browser has no more room for this origin: a result is kept in memory only. Set maxEntries, maxSize or ttl.',
              cause,
            }
          : { code: 'cache-storage', message: `IndexedDB refused a write: ${advice}`, cause },
      ),
  };
}
