/**
 * Whether two argument lists are one call, decided by comparing them side by side, without any text: the oracle that
 * keys are tested against.
 */
export function sameArguments(a: readonly unknown[], b: readonly unknown[]): boolean {
  const trimmed = (args: readonly unknown[]) => {
    const list = [...args];
    while (list.length > 0 && list.at(-1) === undefined) list.pop();
    return list;
  };
  const [left, right] = [trimmed(a), trimmed(b)];
  return left.length === right.length && left.every((value, i) => same(value, right[i], []));
}

type Pair = readonly [object, object];

function same(a: unknown, b: unknown, path: readonly Pair[]): boolean {
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) return Object.is(a, b);
  for (let i = path.length - 1; i >= 0; i--) {
    const [left, right] = path[i]!;
    if (left === a || right === b) return left === a && right === b;
  }
  const kind = Object.prototype.toString.call(a);
  if (kind !== Object.prototype.toString.call(b)) return false;
  const inner = [...path, [a, b] as const];
  if (ArrayBuffer.isView(a) || a instanceof ArrayBuffer)
    return sameBytes(a as ArrayBufferView, b as ArrayBufferView, kind);
  if (a instanceof Date) return Object.is(a.getTime(), (b as Date).getTime());
  if (a instanceof RegExp) return a.source === (b as RegExp).source && a.flags === (b as RegExp).flags;
  if (a instanceof Error) return a.name === (b as Error).name && a.message === (b as Error).message;
  if (a instanceof URL || a instanceof URLSearchParams) return String(a) === String(b);
  if (a instanceof Number || a instanceof String || a instanceof Boolean || a instanceof BigInt)
    return Object.is(a.valueOf(), b.valueOf());
  if (a instanceof Map)
    return sameMembers(
      [...a],
      [...(b as Map<unknown, unknown>)],
      (x, y) => same(x[0], y[0], inner) && same(x[1], y[1], inner),
    );
  if (a instanceof Set) return sameMembers([...a], [...(b as Set<unknown>)], (x, y) => same(x, y, inner));
  if (Array.isArray(a)) {
    const other = b as unknown[];
    return (
      a.length === other.length &&
      Array.from(a.keys()).every((i) => i in a === i in other && same(a[i], other[i], inner))
    );
  }
  const [keys, otherKeys] = [Object.keys(a), Object.keys(b)];
  return (
    keys.length === otherKeys.length &&
    keys.every((key) => Object.hasOwn(b, key) && same((a as any)[key], (b as any)[key], inner))
  );
}

/** Every member of one has a partner of its own in the other. */
function sameMembers<T>(a: T[], b: T[], isSame: (a: T, b: T) => boolean): boolean {
  const left = [...b];
  return (
    a.length === b.length &&
    a.every((member) => {
      const at = left.findIndex((other) => isSame(member, other));
      if (at >= 0) left.splice(at, 1);
      return at >= 0;
    })
  );
}

function sameBytes(a: ArrayBufferView | ArrayBuffer, b: ArrayBufferView | ArrayBuffer, kind: string): boolean {
  const bytesOf = (value: ArrayBufferView | ArrayBuffer) =>
    value instanceof ArrayBuffer
      ? new Uint8Array(value)
      : new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (/Float(?:32|64)Array/.test(kind)) {
    const [x, y] = [Array.from(a as Float64Array), Array.from(b as Float64Array)];
    return x.length === y.length && x.every((number, i) => Object.is(number, y[i]));
  }
  const [x, y] = [bytesOf(a), bytesOf(b)];
  return x.length === y.length && x.every((byte, i) => byte === y[i]);
}
