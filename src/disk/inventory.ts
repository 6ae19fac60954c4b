import { type Database, resultOf } from '../browser/indexed-db.js';
import type { EntryRow, StoredInfo } from './entry.js';
import { Ledger, nothing } from './ledger.js';
import { argumentKey, isMetaRow, metaRows, rangeOf, rootKey, rootOf, tablesOf } from './tables.js';

/** What the database tells of entries without reading a value. All reject when it does not answer. */
export interface Inventory {
  /** The number of clears. */
  epoch(): Promise<number>;
  info(identity: string): Promise<StoredInfo>;
  list(): Promise<EntryRow[]>;
}

export const nothingStored: StoredInfo = { ...nothing, persisted: false };

export function createInventory(database: Database, now: () => number): Inventory {
  return {
    async epoch() {
      const row = await database.use('readonly', (functions) => resultOf<unknown>(functions.get(rootKey)), {
        stores: ['functions'],
      });
      return rootOf(row)?.epoch ?? 0;
    },
    info: (identity) =>
      database.use('readonly', async (store) => {
        const ledger = await Ledger.open(tablesOf(store), now(), { identities: [identity] });
        const { entries, bytes, oldest } = ledger.functionRow(identity);
        if (entries === 0) return nothingStored;
        if (oldest !== null) return { entries, bytes, oldest, persisted: true };
        // the oldest entry went, so all others are looked through
        const rows = (await metaRows(ledger.tables.meta.index('f,u'), rangeOf(identity))).map(([, row]) => row);
        await ledger.load({ tags: new Set(rows.flatMap(({ t }) => t ?? [])) });
        const times = rows.filter((row) => isMetaRow(row) && ledger.isLive(row)).map(({ c }) => c);
        return { entries, bytes, oldest: Math.min(...times), persisted: true };
      }),
    list: () =>
      database.use('readonly', async (store) => {
        const { meta } = tablesOf(store);
        const rows = (await metaRows(meta, null)).filter(([, row]) => isMetaRow(row));
        const ledger = await Ledger.open(tablesOf(store), now(), {
          identities: new Set(rows.map(([, { f }]) => f)),
          tags: new Set(rows.flatMap(([, { t }]) => t ?? [])),
        });
        return rows
          .filter(([, row]) => ledger.isLive(row))
          .map(([key, { f, a, n, u, x, t }]) => ({
            identity: f,
            key: argumentKey(key),
            args: a,
            bytes: n,
            usedAt: u,
            uselessFrom: x,
            ...(t ? { tags: t } : {}),
          }));
      }),
  };
}
