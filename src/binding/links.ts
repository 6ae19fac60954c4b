import { onShow } from '../browser/page-life.js';
import { reportListenerError as report } from '../browser/report-error.js';
import type { Change } from '../core/batch.js';
import type { Unsubscribe } from '../core/listeners.js';
import { call } from './callback.js';
import { type Field, isFile, isSame, isSecret, isTrigger } from './controls.js';
import { isBatched } from './forms.js';
import type { BoundState, Link, Settings } from './state.js';

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
  /** Takes what the user made of it, or `value`, and tells its `onChange`. To be called inside a batch. */
  edit(link: Link, event: Event, value?: unknown): Change | undefined;
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
export function createLinks(state: BoundState): Links {
  const groups = new Map<string, Group>();
  // two bindings of one element hear the same event: the second finds the change made and still has its callback
  let lastEvent: WeakRef<Event> | undefined;
  const edits = new Map<string, { change: Change; told: Set<Settings> }>();
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
    const { control, field, settings } = link;
    if (link.isComposing) return;
    try {
      let value = state.get(link);
      if (value === undefined && !state.has(link))
        value = control.initial ? control.initial(field, link.peers, value) : link.first;
      else if (settings.format) value = settings.format(value, field);
      control.write(field, value);
      if (settings.parse) link.raw = read(link);
    } catch (error) {
      report(error);
    }
  };
  const setParsed = (link: Link, raw: unknown): boolean => {
    const { parse } = link.settings;
    let value = raw;
    if (parse) {
      link.raw = raw;
      try {
        value = parse(raw, link.field);
      } catch (error) {
        report(error);
        return false;
      }
    }
    state.set(link, value);
    return true;
  };
  const settle = (key: string, group: Group): boolean => {
    const links = alive(key);
    const link = links.find(({ control }) => control.read) ?? links[0];
    if (!link) return false;
    state.tidy?.(link);
    const isOpen = !state.has(link) || (group.isSeeded && (state.get(link) === null || link.peers().length > 1));
    const raw = isOpen ? read(link) : undefined;
    const isSeed = raw !== undefined && (isSame(raw, present(link)) || setParsed(link, raw));
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
  const protect = ({ control, field, key, settings }: Link, group: Group): void => {
    if (isTrigger(control) || isFile(control)) {
      const allowed = isFile(control) ? null : false;
      group.release ??= state.reserve?.(key, (value) => value === allowed);
    } else if (settings.persist !== false && !isSecret(field)) return;
    state.keepInMemory?.(key);
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
        protect(link, group);
      }
      settleAll(new Set(links.map(({ key }) => key)));
    },
    close(link) {
      remove(link.key, link.ref);
    },
    refresh: ({ key }) => settleAll([key]),
    edit(link, event, value) {
      const { key, settings } = link;
      if (lastEvent?.deref() !== event) {
        lastEvent = new WeakRef(event);
        edits.clear();
      }
      let entry = edits.get(key);
      if (!entry) {
        const previous = present(link);
        const raw = value ?? read(link);
        if (raw === undefined || isSame(raw, settings.parse && value === undefined ? link.raw : previous))
          return undefined;
        // its type may have become "password" since it was bound
        if (link.field.type === 'password') state.keepInMemory?.(key);
        if (!setParsed(link, raw)) return undefined;
        edits.set(key, (entry = { change: { key, value: state.get(link), previous }, told: new Set() }));
      }
      const { change, told } = entry;
      if (told.has(settings)) return undefined;
      told.add(settings);
      call(settings.onChange, change.value, change.previous, event, ...settings.args);
      return change;
    },
  };
}
