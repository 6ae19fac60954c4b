/**
 * Whether this is a promise: of this realm or another one, native, of zone.js or of a polyfill. Not any thenable, since
 * a resource may be one.
 */
export const isPromise = (value: unknown): value is Promise<unknown> =>
  isThenable(value) && (Object.prototype.toString.call(value) === '[object Promise]' || value instanceof Promise);

/** Whether `await` would wait for it: for answers, which are never thenables themselves. */
export const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
