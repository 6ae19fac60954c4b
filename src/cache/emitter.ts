// `emitter`: messages of a body to the `onMessage` of its function, or of its callers.
import { reportListenerError } from '../browser/report-error.js';
import { NotStorable, readSnapshot, takeSnapshot } from '../core/values/snapshot.js';
import { createWarner } from '../core/warning.js';
import { UnserializableReturnValueError } from '../errors.js';
import { classes } from '../registered-classes.js';
import { shared } from '../registry.js';
import { deliverLive } from './messages.js';
import { running } from './running.js';

const warner = shared('emitter', () => createWarner(undefined, reportListenerError));

/**
 * For the start of a cached function's body, before its first `await`: returns the function that emits messages. They
 * go to the function's `onMessage`, or to that of its nearest caller, on the miss and replayed on every hit.
 *
 * @returns Emits one message. It is copied; one that cannot be stored is an UnserializableReturnValueError there.
 * @example
 * const load = cacheData(async (id: string) => {
 *   const emit = emitter();
 *   emit('loading…');
 *   return fetchTable(id);
 * }, { name: 'load', onMessage: (text) => log.append(String(text)) });
 */
export function emitter(): (message: unknown) => void {
  const { flight } = running;
  return (message) => {
    if (!flight) {
      warner.warn({
        code: 'emitter-outside',
        message: 'emitter() outside of a cached function, or after its first await: messages go nowhere.',
      });
      return;
    }
    try {
      const snapshot = takeSnapshot(message, { classes });
      deliverLive(flight, () => readSnapshot(snapshot));
    } catch (error) {
      if (!(error instanceof NotStorable)) throw error;
      const { path, typeName, cause } = error;
      throw new UnserializableReturnValueError(
        flight.call.w.identity.label,
        { path, typeName, what: 'message' },
        cause === undefined ? {} : { cause },
      );
    }
  };
}
