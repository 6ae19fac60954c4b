import type { Warning } from '../core/warning.js';

/** What the user hears of trouble with IndexedDB. */
export interface DiskWarnings {
  absent(cause: unknown): void;
  damaged(identity: string, cause: unknown): void;
  unread(identity: string, cause: unknown): void;
  large(identity: string, bytes: number): void;
  unwritten(cause: unknown): void;
}

export const createDiskWarnings = (warn: (warning: Warning) => void): DiskWarnings => ({
  absent: (cause) =>
    warn({
      code: 'cache-storage',
      message:
        'The browser does not let this page use IndexedDB, or it does not answer: results are kept in memory only, and are gone with the page.',
      cause,
    }),
  damaged: (identity, cause) =>
    warn({
      code: 'cache-entry',
      message: `A stored result of ${identity} cannot be read. It is deleted, and the function runs again.`,
      key: identity,
      ...(cause === undefined ? {} : { cause }),
    }),
  unread: (identity, cause) =>
    warn({
      code: 'cache-entry',
      message: `A stored result of ${identity} cannot be read now, as when memory is short. It stays, and the function runs again.`,
      key: identity,
      cause,
    }),
  large: (identity, bytes) =>
    warn({
      code: 'cache-size',
      message: `A result of more than 512 MB is not stored. Set maxSize to at least its size (${bytes} bytes) to store it.`,
      key: identity,
    }),
  unwritten(cause) {
    const isFull = (cause as Error | null)?.name === 'QuotaExceededError';
    warn({
      code: isFull ? 'cache-quota' : 'cache-storage',
      message: isFull
        ? 'The browser has no more room for this origin: a result is kept in memory only. Set maxEntries, maxSize or ttl to keep less.'
        : 'A result could not be written to IndexedDB: it is kept in memory only.',
      cause,
    });
  },
});
