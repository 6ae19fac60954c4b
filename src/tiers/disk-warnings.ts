// What the user hears of trouble with IndexedDB.
import { nameOf } from '../browser/open-database.js';
import type { Warning } from '../core/warning.js';

const advice = 'results stay in memory.';

export const absent = (cause: unknown): Warning => ({
  code: 'cache-storage',
  message: `IndexedDB is denied, or does not answer: ${advice}`,
  cause,
});

/** @param how - the end of the sentence */
export const unreadable = (key: string, how: string, cause: unknown): Warning => ({
  code: 'cache-entry',
  message: `${key}: a stored result cannot be read${how}. The function runs again.`,
  key,
  ...(cause === undefined ? {} : { cause }),
});

export const tooLarge = (key: string, bytes: number): Warning => ({
  code: 'cache-size',
  message: `${key}: a result of ${bytes} bytes stays in memory. Above 512 MB give \`maxSize\`.`,
  key,
});

export const unwritten = (cause: unknown): Warning =>
  nameOf(cause) === 'QuotaExceededError'
    ? {
        code: 'cache-quota',
        message: `no more room for this origin: ${advice} Give \`maxEntries\`, \`maxSize\` or \`ttl\`.`,
        cause,
      }
    : { code: 'cache-storage', message: `IndexedDB refused a write: ${advice}`, cause };
