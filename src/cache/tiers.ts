import type { Warning } from '../core/warning.js';
import { nameOfIdbStore } from '../stores/idb-store.js';
import { createDiskTier } from './disk-tier.js';
import { type CacheCore, recordsOf } from './records.js';
import { createSessionTier } from './session-tier.js';
import { createStoreTier } from './store-tier.js';
import type { TierMakers } from './tier-link.js';

/** The tiers of a cache of this name. None is made before a call needs it. */
export function tierMakers(core: CacheCore, name?: string): TierMakers {
  // tiers know identities, users know functions
  const warn = (warning: Warning): void => {
    const record = recordsOf(core, 'data').find(({ identity }) => identity === warning.key);
    core.report(record ? { ...warning, key: record.label } : warning);
  };
  return {
    disk: () => createDiskTier({ name, warn }),
    session: () => createSessionTier({ name }),
    store(store) {
      const database = nameOfIdbStore(store);
      return database === undefined ? createStoreTier({ store, name, warn }) : createDiskTier({ name: database, warn });
    },
  };
}
