// The members of sessionState that bind needs, in memory.
import { createBind } from '../../src/binding/bind.js';
import { createDelivery } from '../../src/core/batch.js';
import { createDict } from '../../src/core/dict.js';
import { ReservedKeyError } from '../../src/errors.js';

export function createSessionState({ onWarning = (_: any) => {} } = {}): any {
  const values = new Map<string, unknown>();
  const reserved = new Map<string, (value: unknown) => boolean>();
  const report = (error: unknown) => (globalThis.reportError ?? console.error)(error);
  const delivery = createDelivery<unknown>({ report, onLoop: () => {}, later: (run) => setTimeout(run) });
  const put = (key: string, value: unknown) => {
    const previous = values.get(key);
    if (values.has(key) && Object.is(previous, value)) return;
    values.set(key, value);
    delivery.changed(key, value, previous);
  };
  const set = (key: string, value: unknown) => {
    const allows = reserved.get(key);
    if (allows && !allows(value)) throw new ReservedKeyError(`sessionState.set`, key, 'for a bound control.');
    put(key, value);
  };
  const remove = (key: string) => {
    const previous = values.get(key);
    const had = values.delete(key);
    if (had) delivery.changed(key, undefined, previous);
    return had;
  };
  const source = {
    get: (k: string) => values.get(k),
    has: (k: string) => values.has(k),
    keys: () => values.keys(),
    set,
    delete: remove,
  };
  const bind = createBind({
    owner: 'sessionState',
    attribute: 'data-key',
    has: ({ key }) => values.has(key),
    get: ({ key }) => values.get(key),
    set: ({ key }, value) => put(key, value),
    subscribe: (key, listener) => delivery.subscribe(key, listener),
    batch: delivery.batch,
    warn: onWarning,
    reserve(key, allows) {
      reserved.set(key, allows);
      return () => reserved.delete(key);
    },
  });
  return createDict(
    { owner: 'sessionState', tag: 'SessionState' },
    { ...source, subscribe: delivery.subscribe, batch: delivery.batch, bind },
    source,
  );
}
