// From what `bind` was given to the controls in it.
import { tagOf } from '../core/tag.js';
import { controlOf, type Field } from './controls.js';

export const isForm = (value: unknown): value is HTMLFormElement => tagOf(value) === 'HTMLFormElement';

/** A member of a node, from its prototypes: the controls of a form hide its members of their name. */
export function memberOf<N extends Node, K extends keyof N>(node: N, name: K): N[K] {
  if (!isForm(node)) return node[name];
  for (let from = Object.getPrototypeOf(node); from; from = Object.getPrototypeOf(from)) {
    const found = Object.getOwnPropertyDescriptor(from, name);
    if (found) return found.get ? found.get.call(node) : found.value;
  }
  return undefined as N[K];
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && [1, 9, 11].includes(memberOf(value as Node, 'nodeType'));

/** The nodes that a target names: elements, documents and shadow roots. */
export function nodesOf(target: unknown, owner: string): Node[] {
  // forms and selects are iterable, too
  const nodes =
    typeof target === 'string'
      ? [...document.querySelectorAll(target)]
      : isNode(target)
        ? [target]
        : typeof (target as Iterable<Node> | null)?.[Symbol.iterator] === 'function'
          ? [...(target as Iterable<Node>)]
          : [undefined];
  if (nodes.every(isNode)) return nodes;
  throw new TypeError(`bind(${owner}, target): give a selector, a node or elements.`);
}

export const contains = (root: Node, node: Node): boolean => memberOf(root, 'contains').call(root, node);

/** The form of a control; `closest` only for what has none of its own: it takes longer than the rest of a keystroke. */
export function formOf(field: Field): HTMLFormElement | null {
  let form: HTMLFormElement | null | undefined;
  try {
    ({ form } = field);
  } catch {
    // a custom element may have anything under this name: a text, or a getter that throws
  }
  return form === null || isForm(form) ? form : field.closest('form');
}

/** Whether a field stands in a root, or belongs to a form that it does not stand in. */
export const belongsTo = (root: Node, field: Field): boolean =>
  contains(root, field) || (isForm(root) && formOf(field) === root);

/** Elements with the attribute at and below a node. */
function marked(node: Node, attribute: string): Field[] {
  // no CSS.escape: jsdom has none
  const selector = `[${attribute.replace(/[^\w-]/g, '\\$&')}]`;
  const { nodeType } = node;
  if (!isForm(node) && nodeType !== 1 && nodeType !== 9 && nodeType !== 11) return [];
  const element = node as Element;
  const found = [...memberOf(element, 'querySelectorAll').call(element, selector)] as Field[];
  if (memberOf(element, 'matches')?.call(element, selector)) found.unshift(element as Field);
  return found;
}

/** What may be bound below a root: elements with the attribute, and the controls of a form. */
export function candidates(root: Node, attribute: string, below: Iterable<Node> = [root]): Set<Field> {
  const found = [...below].flatMap((node) => marked(node, attribute));
  if (!isForm(root)) return new Set(found);
  const all = memberOf(root, 'querySelectorAll').call(root, '[type=image]') as NodeListOf<Field>;
  return new Set([...(memberOf(root, 'elements') as Iterable<Element> as Iterable<Field>), ...all, ...found]);
}

/** Whether controls are looked for inside of this node. */
export const isRoot = (node: Node): boolean => isForm(node) || node.nodeType > 1 || !controlOf(node as Field);
