import type { Change } from '../core/batch.js';
import { call } from './callback.js';
import { isTrigger } from './controls.js';
import type { Links } from './links.js';
import type { BoundState, Link } from './state.js';

export const formOf = (field: Element): HTMLFormElement | null =>
  (field as HTMLInputElement).form ?? field.closest('form');

/** Whether what the user does here waits for `submit`. */
export function isBatched({ field, settings }: Link): boolean {
  const form = formOf(field);
  return !!form && (settings.batch ?? form.hasAttribute('data-batch'));
}

/** The page handles the form itself: no address, no dialog to close. */
function staysHere(form: HTMLFormElement, submitter: HTMLElement | null): boolean {
  const method = submitter?.getAttribute('formmethod') ?? form.getAttribute('method') ?? '';
  return !form.hasAttribute('action') && !submitter?.hasAttribute('formaction') && method.toLowerCase() !== 'dialog';
}

/**
 * Takes what stands in the batched controls of a form.
 *
 * @returns the submitter's link, whose trigger is `true` now
 */
export function submit(state: BoundState, links: Links, members: Link[], event: SubmitEvent): Link | undefined {
  const batched = members.filter(isBatched);
  if (!batched[0]) return undefined;
  const { settings } = batched[0];
  if (staysHere(event.target as HTMLFormElement, event.submitter)) event.preventDefault();
  const submitter = batched.find(({ field, control }) => field === event.submitter && isTrigger(control));
  state.batch(() => {
    const changes: Change[] = [];
    for (const link of batched) {
      const change = links.edit(link, event, link === submitter || undefined);
      if (change) changes.push(change);
    }
    call(settings.onSubmit, changes, event, ...settings.args);
  });
  return submitter;
}
