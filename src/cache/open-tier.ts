import type { Warning } from '../core/warning.js';
import { nameOfIdbStore } from '../stores/idb-store-name.js';
import { createDiskTier } from '../tiers/disk-tier.js';
import type { Tier } from '../tiers/tier.js';
import type { Place } from './backing.js';
import { type CacheState, identitiesOf } from './cache-state.js';

/** Makes the tier of a place, of the cache of this name. */
export async function openTier(state: CacheState, place: Place, name: string | undefined): Promise<Tier> {
  // tiers know identities, users know functions
  const warn = (warning: Warning): void => {
    const identity = identitiesOf(state, 'data').find(({ id }) => id === warning.key);
    state.report(identity ? { ...warning, key: identity.label } : warning);
  };
  if (place === 'session') return (await import('../tiers/session-tier.js')).createSessionTier({ name });
  const database = place === 'disk' ? { name } : { name: nameOfIdbStore(place) };
  if (place === 'disk' || database.name !== undefined) return createDiskTier({ ...database, warn });
  return (await import('../tiers/store-tier.js')).createStoreTier({ store: place, name, warn });
}
