/**
 * Whether an engine had no memory for a copy. Chromium throws `RangeError: Array buffer allocation failed`, and a
 * DataCloneError from `structuredClone`; WebKit `RangeError: Out of memory`; Firefox the bare text `out of memory`.
 */
export function isOutOfMemory(error: unknown): boolean {
  const text = error instanceof Error ? error.message : error;
  return typeof text === 'string' && /out of memory|allocation failed/i.test(text);
}
