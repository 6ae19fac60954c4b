/** What `Tier.info` tells of these entries. */
export function sumRows(rows: readonly { readonly bytes: number; readonly createdAt: number }[]): {
  entries: number;
  bytes: number;
  oldest: number | null;
  persisted: boolean;
} {
  return {
    entries: rows.length,
    bytes: rows.reduce((sum, { bytes }) => sum + bytes, 0),
    oldest: rows.length ? Math.min(...rows.map(({ createdAt }) => createdAt)) : null,
    persisted: rows.length > 0,
  };
}
