import { tagOf } from '../core/tag.js';

/** Any element that can be bound; the members of an input, because most of them are inputs. */
export type Field = HTMLInputElement;

/** How one kind of control is read and written. Values are those of the table in the documentation of `bind`. */
export interface Control {
  /** What it shows now; `undefined` for an unfinished entry. Absent: the control only shows. */
  read?(field: Field, peers: () => Field[], present: unknown): unknown;
  /** What its HTML says, for a key without value. */
  initial?(field: Field, peers: () => Field[], present: unknown): unknown;
  /**
   * Shows a value, and touches nothing that shows it already: writing moves the caret.
   *
   * @param isChosen - whether the value, or the list, holds this text
   */
  write(field: Field, value: unknown, isChosen: (text: string) => boolean): void;
  /** What the user can change of this very element. Default: what `read` gives. */
  look?(field: Field): unknown;
  /** Holds what can neither be kept nor stand in a URL. */
  isSpecial?: boolean;
  /** Its value is `true` while a click is delivered. */
  isTrigger?: boolean;
}

/** The items of a list; a Set counts as one. */
export const listOf = (value: unknown): readonly unknown[] | undefined =>
  Array.isArray(value) ? value : tagOf(value) === 'Set' ? [...(value as Set<unknown>)] : undefined;
const asText = (value: unknown): string => (value === undefined || value === null ? '' : String(value));
/** Whether a text is one of the value's, at the cost of one look however many ask. */
export function choiceOf(value: unknown): (text: string) => boolean {
  let texts: Set<string> | undefined;
  return (text) => (texts ??= new Set((listOf(value) ?? [value]).map(asText))).has(text);
}
/** Equal, lists by their items. */
export function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  const items = typeof a === 'object' && typeof b === 'object' ? listOf(a) : undefined;
  const others = items && listOf(b);
  return !!others && items.length === others.length && items.every((item, i) => Object.is(item, others[i]));
}

const setValue = (field: { value: string }, text: string): void => {
  if (field.value !== text) field.value = text;
};
/** What a control makes of a text; `''` where it takes it for none. */
export function sanitized(field: Field, text: string): string {
  if (field.localName !== 'input' || field.value === text) return text;
  const copy = field.cloneNode() as Field;
  copy.value = text;
  return copy.value;
}

/** Its value is its attribute, too, so that only what it was when it was bound can be its default. */
const hidden: Control = {
  read: (field) => field.value,
  write: (field, value) => setValue(field, asText(value)),
};

const text: Control = { ...hidden, initial: (field) => sanitized(field, field.defaultValue) };

/** date, time, month, week and datetime-local. */
const moment: Control = {
  ...hidden,
  read: (field) => field.value || null,
  initial: (field) => sanitized(field, field.defaultValue) || null,
};

const number: Control = {
  read: (field) => (field.value ? Number(field.value) : field.validity.badInput ? undefined : null),
  initial(field) {
    // a range without a value stands in its middle
    const initial = sanitized(field, field.defaultValue);
    return initial ? Number(initial) : null;
  },
  write(field, value) {
    // of an unfinished entry, such as "-", the value says nothing
    if (field.validity.badInput) field.value = '';
    // "5." and "05" show 5 already
    if (!field.value || Number(field.value) !== value) setValue(field, asText(value));
  },
};

/** Whether these checkboxes of one key make a list: they have different values, or the state is one. */
export const isList = (peers: Field[], present: unknown): boolean =>
  !!listOf(present) || peers.some(({ value }) => value !== peers[0]?.value);

const valuesWhere = (peers: Field[], chosen: (peer: Field) => boolean): string[] => [
  ...new Set(peers.filter(chosen).map(({ value }) => value)),
];

export const checkbox: Control = {
  read: (field, peers, present) =>
    isList(peers(), present)
      ? // of two with one value, the one that was clicked says how it is
        valuesWhere(peers(), (peer) => (peer.value === field.value ? field : peer).checked)
      : field.checked,
  initial: (field, peers, present) =>
    isList(peers(), present) ? valuesWhere(peers(), (peer) => peer.defaultChecked) : field.defaultChecked,
  write(field, value, isChosen) {
    field.checked = listOf(value) ? isChosen(field.value) : typeof value !== 'string' && !!value;
  },
  look: (field) => field.checked,
};

const radio: Control = {
  read: (field, peers) => (field.checked ? field : peers().find((peer) => peer.checked))?.value ?? null,
  initial: (_field, peers) => peers().find((peer) => peer.defaultChecked)?.value ?? null,
  write(field, value) {
    // an absent choice is not the choice of ''
    field.checked = value !== null && value !== undefined && String(value) === field.value;
  },
  look: (field) => field.checked,
};

