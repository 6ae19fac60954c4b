// Controls bound to queryParams: codecs from what a control offers, texts from what it shows.
import type { HistoryMode } from '../browser/address.js';
import type { AnyCodec, Codec, Texts } from '../core/codec.js';
import { tagOf } from '../core/tag.js';
import { type Field, isList, isSecret, optionsOf } from './controls.js';
import type { Link, Side, View } from './links.js';
import type { BoundParam, QueryPort } from './port.js';

const call = 'bind(queryParams)';

/** How much of an ISO time these controls show. */
const dayLengths: Record<string, number> = { date: 10, month: 7, 'datetime-local': 16 };

/** One of the values of a control that offers some; without any yet, each text may become one. */
function codecOfChoices(values: () => string[], isMultiple: boolean): AnyCodec {
  let known: Set<string> | undefined;
  const isChoice = (text: string): boolean => {
    known ??= new Set(values());
    return known.size === 0 || known.has(text);
  };
  if (!isMultiple)
    return {
      parse: (texts) => texts.slice(-1).find(isChoice),
      format: (value) => (value === null ? undefined : String(value)),
    };
  return {
    parse(texts) {
      // one '' more than there are, so that nothing and the choice of '' can be told apart
      if (texts.every((text) => text === '')) return texts.length > 1 && isChoice('') ? [''] : [];
      const valid = [...new Set(texts.filter(isChoice))];
      return valid.length > 0 ? valid : undefined;
    },
    format(value) {
      const texts = value as string[];
      return texts.every((text) => text === '') ? ['', ...texts] : texts;
    },
  };
}

const codecOfCheckbox = ({ value }: Field): AnyCodec => ({
  bare: 'true',
  parse(texts) {
    const text = texts.at(-1) as string;
    if (/^false$/i.test(text)) return false;
    return /^(true|1|on)$/i.test(text) || texts.includes(value) || undefined;
  },
  format: String,
});

/** What the control makes of a text within its limits; `undefined` if it is another. */
function accepted(field: Field, text: string): string | undefined {
  // it may lose a line break; nothing else can be wrong
  if (/^(text|search|tel|hidden)$/.test(field.type)) return text;
  const copy = field.cloneNode() as Field;
  copy.value = text;
  const { value, validity } = copy;
  const isOther =
    field.type === 'color'
      ? value !== text.toLowerCase()
      : /^(number|range)$/.test(field.type)
        ? Number(value) !== Number(text)
        : text !== '' && value === '';
  return isOther || validity.rangeUnderflow || validity.rangeOverflow ? undefined : value;
}

function codecOfText(field: Field): AnyCodec {
  const { type, localName } = field;
  const isNumber = /^(number|range)$/.test(type);
  const isText = !isNumber && !/date|time|month|week/.test(type);
  return {
    parse(texts) {
      const text = texts.at(-1) as string;
      if (localName === 'textarea') return text.replace(/\r\n?/g, '\n');
      // an emptied number or date
      if (text === '' && !isText) return type === 'range' ? undefined : null;
      const value = accepted(field, text);
      return isNumber && value !== undefined ? Number(value) : value;
    },
    format: (value) => (value === null ? '' : String(value)),
  };
}

/** What a control can show, as texts: by its kind, its limits and its options. */
function codecOfControl(port: QueryPort, { field, settings }: Link, peers: () => Field[], initial: unknown): AnyCodec {
  const { type, localName } = field;
  if (localName === 'select')
    return codecOfChoices(() => optionsOf(field).map(({ value }) => value), type === 'select-multiple');
  if (localName === 'textarea') return codecOfText(field);
  if (localName !== 'input')
    return port.codecOf(initial) ?? { parse: (texts) => texts.at(-1), format: (value) => String(value) };
  const isMultiple = type === 'checkbox' && isList(peers(), settings.default);
  if (isMultiple || type === 'radio') return codecOfChoices(() => peers().map(({ value }) => value), isMultiple);
  return type === 'checkbox' ? codecOfCheckbox(field) : codecOfText(field);
}

