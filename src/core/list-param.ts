import { type Codec, createCodec, type ParamCodec } from './codec.js';

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
  return createCodec<T[]>(
    (texts) => {
      if (texts.length === 0) return undefined;
      const all = oneText?.split(texts.at(-1) as string) ?? texts;
      // one more than there are items, so that [] and [''] can be told apart
      return (all.every(isEmpty) ? all.slice(1) : all).flatMap(parseItem);
    },
    (values) => {
      const texts = [values].flat().flatMap((value) => item.format(value as T) ?? []);
      const all = texts.every(isEmpty) ? ['', ...texts] : texts;
      return oneText?.join(all) ?? all;
    },
    { item, separator: oneText?.separator },
  );
}
