// The tables of the database: rows, keys, what makes a row a whole one, and which clears cover it.
import { createDatabase, type Database, resultOf } from '../browser/indexed-db.js';
import type { Plan } from '../core/values/snapshot.js';
import type { Leaf, SnapshotRecord } from '../core/values/snapshot-record.js';
import type { ClearTarget } from './entry.js';

/** A row of `values`: one result, with all that is needed to serve it. Times in ms since 1970. */
export interface ValueRow {
  format: number;
  /** How it is copied. */
  plan: Plan;
  data: unknown;
  /** What structured clone cannot carry. */
  leaves?: readonly Leaf[];
  /** Buffers of 1 MB or more, apart from the data. */
  buffers?: readonly (Blob | ArrayBuffer)[];
  createdAt: number;
  expiresAt: number;
  staleUntil: number;
  epoch: number;
  bytes: number;
  messages?: SnapshotRecord;
  tags?: readonly string[];
  /** Its big buffers lie in pieces in `chunks`, under this revision; the sizes of the whole ones. */
  revision?: string;
  sizes?: readonly number[];
}

/** A row of `meta`: what eviction and sweep need to know of an entry. */
export interface MetaRow {
  /** Identity of the function. */
  f: string;
  /** Useless from. */
  x: number;
  /** Last used. */
  u: number;
  /** Bytes. */
  n: number;
  /** Epoch. */
  e: number;
  /** Created. */
  c: number;
  t?: readonly string[];
  /** The arguments in short. */
  a: string;
  /** The stamp of a clear of this key; a row with an older epoch stands for no entry. */
  cleared?: number;
  /** It has rows in `chunks`. */
  revision?: string;
}

/** A row of `functions` under a function's identity. */
export interface FunctionRow {
  /** Entries of an older epoch are gone. */
  cleared: number;
  entries: number;
  bytes: number;
  /** When the oldest entry was made; `null`: there is none, or it has to be looked up. */
  oldest: number | null;
  seenAt: number;
  /** It has a `name`. */
  named?: boolean;
  /** It has entries with tags, and the counters know of tags cleared up to this epoch. */
  tagsUpTo?: number;
  /** Dead rows up to this epoch were removed. */
  swept?: number;
}

/** The row `*` of `functions`. */
export interface RootRow {
  /** The number of clears. */
  epoch: number;
  cleared: number;
  /** The latest clear of a tag. */
  tags?: number;
  swept?: number;
}

export const format = 1;
export const rootKey = '*';
export const tagKey = (tag: string): string => `#${tag}`;

