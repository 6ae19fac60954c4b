import { systemClock as clock } from '../browser/clock.js';
import { ageOf } from '../core/cache-entry.js';
import { freezeSnapshot } from '../core/values/freeze.js';
import { isOutOfMemory } from '../core/values/out-of-memory.js';
import { NotStorable, readSnapshot, type Snapshot, takeSnapshot } from '../core/values/snapshot.js';
import type { ClearTarget } from '../disk/entry.js';
import { isInBlobs } from '../disk/stored-value.js';
import { UnserializableReturnValueError } from '../errors.js';
import { classes } from '../registered-classes.js';
import { shared } from '../registry.js';
import type { CacheStore } from '../stores/store.js';
import type { CacheData } from './cached-data.js';
import { dataReaders } from './data-options.js';
import { defaultCore, isServer } from './default-core.js';
import { forgetFunction, forgetKey, forgetRoom, forgetTag, readTag } from './forget.js';
import { isAway, moveOut, readBack, weightOf } from './in-blobs.js';
import { flyLate, writeNow } from './late-flight.js';
import type { LateTier as Tier } from './late-tier.js';
import {
  type CacheInfo,
  clearHere,
  commonMembers,
  find,
  freshEntry,
  infoOf,
  isWhole,
  type Place,
  primeHere,
} from './members.js';
import type { Held } from './memory-tier.js';
import { settled } from './pending.js';
import { type CacheCore, type CacheEvent, type FunctionRecord, type Room, recordsOf, roomsOf } from './records.js';
import { clearBehind, createTierLink, type TierMakers } from './tier-link.js';
import { isDoubtful, touch } from './tier-uses.js';
import { tierMakers } from './tiers.js';
import { createForms } from './wrap.js';
import type { Kept, Wrapper } from './wrapper.js';

