import type { Unsubscribe } from '../core/listeners.js';
import { call } from './callback.js';
import { controlOf, type Field } from './controls.js';
import { createHandlers } from './events.js';
import { formOf } from './forms.js';
import { createLink, createLinks, type Links } from './links.js';
import type { BindOptions, BindTarget } from './options.js';
import type { BoundState, Extras, Link, Settings } from './state.js';
import { candidates, isForm, isRoot, nodesOf } from './targets.js';

const editEvents = ['input', 'change', 'click', 'compositionstart', 'compositionend'];
const formEvents = ['submit', 'reset'];

/** `bind` of one state: controls and keys follow each other. */
export function createPlainBind(
  state: BoundState,
  extras: (links: Links) => Extras = () => ({}),
): (target: BindTarget, options?: BindOptions | string) => Unsubscribe {
  const links: Links = createLinks(state, () => more);
  const more = extras(links);

  return (target, options = {}) => {
    const functionName = state.running?.();
    if (functionName !== undefined)
      state.warn({
        code: 'cached-bind',
        key: functionName,
        message: `${state.owner}.bind was called inside the cached function ${functionName}: its body does not run on a hit. Bind outside, and use deps to let an input count.`,
      });
    if (typeof document === 'undefined') return () => {};
    const given = typeof options === 'object' ? options : { key: String(options) };
    const settings: Settings = {
      ...given,
      attribute: given.attribute ?? state.attribute,
      args: [...(given.args ?? [])],
    };
    const bound = new WeakMap<Element, Link>();
    const refs = new Set<WeakRef<Link>>();
    const ending = new AbortController();
    const { signal } = ending;

    const own = (): Link[] => [...refs].flatMap((ref) => ref.deref() ?? []);
    const { take, takeForm } = createHandlers(state, links, more, settings, bound, own);
    // capturing: events that do not bubble are heard, too, and those that the page stops
    const capture = { capture: true, signal };
    const listen = (target: EventTarget): void => {
      for (const type of editEvents) target.addEventListener(type, take, capture);
    };
    const listenToForm = (target: EventTarget): void => {
      for (const type of formEvents) target.addEventListener(type, takeForm, capture);
    };
    const close = (link: Link): void => {
      bound.delete(link.field);
      refs.delete(link.ref);
      links.close(link);
    };
    const make = (field: Field, root?: Node): Link | undefined => {
      const control = controlOf(field, more.kinds);
      if (!control || bound.has(field)) return undefined;
      const marked = settings.key ?? field.getAttribute(settings.attribute);
      if (marked === null && root && field.form !== root) return undefined;
      const key = marked ?? (((!root || isForm(root)) && field.getAttribute('name')) || null);
      if (key === null) {
        if (root && (control.isTrigger || !control.read)) return undefined;
        throw new TypeError(
          `${state.owner}.bind: a control has no key. Give it the attribute ${settings.attribute} or a name, or pass { key }.`,
        );
      }
      const reason = state.refuses?.(field, control, key, marked === null && !!root);
      if (reason && !root) throw new TypeError(`${state.owner}.bind: the control of "${key}" ${reason}`);
      return reason ? undefined : createLink({ field, control, key, settings, root }, links);
    };
    const open = (opened: Link[]): void => {
      for (const link of opened) {
        const { field, root } = link;
        bound.set(field, link);
        refs.add(link.ref);
        if (!root?.contains(field)) listen(field);
        const form = formOf(field);
        if (form && !root?.contains(form)) listenToForm(form);
        if (!root && field.localName === 'select') observer.observe(field, { childList: true, subtree: true });
      }
      links.open(opened);
    };

    const roots: Node[] = [];
    /** What stands below these nodes now, with the root that it belongs to. */
    const below = (nodes: Iterable<Node>): Map<Field, Node> => {
      const fields = new Map<Field, Node>();
      for (const node of nodes)
        for (const root of roots)
          if (root.contains(node))
            for (const field of candidates(node, root, settings.attribute)) fields.set(field, root);
      return fields;
    };
    const leave = (field: Field): void => {
      const link = bound.get(field);
      if (link?.root && !link.root.contains(field)) close(link);
    };
    const observer = new MutationObserver((records) => {
      const arrived = new Set<Node>();
      for (const { type, target: at, addedNodes, removedNodes } of records) {
        for (const node of removedNodes)
          for (const root of roots) for (const field of candidates(node, root, settings.attribute)) leave(field);
        for (const node of addedNodes) arrived.add(node);
        const select = bound.get((at as Element).closest?.('select') as Element);
        if (select) links.refresh(select);
        if (type !== 'attributes') continue;
        // it has got another key
        const link = bound.get(at as Element);
        if (link?.root) close(link);
        arrived.add(at);
      }
      const made: Link[] = [];
      for (const [field, root] of below(arrived))
        call(() => {
          const link = make(field, root);
          if (link) made.push(link);
        });
      open(made);
    });
    const start = (nodes: Node[]): void => {
      const named = new Map<Field, Node | undefined>();
      for (const node of nodes)
        if (isRoot(node)) roots.push(node);
        else named.set(node as Field, undefined);
      open([...below(roots), ...named].flatMap(([field, root]) => make(field, root) ?? []));
      for (const root of roots) {
        listen(root);
        listenToForm(root);
        observer.observe(root, {
          childList: true,
          subtree: true,
          attributes: true,
          attributeFilter: [settings.attribute],
        });
      }
    };

    // not a closure over `target`: it would keep the elements
    const whenParsed = (selector: string): void => {
      const retry = (): void => {
        const nodes = nodesOf(selector, state.owner);
        if (nodes.length > 0) start(nodes);
        else
          state.warn({
            code: 'bind-empty',
            key: selector,
            message: `${state.owner}.bind("${selector}"): no element matches.`,
          });
      };
      if (document.readyState !== 'loading') retry();
      else document.addEventListener('DOMContentLoaded', retry, { once: true, signal });
    };
    const nodes = nodesOf(target, state.owner);
    if (nodes.length > 0 || typeof target !== 'string') start(nodes);
    else whenParsed(target);

    return () => {
      if (signal.aborted) return;
      ending.abort();
      observer.disconnect();
      for (const link of own()) {
        close(link);
        state.left?.(link);
      }
    };
  };
}
