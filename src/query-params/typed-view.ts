import type { HistoryMode } from '../browser/address.js';
import { reportListenerError } from '../browser/report-error.js';
import type { Change } from '../core/batch.js';
import { createDict, toPlainObject } from '../core/dict.js';
import type { Unsubscribe } from '../core/listeners.js';
import { type Codec, codecOf, type ParamCodecWithDefault } from '../core/param.js';
import type { Edits, Texts } from '../core/query-text.js';
import { createRef, type Ref } from '../core/ref.js';
import { ReservedKeyError } from '../errors.js';
import { toMode, toPairs } from './input.js';
import { createTypedParam, type TypedParam } from './typed-param.js';

export interface WriteOptions {
  /** A new history entry, or the present one changed. Default: that of the view or instance. */
  history?: HistoryMode;
}

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

/** What typed parameters need of queryParams. */
export interface QueryPort {
  /** `undefined` for a missing key. */
  texts(key: string): Texts | undefined;
  write(edits: Iterable<readonly [key: string, texts: Texts]>, mode: HistoryMode): void;
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

export function createTypedView<S extends ParamShape>(
  port: QueryPort,
  shape: S,
  { history: mode, keepDefaults, names }: DefineOptions<S>,
  defaultMode: HistoryMode,
): TypedView<S> {
  const owner = 'queryParams.define';
  const params = new Map<string, { key: string; typed: TypedParam; ref: Ref<unknown> }>();
  const paramOf = (call: string, name: string) => {
    const found = params.get(name);
    if (!found)
      throw new TypeError(`${call}: the shape has no parameter "${name}". It has ${[...params.keys()].join(', ')}.`);
    return found;
  };
  const viewMode = toMode(owner, mode ?? defaultMode);

  /** The edits of these values; other parameters of the view lose the texts that do not parse. */
  const toEdits = (call: string, values: object): Edits => {
    const edits = new Map<string, Texts>();
    for (const [name, value] of toPairs(call, values)) {
      const { key, typed } = paramOf(call, name);
      edits.set(key, typed.toTexts(call, value));
    }
    for (const { key, typed } of params.values()) {
      const texts = edits.has(key) ? undefined : port.texts(key);
      const repaired = texts && typed.repair(call, texts);
      if (repaired) edits.set(key, repaired);
    }
    return edits;
  };
  const write = (call: string, values: object, options?: WriteOptions): void =>
    port.write(toEdits(call, values), toMode(call, options?.history ?? viewMode));

  const members = {
    update: (values: object = {}, options?: WriteOptions) => write(`${owner}().update`, values, options),
    href: (values: object = {}) => port.href(toEdits(`${owner}().href`, values)),
    reset: (options?: WriteOptions) =>
      port.write(
        [...params.values()].map(({ key }) => [key, []] as const),
        toMode(`${owner}().reset`, options?.history ?? viewMode),
      ),
    subscribe(...[target, listener]: [unknown, ((now: unknown, before: unknown) => void)?]): Unsubscribe {
      if (typeof target !== 'function')
        return paramOf(`${owner}().subscribe`, `${target}`).ref.listen(listener as () => void);
      const last = new Map([...params].map(([name, { ref }]) => [name, ref.get()]));
      return port.subscribe((changes) => {
        const told: Change[] = [];
        for (const [name, { key, typed }] of params) {
          const change = changes.find((each) => each.key === key);
          if (!change) continue;
          const previous = last.get(name);
          const value = typed.of(change.value);
          last.set(name, value);
          if (!Object.is(value, previous)) told.push({ key: name, value, previous });
        }
        if (told.length > 0) target(told);
      });
    },
    ref: (name: string) => paramOf(`${owner}().ref`, name).ref,
    toDict: () => toPlainObject([...params].map(([name, { ref }]) => [name, ref.get()] as const)),
  };

  for (const [name, value] of Object.entries(shape)) {
    if (name in members)
      throw new ReservedKeyError(
        owner,
        name,
        `for the view's method: use another name and { names: { other: "${name}" } }.`,
      );
    const key = port.check(owner, names?.[name] ?? name);
    const codec = codecOf(value);
    if (!codec)
      throw new TypeError(
        `${owner}: "${name}" needs a text, number, boolean, Date, list of one of these, or a codec of param.`,
      );
    const typed = createTypedParam(key, codec, keepDefaults);
    params.set(name, { key, typed, ref: createParamRef(port, key, typed, (now) => write(owner, [[name, now]])) });
  }

  return createDict<TypedView<S>>({ owner: 'The view of queryParams.define', tag: 'QueryParamsView' }, members, {
    get: (name) => params.get(name)?.ref.get(),
    has: (name) => params.has(name),
    keys: () => params.keys(),
    set: (name, value) => write(owner, [[name, value]]),
    delete: (name) => write(owner, [[name, undefined]]),
  });
}
