import type { Change } from '../core/batch.js';

/** What can be bound: a selector, a node (a control, a form, or a container such as `document`), or several elements. */
export type BindTarget = string | Node | Iterable<Element>;

/** Options of `sessionState.bind`. */
export interface BindOptions {
  /** Of the state. Default: the attribute, else the control's `name` (not in containers). */
  key?: string | undefined;
  /** Names the key of a control. Default: `'data-key'`. */
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
}
