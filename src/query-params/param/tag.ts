/** `Date`, `Map` and the like, also of another realm, such as a frame's. */
export const tagOf = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1);

/** A valid one. */
export const isDate = (value: unknown): value is Date => tagOf(value) === 'Date' && !Number.isNaN(+(value as Date));