const asSelect = (field: Field): HTMLSelectElement => field as unknown as HTMLSelectElement;
export const optionsOf = (field: Field): HTMLOptionElement[] => [...asSelect(field).options];
const isDefault = (option: HTMLOptionElement): boolean => option.hasAttribute('selected');

const select: Control = {
  read: (field) => (asSelect(field).selectedIndex < 0 ? null : field.value),
  initial(field) {
    const options = optionsOf(field);
    return (options.findLast(isDefault) ?? options.find((option) => !option.disabled))?.value ?? null;
  },
  write(field, value) {
    if (value === undefined || value === null) asSelect(field).selectedIndex = -1;
    else setValue(field, String(value));
  },
};

const selectMultiple: Control = {
  read: (field) => optionsOf(field).flatMap((option) => (option.selected ? option.value : [])),
  initial: (field) => optionsOf(field).flatMap((option) => (isDefault(option) ? option.value : [])),
  write(field, value, isChosen) {
    const isEmpty = value === undefined || value === null;
    for (const option of optionsOf(field)) option.selected = !isEmpty && isChosen(option.value);
  },
};

const trigger: Control = { read: () => false, write() {}, isSpecial: true, isTrigger: true };

/** Its value is its files. */
const file: Control = {
  read: ({ files, multiple }) => (multiple ? [...(files ?? [])] : (files?.[0] ?? null)),
  initial: ({ multiple }) => (multiple ? [] : null),
  write(field, value) {
    const files = [value].flat().filter((item) => tagOf(item) === 'File') as File[];
    if (files.length === 0) setValue(field, '');
    else if (!isSame(files, [...(field.files ?? [])])) {
      const transfer = new DataTransfer();
      for (const item of files) transfer.items.add(item);
      field.files = transfer.files;
    }
  },
  isSpecial: true,
};

const output: Control = { initial: (field) => field.defaultValue, write: hidden.write };

// `textContent` drops what `<div>` and `<br>` mean; jsdom has nothing else
const textName = (field: Field): 'innerText' | 'textContent' => ('innerText' in field ? 'innerText' : 'textContent');
/** What `read` or `write` knew last, and of which HTML. */
const knownTexts = new WeakMap<Field, { html: string; text: string }>();
function readText(field: Field): string {
  const { innerHTML: html } = field;
  const known = knownTexts.get(field);
  // a closed dialog is not rendered any more at the `blur` that follows: its `innerText` has no line breaks, in a closed
  // <details> no text at all
  const isHidden = field.checkVisibility?.() === false;
  if (isHidden && known?.html === html) return known.text;
  const text = field[isHidden ? 'textContent' : textName(field)];
  knownTexts.set(field, { html, text });
  return text;
}

export const editable: Control = {
  read: readText,
  write(field, value) {
    const text = asText(value);
    if (readText(field) === text) return;
    field[textName(field)] = text;
    knownTexts.set(field, { html: field.innerHTML, text });
  },
};

const other: Control = {
  read: (field) => field.value,
  write(field, value) {
    // a progress throws for what is no number: without value it is indeterminate
    if (typeof field.value === 'number' && !Number.isFinite(value)) field.removeAttribute('value');
    else if (!Object.is(field.value, value)) field.value = value as string;
  },
};

const byType: Record<string, Control> = {
  checkbox,
  radio,
  hidden,
  file,
  number,
  range: number,
  date: moment,
  time: moment,
  month: moment,
  week: moment,
  'datetime-local': moment,
  'select-one': select,
  'select-multiple': selectMultiple,
  submit: trigger,
  button: trigger,
  image: trigger,
  reset: trigger,
  output,
};

/** The kind of this element, or `undefined` when it is not a control. */
export function controlOf(field: Field): Control | undefined {
  const { localName } = field;
  if (/^(input|textarea|select|button|output)$/.test(localName)) return byType[field.type] ?? text;
  if ((field.getAttribute('contenteditable') ?? 'false') !== 'false') return editable;
  // a list item has a value, too, and its key is often a framework's
  return 'value' in field && localName !== 'li' ? other : undefined;
}

/** Passwords, codes and cards: what a page must not leave in storage or in the address. */
export const isSecret = (field: Field): boolean =>
  field.type === 'password' ||
  /(^|\s)(current-password|new-password|one-time-code|cc-\S+)(\s|$)/i.test(field.getAttribute('autocomplete') ?? '') ||
  field.getAttribute('data-persist') === 'false';

/** These fields in the order of the document, found in one walk: comparing positions takes longer with each sibling. */
export function inOrder(fields: Field[]): Field[] {
  if (fields.length < 2) return fields;
  const wanted = new Set<Element>(fields);
  const roots = new Set(fields.map((field) => field.getRootNode() as ParentNode & Node));
  return [...roots].flatMap((root) =>
    wanted.has(root as unknown as Element)
      ? [root as unknown as Field]
      : [...root.querySelectorAll<Field>('input')].filter((field) => wanted.has(field)),
  );
}
