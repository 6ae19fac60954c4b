// `copy: 'freeze'`: a value that nobody can change.
import { builtinClassOf, isErrorClass } from './builtin-class.js';
import type { Snapshot } from './snapshot.js';

/**
 * Freezes a snapshot's own copy deeply, to be served to everyone as it is.
 *
 * @returns false, with nothing frozen, if something in it stays changeable when frozen: a Map, Set, Date, buffer or URL
 */
export function freezeSnapshot({ data }: Snapshot): boolean {
  const found = new Set<object>();
  const queue: unknown[] = [data];
  while (queue.length > 0) {
    const value = queue.pop();
    if (typeof value !== 'object' || value === null || found.has(value)) continue;
    if (!isFreezable(value)) return false;
    found.add(value);
    for (const key of Object.getOwnPropertyNames(value)) queue.push((value as Record<string, unknown>)[key]);
  }
  for (const value of found) Object.freeze(value);
  return true;
}

function isFreezable(value: object): boolean {
  const name = builtinClassOf(Object.getPrototypeOf(value) as object);
  return (
    /^(?:|Object|Array|Number|String|Boolean|BigInt|Blob|File|CryptoKey|Temporal\..*)$/.test(name) || isErrorClass(name)
  );
}
