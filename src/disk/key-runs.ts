// Keys to delete, neighbours as one range.
import { resultOf } from '../browser/indexed-db.js';

/** Fewer keys are not worth a look at what lies between them. */
const fewest = 8;

/**
 * Keys to delete, neighbours as one range: a request that takes hundreds of rows costs little more than one that takes
 * a single row. What expires or is cleared together mostly lies together.
 *
 * @param all - all keys of the store from the first to the last of these, in order, if they are known
 */
export async function runsOf(
  store: IDBObjectStore,
  keys: readonly string[],
  all?: readonly unknown[],
): Promise<(string | IDBKeyRange)[]> {
  if (keys.length < fewest) return [...keys];
  const left = new Set([...keys].sort());
  const [first, last] = [[...left][0], [...left].at(-1)];
  const runs: (string | IDBKeyRange)[] = [];
  let run: string[] = [];
  const end = (): void => {
    if (run.length > 1) runs.push(IDBKeyRange.bound(run[0], run.at(-1)));
    else runs.push(...run);
    run = [];
  };
  for (const key of all ?? (await resultOf(store.getAllKeys(IDBKeyRange.bound(first, last), 2 * keys.length))))
    if (left.delete(key as string)) run.push(key as string);
    else end();
  end();
  // `left` has the keys behind the last one that was looked at
  return [...runs, ...left];
}
