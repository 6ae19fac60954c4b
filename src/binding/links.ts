import { onShow } from '../browser/page-life.js';
import { reportListenerError as report } from '../browser/report-error.js';
import type { Unsubscribe } from '../core/listeners.js';
import { type Field, isSame } from './controls.js';
import { isBatched } from './forms.js';
import type { BoundState, Extras, Link } from './state.js';

/** All links of one key. */
export interface Group {
  readonly refs: Set<WeakRef<Link>>;
  /** The value came from the controls and nobody has changed it: one more radio or option may still change it. */
  isSeeded: boolean;
  end: Unsubscribe;
  release?: Unsubscribe | undefined;
}

export interface Links {
  /** Controls of a link's kind that share its key, in the order of the document. */
  alive(key: string): Link[];
  /** Binds them: the state wins over the HTML, a missing key takes the element's value. */
  open(links: readonly Link[]): void;
  close(link: Link): void;
  /** Its options have changed. */
  refresh(link: Link): void;
  /** Takes what the user made of it. To be called inside a batch. */
  edit(link: Link, event: Event): void;
  /** The state's value. */
  present(link: Link): unknown;
  /** The control's value; `undefined` for an unfinished entry. */
  read(link: Link): unknown;
}

/** A link between an element and a key; it follows nothing yet. */
export function createLink(
  { field, control, key, settings, root }: Pick<Link, 'field' | 'control' | 'key' | 'settings' | 'root'>,
  { alive }: Links,
): Link {
  const peers = (): Field[] => {
    const fields = alive(key).flatMap((other) => (other.control === control ? other.field : []));
    return fields.length > 1 ? fields.sort((a, b) => (a.compareDocumentPosition(b) & 4 ? -1 : 1)) : fields;
  };
  const first = control.initial ? undefined : control.read?.(field, peers, undefined);
  const link = { field, control, key, settings, root, peers, first, isComposing: false, raw: undefined };
  return Object.assign(link, { ref: new WeakRef(link as unknown as Link) });
}

/** The links of one state, by key. Elements are held weakly: who drops an element without unbinding leaks nothing. */
export function createLinks(state: BoundState, extras: () => Extras): Links {
  const groups = new Map<string, Group>();
  let endShow: Unsubscribe | undefined;

  const remove = (key: string, ref: WeakRef<Link>): void => {
    const group = groups.get(key);
    if (!group?.refs.delete(ref) || group.refs.size > 0) return;
    groups.delete(key);
    group.end();
    group.release?.();
    if (groups.size > 0) return;
    endShow?.();
    endShow = undefined;
  };
  const alive = (key: string): Link[] => {
    const links: Link[] = [];
    for (const ref of groups.get(key)?.refs ?? []) {
      const link = ref.deref();
      if (link) links.push(link);
      else remove(key, ref);
    }
    return links;
  };

  const present = (link: Link): unknown => (state.has(link) ? state.get(link) : undefined);
  const read = (link: Link): unknown => link.control.read?.(link.field, link.peers, present(link));
  const show = (link: Link): void => {
    const { control, field } = link;
    const { format, shown } = extras();
    if (link.isComposing) return;
    try {
      let value = state.get(link);
      if (value === undefined && !state.has(link))
        value = control.initial ? control.initial(field, link.peers, value) : link.first;
      else if (format) value = format(link, value);
      control.write(field, value);
      shown?.(link);
    } catch (error) {
      report(error);
    }
  };
  const take = (link: Link, raw: unknown): boolean => {
    const { take } = extras();
    if (take) return take(link, raw);
    state.set(link, raw);
    return true;
  };
  const settle = (key: string, group: Group): boolean => {
    const links = alive(key);
    const link = links.find(({ control }) => control.read) ?? links[0];
    if (!link) return false;
    state.tidy?.(link);
    const isOpen = !state.has(link) || (group.isSeeded && (state.get(link) === null || link.peers().length > 1));
    const raw = isOpen ? read(link) : undefined;
    const isSeed = raw !== undefined && (isSame(raw, present(link)) || take(link, raw));
    links.forEach(show);
    return isSeed;
  };
  const settleAll = (keys: Iterable<string>): void => {
    const seeded: Group[] = [];
    state.batch(() => {
      for (const key of keys) {
        const group = groups.get(key);
        if (group && settle(key, group)) seeded.push(group);
      }
    });
    // only now: the batch told our own listeners
    for (const group of seeded) group.isSeeded = true;
  };
  const groupOf = (key: string): Group => {
    let group = groups.get(key);
    if (!group) {
      const made: Group = { refs: new Set(), isSeeded: false, end: () => {} };
      groups.set(key, (group = made));
      made.end = state.subscribe(key, () => {
        made.isSeeded = false;
        const links = alive(key);
        if (links[0]) state.tidy?.(links[0]);
        for (const link of links) show(link);
      });
    }
    return group;
  };

  return {
    alive,
    open(links) {
      if (links.length === 0) return;
      // form restoration writes into controls between load and pageshow, without an event (Chromium)
      endShow ??= onShow(() => {
        for (const key of groups.keys()) for (const link of alive(key)) if (!isBatched(link)) show(link);
      });
      for (const link of links) {
        const group = groupOf(link.key);
        group.refs.add(link.ref);
        group.release ??= extras().protect?.(link);
      }
      settleAll(new Set(links.map(({ key }) => key)));
    },
    close(link) {
      remove(link.key, link.ref);
    },
    refresh: ({ key }) => settleAll([key]),
    edit(link, event) {
      const { edit } = extras();
      if (edit) {
        edit(link, event);
        return;
      }
      const raw = read(link);
      if (raw !== undefined && !isSame(raw, present(link))) state.set(link, raw);
    },
    present,
    read,
  };
}
