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

const advice = 'results stay in memory.';

export function createDiskWarnings(warn: (warning: Warning) => void): DiskWarnings {
  const unreadable = (identity: string, cause: unknown, how: string): void =>
    warn({
      code: 'cache-entry',
      message: `${identity}: a stored result cannot be read${how}. The function runs again.`,
      key: identity,
      ...(cause === undefined ? {} : { cause }),
    });
  return {
    absent: (cause) =>
      warn({
        code: 'cache-storage',
        message: `IndexedDB is denied, or does not answer: ${advice}`,
        cause,
      }),
    damaged: (identity, cause) => unreadable(identity, cause, ', and is deleted'),
    unread: (identity, cause) => unreadable(identity, cause, ' now'),
    large: (identity, bytes) =>
      warn({
        code: 'cache-size',
        message: `${identity}: a result of ${bytes} bytes stays in memory. Above 512 MB give \`maxSize\`.`,
        key: identity,
      }),
    unwritten: (cause) =>
      warn(
        nameOf(cause) === 'QuotaExceededError'
          ? {
              code: 'cache-quota',
              message: `no more room for this origin: ${advice} Give \`maxEntries\`, \`maxSize\` or \`ttl\`.`,
              cause,
            }
          : { code: 'cache-storage', message: `IndexedDB refused a write: ${advice}`, cause },
      ),
  };
}