/** Makes the `cacheData` of a cache. */
export function createCacheData(core: CacheCore, makers: TierMakers, defaultStore?: CacheStore): CacheData {
  const link = createTierLink(core, makers, defaultStore);
  const records = (): FunctionRecord[] => recordsOf(core, 'data');

  const warnOfSize = (label: string, outcome: string, cause?: unknown): void =>
    core.warn(
      'cache-size',
      label,
      `${label}: the browser has no memory for another copy of its result, which ${outcome}.`,
      cause,
    );
  const keep = (label: string, { copy, persist }: Wrapper['settings'], value: unknown): Kept => {
    if (copy === 'share' && !persist) return { live: value, bytes: 0, weight: 0 };
    try {
      const snapshot = takeSnapshot(value, { classes });
      const { bytes } = snapshot;
      if (copy === 'share') return { snapshot, bytes, weight: bytes, live: value };
      return { snapshot, bytes, weight: weightOf(snapshot, core.memory.budget) };
    } catch (error) {
      if (isOutOfMemory(error)) {
        warnOfSize(label, 'was handed out itself', error);
        return { live: value, bytes: 0, weight: 0, isUnkept: true };
      }
      if (!(error instanceof NotStorable)) throw error;
      const { path, typeName, cause } = error;
      throw new UnserializableReturnValueError(label, path, typeName, 'result', cause === undefined ? {} : { cause });
    }
  };
  const give = (w: Wrapper, room: Room, entry: Held): unknown => {
    const { copy } = w.settings;
    const { snapshot, live } = entry;
    if (!snapshot || live !== undefined) return live;
    if (copy === 'freeze') {
      entry.isFrozen ??= !isInBlobs(snapshot) && freezeSnapshot(snapshot);
      if (entry.isFrozen) return (snapshot as Snapshot).data;
      core.warn(
        'cache-freeze',
        w.record.label,
        `${w.record.label}: a result with a Map, Set, Date, URL or buffer cannot be frozen, so every call gets a copy of its own.`,
      );
    }
    if (isInBlobs(snapshot)) return readBack(w, room, entry);
    const value = readSnapshot(snapshot);
    if (copy === 'share') entry.live = value;
    return value;
  };
  /** Where one function's members reach behind. */
  const tierOf = ({ w, bound }: Place, isForClear = false): Tier | undefined =>
    !bound || !w.usesThis || w.makeKey.covers(bound) ? link.of(w, w.record.main, isForClear) : undefined;

  const forms = createForms(core, {
    kind: 'data',
    call: 'cacheData',
    options: dataReaders,
    complete(base): Wrapper {
      const { record, settings } = base;
      const { label } = record;
      if (settings.store) link.declare(settings.store);
      // hits ask for it: known since the first flight
      let tier: Tier | undefined;
      const w: Wrapper = {
        ...base,
        isData: true,
        rejects: true,
        isPassive: () => !settings.store && !defaultStore && isServer(),
        keep: (value) => keep(label, settings, value),
        give: (room, entry) => give(w, room, entry),
        isAway,
        giveUp(room, entry) {
          room.shelf.drop(entry);
          // all of this happens before the task in which it would be written
          if (room.unwritten.get(entry.key) === entry) room.unwritten.delete(entry.key);
          warnOfSize(label, 'was handed out itself');
          return (entry.live = (entry.snapshot as Snapshot).data);
        },
        onPut: (room, entry) => moveOut(room, entry, (cause) => warnOfSize(label, 'is not kept', cause)),
        onMiss(room) {
          if (!settings.persist || w.isPassive()) return;
          if (!record.hasName && room === record.main)
            core.warn(
              'cache-unnamed',
              label,
              `${label} has no \`name\`: its results stay in the memory of this page. Give it one, or \`persist: false\`.`,
            );
          if (record.hasName && room !== record.main)
            core.warn(
              'cache-this',
              label,
              `${label} is a method: each object keeps its own results in memory. Give \`hashFuncs\` for its class, or \`ignore: ['this']\`.`,
            );
        },
        fly(flight, run) {
          const here = link.of(w, flight.room);
          tier ??= here;
          return here ? flyLate(here, w, flight, run) : run();
        },
        onUse(room, entry) {
          if (tier && room === record.main) touch(tier, w, entry);
        },
        isDoubtful(room, entry) {
          return tier !== undefined && room === record.main && isDoubtful(tier, entry);
        },
        onRefused(room, { key }) {
          void link.of(w, room)?.delete(record.identity, key);
        },
      };
      return w;
    },
    members(w, bound) {
      const place: Place = { w, bound };
      const { record } = w;
      const common = commonMembers(place);
      return {
        ...common,
        subscribe(listener: (event: CacheEvent) => void) {
          const end = common.subscribe(listener);
          // the other tabs are heard from now on, whatever is called here
          void tierOf(place)?.ready?.();
          return end;
        },
        async clear(...args: unknown[]) {
          const { identity } = record;
          let behind: Promise<void> | undefined;
          clearHere(place, args, (key) => {
            const tier = tierOf(place, true);
            if (!tier || (key === undefined && !isWhole(place))) return;
            behind = clearBehind([tier], key === undefined ? { identity } : { identity, key }, [record]);
          });
          await behind;
        },
        async has(...args: unknown[]) {
          const { key } = find(place, args);
          await settled(record);
          if (freshEntry(place, args)) return true;
          const tier = tierOf(place);
          const row = tier && (await (tier.database?.times ?? tier.read)(record.identity, key));
          return row !== undefined && ageOf(row, w.settings, clock.now()) === 'fresh';
        },
        peek(...args: unknown[]) {
          const found = freshEntry(place, args);
          return found && !isAway(found.entry) ? w.give(found.room, found.entry) : undefined;
        },
        async prime(value: unknown, ...args: unknown[]) {
          const { room, entry, isPut } = primeHere(place, value, args);
          const tier = isPut ? link.of(w, room) : undefined;
          if (tier) await writeNow(tier, w, room, entry, args);
        },
        info: () => info(record, tierOf(place)),
      };
    },
  });

  const info = async (record: FunctionRecord, tier: Tier | undefined): Promise<CacheInfo> => {
    await settled(record);
    const here = infoOf(record);
    const behind = await tier?.info(record.identity);
    if (!behind) return here;
    const { persisted } = behind;
    if (!persisted) return { ...here, persisted };
    // on disk lies what memory has evicted, in memory what the disk refused
    return {
      ...here,
      entries: Math.max(here.entries, behind.entries),
      bytes: Math.max(here.bytes, behind.bytes),
      oldest: here.oldest === null ? behind.oldest : Math.min(here.oldest, behind.oldest ?? Infinity),
      persisted,
    };
  };

  core.behind = {
    rows: async () => (await Promise.all(link.made().map(async (tier) => tier.database?.list() ?? []))).flat(),
    async clear(record, key) {
      const { identity } = record;
      const tier = link.find(record);
      const behind = tier && clearBehind([tier], key === undefined ? { identity } : { identity, key }, [record]);
      for (const room of roomsOf(record)) key === undefined ? forgetRoom(room, 'this') : forgetKey(room, key, 'this');
      await behind;
    },
  };

  return Object.assign(forms as CacheData, {
    async clear(target?: { tag: string }) {
      const tag = readTag('cacheData.clear', target);
      const reach: ClearTarget = tag === undefined ? { all: true } : { tag };
      // first what lies behind: listeners that hear of the clear load again at once
      const behind = clearBehind(link.all(), reach, records());
      for (const record of records())
        tag === undefined ? forgetFunction(record, 'this') : forgetTag(record, tag, 'this');
      await behind;
    },
    async info() {
      const used = records().filter(
        ({ hits, misses, ...rest }) => hits + misses + infoOf({ hits, misses, ...rest }).entries > 0,
      );
      return Promise.all(used.map((record) => info(record, link.find(record))));
    },
  });
}

/**
 * Keeps what `fn` returned in memory and in IndexedDB, one result per list of arguments.
 *
 * Equal calls share one run. Every caller gets a copy of its own. `clear()` also keeps a run under way from storing its
 * result.
 *
 * @param options - `ttl`: seconds, or text such as `'1h23s'`; default: never expires. `name`: identity across builds and
 *   tabs.
 * @returns A function with `fn`'s parameters and a promise of a fresh copy, with `clear()`, `refresh()` and more.
 * @throws UnhashableParamError (rejects) if an argument cannot be a key; UnserializableReturnValueError (rejects) if the
 *   result cannot be stored. Errors of `fn` pass through and are not stored.
 * @example
 * const getUser = cacheData(async (id: number) => (await fetch(`/users/${id}`)).json(), { name: 'getUser', ttl: 60 });
 */
export const cacheData: CacheData = shared('cacheData', () =>
  createCacheData(defaultCore(), tierMakers(defaultCore())),
);
