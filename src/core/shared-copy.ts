type Members = Record<string, unknown>;

/**
 * A copy of `live` in which every part that equals its part of `before` is the part of `shown` itself: views compare
 * identities, and only what changed is new.
 *
 * @param live - a tree, without cycles
 * @param before - what the tree was when `shown` was made
 * @param shown - the copy of that time; nothing in it is written
 * @param isSameLeaf - whether two objects that are neither plain objects, arrays, Maps, Sets nor instances with own fields are equal
 * @param copyLeaf - a copy of such an object
 */
export function shareUnchanged(
  live: unknown,
  before: unknown,
  shown: unknown,
  isSameLeaf: (a: object, b: object) => boolean,
  copyLeaf: (value: object) => unknown,
): unknown {
  const share = (now: unknown, then: unknown, old: unknown): unknown => {
    if (typeof now !== 'object' || now === null) return now;
    const prototype: object | null = Object.getPrototypeOf(now);
    const isAlike =
      typeof then === 'object' &&
      then !== null &&
      typeof old === 'object' &&
      old !== null &&
      Object.getPrototypeOf(then) === prototype;
    let isSame = isAlike;
    const part = (item: unknown, itemThen: unknown, itemOld: unknown): unknown => {
      const result = share(item, itemThen, itemOld);
      if (typeof result === 'object' && result !== null ? result !== itemOld : !Object.is(result, itemThen))
        isSame = false;
      return result;
    };
    if (Array.isArray(now)) {
      const [thenList, oldList] = (isAlike ? [then, old] : [[], []]) as [unknown[], unknown[]];
      const copy = now.map((item, i) => part(item, thenList[i], oldList[i]));
      return isSame && thenList.length === now.length ? old : copy;
    }
    if (now instanceof Map || now instanceof Set) {
      const isMap = now instanceof Map;
      const lists = (isAlike ? [[...(then as Set<unknown>)], [...(old as Set<unknown>)]] : [[], []]) as [
        unknown[],
        unknown[],
      ];
      const copy = [...(now as Set<unknown>)].map((item, i) => part(item, lists[0][i], lists[1][i]));
      if (isSame && lists[0].length === copy.length) return old;
      return isMap ? new Map(copy as [unknown, unknown][]) : new Set(copy);
    }
    const names = Object.keys(now);
    const isLeaf =
      ArrayBuffer.isView(now) || (names.length === 0 && prototype !== Object.prototype && prototype !== null);
    if (isLeaf || now instanceof Error) return isAlike && isSameLeaf(now, then as object) ? old : copyLeaf(now);
    const copy = Object.create(prototype) as Members;
    const [thenMembers, oldMembers] = (isAlike ? [then, old] : [{}, {}]) as [Members, Members];
    for (const name of names) {
      const value = part((now as Members)[name], thenMembers[name], oldMembers[name]);
      // defined, not assigned: an instance may have a setter of this name
      Object.defineProperty(copy, name, { value, writable: true, enumerable: true, configurable: true });
    }
    const thenNames = Object.keys(thenMembers);
    return isSame && thenNames.length === names.length && names.every((name, i) => name === thenNames[i]) ? old : copy;
  };
  return share(live, before, shown);
}
