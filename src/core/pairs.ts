/**
 * The pairs of `update` and its like: of an object its own, otherwise what the iterable gives.
 *
 * @throws TypeError for anything else
 */
export function pairsOf(call: string, input: unknown): [unknown, unknown][] {
  const check = (isRight: boolean): void => {
    if (!isRight) throw new TypeError(`${call} takes an object or pairs of key and value.`);
  };
  check(typeof input === 'object' && input !== null);
  const { [Symbol.iterator]: iterator } = input as { [Symbol.iterator]?: unknown };
  const pairs = iterator ? [...(input as Iterable<unknown>)] : Object.entries(input as object);
  for (const pair of pairs) check(Array.isArray(pair) && pair.length === 2);
  return pairs as [unknown, unknown][];
}
