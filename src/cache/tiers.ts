import type { Warning } from '../core/warning.js';
import { nameOfIdbStore } from '../stores/idb-store-name.js';
import type { Tier } from '../tiers/tier.js';
import { loadFlights } from './late-flight.js';
import { createLateTier } from './late-tier.js';
import { type CacheCore, recordsOf } from './records.js';
import type { TierMakers } from './tier-link.js';

/** The tiers of a cache of this name. None is made, nor its code loaded, before a call needs it. */
export function tierMakers(core: CacheCore, name?: string): TierMakers {
  // tiers know identities, users know functions
  const warn = (warning: Warning): void => {
    const record = recordsOf(core, 'data').find(({ identity }) => identity === warning.key);
    core.report(record ? { ...warning, key: record.label } : warning);
  };
  const late = <Code>(load: () => Promise<Code>, make: (code: Code) => Tier): Tier =>
    createLateTier(async () => make((await Promise.all([load(), loadFlights()]))[0]), warn);
  const disk = (database: string | undefined): Tier =>
    late(
      () => import('../tiers/disk-tier.js'),
      ({ createDiskTier }) => createDiskTier({ name: database, warn }),
    );
  return {
    disk: () => disk(name),
    session: () =>
      late(
        () => import('../tiers/session-tier.js'),
        ({ createSessionTier }) => createSessionTier({ name }),
      ),
    store(store) {
      const database = nameOfIdbStore(store);
      if (database !== undefined) return disk(database);
      return late(
        () => import('../tiers/store-tier.js'),
        ({ createStoreTier }) => createStoreTier({ store, name, warn }),
      );
    },
  };
}
