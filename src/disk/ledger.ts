// What one transaction knows of stamps, counters and meta rows, and keeps right.
import { resultOf } from '../browser/indexed-db.js';
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
  stampFor,
  stampOf,
  type Tables,
  tagKey,
} from './tables.js';

/** Rows that a transaction needs to know. */
export interface Wanted {
  readonly identities?: Iterable<string>;
  readonly keys?: Iterable<string>;
  readonly tags?: Iterable<string>;
}

/** From this many keys on they are looked up together. */
const manyKeys = 8;

/** The counters of a function that has no entries. */
export const nothing = { entries: 0, bytes: 0, oldest: null } as const;

const tagsOf = (rows: readonly (MetaRow | undefined)[]): Set<string> => new Set(rows.flatMap((row) => row?.t ?? []));

/** What one transaction knows of stamps and counters. Changes of rows are written at once, those of counters by `save`. */
export class Ledger {
  readonly tables: Tables;
  readonly now: number;
  readonly #functions = new Map<string, FunctionRow>();
  readonly #metas = new Map<string, MetaRow | undefined>();
  readonly #stamps = new Map<string, number>();
  readonly #changed = new Set<string>();
  /** Changed by `changeRoot` only. */
  root: RootRow = noRoot;
  #isRootChanged = false;

  private constructor(tables: Tables, now: number) {
    // taken now, because an aborted transaction refuses them with an error that looks like a lost connection
    this.tables = { ...tables };
    this.now = now;
  }

  /** Needs one round of requests for all of what is wanted; rows are judged only after the root is known. */
  static async open(tables: Tables, now: number, wanted: Wanted): Promise<Ledger> {
    const ledger = new Ledger(tables, now);
    const { functions, meta } = tables;
    const rootRow = resultOf<unknown>(functions.get(rootKey)).then((row) => {
      ledger.root = rootOf(row) ?? noRoot;
      return row;
    });
    const [stored] = await Promise.all([rootRow, ledger.load(wanted)]);
    if (ledger.root !== stored && functions.transaction.mode === 'readwrite') {
      // the database is new or the row damaged: the count continues from the newest stamp or entry
      const rows = await Promise.all([resultOf<unknown[]>(functions.getAll()), resultOf<unknown[]>(meta.getAll())]);
      ledger.root = { epoch: highestEpoch(rows.flat()), cleared: 0 };
      ledger.#isRootChanged = true;
    }
    return ledger;
  }

  functionRow(identity: string): FunctionRow {
    return this.#functions.get(identity) as FunctionRow;
  }

  /** Also rows that stand for no entry any more. */
  metaRow(key: string): MetaRow | undefined {
    return this.#metas.get(key);
  }