const escaped = (text: string): string =>
  text.replace(/[%/*#]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

/** An identity as key of `functions` and as first part of an entry's key; never looks like `*` or `#tag`. */
export const functionKey = (identity: string): string => (/[%/*#]/.test(identity) ? escaped(identity) : identity);

/** The key of an entry in `values` and `meta`: `<identity>/<argument key>`. */
export const entryKey = (identity: string, key: string): string => `${functionKey(identity)}/${key}`;

/** The argument key of an entry's key. */
export const argumentKey = (key: string): string => key.slice(key.indexOf('/') + 1);

/** All rows of a function in the index `[f, u]`. */
export const rangeOf = (identity: string): IDBKeyRange => IDBKeyRange.bound([identity], [identity, []]);

/** All rows of an entry in `chunks`, or those of one revision. */
export const chunksOf = (...key: [key: string, revision?: string]): IDBKeyRange => IDBKeyRange.bound(key, [...key, []]);

export const openTables = (name: string, onTrouble: (cause: unknown) => void): Database =>
  createDatabase({
    name: name === '' ? 'tabstate-cache' : `tabstate-cache:${name}`,
    onTrouble,
    stores: {
      values: {},
      meta: { x: 'x', 'f,u': ['f', 'u'], u: 'u' },
      functions: {},
      chunks: {},
    },
  });

/** The rows of the three stores that every transaction sees. */
export interface Tables {
  readonly values: IDBObjectStore;
  readonly meta: IDBObjectStore;
  readonly functions: IDBObjectStore;
  readonly chunks: IDBObjectStore;
}

export const tablesOf = ({ transaction }: IDBObjectStore): Tables => ({
  get values() {
    return transaction.objectStore('values');
  },
  get meta() {
    return transaction.objectStore('meta');
  },
  get functions() {
    return transaction.objectStore('functions');
  },
  get chunks() {
    return transaction.objectStore('chunks');
  },
});

/** Meta rows with their keys, in the index's order. */
export async function metaRows(
  source: IDBIndex | IDBObjectStore,
  range: IDBKeyRange | null,
  limit?: number,
): Promise<[key: string, row: MetaRow][]> {
  const [keys, rows] = await Promise.all([
    resultOf(source.getAllKeys(range, limit)),
    resultOf(source.getAll(range, limit)),
  ]);
  return keys.map((key, i) => [String(key), rows[i] as MetaRow]);
}

type Shape = Record<string, unknown>;

const isShape = (value: unknown): value is Shape => typeof value === 'object' && value !== null;
const isNumber = (value: unknown): value is number => typeof value === 'number' && !Number.isNaN(value);
const isAmount = (value: unknown): boolean => Number.isFinite(value) && (value as number) >= 0;
const has = (row: unknown, isRight: (value: unknown) => boolean, ...names: string[]): row is Shape =>
  isShape(row) && names.every((name) => isRight(row[name]));
/** A count of clears. One that no browser reaches in a thousand years is garbage, after which there was nothing left to count. */
export const isEpoch = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 50;
const plans: readonly unknown[] = ['value', 'tree', 'graph', 'columns'] satisfies Plan[];
const isOptionalTexts = (value: unknown): boolean =>
  value === undefined || (Array.isArray(value) && value.every((text) => typeof text === 'string'));

// rows may come from an older or newer build, or from somebody's hands in the developer tools

export const isValueRow = (row: unknown): row is ValueRow =>
  has(row, isNumber, 'expiresAt', 'staleUntil') &&
  has(row, isAmount, 'bytes') &&
  isEpoch(row['epoch']) &&
  Number.isFinite(row['createdAt']) &&
  row['format'] === format &&
  plans.includes(row['plan']) &&
  'data' in row &&
  isShape(row['data']) === (row['plan'] !== 'value') &&
  isOptionalTexts(row['tags']) &&
  ['leaves', 'buffers', 'sizes'].every((name) => row[name] === undefined || Array.isArray(row[name]));

export const isMetaRow = (row: unknown): row is MetaRow =>
  has(row, isNumber, 'x', 'u', 'e', 'c') &&
  has(row, isAmount, 'n') &&
  typeof row['f'] === 'string' &&
  isOptionalTexts(row['t']);

export const isFunctionRow = (row: unknown): row is FunctionRow =>
  has(row, isEpoch, 'cleared', 'entries') &&
  has(row, isAmount, 'bytes') &&
  has(row, isNumber, 'seenAt') &&
  (row['oldest'] === null || Number.isFinite(row['oldest']));

/** `undefined`: there is none, or somebody damaged it. */
export const rootOf = (row: unknown): RootRow | undefined =>
  has(row, isEpoch, 'epoch', 'cleared') && (row['cleared'] as number) <= (row['epoch'] as number)
    ? (row as unknown as RootRow)
    : undefined;

/** Nothing is known of the count of clears: no epoch is too high for it. */
export const noRoot: RootRow = { epoch: Infinity, cleared: 0 };

const epochIn = (row: unknown, name: string): number => (has(row, isEpoch, name) ? (row[name] as number) : 0);

export const stampOf = (row: unknown): number => epochIn(row, 'cleared');

/** The newest stamp that covers an entry of this function; `tagged`: the stamps of its tags. */
export const stampFor = (
  root: RootRow,
  row: Pick<FunctionRow, 'cleared'> | undefined,
  tagged: readonly number[] = [],
  own: Pick<MetaRow, 'cleared'> | undefined = undefined,
): number =>
  // no stamp is newer than the count of clears; otherwise a damaged row would hide its function for ever
  Math.min(root.epoch, Math.max(root.cleared, row?.cleared ?? 0, own?.cleared ?? 0, ...tagged));

/** The highest epoch that these rows name. */
export const highestEpoch = (rows: readonly unknown[]): number =>
  rows.reduce<number>((most, row) => Math.max(most, stampOf(row), epochIn(row, 'epoch'), epochIn(row, 'e')), 0);

/** The number of clears that this tab knows of: those it has read of, and its own at once. */
export interface Epochs {
  now(): number;
  /** A clear of this tab begins. */
  next(): number;
  /** The database, or a note, names this epoch. */
  learn(epoch: number): void;
}

export function createEpochs(): Epochs {
  let epoch = 0;
  return {
    now: () => epoch,
    next: () => ++epoch,
    learn(seen) {
      // a note may name garbage
      if (isEpoch(seen) && seen > epoch) epoch = seen;
    },
  };
}

/** The number of clears in the database. Rejects when it does not answer. */
export const readEpoch = (database: Database): Promise<number> =>
  database.use('readonly', async (functions) => rootOf(await resultOf<unknown>(functions.get(rootKey)))?.epoch ?? 0, {
    stores: ['functions'],
  });

/** Whether a clear covers this entry. */
export const covers = (
  target: ClearTarget,
  identity: string,
  key: string,
  tags: readonly string[] | undefined,
): boolean =>
  'all' in target ||
  ('tag' in target
    ? (tags?.includes(target.tag) ?? false)
    : target.identity === identity && (!('key' in target) || target.key === key));

/** Whether one of these clears covers it. */
export const isCovered = (
  clears: readonly { readonly target: ClearTarget }[],
  identity: string,
  key: string,
  tags?: readonly string[],
): boolean => clears.some(({ target }) => covers(target, identity, key, tags));
