import type { Database } from '../browser/indexed-db.js';
import type { Found, FoundRow, Reader } from '../disk/reads.js';
import { isUnreadable } from '../disk/values.js';
import type { Writer } from '../disk/writes.js';
import { isCovered } from './clears.js';
import type { DiskWarnings } from './disk-warnings.js';

export interface LookUpOptions {
  readonly database: Database;
  readonly reader: Reader;
  readonly writer: Writer;
  readonly warnings: DiskWarnings;
  now(): number;
  /** A write failed. */
  failed(cause: unknown): void;
}

/** Looks for the row of an entry and gives what `decode` makes of it; `isBrief`: pieces of a big value are not needed. */
export type LookUp = <T>(
  identity: string,
  key: string,
  decode: (found: FoundRow) => T | Promise<T>,
  isBrief?: boolean,
) => Promise<T | undefined>;

const dayMs = 24 * 3600_000;

/** Rows that a clear covers are not found. Rows that nobody can read are deleted, with a warning. */
export function createLookUp({ database, reader, writer, warnings, now, failed }: LookUpOptions): LookUp {
  /** What cannot be done now matters little: the next call does it. */
  const later = (type: 'seen' | 'delete', identity: string, key = ''): Promise<unknown> =>
    writer.write(type === 'seen' ? { type, identity } : { type, identity, key }).catch(() => {});

  /** A read that fails is repeated: only a row that cannot be read twice is to blame. */
  const read: Reader['read'] = async (...asked) => {
    try {
      return await reader.read(...asked);
    } catch (error) {
      if (database.isLost(error) || isUnreadable(error)) throw error;
      return reader.read(...asked);
    }
  };

  return async (identity, key, decode, isBrief) => {
    // what these clears cover is gone, though the transaction may still see it
    const clears = [...writer.clears];
    if (isCovered(clears, identity, key)) return undefined;
    let found: Found | undefined;
    try {
      found = await read(identity, key, isBrief);
      if (!found) return undefined;
      if ('row' in found) {
        if (isCovered(clears, identity, key, found.row.tags)) return undefined;
        const decoded = await decode(found);
        if (now() - found.seenAt > dayMs) void later('seen', identity);
        return decoded;
      }
      if (!found.isOld) warnings.damaged(identity, undefined);
    } catch (cause) {
      if (database.isLost(cause)) return undefined;
      if (isUnreadable(cause)) {
        warnings.unread(identity, cause);
        return undefined;
      }
      if (!found) {
        // if the row cannot even be deleted, the trouble is not the row's
        void writer.write({ type: 'delete', identity, key }).then(() => warnings.damaged(identity, cause), failed);
        return undefined;
      }
      warnings.damaged(identity, cause);
    }
    void later('delete', identity, key);
    return undefined;
  };
}
