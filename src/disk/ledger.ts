import { resultOf } from '../browser/indexed-db.js';
import { stampFor } from './epochs.js';
import { runsOf } from './key-runs.js';
import {
  chunksOf,
  type FunctionRow,
  functionKey,
  highestEpoch,
  isFunctionRow,
  isMetaRow,
  type MetaRow,
  metaRows,
  noRoot,
  type RootRow,
  rangeOf,
  rootKey,
  rootOf,
  stampOf,
  type Tables,
  tagKey,
} from './tables.js';

/** What one writing transaction knows of stamps and counters. Changes are written by `save`. */
export interface Ledger {
  readonly tables: Tables;
  readonly root: RootRow;
  functionRow(identity: string): FunctionRow;
  /** Also rows that stand for no entry any more. */
  metaRow(key: string): MetaRow | undefined;
  tagStamps(tags: readonly string[] | undefined): number[];
  isLive(row: MetaRow): boolean;
  /** Loads what is not yet known of these; must be awaited before the members above are asked. */
  load(wanted: Wanted): Promise<void>;
  /** Counts the entry, in place of the one that was there. */
  put(key: string, row: MetaRow): void;
  /** Takes the entry away, with its value; `tombstone` stays in its place. */
  remove(key: string, row: MetaRow, tombstone?: MetaRow): void;
  /**
   * Takes many rows away, whatever their shape.
   *
   * @param all - all keys of `meta` from the first to the last of them, in order, if they are known
   */
  removeAll(rows: readonly [key: string, row: unknown][], all?: readonly string[]): Promise<void>;
  changeRoot(change: Partial<RootRow>): void;
  changeFunction(identity: string, change: Partial<FunctionRow>): void;
  stampTag(tag: string, epoch: number, at: number): void;
  save(): void;
}

export interface Wanted {
  readonly identities?: Iterable<string>;
  readonly keys?: Iterable<string>;
  readonly tags?: Iterable<string>;
}

