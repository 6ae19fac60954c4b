// sessionState's side of a binding.
import { ReservedKeyError } from '../errors.js';
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
    if (!isSpecial) return undefined;
    const guard = (name: string, value: unknown): void => {
      if (name === key && value !== (isTrigger ? false : null))
        throw new ReservedKeyError('sessionState.set()', key, 'for the button or file input that it is bound to.');
    };
    port.guards.add(guard);
    return () => {
      port.guards.delete(guard);
    };
  },
});
