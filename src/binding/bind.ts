import type { Unsubscribe } from '../core/listeners.js';
import { createExtras } from './extras.js';
import type { BindOptions, BindTarget } from './options.js';
import { createPlainBind } from './plain-bind.js';
import type { BoundState } from './state.js';

/** `bind` of one state, with buttons and files, callbacks, `parse` and `format`. */
export const createBind = (state: BoundState): ((target: BindTarget, options?: BindOptions | string) => Unsubscribe) =>
  createPlainBind(state, (links) => createExtras(state, links));
