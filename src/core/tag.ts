/**
 * What an object says of itself: `Date`, `Map`, `Temporal.PlainDate`, also of another realm, such as a frame's; a subclass
 * like its base. `instanceof` knows this realm only.
 */
export const tagOf = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1);

/** A valid one. */
export const isDate = (value: unknown): value is Date => tagOf(value) === 'Date' && !Number.isNaN(+(value as Date));
