// sessionState's side of a binding.
import { isSecret } from './controls.js';
import type { Side } from './links.js';
import type { SessionPort } from './port.js';

/** Session state, as seen by controls. */
export const createSessionSide = (port: SessionPort): Side => ({
  owner: port.owner,
  attribute: 'data-key',
  takesDefaults: true,
  view: ({ key }) => ({
    has: port.has(key),
    value: port.get(key),
    set: (value) => port.set(key, value),
  }),
  subscribe: port.subscribe,
  batch: port.batch,
  protect({ control, field, key, settings }) {
    const { isSpecial, isTrigger } = control;
    if (!isSpecial && settings.persist !== false && !isSecret(field)) return undefined;
    port.keepInMemory(key);
    const allowed = isTrigger ? false : null;
    return isSpecial ? port.reserve(key, (value) => value === allowed) : undefined;
  },
});
