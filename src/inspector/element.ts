// The element `<tabstate-inspector>`.
import { cachePanel } from './cache.js';
import { contextPanel } from './context.js';
import { button, h } from './dom.js';
import { eventsPanel } from './events.js';
import type { Panel } from './page.js';
import { createRecorder } from './recorder.js';
import { sessionPanel } from './session.js';
import { styleSheet } from './style.js';
import { urlPanel } from './url.js';

const panels: Panel[] = [sessionPanel, urlPanel, contextPanel, cachePanel, eventsPanel];

/**
 * Registers `<tabstate-inspector>`, a floating panel that shows what the library keeps on this page: session state, URL,
 * context and cache, and what happened last, also in other tabs. `Alt+Shift+T` opens and closes it. Values of cookies and of keys that are never stored (passwords)
 * stay covered until somebody asks for them. Does nothing without a document, and nothing the second time.
 *
 * @example
 * import { defineInspector } from 'tabstate/inspector';
 * defineInspector();
 * document.body.append(document.createElement('tabstate-inspector'));
 */
export function defineInspector(): void {
  if (typeof customElements === 'undefined' || customElements.get('tabstate-inspector')) return;
  let sheet: CSSStyleSheet | undefined;

  // the class stands in here because a server has no HTMLElement to extend
  class InspectorElement extends HTMLElement {
    readonly #root = this.attachShadow({ mode: 'open' });
    readonly #recorder = createRecorder();
    #current = 0;
    #isOpen = false;
    #leave: () => void = () => {};

    connectedCallback(): void {
      sheet ??= styleSheet();
      this.#root.adoptedStyleSheets = [sheet];
      this.#recorder.attach();
      document.addEventListener('keydown', this.#onKey);
      this.#draw();
    }

    disconnectedCallback(): void {
      document.removeEventListener('keydown', this.#onKey);
      this.#leave();
      this.#leave = () => {};
      this.#recorder.stop();
    }

    readonly #onKey = (event: KeyboardEvent): void => {
      if (event.altKey && event.shiftKey && event.code === 'KeyT') {
        event.preventDefault();
        this.#toggle();
      } else if (event.key === 'Escape' && this.#isOpen && this.#root.activeElement) this.#toggle();
    };

    #toggle(): void {
      this.#isOpen = !this.#isOpen;
      this.#recorder.attach();
      this.#draw();
      this.#root.querySelector<HTMLElement>(this.#isOpen ? '[aria-selected=true]' : '.open')?.focus();
    }

    #select(index: number): void {
      this.#current = (index + panels.length) % panels.length;
      this.#draw();
      this.#root.querySelector<HTMLElement>('[aria-selected=true]')?.focus();
    }

    #draw(): void {
      this.#leave();
      this.#leave = () => {};
      if (!this.#isOpen) {
        const open = button('Inspect', 'Inspect: open the tabstate inspector', () => this.#toggle());
        open.className = 'open';
        open.title = 'Alt+Shift+T';
        this.#root.replaceChildren(open);
        return;
      }
      const tabs = panels.map(({ title }, i) => {
        const isCurrent = i === this.#current;
        return h(
          'button',
          {
            type: 'button',
            role: 'tab',
            id: `tab-${i}`,
            'aria-selected': isCurrent ? 'true' : 'false',
            'aria-controls': 'panel',
            tabIndex: isCurrent ? 0 : -1,
            onclick: () => this.#select(i),
            onkeydown: ({ key }: KeyboardEvent) => {
              if (key === 'ArrowRight' || key === 'ArrowLeft') this.#select(i + (key === 'ArrowRight' ? 1 : -1));
            },
          },
          title,
        );
      });
      const panel = h('div', { role: 'tabpanel', id: 'panel', tabIndex: 0, 'aria-labelledby': `tab-${this.#current}` });
      this.#root.replaceChildren(
        h(
          'section',
          { 'aria-label': 'tabstate inspector' },
          h(
            'header',
            {},
            h('div', { role: 'tablist', 'aria-label': 'What to inspect' }, ...tabs),
            button('×', 'Close', () => this.#toggle()),
          ),
          panel,
        ),
      );
      this.#leave = (panels[this.#current] as Panel).render(panel, this.#recorder);
    }
  }
  customElements.define('tabstate-inspector', InspectorElement);
}
