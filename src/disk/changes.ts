import type { ClearTarget, Limits } from '../tiers/tier.js';
import { stampFor } from './epochs.js';
import { holdLimits } from './eviction.js';
import { type Ledger, openLedger } from './ledger.js';
import { entryKey, type MetaRow, type Tables, type ValueRow } from './tables.js';
import type { Touch, Touches } from './touches.js';

/** What is to be done in a writing transaction. Times in ms since 1970. */
export type Change =
  | {
      readonly type: 'put';
      readonly identity: string;
      readonly key: string;
      readonly row: ValueRow;
      readonly limits: Limits;
      readonly usedAt: number;
      readonly args: string;
      /** Asked in the transaction: the put may have had to wait, and a clear not. */
      readonly isWanted?: (() => boolean) | undefined;
    }
  | { readonly type: 'clear'; readonly target: ClearTarget; readonly epoch: number }
  | { readonly type: 'delete'; readonly identity: string; readonly key: string }
  | { readonly type: 'touch'; readonly touches: readonly Touch[] }
  | { readonly type: 'seen'; readonly identity: string };

/** `cleared`: a newer clear covers it. `undefined`: done. */
export type Outcome = 'cleared' | undefined;

/** A cleared key keeps its stamp for as long as a run that began before may last. */
const tombstoneMs = 24 * 3600_000;

const named = (change: Change): readonly string[] =>
  change.type === 'touch'
    ? change.touches.map(([identity]) => identity)
    : change.type === 'clear'
      ? 'identity' in change.target
        ? [change.target.identity]
        : []
      : [change.identity];

const keysOf = (change: Change): readonly string[] =>
  change.type === 'touch'
    ? change.touches.map(([identity, key]) => entryKey(identity, key))
    : change.type === 'clear'
      ? 'key' in change.target
        ? [entryKey(change.target.identity, change.target.key)]
        : []
      : 'key' in change
        ? [entryKey(change.identity, change.key)]
        : [];

/** Makes all of these changes. */
export async function apply(
  tables: Tables,
  changes: readonly Change[],
  now: number,
  touches: Pick<Touches, 'pending' | 'checked'>,
): Promise<{ outcomes: Outcome[]; epoch: number }> {
  const ledger = await openLedger(tables, now, {
    identities: new Set(changes.flatMap(named)),
    keys: new Set(changes.flatMap(keysOf)),
    tags: new Set(changes.flatMap((change) => (change.type === 'put' && change.row.tags ? change.row.tags : []))),
  });
  const limited = new Map<string, Limits>();
  const outcomes: Outcome[] = [];
  for (const change of changes) {
    let outcome: Outcome;
    if (change.type === 'put') {
      outcome = put(ledger, change, now);
      if (outcome === undefined) limited.set(change.identity, change.limits);
    } else if (change.type === 'clear') clear(ledger, change.target, change.epoch, now);
    else if (change.type === 'touch')
      for (const touch of change.touches) touches.checked(touch[0], touch[1], used(ledger, touch));
    else if (change.type === 'seen') ledger.changeFunction(change.identity, { seenAt: now });
    else {
      const key = entryKey(change.identity, change.key);
      const row = ledger.metaRow(key);
      if (row) ledger.remove(key, row, row.cleared === undefined ? undefined : tombstone(row, row.cleared, now));
      else tables.values.delete(key);
    }
    outcomes.push(outcome);
  }
  for (const [identity, limits] of limited)
    await holdLimits(ledger, identity, limits, now, () => touches.pending(identity));
  ledger.save();
  return { outcomes, epoch: ledger.root.epoch };
}

function put(ledger: Ledger, change: Extract<Change, { type: 'put' }>, now: number): Outcome {
  const { identity, row, limits, usedAt, args } = change;
  const key = entryKey(identity, change.key);
  const before = ledger.metaRow(key);
  const of = ledger.functionRow(identity);
  if (change.isWanted?.() === false) return 'cleared';
  let epoch = Math.min(row.epoch, ledger.root.epoch);
  let cleared = before?.cleared;
  if (row.epoch === Infinity) {
    // no run that began before may replace it
    cleared = epoch = ledger.root.epoch + 1;
    ledger.changeRoot({ epoch });
  } else if (stampFor(ledger.root, of, ledger.tagStamps(row.tags), before) > epoch) return 'cleared';
  ledger.tables.values.put(epoch === row.epoch ? row : { ...row, epoch }, key);
  if (before?.revision !== undefined && before.revision !== row.revision)
    ledger.tables.chunks.delete(IDBKeyRange.bound([key, before.revision], [key, before.revision, []]));
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
  ledger.changeFunction(identity, { seenAt: now, ...(limits.named ? { named: true } : {}) });
  return undefined;
}

function clear(ledger: Ledger, target: ClearTarget, wanted: number, now: number): void {
  const epoch = Math.max(ledger.root.epoch + 1, wanted);
  ledger.changeRoot({ epoch });
  if ('all' in target) ledger.changeRoot({ cleared: epoch });
  else if ('tag' in target) {
    ledger.changeRoot({ tags: epoch });
    ledger.stampTag(target.tag, epoch, now);
  } else if (!('key' in target))
    ledger.changeFunction(target.identity, { cleared: epoch, entries: 0, bytes: 0, oldest: null });
  else {
    const key = entryKey(target.identity, target.key);
    const row = ledger.metaRow(key) ?? { f: target.identity, x: 0, u: 0, n: 0, e: -1, c: 0, a: '' };
    ledger.remove(key, row, tombstone(row, epoch, now));
  }
}

const tombstone = (row: MetaRow, cleared: number, now: number): MetaRow => ({
  f: row.f,
  x: now + tombstoneMs,
  u: 0,
  n: 0,
  e: -1,
  c: 0,
  a: '',
  cleared,
});

/** Returns when the next touch of this entry is worth writing: after a minute, or a tenth of the time that it has left. */
function used(ledger: Ledger, [identity, argument, at]: Touch): number {
  const key = entryKey(identity, argument);
  const row = ledger.metaRow(key);
  if (!row || !ledger.isLive(row)) return Infinity;
  const everyMs = Math.min(60_000, Math.max(0, row.x - row.u) / 10);
  if (at - row.u < everyMs) return row.u + everyMs;
  ledger.tables.meta.put({ ...row, u: at }, key);
  return at + everyMs;
}
