/** Hands an error of somebody's callback to the page's error reporting, so that what is running goes on. */
export function reportListenerError(error: unknown): void {
  if (typeof globalThis.reportError === 'function') globalThis.reportError(error);
  else console.error(error);
}
