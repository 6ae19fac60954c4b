// Whether a parameter came back from its own text.
const isObject = (value: unknown): value is Record<string, unknown> & Iterable<unknown> =>
  typeof value === 'object' && value !== null;

/** Object, also of another realm, or without a prototype. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Whether a value that was read back is the one that was written, all through: of the same classes, with the same members. */
export function isSameValue(back: unknown, value: unknown): boolean {
  try {
    return isSame(back, value);
  } catch {
    // nested too deeply to be compared
    return false;
  }
}

function isSame(back: unknown, value: unknown): boolean {
  if (back === value) return true;
  if (!isObject(back) || !isObject(value)) return false;
  const keys = Object.keys(value);
  if (keys.length !== Object.keys(back).length || !keys.every((key) => key in back && isSame(back[key], value[key])))
    return false;
  if (Array.isArray(value) || Array.isArray(back))
    return Array.isArray(value) && Array.isArray(back) && value.length === back.length;
  if (isPlain(value)) return isPlain(back);
  if (Object.getPrototypeOf(value) !== Object.getPrototypeOf(back)) return false;
  // what is inside of a Map shows when it is iterated, that of a Date in its JSON
  return Symbol.iterator in value ? isSame([...back], [...value]) : JSON.stringify(back) === JSON.stringify(value);
}
