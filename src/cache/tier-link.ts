import { systemClock as clock } from '../browser/clock.js';
import type { ClearTarget } from '../disk/entry.js';
import type { CacheStore } from '../stores/store.js';
import { isServer } from './default-core.js';
import { follow } from './follow.js';
import type { LateTier as Tier } from './late-tier.js';
import { track } from './pending.js';
import { type CacheCore, type FunctionRecord, type Room, recordsOf } from './records.js';
import { notify, type Wrapper } from './wrapper.js';

/** How the tiers of a cache are made; each at most once, at the first call that needs it. */
export interface TierMakers {
  disk(): Tier;
  session(): Tier;
  store(store: CacheStore): Tier;
}

/** The tiers behind the memory of one cache. */
export interface TierLink {
  /** What lies behind a wrapper's memory, made now if need be; `undefined`: nothing. */
  of(w: Wrapper, room: Room, isForClear?: boolean): Tier | undefined;
  /** Those that a clear of everything must reach, also before they were needed on this page. */
  all(): Tier[];
  /** Some function keeps its entries in this store. */
  declare(store: CacheStore): void;
  /** The one in which a function's entries lie by default, if it was made. */
  find(record: FunctionRecord): Tier | undefined;
  /** Those that are in use. */
  made(): Tier[];
}

/** A clear that could not be written is tried again after this time. */
const mendMs = 5_000;

export function createTierLink(core: CacheCore, makers: TierMakers, defaultStore: CacheStore | undefined): TierLink {
  const made = new Map<unknown, Tier>();
  const stores = new Set<CacheStore>();
  const get = (place: unknown, make: () => Tier): Tier => {
    let tier = made.get(place);
    if (!tier) {
      made.set(place, (tier = make()));
      const scope = place === 'session' ? 'session' : 'global';
      const records = (): FunctionRecord[] => recordsOf(core, 'data').filter((record) => record.scope === scope);
      tier.shared?.onNote((note) => follow(records(), note));
      tier.shared?.onForget(() => {
        // not a clear: what lies behind is as good as it was
        for (const { main } of records()) {
          main.shelf.clear();
          notify(main, undefined, { type: 'set', tab: 'other' });
        }
      });
    }
    return tier;
  };
  const disk = (): Tier =>
    defaultStore ? get(defaultStore, () => makers.store(defaultStore)) : get('disk', makers.disk);
  const find = ({ scope }: FunctionRecord): Tier | undefined =>
    made.get(scope === 'session' ? 'session' : (defaultStore ?? 'disk'));
  return {
    of({ settings: { persist, store, scope }, record, isPassive }, room, isForClear = false) {
      if (!persist || !record.hasName || room !== record.main || isPassive()) return undefined;
      const tier =
        scope === 'session' ? get('session', makers.session) : store ? get(store, () => makers.store(store)) : disk();
      const { cutAt, identity } = record;
      if (cutAt === undefined || isForClear) return tier;
      if (clock.monotonic() - cutAt > mendMs) void clearBehind([tier], { identity }, [record]);
      return undefined;
    },
    all() {
      const isPage = !isServer();
      if (isPage || defaultStore) disk();
      if (isPage) get('session', makers.session);
      for (const store of stores) get(store, () => makers.store(store));
      return [...made.values()];
    },
    declare: (store) => void stores.add(store),
    find,
    made: () => [...made.values()],
  };
}

/** Clears behind. Where that cannot be written, the function lives in memory only. */
export async function clearBehind(tiers: Tier[], target: ClearTarget, records: FunctionRecord[]): Promise<void> {
  const work = Promise.all(tiers.map((tier) => tier.clear(target)));
  for (const record of records) {
    void track(record, work);
    if (record.cutAt !== undefined) record.cutAt = clock.monotonic();
  }
  const isDone = (await work).every(Boolean);
  for (const record of records) record.cutAt = isDone ? undefined : clock.monotonic();
}
