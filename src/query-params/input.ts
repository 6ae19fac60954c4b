// What callers may give as keys, values and options, checked and made texts.
import type { HistoryMode } from '../browser/address.js';
import type { Texts } from '../core/codec.js';
import { keyText } from '../core/dict.js';
import { pairsOf } from '../core/pairs.js';
import { isDate, tagOf } from '../core/tag.js';
import { QueryParamValueError } from '../errors.js';

/** A lone surrogate cannot stand in a URL; older engines replace it where they make parameters of it. */
export const wellFormed = (text: string): string =>
  (text as { toWellFormed?(): string }).toWellFormed?.() ?? (new URLSearchParams({ text }).get('text') as string);

/** A key as text; what is no text becomes one, but for symbols. */
export function toKey(name: unknown): string {
  return wellFormed(keyText('queryParams', name));
}

/** The text of one value; none for `null` and `undefined`. */
function toText(call: string, key: string, value: unknown): string[] {
  if (typeof value === 'string') return [wellFormed(value)];
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return [`${value}`];
  if (value == null) return [];
  if (isDate(value)) return [value.toISOString()];
  const what = Array.isArray(value) ? 'nested list' : tagOf(value);
  throw new QueryParamValueError(call, key, `is of type ${what}: give a text, a flat list or a codec.`);
}

/**
 * The texts that stand for a value.
 *
 * @throws {@link QueryParamValueError} for what cannot stand in a URL
 */
export const toTexts = (call: string, key: string, input: unknown): Texts =>
  typeof input === 'object' && input && Symbol.iterator in input && tagOf(input) !== 'Map'
    ? [...(input as Iterable<unknown>)].flatMap((value) => toText(call, key, value))
    : toText(call, key, input);

/** Keys and values of the argument of `update` and its like; of a repeated key the last one, or all those that `getAll` gives. */
export function toPairs(call: string, input: unknown): Map<string, unknown> {
  const pairs = pairsOf(call, input);
  const { getAll, [Symbol.iterator]: iterator } = input as { getAll?: unknown; [Symbol.iterator]?: unknown };
  return new Map(
    pairs.map(([name, value]) => {
      const key = `${name as string}`;
      return [key, iterator && typeof getAll === 'function' ? getAll.call(input, key) : value];
    }),
  );
}

/** @throws TypeError for anything but the two modes */
export function toMode(call: string, mode: HistoryMode): HistoryMode {
  if (mode !== 'push' && mode !== 'replace') throw new TypeError(`${call}: history must be "replace" or "push".`);
  return mode;
}
