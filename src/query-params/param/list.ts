// param.list.
import type { Codec } from '../../core/codec.js';
import { isThenable } from '../../core/promises.js';
import { createCodec, formatNull, type ParamCodec, refuse } from './codec.js';

/** Lists that stand in one text. */
export interface OneText {
  readonly separator: string;
  split(text: string): string[];
  join(items: string[]): string;
}

const isEmpty = (text: string): boolean => text === '';

/** A repeated key, or one text. */
export function listParam<T>(item: Codec<T>, oneText?: OneText): ParamCodec<T[]> {
  const parseItem = (text: string): T[] => {
    try {
      const value = item.parse([text]);
      return value === undefined ? [] : [value];
    } catch {
      // an item that its codec chokes on is skipped like any other that says nothing
      return [];
    }
  };
  const parse = (texts: string[]): T[] | undefined => {
    if (texts.length === 0) return undefined;
    const all = oneText?.split(texts.at(-1) as string) ?? texts;
    // one more than there are items, so that [] and [''] can be told apart
    const items = (all.every(isEmpty) ? all.slice(1) : all).flatMap(parseItem);
    // whoever reads a parameter refuses a promise, not a list of them
    return (items.find(isThenable) as T[] | undefined) ?? items;
  };
  return createCodec<T[]>(
    parse,
    (values) => {
      const items = (Array.isArray(values) ? (values as T[]) : refuse())
        // as in lists of plain values
        .map((value) => (value == null ? formatNull(item as Codec<unknown>) : item.format(value)))
        .filter((texts) => texts !== undefined);
      const texts = items.flat();
      const all = texts.every(isEmpty) ? ['', ...texts] : texts;
      const written = oneText ? [oneText.join(all)] : all;
      const back = parse(written);
      return isThenable(back) || back?.length === items.length ? written : refuse();
    },
    { item: item as Codec<unknown>, separator: oneText?.separator },
  );
}
