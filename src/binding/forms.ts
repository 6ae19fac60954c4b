import type { Link } from './state.js';

/** `closest` only for what has no form of its own: it takes longer than the rest of a keystroke. */
export const formOf = (field: Element): HTMLFormElement | null => {
  const { form } = field as HTMLInputElement;
  return form === undefined ? field.closest('form') : form;
};

/** Whether what the user does here waits for `submit`. */
export function isBatched({ field, settings }: Link): boolean {
  const form = formOf(field);
  return !!form && (settings.batch ?? form.hasAttribute('data-batch'));
}

/** The page handles the form itself: no address, no dialog to close. */
export function staysHere(form: HTMLFormElement, submitter: HTMLElement | null): boolean {
  const method = submitter?.getAttribute('formmethod') ?? form.getAttribute('method') ?? '';
  return !form.hasAttribute('action') && !submitter?.hasAttribute('formaction') && method.toLowerCase() !== 'dialog';
}
