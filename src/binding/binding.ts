// One control that is bound: its events, and what it shows.
import { reportListenerError as report } from '../browser/report-error.js';
import { afterEvent, call } from './callback.js';
import { controlOf, editable, type Field } from './controls.js';
import { isBatched, staysHere } from './forms.js';
import { isComposing, type Link, type Links, lookOf, type Settings } from './links.js';
import { belongsTo, candidates, contains, formOf, isForm, isRoot, memberOf } from './targets.js';

const editEvents = ['input', 'change', 'click', 'compositionstart', 'compositionend', 'blur', 'focusout'];
const formEvents = ['submit', 'reset'];
/** Another kind of control, another key, another form, other limits. */
const watched = ['name', 'type', 'multiple', 'form', 'contenteditable', 'min', 'max', 'disabled'];

/** One call of `bind`: which elements it has, and what it does on their events. */
export class Binding {
  readonly #ending = new AbortController();
  readonly signal: AbortSignal = this.#ending.signal;
  readonly #links: Links;
  readonly #settings: Settings;
  readonly #roots: Node[] = [];
  readonly #bound = new WeakMap<EventTarget, Link>();
  readonly #refs = new Set<WeakRef<Link>>();
  readonly #ears = new WeakSet<Node>();
  /** Of two roots, one may stand in the other. */
  readonly #heard = new WeakSet<Event>();
  readonly #observer = new MutationObserver((records) => this.#follow(records));

  constructor(links: Links, settings: Settings) {
    this.#links = links;
    this.#settings = settings;
  }

