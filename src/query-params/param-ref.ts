import type { HistoryMode } from '../browser/address.js';
import { reportListenerError } from '../browser/report-error.js';
import type { Change } from '../core/batch.js';
import type { Unsubscribe } from '../core/listeners.js';
import type { Edits, Texts } from '../core/query-text.js';
import { createRef, type Ref } from '../core/ref.js';
import type { TypedParam } from './typed-param.js';

export interface WriteOptions {
  /** A new history entry, or the present one changed. Default: that of the view or instance. */
  history?: HistoryMode;
}

/** What typed parameters need of queryParams. */
export interface QueryPort {
  /** `undefined` for a missing key. */
  texts(key: string): Texts | undefined;
  write(edits: Edits, mode: HistoryMode): void;
  href(edits: Edits): string;
  subscribe(key: string, listener: (now: Texts | undefined, before: Texts | undefined) => void): Unsubscribe;
  subscribe(listener: (changes: Change<Texts>[]) => void): Unsubscribe;
  /**
   * The key as it stands in the URL.
   *
   * @throws {@link ReservedKeyError}
   */
  check(call: string, key: string): string;
}

/** A ref over one typed parameter. */
export function createParamRef<T>(port: QueryPort, key: string, typed: TypedParam<T>, set: (value: T) => void): Ref<T> {
  const get = (): T => typed.of(port.texts(key));
  return createRef<T>({
    get,
    set,
    init: typed.default,
    report: reportListenerError,
    listen(listener) {
      let last = get();
      return port.subscribe(key, (now) => {
        const previous = last;
        last = typed.of(now);
        if (!Object.is(last, previous)) listener(last, previous);
      });
    },
  });
}
