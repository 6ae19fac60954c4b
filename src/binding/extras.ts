import { reportListenerError as report } from '../browser/report-error.js';
import type { Change } from '../core/batch.js';
import { afterEvent, call } from './callback.js';
import { isSame, isSecret } from './controls.js';
import { isBatched } from './forms.js';
import type { Links } from './links.js';
import { file, specialKinds } from './special-controls.js';
import type { BoundState, Extras, Link, Settings } from './state.js';

export function createExtras(state: BoundState, links: Links): Extras {
  // two bindings of one element hear the same event: the second finds the change made and still has its callback
  let lastEvent: WeakRef<Event> | undefined;
  const edits = new Map<string, { change: Change; told: Set<Settings> }>();

  const take = (link: Link, raw: unknown): boolean => {
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
  /** Takes what the user made of it, or `value`, and tells its `onChange`. */
  const edit = (link: Link, event: Event, value?: unknown): Change | undefined => {
    const { key, settings } = link;
    if (lastEvent?.deref() !== event) {
      lastEvent = new WeakRef(event);
      edits.clear();
    }
    let entry = edits.get(key);
    if (!entry) {
      const previous = links.present(link);
      const raw = value ?? links.read(link);
      if (raw === undefined || isSame(raw, settings.parse && value === undefined ? link.raw : previous))
        return undefined;
      // its type may have become "password" since it was bound
      if (link.field.type === 'password') state.keepInMemory?.(key);
      if (!take(link, raw)) return undefined;
      edits.set(key, (entry = { change: { key, value: state.get(link), previous }, told: new Set() }));
    }
    const { change, told } = entry;
    if (told.has(settings)) return undefined;
    told.add(settings);
    call(settings.onChange, change.value, change.previous, event, ...settings.args);
    return change;
  };
  const release = (event: Event, link: Link): void =>
    afterEvent(event, () => state.has(link) && state.set(link, false));

  return {
    kinds: specialKinds,
    take,
    format: ({ field, settings }, value) => (settings.format ? settings.format(value, field) : value),
    shown(link) {
      if (link.settings.parse) link.raw = links.read(link);
    },
    protect({ control, field, key, settings }) {
      const isFile = control === file;
      if (!control.isTrigger && !isFile && settings.persist !== false && !isSecret(field)) return undefined;
      state.keepInMemory?.(key);
      const allowed = isFile ? null : false;
      return control.isTrigger || isFile ? state.reserve?.(key, (value) => value === allowed) : undefined;
    },
    edit,
    click(link, event) {
      // a batched form's button counts when the form is submitted
      if (event.type !== 'click' || (isBatched(link) && /submit|image/.test(link.field.type))) return;
      if (state.batch(() => edit(link, event, true))) release(event, link);
    },
    submit(batched, event, settings) {
      const submitter = batched.find(({ field, control }) => field === event.submitter && control.isTrigger);
      const changes = batched.flatMap((link) => edit(link, event, link === submitter || undefined) ?? []);
      call(settings.onSubmit, changes, event, ...settings.args);
      if (submitter) release(event, submitter);
    },
  };
}
