// How `cacheData` keeps results, and the copies that callers get.
import { freezeSnapshot } from '../core/values/freeze.js';
import { isOutOfMemory } from '../core/values/out-of-memory.js';
import { NotStorable, readSnapshot, type Snapshot, takeSnapshot } from '../core/values/snapshot.js';
import { mostInOneRow, type Kept as Stored } from '../disk/stored-value.js';
import { UnserializableReturnValueError } from '../errors.js';
import { classes } from '../registered-classes.js';
import { isInBlobs, type StoredResult, warnOfSize } from './entry.js';
import type { Call, Values, Wrapped } from './wrap.js';

const bigResults = async (): Promise<typeof import('./big-results.js')> => import('./big-results.js');

/** Blobs are not in the heap, but they are somewhere: this many bytes of them count as one. */
const blobShare = 16;

/** Whether a value of this size stays on the heap. */
export const fits = (bytes: number, budget: number): boolean => bytes <= 0.75 * budget;

/** What an entry takes of the memory's budget: big values are moved into Blobs. */
export function weightOf({ bytes, largeBytes }: Pick<Stored, 'bytes' | 'largeBytes'>, budget: number): number {
  const rest = bytes - largeBytes;
  // moving the buffers out would not help: the rest alone exceeds the limit
  if (fits(bytes, budget) || !fits(rest, budget)) return bytes;
  return Math.min(rest + largeBytes / blobShare, 0.75 * budget);
}

/** Tells of data that cannot be stored, though nobody asked for that. */
function warnOfMemory({ w, bucket }: Call): void {
  const { settings, identity, state, isPassive } = w;
  const { label, hasName, main } = identity;
  const isMain = bucket === main;
  if (!settings.persist || hasName === isMain || isPassive()) return;
  if (isMain)
    state.warn('cache-unnamed', label, 'without a `name`, results stay in memory. Give one, or `persist: false`.');
  else if (hasName)
    state.warn('cache-this', label, "results of a method stay in memory. Give `hashFuncs`, or `ignore: ['this']`.");
}

/** How `cacheData` keeps results, and the copies that callers get. */
export function createCopies(w: Pick<Wrapped, 'state' | 'identity' | 'settings'>): Values {
  const { settings, identity, state } = w;
  const { copy, persist } = settings;
  const { label } = identity;
  const { budget } = state;
  return {
    running: warnOfMemory,
    keep(value): StoredResult {
      if (copy === 'share' && !persist) return { live: value, bytes: 0, weight: 0 };
      try {
        const snapshot = takeSnapshot(value, { classes });
        const { bytes } = snapshot;
        if (copy === 'share') return { snapshot, bytes, weight: bytes, live: value };
        return { snapshot, bytes, weight: weightOf(snapshot, budget) };
      } catch (error) {
        if (isOutOfMemory(error)) {
          warnOfSize(w, 'was handed out itself', error);
          return { live: value, bytes: 0, weight: 0, isUncopied: true };
        }
        if (!(error instanceof NotStorable)) throw error;
        const { path, typeName, cause } = error;
        throw new UnserializableReturnValueError(label, { path, typeName }, cause === undefined ? {} : { cause });
      }
    },
    give(bucket, entry) {
      const { live, fresh } = entry;
      const isShared = copy === 'share' && live !== undefined;
      // another wrapper of this function may share what it holds, perhaps unchecked
      const snapshot = isShared ? undefined : (entry.snapshot ??= this.keep(live).snapshot);
      if (!snapshot) return live;
      const isAway = 'blobs' in snapshot;
      if (copy === 'freeze') {
        entry.isFrozen ??= !isAway && freezeSnapshot(snapshot as Snapshot);
        if (entry.isFrozen) return (snapshot as Snapshot).data;
        state.warn('cache-freeze', label, 'the result cannot be frozen, so every call gets a copy of its own.');
      }
      if (isAway) {
        entry.fresh = undefined;
        return fresh ? Promise.resolve(fresh.value) : bigResults().then((big) => big.readBack(bucket, entry, budget));
      }
      const value = readSnapshot(snapshot as Snapshot);
      if (copy === 'share') entry.live = value;
      return value;
    },
    added(bucket, entry) {
      const { snapshot } = entry;
      if (!snapshot || entry.weight >= entry.bytes || isInBlobs(entry) || entry.moving) return;
      const moving = bucket.track(
        bigResults()
          .then((big) => big.moveOut(bucket, entry, (cause) => warnOfSize(w, 'is not kept', cause)))
          .finally(() => (entry.moving = undefined)),
      );
      // what is written waits for its Blobs, which it shares
      if (snapshot.largeBytes <= mostInOneRow) entry.moving = moving;
    },
  };
}
