// What the database tells of entries without reading a value. All reject when it does not answer.
import type { Database } from '../browser/indexed-db.js';
import type { EntryRow, StoredInfo } from './entry.js';
import { Ledger, nothing } from './ledger.js';
import { argumentKey, isMetaRow, metaRows, rangeOf, tablesOf } from './tables.js';

/** What is stored of a function. */
export const infoOf = (database: Database, now: number, identity: string): Promise<StoredInfo> =>
  database.use('readonly', async (store) => {
    const ledger = await Ledger.open(tablesOf(store), now, { identities: [identity] });
    const { entries, bytes, oldest } = ledger.functionRow(identity);
    if (entries === 0) return { ...nothing, persisted: false };
    if (oldest !== null) return { entries, bytes, oldest, persisted: true };
    // the oldest entry went, so all others are looked through
    const rows = (await metaRows(ledger.tables.meta.index('f,u'), rangeOf(identity))).map(([, row]) => row);
    await ledger.load({ tags: new Set(rows.flatMap(({ t }) => t ?? [])) });
    const times = rows.filter((row) => isMetaRow(row) && ledger.isLive(row)).map(({ c }) => c);
    return { entries, bytes, oldest: Math.min(...times), persisted: true };
  });

/** All entries, for the inspector. */
export const listRows = (database: Database, now: number): Promise<EntryRow[]> =>
  database.use('readonly', async (store) => {
    const { meta } = tablesOf(store);
    const rows = (await metaRows(meta, null)).filter(([, row]) => isMetaRow(row));
    const ledger = await Ledger.open(tablesOf(store), now, {
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
  });
