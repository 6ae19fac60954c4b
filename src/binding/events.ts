import { formOf, isBatched, staysHere } from './forms.js';
import type { Links } from './links.js';
import type { BoundState, Extras, Link, Settings } from './state.js';

/** What one binding does on the events of its controls and forms. */
export interface Handlers {
  take(event: Event): void;
  takeForm(event: Event): void;
}

/** @param own - the links of this binding that are alive */
export function createHandlers(
  state: BoundState,
  links: Links,
  extras: Extras,
  settings: Settings,
  bound: WeakMap<Element, Link>,
  own: () => Link[],
): Handlers {
  const heard = new WeakSet<Event>();
  const linkOf = (node: EventTarget | null): Link | undefined => {
    let link: Link | undefined;
    // a click on a button's icon, or an edit inside a custom element
    for (let field = node as Element | null; field && !(link = bound.get(field)); field = field.parentElement);
    return link;
  };
  const editAll = (some: Link[], event: Event): void => {
    for (const link of some) links.edit(link, event);
  };
  const takeForm = (event: Event): void => {
    // of two roots, one may stand in the other
    if (heard.has(event)) return;
    heard.add(event);
    const form = event.target as HTMLFormElement;
    const members = (isWaiting: boolean): Link[] =>
      own().filter((link) => formOf(link.field) === form && isBatched(link) === isWaiting);
    if (event.type === 'submit') {
      const batched = members(true);
      if (batched.length === 0) return;
      if (staysHere(form, (event as SubmitEvent).submitter)) event.preventDefault();
      // what is disabled is not sent by a form either
      const enabled = batched.filter(({ field }) => !field.matches(':disabled'));
      state.batch(() => (extras.submit ?? editAll)(enabled, event as SubmitEvent, settings));
    }
    // the controls are put back after the event
    else setTimeout(() => state.batch(() => editAll(members(false), event)));
  };
  const take = (event: Event): void => {
    const { type } = event;
    const link = linkOf(event.target);
    if (!link?.control.read || link.field.matches(':disabled')) return;
    if (link.control.isTrigger) extras.click?.(link, event);
    else if (type !== 'click') {
      link.isComposing = type === 'compositionstart' || (link.isComposing && type !== 'compositionend');
      const on = link.field.getAttribute('data-on') ?? settings.on;
      if (link.isComposing || (on === 'change' && type !== on) || isBatched(link)) return;
      state.batch(() => links.edit(link, event));
    }
  };
  return { take, takeForm };
}
