import { afterEvent } from './callback.js';
import { isTrigger } from './controls.js';
import { formOf, isBatched, submit } from './forms.js';
import type { Links } from './links.js';
import type { BoundState, Link, Settings } from './state.js';

/** What one binding does on the events of its controls and forms. */
export interface Handlers {
  take(event: Event): void;
  takeForm(event: Event): void;
}

/** @param own - the links of this binding that are alive */
export function createHandlers(
  state: BoundState,
  links: Links,
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
  const release = (event: Event, link: Link | undefined): void => {
    if (link) afterEvent(event, () => state.has(link) && state.set(link, false));
  };
  const takeForm = (event: Event): void => {
    // of two roots, one may stand in the other
    if (heard.has(event)) return;
    heard.add(event);
    const members = (): Link[] => own().filter(({ field }) => formOf(field) === event.target);
    if (event.type === 'submit') release(event, submit(state, links, members(), event as SubmitEvent));
    // the controls are put back after the event
    else
      setTimeout(() =>
        state.batch(() => {
          for (const link of members()) if (!isBatched(link)) links.edit(link, event);
        }),
      );
  };
  const take = (event: Event): void => {
    const { type } = event;
    const link = linkOf(event.target);
    if (!link?.control.read || link.field.matches(':disabled')) return;
    const isClick = type === 'click';
    if (isTrigger(link.control)) {
      // a batched form's button counts when the form is submitted
      if (!isClick || (isBatched(link) && /submit|image/.test(link.field.type))) return;
      if (state.batch(() => links.edit(link, event, true))) release(event, link);
    } else if (!isClick) {
      link.isComposing = type === 'compositionstart' || (link.isComposing && type !== 'compositionend');
      const on = link.field.getAttribute('data-on') ?? settings.on;
      if (link.isComposing || (on === 'change' && type !== on) || isBatched(link)) return;
      state.batch(() => links.edit(link, event));
    }
  };
  return { take, takeForm };
}
