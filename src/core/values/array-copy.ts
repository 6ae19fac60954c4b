/** Bytes of a buffer in a buffer of this realm. */
export function sliceBuffer(buffer: ArrayBuffer, from = 0, to: number = buffer.byteLength): ArrayBuffer {
  // `slice` makes one of the buffer's own realm
  if (Object.getPrototypeOf(buffer) === ArrayBuffer.prototype) return buffer.slice(from, to);
  return new Uint8Array(buffer, from, to - from).slice().buffer;
}

/** The array without its other properties; holes stay. */
export function sliceArray<T>(source: readonly T[]): T[] {
  const indices = sparseIndices(source);
  if (!indices) return Array.prototype.slice.call(source) as T[];
  const result: T[] = [];
  result.length = source.length;
  for (const i of indices) result[i] = source[i]!;
  return result;
}

/** Of a long array with few members, which would take for ever index by index; `undefined` for others. */
export function sparseIndices(source: readonly unknown[]): number[] | undefined {
  const { length } = source;
  if (length < 1e6) return undefined;
  let found = 0;
  for (let i = 0; i < 64; i++) if (Math.floor((length / 64) * i) in source) found++;
  if (found >= 8) return undefined;
  return Object.keys(source)
    .map(Number)
    .filter((i) => i < length);
}

/** Visits the members that are no primitives. */
export function eachObject(array: readonly unknown[], visit: (member: object, i: number) => void): void {
  const sparse = sparseIndices(array);
  const count = sparse ? sparse.length : array.length;
  for (let at = 0; at < count; at++) {
    const i = sparse ? sparse[at]! : at;
    const member = array[i];
    if (typeof member === 'object' && member !== null) visit(member, i);
  }
}
