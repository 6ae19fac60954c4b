// A copy that keeps the parts of the last one which have not changed.
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** What an object is made of, in order; of plain objects and instances names and values in turn. None for a leaf. */
function partsOf(value: object): unknown[] {
  if (value instanceof Map) return [...value].flat();
  if (value instanceof Set || Array.isArray(value)) return [...value];
  return ArrayBuffer.isView(value) ? [] : Object.entries(value).flat();
}

/** The opposite: parts of the same number and order. */
function putParts(value: object, parts: unknown[]): void {
  if (value instanceof Map || value instanceof Set) value.clear();
  for (let i = 0; i < parts.length; i++)
    if (value instanceof Set) value.add(parts[i]);
    else if (Array.isArray(value)) value[i] = parts[i];
    else if (value instanceof Map) value.set(parts[i], parts[++i]);
    else (value as Record<string, unknown>)[parts[i] as string] = parts[++i];
}

/**
 * Puts the parts of `shown` into `now` where nothing has changed: views compare identities, and only what changed is new.
 *
 * @param now - a copy of the value as it is, a tree without cycles; parts of it are replaced
 * @param before - what it was when `shown` was made
 * @param shown - the copy of that time, or the value itself; nothing in it is written
 * @param isSameLeaf - whether two objects without parts, such as Dates, are equal
 * @returns `shown` itself if nothing has changed, otherwise `now`
 */
export function shareUnchanged(
  now: unknown,
  before: unknown,
  shown: unknown,
  isSameLeaf: (a: object, b: object) => boolean,
): unknown {
  if (!isObject(now) || !isObject(before) || !isObject(shown)) return now;
  if (Object.getPrototypeOf(now) !== Object.getPrototypeOf(before)) return now;
  const [parts, partsBefore, partsShown] = [partsOf(now), partsOf(before), partsOf(shown)];
  let isSame = parts.length === partsBefore.length && (parts.length > 0 || isSameLeaf(now, before));
  const shared = parts.map((part, i) => {
    const result = shareUnchanged(part, partsBefore[i], partsShown[i], isSameLeaf);
    if (!Object.is(result, isObject(result) ? partsShown[i] : partsBefore[i])) isSame = false;
    return result;
  });
  if (isSame) return shown;
  putParts(now, shared);
  return now;
}