  tagStamps(tags: readonly string[] = []): number[] {
    return tags.map((tag) => this.#stamps.get(tag) ?? 0);
  }

  isLive(row: MetaRow): boolean {
    return (
      row.e <= this.root.epoch && stampFor(this.root, this.#functions.get(row.f), this.tagStamps(row.t), row) <= row.e
    );
  }

  /** Loads what is not yet known of these; must be awaited before the members above are asked. */
  async load({ identities = [], keys = [], tags = [] }: Wanted): Promise<void> {
    const fresh = [...identities].filter((identity) => !this.#functions.has(identity));
    const [rows, damaged] = await Promise.all([
      Promise.all(fresh.map((identity) => resultOf<unknown>(this.tables.functions.get(functionKey(identity))))),
      this.#loadMetas([...new Set(keys)].filter((key) => !this.#metas.has(key))),
      this.#loadTags(tags),
    ]);
    await this.#loadTags(tagsOf([...this.#metas.values()]));
    for (const [i, identity] of fresh.entries()) {
      const row = rows[i];
      if (!isFunctionRow(row) || row.cleared > this.root.epoch) {
        const cleared = Math.min(stampOf(row), this.root.epoch);
        await this.#recount(identity, { cleared, ...nothing, seenAt: this.now });
        continue;
      }
      const copy = { ...row };
      this.#functions.set(identity, copy);
      if (this.#forgetCleared(copy)) continue;
      const prefix = `${functionKey(identity)}/`;
      if (
        (row.tagsUpTo !== undefined && row.tagsUpTo < (this.root.tags ?? 0)) ||
        damaged.some((key) => key.startsWith(prefix))
      )
        await this.#recount(identity, copy);
    }
  }

  async #loadTags(tags: Iterable<string>): Promise<void> {
    const fresh = [...tags].filter((tag) => !this.#stamps.has(tag));
    await Promise.all(
      fresh.map(async (tag) => this.#stamps.set(tag, stampOf(await resultOf(this.tables.functions.get(tagKey(tag)))))),
    );
  }

  /** Returns the keys of damaged rows. */
  async #loadMetas(keys: string[]): Promise<string[]> {
    const rows = await this.#metaRowsOf(keys);
    return keys.filter((key, i) => {
      const row = rows[i];
      const isRow = isMetaRow(row) && row.e <= this.root.epoch;
      this.#metas.set(key, isRow ? row : undefined);
      return row !== undefined && !isRow;
    });
  }

  /** Many keys at once are mostly neighbours: two requests bring them all. */
  async #metaRowsOf(keys: string[]): Promise<unknown[]> {
    const { meta } = this.tables;
    if (keys.length >= manyKeys) {
      keys.sort();
      const limit = 4 * keys.length;
      const found = await metaRows(meta, IDBKeyRange.bound(keys[0], keys.at(-1)), limit);
      const rows = new Map<string, unknown>(found);
      if (found.length < limit) return keys.map((key) => rows.get(key));
    }
    return Promise.all(keys.map((key) => resultOf<unknown>(meta.get(key))));
  }

  /** Where the counters predate the latest clear of everything: nothing is left. */
  #forgetCleared(row: FunctionRow): boolean {
    const { cleared } = this.root;
    if (row.cleared >= cleared) return false;
    Object.assign(row, { cleared, ...nothing });
    return true;
  }

  /** Counts the entries of a function whose row is absent or damaged, or where a tag was cleared since. */
  async #recount(identity: string, row: FunctionRow): Promise<void> {
    this.#functions.set(identity, row);
    const found = await metaRows(this.tables.meta.index('f,u'), rangeOf(identity));
    const rows = found.map(([, entry]) => entry).filter(isMetaRow);
    const tags = tagsOf(rows);
    await this.#loadTags(tags);
    const live = rows.filter((entry) => this.isLive(entry));
    row.cleared = Math.max(row.cleared, this.root.cleared);
    row.entries = live.length;
    row.bytes = live.reduce((sum, { n }) => sum + n, 0);
    row.oldest = live.length ? Math.min(...live.map(({ c }) => c)) : null;
    if (tags.size) row.tagsUpTo = this.root.tags ?? 0;
  }

  #uncount(row: MetaRow): void {
    const of = this.#functions.get(row.f);
    if (!of || !this.isLive(row)) return;
    of.entries = Math.max(0, of.entries - 1);
    of.bytes = of.entries ? Math.max(0, of.bytes - row.n) : 0;
    if (of.entries === 0 || of.oldest === row.c) of.oldest = null;
    this.#changed.add(row.f);
  }

  /** Knows of an entry no more, whose row somebody takes away; `tombstone` stays in its place. */
  forget(key: string, row: MetaRow, tombstone?: MetaRow): void {
    this.#uncount(row);
    if (row.revision !== undefined) this.tables.chunks.delete(chunksOf(key));
    this.#metas.set(key, tombstone);
  }

  /** Counts the entry, in place of the one that was there. */
  put(key: string, row: MetaRow): void {
    const before = this.#metas.get(key);
    const of = this.functionRow(row.f);
    if (before) this.#uncount(before);
    of.oldest = of.entries === 0 ? row.c : of.oldest === null ? null : Math.min(of.oldest, row.c);
    of.entries++;
    of.bytes += row.n;
    if (row.t?.length) of.tagsUpTo ??= this.root.tags ?? 0;
    this.#changed.add(row.f);
    this.#metas.set(key, row);
    this.tables.meta.put(row, key);
  }

  /** Takes the entry away, with its value; `tombstone` stays in its place. */
  remove(key: string, row: MetaRow, tombstone?: MetaRow): void {
    this.forget(key, row, tombstone);
    this.tables.values.delete(key);
    if (tombstone) this.tables.meta.put(tombstone, key);
    else this.tables.meta.delete(key);
  }

  changeRoot(change: Partial<RootRow>): void {
    this.root = { ...this.root, ...change };
    this.#isRootChanged = true;
    for (const row of this.#functions.values()) this.#forgetCleared(row);
  }

  changeFunction(identity: string, change: Partial<FunctionRow>): void {
    Object.assign(this.functionRow(identity), change);
    this.#changed.add(identity);
  }

  /** All entries of the function are of older epochs. */
  clearFunction(identity: string, epoch: number): void {
    this.changeFunction(identity, { cleared: epoch, ...nothing });
  }

  stampTag(tag: string, epoch: number): void {
    this.#stamps.set(tag, epoch);
    this.tables.functions.put({ cleared: epoch, at: this.now }, tagKey(tag));
  }

  save(): void {
    const { functions } = this.tables;
    if (this.#isRootChanged) functions.put(this.root, rootKey);
    for (const identity of this.#changed) functions.put(this.functionRow(identity), functionKey(identity));
  }
}
