import type { HistoryMode } from '../browser/address.js';
import type { Change } from '../core/batch.js';
import type { Codec, ParamCodecWithDefault } from '../core/codec.js';
import type { Unsubscribe } from '../core/listeners.js';
import type { Ref } from '../core/ref.js';
import type { WriteOptions } from './param-ref.js';

/** A default, which also picks the codec, or a codec. An empty array holds strings. */
export type ParamShapeValue =
  | string
  | number
  | boolean
  | Date
  | readonly string[]
  | readonly number[]
  | readonly boolean[]
  | readonly Date[]
  | Codec<unknown>;

export type ParamShape = Readonly<Record<string, ParamShapeValue>>;

/** What a parameter of a shape reads. */
export type ParamValue<P> =
  P extends ParamCodecWithDefault<infer T>
    ? T
    : P extends Codec<infer T>
      ? T | undefined
      : P extends string
        ? string
        : P extends number
          ? number
          : P extends boolean
            ? boolean
            : P extends readonly []
              ? string[]
              : P extends readonly (infer I)[]
                ? ParamValue<I>[]
                : P;

export type ParamValues<S extends ParamShape> = { -readonly [K in keyof S]: ParamValue<S[K]> };

export interface DefineOptions<S extends ParamShape = ParamShape> {
  /** Of writes through this view. Default: that of the instance. */
  history?: HistoryMode;
  /** Writes defaults, too, instead of leaving them out. Default: `false`. */
  keepDefaults?: boolean;
  /** Names in the URL, where they differ from the shape's. */
  names?: { readonly [K in keyof S]?: string };
}

/** Parameters of the URL as values, under the names of the shape; see `queryParams.define`. */
export type TypedView<S extends ParamShape> = ParamValues<S> & TypedViewMembers<S>;

export interface TypedViewMembers<S extends ParamShape> {
  /**
   * Sets several parameters in one call; `undefined` removes one.
   *
   * @throws {@link QueryParamValueError} if a value would not come back from its text; nothing changes
   * @throws TypeError for a name that is not in the shape
   */
  update(values: { readonly [K in keyof S]?: ParamValue<S[K]> | undefined }, options?: WriteOptions): void;
  /** The URL with these values; writes nothing. */
  href(values: { readonly [K in keyof S]?: ParamValue<S[K]> | undefined }): string;
  /** Removes all parameters of this view, in one call. */
  reset(options?: WriteOptions): void;
  /** Hears when the value of a parameter changes. */
  subscribe<K extends keyof S & string>(
    name: K,
    listener: (value: ParamValue<S[K]>, previous: ParamValue<S[K]>) => void,
  ): Unsubscribe;
  /** Hears of all changes of this view's values. */
  subscribe(listener: (changes: Change[]) => void): Unsubscribe;
  ref<K extends keyof S & string>(name: K): Ref<ParamValue<S[K]>>;
  /** A fresh object with all values. */
  toDict(): ParamValues<S>;
  [Symbol.iterator](): IterableIterator<[string, unknown]>;
}
