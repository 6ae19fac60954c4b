import { controlOf, type Field } from './controls.js';
import type { BindTarget } from './options.js';

/** The nodes that a target names. */
export function nodesOf(target: BindTarget, owner: string): Node[] {
  // forms and selects are iterable, too
  const nodes =
    typeof target === 'string'
      ? [...document.querySelectorAll(target)]
      : (target as Node | null)?.nodeType
        ? [target as Node]
        : typeof (target as Iterable<Node> | null)?.[Symbol.iterator] === 'function'
          ? [...(target as Iterable<Node>)]
          : [undefined];
  // elements, documents, shadow roots
  if (nodes.every((node) => [1, 9, 11].includes(node?.nodeType as number))) return nodes as Node[];
  throw new TypeError(
    `${owner}.bind(target): the target must be a selector, an element, a document or shadow root, or several elements.`,
  );
}

export const isForm = (node: Node | undefined): node is HTMLFormElement =>
  (node as Element | undefined)?.localName === 'form';

/** Whether controls are looked for inside of this node. */
export const isRoot = (node: Node): boolean => isForm(node) || node.nodeType > 1 || !controlOf(node as Field);

/** What may be bound at and below a node: elements with the attribute, and the controls of a bound form. */
export function candidates(node: Node, root: Node, attribute: string): Field[] {
  const marked = `[${CSS.escape(attribute)}]`;
  const selector = isForm(root) ? `input,textarea,select,button,output,${marked}` : marked;
  const fields = [...((node as Element).querySelectorAll?.<Field>(selector) ?? [])];
  // a control may belong to a form that it does not stand in
  if (node === root && isForm(root)) fields.push(...(root.elements as Iterable<Element> as Iterable<Field>));
  else if ((node as Element).matches?.(selector)) fields.unshift(node as Field);
  return fields;
}
