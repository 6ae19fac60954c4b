import { isSecret, unbindable } from '../binding/controls.js';
import type { BindOptions, BindTarget } from '../binding/options.js';
import { createPlainBind } from '../binding/plain-bind.js';
import type { BoundState, Link, Settings } from '../binding/state.js';
import type { HistoryMode } from '../browser/address.js';
import type { Unsubscribe } from '../core/listeners.js';
import type { Ref } from '../core/ref.js';
import type { Warning } from '../core/warning.js';
import { QueryParamValueError } from '../errors.js';
import { codecOfControl } from './control-codec.js';
import type { Codec, CodecFacts } from './param/codec.js';
import { codecOf } from './param/codec-of.js';
import { anyText } from './param/scalars.js';
import { isSameTexts, type Texts } from './query-text.js';
import { TypedParam } from './typed-param.js';
import type { QueryPort } from './typed-view.js';

/** Options of `queryParams.bind`. */
export interface QueryBindOptions<T = unknown> {
  /** The parameter. Default: the attribute, else the control's `name`. A `Ref` needs it. */
  key?: string;
  /** Names the parameter of a control. Default: `'data-param'`. */
  attribute?: string;
  /** `'change'`: write on commit only. Default: `'input'`. */
  on?: 'input' | 'change';
  /** Forms: write when the form is submitted, in one call. Default: whether the form has `data-batch`. */
  batch?: boolean;
  /** Default: what the control can show; of a `Ref`, what its default or value needs. */
  codec?: Codec<T>;
  /** The value that is left out of the URL. Default: the control's own, or the codec's. */
  default?: T;
  /** Default: that of the instance. */
  history?: HistoryMode;
  /** Default: `false`, the parameter stays. */
  removeOnUnbind?: boolean;
}

type QuerySettings = Settings & QueryBindOptions;
type AnyCodec = Codec<unknown> & CodecFacts;

export interface QueryBindPort extends QueryPort {
  batch<R>(fn: () => R): R;
  warn(warning: Warning): void;
  running(): string | undefined;
}

const call = 'queryParams.bind';

/** `queryParams.bind`. */
export function createQueryBind(
  port: QueryBindPort,
): (target: BindTarget | Ref<unknown>, options?: QueryBindOptions | string) => Unsubscribe {
  const write = (key: string, texts: Texts, history: HistoryMode = port.history): void =>
    port.write(new Map([[key, texts]]), history);
  /** Removes what says nothing, the default and repetitions; never a history entry. */
  const tidy = (key: string, typed: TypedParam): void => {
    const texts = port.texts(key);
    const needed = texts && typed.toTexts(call, typed.of(texts));
    if (needed && needed.length < texts.length) write(key, needed, 'replace');
  };
  const path = (): string => port.href(new Map()).replace(port.isHash ? /\?[^#]*/g : /[?#].*/s, '');
  /** On another page, a parameter that is not there says nothing. */
  const subscribe = (key: string, listener: () => void): Unsubscribe => {
    let page = path();
    return port.subscribe(key, (texts) => {
      if (!texts && path() !== page) return;
      page = path();
      listener();
    });
  };

  // made anew each time: options, limits and other controls of the key may have changed
  const typedOf = ({ key, field, control, settings, peers, first }: Link<QuerySettings>): TypedParam => {
    const fields = peers();
    const codec = settings.codec as AnyCodec | undefined;
    const initial =
      settings.default ?? codec?.default ?? (control.initial ? control.initial(field, peers, undefined) : first);
    return new TypedParam(
      key,
      Object.create(codec ?? codecOfControl(field, fields, initial), { default: { value: initial } }) as AnyCodec,
    );
  };
  const state: BoundState<QuerySettings> = {
    owner: 'queryParams',
    attribute: 'data-param',
    has: ({ key }) => port.texts(key) !== undefined,
    get: (link) => typedOf(link).of(port.texts(link.key)),
    set(link, value) {
      try {
        write(link.key, typedOf(link).toTexts(call, value), link.settings.history);
      } catch (error) {
        // the user may type what the control does not accept, such as a number beyond its limit: it is not written
        if (!(error instanceof QueryParamValueError)) throw error;
      }
    },
    subscribe,
    batch: port.batch,
    warn: port.warn,
    running: port.running,
    refuses(field, control, key, byName) {
      port.check(call, key);
      if (control === unbindable || isSecret(field))
        return 'is a button, a file input or a secret, which must not stand in a URL. Bind it with sessionState.bind.';
      return byName && field.type === 'hidden' ? 'is hidden.' : undefined;
    },
    tidy: (link) => tidy(link.key, typedOf(link)),
    left: ({ key, settings }) => settings.removeOnUnbind && write(key, [], settings.history),
  };
  const bindControls = createPlainBind(state as unknown as BoundState);

  const bindRef = (ref: Ref<unknown>, options: QueryBindOptions): Unsubscribe => {
    const { key, history, removeOnUnbind } = options;
    if (key === undefined) throw new TypeError(`${call}(ref, options): give the parameter's name as { key }.`);
    port.check(call, key);
    const given = (options.codec ?? codecOf(options.default)) as AnyCodec | undefined;
    const codec = given ?? codecOf(ref.get()) ?? (anyText as Codec<unknown>);
    const initial = options.default ?? given?.default;
    const typed = new TypedParam(key, Object.create(codec, { default: { value: initial } }) as AnyCodec);
    const fromRef = (): void => write(key, typed.toTexts(call, ref.get()), history);
    const says = (texts: Texts): boolean => {
      try {
        return isSameTexts(typed.toTexts(call, ref.get()), texts);
      } catch {
        // what the ref holds cannot be written: the URL is right
        return false;
      }
    };
    const fromQuery = (): void => {
      tidy(key, typed);
      const texts = port.texts(key);
      if (says(texts ?? [])) return;
      const value = typed.of(texts);
      // lists of parameters are frozen
      ref.set(Array.isArray(value) ? [...value] : value);
    };
    tidy(key, typed);
    if (port.texts(key)) fromQuery();
    else fromRef();
    const ends = [ref.listen(fromRef), subscribe(key, fromQuery)];
    let isEnded = false;
    return () => {
      for (const end of ends) end();
      if (removeOnUnbind && !isEnded) write(key, [], history);
      isEnded = true;
    };
  };

  return (target, options = {}) => {
    if (typeof (target as Ref<unknown> | null)?.listen !== 'function')
      return bindControls(target as BindTarget, options as BindOptions | string);
    if (typeof document === 'undefined') return () => {};
    return bindRef(target as Ref<unknown>, typeof options === 'object' ? options : { key: options });
  };
}
