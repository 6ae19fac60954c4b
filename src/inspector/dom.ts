// Elements, tables and texts that the panels are made of.
import { tagOf } from '../core/tag.js';

type Child = Node | string | number | null | undefined | false;

/** An element with properties, attributes (names with a dash, `role`, `for`) and children. Text only, never HTML. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Record<string, unknown> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value as EventListener);
    else if (name in element && !name.includes('-') && name !== 'role') Reflect.set(element, name, value);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  for (const child of children)
    if (child || child === 0) element.append(typeof child === 'number' ? `${child}` : child);
  return element;
}

/** A table with a caption for screen readers. On a phone its rows are blocks, where each cell names its column. */
export function table(caption: string, heads: string[], rows: (Child | Child[])[][]): HTMLTableElement {
  const cells = (row: (Child | Child[])[]) =>
    row.map((cell, i) => h('td', { 'data-head': heads[i] }, ...(Array.isArray(cell) ? cell : [cell])));
  return h(
    'table',
    {},
    h('caption', {}, caption),
    h('thead', {}, h('tr', {}, ...heads.map((head) => h('th', { scope: 'col' }, head)))),
    h('tbody', {}, ...rows.map((row) => h('tr', {}, ...cells(row)))),
  );
}

/** @param key - finds it again after a redraw, whatever its label is by then */
export const button = (text: string, label: string, onclick: () => void, key: string = label): HTMLButtonElement =>
  h('button', { type: 'button', 'aria-label': label, 'data-key': key, onclick }, text);

/**
 * Draws a panel anew. The focus stays on what has the same key, whatever stands in that, else in the panel. It scrolls
 * nothing: the reader may be further down.
 */
export function redraw(root: HTMLElement, ...children: (Node | string)[]): void {
  const key = (root.getRootNode() as ShadowRoot).activeElement?.getAttribute('data-key');
  root.replaceChildren(...children);
  if (!key) return;
  const same = [...root.querySelectorAll<HTMLElement>('[data-key]')].find((other) => other.dataset['key'] === key);
  (same ?? root).focus({ preventScroll: true });
}

/** A value that stays covered until somebody asks for it. */
export function covered(name: string, read: () => string): HTMLElement {
  const place = h('span', { className: 'covered', tabIndex: -1 });
  const reveal = button('Reveal', `Reveal the value of ${name}`, () => {
    place.replaceChildren(read());
    place.focus();
  });
  place.append('••••• ', reveal);
  return place;
}

/** Sizes in powers of 1000. */
export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const power = bytes < 1e6 ? 1 : bytes < 1e9 ? 2 : 3;
  return `${(bytes / 1000 ** power).toFixed(1)} ${['', 'kB', 'MB', 'GB'][power]}`;
}

/** What a value is, in a word or two: `Map(3)`, `Array(2)`, `string`. */
export function typeText(value: unknown): string {
  if (value === null || typeof value !== 'object') return value === null ? 'null' : typeof value;
  try {
    const name = tagOf(value);
    const own = name === 'Object' ? (value.constructor?.name ?? 'Object') : name;
    const size =
      value instanceof Map || value instanceof Set ? value.size : Array.isArray(value) ? value.length : undefined;
    return size === undefined ? own : `${own}(${size})`;
  } catch {
    // a proxy that was revoked, such as a draft of Immer, or a getter that throws
    return 'object';
  }
}

/** A value in one line. */
export function preview(value: unknown, most = 80): string {
  let text: string;
  try {
    text = typeof value === 'string' ? JSON.stringify(value) : plain(value);
  } catch {
    // cycles, big integers inside objects: the type says enough
    text = typeText(value);
  }
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

function plain(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value !== 'object' || value === null) return String(value);
  if (value instanceof Map) return `Map ${plain([...value])}`;
  if (value instanceof Set) return `Set ${plain([...value])}`;
  return JSON.stringify(value) ?? typeText(value);
}
