// What a form says of its controls: whether they are written when it is sent.
import type { Link } from './links.js';
import { formOf, memberOf } from './targets.js';

const attribute = (form: HTMLFormElement, name: string): string | null =>
  memberOf(form, 'getAttribute').call(form, name);

/** Whether what the user does here waits for `submit`. */
export function isBatched(link: Link): boolean {
  const form = formOf(link.field);
  return !!form && (link.settings.batch ?? attribute(form, 'data-batch') !== null);
}

/** The page handles the form itself: no address, no dialog to close. */
export function staysHere(form: HTMLFormElement, submitter: HTMLElement | null): boolean {
  const method = submitter?.getAttribute('formmethod') ?? attribute(form, 'method') ?? '';
  return (
    attribute(form, 'action') === null && !submitter?.hasAttribute('formaction') && method.toLowerCase() !== 'dialog'
  );
}
