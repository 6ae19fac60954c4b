import { type Field, isList } from '../binding/controls.js';
import type { Codec, CodecFacts } from './param/codec.js';
import { codecOf } from './param/codec-of.js';
import { booleanParam } from './param/scalars.js';

/** Whether a control would show this text, within its limits. */
function accepts(field: Field, text: string): boolean {
  const copy = field.cloneNode() as Field;
  copy.value = text;
  const { rangeUnderflow, rangeOverflow } = copy.validity;
  const isNumber = /number|range/.test(field.type);
  const shows = isNumber ? copy.value !== '' && Number(copy.value) === Number(text) : copy.value === text;
  return shows && !rangeUnderflow && !rangeOverflow;
}

/** One text. */
const single = (parse: (text: string) => unknown, format = String as (value: unknown) => string): Codec<unknown> => ({
  parse: (texts) => parse(texts.at(-1) as string),
  format,
});

/** What a control can show, as texts: by its kind, its limits and its options. */
export function codecOfControl(field: Field, peers: Field[], initial: unknown): Codec<unknown> & CodecFacts {
  const { type, localName } = field;
  const isMultiple = type === 'select-multiple' || (type === 'checkbox' && isList(peers, undefined));
  if (type === 'checkbox' && !isMultiple) return booleanParam as Codec<unknown>;
  if (isMultiple || /radio|select/.test(type)) {
    const choices: { value: string }[] = type.startsWith('select')
      ? [...(field as unknown as HTMLSelectElement).options]
      : peers;
    const isChoice = (text: string): boolean => choices.length === 0 || choices.some(({ value }) => value === text);
    if (!isMultiple)
      return {
        parse: (texts) => texts.filter((_, i) => i === texts.length - 1).find(isChoice),
        format: (value) => (value === null ? undefined : String(value)),
      };
    return {
      parse(texts) {
        const valid = [...new Set(texts.filter(isChoice))];
        return valid.length > 0 || texts.every((text) => text === '') ? valid : undefined;
      },
      format: (value) => ((value as string[]).length > 0 ? (value as string[]) : ''),
    };
  }
  if (localName !== 'input' && localName !== 'textarea') return codecOf(initial) ?? single((text) => text);
  const isText = !/number|range|date|time|month|week/.test(type);
  return single(
    (text) => {
      const line = localName === 'textarea' ? text.replace(/\r\n?/g, '\n') : text;
      // an emptied number or date
      if (line === '' && !isText) return type === 'range' ? undefined : null;
      if (!accepts(field, line)) return undefined;
      return /number|range/.test(type) ? Number(line) : line;
    },
    (value) => (value === null ? '' : String(value)),
  );
}
