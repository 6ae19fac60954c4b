// A link is one control and the key that it follows. Here all links of one state are shown, read and ended.
import { onShow } from '../browser/page-life.js';
import { reportListenerError as report } from '../browser/report-error.js';
import type { Change } from '../core/batch.js';
import type { Unsubscribe } from '../core/listeners.js';
import type { BindOptions } from './bind.js';
import { call } from './callback.js';
import { type Control, checkbox, choiceOf, type Field, inOrder, isList, isSame } from './controls.js';
import { isBatched } from './forms.js';

/** Options with what is always there. */
export interface Settings extends BindOptions {
  attribute: string;
  args: readonly unknown[];
}

/** One element and the key it follows. Everything else holds it weakly; its element keeps it. */
export interface Link {
  readonly field: Field;
  readonly control: Control;
  readonly key: string;
  readonly settings: Settings;
  /** The container or form it was found in; none when the element was named itself. */
  readonly root: Node | undefined;
  /** What it showed when it was bound, where HTML has no other default. */
  first: unknown;
  readonly ref: WeakRef<Link>;
  isComposing: boolean;
  /** The user has changed it, and that waits for a commit or a submit. */
  isDirty: boolean;
  /** What it looked like when it was last shown or read: what differs is an edit. */
  seen: unknown;
  /** What `parse`, or a codec, made of an unfinished edit: the field is not rewritten for it. */
  own: { value: unknown } | undefined;
}

/** The value of a key as the controls of a link's kind see it, now. */
export interface View {
  readonly has: boolean;
  readonly value: unknown;
  /** Of a missing key; `undefined`: what the HTML says. */
  readonly default?: unknown;
  /** @returns for a parameter, whether it was written */
  set(value: unknown): unknown;
  /** Whether it can be shown. */
  reads?(): boolean;
}

/** The side of the state: session state, or the query string. */
export interface Side {
  readonly owner: string;
  /** Default of the option `attribute`. */
  readonly attribute: string;
  view(link: Link, peers: () => Field[]): View;
  subscribe(key: string, listener: () => void): Unsubscribe;
  batch<R>(fn: () => R): R;
  /** Whether a missing key takes what the control shows; otherwise only what differs from its HTML. */
  readonly takesDefaults: boolean;
  /** Why this element cannot be bound, the end of a sentence. */
  refuses?(field: Field, control: Control, key: string): string | undefined;
  /** No control can show what the page has just written. */
  refuse?(key: string): void;
  /** Before a link is shown; what it returns is called after the last link of the key. */
  protect?(link: Link): Unsubscribe | undefined;
  /** The user ended the binding. */
  left?(link: Link): void;
}

/** All links of one key. */
interface Group {
  readonly refs: Set<WeakRef<Link>>;
  /** The value came from the controls and nobody has changed it: one more radio or option may still change it. */
  isSeeded: boolean;
  end: Unsubscribe;
  release?: Unsubscribe | undefined;
}

/** One look at a key and its controls. */
interface Look {
  readonly links: Link[];
  /** Whose kind decides. */
  readonly link: Link;
  /** As one link sees it. */
  view(link: Link): View;
  peers(control: Control): () => Field[];
  /** What its HTML says. */
  initial(link: Link): unknown;
  /** Whether a text is one of the value's. */
  choice(value: unknown): (text: string) => boolean;
}

export const lookOf = ({ control, field }: Link): unknown =>
  control.look ? control.look(field) : control.read?.(field, () => [field], undefined);

/** Those that the user changes together with it. */
const peersOf = (link: Link, { links }: Look): Link[] =>
  link.control.look ? links.filter(({ control }) => control === link.control) : [link];

const valueOf = (link: Link, look: Look, view: View): unknown =>
  view.has ? view.value : (view.default ?? look.initial(link));

/** The links of one state, by key. Elements are held weakly: who drops an element without unbinding leaks nothing. */
export class Links {
  readonly #groups = new Map<string, Group>();
  #endShow: Unsubscribe | undefined;
  // two bindings of one element hear the same event: the second finds the change made and still has its callback
  #lastEvent: WeakRef<Event> | undefined;
  readonly #edits = new Map<string, { change: Change; told: Set<Settings> }>();

  constructor(readonly side: Side) {}