export async function openLedger(tables: Tables, now: number, wanted: Wanted): Promise<Ledger> {
  const { functions, meta, values } = tables;
  const functionRows = new Map<string, FunctionRow>();
  const metas = new Map<string, MetaRow | undefined>();
  const stamps = new Map<string, number>();
  const changed = new Set<string>();
  let rootChanged = false;
  let root = noRoot;

  const tagStamps = (tags: readonly string[] | undefined): number[] => (tags ?? []).map((tag) => stamps.get(tag) ?? 0);
  const isLive = (row: MetaRow): boolean =>
    row.e <= root.epoch && stampFor(root, functionRows.get(row.f), tagStamps(row.t), row) <= row.e;

  const loadTags = (tags: Iterable<string>): Promise<unknown> =>
    Promise.all(
      [...tags]
        .filter((tag) => !stamps.has(tag))
        .map(async (tag) => stamps.set(tag, stampOf(await resultOf(functions.get(tagKey(tag)))))),
    );

  // the counters are of before the latest clear of everything
  const forgetCleared = (row: FunctionRow): boolean => {
    if (row.cleared >= root.cleared) return false;
    Object.assign(row, { cleared: root.cleared, entries: 0, bytes: 0, oldest: null });
    return true;
  };

  // for rows that are absent or damaged, and after a tag was cleared
  async function recount(identity: string, row: FunctionRow): Promise<void> {
    functionRows.set(identity, row);
    const rows = (await metaRows(meta.index('f,u'), rangeOf(identity))).map(([, entry]) => entry).filter(isMetaRow);
    await loadTags(new Set(rows.flatMap(({ t }) => t ?? [])));
    const live = rows.filter(isLive);
    Object.assign(row, {
      cleared: Math.max(row.cleared, root.cleared),
      entries: live.length,
      bytes: live.reduce((sum, { n }) => sum + n, 0),
      oldest: live.length ? Math.min(...live.map(({ c }) => c)) : null,
    });
    if (rows.some(({ t }) => t?.length)) row.tagsUpTo = root.tags ?? 0;
  }

  /** Many keys at once are mostly neighbours: two requests bring them all. */
  async function metaRowsOf(keys: string[]): Promise<(readonly [string, unknown])[]> {
    if (keys.length >= 8) {
      keys.sort();
      const limit = 4 * keys.length;
      const found = await metaRows(meta, IDBKeyRange.bound(keys[0], keys.at(-1)), limit);
      const rows = new Map<string, unknown>(found);
      if (found.length < limit) return keys.map((key) => [key, rows.get(key)]);
    }
    return Promise.all(keys.map(async (key) => [key, await resultOf<unknown>(meta.get(key))] as const));
  }

  async function load({ identities = [], keys = [], tags = [] }: Wanted): Promise<void> {
    const damaged = new Set<string>();
    const fresh: [string, unknown][] = [];
    await Promise.all([
      ...[...identities]
        .filter((identity) => !functionRows.has(identity))
        .map(async (identity) => fresh.push([identity, await resultOf(functions.get(functionKey(identity)))])),
      metaRowsOf([...new Set(keys)].filter((key) => !metas.has(key))).then((rows) => {
        for (const [key, row] of rows) {
          const isRow = isMetaRow(row) && row.e <= root.epoch;
          metas.set(key, isRow ? row : undefined);
          if (row !== undefined && !isRow) damaged.add(key);
        }
      }),
      loadTags(tags),
    ]);
    await loadTags(new Set([...metas.values()].flatMap((row) => row?.t ?? [])));
    for (const [identity, row] of fresh) {
      const prefix = `${functionKey(identity)}/`;
      if (!isFunctionRow(row) || row.cleared > root.epoch) {
        await recount(identity, {
          cleared: Math.min(stampOf(row), root.epoch),
          entries: 0,
          bytes: 0,
          oldest: null,
          seenAt: now,
        });
        continue;
      }
      const copy = { ...row };
      functionRows.set(identity, copy);
      if (
        !forgetCleared(copy) &&
        ((row.tagsUpTo !== undefined && row.tagsUpTo < (root.tags ?? 0)) ||
          [...damaged].some((key) => key.startsWith(prefix)))
      )
        await recount(identity, copy);
    }
  }

  // one round of requests for all of it; the rows are read only after the root is known
  const rootRow = resultOf<unknown>(functions.get(rootKey)).then((row) => {
    root = rootOf(row) ?? noRoot;
    return row;
  });
  const [stored] = await Promise.all([rootRow, load(wanted)]);
  if (root !== stored && functions.transaction.mode === 'readwrite') {
    // a new database, or a damaged row: the count goes on from the newest stamp and the newest entry
    const [stamped, entries] = await Promise.all([
      resultOf<unknown[]>(functions.getAll()),
      resultOf<unknown[]>(meta.getAll()),
    ]);
    root = { epoch: Math.max(highestEpoch(stamped), highestEpoch(entries)), cleared: 0 };
    rootChanged = true;
  }

  const rowOf = (identity: string): FunctionRow => functionRows.get(identity) as FunctionRow;
  const uncount = (row: MetaRow): void => {
    const of = functionRows.get(row.f);
    if (!of || !isLive(row)) return;
    of.entries = Math.max(0, of.entries - 1);
    of.bytes = of.entries ? Math.max(0, of.bytes - row.n) : 0;
    if (of.entries === 0 || of.oldest === row.c) of.oldest = null;
    changed.add(row.f);
  };

  const forget = (key: string, row: MetaRow, tombstone?: MetaRow): void => {
    uncount(row);
    if (row.revision !== undefined) tables.chunks.delete(chunksOf(key));
    metas.set(key, tombstone);
  };

  return {
    tables,
    get root() {
      return root;
    },
    functionRow: rowOf,
    metaRow: (key) => metas.get(key),
    tagStamps,
    isLive,
    load,
    put(key, row) {
      const before = metas.get(key);
      const of = rowOf(row.f);
      if (before) uncount(before);
      of.oldest = of.entries === 0 ? row.c : of.oldest === null ? null : Math.min(of.oldest, row.c);
      of.entries++;
      of.bytes += row.n;
      if (row.t?.length) of.tagsUpTo ??= root.tags ?? 0;
      changed.add(row.f);
      metas.set(key, row);
      meta.put(row, key);
    },
    remove(key, row, tombstone) {
      forget(key, row, tombstone);
      values.delete(key);
      if (tombstone) meta.put(tombstone, key);
      else meta.delete(key);
    },
    async removeAll(rows, all) {
      for (const [key, row] of rows) if (isMetaRow(row)) forget(key, row);
      const keys = rows.map(([key]) => key);
      for (const run of await runsOf(meta, keys, all)) {
        values.delete(run);
        meta.delete(run);
      }
    },
    changeRoot(change) {
      root = { ...root, ...change };
      rootChanged = true;
      for (const row of functionRows.values()) forgetCleared(row);
    },
    changeFunction(identity, change) {
      Object.assign(rowOf(identity), change);
      changed.add(identity);
    },
    stampTag(tag, epoch, at) {
      stamps.set(tag, epoch);
      functions.put({ cleared: epoch, at }, tagKey(tag));
    },
    save() {
      if (rootChanged) functions.put(root, rootKey);
      for (const identity of changed) functions.put(rowOf(identity), functionKey(identity));
    },
  };
}
