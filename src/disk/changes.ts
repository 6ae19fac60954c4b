// What a writing transaction does: puts, clears, deletes, touches.
import type { ClearTarget, Limits } from './entry.js';
import type { Rare } from './late.js';
import { Ledger } from './ledger.js';
import { chunksOf, entryKey, type MetaRow, stampFor, type Tables, type ValueRow } from './tables.js';
import type { Touch, Touches } from './touches.js';

interface Put {
  readonly type: 'put';
  readonly identity: string;
  readonly key: string;
  readonly row: ValueRow;
  readonly limits: Limits;
  readonly usedAt: number;
  readonly args: string;
  /** Asked in the transaction: the put may have had to wait, and a clear not. */
  readonly isWanted?: (() => boolean) | undefined;
  /** It needs a transaction of its own. */
  readonly isAlone?: boolean;
  /** Sees to the limits, where there are some. */
  readonly hold?: Rare['holdLimits'] | undefined;
}

/** What is to be done in a writing transaction. Times in ms since 1970. */
export type Change =
  | Put
  | { readonly type: 'clear'; readonly target: ClearTarget; readonly epoch: number }
  | { readonly type: 'delete'; readonly identity: string; readonly key: string }
  | { readonly type: 'touch'; readonly touches: readonly Touch[] }
  | { readonly type: 'seen'; readonly identity: string };

/** `cleared`: a newer clear covers it. `undefined`: done. */
export type Outcome = 'cleared' | undefined;

/** A cleared key keeps its stamp for as long as a run that began before may last. */
const tombstoneMs = 24 * 3600_000;

type Place = { readonly identity?: string; readonly key?: string };

/** The functions and entries that a change is about. */
const placesOf = (change: Change): readonly Place[] =>
  change.type === 'touch'
    ? change.touches.map(([identity, key]) => ({ identity, key }))
    : [change.type === 'clear' ? (change.target as Place) : change];

/** Makes all of these changes. */
export async function apply(
  tables: Tables,
  changes: readonly Change[],
  now: number,
  touches: Pick<Touches, 'pending' | 'checked'>,
): Promise<{ outcomes: Outcome[]; epoch: number }> {
  const places = changes.flatMap(placesOf);
  const ledger = await Ledger.open(tables, now, {
    identities: new Set(places.flatMap(({ identity }) => identity ?? [])),
    keys: new Set(
      places.flatMap(({ identity, key }) =>
        identity === undefined || key === undefined ? [] : entryKey(identity, key),
      ),
    ),
    tags: new Set(changes.flatMap((change) => (change.type === 'put' && change.row.tags) || [])),
  });
  const limited = new Map<string, Put>();
  const outcomes = changes.map((change): Outcome => {
    switch (change.type) {
      case 'put': {
        const outcome = put(ledger, change);
        if (!outcome && change.hold) limited.set(change.identity, change);
        return outcome;
      }
      case 'clear':
        clear(ledger, change.target, change.epoch);
        break;
      case 'delete':
        remove(ledger, entryKey(change.identity, change.key));
        break;
      case 'touch':
        for (const touch of change.touches) touches.checked(touch[0], touch[1], use(ledger, touch));
        break;
      case 'seen':
        ledger.changeFunction(change.identity, { seenAt: now });
    }
    return undefined;
  });
  for (const [identity, { hold, limits }] of limited)
    await hold?.(ledger, identity, limits, () => touches.pending(identity));
  ledger.save();
  return { outcomes, epoch: ledger.root.epoch };
}

function remove(ledger: Ledger, key: string): void {
  const row = ledger.metaRow(key);
  if (row) ledger.remove(key, row, row.cleared === undefined ? undefined : tombstone(ledger, row.f, row.cleared));
  else ledger.tables.values.delete(key);
}

function put(ledger: Ledger, change: Put): Outcome {
  const { identity, row, limits, usedAt, args } = change;
  const key = entryKey(identity, change.key);
  const before = ledger.metaRow(key);
  const of = ledger.functionRow(identity);
  if (change.isWanted?.() === false) return 'cleared';
  let epoch = Math.min(row.epoch, ledger.root.epoch);
  let cleared = before?.cleared;
  if (row.epoch === Infinity) {
    // it begins an epoch of its own, so that no run which began before may replace it
    cleared = epoch = ledger.root.epoch + 1;
    ledger.changeRoot({ epoch });
  } else if (stampFor(ledger.root, of, ledger.tagStamps(row.tags), before) > epoch) return 'cleared';
  ledger.tables.values.put(epoch === row.epoch ? row : { ...row, epoch }, key);
  if (before?.revision !== undefined && before.revision !== row.revision)
    ledger.tables.chunks.delete(chunksOf(key, before.revision));
  ledger.put(key, {
    f: identity,
    x: row.staleUntil,
    u: usedAt,
    n: row.bytes,
    e: epoch,
    c: row.createdAt,
    a: args,
    ...(row.tags?.length ? { t: row.tags } : {}),
    ...(cleared === undefined ? {} : { cleared }),
    ...(row.revision === undefined ? {} : { revision: row.revision }),
  });
  ledger.changeFunction(identity, { seenAt: ledger.now, ...(limits.named ? { named: true } : {}) });
  return undefined;
}

function clear(ledger: Ledger, target: ClearTarget, wanted: number): void {
  const epoch = Math.max(ledger.root.epoch + 1, wanted);
  ledger.changeRoot({ epoch });
  if ('all' in target) ledger.changeRoot({ cleared: epoch });
  else if ('tag' in target) {
    ledger.changeRoot({ tags: epoch });
    ledger.stampTag(target.tag, epoch);
  } else if (!('key' in target)) ledger.clearFunction(target.identity, epoch);
  else {
    const key = entryKey(target.identity, target.key);
    const stone = tombstone(ledger, target.identity, epoch);
    ledger.remove(key, ledger.metaRow(key) ?? stone, stone);
  }
}

const tombstone = ({ now }: Pick<Ledger, 'now'>, f: string, cleared: number): MetaRow => ({
  f,
  x: now + tombstoneMs,
  u: 0,
  n: 0,
  e: -1,
  c: 0,
  a: '',
  cleared,
});

/** Returns when the next touch of this entry is worth writing: after a minute, or a tenth of the time that it has left. */
function use(ledger: Ledger, [identity, argument, at]: Touch): number {
  const key = entryKey(identity, argument);
  const row = ledger.metaRow(key);
  if (!row || !ledger.isLive(row)) return Infinity;
  const everyMs = Math.min(60_000, Math.max(0, row.x - row.u) / 10);
  if (at - row.u < everyMs) return row.u + everyMs;
  ledger.tables.meta.put({ ...row, u: at }, key);
  return at + everyMs;
}