  start(nodes: Node[]): void {
    const { attribute } = this.#settings;
    const made: Link[] = [];
    for (const node of nodes) {
      if (isRoot(node) && !this.#isUndefined(node as Field, undefined)) this.#roots.push(node);
      else made.push(...this.#make(node as Field));
    }
    for (const root of this.#roots) {
      made.push(...this.#makeAll(candidates(root, attribute), root));
      this.#listen(root);
      // a control may belong to a form that it does not stand in
      for (const node of isForm(root) ? [root, memberOf(root, 'getRootNode').call(root)] : [root])
        this.#observe(node, true);
    }
    this.#open(made);
  }

  end(): void {
    if (this.signal.aborted) return;
    this.#ending.abort();
    this.#observer.disconnect();
    for (const link of this.#own()) {
      this.#close(link);
      this.#links.side.left?.(link);
    }
  }

  #own(): Link[] {
    return [...this.#refs].flatMap((ref) => ref.deref() ?? []);
  }

  #keyOf(field: Field, root?: Node): string | undefined {
    const { key, attribute } = this.#settings;
    const marked = field.getAttribute(attribute);
    const isNamed = marked === null && (!root || isForm(root));
    // servers put tokens, and companions of checkboxes, into hidden controls
    if (isNamed && root && field.type === 'hidden') return undefined;
    return key ?? marked ?? ((isNamed && field.getAttribute('name')) || undefined);
  }

  /** @returns no link for what is passed over. @throws for an element that was named and cannot be bound */
  #make(field: Field, root?: Node): Link[] {
    if (this.#bound.has(field) || isForm(field)) return [];
    const control = controlOf(field);
    if (!control) {
      this.#isUndefined(field, root);
      return [];
    }
    const { owner, refuses } = this.#links.side;
    const { attribute } = this.#settings;
    const key = this.#keyOf(field, root);
    if (key === undefined) {
      // a submit passes over what has no name
      if (root) return [];
      throw new TypeError(`bind(${owner}): a control has no key. Give it ${attribute} or a name, or pass { key }.`);
    }
    const reason = refuses?.(field, control, key);
    if (reason && !root) throw new TypeError(`bind(${owner}): the control of "${key}" ${reason}`);
    if (reason) return [];
    const link = {
      field,
      control,
      key,
      settings: this.#settings,
      root,
      first: control.initial ? undefined : control.read?.(field, () => [field], undefined),
      isComposing: false,
      isDirty: false,
      seen: undefined,
      own: undefined,
    };
    const made: Link = Object.assign(link, { ref: new WeakRef(link as unknown as Link) });
    this.#bound.set(field, made);
    return [made];
  }

  /** Each on its own: one that throws keeps none of the others from being bound. */
  #makeAll(fields: Iterable<Field>, root: Node | undefined): Link[] {
    return [...fields].flatMap((field) => {
      try {
        return this.#make(field, root);
      } catch (error) {
        report(error);
        return [];
      }
    });
  }

  /** Whether it is a custom element without class so far: it is bound when it gets one. */
  #isUndefined(field: Field, root: Node | undefined): boolean {
    const { localName: name, ownerDocument } = field;
    const elements = ownerDocument?.defaultView?.customElements;
    if (isForm(field) || !name?.includes('-') || !elements || elements.get(name) || !this.#keyOf(field, root))
      return false;
    const self = new WeakRef(this);
    const ref = new WeakRef(field);
    elements.whenDefined(name).then(
      () => {
        const late = ref.deref();
        const binding = self.deref();
        if (late && binding) binding.#arrive([late], root);
      },
      // a name that no class may have
      () => {},
    );
    return true;
  }

  #arrive(fields: Iterable<Field>, root: Node | undefined): void {
    if (this.signal.aborted) return;
    this.#open(
      this.#makeAll(
        [...fields].filter((field) => !root || belongsTo(root, field)),
        root,
      ),
    );
  }

  #open(links: Link[]): void {
    for (const link of links) {
      const { field, root } = link;
      this.#refs.add(link.ref);
      const form = formOf(field);
      for (const node of form ? [field, form] : [field])
        if (!root || !contains(root, node))
          // one root for many; what is in no document may go anywhere
          this.#listen(memberOf(node, 'isConnected') ? memberOf(node, 'getRootNode').call(node) : node);
      if (!root) this.#observe(field, field.localName === 'select');
    }
    this.#links.open(links);
  }

  #close(link: Link): void {
    this.#bound.delete(link.field);
    this.#refs.delete(link.ref);
    this.#links.close(link);
  }

  #listen(target: Node): void {
    if (this.#ears.has(target)) return;
    this.#ears.add(target);
    const add = memberOf(target, 'addEventListener');
    // capturing: events that do not bubble are heard, too, and those that the page stops
    const options = { capture: true, signal: this.signal };
    for (const type of editEvents) add.call(target, type, this.#hear, options);
    for (const type of formEvents) add.call(target, type, this.#hearForm, options);
  }

  #observe(node: Node, isRoot: boolean): void {
    const attributeFilter = [this.#settings.attribute, ...watched];
    this.#observer.observe(node, { attributes: true, attributeFilter, childList: isRoot, subtree: isRoot });
  }

  #follow(records: MutationRecord[]): void {
    const arrived = new Set<Node>();
    const settled = new Set<string>();
    let isLess = false;
    for (const { type, target, attributeName, addedNodes, removedNodes } of records) {
      for (const node of addedNodes) arrived.add(node);
      if (removedNodes.length > 0) isLess = true;
      // of options and their groups and texts, too; happy-dom has a select twice
      const inside = isForm(target) ? null : (target as Element).closest?.('select,option');
      const select = inside && (this.#bound.get(target) ?? this.#bound.get(inside.closest('select') as Element));
      if (type === 'attributes') {
        isLess = true;
        if (attributeName === 'disabled') continue;
        arrived.add(target);
        this.#renew(target as Field, settled);
      } else if (select) settled.add(select.key);
    }
    if (isLess)
      for (const link of this.#own()) {
        isComposing(link);
        if (link.root && !belongsTo(link.root, link.field)) this.#close(link);
      }
    for (const root of this.#roots) {
      const below = [...arrived].filter((node) => contains(root, node));
      if (below.length > 0 || (isForm(root) && arrived.size > 0))
        this.#arrive(candidates(root, this.#settings.attribute, below), root);
    }
    this.#links.settle(settled);
  }

  /** Its attributes have changed: it may be another control or have another key now. */
  #renew(field: Field, settled: Set<string>): void {
    const link = this.#bound.get(field);
    if (!link) return;
    const { root, control, key } = link;
    if (controlOf(field) === control && this.#keyOf(field, root) === key) {
      this.#links.protect(link);
      settled.add(key);
    } else {
      this.#close(link);
      if (!root) this.#arrive([field], undefined);
    }
  }

  readonly #hear = (event: Event): void => {
    const has = (node: EventTarget | null): boolean => this.#bound.has(node as EventTarget);
    // a click on a button's icon, or an edit inside a custom element
    const node = has(event.target) ? event.target : event.composedPath().find(has);
    const link = node && this.#bound.get(node);
    if (!link?.control.read || this.#heard.has(event)) return;
    this.#heard.add(event);
    const { control, field } = link;
    const { type } = event;
    if (type === 'compositionstart') link.isComposing = true;
    else if (control.isTrigger) {
      // a batched form's button counts when the form is submitted
      if (type === 'click' && !field.matches(':disabled') && !(isBatched(link) && /submit|image/.test(field.type)))
        if (this.#edit(link, event, true)) this.#release(event, link);
    } else if (type !== 'click') afterEvent(event, () => this.#take(link, event));
  };

  /** Masks and limits of the page have had their turn. */
  #take(link: Link, event: Event): void {
    const { field, control, settings } = link;
    const { type } = event;
    const isBlur = /^(blur|focusout)$/.test(type);
    const wasComposing = link.isComposing;
    // one that an engine gave up without a word has ended, too
    if (isBlur || type === 'compositionend' || (event.isTrusted && (event as InputEvent).isComposing === false))
      link.isComposing = false;
    if (this.#bound.get(field) !== link || field.matches(':disabled')) return;
    const isCommit = type === 'change' || (isBlur && control === editable);
    const on = field.getAttribute('data-on') ?? settings.on;
    if (!isBlur || isCommit) {
      if (isBatched(link) || (on === 'change' && !isCommit)) {
        link.isDirty = true;
        // it may not be rendered any more when it is committed
        lookOf(link);
      } else this.#edit(link, event);
    }
    if (type === 'input' || link.isDirty) return;
    // an unfinished edit is finished
    if (link.own || wasComposing) this.#links.finish(link);
  }

  #edit(link: Link, event: Event, value?: unknown): boolean {
    let isChanged = false;
    call(() => {
      isChanged = this.#links.side.batch(() => !!this.#links.edit(link, event, value));
    });
    return isChanged;
  }

  /** The click has been delivered. */
  #release(event: Event, link: Link): void {
    afterEvent(event, () => this.#links.set(link, false));
  }

  readonly #hearForm = (event: Event): void => {
    if (this.#heard.has(event)) return;
    this.#heard.add(event);
    const form = event.target as HTMLFormElement;
    const members = this.#own().filter(({ field }) => formOf(field) === form);
    if (event.type === 'submit') this.#submit(form, members.filter(isBatched), event as SubmitEvent);
    // the controls are put back after the event
    else
      setTimeout(() =>
        this.#links.side.batch(() => {
          for (const link of members) {
            link.isDirty = false;
            if (this.#bound.get(link.field) !== link) continue;
            if (!link.control.read) this.#links.show(link);
            else if (!isBatched(link)) this.#edit(link, event);
          }
        }),
      );
  };

  #submit(form: HTMLFormElement, batched: Link[], event: SubmitEvent): void {
    if (batched.length === 0) return;
    if (staysHere(form, event.submitter)) event.preventDefault();
    const { args, onSubmit } = this.#settings;
    const submitter = batched.find(({ field, control }) => field === event.submitter && control.isTrigger);
    this.#links.side.batch(() => {
      const changes = batched.flatMap((link) => {
        // what is disabled is not sent by a form either
        if (link.field.matches(':disabled')) return [];
        return this.#links.edit(link, event, link === submitter || undefined) ?? [];
      });
      call(onSubmit, changes, event, ...args);
    });
    if (submitter) this.#release(event, submitter);
    for (const link of batched) if (link.own) this.#links.finish(link);
  }
}
