// What the two states give to `bind`.
import type { HistoryMode } from '../browser/address.js';
import type { AnyCodec, Texts } from '../core/codec.js';
import type { Unsubscribe } from '../core/listeners.js';
import type { Warning } from '../core/warning.js';

/** What `bind` needs of a state, which gives it under `Symbol.for('tabstate.bind')`: also to another copy of the library. */
interface Port {
  batch<R>(fn: () => R): R;
  warn(warning: Warning): void;
}

export interface SessionPort extends Port {
  readonly owner: 'sessionState';
  has(key: string): boolean;
  get(key: string): unknown;
  /** Also where the key is reserved. */
  set(key: string, value: unknown): void;
  subscribe(key: string, listener: () => void): Unsubscribe;
  /** From now on this key is never stored. */
  keepInMemory(key: string): void;
  /** Asked before somebody else assigns a value; they throw what keeps it from being set. */
  readonly guards: Set<(key: string, value: unknown) => void>;
}

/** One parameter through its codec. */
export interface BoundParam {
  readonly default: unknown;
  /** The default where the texts say nothing. */
  of(texts: Texts | undefined): unknown;
  /** None for the default. @throws QueryParamValueError for what cannot be written and read back */
  toTexts(call: string, value: unknown): Texts;
}

export interface QueryPort extends Port {
  readonly owner: 'queryParams';
  /** Of writes that do not say otherwise. */
  readonly history: HistoryMode;
  texts(key: string): Texts | undefined;
  write(key: string, list: Texts, mode: HistoryMode): void;
  /** @throws ReservedKeyError */
  check(call: string, key: string): string;
  subscribe(key: string, listener: (texts: Texts | undefined) => void): Unsubscribe;
  typed(key: string, codec: AnyCodec): BoundParam;
  codecOf(value: unknown): AnyCodec | undefined;
  /** Whether what reads for this key was written here and does not stand in the URL yet. */
  isPending(key: string): boolean;
  /** Whether the last change of the URL was one of its path. */
  hasMoved(): boolean;
}
