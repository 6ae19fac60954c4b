/** Any element that can be bound; the members of an input, because most of them are inputs. */
export type Field = HTMLInputElement;

/** How one kind of control is read and written. Values are those of the table in the documentation of `bind`. */
export interface Control {
  /** What it shows now; `undefined` for an unfinished entry. Absent: the control only shows. */
  read?(field: Field, peers: () => Field[], present: unknown): unknown;
  /** What its HTML says, for a key without value. */
  initial?(field: Field, peers: () => Field[], present: unknown): unknown;
  /** Shows a value, and touches nothing that shows it already: writing moves the caret. */
  write(field: Field, value: unknown): void;
  /** Its value is `true` while a click is delivered. */
  isTrigger?: boolean;
}

const asText = (value: unknown): string => (value === undefined || value === null ? '' : String(value));
const holds = (list: unknown, text: string): boolean =>
  Array.isArray(list) && list.some((item) => asText(item) === text);
export const setValue = (field: { value: string }, text: string): void => {
  if (field.value !== text) field.value = text;
};

/** Its value is its attribute, too, so that only what it was when it was bound can be its default. */
const hidden: Control = {
  read: (field) => field.value,
  write: (field, value) => setValue(field, asText(value)),
};

const text: Control = { ...hidden, initial: (field) => field.defaultValue };

/** date, time, month, week and datetime-local. */
const moment: Control = {
  ...text,
  read: (field) => field.value || null,
  initial: (field) => field.defaultValue || null,
};

const number: Control = {
  read: (field) => (field.value ? Number(field.value) : field.validity.badInput ? undefined : null),
  initial(field) {
    // a range without a value stands in its middle
    const copy = field.cloneNode() as Field;
    copy.value = field.defaultValue;
    return copy.value ? Number(copy.value) : null;
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
  Array.isArray(present) || peers.some(({ value }) => value !== peers[0]?.value);

const valuesWhere = (peers: Field[], chosen: (peer: Field) => boolean): string[] => [
  ...new Set(peers.filter(chosen).map(({ value }) => value)),
];

const checkbox: Control = {
  read: (field, peers, present) =>
    isList(peers(), present)
      ? // of two with one value, the one that was clicked says how it is
        valuesWhere(peers(), (peer) => (peer.value === field.value ? field : peer).checked)
      : field.checked,
  initial: (field, peers, present) =>
    isList(peers(), present) ? valuesWhere(peers(), (peer) => peer.defaultChecked) : field.defaultChecked,
  write(field, value) {
    field.checked = Array.isArray(value) ? holds(value, field.value) : !!value;
  },
};

const radio: Control = {
  read: (field, peers) => (field.checked ? field : peers().find((peer) => peer.checked))?.value ?? null,
  initial: (_field, peers) => peers().find((peer) => peer.defaultChecked)?.value ?? null,
  write(field, value) {
    field.checked = holds([value], field.value);
  },
};

const asSelect = (field: Field): HTMLSelectElement => field as unknown as HTMLSelectElement;
const optionsOf = (field: Field): HTMLOptionElement[] => [...asSelect(field).options];
const isDefault = (option: HTMLOptionElement): boolean => option.hasAttribute('selected');

const select: Control = {
  read: (field) => (asSelect(field).selectedIndex < 0 ? null : field.value),
  initial(field) {
    const options = optionsOf(field);
    return (options.find(isDefault) ?? options.find((option) => !option.disabled))?.value ?? null;
  },
  write(field, value) {
    if (value === undefined || value === null) asSelect(field).selectedIndex = -1;
    else setValue(field, String(value));
  },
};

const selectMultiple: Control = {
  read: (field) => optionsOf(field).flatMap((option) => (option.selected ? option.value : [])),
  initial: (field) => optionsOf(field).flatMap((option) => (isDefault(option) ? option.value : [])),
  write(field, value) {
    for (const option of optionsOf(field)) option.selected = holds(value, option.value);
  },
};

/** Buttons and files: only some states know what to do with them. */
export const unbindable: Control = { write() {} };

const output: Control = { initial: (field) => field.defaultValue, write: text.write };

const editable: Control = {
  read: (field) => field.textContent,
  write(field, value) {
    if (field.textContent !== asText(value)) field.textContent = asText(value);
  },
};

const other: Control = {
  read: (field) => field.value,
  write(field, value) {
    if (!Object.is(field.value, value)) field.value = value as string;
  },
};

const byType: Record<string, Control> = {
  checkbox,
  radio,
  hidden,
  file: unbindable,
  number,
  range: number,
  date: moment,
  time: moment,
  month: moment,
  week: moment,
  'datetime-local': moment,
  'select-one': select,
  'select-multiple': selectMultiple,
  submit: unbindable,
  button: unbindable,
  image: unbindable,
  reset: unbindable,
  output,
};

/**
 * The kind of this element, or `undefined` when it is not a control.
 *
 * @param more - kinds by type, which win
 */
export function controlOf(field: Field, more: Record<string, Control> = {}): Control | undefined {
  const { localName } = field;
  if (/^(input|textarea|select|button|output)$/.test(localName)) return more[field.type] ?? byType[field.type] ?? text;
  if ((field.getAttribute('contenteditable') ?? 'false') !== 'false') return editable;
  // a list item has a value, too, and its key is often a framework's
  return 'value' in field && localName !== 'li' ? other : undefined;
}

/** Passwords, codes and cards: what a page must not leave in storage or in the address. */
export const isSecret = (field: Field): boolean =>
  field.type === 'password' ||
  /(^|\s)(current-password|new-password|one-time-code|cc-\S+)(\s|$)/i.test(field.getAttribute('autocomplete') ?? '') ||
  field.getAttribute('data-persist') === 'false';

/** Equal, lists by their items. */
export const isSame = (a: unknown, b: unknown): boolean =>
  Object.is(a, b) ||
  (Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, i) => Object.is(item, b[i])));
