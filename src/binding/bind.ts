// bind(state, target, options): the public function; finds targets and hands each control to the links of its state.
import type { HistoryMode } from '../browser/address.js';
import type { Change } from '../core/batch.js';
import type { Codec } from '../core/codec.js';
import type { Unsubscribe } from '../core/listeners.js';
import type { Ref } from '../core/ref.js';
import { bindKey, createRunning, shared } from '../registry.js';
import { Binding } from './binding.js';
import { Links } from './links.js';
import type { QueryPort, SessionPort } from './port.js';
import { createQuerySide } from './query-controls.js';
import { bindRef } from './query-ref.js';
import { createSessionSide } from './session-side.js';
import { nodesOf } from './targets.js';

/** What can be bound: a selector, a node (a control, a form, or a container such as `document`), several elements, or a `Ref`. */
export type BindTarget<T = unknown> = string | Node | Iterable<Element> | Ref<T>;

/** What can be bound to: a session state or `queryParams`. */
export interface BindableState {
  batch<R>(fn: () => R): R;
  flush(): void;
}

/** Options of `bind`. */
export interface BindOptions<T = unknown> {
  /** Of the state. Default: the attribute, else the control's `name` (not in containers). A `Ref` needs it. */
  key?: string | undefined;
  /** Names the key of a control. Default: `'data-key'`, or `'data-param'` for `queryParams`. */
  attribute?: string | undefined;
  /** `'change'`: take values on commit only, as `data-on="change"` does. Default: `'input'`. */
  on?: 'input' | 'change' | undefined;
  /** Forms: take values when the form is submitted. Default: whether the form has `data-batch`. */
  batch?: boolean | undefined;
  /** `false`: the key is never stored, as with `data-persist="false"`. Default: `true`, except for secrets. */
  persist?: boolean | undefined;
  /** Makes the state's value of the control's. */
  parse?(value: unknown, element: Element): unknown;
  /** Makes the control's value of the state's. */
  format?(value: unknown, element: Element): unknown;
  /** Hears of every edit by the user, after the state has it and before its subscribers. */
  onChange?(value: unknown, previous: unknown, event: Event, ...args: unknown[]): unknown;
  /** Forms with `batch`: hears of every submit, with what it changed. */
  onSubmit?(changes: Change[], event: Event, ...args: unknown[]): unknown;
  /** Further arguments of the callbacks; copied when bound. */
  args?: readonly unknown[] | undefined;
  /** `queryParams`: reads and writes the parameter. Default: what the control can show; of a `Ref`, what its default or value needs. */
  codec?: Codec<T> | undefined;
  /** `queryParams`: the value that is left out of the URL. Default: the control's own, or the codec's. */
  default?: T | undefined;
  /** `queryParams`: default: that of the instance. */
  history?: HistoryMode | undefined;
  /** `queryParams`: default `false`, the parameter stays. */
  removeOnUnbind?: boolean | undefined;
}

const linksOf = new WeakMap<object, Links>();

/**
 * Keeps controls and the keys of a state, or the parameters of the URL, equal.
 *
 * The state wins over the HTML, a missing key takes what the control shows; a parameter wins over both and is never
 * removed by binding. Containers are live: controls that come later are bound, those that leave are let go and their
 * value stays. Buttons, files, passwords and the like are never stored and never stand in the URL.
 *
 * @param state - a session state or `queryParams`
 * @param target - a selector, a control, a form, a container such as `document`, or several elements; a `Ref` for
 * `queryParams`
 * @param options - `key` or the options. Default of `key`: the attribute `data-key` or `data-param`, else the `name`
 * @returns ends it; values stay
 * @throws TypeError for a named control without key, or a target that is no node; with `queryParams` for a button, a
 * file input or a secret
 * @throws {@link ReservedKeyError} for a reserved parameter
 * @example
 * bind(sessionState, document);   // every <input data-key="name">
 * bind(sessionState, '#volume', { key: 'volume', onChange: (volume) => player.setVolume(volume) });
 * bind(queryParams, '[name=year]');
 * bind(queryParams, sessionState.ref('page', 1), { key: 'page', default: 1 });
 */
export function bind<T>(
  state: BindableState,
  target: BindTarget<T>,
  options: BindOptions<T> | string = {},
): Unsubscribe {
  const port = (state as { [bindKey]?: SessionPort | QueryPort } | null | undefined)?.[bindKey];
  if (!port) throw new TypeError('bind(state, target): the state must be a session state or queryParams.');
  const { functionName } = shared('running', createRunning);
  if (functionName !== undefined)
    port.warn({
      code: 'cached-bind',
      key: functionName,
      message: `bind(${port.owner}) ran inside the cached ${functionName}, which a hit skips. Bind outside; use deps.`,
    });
  if (typeof document === 'undefined') return () => {};
  const given: BindOptions = typeof options === 'object' ? options : { key: String(options) };
  if (port.owner === 'queryParams' && typeof (target as Ref<unknown> | null)?.listen === 'function')
    return bindRef(port, target as Ref<unknown>, given);

  let links = linksOf.get(port);
  if (!links)
    linksOf.set(
      port,
      (links = new Links(port.owner === 'queryParams' ? createQuerySide(port) : createSessionSide(port))),
    );
  const { owner, attribute } = links.side;
  const binding = new Binding(links, {
    ...given,
    attribute: given.attribute ?? attribute,
    args: [...(given.args ?? [])],
  });
  const nodes = nodesOf(target, owner);
  if (nodes.length > 0 || typeof target !== 'string') binding.start(nodes);
  else
    whenParsed(binding.signal, () => {
      const late = nodesOf(target, owner);
      if (late.length > 0) binding.start(late);
      else port.warn({ code: 'bind-empty', key: target, message: `bind(${owner}, "${target}"): no element matches.` });
    });
  return () => binding.end();
}

function whenParsed(signal: AbortSignal, run: () => void): void {
  if (document.readyState !== 'loading') run();
  else document.addEventListener('DOMContentLoaded', run, { once: true, signal });
}