  /** Binds them: the state wins over the HTML, a missing key takes the element's value. */
  open(links: readonly Link[]): void {
    if (links.length === 0) return;
    // form restoration writes into controls between load and pageshow, without an event (Chromium)
    this.#endShow ??= onShow(() => this.#restore());
    for (const link of links) {
      const group = this.#groupOf(link.key);
      group.refs.add(link.ref);
      this.protect(link);
    }
    const keys = new Set(links.map(({ key }) => key));
    this.settle(keys);
    // the parser may have stopped in the middle of a text, or among options
    if (document.readyState === 'loading')
      document.addEventListener('DOMContentLoaded', () => this.settle(keys), { once: true });
  }

  /** A link may have become one of a secret. */
  protect(link: Link): void {
    const group = this.#groupOf(link.key);
    group.release ??= this.side.protect?.(link);
  }

  close({ key, ref }: Link): void {
    const group = this.#groups.get(key);
    if (!group?.refs.delete(ref) || group.refs.size > 0) return;
    this.#groups.delete(key);
    group.end();
    group.release?.();
    if (this.#groups.size > 0) return;
    this.#endShow?.();
    this.#endShow = undefined;
  }

  /** There are other controls, or options, than before. */
  settle(keys: Iterable<string>): void {
    const seeded: Group[] = [];
    this.side.batch(() => {
      for (const key of keys) {
        const group = this.#groups.get(key);
        if (!group) continue;
        try {
          if (this.#seed(key, group)) seeded.push(group);
        } catch (error) {
          report(error);
        }
        call(() => void this.#showAll(key, ({ isDirty }) => !isDirty));
      }
    });
    // only now: the batch told our own listeners
    for (const group of seeded) group.isSeeded = true;
  }

  /** Gives a key that is there another value. */
  set(link: Link, value: unknown): void {
    const view = this.#look(link.key)?.view(link);
    if (view?.has) view.set(value);
  }

  /** The user has finished an edit: what `parse` made of it is shown. */
  finish(link: Link): void {
    link.own = undefined;
    this.show(link);
  }

  /** Shows what the state holds. */
  show(link: Link): void {
    const look = this.#look(link.key);
    if (look) this.#show(link, look);
  }

  /**
   * Takes what the user made of a control, or `value`, and tells its `onChange`. To be called inside a batch.
   *
   * @returns what changed
   */
  edit(link: Link, event: Event, value?: unknown): Change | undefined {
    const { key, settings } = link;
    if (this.#lastEvent?.deref() !== event) {
      this.#lastEvent = new WeakRef(event);
      this.#edits.clear();
    }
    let entry = this.#edits.get(key);
    if (!entry) {
      const change = this.#take(link, value, event.type === 'input');
      if (!change) return undefined;
      this.#edits.set(key, (entry = { change, told: new Set() }));
    }
    const { change, told } = entry;
    if (told.has(settings)) return undefined;
    told.add(settings);
    call(settings.onChange, change.value, change.previous, event, ...settings.args);
    return change;
  }

  #take(link: Link, given: unknown, isUnfinished: boolean): Change | undefined {
    const { key, field, control, settings } = link;
    link.isDirty = false;
    const look = this.#look(key);
    if (!look) return undefined;
    const view = look.view(link);
    const raw = given ?? control.read?.(field, look.peers(control), view.value);
    // a listener of the page may have changed another box of the list
    const seen = peersOf(link, look).map((one) => [one, lookOf(one)] as const);
    if (raw === undefined || (given === undefined && seen.every(([one, now]) => isSame(now, one.seen))))
      return undefined;
    for (const [one, now] of seen) one.seen = now;
    const previous = view.has ? view.value : view.default;
    const value = settings.parse ? settings.parse(raw, field) : raw;
    if (view.has && isSame(value, previous)) return undefined;
    // its type may have become "password" a moment ago
    if (field.type === 'password') this.protect(link);
    if (settings.parse || settings.format) link.own = { value };
    // a codec may make another value of it, such as a trimmed text, or none of an emptied control
    if (view.set(value) && settings.codec && isUnfinished)
      link.own = { value: valueOf(link, look, this.side.view(link, look.peers(control))) };
    return { key, value, previous };
  }

  /** Without a parameter a control keeps what the browser restored, which is written; a state wins. */
  #restore(): void {
    for (const key of this.#groups.keys()) {
      if (this.side.takesDefaults) this.#showAll(key, (link) => !isBatched(link));
      else if (!this.#alive(key).some(isBatched)) this.settle([key]);
    }
  }

  #groupOf(key: string): Group {
    let group = this.#groups.get(key);
    if (!group) {
      const made: Group = { refs: new Set(), isSeeded: false, end: () => {} };
      this.#groups.set(key, (group = made));
      made.end = this.side.subscribe(key, () => {
        made.isSeeded = false;
        const look = this.#showAll(key, (link) => {
          link.isDirty = false;
          return true;
        });
        const readers = look?.links.filter(({ control }) => control.read);
        if (readers?.length && !readers.some((link) => look?.view(link).reads?.() ?? true)) this.side.refuse?.(key);
      });
    }
    return group;
  }

  #showAll(key: string, isShown: (link: Link) => boolean): Look | undefined {
    const look = this.#look(key);
    for (const link of look?.links ?? []) if (isShown(link)) this.#show(link, look as Look);
    return look;
  }

  #alive(key: string): Link[] {
    const links: Link[] = [];
    for (const ref of this.#groups.get(key)?.refs ?? []) {
      const link = ref.deref();
      if (link) links.push(link);
      else this.close({ key, ref } as Link);
    }
    return links;
  }

  #look(key: string): Look | undefined {
    const links = this.#alive(key);
    const link = links.find(({ control }) => control.read) ?? links[0];
    if (!link) return undefined;
    const known = new Map<Control, Field[]>();
    const peers = (control: Control) => (): Field[] => {
      let fields = known.get(control);
      if (!fields) {
        fields = links.filter((other) => other.control === control).map(({ field }) => field);
        known.set(control, (fields = control === checkbox ? inOrder(fields) : fields));
      }
      return fields;
    };
    const views = new Map<unknown, View>();
    const initials = new Map<Control, unknown>();
    let last: { value: unknown; choice: (text: string) => boolean } | undefined;
    return {
      links,
      link,
      peers,
      view: (of) => {
        const { control } = of;
        // radios and checkboxes see it together
        const sight = control.look ? control : of;
        let view = views.get(sight);
        if (!view) views.set(sight, (view = this.side.view(of, peers(control))));
        return view;
      },
      initial({ control, field, first }) {
        if (initials.has(control)) return initials.get(control);
        const initial = control.initial ? control.initial(field, peers(control), undefined) : first;
        // of radios and of checkboxes that make a list it is the same for all
        if (control.look && typeof initial !== 'boolean') initials.set(control, initial);
        return initial;
      },
      choice(value) {
        // the same for all but where they have a format
        if (!last || last.value !== value) last = { value, choice: choiceOf(value) };
        return last.choice;
      },
    };
  }

  /** @returns whether the value comes from the controls */
  #seed(key: string, group: Group): boolean {
    const look = this.#look(key);
    if (!look?.link.control.read) return false;
    const { link } = look;
    const view = look.view(link);
    const { control, field, settings } = link;
    const fields = look.peers(control);
    const { takesDefaults } = this.side;
    // its text or options may not have been there when it was bound
    const isGrowing = field.localName !== 'input' && document.readyState !== 'complete';
    const mayTake =
      takesDefaults &&
      ((group.isSeeded && !link.isDirty && (isGrowing || view.value === null || fields().length > 1)) ||
        // one checkbox has become two: true means those that are ticked
        (control === checkbox && typeof view.value === 'boolean' && isList(fields(), undefined)));
    if (view.has && !mayTake) return false;
    const raw = control.read?.(field, fields, view.value);
    if (isGrowing && !control.initial && !link.isDirty) link.first = raw;
    if (raw === undefined || (!takesDefaults && isSame(raw, look.initial(link)))) return false;
    // an edit may wait for its commit; and what is shown from another path, unchanged since, is not of this one
    if (!takesDefaults && peersOf(link, look).every((one) => one.isDirty || isSame(lookOf(one), one.seen)))
      return false;
    if (!view.has || !isSame(raw, view.value)) view.set(settings.parse ? settings.parse(raw, field) : raw);
    return true;
  }

  #show(link: Link, look: Look): void {
    const { control, field, settings } = link;
    if (isComposing(link)) return;
    try {
      const view = look.view(link);
      let value = valueOf(link, look, view);
      if (link.own && isSame(link.own.value, value)) return;
      if (view.has && settings.format) value = settings.format(value, field);
      link.own = undefined;
      control.write(field, value, look.choice(value));
      link.seen = lookOf(link);
    } catch (error) {
      report(error);
    }
  }
}

/** It ends with its events, and when the control is disabled or leaves. */
export function isComposing(link: Link): boolean {
  const { field } = link;
  if (link.isComposing && (!field.isConnected || field.matches(':disabled'))) link.isComposing = false;
  return link.isComposing;
}
