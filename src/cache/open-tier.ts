// Which tier belongs to a place; those that few pages use come late.
import type { Warning } from '../core/warning.js';
import { nameOfIdbStore } from '../stores/idb-store-name.js';
import { DiskTier } from '../tiers/disk-tier.js';
import type { Tier } from '../tiers/tier.js';
import type { Place } from './backing.js';
import { type CacheState, identitiesOf } from './cache-state.js';

/** Makes the tier of a place, of the cache of this name. */
export function openTier(state: CacheState, place: Place, name: string | undefined): Tier | Promise<Tier> {
  // tiers know identities, users know functions
  const warn = (warning: Warning): void => {
    const identity = identitiesOf(state, 'data').find(({ id }) => id === warning.key);
    state.report(identity ? { ...warning, key: identity.label } : warning);
  };
  if (place === 'session')
    return import('../tiers/session-tier.js').then(({ createSessionTier }) => createSessionTier({ name }));
  if (place === 'disk') return new DiskTier({ name, warn });
  const database = nameOfIdbStore(place);
  if (database !== undefined) return new DiskTier({ name: database, warn });
  return import('../tiers/store-tier.js').then(({ createStoreTier }) => createStoreTier({ store: place, name, warn }));
}
