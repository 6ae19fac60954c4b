// Warnings of the old names.
import { reportListenerError } from '../browser/report-error.js';
import { createWarner, type Warner } from '../core/warning.js';
import { shared } from '../registry.js';

/** Warnings of the old names: to the console, once per code and name. */
export const legacyWarner = (): Warner =>
  shared<Warner>('legacyWarner', () => createWarner(undefined, reportListenerError));

/** Tells once that an old name is in use. */
export function warnDeprecated(old: string, replacement: string): void {
  legacyWarner().warn({
    code: 'deprecated',
    key: old,
    message: `${old} is deprecated: use ${replacement}.`,
  });
}