/** What a control shows of a value: of a Date its day. */
const shownOf = ({ field, settings }: Link, value: unknown): unknown =>
  settings.codec && tagOf(value) === 'Date' && field.type in dayLengths
    ? (value as Date).toISOString().slice(0, dayLengths[field.type])
    : value;

function parsed(codec: Codec<unknown>, texts: Texts): unknown {
  try {
    return codec.parse([...texts]);
  } catch {
    // a codec may throw for what it cannot read
    return undefined;
  }
}

/** What a text means to a codec, such as a number or a day. */
const meaningOf = (codec: Codec<unknown>, value: unknown): unknown =>
  typeof value === 'string' ? parsed(codec, [value]) : undefined;

/** The texts of a value. A control, or a state, may hold the text of what the codec means. */
export function textsOf(typed: BoundParam, codec: Codec<unknown>, of: string, value: unknown): Texts {
  try {
    return typed.toTexts(of, value);
  } catch (error) {
    const meant = meaningOf(codec, value);
    if (meant === undefined || meant === value) throw error;
    return typed.toTexts(of, meant);
  }
}

/** What the HTML says, for a codec of the page. */
function initialOf(codec: Codec<unknown>, shown: unknown): unknown {
  try {
    codec.format(shown);
    return shown ?? undefined;
  } catch {
    // what it makes of an empty control is its own matter
    return meaningOf(codec, shown);
  }
}

/** What bindings have written: another control of the key, or a ref, may have other limits. */
const written = new WeakSet<Texts>();

export function write(port: QueryPort, key: string, texts: Texts, history: HistoryMode = port.history): void {
  written.add(texts);
  port.write(key, texts, history);
}

export const reads = (codec: Codec<unknown>, texts: Texts | undefined): boolean =>
  !texts || parsed(codec, texts) !== undefined;

/** Removes what the page has just written. Texts that came with the URL stay. */
export function refuse(port: QueryPort, key: string): void {
  if (port.isPending(key) && !written.has(port.texts(key) as Texts)) write(port, key, [], 'replace');
}

/** The query string, as seen by controls. */
export function createQuerySide(port: QueryPort): Side {
  const view = (link: Link, peers: () => Field[]): View => {
    const { key, settings, control, field, first } = link;
    const given = settings.codec as AnyCodec | undefined;
    const shown = control.initial ? control.initial(field, peers, settings.default) : first;
    const initial = settings.default ?? given?.default ?? (given ? initialOf(given, shown) : shown);
    const codec = given ?? codecOfControl(port, link, peers, initial);
    const typed = port.typed(key, Object.create(codec, { default: { value: initial } }));
    const texts = port.texts(key);
    return {
      has: texts !== undefined,
      value: shownOf(link, typed.of(texts)),
      default: shownOf(link, typed.default),
      set(value) {
        let list: Texts | undefined;
        try {
          list = textsOf(typed, codec, call, value);
        } catch (error) {
          // an emptied control that the codec cannot write; or an entry beyond the control's limits, which waits
          if (value === null) list = [];
          else if ((error as Error).name !== 'QueryParamValueError') throw error;
        }
        if (list) write(port, key, list, settings.history);
        return list;
      },
      reads: () => reads(codec, texts),
    };
  };
  return {
    owner: port.owner,
    attribute: 'data-param',
    takesDefaults: false,
    view,
    refuse: (key) => refuse(port, key),
    batch: port.batch,
    // on another page, a parameter that is not there says nothing
    subscribe: (key, listener) =>
      port.subscribe(key, (texts) => {
        if (texts || port.isPending(key) || !port.hasMoved()) listener();
      }),
    refuses(field, control, key) {
      port.check(call, key);
      return control.isSpecial || isSecret(field) ? 'must not stand in a URL: bind it to sessionState.' : undefined;
    },
    left: ({ key, settings }) => settings.removeOnUnbind && write(port, key, [], settings.history),
  };
}
