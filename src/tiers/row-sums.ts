import type { StoredInfo } from '../disk/entry.js';

/** What `Tier.info` tells of these entries. */
export function sumRows(rows: readonly { readonly bytes: number; readonly createdAt: number }[]): StoredInfo {
  return {
    entries: rows.length,
    bytes: rows.reduce((sum, { bytes }) => sum + bytes, 0),
    oldest: rows.length ? Math.min(...rows.map(({ createdAt }) => createdAt)) : null,
    persisted: rows.length > 0,
  };
}
