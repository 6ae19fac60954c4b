import type { Unsubscribe } from '../core/listeners.js';
import type { Warning } from '../core/warning.js';
import type { Control, Field } from './controls.js';
import type { BindOptions } from './options.js';

/** Options with what is always there. */
export interface Settings extends BindOptions {
  attribute: string;
  args: readonly unknown[];
}

/** One element and the key it follows. Everything else holds it weakly; its element keeps it. */
export interface Link<S extends Settings = Settings> {
  readonly field: Field;
  readonly control: Control;
  readonly key: string;
  readonly settings: S;
  /** The container or form it was found in; none when the element was named itself. */
  readonly root: Node | undefined;
  /** What it showed when it was bound, where HTML has no other default. */
  readonly first: unknown;
  /** Controls of its kind that share its key, in the order of the document. */
  peers(): Field[];
  readonly ref: WeakRef<Link<S>>;
  isComposing: boolean;
  /** What was last read from it or shown in it, where `parse` makes another value of it. */
  raw: unknown;
}

/** The side of the state: session state, or the query string as seen by one control. */
export interface BoundState<S extends Settings = Settings> {
  /** In messages, such as `sessionState`. */
  readonly owner: string;
  /** Default of the option `attribute`. */
  readonly attribute: string;
  has(link: Link<S>): boolean;
  get(link: Link<S>): unknown;
  /** Also where the key is reserved. */
  set(link: Link<S>, value: unknown): void;
  subscribe(key: string, listener: () => void): Unsubscribe;
  batch<R>(fn: () => R): R;
  warn(warning: Warning): void;
  /** Why this element cannot be bound, the end of a sentence. `byName`: it was found in a form, by its name only. */
  refuses?(field: Field, control: Control, key: string, byName: boolean): string | undefined;
  /** From now on this key is never stored. */
  keepInMemory?(key: string): void;
  /** Until the end, only values that `allows` lets pass may be assigned. */
  reserve?(key: string, allows: (value: unknown) => boolean): Unsubscribe;
  /** Before a link is first shown, and after every change: puts right what stands there. */
  tidy?(link: Link<S>): void;
  /** The user ended the binding. */
  left?(link: Link<S>): void;
  /** The cached function whose body runs. */
  running?(): string | undefined;
}

/** What a binding may do beyond keeping both sides equal. */
export interface Extras {
  /** Kinds of controls by their type. */
  readonly kinds?: Record<string, Control>;
  /** What the control shows for a value of the state. */
  format?(link: Link, value: unknown): unknown;
  /** The link has just shown something. */
  shown?(link: Link): void;
  /** Gives the state what was read; `false` if it cannot be given. */
  take?(link: Link, raw: unknown): boolean;
  /** Before a link is open; what it returns is called after the last link of the key. */
  protect?(link: Link): Unsubscribe | undefined;
  /** The user has changed the control. */
  edit?(link: Link, event: Event): void;
  /** An event of a trigger. */
  click?(link: Link, event: Event): void;
  /** A form of this binding is submitted, with these of its controls. */
  submit?(batched: Link[], event: SubmitEvent, settings: Settings): void;
}
